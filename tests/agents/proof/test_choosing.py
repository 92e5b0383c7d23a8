"""What of a table a question means."""

from __future__ import annotations

import pytest

from agents.proof.choosing import Grid, choose, names_another

FARES = Grid.of(
    ("票种", "日场（元）", "夜场（元）", "首发年份"),
    [("成人票", "60", "45", "2019"), ("儿童票", "30", "25", "2023"), ("老人票", "20", "20", "2021")],
)
TOOLS = Grid.of(
    ("Tool", "Shelf", "Weight (kg)", "Rent (EUR)"),
    [("drill", "S1", "2.4", "9"), ("saw", "S2", "3.1", "7"), ("lathe", "S2", "41", "30")],
)
SAILINGS = Grid.of(("Sailing", "Leaves", "Days"), [("A", "7:10", "Monday"), ("B", "18:40", "Friday and Saturday")])
RENT = Grid.of(
    ("租期", "押金（元）", "犬 10kg 以内（元）", "犬 10kg 以上（元）"),
    [("不满 6 个月", "3000", "20", "30"), ("6—11 个月", "2500", "18", "28"), ("12 个月以上", "2000", "15", "25")],
)
STOCK = Grid.of(
    ("仓库", "品名", "数量", "负责人"), [("成都", "水位计", "18", "唐嘉怡"), ("北京", "水位计", "7", "李闻")]
)
AGES = Grid.of(("年龄", "票价（元）"), [("未满 14 岁", "15"), ("14 到 59 岁", "30"), ("60 岁及以上", "0")])
MEMORY = Grid.of(("大小", "模型位数", "显存占用（GB）"), [("40B", "8", "48"), ("40B", "16", "96"), ("9B", "16", "22")])


@pytest.mark.parametrize(
    ("grid", "question", "operation", "rows", "figures"),
    [
        (FARES, "夜场的成人票多少钱？", "", (0,), [45]),
        (FARES, "夜场成人票和儿童票一共多少钱？", "sum", (0, 1), [45, 25]),
        (FARES, "儿童的日场和夜场一共多少钱？", "sum", (1,), [30, 25]),  # 儿童 of 儿童票: all of them end alike
        (FARES, "日场哪种票最贵？", "highest", (0,), [60]),
        (FARES, "哪种票最早有？", "lowest", (0,), [2019]),
        (FARES, "夜场平均多少钱？", "mean", (0, 1, 2), [45, 25, 20]),
        (MEMORY, "表里,40B 的模型用 16 位时显存占用是多少？", "", (1,), [96]),  # behind a comma; 16 位 of 模型位数
        (TOOLS, "Which tool is the heaviest?", "highest", (2,), [41]),  # by what the column is measured in
        (TOOLS, "Which is the cheapest tool on shelf S2?", "lowest", (1,), [7]),
        (TOOLS, "How many tools are on shelf S2?", "count", (1, 2), []),
        (TOOLS, "How much do the drill and the saw cost together?", "sum", (0, 1), [9, 7]),
        (SAILINGS, "When does sailing A leave?", "", (0,), []),
        (SAILINGS, "When is there a boat on a Sunday?", "", (0, 1), []),  # an article names no row
        (TOOLS, "How many visitors does shelf S2 have?", "", (1, 2), []),
        (RENT, "租 18 个月押金多少？", "", (2,), [2000]),  # the band that it lies in
        (RENT, "How much is 押金 for 8 months?", "", (1,), [2500]),
        (RENT, "租 6 个月，狗有三十公斤，要多少钱？", "", (1,), [28]),
        (AGES, "我 14 岁，票多少钱？", "", (1,), [30]),
        (STOCK, "成都还有多少台水位计？", "", (0,), []),  # 位 of 水位计 counts no persons
        (RENT, "押金多少？", "", (0, 1, 2), [3000, 2500, 2000]),
    ],
)
def test_a_question_means_rows_and_columns(
    grid: Grid, question: str, operation: str, rows: tuple[int, ...], figures: list[float]
) -> None:
    choice = choose(question, grid)
    assert (choice.operation, choice.rows, choice.figures(grid)) == (operation, rows, figures)


@pytest.mark.parametrize(
    ("question", "grid", "another"),
    [
        ("学生票多少钱？", FARES, True),
        ("成人票多少钱？", FARES, False),
        ("夜场票多少钱？", FARES, False),  # a column's name
        ("What does the pillar tool weigh?", TOOLS, True),
        ("What does the tool weigh?", TOOLS, False),
    ],
)
def test_a_row_that_is_not_there(question: str, grid: Grid, another: bool) -> None:
    around = " ".join([*grid.heads, *(str(cell) for row in grid.rows for cell in row)])
    assert names_another(question, grid, around) is another
