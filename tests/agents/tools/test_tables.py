"""Tables by SQL, and SQL that wants more than tables."""

from __future__ import annotations

import dataclasses
import io
import threading
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import openpyxl
import pytest

from agents import Tool, ToolError
from agents.tools.carrying import carry_out
from agents.tools.folder.allowed import open_folder
from agents.tools.tables import holds_tables, table_tool
from agents.tools.tabular.asking import ask
from agents.tools.tabular.engine import Refused, Sealed
from agents.tools.tabular.sources import read_sheets
from agents.tools.tabular.worker import MOST_ROWS, answer
from ingest import open_library
from ingest.settings import Settings

if TYPE_CHECKING:
    from agents import ToolContext
    from ingest.library import Library

SALES = """Region,Amount (EUR),Rate,Day,Code,Order
North,"1,200.50",12.5%,2026-01-05,007,1
South,300,3%,2026/02/10,012,2
North,99.50,0%,2026-03-01,100,3
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "sales 2026.csv").write_text(SALES, "utf-8")
    chinese = "销售统计表,,\n地区,营业收入(万元),日期\n华北,￥1200,2026年1月5日\n华南,￥300,2026年2月10日\n"
    (folder / "销售.csv").write_bytes((chinese + "华东地区的营业收入说明,5,2026年3月1日\n" * 3).encode("gbk"))
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "Staff list"
    first.append(["Name", "Age", "Joined", "Active", None])
    first.append(["Ann", 31, date(2020, 1, 2), True, "x"])
    first.append(["Bob", 45, datetime(2019, 5, 6), False, None])
    second = book.create_sheet("部门")
    second.append(["部门", "select"])
    second.append(["研发", 7])
    book.create_sheet("empty")
    book.save(folder / "staff.xlsx")
    (folder / "notes.md").write_text("# no table", "utf-8")
    return folder


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Library:
    opened = open_library(tmp_path_factory.mktemp("library"), settings=Settings(embedder="hashing"))
    opened.add([files])
    return opened


@pytest.fixture(scope="module")
def query(library: Library) -> Tool:
    return table_tool(library)


def test_files_are_listed_and_described(library: Library, query: Tool, context: ToolContext) -> None:
    assert holds_tables(library, "default")
    assert not holds_tables(library, "nowhere")
    assert sorted(carry_out(query, {}, context).data) == ["sales 2026.csv", "staff.xlsx", "销售.csv"]
    found = carry_out(query, {"file": "sales 2026"}, context)
    assert found.text == (
        "sales 2026.csv\n\nTable sales_2026: 3 rows\nColumns: region VARCHAR = 'Region', "
        "amount_eur DECIMAL = 'Amount (EUR)', rate number, 12% is 0.12 = 'Rate', day DATE = 'Day', "
        "code VARCHAR = 'Code', order_2 BIGINT = 'Order'\n"
        "region | amount_eur | rate | day | code | order_2\n"
        "North | 1,200.50 | 12.5% | 2026-01-05 | 007 | 1\n"
        "South | 300 | 3% | 2026/02/10 | 012 | 2\n"
        "North | 99.50 | 0% | 2026-03-01 | 100 | 3"
    )


def test_a_query_is_exact_and_typed(query: Tool, context: ToolContext) -> None:
    sql = (
        "SELECT region, sum(amount_eur) AS total, max(day) AS last FROM sales_2026 GROUP BY region ORDER BY total DESC"
    )
    found = carry_out(query, {"file": "sales 2026.csv", "sql": sql}, context)
    assert found.text == "region | total | last\nNorth | 1300 | 2026-03-01\nSouth | 300 | 2026-02-10"
    assert found.data["rows"] == [["North", "1300", "2026-03-01"], ["South", "300", "2026-02-10"]]
    rate = carry_out(
        query, {"file": "sales 2026.csv", "sql": "SELECT sum(rate) AS r, min(code) AS c FROM sales_2026"}, context
    )
    assert rate.data["rows"][0] == [pytest.approx(0.155), "007"] or rate.data["rows"][0] == ["0.155", "007"]


def test_gbk_titles_and_chinese_columns(query: Tool, context: ToolContext) -> None:
    zh = dataclasses.replace(context, language="zh")
    described = carry_out(query, {"file": "销售"}, zh)
    assert "表 销售 (销售统计表)：5 行" in described.text
    assert "营业收入_万元 DECIMAL = '营业收入(万元)', 日期 DATE" in described.text
    found = carry_out(query, {"file": "销售.csv", "sql": "SELECT 地区 FROM 销售 WHERE 营业收入_万元 > 1000"}, zh)
    assert found.text == "地区\n华北"


def test_a_workbooks_sheets_are_tables(query: Tool, context: ToolContext) -> None:
    described = carry_out(query, {"file": "staff.xlsx"}, context)
    assert "Table staff_list (Staff list): 2 rows" in described.text
    assert "name VARCHAR = 'Name', age BIGINT = 'Age', joined DATE = 'Joined', active BOOLEAN = 'Active', column_5" in (
        described.text
    )
    assert "select_2 BIGINT = 'select'" in described.text
    sql = "SELECT s.name, 部门.部门 FROM staff_list s, 部门 WHERE s.joined < DATE '2020-01-01' AND NOT active"
    assert carry_out(query, {"file": "staff", "sql": sql}, context).data["rows"] == [["Bob", "研发"]]


def test_mistakes_are_answered_with_what_there_is(query: Tool, context: ToolContext) -> None:
    wrong = carry_out(query, {"file": "sales 2026.csv", "sql": "SELECT amount FROM sales_2026"}, context)
    assert "amount" in wrong.error
    assert "Tables: sales_2026(region, amount_eur, rate, day, code, order_2)" in wrong.error
    unknown = carry_out(query, {"file": "purchases", "sql": "SELECT 1"}, context)
    assert unknown.error.startswith("There is no table file 'purchases'.")
    assert carry_out(query, {"file": "sales2026.CSV"}, context).error == ""


def test_many_rows_are_bounded(query: Tool, context: ToolContext) -> None:
    found = carry_out(query, {"file": "staff.xlsx", "sql": "SELECT range AS n FROM range(1000)"}, context)
    assert len(found.data["rows"]) == MOST_ROWS
    assert found.truncated
    assert found.text.endswith("[… 60 of 200+ rows shown. Aggregate, or use LIMIT and OFFSET.]")
    wide = carry_out(query, {"file": "staff.xlsx", "sql": "SELECT repeat('x', 100000) AS x"}, context)
    assert len(wide.text) < 400


@pytest.fixture(scope="module")
def sealed() -> Sealed:
    """The engine in this process, with one table `t`."""
    made = Sealed()
    for sheet in read_sheets("t.csv", SALES.encode(), made.reserved()):
        made.load(sheet)
    made.seal()
    return made


ATTACKS = [
    "COPY t TO '{out}'",
    "COPY (SELECT 1) TO '{out}'",
    "EXPORT DATABASE '{out}'",
    "ATTACH '{out}' AS x",
    "ATTACH ':memory:' AS x",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_json_auto('http://127.0.0.1:9/x.json')",
    "SELECT * FROM read_parquet('/etc/passwd')",
    "SELECT * FROM parquet_scan('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM '/etc/hosts.csv'",
    "FROM '{out}'",
    "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
    "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT getenv('HOME')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "FORCE INSTALL sqlite FROM community",
    "SELECT * FROM sqlite_scan('{out}', 'x')",
    "PRAGMA database_list",
    "PRAGMA enable_external_access=true",
    "SET enable_external_access = true",
    "SET GLOBAL lock_configuration = false",
    "RESET enable_external_access",
    "CALL pragma_version()",
    "CREATE TABLE x AS SELECT 1",
    "CREATE OR REPLACE VIEW t AS SELECT 1",
    "CREATE MACRO f() AS 1",
    "CREATE SECRET s (TYPE s3)",
    "INSERT INTO t SELECT * FROM t",
    "UPDATE t SET region = 'x'",
    "DELETE FROM t",
    "DROP TABLE t",
    "ALTER TABLE t RENAME TO u",
    "BEGIN TRANSACTION",
    "CHECKPOINT",
    "VACUUM",
    "USE memory",
    "EXPLAIN ANALYZE SELECT 1",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "SELECT 1; COPY t TO '{out}'",
    "SELECT 1; SELECT 2",
    "/* SELECT */ COPY t TO '{out}'",
    "-- SELECT\nATTACH '{out}'",
    "SELECT * FROM data",
    "SELECT * FROM sheets",
]


@pytest.mark.parametrize("sql", ATTACKS, ids=lambda sql: sql[:50])
def test_sql_that_wants_more_than_to_read_the_table_is_refused(sealed: Sealed, sql: str, tmp_path: Path) -> None:
    data, sheets = [SALES], [SALES]  # Python variables that DuckDB could otherwise see
    with pytest.raises((Refused, duckdb.Error)) as caught:
        sealed.select(sql.format(out=tmp_path / "out.csv"), 10)
    assert "root:" not in str(caught.value)
    assert not list(tmp_path.iterdir())
    assert data == sheets
    assert sealed.select("SELECT count(*) FROM t", 10)[1] == [(3,)]


def test_a_refusal_names_what_is_allowed(context: ToolContext) -> None:
    with pytest.raises(ToolError, match="Only one SELECT is run here, not COPY"):
        ask("t.csv", SALES.encode(), "COPY t TO 'x.csv'", seconds=20, cancelled=threading.Event())


def test_the_seal_holds_where_the_look_at_statements_would_not(sealed: Sealed, tmp_path: Path) -> None:
    for sql in [attack for attack in ATTACKS[:26] if ":memory:" not in attack]:
        with pytest.raises(duckdb.Error):
            sealed._database.execute(sql.format(out=tmp_path / "out.csv").replace(" t TO", " (SELECT 1) TO")).fetchall()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(1000000000) a, range(1000000000) b",
        "WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
        "SELECT repeat('x', 2000000000)",
        "SELECT list(range) FROM range(1000000000)",
    ],
)
def test_endless_queries_are_ended(sql: str) -> None:
    with pytest.raises(ToolError, match=r"longer than 1 seconds|more memory"):
        ask("t.csv", SALES.encode(), sql, seconds=1, cancelled=threading.Event())


def test_a_file_larger_than_any_pipe_gets_through() -> None:
    data = b"region,amount\n" + b"North,12.5\n" * 200_000
    found = ask("t.csv", data, "SELECT sum(amount) FROM t", seconds=60, cancelled=threading.Event())
    assert found.rows == [["2500000"]]


def test_a_table_of_700_000_rows_is_summed_whole() -> None:
    data = b"item,amount\n" + b"x,2\n" * 700_000
    found = ask("t.csv", data, "SELECT count(*), sum(amount) FROM t", seconds=120, cancelled=threading.Event())
    assert [int(cell) for cell in found.rows[0]] == [700_000, 1_400_000]


def test_a_table_of_more_columns_than_are_read_is_described_and_not_queried() -> None:
    names = [f"c{n}" for n in range(700)]
    data = "\n".join([",".join(names), *[",".join(["1"] * 700)] * 3]).encode()
    described = ask("t.csv", data, "", seconds=60, cancelled=threading.Event())
    assert (described.tables[0]["rows"], described.tables[0]["cut"]) == (3, 700)
    for sql in ("SELECT count(*) FROM t", "SELECT sum(c3) FROM t", "SELECT * FROM t"):
        with pytest.raises(ToolError, match=r"more than 500 columns can't be queried: t \(700\)"):
            ask("t.csv", data, sql, seconds=60, cancelled=threading.Event())


def test_cancel_ends_the_process() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(ToolError):
        ask("t.csv", SALES.encode(), "SELECT count(*) FROM range(1000000000000)", seconds=60, cancelled=stop)


def test_broken_and_hostile_files_are_refused() -> None:
    import zipfile

    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<" + "a" * 50_000_000)
    for data in (b"PK\x03\x04 no zip", bytes(range(256)) * 100, bomb.getvalue()):
        with pytest.raises(ToolError, match=r"can't be read as a table|more memory"):
            ask("x.xlsx", data, "SELECT 1", seconds=20, cancelled=threading.Event())


def test_cells_that_look_like_formulas_or_sql_are_only_text() -> None:
    data = 'name,note\n"=cmd|\' /C calc\'!A0","\'); DROP TABLE t; --"\n'
    found = answer('x"; DROP TABLE y; --.csv', data.encode(), "")
    assert found["tables"][0]["name"] == "x_drop_table_y"
    found = answer("t.csv", ('a"b,"c); --"\n' + "1,2\n").encode(), "SELECT * FROM t")
    assert found["rows"] == [[1, 2]]


def test_the_folders_tables_are_there_as_well(
    library: Library, files: Path, tmp_path: Path, context: ToolContext
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "own.tsv").write_text("a\tb\n1\t2\n", "utf-8")
    (tmp_path / "in" / "link.csv").symlink_to(files / "sales 2026.csv")
    made = table_tool(library, open_folder(tmp_path / "in"))
    assert sorted(carry_out(made, {}, context).data) == ["own.tsv", "sales 2026.csv", "staff.xlsx", "销售.csv"]
    assert carry_out(made, {"file": "own", "sql": "SELECT a + b AS s FROM own"}, context).data["rows"] == [[3]]


def test_a_file_that_has_gone_is_said_so(tmp_path: Path, context: ToolContext) -> None:
    (tmp_path / "gone.csv").write_text(SALES, "utf-8")
    library = open_library(tmp_path / "library", settings=Settings(embedder="hashing"))
    library.add([tmp_path / "gone.csv"])
    (tmp_path / "gone.csv").unlink()
    assert "no longer where it was added" in carry_out(table_tool(library), {"file": "gone"}, context).error
