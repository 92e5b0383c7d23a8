"""Days as questions and tables write them, and rows of other days."""

from __future__ import annotations

import pytest

from agents.proof.choosing import Grid, picks
from agents.proof.days import days, on_one, without_days
from agents.proof.relevance import Question
from agents.proof.rows import asked_cell
from agents.proof.statements import Statement

STATEMENT = Grid.of(
    ("序号", "日期", "金额", "对方"),
    [(str(n), f"2026-05-{n:02}", f"{n * 1111:,}.00", f"公司{n}") for n in range(1, 13)],
)


@pytest.mark.parametrize(
    "text",
    [
        "5月7日",
        "2026年5月7日",
        "2026-05-07 12:31:00",
        "2026/5/7",
        "7 May",
        "7th of May 2026",
        "May 7, 2026",
        "07.05.2026",
    ],
)
def test_one_day_is_one_however_it_is_written(text):
    assert on_one(days(text), days("2026-05-07"))
    assert not on_one(days(text), days("2026-05-11"))
    assert not on_one(days(text), days("2026-07-05"))
    assert not without_days(text).removesuffix("12:31:00").strip()


def test_a_year_that_one_leaves_open_is_any_and_another_year_is_not():
    assert on_one(days("7 May"), days("2024-05-07"))
    assert not on_one(days("7 May 2026"), days("2024-05-07"))
    assert on_one(days("7 May 2026"), days("5/7/2026"))


@pytest.mark.parametrize("text", ["12.5.3", "5 of 7", "maybe 7", "version 2026.1", "5月", "2026"])
def test_what_is_no_day(text):
    assert not days(text)


def test_the_figures_of_a_day_name_no_rows():
    assert picks("5月7日的金额是多少？", STATEMENT) == {1: ("2026-05-07",)}
    assert picks("序号5的金额是多少？", STATEMENT)[0] == ("5",)


@pytest.mark.parametrize(("question", "row", "met"), [
    ("What was paid on 7 May 2026?", "Date: 2026-05-07; Paid: 120", True),
    ("What was paid on 7 May 2026?", "Date: 2026-05-06; Paid: 120", False),
    ("What was paid on 7 May 2026?", "Booked: 06.05.2026; Value: 06.05.2026; Paid: 120", False),
    ("What was paid on 7 May?", "From: 1 May; To: 5 Sep; Paid: 120", True), ("5月7日付了多少？", "有效期至：2026-05-31；金额：120", True),
])  # fmt: skip
def test_a_row_of_another_day_is_no_answer(question, row, met):
    statement = Statement(((0, len(row)),), row, "", row=True)
    assert (Question(question, [row]).view(statement).conditions >= 0) is met


def test_what_a_row_of_a_day_says_is_told_of_that_day():
    row = "序号：7；日期：2026-05-07；金额：7,777.00；余额：35.00"
    assert asked_cell("5月7日的金额是多少？", row) == "2026-05-07的金额：7,777.00"
