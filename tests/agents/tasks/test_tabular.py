"""The queries that a question's own words name."""

from __future__ import annotations

import pytest

from agents.tasks.evidence import Table
from agents.tasks.gathering import queries_for
from agents.tasks.tabular import query_of
from agents.tools.tool import Observation

SALES = Table("sales.csv", "sales", ("month", "shop", "kind", "boxes", "net_weight"), 6)
ROWS = [
    ["May", "Ostby–Marn", "pears", 40, 300],
    ["May", "Marn", "plums", 25, 410],
    ["June", "Ostby–Marn", "pears", 61, 220],
    ["June", "Marn", "figs", 17, 95],
    ["July", "Ostby–Marn", "nuts", 61, 130],
    ["July", "Brill", "dates", 9, None],
]
SHOTS = Table("接种.csv", "接种", ("月份", "站点", "人数"), 3)
GIVEN = [["5月", "东港", 40], ["5月", "西港", 25], ["6月", "东港", 61]]
BOOKS = Table("借阅.csv", "借阅", ("日期", "分馆", "书名", "次数"), 3)
LENT = [["2031-03-01", "东馆", "海图", 12], ["2031-03-02", "东馆", "潮汐", 30], ["2031-03-02", "西馆", "星图", 7]]


@pytest.mark.parametrize(
    ("goal", "sql"),
    [
        ("How many boxes of plums were sold in May?", 'SELECT "boxes" FROM "sales" WHERE "month" = \'May\' AND "kind" = \'plums\''),
        ("How many boxes were sold in June in all?", 'SELECT sum("boxes") AS "boxes" FROM "sales" WHERE "month" = \'June\''),
        ("Which kind had the highest net weight in May?", 'SELECT "kind", "net_weight" FROM "sales" WHERE "month" = \'May\' ORDER BY "net_weight" DESC LIMIT 1'),
        ("What is the average net weight in June?", 'SELECT avg("net_weight") AS "net_weight" FROM "sales" WHERE "month" = \'June\''),
        ("Which kinds had more than 30 boxes?", 'SELECT "month", "shop", "kind", "boxes" FROM "sales" WHERE "boxes" > 30.0'),
        ("Which rows had a net weight below the boxes?", 'SELECT "month", "shop", "kind", "net_weight", "boxes" FROM "sales" WHERE "net_weight" < "boxes"'),
        ("Which kinds lie below their net weight?", 'SELECT "month", "shop", "kind", "boxes", "net_weight" FROM "sales" WHERE "boxes" < "net_weight"'),
        ("Which kinds had a net weight below the average?", ""),
        ("How many boxes were sold in the two rows of June altogether?", 'SELECT sum("boxes") AS "boxes" FROM "sales" WHERE "month" = \'June\''),
        ("Which delivery had the lowest net weight in May?", 'SELECT "shop", "kind", "net_weight" FROM "sales" WHERE "month" = \'May\' ORDER BY "net_weight" ASC LIMIT 1'),
        # open: whose boxes, which of several rows, two alike, a shop that isn't there, a difference, what no column says
        ("How many boxes were sold in May?", ""),
        ("How many boxes did the shop between Ostby and Marn sell?", ""),
        ("Which kind had the most boxes?", ""),
        ("Which shop had the most boxes in June and July?", ""),
        ("How many boxes were sold in Tarnby in all?", ""),
        ("How many boxes more were sold in May than in June?", ""),
        ("What did the plums cost in May?", ""),
        ("How many boxes were sold in 2029 in all?", ""),
    ],
)  # fmt: skip
def test_a_query_by_the_words(goal: str, sql: str) -> None:
    assert query_of(goal, SALES, ROWS) == sql


@pytest.mark.parametrize(
    ("goal", "sql"),
    [
        ("东馆的次数一共是多少？", 'SELECT sum("次数") AS "次数" FROM "借阅" WHERE "分馆" = \'东馆\''),
        ("哪个书名的次数最多？", 'SELECT "书名", "次数" FROM "借阅" ORDER BY "次数" DESC LIMIT 1'),
        ("哪些书名的次数低于 20？", 'SELECT "日期", "分馆", "书名", "次数" FROM "借阅" WHERE "次数" < 20.0'),
        ("哪个分馆的次数最多？", ""),  # the most of one row, or of all of a branch's
        ("北馆的次数一共是多少？", ""),
    ],
)
def test_a_query_by_chinese_words(goal: str, sql: str) -> None:
    assert query_of(goal, BOOKS, LENT) == sql


def test_a_table_that_was_not_read_whole_is_left_alone() -> None:
    assert query_of("How many boxes were sold in June in all?", SALES, ROWS[:4]) == ""


def test_a_column_is_named_by_what_is_counted_and_rows_by_their_cells() -> None:
    assert (
        query_of("5月总共有几个人？", SHOTS, GIVEN) == 'SELECT sum("人数") AS "人数" FROM "接种" WHERE "月份" = \'5月\''
    )


SOLD = Table("sold.csv", "sold", ("day", "guest", "kind", "pieces", "amount"), 4)
SALES_OF = [
    ["2031-03-02", "Inn Rose", "lamp", 4, "60.5"],
    ["2031-03-09", "Inn Rose", "rug", 2, "80"],
    ["2031-04-01", "Inn Rose", "lamp", 1, "15.25"],
    ["2031-03-11", "Abbey", "lamp", 9, "140.75"],
]


