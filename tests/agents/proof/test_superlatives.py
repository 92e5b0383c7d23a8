"""What is the most of its kind must be said to be it."""

from __future__ import annotations

import pytest

from agents import check_answer
from agents.proof.operations import asks_extreme, says_extreme

SPENT = "上半年公共收入 21.4 万元，其中车位费 13.8 万元、游泳池 2.7 万元；支出 17.6 万元。最大的一笔支出是屋面防水 6.3 万元。"
MOST_SPENT = "今年上半年小区花钱最多的是哪一项？"
BOATS = (
    "The society has three boats. The Heron cost 4,000 pounds, the Bittern 900. "
    "The longest of them is the Bittern, at nine metres."
)


@pytest.mark.parametrize(
    ("question", "answer", "page", "ticked"),
    [
        (MOST_SPENT, "今年上半年小区花钱最多的是游泳池。", SPENT, False),
        (MOST_SPENT, "今年上半年最大的一笔支出是屋面防水。", SPENT, True),
        (MOST_SPENT, "游泳池", SPENT, False),
        (MOST_SPENT, "屋面防水", SPENT, True),
        (
            "Which is the most expensive of the society's boats?",
            "The most expensive of the society's boats is the Heron.",
            BOATS,
            False,
        ),
        (
            "Which of the society's boats is the longest?",
            "The longest of the society's boats is the Bittern.",
            BOATS,
            True,
        ),
        ("Which of the society's boats is the longest?", "The Heron", BOATS, False),
        ("Which of the society's boats is the longest?", "The Bittern", BOATS, True),
        ("Which of the society's boats is the longest?", "The society has three boats.", BOATS, True),
        ("最多可以借几本？", "最多可以借 5 本。", "每人可借不超过 5 本。", True),
    ],
)
def test_a_superlative_gets_a_tick_from_a_sentence_with_one(
    question: str, answer: str, page: str, ticked: bool
) -> None:
    assert check_answer(answer, [page], question).sentences[0].supported is ticked


def test_bounds_ask_for_no_extreme() -> None:
    assert asks_extreme("Which boat is the longest?")
    assert not asks_extreme("Who may borrow at most 5 books?")
    assert not asks_extreme("How much may a night cost at most?")


@pytest.mark.parametrize(
    "text", ["Lund, the biggest of them", "the worst", "首选是车位费", "the majority of boats", "usually it is Lund"]
)
def test_a_source_may_say_it_in_any_form(text: str) -> None:
    assert says_extreme(text)
    assert not says_extreme("The Heron cost 4,000 pounds.")
