"""The row that a superlative means."""

from __future__ import annotations

import pytest

from agents.proof.meant import meant
from agents.proof.statements import statements

PAY = """| 姓名 | 部门 | 一月 | 二月 |
|---|---|---|---|
| 高敏 | 仓储部 | 6100 | 7300 |
| 许然 | 仓储部 | 6400 | 6900 |
| 田野 | 运输部 | 8800 | 7200 |
"""
ROOMS = """| Room | Seats | Price per hour |
|---|---|---|
| Oak | 12 | 30 euros |
| Elm | 40 | 65 euros |
| Ash | 8 | 45 euros |
"""


VET = """| 项目 | 猫 | 小型犬 |
|---|---|---|
| 洗澡 | 80 | 60 |
| 驱虫 | 35 | 70 |
"""
PASSES = """| Pass | Adults | Members |
|---|---|---|
| Yearly pass (EUR) | 120 | 90 |
| Ten visits (EUR) | 45 | 30 |
| Single visit (EUR) | 5 | 4 |
"""


@pytest.mark.parametrize(
    ("page", "question", "names"),
    [
        (PAY, "一月谁的工资最高？", ["田野"]),
        (PAY, "二月工资最高的是谁？", ["高敏"]),
        (PAY, "仓储部一月谁的工资最高？", ["许然"]),
        (PAY, "谁的工资最高？", []),  # in one month this one, in the other that one
        (PAY, "谁从一月到二月多出的工资最多？", []),  # worked out from two cells
        (PAY, "谁的工资涨得最多？", []),
        (ROOMS, "Which room has the most seats?", ["Elm"]),
        (ROOMS, "What is the cheapest room, by its price per hour?", ["Oak"]),
        (VET, "哪项对猫最贵？", ["洗澡"]),  # the name of a column, of one character
        (VET, "小型犬做哪项最贵？", ["驱虫"]),
        (ROOMS, "How many seats has the Elm room?", None),
        (ROOMS, "What may a room cost at most?", None),
        (ROOMS, "最多可以坐几个人？", None),
    ],
)
def test_the_whole_table_tells_which_row_a_superlative_means(page: str, question: str, names: list[str] | None) -> None:
    found = meant(question, page, statements(page, 0, len(page))[0])
    assert found
    assert names == (
        [page[slice(*one.spans[1])].split(" | ", maxsplit=1)[0].strip("| ") for one in found.rows]
        if found.superlative
        else None
    )


@pytest.mark.parametrize(
    ("page", "question", "told"),
    [
        (ROOMS, "What is the price per hour of the Oak room?", ["Room: Oak; Seats: 12; Price per hour: 30 euros"]),
        (ROOMS, "How many seats do Oak and Ash have together?", ["Oak 12 + Ash 8 = 20"] * 2),
        (PAY, "高敏一月和二月一共多少？", ["一月 6100 + 二月 7300 = 13400"]),
        (PAY, "仓储部有几个人？", ["仓储部：2（高敏、许然）"] * 2),
        (PAY, "高敏的工龄是多少？", None),  # no column says it
        (ROOMS, "What is the price per hour of the Oak room's projector?", None),
        (ROOMS, "What price per hour do I pay for Oak?", ["Room: Oak; Seats: 12; Price per hour: 30 euros"]),
        (VET, "驱虫一次小型犬要花多少钱？", ["项目：驱虫；猫：35；小型犬：70"]),
        (PASSES, "How much is a single visit for adults?", ["Pass: Single visit (EUR); Adults: 5; Members: 4"]),
        (PASSES, "How much is a weekly pass for adults?", None),
    ],
)
def test_what_a_table_tells_for_sure(page: str, question: str, told: list[str] | None) -> None:
    found = meant(question, page, statements(page, 0, len(page))[0])
    assert found
    assert ([row.text for row in found.rows] if found.sure else None) == told


GROUPS = """Groups

Red group: leader Mr Reid, 14 pupils

Blue group: leader Ms Stone, 16 pupils

Green group: leader Mrs Aziz, 13 pupils

Chair: Colin Webb
"""


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Which group has the fewest pupils?", "Green group: leader Mrs Aziz, 13 pupils"),
        ("How many pupils are in the red and blue groups together?", "Red group 14 + Blue group 16 = 30"),
        ("Who is the chair?", "Chair: Colin Webb"),
        ("Is there a chair?", None),
        ("Who is the chair of the parish?", None),
    ],
)
def test_lines_of_one_pattern_are_a_table(question: str, told: str | None) -> None:
    found = [meant(question, GROUPS, one) for one in statements(GROUPS, 0, len(GROUPS))]
    assert {row.text for one in found if one and one.sure for row in one.rows} == ({told} if told else set())
