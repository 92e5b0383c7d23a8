"""How a statement looks from a question."""

from __future__ import annotations

import pytest

from agents.proof.relevance import Question
from agents.proof.statements import Statement


@pytest.mark.parametrize(
    ("question", "answer", "kind"),
    [
        ("几点出发？", "早上7点40分集合。", 1.0),
        ("几点出发？", "定于4月17日出发。", 0.0),
        ("What time do we leave?", "The coach leaves at 8:45.", 1.0),
        ("What time do we leave?", "We leave on 11 May.", 0.0),
        ("Between what hours are dogs brought?", "Dogs are brought between 7:30 and 9:30.", 1.0),
        ("Between what hours are dogs brought?", "Dogs are brought on a lead.", 0.0),
        ("How much does the dog weigh?", "The dog costs 30 euros.", 0.0),
        ("How much does the dog weigh?", "The dog has 30 kg.", 1.0),
        ("How much is the deposit?", "The deposit is 1,320 pounds.", 0.5),  # no year
        ("What is due when a key is lost?", "Come before 8:45.", 0.0),  # 'when' asks for no time
        ("When a key is lost, how much is due?", "A new key costs 12 euros.", 1.0),
        ("When is a key due?", "Before 8:45.", 1.0),
        ("一年交多少会费？", "年满 12 周岁的，填两张表。", 0.0),
        ("一年交多少会费？", "成人每年 360 元。", 1.0),
        ("7号楼的电梯什么时候换？", "2号楼电梯10月20日前换。", 1.0),
        ("哪几个月不开门？", "二月和七月不开门。", 1.0),
        ("哪几个月不开门？", "不开门时按铃三次。", 0.0),
        ("What day does the laundry close?", "The laundry closes at 21:00.", 0.0),
        ("洗衣房星期几不开？", "洗衣房 21:00 关门。", 0.0),
        ("How much do members of 12 years pay?", "Members of 5 to 20 years pay two thirds of the fee.", 1.0),
        ("How much do members of 30 years pay?", "Members of 5 to 20 years pay two thirds of the fee.", 0.0),
        ("What does a key cost?", "Keys are free.", 1.0),
        ("办证要多少钱？", "老人免费办证。", 1.0),
        ("办证要多少钱？", "老人优先办证。", 0.0),
    ],
)
def test_a_time_of_day_and_a_sum_are_told_from_days_and_years(question: str, answer: str, kind: float) -> None:
    assert Question(question, [answer]).view(Statement(((0, len(answer)),), answer)).kind == kind


def test_another_house_than_the_one_asked_for_meets_no_condition() -> None:
    answer = "2号楼电梯10月20日前换。"
    seen = [
        Question(q, [answer]).view(Statement(((0, len(answer)),), answer)) for q in ("2号楼何时换？", "7号楼何时换？")
    ]
    assert [view.conditions for view in seen] == [1.0, -1.0]


RULES = "The hall opened in 1931. Its first director was Ruth Amsel, the third Paul Denning. 三楼有八十个座位。"


@pytest.mark.parametrize(
    ("question", "statement", "passage", "conditions"),
    [
        ("Who was the third director?", "Paul Denning was the third director.", "", 0.0),
        ("Who was the second director?", "Its first director was Ruth Amsel.", "", -1.0),
        ("Who was the second director?", "Ruth Amsel bought lanterns.", RULES, -1.0),
        ("Who was the second mayor?", "Ruth Amsel bought lanterns.", RULES, 0.0),
        ("五楼有多少座位？", "三楼有八十个座位。", RULES, -1.0),
        ("租一天多少钱？", "三天以上每天六十元。", "", 0.0),  # per day, no condition
        ("租满一天送多少钱？", "三天以上送六十元。", "", -1.0),
        ("What shuts in January?", "Rent is due on the 1st.", "", 0.0),
        ("What shuts in January?", "From 1 to 20 Jan the gate is shut.", "", 1.0),
        ("Whom do I ring in May?", "The swarm line, from April to July between 8 and 20:00.", "", 1.0),
        ("What is open in December?", "The hut is open October–March for walkers.", "", 1.0),
        ("What is open in May?", "The hut is open October–March for walkers.", "", -1.0),
        ("What is open in May?", "You may march to the hut.", "", 0.0),
        ("一月份什么停业？", "第一条 食堂停业。", "", 0.0),
        ("Who lives in flat 14?", "Mrs Adeyemi lives in flat 12.", "", -1.0),
        ("How many came in 2024?", "51,500 came.", "In 2023 the hall was shut. In 2024 it opened. 51,500 came.", 0.0),
        ("How many came in 2019?", "51,500 came.", "In 2023 the hall was shut. In 2024 it opened. 51,500 came.", -1.0),
        ("How many came in 2019?", "51,500 came.", "51,500 came. In 2024 it was shut.", 0.0),
    ],
)
def test_another_one_of_the_kind_meets_no_condition(
    question: str, statement: str, passage: str, conditions: float
) -> None:
    view = Question(question, [statement]).view(Statement(((0, len(statement)),), statement), "", passage)
    assert view.conditions == conditions
