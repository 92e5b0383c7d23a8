"""Tables found in grids: spans, headers of several rows, several tables, forms, lines above and below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import docx
import openpyxl
import pytest

from ingest.loaders.grid import Cell, Grid, Span, carried, placed
from ingest.loaders.table_finding import Table, tables
from ingest.loaders.table_pages import table_pages


def found(rows: Sequence[Sequence[object]], spans: Iterable[Span] = (), heads: Iterable[int] = ()) -> list[Table]:
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    return list(tables(Grid(texts, tuple(spans), frozenset(heads))))


def test_a_cell_over_rows_belongs_to_each_of_them() -> None:
    (table,) = found([["Region", "Branch", "Staff"], ["North", "Oslo", 12], [None, "Bergen", 7]], [Span(1, 0, 2, 0)])
    assert table.rows == [["North", "Oslo", "12"], ["North", "Bergen", "7"]]


def test_a_cell_over_columns_belongs_to_each_of_them() -> None:
    rows = [["Name", "Mon", "Tue", "Wed"], ["Anna", "closed", None, "8-12"], ["Ben", "x", "y", "z"]]
    (table,) = found(rows, [Span(1, 1, 1, 2)])
    assert table.rows[0] == ["Anna", "closed", "closed", "8-12"]


def test_a_title_over_the_whole_table_is_said_once() -> None:
    rows = [["Prices 2026", None, None], ["Part", "Weight", "Price"], ["A", 1, 2], ["Source: own count", None, None]]
    (table,) = found(rows, [Span(0, 0, 0, 2), Span(3, 0, 3, 2)])
    assert (table.above, table.header, table.below) == (
        ["Prices 2026"],
        ["Part", "Weight", "Price"],
        ["Source: own count"],
    )


@pytest.mark.parametrize("spans", [[Span(0, 1, 0, 2), Span(0, 3, 0, 4)], []])
def test_two_header_rows_are_one_name_for_each_column(spans: list[Span]) -> None:
    rows = [["Product", 2024, None, 2025, None], [None, "Q1", "Q2", "Q1", "Q2"], ["Pump A", 107, 219, 311, 423]]
    (table,) = found(rows, spans)
    assert table.header == ["Product", "2024 Q1", "2024 Q2", "2025 Q1", "2025 Q2"]
    assert table.rows == [["Pump A", "107", "219", "311", "423"]]


def test_a_title_apart_from_its_table_is_a_line() -> None:
    first, second = found(
        [["Stock 2026"], [], ["Part", "Stock"], ["V", 3], [], ["Staff"], [], ["Clerk", "Ext"], ["N", 5]]
    )
    assert (first.above, first.header) == (["Stock 2026"], ["Part", "Stock"])
    assert (second.above, second.header) == (["Staff"], ["Clerk", "Ext"])
    (names,) = found([["Name"], ["Anna"], ["Ben"]])
    assert (names.header, names.rows) == (["Name"], [["Anna"], ["Ben"]])


def test_three_header_rows_and_units() -> None:
    rows = [
        ["部门", "产量", None, None], [None, "上半年", None, "下半年"], [None, "一季度", "二季度", "三季度"], ["一车间", 1, 2, 3],
        ["二车间", 4, 5, 6],
    ]  # fmt: skip
    (table,) = found(rows, [Span(0, 0, 2, 0), Span(0, 1, 0, 3), Span(1, 1, 1, 2)])
    assert table.header == ["部门", "产量 上半年 一季度", "产量 上半年 二季度", "产量 下半年 三季度"]
    (table,) = found([["Part", "Weight", "Length"], [None, "kg", "m"], ["A", 1, 2], ["B", 3, 4]])
    assert table.header == ["Part", "Weight kg", "Length m"]


def test_the_first_row_of_words_below_a_header_is_no_header() -> None:
    (table,) = found([["Name", "City", "Phone"], ["Anna", "Oslo", "n/a"], ["Ben", "Lund", "4471"]])
    assert table.header == ["Name", "City", "Phone"]


@pytest.mark.parametrize("between", [1, 2, 5])
def test_each_of_two_tables_has_its_own_header(between: int) -> None:
    rows = [["Part", "Stock"], ["Valve", 3], ["Hose", 6], *[[]] * between, ["Clerk", "Extension"], ["Nadia", 4471]]
    first, second = found(rows)
    assert (first.header, second.header) == (["Part", "Stock"], ["Clerk", "Extension"])
    assert second.rows == [["Nadia", "4471"]]


def test_tables_beside_one_another() -> None:
    rows = [["Part", "Stock", None, "Clerk", "Ext"], ["V1", 3, None, "Nadia", 4471], ["V2", 6, None, "Olaf", 4472]]
    first, second = found(rows)
    assert (first.header, second.header) == (["Part", "Stock"], ["Clerk", "Ext"])
    # A column left empty inside one table parts nothing.
    (one,) = found([["Part", "Stock", None, "2024", "2025"], ["V1", 3, None, 5, 6], ["V2", 6, None, 5, 9]])
    assert one.rows[0] == ["V1", "3", "5", "6"]


LEDGER = [
    ["日期", "项目", "金额", None, "汇总", None], ["2026-01-03", "买菜", -48, None, "餐饮", -48],
    ["2026-01-05", "轮胎", -412, None, "结余", -460], ["2026-01-05", "雨刷", -30, None, None, None],
]  # fmt: skip


def test_sums_beside_a_list_are_no_cells_of_its_rows() -> None:
    table, sums = found(LEDGER)
    assert table.rows == [[str(cell) for cell in row[:3]] for row in LEDGER[1:]]
    assert sums.above == ["汇总", "餐饮：-48", "结余：-460"]
    # With a name above the figures, or in each of its rows, they are columns of it.
    for change in ({(0, 5): "应付"}, {(3, 4): "利息", (3, 5): -9}):
        rows = [[change.get((r, c), cell) for c, cell in enumerate(row)] for r, row in enumerate(LEDGER)]
        (one,) = found(rows)
        assert len(one.rows[0]) == 5


@pytest.mark.parametrize(("total", "named"), [("371", "华东"), ("372", ""), ("", "")])
def test_the_sum_of_a_group_is_named_by_the_group(total: str, named: str) -> None:
    rows = [
        ["大区", "城市", "销量"],
        ["华东", "上海", "80"],
        ["", "杭州", "291"],
        ["", "小计", total],
        ["华南", "广州", "5"],
        ["", "深圳", "6"],
    ]
    (table,) = tables(Grid(rows, spans=[Span(1, 0, 2, 0), Span(4, 0, 5, 0)]))
    assert [row[0] for row in table.rows] == ["华东", "华东", named, "华南", "华南"]


def test_rows_after_a_pause_go_on_with_their_table() -> None:
    (table,) = found([["Name", "City"], ["Anna", "Oslo"], [], ["Ben", "Bergen"], [], [], ["Carl 2", "Lund"]])
    assert table.rows[1:] == [["Ben", "Bergen"], ["Carl 2", "Lund"]]
    (table,) = found([["Item", "Sum"], ["Rent", 900], [], ["Total", 900]])
    assert table.rows[-1] == ["Total", "900"]


@pytest.mark.parametrize("colon", [":", "：", ""])
@pytest.mark.parametrize("gap", [0, 1])
def test_account_data_above_a_table_names_no_columns(colon: str, gap: int) -> None:
    lead = [[f"Account{colon}", "DE00 1234"], [f"Owner{colon}", "Example Ltd"]]
    rows = [
        *lead,
        *[[]] * gap,
        ["Date", "Text", "Amount"],
        ["2026-02-01", "Rent", "-900.00"],
        ["2026-02-03", "Gas", "-84.20"],
    ]
    *before, table = found(rows)
    lines = [line for one in [*before, table] for line in one.above]
    assert lines[0].replace("：", ": ").startswith("Account: DE00 1234")
    assert table.header == ["Date", "Text", "Amount"]
    assert len(table.rows) == 2


def test_a_form_is_lines_of_names_and_values() -> None:
    (form,) = found(
        [["姓名", "张三", "性别", "男"], ["出生日期", "1990-01-01", "民族", "汉"], ["学历", "本科", "身高", "180"]]
    )
    assert form.above == ["姓名：张三；性别：男", "出生日期：1990-01-01；民族：汉", "学历：本科；身高：180"]
    (form,) = found([["Holder", "Example Ltd"], ["Number", 4471], ["Opened", "2020-01-01"]])
    assert form.above[1] == "Number: 4471"


FORM = [
    ["会议名称", "三月例会", "时间", "3月6日14:00"], ["地点", "三楼会议室", "主持人", "赵敏"], ["参会人员", "钱进、孙莉", "", ""],
    ["决议", "每周五交周报。", "", ""], ["记录人", "周洋", "缺席", "吴刚"],
]  # fmt: skip


def test_a_form_whose_values_reach_over_other_columns_is_lines() -> None:
    (form,) = found(FORM, [Span(2, 1, 2, 3), Span(3, 1, 3, 3)])
    assert form.above == [
        "会议名称：三月例会；时间：3月6日14:00", "地点：三楼会议室；主持人：赵敏", "参会人员：钱进、孙莉", "决议：每周五交周报。",
        "记录人：周洋；缺席：吴刚",
    ]  # fmt: skip
    with_photograph = [[*FORM[0], "照片"], *([*row, ""] for row in FORM[1:])]
    (form,) = found(with_photograph, [Span(2, 1, 2, 3), Span(3, 1, 3, 3), Span(0, 4, 1, 4)])
    assert form.above == ["会议名称：三月例会；时间：3月6日14:00；照片", *form.above[1:]]
    assert form.above[2] == "参会人员：钱进、孙莉"


def test_days_of_a_form_name_no_columns() -> None:
    rows = [["出租方", "李建国", "证件号", "11010119"], ["地址", "天府大道100号1502室", "", ""],
            ["租期", "2026年7月1日", "至", "2028年6月30日"], ["月租金", "6,800 元", "押金", "13,600 元"]]  # fmt: skip
    (form,) = found(rows, [Span(1, 1, 1, 3)])
    assert "租期：2026年7月1日；至：2028年6月30日" in form.above
    assert "月租金：6,800 元；押金：13,600 元" in form.above
    (days,) = found([["店铺", "3月1日", "3月2日", "3月3日"], ["南门", 12, 15, 9], ["北门", 7, 8, 11]])
    assert days.header == ["店铺", "3月1日", "3月2日", "3月3日"]


@pytest.mark.parametrize(("rows", "spans"), [
    ([["Day", "Early", "Late", "Night"], ["Mon", "Anna", "Bob", "Cara"], ["Sat", "closed", "", ""], ["Sun", "closed", "", ""]],
     [Span(2, 1, 2, 3), Span(3, 1, 3, 3)]),
    ([["Day", "Early", "Late", "Night"], ["Mon", "Anna", "", "Cara"], ["Tue", "Eve", "", "Bob"]], [Span(1, 1, 1, 2), Span(2, 1, 2, 2)]),
    ([["Line", "Shifts", "", ""], ["", "Early", "Late", "Night"], ["North", "Anna", "Bob", "Cara"], ["South", "Dora", "Eve", "Fred"]],
     [Span(0, 1, 0, 3), Span(0, 0, 1, 0)]),
])  # fmt: skip
def test_cells_over_columns_alone_make_no_form(rows, spans) -> None:
    (table,) = found(rows, spans)
    assert table.header[0] == rows[0][0]
    assert table.header[-1].endswith("Night")


def test_a_form_above_a_list_is_lines_and_the_list_has_its_own_names() -> None:
    (table,) = found([
        ["部门", "销售部", "日期", "2026-03-05"], ["报销人", "王芳", "单号", "BX-017"], ["日期", "事由", "金额", "备注"],
        ["2026-03-01", "打车", 46.5, "发票1张"], ["2026-03-02", "住宿", 900, "发票1张"],
    ])  # fmt: skip
    assert table.above == ["部门：销售部；日期：2026-03-05", "报销人：王芳；单号：BX-017"]
    assert (table.header, len(table.rows)) == (["日期", "事由", "金额", "备注"], 2)
    (table,) = found([["Anna", 3, "Ben", 5], ["Cara", 4, "Dora", 6], ["Eve", 2, "Fred", 8]])
    assert (table.above, len(table.rows)) == ([], 3)


def test_names_and_values_in_the_same_cells_are_lines() -> None:
    (table,) = found([["账号：6222****1234", "币种：人民币", ""], ["起始：2026-01-01", "终止：2026-01-31", ""],
                      ["日期", "摘要", "余额"], ["20260103", "工资", "9,100.00"], ["20260105", "超市", "8,979.50"]])  # fmt: skip
    assert table.above == ["账号：6222****1234；币种：人民币", "起始：2026-01-01；终止：2026-01-31"]
    assert table.header == ["日期", "摘要", "余额"]


def test_years_beside_an_empty_corner_name_columns() -> None:
    (table,) = found([["", 2025, 2026], ["Revenue", 300, 360], ["Costs", 180, 190]])
    assert table.header == ["", "2025", "2026"]


def test_a_row_with_its_name_alone_before_an_empty_one_stays_in_its_place() -> None:
    (table,) = found([["Name", "Sum"], ["Meier", 12], ["O'Neil", ""], ["", ""], ["Stone", 14], ["Weber", 9]])
    assert [row[0] for row in table.rows] == ["Meier", "O'Neil", "Stone", "Weber"]
    assert table.below == []


def test_a_sum_with_a_note_below_it_stays_in_its_columns() -> None:
    rows = [
        ["Day", "In", "Out"],
        [20260103, None, 35.5],
        [20260110, 8500, None],
        [],
        ["合计", 8500, 35.5],
        ["*仅供参考"],
    ]
    (table,) = found(rows)
    assert table.rows[-1] == ["合计", "8500", "35.5"]
    assert table.below == ["*仅供参考"]


def test_figures_that_count_on_name_columns_and_others_do_not() -> None:
    (table,) = found([["Station", 1, 2, 3, 4], ["Oslo", 3, 4, 5, 6], ["Bergen", 9, 9, 9, 9]])
    assert table.header == ["Station", "1", "2", "3", "4"]
    (table,) = found([["Loader", 990, 3], ["Crane", 1480, 5]])
    assert table.header == ["", "", ""]
    assert table.text.startswith("|  |  |  |\n| --- |")


def test_a_row_that_the_file_calls_a_header_is_one() -> None:
    (table,) = found([["k", 5], ["a", 7]], heads=[0])
    assert table.header == ["k", "5"]
    first, second = found([["Name", "City"], ["Anna", "Oslo"], ["Name", "Tool"], ["Ben", "Saw"]], heads=[0, 2])
    assert (first.rows, second.header) == ([["Anna", "Oslo"]], ["Name", "Tool"])


def test_cells_push_one_another_as_in_a_browser() -> None:
    grid = placed([
        [Cell("Day", head=True), Cell("Time", columns=2, head=True)],
        [Cell("Monday", rows=2), Cell("Morning"), Cell("Anna")], [Cell("Evening"), Cell("Carla")],
    ])  # fmt: skip
    assert carried(grid)[2] == ["Monday", "Evening", "Carla"]
    assert grid.heads == {0}
    assert carried(placed([[Cell("a", rows=0), Cell("b")], [Cell("c")]]))[1] == ["a", "c"]


def test_a_table_too_wide_for_a_passage_is_records() -> None:
    (table,) = found([[f"column number {n}" for n in range(200)], ["x", *[""] * 198, "far away"]])
    (page,) = table_pages([table], 1, (), "")
    assert "column number 199: far away" in page.text
    assert len(page.text) < 100


def test_many_tables_with_many_spans_take_no_more_than_their_share() -> None:
    rows: list[list[object]] = []
    spans = []
    for n in range(400):
        spans.append(Span(len(rows) + 1, 0, len(rows) + 2, 0))
        rows += [["Region", "Branch", "Staff"], [f"r{n}", "a", n], [None, "b", n], []]
    before = sum(len(table.rows) for table in found(rows, spans))
    assert before == 800


def test_pages_count_rows_through_all_tables() -> None:
    rows = [[f"n{n}", n] for n in range(120)]
    pages = list(table_pages(found([["a", "b"], *rows, [], [], ["c", "d"], *rows[:90]]), 3, ("S",), "S"))
    assert [(page.number, page.label) for page in pages] == [(3, "S 1–100"), (4, "S 101–200"), (5, "S 201–210")]
    assert pages[2].text.startswith("| c | d |")


FOUR = [
    ["姓名", "张三", "性别", "女"],
    ["出生日期", "1990-01-01", "民族", "汉"],
    ["电话", "13800000000", "职务", "经理"],
]


@pytest.mark.parametrize(
    ("rows", "names", "form"),
    [
        (FOUR, (), True),  # a day and a number in one column: no column of a list
        (
            [["Name", "Phone", "Dept", "Ext"], ["Anna", "0228-1234", "Sales", 12], ["Ben", "0228 5678", "IT", 15]],
            (),
            False,
        ),
        ([["Item", "Size", "Colour", "Note"], ["Shirt", "M", "red", ""], ["Hat", 32, "blue", "new"]], (), False),
        ([["Name", "Anna", "City", "Bonn"], ["Trade", "joiner", "Married", "no"]], (0, 2), True),
        ([["Name", "Anna"], ["Trade", "joiner"]], (0,), True),
        ([["Name", "Anna"], ["Trade", "joiner"]], (), False),
        ([["Name", "Anna", "City", "Bonn"], ["Trade", "joiner", "Married", "no"]], (0,), False),
    ],
)
def test_a_form_of_names_and_values_without_spans(rows, names, form) -> None:
    grid = Grid(
        [list(map(str, row)) for row in rows], names=frozenset((at, n) for at in range(len(rows)) for n in names)
    )
    (table,) = tables(grid)
    assert bool(table.above) == form
    assert bool(table.header) != form


def test_what_files_set_apart_as_names(tmp_path, soundly) -> None:
    rows = [("Name", "Anna", "City", "Bonn"), ("Trade", "joiner", "Married", "no")]
    cells = "".join(f"<tr><th>{a}</th><td>{b}</td><th>{c}</th><td>{d}</td></tr>" for a, b, c, d in rows)
    (tmp_path / "x.html").write_text(f"<h1>Form</h1><table>{cells}</table>")
    document, book = docx.Document(), openpyxl.Workbook()
    table = document.add_table(2, 4)
    for at, row in enumerate(rows):
        for n, text in enumerate(row):
            table.cell(at, n).paragraphs[0].add_run(text).bold = n % 2 == 0
            book.active.cell(at + 1, n + 1, text).font = openpyxl.styles.Font(bold=n % 2 == 0)
    document.save(str(tmp_path / "x.docx"))
    book.save(tmp_path / "x.xlsx")
    for kind in ("html", "docx", "xlsx"):
        text = soundly(tmp_path / f"x.{kind}").pages[0].text
        assert text.endswith("Name: Anna; City: Bonn\nTrade: joiner; Married: no")
