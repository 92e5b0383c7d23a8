"""Answers that only say yes or no."""

from __future__ import annotations

import pytest

from agents.proof.polarity import says_the_contrary, without_yes_or_no, yes_or_no

PLOT = "May I keep a cockerel on my plot?"


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        (PLOT, "No", False),
        (PLOT, "Yes.", True),
        (PLOT, "No, you cannot keep a cockerel.", False),
        (PLOT, "Yes, if your neighbours agree.", None),
        (PLOT, "Yes, up to 6.", None),
        (PLOT, "", None),
        (PLOT, PLOT, None),  # the question said again
        ("I am 23. Can I row?", "Yes", True),
        ("How many cockerels may I keep?", "No", None),
        ("租客能在屋里养狗吗？", "不可以。", False),
        ("租客能在屋里养狗吗？", "能", True),
        ("租客能在屋里养狗吗？", "否", False),
        ("租客能在屋里养狗吗？", "可以养猫。", None),
        ("租客能在屋里养狗吗？", "能在屋里养狗吗？", None),
        ("参观需要预约吗？", "需要。", True),
        ("参观需要预约吗？", "无需预约。", False),
    ],
)
def test_what_only_says_whether(question: str, answer: str, said: bool | None) -> None:
    assert yes_or_no(answer, question) is said


@pytest.mark.parametrize(
    ("statement", "question", "said"),
    [
        ("No cockerels are allowed on any plot.", PLOT, True),
        ("A cockerel may be kept on any plot.", PLOT, False),
        ("租客在屋里可以养一只猫，但是不得养狗。", "租客能在屋里养狗吗？", True),
        ("租客可以在屋里养狗。", "租客能在屋里养狗吗？", False),
    ],
)
def test_a_statement_contradicts_one_of_both_answers(statement: str, question: str, said: bool) -> None:
    assert says_the_contrary(statement, question, yes=said)
    assert not says_the_contrary(statement, question, yes=not said)


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ("Members of 14 and 15 may row only with an adult.", "Can my son of 15 row alone?"),
        ("十四岁的会员只能由大人陪同划船。", "十四岁的会员能自己划船吗？"),
    ],
)
def test_what_is_so_with_a_limit_is_no_yes(statement: str, question: str) -> None:
    assert says_the_contrary(statement, question, yes=True)


def test_what_states_neither_contradicts_none() -> None:
    for said in (True, False):
        assert not says_the_contrary("Hens lay best in May.", PLOT, yes=said)


def test_the_word_before_a_sentence_is_left_out_and_stands_alone() -> None:
    assert without_yes_or_no("Yes, cockerels are welcome.", PLOT) == "Cockerels are welcome."
    assert without_yes_or_no("No.", PLOT) == "No."
    assert without_yes_or_no("No. 4 is the plot.", "Which plot is it?") == "No. 4 is the plot."
