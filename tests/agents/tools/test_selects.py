"""The SELECTs that a model is held to: what is asked of tables is among them, nothing but real columns is."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from agents.tools.tabular.selects import narrowed, select_pattern


@dataclass(frozen=True)
class Stock:
    file: str = "库存.csv"
    name: str = "库存"
    columns: tuple[str, ...] = ("仓库", "货号", "数量", "安全库存")


PATTERN = re.compile(select_pattern([Stock()]))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM 库存",
        "SELECT 货号, 数量 FROM 库存 WHERE 数量 < 安全库存",
        "SELECT sum(数量) FROM 库存 WHERE 仓库 = '宜昌总仓' AND 货号 = 'RS-200'",
        "SELECT 仓库, count(*) FROM 库存 GROUP BY 仓库 ORDER BY count(*) DESC LIMIT 3",
        "SELECT 数量 - 安全库存 FROM 库存 WHERE 货号 IN ('RS-200', 'PS-30')",
        "SELECT count(DISTINCT 货号) FROM 库存 WHERE 货号 LIKE 'R%'",
        "SELECT avg(数量 * 2) FROM 库存 WHERE 数量 >= 安全库存 * 1.5",
    ],
)
def test_what_is_asked_of_a_table(sql: str) -> None:
    assert PATTERN.fullmatch(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT price FROM 库存",
        "SELECT 货号 FROM prices",
        "SELECT 货号 FROM 库存; DROP TABLE 库存",
        "DELETE FROM 库存",
        "SELECT 货号 FROM 库存 WHERE price < 3",
    ],
)
def test_what_is_not_there(sql: str) -> None:
    assert not PATTERN.fullmatch(sql)


def spec(name: str = "query_table") -> dict:
    properties = {"file": {"type": "string", "default": ""}, "sql": {"type": "string", "default": ""}}
    parameters = {"type": "object", "properties": properties}
    return {"type": "function", "function": {"name": name, "description": "Query.", "parameters": parameters}}


def test_the_spec_is_held_to_the_tables() -> None:
    before = spec()
    parameters = narrowed(before, [Stock()])["function"]["parameters"]
    assert parameters["properties"]["file"]["enum"] == ["库存.csv"]
    assert re.search(parameters["properties"]["sql"]["pattern"], "SELECT 货号 FROM 库存")
    assert parameters["required"] == ["file", "sql"]
    assert before == spec()


def test_sql_is_free_where_other_tables_may_be_meant() -> None:
    parameters = narrowed(spec(), [Stock()], ["b.csv"])["function"]["parameters"]
    assert parameters["properties"]["file"]["enum"] == ["库存.csv", "b.csv"]
    assert "pattern" not in parameters["properties"]["sql"]
    assert narrowed(spec("other"), [Stock()]) == spec("other")
