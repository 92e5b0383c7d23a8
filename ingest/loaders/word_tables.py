"""Tables of Word as grids with spans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ingest.loaders.grid import Grid, Span
from ingest.loaders.word_styles import W, switched, value
from ingest.loaders.xml_trees import whole

WRAPPERS = frozenset(f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))
"""What may stand around paragraphs, tables, rows and cells."""


def rows_of(table: Any) -> Iterator[Any]:  # noqa: ANN401 - lxml elements are untyped
    """The rows of a `w:tbl`, also inside content controls, without those deleted on record."""
    for row in _children(table, f"{W}tr"):
        if row.find(f"{W}trPr/{W}del") is None:
            yield row


def cells_of(row: Any) -> Iterator[Any]:  # noqa: ANN401
    """The cells of a row, also inside content controls."""
    yield from _children(row, f"{W}tc")


def is_frame(table: Any) -> bool:  # noqa: ANN401
    """Whether a table only places other things: one cell, one row with cells of several lines, or cells with tables in
    them in two rows at most."""
    rows = list(rows_of(table))
    cells = [cell for row in rows for cell in cells_of(row)]
    nested = any(cell.find(f".//{W}tbl") is not None for cell in cells)
    lines = len(rows) == 1 and any(len(list(cell.iter(f"{W}p", f"{W}br"))) > 1 for cell in cells)
    return len(cells) == 1 or lines or (nested and len(rows) <= 2) or (nested and len(cells) == len(rows))


def word_grid(table: Any, read: Callable[[Any], tuple[str, bool]]) -> Grid:  # noqa: ANN401
    """The grid of a `w:tbl`. `read` gives a cell's text and whether all of it is bold.

    Rows that Word repeats on each page name the columns; so do bold ones, unless most are bold.
    """
    rows: list[list[str]] = []
    spans: list[list[int]] = []
    open_below: dict[int, list[int]] = {}  # first column → span that may go on in the next row
    heads: set[int] = set()
    bold: set[int] = set()
    names: set[tuple[int, int]] = set()
    for at, row in enumerate(rows_of(table)):
        texts = [""] * whole(value(row.find(f"{W}trPr"), "gridBefore"), 0)
        going: dict[int, list[int]] = {}
        weights = []
        last: list[int] | None = None
        for cell in cells_of(row):
            properties = cell.find(f"{W}tcPr")
            left, width = len(texts), whole(value(properties, "gridSpan"), 1)
            down, across = _merge(properties, "vMerge"), _merge(properties, "hMerge")
            if down == "continue" and left in open_below:
                span = going[left] = open_below[left]
                span[2] = at
                texts += [""] * width
            elif across == "continue" and last is not None:
                last[3] = left + width - 1
                texts += [""] * width
            else:
                text, heavy = read(cell)
                span = [at, left, at, left + width - 1]
                spans.append(span)
                if heavy:
                    names.add((at, left))
                if down == "restart":
                    going[left] = span
                texts += [text, *[""] * (width - 1)]
                weights += [heavy] if text.strip() else []
            last = span if across != "continue" else last
        open_below = going
        if len(weights) > 1 and all(weights):
            bold.add(at)
        if switched(row.find(f"{W}trPr"), "tblHeader"):
            heads.add(at)
        rows.append(texts)
    kept = (Span(*span) for span in spans if span[2] > span[0] or span[3] > span[1])
    return Grid(
        rows, tuple(kept), frozenset(heads), frozenset(bold if len(bold) * 2 <= len(rows) else ()), frozenset(names)
    )


def _children(parent: Any, wanted: str) -> Iterator[Any]:  # noqa: ANN401
    for child in parent:
        if child.tag == wanted:
            yield child
        elif child.tag in WRAPPERS:
            yield from _children(child, wanted)


def _merge(properties: Any, name: str) -> str:  # noqa: ANN401
    """'restart', 'continue', or '' for a cell of its own."""
    found = value(properties, name)
    return "" if found is None else found or "continue"
