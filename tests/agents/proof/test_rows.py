"""The cell that a question asks for, of a table's row in words."""

from __future__ import annotations

import pytest

from agents.proof.rows import asked_cell

RATES = "Boat: Kayak, double; Per hour: 9 euros; Deposit, returned in cash: 40 euros"
BUS = "Service: 44; Runs: Sat; Harbour Square: 18:30"
STOCK = "仓库：北仓；货号：TX-4；数量：57；安全数量：30；单位：箱"
PRICES = "Item: TX-4; Price (EUR): 12; Price (USD): 14"


@pytest.mark.parametrize(
    ("question", "row", "told"),
    [
        ("What does a double kayak cost per hour?", RATES, "Per hour, for Kayak, double: 9 euros"),
        ("How high is the deposit for a kayak?", RATES, RATES),  # a word of four: another column may be meant
        ("What does a kayak cost?", RATES, RATES),
        ("When does the last 44 leave Harbour Square?", BUS, BUS),  # of which day, the cell alone would not say
        ("北仓的 TX-4 数量是多少？", STOCK, "北仓、TX-4的数量：57 箱"),
        ("TX-4 的安全数量是多少？", STOCK, "北仓、TX-4的安全数量：30 箱"),
        ("刘洋二月工资多少？", "姓名：刘洋；一月：7800；二月：7900", "刘洋的二月：7900"),
        ("What is the price of the TX-4 in USD?", PRICES, "Price (USD), for TX-4: 14"),
        ("What is the price of the TX-4?", PRICES, PRICES),
        ("When is the 44 at the harbour?", "Line: 44; Harbour: 8:30; Hospital: 8:42", "Harbour, for 44: 8:30"),
        ("When is the next one at the harbour?", "Line: 44; Harbour: 8:30", "Line: 44; Harbour: 8:30"),
        (
            "What does it cost?",
            "A sentence: with a colon; and a semicolon.",
            "A sentence: with a colon; and a semicolon.",
        ),
    ],
)
def test_only_a_column_that_is_named_as_no_other_is_told_alone(question: str, row: str, told: str) -> None:
    assert asked_cell(question, row) == told
