"""A question about another thing than the documents know."""

from __future__ import annotations

import pytest

from agents.proof.modifiers import another, without_modifiers
from agents.proof.similarity import Closeness
from ingest.embedders.factory import create
from ingest.settings import load_settings

RULES = "婚假为 10 天。护理假为 5 天。会员须预约场地。业主委员会第七次例会"
CLUB = "Members pay 40 pounds. The club has two groups of beginners. The price of a ticket is 5 pounds."


@pytest.mark.parametrize(
    ("question", "found", "without"),
    [
        ("企业会员预约什么？", RULES, ["会员预约什么?"]),
        ("业委会例会几点开始？", RULES, []),  # short for what they know
        ("会员的婚假有几天？", RULES, []),
        ("周六会员预约什么？", RULES, []),  # a day is looked up among the days
        ("猫绝育多少钱？", "项目：绝育；猫：600 元；狗：900 元", []),  # a single character is a name as well
        ("Who leads the yellow groups?", CLUB, ["Who leads the groups?"]),
        ("Which group has the most members?", CLUB, []),
        ("Who founded the club?", CLUB, []),
    ],
)
def test_what_stands_before_something_known(question: str, found: str, without: list[str]) -> None:
    assert list(without_modifiers(question, found)) == without


@pytest.mark.parametrize(
    ("question", "found", "other"),
    [
        ("育儿护理假有几天？", RULES, True),
        ("请婚假要几天？", RULES, False),
        ("Who leads the yellow groups?", CLUB, True),
        ("What is the exact price of a ticket?", CLUB, False),
    ],
)
def test_whether_that_makes_it_another_thing(question: str, found: str, other: bool) -> None:
    assert another(question, found, Closeness(create(load_settings()))) is other
