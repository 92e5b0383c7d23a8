"""Excel workbooks: a page for each hundred rows of a sheet, every one with the header row."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from ingest.documents import Parsed
from ingest.loaders.grid import Grid
from ingest.loaders.repair import repair
from ingest.loaders.table_finding import tables
from ingest.loaders.table_pages import table_pages
from ingest.loaders.titles import sensible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.documents import Page

_EMPTY_ROWS = 1000
"""Empty rows in a row after which a sheet is taken to be at its end: formats can reach down to row 1,048,576."""
_COLUMNS = 500


def load_xlsx(path: Path) -> Parsed:
    """Sheets in order, with the values last calculated; chart sheets are left out."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        pages: list[Page] = []
        for sheet in book.worksheets:
            name = repair(sheet.title)
            pages += table_pages(tables(Grid(list(sheet_rows(sheet)))), len(pages) + 1, (name,), name)
        title = sensible(book.properties.title) or path.stem
    finally:
        book.close()
    return Parsed(title, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", tuple(pages))


def sheet_rows(sheet: Any) -> Iterator[list[str]]:  # noqa: ANN401 - a read-only worksheet has no type of its own
    """The rows of a worksheet opened read-only, as texts, without empty ones."""
    empty = 0
    # The stated dimensions are often wrong, and a wrong one would hide rows.
    sheet.reset_dimensions()
    for cells in sheet.iter_rows(max_col=_COLUMNS):
        texts = [shown(cell.value, str(getattr(cell, "number_format", "") or "")) for cell in cells]
        if any(texts):
            empty = 0
            yield texts
        else:
            empty += 1
            if empty >= _EMPTY_ROWS:
                return


def shown(value: object, number_format: str = "") -> str:
    """A cell's value as a person would write it: no time of midnight, no float's tail, percent where it is one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d") if value.time() == dt.time() else value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (int, float)):
        if "%" in number_format:
            return f"{value * 100:.6g}%"
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            value = int(value)
        return f"{value:,}" if isinstance(value, int) and "#,##0" in number_format else _number(value)
    return repair(str(value)).strip()


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.12g}"