@pytest.mark.parametrize(
    ("goal", "sql"),
    [
        (
            "What does everything that went to Inn Rose in March 2031 add up to, in euros?",
            'SELECT sum("amount") AS "amount" FROM "sold" WHERE "guest" = \'Inn Rose\' AND CAST("day" AS VARCHAR) LIKE \'2031-03-%\'',
        ),
        (
            "Which guest ordered most often?",
            'SELECT "guest", count(*) AS count FROM "sold" GROUP BY "guest" ORDER BY count DESC LIMIT 1',
        ),
        ("Which kind was sold most often in April?", 'SELECT "kind", count(*) AS count FROM "sold" WHERE CAST("day" AS VARCHAR) LIKE \'____-04-%\' GROUP BY "kind" ORDER BY count DESC LIMIT 1'),
        ("What did Inn Rose pay in June 2031 in total?", ""),
        ("Which lamps were sold in March?", 'SELECT * FROM "sold" WHERE "kind" = \'lamp\' AND CAST("day" AS VARCHAR) LIKE \'____-03-%\''),
        ("Which things were sold in June 2031?", ""),
    ],
)  # fmt: skip
def test_a_month_of_days_what_is_money_and_what_there_is_most_of(goal: str, sql: str) -> None:
    assert query_of(goal, SOLD, SALES_OF) == sql


@pytest.mark.parametrize(
    ("goal", "condition"),
    [
        ("Which coats have more pieces at the dyer's than on the shelf?", '"at_the_dyers" > "on_the_shelf"'),
        ("Which coats have fewer on the shelf than at the dyer's?", '"on_the_shelf" < "at_the_dyers"'),
    ],
)
def test_one_column_is_held_against_another_wherever_they_stand(goal: str, condition: str) -> None:
    coats = Table("coats.csv", "coats", ("coat", "on_the_shelf", "at_the_dyers"), 2)
    assert query_of(goal, coats, [["red", 3, 2], ["blue", 1, 4]]).endswith(f"WHERE {condition}")


def test_what_is_kept_is_held_against_the_least_of_it() -> None:
    store = Table("oil.csv", "oil", ("油品", "存量升", "最低存量升", "单价元"), 2)
    found = query_of("哪些油品已经低于最低存量了？", store, [["柴油", 40, 60, 8], ["煤油", 90, 30, 9]])
    assert found.endswith('WHERE "存量升" < "最低存量升"')


def test_a_price_which_is_exact_is_not_what_lies_below_a_limit() -> None:
    tools = Table("tools.csv", "tools", ("tool", "price", "pieces", "order_again_at"), 2)
    found = query_of(
        "Which tools have fallen below the number at which we order again?",
        tools,
        [["saw", "12.5", 3, 6], ["file", "4", 20, 8]],
    )
    assert found.endswith('WHERE "pieces" < "order_again_at"')


@pytest.mark.parametrize(
    ("goal", "condition"),
    [
        ("What has run so low that we need more of it?", '"in_store" <= "order_again_at"'),
        ("Which of Fenn's things must we order again?", '"in_store" <= "order_again_at" AND "supplier" = \'Fenn\''),
        ("Which supplier has the most in store?", None),
    ],
)
def test_there_is_too_little_of_what_is_below_its_own_limit(goal: str, condition: str | None) -> None:
    store = Table("store.csv", "store", ("item", "in_store", "order_again_at", "supplier"), 2)
    found = query_of(goal, store, [["oats", 3, 6, "Fenn"], ["hay", 9, 3, "Tansy"]])
    assert found.partition(" WHERE ")[2] == (condition or "")


def test_what_runs_low_is_looked_up_in_the_table_that_says_so() -> None:
    tables = (
        Table("项目.csv", "项目", ("项目", "价格", "上限"), 1),
        Table("试剂.csv", "试剂", ("试剂", "现有", "最低"), 1),
    )
    rows = {"项目.csv": [["血糖", 8, 350]], "试剂.csv": [["溶血素", 9, 15]]}
    found = queries_for(
        "化验室哪些东西不够了，要补货？", tables, lambda _, given: Observation("", data={"rows": rows[given["file"]]})
    )
    assert [(one.file, one.sql.partition("WHERE ")[2]) for one in found] == [("试剂.csv", '"现有" < "最低"')]


def test_what_several_cost_no_cell_says() -> None:
    rooms = Table("rooms.csv", "rooms", ("room", "price_per_night"), 2)
    rows = [["Oak", 38], ["Beech", 44]]
    assert query_of("What is the price per night of the Beech room?", rooms, rows)
    assert query_of("What would seven nights in the Beech room cost at that price per night?", rooms, rows)
    assert not query_of("What would seven nights in the Beech room cost?", rooms, rows)


def test_a_column_names_no_other_table() -> None:
    """最低存量 of one table holds the name of another; the one whose columns are named is meant."""
    tables = (
        Table("存量.csv", "存量", ("品名", "数量", "安全量"), 1),
        Table("油品存量.csv", "油品存量", ("油品", "现有_桶", "最低存量_桶"), 1),
    )
    rows = {"存量.csv": [["机油", 3, 5]], "油品存量.csv": [["柴油", 4, 9]]}
    asked = {
        "哪几种油的现有数量低于最低存量？": ["油品存量.csv"],
        "存量.csv 里哪些数量低于安全量？": ["存量.csv"],
        "哪些低于最低价？": [],
    }
    found = {
        task: [
            one.file
            for one in queries_for(task, tables, lambda _, given: Observation("", data={"rows": rows[given["file"]]}))
        ]
        for task in asked
    }
    assert found == asked
    beside = (tables[0], Table("材料.csv", "材料", ("品种", "存量", "最低存量"), 1))
    rows["材料.csv"] = [["帆布", 4, 9]]
    for task in ("哪些品种的存量低于最低存量？", "哪些品种的存量比最低存量少？"):
        found = queries_for(task, beside, lambda _, given: Observation("", data={"rows": rows[given["file"]]}))
        assert [(one.file, one.sql.partition("WHERE ")[2]) for one in found] == [("材料.csv", '"存量" < "最低存量"')]
