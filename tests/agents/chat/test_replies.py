"""What larger models write, simulated: odd markers, thoughts, lists, tables, code, two languages."""

from __future__ import annotations

import pytest

from agents.chat.answers import Answer
from agents.chat.chat import Chat
from agents.chat.writer import Writer
from agents.llm.scripted import ScriptedChat
from tests.agents.shelf import CANTEEN, EN, ZH, Shelf

DAYS = "Employees get 15 days of annual leave"

DAYS_ASKED = "How many days of annual leave?"


def _ask(reply: str, question: str = DAYS_ASKED, pages: tuple[str, ...] = (EN, ZH, CANTEEN, EN)) -> Answer:
    model = ScriptedChat(replies=[reply])
    return Chat(Shelf(*pages), Writer(lambda: model, "scripted")).ask(question)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (f"{DAYS}. [1]", "[1]"),
        (f"{DAYS} [1, 4].", "[1][4]"),
        (f"{DAYS} [1][4].", "[1][4]"),
        (f"{DAYS} [1\uff0c4].", "[1][4]"),
        (f"{DAYS} [1-4].", "[1][4]"),
        (f"{DAYS} \u30101\u3011.", "[1]"),
        (f"{DAYS} [Passage 1].", "[1]"),
        (f"{DAYS} [\u6bb5\u843d 1].", "[1]"),
        (f"{DAYS} [^1].", "[1]"),
        (f"{DAYS}[1]\uff0e", "[1]"),
        (f"{DAYS} [7].", "[1]"),
        (f"{DAYS}.", "[1]"),
        (f"**{DAYS}** [1].", "[1]"),
        (f"- {DAYS} [1]", "[1]"),
        (f"1. {DAYS} [1].", "[1]"),
        (f"<think>Passage 2 says so too.</think>\n{DAYS} [1].", "[1]"),
    ],
)
def test_every_way_to_write_a_marker_ends_in_a_proven_quote(written: str, kept: str) -> None:
    answer = _ask(written)
    assert kept in answer.text
    assert "[7]" not in answer.text
    assert answer.unsupported_sentences == ()
    assert answer.citations
    assert all(citation.verified for citation in answer.citations)


def test_a_wrong_marker_is_replaced_by_the_passage_that_says_it() -> None:
    answer = _ask(f"{DAYS} [3].")
    assert "[3]" not in answer.text
    assert "[1]" in answer.text


def test_a_marker_after_a_chinese_stop_stays_with_its_sentence() -> None:
    answer = _ask("员工每年有15天带薪年假。[1]公司总部位于北京。[1]", "年假有几天？", (ZH, CANTEEN))
    assert answer.text.split("\n")[0] == "员工每年有15天带薪年假[1]。公司总部位于北京[1]。"


def test_two_languages_in_one_answer() -> None:
    answer = _ask("Headquarters are in Berlin [1]. 公司总部位于北京[2]。", "Where are the headquarters? 总部在哪？")
    assert answer.unsupported_sentences == ()
    assert {citation.n for citation in answer.citations} == {1, 2}


def test_a_table_keeps_its_shape_and_each_false_row_is_named() -> None:
    rows = "| Fact | Value |\n| --- | --- |\n| Annual leave | 15 days |\n| Headquarters | Munich |"
    answer = _ask(rows)
    assert answer.text.split("\n\n")[0].count("\n") == 3
    assert any("Munich" in sentence for sentence in answer.unsupported_sentences)


def test_code_is_left_as_it_was_written() -> None:
    code = "```python\nleave = days[1]\n```"
    assert code in _ask(f"{DAYS} [1].\n\n{code}").text


@pytest.mark.parametrize("false", ["Employees get 25 days of annual leave [1].", "The CEO is Anna Fischer [1]."])
def test_a_false_sentence_is_named_whatever_it_cites(false: str) -> None:
    answer = _ask(f"{DAYS} [1]. {false}")
    assert len(answer.unsupported_sentences) == 1
    assert [c.verified for c in answer.citations if c.sentence == false.replace(" [1]", "")] in ([False], [])
