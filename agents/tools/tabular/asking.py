"""The parent's side: one process for one question, ended in time."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from dataclasses import dataclass, field
from typing import Any

from agents.tools.tabular.sources import MOST_COLUMNS
from agents.tools.tool import ToolError
from ingest.apart.processes import interpreter, output, started
from ingest.apart.threads import Cancelled, Clock, OutOfTime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a file holds, and what a query on it gave."""

    tables: list[dict[str, Any]]
    """Of each: name, sheet, rows, cut, columns (name, original, type), first (rows)."""
    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    more: bool = False
    """True when there are more rows than were given."""


def ask(file: str, data: bytes, sql: str, *, seconds: float, cancelled: threading.Event) -> Answer:
    """The tables in `data`, a file named `file`, and the result of `sql` on them ('' for none).

    Raises `ToolError` for a file that can't be read, SQL that is wrong or more than one SELECT, too much memory or time.
    """
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "SYSTEMROOT", "LANG", "TMPDIR"}}
    with tempfile.TemporaryFile() as request:
        request.write(json.dumps({"file": file, "sql": sql}).encode() + b"\n")
        request.write(data)
        request.seek(0)
        process = started(
            interpreter("from agents.tools.tabular.worker import main; main()"),
            {**kept, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
            stdin=request,
        )
    try:
        said = output(process, Clock.lasting(seconds, cancelled))
    except (Cancelled, OutOfTime):
        raise ToolError(
            en=f"The query took longer than {seconds:g} seconds and was stopped. Select less.",
            zh=f"查询超过 {seconds:g} 秒，已停止。请缩小查询范围。",
        ) from None
    try:
        found = json.loads(said)
    except ValueError as error:  # it was killed, or memory ran out where Python could not say so
        raise _too_much() from error
    return _checked(found)


def _checked(found: dict[str, Any]) -> Answer:
    tables = found.get("tables", [])
    said = found.get("said", "")
    match found.get("problem"):
        case None:
            return Answer(tables, found.get("columns", []), found.get("rows", []), found.get("more", False))
        case "memory":
            raise _too_much()
        case "file":
            raise ToolError(en=f"The file can't be read as a table: {said}", zh=f"无法作为表格读取该文件：{said}")
        case "refused":
            raise ToolError(
                en=f"Only one SELECT is run here, not {said}. Nothing can be changed, loaded or written.",
                zh=f"此处只执行一条 SELECT 语句，而不是 {said}。不能修改、加载或写入任何内容。",
            )
    wide = ", ".join(f"{t['name']} ({t['cut']:,})" for t in tables if t["cut"])
    if wide:
        raise ToolError(
            en=f"{said}\nA table of more than {MOST_COLUMNS} columns can't be queried: {wide}. Make a file with fewer.",
            zh=f"{said}\n超过 {MOST_COLUMNS} 列的表不能查询：{wide}。请另存为列数较少的文件。",
        )
    names = "; ".join(f"{t['name']}({', '.join(c['name'] for c in t['columns'][:40])})" for t in tables[:10])
    raise ToolError(
        en=f"{said}\nTables: {names}. The SQL is DuckDB's.", zh=f"{said}\n可用的表：{names}。请使用 DuckDB 的 SQL。"
    )


def _too_much() -> ToolError:
    return ToolError(
        en="It takes more memory than is allowed. Select less, or a smaller file.",
        zh="超出允许的内存。请缩小查询范围或使用较小的文件。",
    )
