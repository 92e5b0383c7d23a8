"""The process that reads a file and answers one query: a request on its input, an answer on its output, then it ends.

A workbook made to explode, or a query that asks for everything, then takes nothing but this process with it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from ingest.apart.child import answers, bound

MEMORY = 1536 << 20
"""Bytes of address space: DuckDB's own 512 MB and what the file takes while it is read."""
MOST_ROWS = 200
_CELL = 300


def main() -> None:
    """Serve one request: a line of JSON {file, sql}, then the file's bytes."""
    output = answers()
    bound(MEMORY, file_bytes=0)
    request = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    output.write(json.dumps(answer(request["file"], data, request["sql"]), ensure_ascii=False).encode("utf-8"))
    output.flush()
    os._exit(0)


def answer(file: str, data: bytes, sql: str) -> dict[str, Any]:
    """Tables, and the query's columns and rows; or {'problem': kind, 'said': words}."""
    import duckdb

    from agents.tools.tabular.engine import Refused, Sealed, shown
    from agents.tools.tabular.sources import read_sheets

    database = Sealed()
    try:
        sheets = read_sheets(file, data, database.reserved())
        asked = bool(sql.strip())
        # A table of which columns are missing is not there for SQL: no answer rather than a wrong one.
        tables = [_table(sheet, [] if asked and sheet.cut else database.load(sheet)) for sheet in sheets]
    except MemoryError:
        return {"problem": "memory", "said": ""}
    except Exception as error:  # noqa: BLE001 - a damaged file, in whatever words of whichever library
        return {"problem": "file", "said": f"{type(error).__name__}: {error}"[:300]}
    found: dict[str, Any] = {"tables": tables}
    if not asked or not sheets:
        return found
    database.seal()
    try:
        columns, rows = database.select(sql, MOST_ROWS + 1)
    except Refused as error:
        return {**found, "problem": "refused", "said": str(error)}
    except (duckdb.OutOfMemoryException, MemoryError):
        return {**found, "problem": "memory", "said": ""}
    except (duckdb.Error, RuntimeError, ValueError, RecursionError) as error:
        return {**found, "problem": "sql", "said": str(error)[:600]}
    return {**found, "columns": columns, "rows": shown(rows[:MOST_ROWS], _CELL), "more": len(rows) > MOST_ROWS}


def _table(sheet: Any, kinds: list[str]) -> dict[str, Any]:  # noqa: ANN401 - a Sheet
    return {
        "name": sheet.name,
        "sheet": sheet.original,
        "rows": len(sheet.rows),
        "cut": sheet.cut,
        "columns": [
            {"name": name, "original": original, "type": kind}
            for name, original, kind in zip(sheet.columns, sheet.originals, kinds, strict=False)
        ],
        "first": [[cell if cell is None else cell[:60] for cell in row] for row in sheet.rows[:3]],
    }
