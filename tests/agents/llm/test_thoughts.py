from __future__ import annotations

import functools
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.llm.calls import HERMES
from agents.llm.prompting.prompting import Prompt
from agents.llm.prompting.reply import Reply
from agents.llm.streaming import StreamingChat
from agents.llm.thoughts import ThoughtSplitter, opening_at_end

CASES = [
    ("<think>\nfirst\n</think>\n\nanswer", "", "first", "answer"),
    ("<think>\n\n</think>\n\nanswer", "", "", "answer"),
    ("plain answer about <think> tags</think>", "", "", "plain answer about <think> tags</think>"),
    ("reasons\n</think>\nanswer", "<think>", "reasons", "answer"),
    ("[THINK]so[/THINK]yes", "", "so", "yes"),
    ("<think>never closed", "", "never closed", ""),
    ("  \n<think>a < b </thin </think>c", "", "a < b </thin", "c"),
    ("<thinking>a</thinking>b", "", "a", "b"),
    ("<thought>a</thought>b", "", "a", "b"),
    ("</think>\n\nyes", "", "", "yes"),
    ("</thought>yes </think>", "", "", "yes </think>"),
    ("<|START_THINKING|>I look.<|END_THINKING|>yes", "", "I look.", "yes"),
    ("<|channel|>analysis<|message|>I look.<|end|>yes", "", "I look.", "yes"),
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


LONE = [
    ("because\n</think>\n\nyes", "because", "yes"),
    ("because</think>yes", "because", "yes"),
    ('so: "x."</thinking>yes', 'so: "x."', "yes"),
    ("</think>\n\nyes", "", "yes"),
    ("no answer</think>", "no answer", ""),
    ("<think>a</think>b</think>c", "a", "b</think>c"),
    ("about <think> and </think>", "", "about <think> and </think>"),
    ("the tag `</think>` ends it", "", "the tag `</think>` ends it"),
    ("标签“</think>”表示结束", "", "标签“</think>”表示结束"),
    ("```\n</think>\n```\nis it", "", "```\n</think>\n```\nis it"),
    ("a < b </thi", "", "a < b </thi"),
]


@pytest.mark.parametrize(("text", "thought", "answer"), LONE)
@pytest.mark.parametrize("step", [1, 2, 3, 1000])
def test_a_closing_tag_that_nothing_opened(text, thought, answer, step) -> None:
    splitter = ThoughtSplitter(lone=True)
    thoughts = said = ""
    for kind, part in [
        p for i in range(0, len(text), step) for p in splitter.feed(text[i : i + step])
    ] + splitter.finish():
        if kind == "unsaid":
            assert said.strip()
            assert part.startswith(said.strip())
            said = ""
        if kind == "answer":
            said += part
        else:
            thoughts += part
    assert (thoughts, said) == (thought, answer)


def test_where_thoughts_come_in_another_way_tags_are_text() -> None:
    splitter = ThoughtSplitter(lone=True)
    splitter.settle()
    assert splitter.feed("<think>a</think>b") == [("answer", "<think>a</think>b")]


def test_the_opening_tag_at_the_end_of_a_prompt() -> None:
    assert opening_at_end("<|Assistant|><think>\n") == "<think>"
    assert opening_at_end("<|Assistant|>") == ""


class _Says(StreamingChat):
    """Streams what it is given, in small pieces."""

    text: str

    @property
    def _llm_type(self) -> str:
        return "says"

    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        prompt = Prompt([], calls=HERMES, schemas={"f": {"properties": {"n": {"type": "integer"}}}})
        reply = Reply(prompt, [])
        for i in range(0, len(self.text), 3):
            yield from reply.feed(self.text[i : i + 3].encode())
        yield from reply.finish("stop")


@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("because\n</think>\n\nyes", "because", "yes"),
        ("<thought>because</thought>yes", "because", "yes"),
        ("</think>yes", None, "yes"),
        ("the tag `</think>` ends it", None, "the tag `</think>` ends it"),
    ],
)
def test_a_whole_reply_has_its_thought_apart_even_after_a_stray_tag(text, thought, answer) -> None:
    message = _Says(text=text).invoke("?")
    assert (message.additional_kwargs.get("reasoning_content"), message.content) == (thought, answer)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_call_after_a_stray_closing_tag_is_read(streamed) -> None:
    model = _Says(text='I call f.\n</think>\n```json\n{"name": "f", "arguments": {"n": 3}}\n```')
    message = functools.reduce(operator.add, model.stream("?")) if streamed else model.invoke("?")
    assert [(call["name"], call["args"]) for call in message.tool_calls] == [("f", {"n": 3})]
    assert streamed or (message.content, message.additional_kwargs["reasoning_content"]) == ("", "I call f.")
