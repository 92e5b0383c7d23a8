"""DuckDB in memory, sealed: what is loaded can be read by SELECT, and nothing else can be done.

After loading: no file, no network, no extension, no other database (`enable_external_access`), no Python variable
(`python_enable_replacements`), and no setting can be changed (`lock_configuration`). One statement, of SELECT's kind.
See https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agents.tools.tabular.sources import Sheet

if TYPE_CHECKING:
    import duckdb


MEMORY = "512MB"
_NUMBER = r"[+-]?[¥￥$€£]?[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?"
_DATE = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
_BARE = "replace(regexp_replace({0}, '[¥￥$€£,]', '', 'g'), '%', '')"
_ISO = "rtrim(regexp_replace({0}, '[/.年月]', '-', 'g'), '日')"


class Refused(Exception):
    """The statement is none that may be run."""


class Sealed:
    """A database of sheets that only answers SELECT."""

    def __init__(self) -> None:
        import duckdb

        self._database = duckdb.connect(
            ":memory:",
            config={
                "threads": "1",
                "memory_limit": MEMORY,
                "temp_directory": "",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "allow_community_extensions": "false",
                "allow_persistent_secrets": "false",
                "python_enable_replacements": "false",
            },
        )

    def reserved(self) -> list[str]:
        """Words of SQL that can't be names without quotes."""
        found = self._database.execute(
            "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
        )
        return [str(row[0]) for row in found.fetchall()]

    def load(self, sheet: Sheet) -> list[str]:
        """Make a table of it; returns each column's type, by what all its values look like."""
        raw = quoted(f"{sheet.name}__text")
        names = [quoted(column) for column in sheet.columns]
        self._database.execute(f"CREATE TABLE {raw} ({', '.join(f'{name} VARCHAR' for name in names)})")
        if sheet.rows:
            with self._database.appender(f"{sheet.name}__text") as appender:
                appender.append_rows(sheet.rows)
        kinds = [self._kind(raw, name) for name in names]
        columns = ", ".join(f"{_cast(name, kind)} AS {name}" for name, kind in zip(names, kinds, strict=True))
        self._database.execute(f"CREATE TABLE {quoted(sheet.name)} AS SELECT {columns} FROM {raw}")  # noqa: S608 - quoted
        self._database.execute(f"DROP TABLE {raw}")
        return kinds

    def seal(self) -> None:
        """Nothing is loaded from here on."""
        self._database.execute("SET enable_external_access = false")
        self._database.execute("SET lock_configuration = true")

    def select(self, sql: str, most: int) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Names of the columns and at most `most` rows. Raises `Refused`, and `duckdb.Error` for wrong SQL."""
        import duckdb

        statements = self._database.extract_statements(sql)
        if len(statements) != 1:
            raise Refused(f"{len(statements)} statements")
        kind = statements[0].type
        if kind != duckdb.StatementType.SELECT:
            raise Refused(str(kind).rpartition(".")[2])
        found: duckdb.DuckDBPyConnection = self._database.execute(statements[0])
        return [str(column[0]) for column in found.description or ()], found.fetchmany(most)

    def _kind(self, table: str, name: str) -> str:
        """The narrowest type that every value has; VARCHAR for codes such as 007, which a number would spoil."""
        tests = {
            "zeros": rf"regexp_full_match({name}, '[+-]?0\d.*')",
            "whole": rf"regexp_full_match({name}, '[+-]?\d{{1,3}}(,\d{{3}})+|[+-]?\d{{1,18}}')",
            "number": f"regexp_full_match({name}, '{_NUMBER}') AND length({name}) <= 30",
            "float": f"try_cast({name} AS DOUBLE) IS NOT NULL",
            "percent": f"regexp_full_match({name}, '{_NUMBER}%')",
            "date": f"regexp_full_match({name}, '{_DATE}') AND try_cast({_ISO.format(name)} AS DATE) IS NOT NULL",
            "time": f"length({name}) >= 16 AND try_cast({name} AS TIMESTAMP) IS NOT NULL",
            "truth": f"{name} IN ('TRUE', 'FALSE')",
        }
        counts = ", ".join(f"count(*) FILTER ({test})" for test in tests.values())
        places = f"max(length(regexp_extract({name}, '\\.(\\d+)', 1)))"
        row = self._database.execute(f"SELECT count({name}), {counts}, {places} FROM {table}").fetchone()  # noqa: S608 - quoted
        total, *found, decimals = row or (0,)
        seen = dict(zip(tests, found, strict=True))
        if not total or seen["zeros"]:
            return "VARCHAR" if not total or seen["date"] != total else "DATE"
        for kind, name_of_test in (
            ("BIGINT", "whole"),
            (f"DECIMAL(38,{decimals or 0})" if (decimals or 0) <= 12 else "DOUBLE", "number"),
            ("DOUBLE", "float"),
            ("PERCENT", "percent"),
            ("DATE", "date"),
            ("TIMESTAMP", "time"),
            ("BOOLEAN", "truth"),
        ):
            if seen[name_of_test] == total:
                return kind
        return "VARCHAR"


def _cast(name: str, kind: str) -> str:
    if kind == "PERCENT":
        return f"CAST({_BARE.format(name)} AS DECIMAL(38,12)) / 100"
    if kind == "DATE":
        return f"CAST({_ISO.format(name)} AS DATE)"
    if kind in {"BIGINT", "DOUBLE"} or kind.startswith("DECIMAL"):
        return f"CAST({_BARE.format(name)} AS {kind})"
    return f"CAST({name} AS {kind})"


def quoted(name: str) -> str:
    """A name as SQL reads it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def shown(rows: Sequence[Sequence[Any]], most: int) -> list[list[Any]]:
    """Rows as JSON: numbers and truths as they are, everything else as text of at most `most` characters."""
    return [[_shown(value, most) for value in row] for row in rows]


def _shown(value: Any, most: int) -> Any:  # noqa: ANN401
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    text = f"{value:f}" if type(value).__name__ == "Decimal" else str(value)
    if type(value).__name__ == "Decimal" and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if len(text) <= most else text[: most - 1] + "…"
