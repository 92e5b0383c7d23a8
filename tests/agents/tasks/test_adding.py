"""A part that adds to what the one before it came to."""

from __future__ import annotations

import pytest

from agents.tasks.reckoning import added, operation
from agents.tools.calculator import calculator_tool
from tests.agents import shelf

MOORING = (
    "Fee and deposit\n\nA mooring costs 46 euros a week. The deposit is 80 euros. Bunting is 4 euros for each flag."
)
KILN = "烧窑一次 260 元。押金 150 元，取件时退还。坯体每件 9 元。会员优惠 30 元。"


@pytest.mark.parametrize(
    ("part", "sign", "question"),
    [
        ("Then add the deposit.", "+", "How much is the deposit?"),
        ("and plus bunting of 6 flags", "+", "How much is bunting of 6 flags?"),
        ("加上押金，一共要付多少？", "+", "押金多少钱？"),
        ("再减去会员优惠。", "-", "会员优惠多少钱？"),
        ("Then take off the reduction", "-", "How much is the reduction?"),
        ("What does it add up to?", "", ""),
        ("加起来一共多少？", "", ""),
    ],
)
def test_what_is_added_is_asked_for(part: str, sign: str, question: str) -> None:
    assert operation(part) == sign
    assert added(part, "What does a mooring cost?") == question
    assert added(part, "When does the quay open?") == ""


@pytest.mark.parametrize(
    ("task", "text", "sums"),
    [
        ("What does a mooring cost a week? Then add the deposit.", MOORING, ["46 + 80"]),
        ("What does a mooring cost for 3 weeks? Then add the deposit.", MOORING, ["46 * 3", "46 * 3 + 80"]),
        ("What does a mooring cost a week? Then add bunting of 6 flags.", MOORING, ["46 + 4 * 6"]),
        ("烧窑一次多少钱？再加上押金。", KILN, ["260 + 150"]),
        ("烧窑一次多少钱？再减去会员优惠。", KILN, ["260 - 30"]),
        ("What does a mooring cost a week? Then add the lantern.", MOORING, []),  # of which nothing is said
    ],
)
def test_it_is_added_to_what_the_step_before_came_to(stage, task: str, text: str, sums: list[str]) -> None:
    stage.shelf = shelf.Shelf(text)
    result, _ = stage.ended(kind="rule", task=task, tools=[*stage.tools, calculator_tool()], gathers=True)
    made = [record.call.arguments["expression"] for record in result.steps if record.call.tool == "calculator"]
    assert made == sums
    assert (result.status == "done") == bool(sums)
