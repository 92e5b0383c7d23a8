"""Cells that span rows or columns: where they stand, and their text in every place they cover; and rows as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NO_FIGURE = re.compile(r"[^\d.-]")


@dataclass(frozen=True, slots=True)
class Span:
    """A cell over several rows or columns, counted from 0, both ends within it."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as HTML and Word write it: the next free place of its row, over `rows` (0: to the end) × `columns`."""

    text: str
    rows: int = 1
    columns: int = 1
    head: bool = False
    """Whether the file itself says that it names rows or columns."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Texts by row and column, that of a spanning cell in its first place alone. Rows may differ in length."""

    rows: Sequence[Sequence[str]]
    spans: tuple[Span, ...] = ()
    heads: frozenset[int] = frozenset()
    """Rows which the file itself says name the columns: a table begins with each, or with the first of several."""
    bold: frozenset[int] = frozenset()
    """Rows set apart by their type: names of columns where one stands at the top of a table."""
    names: frozenset[tuple[int, int]] = frozenset()
    """Rows and columns of cells that the file itself sets apart as names of something."""


def placed(rows: Iterable[Iterable[Cell]]) -> Grid:
    """The grid of cells that push one another to the right, as a browser lays out a table.

    A row is taken for names of columns when all its cells are heads and it has more than one place.
    """
    laid: list[list[str]] = []
    spans: list[Span] = []
    heads: set[int] = set()
    names: set[tuple[int, int]] = set()
    taken: dict[int, int] = {}  # column → last row that a cell from above covers
    listed = [list(row) for row in rows]
    for at, cells in enumerate(listed):
        row: list[str] = []
        for cell in cells:
            while taken.get(len(row), -1) >= at:
                row.append("")
            left = len(row)
            bottom = min(at + cell.rows, len(listed)) - 1 if cell.rows else len(listed) - 1
            right = left + max(1, cell.columns) - 1
            if bottom > at or right > left:
                spans.append(Span(at, left, bottom, right))
            if cell.head:
                names.add((at, left))
            row += [cell.text, *[""] * (right - left)]
            taken.update(dict.fromkeys(range(left, right + 1), bottom))
        named = [cell for cell in cells if cell.text.strip()]
        if named and len(row) > 1 and all(cell.head for cell in named):
            heads.add(at)
        laid.append(row)
    return Grid(laid, tuple(spans), frozenset(heads), names=frozenset(names))


def carried(grid: Grid) -> list[list[str]]:
    """The rows, equally long, with the text of each spanning cell in every place it covers.

    A cell that is all its row has to say (a title, the name of a group of rows) is not repeated to the right.
    """
    width = max((len(row) for row in grid.rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in grid.rows]
    for span in grid.spans:
        if span.top >= len(rows) or span.left >= width:
            continue
        text = rows[span.top][span.left]
        if not text.strip():
            continue
        right = min(span.right, width - 1)
        for at in range(span.top, min(span.bottom, len(rows) - 1) + 1):
            source = grid.rows[at]
            beside = any(source[n].strip() for n in range(len(source)) if not span.left <= n <= right)
            last = right if beside else span.left
            for column in range(span.left, last + 1):
                # What stands in a covered place is not shown, but a file that holds something there loses nothing.
                if not rows[at][column].strip():
                    rows[at][column] = text
        below = span.bottom + 1
        free = span.top < span.bottom and below < len(rows) and not rows[below][span.left].strip()
        if free and _sums(rows[span.top : below], rows[below]):
            rows[below][span.left] = text  # a group's sum stands below the cell that names the group
    return rows


def _sums(rows: Sequence[Sequence[str]], below: Sequence[str]) -> bool:
    """Whether most figures of the row below are the sums of those in the rows, which may be rounded."""
    found = []
    for n, text in enumerate(below):
        total, *parts = (_number(cells[n]) for cells in (below, *rows))
        if text.strip() and total is not None and None not in parts:
            found.append(abs(sum(filter(None, parts)) - total) < 0.01 * (len(parts) + 1))
    return 2 * sum(found) > len(found)


def _number(text: str) -> float | None:
    try:
        return float(_NO_FIGURE.sub("", text))
    except ValueError:
        return None


def cell(text: str) -> str:
    """One cell: a single line, its bars escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def row(cells: Sequence[str]) -> str:
    """One line of a table."""
    return "| " + " | ".join(map(cell, cells)) + " |"


def table(rows: Sequence[Sequence[str]]) -> str:
    """The rows, the first as header even when it names nothing; short rows are filled up, columns without any text
    and other rows without any left out."""
    rows = [*rows[:1], *(r for r in rows[1:] if any(c.strip() for c in r))]
    width = max((len(r) for r in rows), default=0)
    filled = [[*r, *[""] * (width - len(r))] for r in rows]
    kept = [n for n in range(width) if any(r[n].strip() for r in filled)]
    if not kept:
        return ""
    lines = [row([r[n] for n in kept]) for r in filled]
    return "\n".join([lines[0], "|" + " --- |" * len(kept), *lines[1:]])
