"""The bytes of a CSV file or Excel workbook as sheets of texts with names a query can use."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

SUFFIXES = (".csv", ".tsv", ".tab", ".xlsx", ".xlsm")
MOST_COLUMNS = 500
"""A table with more is described and not queried. Rows are bounded by the memory and the time of the process alone: half a
table has no right sum.
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. `columns` are names for queries, `originals` what the file calls them; an empty cell is None."""

    name: str
    original: str
    columns: tuple[str, ...]
    originals: tuple[str, ...]
    rows: list[list[str | None]]
    cut: int = 0
    """Columns of the file where they are more than `MOST_COLUMNS`; only the first ones are here then."""


def read_sheets(file: str, data: bytes, reserved: Collection[str]) -> list[Sheet]:
    """Every sheet that has a header. `reserved` are words that can't be names. Raises what the libraries raise."""
    taken = {word.lower() for word in reserved}
    sheets = []
    used: set[str] = set()
    for original, rows in _tables(file, data):
        header, above = _header(rows)
        if not header:
            continue
        name = _named(original or re.sub(r"\.\w+\Z", "", file), taken | used, "sheet")
        used.add(name.lower())
        body: list[list[str | None]] = [list(row) for cells in rows if (row := _trimmed(cells))]
        whole = max(len(_trimmed(header)), *(len(row) for row in body), 0)
        width = min(whole, MOST_COLUMNS)
        header += [""] * (width - len(header))
        columns: list[str] = []
        for place, text in enumerate(header[:width], 1):
            columns.append(_named(text, taken | {c.lower() for c in columns}, f"column_{place}"))
        for place, cells_of in enumerate(body):  # in its place: a second list would double the memory
            body[place] = [cell or None for cell in cells_of[:width]] + [None] * (width - len(cells_of))
        full = " ".join(filter(None, [original, *above]))
        cut = whole if whole > MOST_COLUMNS else 0
        sheets.append(Sheet(name, full, tuple(columns), tuple(header[:width]), body, cut))
    return sheets


def _tables(file: str, data: bytes) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """Each table's own name ('' for a CSV file) and rows."""
    if data.startswith(b"PK"):
        from ingest.loaders.sheets import sheet_rows

        yield from sheet_rows(io.BytesIO(data))
        return
    from pathlib import Path

    from ingest.loaders.delimited import delimiter_of, read_rows
    from ingest.loaders.encoding import decode

    text = decode(data)[0]
    yield "", read_rows(text, delimiter_of(text, Path(file)))


def _header(rows: Iterator[list[str]]) -> tuple[list[str], list[str]]:
    """The first row with text in at least two cells (or in its only one), and the titles above it."""
    above: list[str] = []
    for cells in rows:
        filled = [cell.strip() for cell in cells if cell.strip()]
        if not filled:
            continue
        if len(filled) == 1 and len(cells) > 1 and len(above) < 5:
            above.append(filled[0])
            continue
        return [" ".join(cell.split()) for cell in cells], above
    return [], above


def _trimmed(row: Iterable[str]) -> list[str]:
    """The cells without the empty ones at the end."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _named(text: str, taken: Collection[str], otherwise: str) -> str:
    """A name that needs no quotes in SQL: letters of any script, digits, '_'; a number behind it where it is taken."""
    bare = re.sub(r"\W+", "_", text).strip("_")[:60]
    if not bare:
        bare = otherwise
    if bare[0].isdigit():
        bare = f"_{bare}"
    if bare.isascii():
        bare = bare.lower()
    name, n = bare, 1
    while name.lower() in taken:
        n += 1
        name = f"{bare}_{n}"
    return name
