from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.llm.thoughts import ThoughtSplitter, opening_at_end, separate

CASES = [
    ("<think>\nfirst\n</think>\n\nanswer", "", "first", "answer"),
    ("<think>\n\n</think>\n\nanswer", "", "", "answer"),
    ("plain answer about <think> tags</think>", "", "", "plain answer about <think> tags</think>"),
    ("reasons\n</think>\nanswer", "<think>", "reasons", "answer"),
    ("[THINK]so[/THINK]yes", "", "so", "yes"),
    ("<think>never closed", "", "never closed", ""),
    ("  \n<think>a < b </thin </think>c", "", "a < b </thin", "c"),
    ("<thinking>a</thinking>b", "", "a", "b"),
    ("<", "", "", "<"),
    ("", "<think>", "", ""),
    ("思考 <think>", "", "", "思考 <think>"),
]


@pytest.mark.parametrize(("text", "opened", "thought", "answer"), CASES)
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_however_it_is_cut_the_parts_are_the_same(text, opened, thought, answer, step) -> None:
    splitter = ThoughtSplitter(opened=opened)
    pieces = [p for i in range(0, len(text), step) for p in splitter.feed(text[i : i + step])] + splitter.finish()
    assert "".join(p.text for p in pieces if p.kind == "thought").rstrip() == thought
    assert "".join(p.text for p in pieces if p.kind == "answer") == answer


def test_a_thought_is_shown_while_it_grows() -> None:
    splitter = ThoughtSplitter()
    assert splitter.feed("<think>abc") == [("thought", "abc")]
    assert splitter.unterminated
    assert splitter.feed("</think>x") == [("answer", "x")]


@given(st.text(alphabet="<think>/ a\n", max_size=40), st.integers(1, 7))
def test_nothing_but_tags_and_blanks_is_lost(text: str, step: int) -> None:
    splitter = ThoughtSplitter()
    pieces = [p for i in range(0, len(text), step) for p in splitter.feed(text[i : i + step])] + splitter.finish()
    whole = ThoughtSplitter()
    expected = whole.feed(text) + whole.finish()
    for kind in ("thought", "answer"):
        assert (
            "".join(p.text for p in pieces if p.kind == kind).rstrip()
            == "".join(p.text for p in expected if p.kind == kind).rstrip()
        )


def test_closing_tag_alone_means_the_prompt_opened_it() -> None:
    assert separate("because\n</think>\n\nyes") == ("because", "yes")
    assert opening_at_end("<|Assistant|><think>\n") == "<think>"
    assert opening_at_end("<|Assistant|>") == ""
