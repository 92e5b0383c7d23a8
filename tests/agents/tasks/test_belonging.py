"""Whose numbers a calculation that a model chose is made of."""

from __future__ import annotations

import pytest

from agents.tasks.call_checks import uncalled_for, unrelated
from agents.tasks.effort import LEVELS
from agents.tools.calculator import calculator_tool
from tests.agents import shelf
from tests.agents.tasks import stage as s

SKIS = "Skis cost 40 euros a day. Sledges cost 9 euros a day. Skis taken for 7 days or more are 15 % cheaper."
BOATS = "木船每天 60 元，铁船每天 25 元。木船连租七天及以上打八五折。"


@pytest.mark.parametrize(
    ("expression", "asked", "brought", "read", "wrong"),
    [
        ("40 * 5", "What do skis cost for 5 days?", "", SKIS, []),
        ("9 * 5", "What do skis cost for 5 days?", "", SKIS, ["9"]),  # of something else
        ("(40 * 5) / 7", "What do skis cost for 5 days?", "", SKIS, ["7"]),  # a condition, and no weeks are spoken of
        ("40 * 7 * 2", "What do skis cost a day, for 2 weeks?", "", SKIS, []),
        ("40 * 8 * 0.85", "What do skis cost for 8 days, 15 % off?", "", SKIS, []),
        ("40 * 8 * 85 / 100", "What do skis cost for 8 days?", "", SKIS, ["85"]),
        ("60 * 8 * 0.85", "木船租 8 天多少钱？", "", BOATS, []),
        ("60 * 8 * 8.5 / 10", "木船租 8 天多少钱？", "", BOATS, []),
        ("25 * 8", "木船租 8 天多少钱？", "", BOATS, ["25"]),
        ("13 * 40", "What do skis for all who wait cost?", "waiting: 13", SKIS, []),
        ("(40 + 9) / 2", "What do skis and sledges cost on average?", "", SKIS, []),
        ("(40 + 9) / 3", "What do skis and sledges cost on average?", "", SKIS, ["3"]),
        ("25 * 3", "What do the boats cost for 3 days?", "", BOATS, []),  # which, in another language, can't be told
        ("360 * 2", "What do 2 cuts take?", "", "A cut takes 6 minutes.", ["360"]),  # the seconds of six minutes
    ],
)
def test_a_number_belongs_to_what_is_asked(
    expression: str, asked: str, brought: str, read: str, wrong: list[str]
) -> None:
    assert unrelated(expression, asked, [brought], [read]) == wrong


@pytest.mark.parametrize(
    ("expression", "goal", "brought", "wrong"),
    [
        ("31 + 12 + 9", "What does the dental cover in Marn cost a person per year?", "", True),
        ("40 * 0.15", "Skis cost how many euros more than sledges?", "", True),  # a share is no difference
        ("(40 - 9) / 9 * 100", "Skis cost how many euros more than sledges?", "", True),
        (
            "(40 - 9) / 9 * 100",
            "By how many per cent are skis dearer than sledges, and how many euros more?",
            "",
            False,
        ),
        ("40 * 6", "We take 6 skis. What is the price for each?", "", True),
        ("40 - 9", "Skis cost how many euros more than sledges?", "", False),
        ("(40 - 9) * 1.2", "Skis cost how many euros more than sledges?", "", True),
        ("40 - 2 * 9", "Skis cost how many euros more than two sledges?", "", False),
        ("(40 - 9) * 7", "How many euros more do skis cost for a week than sledges?", "", False),
        ("40 + 9", "What do skis and sledges cost together?", "", False),
        ("40 * 5", "What do skis cost for 5 days?", "", False),
        ("40 * 13", "What do they all cost?", "waiting: 13", False),
        ("(40 + 9) / 2", "木船和铁船平均每天多少钱？", "", False),
        ("60 * 0.85", "木船比铁船贵多少元？", "", True),
        ("60 + 25 + 7", "木船一天多少钱？", "", True),
    ],
)
def test_a_calculation_is_the_one_that_is_asked_for(expression: str, goal: str, brought: str, wrong: bool) -> None:
    assert uncalled_for(expression, goal, [brought]) == wrong


@pytest.mark.parametrize(("expression", "euros", "proven"), [("40 * 5", 200, True), ("9 * 5", 45, False)])
def test_a_calculation_with_what_belongs_to_nothing_is_not_proven(
    stage, expression: str, euros: int, proven: bool
) -> None:
    stage.shelf = shelf.Shelf(SKIS)
    tools = [*stage.tools, calculator_tool()]
    task = "Work out what the five of us pay for skis."
    made = (s.call("calculator", expression=expression), s.done(f"They pay {euros} euros."))
    result, _ = stage.ended(*made, task=task, tools=tools, gathers=True, effort=LEVELS["normal"])
    assert (result.status == "done") == proven
    assert (str(euros) in result.text) == proven
