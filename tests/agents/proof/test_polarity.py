"""Answers that only say yes or no."""

from __future__ import annotations

import pytest

from agents import check_answer
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
        ("I am only 23, can I row?", "Yes", True),
        ("Which is cheaper, the bus or the train?", "No", None),
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


@pytest.mark.parametrize(("question", "answer", "source", "proven"), [
    ("There are three of us, may three players begin?", "Yes, a team may begin.", "A team may begin with three players.", True),
    ("We are only two players, may a team begin?", "Yes, a team may begin.", "A team may begin with three players.", False),
    ("May I bring two dogs?", "Yes, you may bring dogs.", "Each guest may bring one dog. Dogs are welcome.", False),
    ("May I bring one dog?", "Yes, you may bring dogs.", "Each guest may bring one dog. Dogs are welcome.", True),
    ("我们 12 个人，有团体优惠吗？", "有团体优惠，打八五折。", "10 个人以上有团体优惠，打八五折。", True),
])  # fmt: skip
def test_a_yes_supposes_the_count_of_its_question(question: str, answer: str, source: str, *, proven: bool) -> None:
    """What a statement says of three players it does not say of two; a bound may hold another count."""
    checked = check_answer(answer, [source], question=question)
    assert checked.sentences[0].supported is proven
