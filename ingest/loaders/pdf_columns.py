"""Reading order where a PDF was drawn straight across its columns.

A page set in columns is drawn column by column as a rule, and PDFium's order is right. Where one line after the other
jumps across the same gutter, from prose to prose, the order is made anew: each column from top to bottom, or, where
all begin anew at the same height time and again, the rows of a table whose cells are wrapped, a line each.
Rows of a table proper, with short cells, stay rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from ingest.language import columns as width_of
from ingest.language import is_cjk
from ingest.loaders.grid import Grid
from ingest.loaders.pdf_words import Box

GAP = 1.0
"""Width, in heights of the line, from which a gap between two words may be a gutter."""
WIDE = 6.0
"""Width of a piece of prose, in heights of its line: ten Latin letters or five Chinese ones."""
FEWEST = 3
"""Lines that a column has at least."""
_FULL = 0.72
"""Share of the column's width that a line of prose fills."""
_PARAGRAPH = 1.25
"""Distance of two lines, in the usual distance, from which a new paragraph or row begins."""
_APART = 3.0
"""Distance, in the same measure, from which what follows belongs to another part of the page."""
_CELL_LINES = 4
_STOPS = tuple(".。!\uff01?\uff1f:\uff1a;\uff1b”」)")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that follow each other on one line without a wide gap."""

    text: str
    box: Box
    at: int = -1
    """Offset of its first character in PDFium's text of the page, -1 where that is not known."""
    table: Drawn | None = None
    """A whole table; `text` is what it says."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A table and its place; `columns`: x of the edges between which its columns stand."""

    grid: Grid
    box: Box
    columns: tuple[float, ...]

    @property
    def text(self) -> str:
        """What it says, on one line."""
        return " ".join(text for cells in self.grid.rows for text in cells if text)


@dataclass(slots=True)
class Row:
    """A line of the page; `apart`: it goes on with none and in none, as the row of a table."""

    pieces: list[Piece]
    apart: bool = False


def beside(a: Piece, b: Piece) -> bool:
    """True for two pieces of one line that are both wide enough to be prose."""
    return all(piece.box.right - piece.box.left > WIDE * piece.box.height for piece in (a, b))


def in_columns(pieces: Sequence[Piece], gaps: Sequence[tuple[float, float]]) -> list[Row] | None:
    """The lines of the page in reading order; None where it has no columns of prose.

    `gaps`: left and right edge of the space between pieces that were drawn after each other on one line.
    """
    gutters = gutters_of(gaps)
    if not gutters:
        return None
    rows = in_rows(pieces)
    step = median([a[0].box.bottom - b[0].box.bottom for a, b in pairwise(rows)] or [0.0])
    lines: list[Row] = []
    changed = False
    for block in _blocks(rows, gutters, step):
        order = _order(block, gutters) if len(block) >= FEWEST else None
        changed |= order is not None
        lines += order or map(Row, block)
    return lines if changed else None


def gutters_of(gaps: Sequence[tuple[float, float]]) -> list[float]:
    """Places that at least `FEWEST` of the gaps have in common, from left to right."""
    left, found = list(gaps), []
    while len(left) >= FEWEST:
        at, count = max(((start, sum(a <= start < b for a, b in left)) for start, _ in left), key=lambda pair: pair[1])
        if count < FEWEST:
            break
        common = [(a, b) for a, b in left if a <= at < b]
        found.append((max(a for a, _ in common) + min(b for _, b in common)) / 2)
        left = [pair for pair in left if pair not in common]
    return sorted(found)


def in_rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces on one baseline, from left to right, the rows from top to bottom."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: -piece.box.bottom):
        if rows and rows[-1][0].box.bottom - piece.box.bottom < 0.3 * piece.box.height:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.box.left) for row in rows]


def _blocks(rows: Sequence[list[Piece]], gutters: Sequence[float], step: float) -> list[list[list[Piece]]]:
    """Runs of rows that leave the gutters free, and between them rows that don't, each alone."""
    blocks: list[list[list[Piece]]] = []
    open_ = False
    above: list[Piece] | None = None
    for row in rows:
        free = not any(piece.box.left < x < piece.box.right for piece in row for x in gutters)
        near = above is not None and above[0].box.bottom - row[0].box.bottom <= _APART * max(step, row[0].box.height)
        if free and open_ and near:
            blocks[-1].append(row)
        else:
            blocks.append([row])
        open_, above = free, row
    return blocks


def _order(block: Sequence[list[Piece]], gutters: Sequence[float]) -> list[Row] | None:
    """The block's lines column by column or cell by cell; None where it is no prose in columns."""
    column: Callable[[Piece], int] = lambda piece: sum(piece.box.left > x for x in gutters)  # noqa: E731
    lines = [[list(group) for _, group in groupby(row, key=column)] for row in block]
    by_column: dict[int, list[list[Piece]]] = {}
    for row in lines:
        for group in row:
            by_column.setdefault(column(group[0]), []).append(group)
    kept = [by_column[n] for n in sorted(by_column)]
    if len(kept) < 2 or not all(is_prose(pieces) for pieces in kept):
        return None
    cut = bands(block)
    if _is_table(cut, column, len(kept)):
        return [
            Row([piece for n in sorted(by_column) for row in band for piece in row if column(piece) == n])
            for band in cut
        ]
    return [Row(line) for pieces in kept for line in pieces]


def is_prose(lines: Sequence[Sequence[Piece]]) -> bool:
    """True for lines that run on: most fill the column, and most break a sentence."""
    if len(lines) < FEWEST:
        return False
    left = min(line[0].box.left for line in lines)
    widths = [line[-1].box.right - left for line in lines]
    texts = [" ".join(piece.text for piece in line) for line in lines]
    full = sum(width > _FULL * max(widths) for width in widths) / len(lines)
    broken = [
        not first.endswith(_STOPS) and (second[:1].islower() or is_cjk(second[:1])) for first, second in pairwise(texts)
    ]
    return full >= 0.5 and sum(broken) >= 0.3 * len(broken) and sum(map(width_of, texts)) >= 14 * len(lines)


def bands(block: Sequence[list[Piece]]) -> list[list[list[Piece]]]:
    """The block cut where all columns together make a larger step down."""
    steps = [a[0].box.bottom - b[0].box.bottom for a, b in pairwise(block)]
    usual = sorted(steps)[len(steps) // 4]
    found = [[block[0]]]
    for step, row in zip(steps, block[1:], strict=True):
        if step > _PARAGRAPH * usual:
            found.append([])
        found[-1].append(row)
    return found


def _is_table(bands: Sequence[Sequence[list[Piece]]], column: Callable[[Piece], int], count: int) -> bool:
    """True for rows of wrapped cells: several, low, and each with something in every column in its first line."""
    begun = sum(len({column(piece) for piece in band[0]}) == count for band in bands)
    lines = sum(map(len, bands)) / len(bands)
    return len(bands) >= FEWEST and lines <= _CELL_LINES and begun >= 0.8 * len(bands)
