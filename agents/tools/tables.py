"""CSV files and Excel workbooks as tables for SQL: those of the knowledge base and of the allowed folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from agents.tools.folder.allowed import MOST_READ, AllowedFolder
from agents.tools.function import tool
from agents.tools.tabular.asking import Answer, ask
from agents.tools.tabular.sources import SUFFIXES
from agents.tools.tool import Observation, Tool, ToolContext, ToolError, Wording
from ingest.errors import UsageError
from ingest.language import say
from ingest.library import Library

_SHOWN_ROWS = 60
_SHOWN_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class Source:
    """A file with tables: what it is called, and how to get its bytes."""

    name: str
    read: Callable[[], bytes]


def holds_tables(library: Library, kb: str) -> bool:
    """Whether a knowledge base has a document that is a table."""
    try:
        return any(_is_table(document.path) for document in library.documents(kb))
    except UsageError:
        return False


def table_tool(library: Library, folder: AllowedFolder | None = None) -> Tool:
    """`query_table(file, sql)` over the tables in the context's knowledge base and in `folder`."""

    @tool(
        zh=Wording(
            "用 SQL（DuckDB）查询 CSV 或 Excel 表格。省略 sql 列出列名，省略 file 列出文件。",
            {"file": "文件名", "sql": "一条 SELECT 语句"},
        )
    )
    def query_table(context: ToolContext, file: str = "", sql: Annotated[str, "one SELECT"] = "") -> Observation:
        """Query a CSV or Excel file with SQL (DuckDB). Without sql: its columns. Without file: the files."""
        sources = _sources(library, context.kb, folder)
        if not file.strip():
            return _files(sources)
        source = _found(file, sources)
        data = source.read()
        found = ask(source.name, data, sql, seconds=max(context.seconds - 1, 0.5), cancelled=context.cancelled)
        if not found.tables:
            raise ToolError(en=f"'{source.name}' holds no table.", zh=f"“{source.name}” 中没有表格。")
        return _result(found) if sql.strip() else _described(source.name, found)

    return query_table


def _sources(library: Library, kb: str, folder: AllowedFolder | None) -> list[Source]:
    """Documents first, then the folder's files; the same name twice is told apart by its path."""
    paths = [Path(d.path) for d in library.documents(kb) if _is_table(d.path)]
    inside = [e.path for e in folder.entries() if not e.folder and _is_table(e.path)] if folder else []
    named: list[tuple[str, str, Callable[[], bytes]]] = [(p.name, str(p), partial(_bytes, p)) for p in paths]
    named += [(path, path, partial(folder.read, path)) for path in inside if folder]
    short = [name for name, _, _ in named]
    return [Source(name if short.count(name) == 1 else full, read) for name, full, read in named]


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise FileNotFoundError
        if path.stat().st_size > MOST_READ:
            raise ToolError(
                en=f"'{path.name}' is larger than {MOST_READ >> 20} MiB.",
                zh=f"“{path.name}” 超过 {MOST_READ >> 20} MiB。",
            )
        return path.read_bytes()
    except OSError as error:
        raise ToolError(
            en=f"'{path.name}' is no longer where it was added from; read_page shows what the library keeps of it.",
            zh=f"“{path.name}” 已不在原位置；可用 read_page 查看知识库保存的内容。",
        ) from error


def _is_table(path: str) -> bool:
    return path.lower().endswith(SUFFIXES)


def _found(file: str, sources: Sequence[Source]) -> Source:
    """The source meant: by its name, without its folder or ending, or clearly nearest. Raises `ToolError`."""
    from rapidfuzz import fuzz

    for form in (str, _last, _folded):
        matches = [source for source in sources if form(source.name) == form(file.strip())]
        if len(matches) == 1:
            return matches[0]
    scored = sorted(((fuzz.ratio(_folded(file), _folded(s.name)), s) for s in sources), key=lambda pair: -pair[0])
    if scored and scored[0][0] >= 85 and (len(scored) == 1 or scored[0][0] - scored[1][0] >= 8):
        return scored[0][1]
    near = ", ".join(f"'{source.name}'" for score, source in scored[:3] if score >= 30)
    raise ToolError(
        say(f"There is no table file '{file}'. ", f"没有表格文件 “{file}”。")
        + (
            say(f"Nearest: {near}.", f"最接近的是：{near}。")
            if near
            else say("Leave file out to see which there are.", "省略 file 可列出全部。")
        )
    )


def _last(name: str) -> str:
    return re.split(r"[\\/]", name)[-1].casefold()


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", re.sub(r"\.\w+\Z", "", _last(name)))


def _files(sources: Sequence[Source]) -> Observation:
    names = [source.name for source in sources]
    if not names:
        return Observation(text=say("There are no CSV or Excel files.", "没有 CSV 或 Excel 文件。"), data=[])
    listed = "\n".join(f"- {name}" for name in names[:100])
    more = say(f"\n… and {len(names) - 100} more", f"\n……另有 {len(names) - 100} 个") if len(names) > 100 else ""
    return Observation(text=listed + more, data=names[:100])


def _described(file: str, found: Answer) -> Observation:
    """Tables with columns, types and first rows."""
    parts = []
    for table in found.tables[:20]:
        title = f" ({table['sheet']})" if table["sheet"] and table["sheet"] != table["name"] else ""
        head = say(
            f"Table {table['name']}{title}: {table['rows']:,} rows", f"表 {table['name']}{title}：{table['rows']:,} 行"
        )
        if table["cut"]:
            head += say(
                f", {table['cut']:,} columns: too many to be queried", f"，{table['cut']:,} 列：列数过多，不能查询"
            )
        columns = ", ".join(_column(column) for column in table["columns"][:_SHOWN_COLUMNS])
        if len(table["columns"]) > _SHOWN_COLUMNS:
            columns += ", …"
        names = [column["name"] for column in table["columns"]]
        parts.append(f"{head}\n{say('Columns', '列')}: {columns}\n{_grid(names, table['first'])}")
    tables = [{key: table[key] for key in ("name", "sheet", "rows", "columns")} for table in found.tables]
    return Observation(text=f"{file}\n\n" + "\n\n".join(parts), data=tables)


def _column(column: dict[str, str]) -> str:
    kind = {"PERCENT": say("number, 12% is 0.12", "数值，12% 存为 0.12")}.get(column["type"], column["type"])
    kind = "DECIMAL" if kind.startswith("DECIMAL") else kind
    named = f" = '{column['original']}'" if column["original"] not in {column["name"], ""} else ""
    return f"{column['name']} {kind}{named}"


def _result(found: Answer) -> Observation:
    text = _grid(found.columns, found.rows[:_SHOWN_ROWS])
    if not found.rows:
        text += say("\n(no rows)", "\n（没有符合的行）")
    hidden = len(found.rows) - _SHOWN_ROWS
    if hidden > 0 or found.more:
        count = f"{len(found.rows)}{'+' if found.more else ''}"
        text += say(
            f"\n[… {_SHOWN_ROWS} of {count} rows shown. Aggregate, or use LIMIT and OFFSET.]",
            f"\n[… 共 {count} 行，显示 {_SHOWN_ROWS} 行。请汇总，或使用 LIMIT 和 OFFSET。]",
        )
    return Observation(
        text=text,
        data={"columns": found.columns, "rows": found.rows, "more": found.more},
        truncated=hidden > 0 or found.more,
    )


def _grid(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """One line a row, cells parted by ' | '."""
    lines = [" | ".join(columns)]
    lines += [" | ".join("" if cell is None else " ".join(str(cell).split()) for cell in row) for row in rows]
    return "\n".join(lines)
