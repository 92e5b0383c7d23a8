"""Any answer against any passages: sentences, verdicts, quotes and reasons, without a library or a model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agents import Checked, CheckedSentence, Quote, check_answer
from agents.proof.citations import CitationChecker
from agents.proof.verdicts import VETOES, at_odds, in_words
from ingest.errors import UsageError
from ingest.language import speaking
from tests.agents.shelf import Shelf

LEAVE = "Employees are entitled to 15 days of paid annual leave. Unused leave may be carried over until March."
CANTEEN = "The canteen opens at 8 am and closes at 6 pm."
LABEL = "Hey! Say! JUMP是日本的男子组合，于2007年出道。J Storm负责出版其唱片。"


def test_each_sentence_has_its_verdict_its_quotes_and_its_reason() -> None:
    checked = check_answer(
        "Employees get 15 days of annual leave [2]. Unused leave may not be carried over until March [1]. "
        "Dogs are welcome in the office [1]. Hope this helps!",
        [LEAVE, CANTEEN],
    )
    assert [s.verdict for s in checked.sentences] == ["supported", "differs", "unsupported", "no claim"]
    right, denied, nothing, courtesy = checked.sentences
    assert (right.supported, right.marks, right.why) == (True, (1,), "")
    assert [q.text for q in right.quotes] == ["Employees are entitled to 15 days of paid annual leave."]
    assert denied.why == "the passage says Unused leave may be carried over until March."
    assert [q.text for q in denied.quotes] == ["Unused leave may be carried over until March."]
    assert (nothing.quotes, nothing.marks) == ((), (1,))
    assert not courtesy.quotes
    assert checked.unsupported == (denied.text, nothing.text)
    assert not checked.supported
    for quote in (*right.quotes, *denied.quotes):
        assert [LEAVE, CANTEEN][quote.n - 1][quote.start : quote.end] == quote.text


def test_the_reason_is_told_in_the_language_in_force() -> None:
    said = CheckedSentence("一晚500元。", (1,), "differs", "number", "480 元", (Quote(1, "480 元", 0, 5),))
    with speaking("zh"):
        assert said.why == "原文为 480 元"
    with speaking("en"):
        assert said.why == "the passage says 480 元"


@pytest.mark.parametrize("reason", sorted({*VETOES, "phrase", "words", "no claim"}))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_has_words(reason: str, language: str) -> None:
    with speaking(language):
        assert in_words(reason)


def test_only_what_a_passage_says_instead_makes_a_missing_number_a_difference() -> None:
    assert not at_odds("number", "")
    assert at_odds("number", "480")
    assert at_odds("denial", "")
    assert not at_odds("words", "480")


@pytest.mark.parametrize("empty", ["", " ", "[1]", "[1] [2].", "[1] [2] [3] [38] ["])
def test_markers_alone_are_no_text(empty: str) -> None:
    assert check_answer(empty, [LEAVE, CANTEEN]) == Checked("")
    assert Checked("").supported


def test_what_is_said_twice_is_said_once_with_all_its_markers() -> None:
    said = "Employees get 15 days of annual leave"
    checked = check_answer(f"{said} [1]. {said} [2].\n- {said} [3]", [LEAVE, CANTEEN, LEAVE])
    assert checked.text == f"{said} [1][3]."
    assert len(checked.sentences) == 1


def test_a_repetition_that_was_cut_off_goes_too() -> None:
    said = "Employees get 15 days of annual leave [1]."
    assert check_answer(f"{said} {said} Employees get 15 d", [LEAVE]).text == said


def test_headings_rows_and_little_words_may_come_again() -> None:
    text = (
        "| Day | Opens |\n| --- | --- |\n| Monday | 8 am |\n\nSo:\n\n| Day | Opens |\n| --- | --- |\n| Monday | 8 am |"
    )
    assert check_answer(text, [CANTEEN]).text.count("| Day | Opens |") == 2
    assert check_answer("是。年假有15天吗？是。", ["年假有15天。"]).text.count("是。") == 2


def test_markers_in_front_are_put_behind() -> None:
    passages = ["满十年的员工有20天年假。", "病假为10天。"]
    checked = check_answer("[1] 满十年的员工有20天年假。[2] 病假为10天。", passages)
    assert checked.text == "满十年的员工有20天年假[1]。病假为10天[2]。"
    assert checked.supported


def test_a_name_with_a_sign_in_it_is_not_cut() -> None:
    checked = check_answer("Hey! Say! JUMP于2007年出道[1]。", [LABEL])
    assert checked.text == "Hey! Say! JUMP于2007年出道[1]。"
    assert [s.supported for s in checked.sentences] == [True]


def test_code_and_lists_stay_as_they_were_written() -> None:
    text = "The canteen opens at 8 am [1].\n\n```python\nfirst = hours[1]\n```\n\nThe list is [0, 1, 1, 2]."
    assert check_answer(text, [CANTEEN]).text == text


@pytest.mark.parametrize("passages", [None, 7, {"text": CANTEEN}, [{"text": CANTEEN}], [None], b"text"])
def test_what_is_no_text_is_told_in_one_line(passages: Any) -> None:
    with pytest.raises(UsageError, match="must be a string"):
        check_answer("The canteen opens at 8 am.", passages)
    with pytest.raises(UsageError, match="must be a string"), speaking("en"):
        check_answer(passages, [CANTEEN])
    assert check_answer("The canteen opens at 8 am.", iter([CANTEEN])).supported


def test_no_passages_support_nothing() -> None:
    checked = check_answer("The canteen opens at 8 am [1].", [])
    assert [(s.verdict, s.marks) for s in checked.sentences] == [("unsupported", ())]
    assert checked.text == "The canteen opens at 8 am."


def test_a_sentence_that_nothing_supports_names_its_passage_and_quotes_no_fragment() -> None:
    shelf = Shelf("5.5.1.2.\n\nLarge files are kept apart.", CANTEEN)
    [citation] = CitationChecker("?", shelf.hits(), shelf).check("Weights are published on GitHub [1].").citations
    assert (citation.document, citation.quote, citation.verified) == ("Document 1", "", False)
    assert citation.start == citation.end == 0


def test_it_takes_nothing_heavy() -> None:
    heavy = "chromadb llama_cpp torch transformers langchain langchain_core numpy pydantic streamlit"
    code = (
        "import sys; from agents import check_answer; check_answer('员工有15天年假[1]。', ['员工有15天年假。']);"
        f"print(*[m for m in {heavy!r}.split() if m in sys.modules])"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_passage_about_something_else_says_nothing_otherwise() -> None:
    table = "| City | Hotel per night (yuan) |\n|---|---|\n| Chengdu | 430 |\n| Shanghai | 650 |\n"
    prose = "Twelve documents of an imaginary maker of river sensors, which no company has written."
    said = "What was not read of a file is a note on it. Hotels in Chengdu cost 480 yuan per night."
    verdicts = [sentence.verdict for sentence in check_answer(said, [table, prose]).sentences]
    assert verdicts == ["unsupported", "differs"]
