"""Tables that a PDF draws with rules: where the rules run, and what stands in their cells."""

from __future__ import annotations

import ctypes
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from ingest.language import is_cjk
from ingest.loaders.grid import Grid, Span
from ingest.loaders.header_rows import is_figure
from ingest.loaders.pdf_columns import Drawn, Piece, Row, in_rows, is_prose
from ingest.loaders.pdf_strokes import MOST
from ingest.loaders.pdf_words import HYPHENS, Box, Flags, Indices, Numbers, clean
from ingest.loaders.table_finding import Table, tables
from ingest.recognition import Frame
from ingest.recognition.rules import frame_of

Held = TypeVar("Held")
Fonts = Callable[[int], str]
"""The name of the font at an offset of the page's text, '' where there is none."""
_SAME = 3.0
"""Points by which the strokes of one rule may differ, and from one stroke to the next that goes on with it."""
_FINE = 2
"""Places of a mask to a point."""
_LINES = 12
"""Lines of a cell above which it is a part of the page and no cell."""
_FILLED = 0.25
"""Share of the cells that hold text in a table; in a drawing it is less."""


def framed(rows: Sequence[Row], strokes: Sequence[Box], marks: list[Piece], fonts: Fonts) -> list[Row]:
    """The lines with each table that strokes draw as one of them, where the first of what it holds stands. `marks` in its
    cells are taken out of the list."""
    found = list(rows)
    for frame in _frames(strokes):
        inside = [piece for row in found for piece in row.pieces if _within(frame, piece.box)]
        held = [mark for mark in marks if _within(frame, mark.box)]
        if not inside or not (table := _ruled(frame, [*inside, *held], fonts)):
            continue
        marks[:] = [mark for mark in marks if mark not in held]
        gone = set(map(id, inside))
        at = next(n for n, row in enumerate(found) if id(inside[0]) in map(id, row.pieces))
        left = [replace(row, pieces=[piece for piece in row.pieces if id(piece) not in gone]) for row in found]
        left.insert(at, Row([Piece(table.text, table.box, table=table)]))
        found = [row for row in left if row.pieces]
    return found


def _frames(strokes: Sequence[Box]) -> list[Frame]:
    """The tables that strokes draw, with two and more rows and columns, the smallest first; y is that of the page, negative."""
    boxes = np.array(strokes, np.float32).reshape(-1, 4)
    found = [frame for part in _touching(boxes) if (frame := _frame(boxes[part])) is not None]
    return sorted(found, key=lambda frame: (frame.columns[-1] - frame.columns[0]) * (frame.rows[-1] - frame.rows[0]))


def _touching(boxes: Numbers) -> Iterator[Indices]:
    """Strokes that meet one another."""
    left, bottom, right, top = boxes.T
    rest: Flags = np.ones(len(boxes), bool)
    for n in range(len(boxes)):
        if not rest[n]:
            continue
        rest[n] = False
        part, at = [n], 0
        while at < len(part):
            a, b, c, d = boxes[part[at]] + np.array([-_SAME, -_SAME, _SAME, _SAME], np.float32)
            met = np.flatnonzero(rest & (left <= c) & (right >= a) & (bottom <= d) & (top >= b))
            rest[met] = False
            part += met.tolist()
            at += 1
        yield np.array(part)


def _frame(boxes: Numbers) -> Frame | None:
    left, top = float(boxes[:, 0].min()), float(boxes[:, 3].max())
    # Left, upper, right and lower edge in places of the masks.
    edges = np.round(np.abs(boxes[:, [0, 3, 2, 1]] - np.array([left, top, left, top])) * _FINE).astype(int)
    flat = edges[:, 2] - edges[:, 0] > edges[:, 3] - edges[:, 1]
    columns, rows = _places(edges[~flat][:, ::2], edges[:, 2].max()), _places(edges[flat][:, 1::2], edges[:, 3].max())
    if min(len(columns), len(rows)) < 3 or len(columns) * len(rows) > MOST:
        return None
    masks = np.zeros((2, rows[-1] + _FINE, columns[-1] + _FINE), bool)
    for (x, y, right, lower), level in zip(edges.tolist(), flat.tolist(), strict=True):
        masks[0 if level else 1, y : lower + 1, x : right + 1] = True
    frame = frame_of(masks[0], masks[1], (rows, columns), int(_SAME * _FINE / 1.5), (0, 0))
    return Frame(
        tuple(left + x / _FINE for x in frame.columns), tuple(y / _FINE - top for y in frame.rows), frame.cells
    )


def _places(sides: Indices, extent: int) -> list[int]:
    """Where rules stand, the edges of the table among them, strokes side by side taken for one."""
    found: list[list[int]] = []
    for place in sorted([0, extent, *sides.mean(1).astype(int).tolist()]):
        if found and place - found[-1][0] <= _SAME * _FINE:
            found[-1].append(place)
        else:
            found.append([place])
    return [places[len(places) // 2] for places in found]


def _ruled(frame: Frame, pieces: Sequence[Piece], fonts: Fonts) -> Drawn | None:
    """The table of a frame from the pieces within it; None for a drawing and for parts of a page with lines around."""
    frame = _parted(frame, pieces)
    held = by_cell(frame, [((p.box.left + p.box.right) / 2, -_middle(p.box), p) for p in pieces])
    lines = {cell: in_rows(inside) for cell, inside in held.items()}
    cells: list[list[list[Piece]]] = [[[] for _ in frame.columns[1:]] for _ in frame.rows[1:]]
    for (first, left, _, _), cell_lines in lines.items():
        cells[first][left] = [
            Piece(" ".join(piece.text for piece in line), line[0].box, line[0].at) for line in cell_lines
        ]
    wide = any(sum(len(line) > 1 for line in cell) > 1 for cell in lines.values())  # it holds columns itself
    long = sum(len(cell) for cell in lines.values() if len(cell) > _LINES)
    filled = [any(row) for row in cells].count(True), [any(column) for column in zip(*cells, strict=True)].count(True)
    if wide or min(filled) < 2 or len(held) < _FILLED * len(frame.cells) or 2 * long > sum(map(len, lines.values())):
        return None
    spans = tuple(Span(*cell) for cell in frame.cells if cell[2] > cell[0] or cell[3] > cell[1])
    box = Box(frame.columns[0], -frame.rows[-1], frame.columns[-1], -frame.rows[0])
    return Drawn(_grid(cells, spans, fonts), box, frame.columns)


def by_cell(frame: Frame, placed: Iterable[tuple[float, float, Held]]) -> dict[tuple[int, int, int, int], list[Held]]:
    """What stands in each cell that holds anything; `placed`: x, y and the thing."""
    owner = {
        (row, column): (first, left, last, right)
        for first, left, last, right in frame.cells
        for row in range(first, last + 1)
        for column in range(left, right + 1)
    }
    held: dict[tuple[int, int, int, int], list[Held]] = {}
    for x, y, thing in placed:
        if cell := owner.get((bisect(frame.rows, y) - 1, bisect(frame.columns, x) - 1)):
            held.setdefault(cell, []).append(thing)
    return held


def _parted(frame: Frame, pieces: Sequence[Piece]) -> Frame:
    """The frame with a row for each line where no rule stands between rows: they are drawn one after the other, each from
    the first column on, and not cell by cell."""
    rows, first = [frame.rows[0]], []
    for at, (upper, lower) in enumerate(pairwise(frame.rows)):
        lines = in_rows([piece for piece in pieces if upper < -_middle(piece.box) < lower])
        apart = any(len(line) > 1 for line in lines) and all(line[0].box.left < frame.columns[1] for line in lines)
        apart &= all(cell[0] == cell[2] for cell in frame.cells if cell[0] <= at <= cell[2])
        apart &= not any(
            is_prose([held for line in lines if (held := [p for p in line if left < p.box.left < right])])
            for left, right in pairwise(frame.columns)
        )
        apart &= all(max(p.at for p in a) < min(p.at for p in b) for a, b in pairwise(lines))
        first.append(len(rows) - 1)
        rows += [-(a[0].box.bottom + b[0].box.top) / 2 for a, b in pairwise(lines)] if apart else []
        rows.append(lower)
    first.append(len(rows) - 1)
    cells = [
        (n, left, n if a == c else first[c + 1] - 1, right)
        for a, left, c, right in frame.cells
        for n in (range(first[a], first[a + 1]) if a == c else (first[a],))
    ]
    return Frame(frame.columns, tuple(rows), tuple(cells))


def aligned(rows: Sequence[Sequence[Sequence[Piece]]], fonts: Fonts) -> Drawn | None:
    """The table without upright rules that rows of cells make; None where a cell reaches over columns, or where no row
    names them."""
    edges: list[tuple[float, float]] = []
    for left, right in sorted(
        (min(piece.box.left for piece in cell), max(piece.box.right for piece in cell)) for row in rows for cell in row
    ):
        if edges and left <= edges[-1][1]:
            edges[-1] = edges[-1][0], max(right, edges[-1][1])
        else:
            edges.append((left, right))
    cells: list[list[Sequence[Piece]]] = [[[] for _ in edges] for _ in rows]
    for row, places in zip(rows, cells, strict=True):
        for cell in row:
            at = sum(left <= cell[0].box.left for left, _ in edges) - 1
            if places[at]:
                return None
            places[at] = cell
    grid = _grid(cells, (), fonts)
    found = list(tables(grid))
    if len(found) != 1 or found[0].above or not _named(found[0], grid):
        return None
    pieces = [piece for row in rows for cell in row for piece in cell]
    box = Box(edges[0][0], min(p.box.bottom for p in pieces), edges[-1][1], max(p.box.top for p in pieces))
    return Drawn(grid, box, tuple(left for left, _ in edges))


def _named(table: Table, grid: Grid) -> bool:
    """Whether the columns have names beyond doubt: in a type of their own, or words above figures."""
    columns = list(zip(*table.rows, strict=True))
    words = [any(map(str.isalpha, name)) for name in table.header[1:]]
    if (
        not columns
        or not words
        or not all(said or name.isdigit() for said, name in zip(words, table.header[1:], strict=True))
    ):
        return False
    return bool(grid.bold) or (
        all(words) and any(2 * sum(map(is_figure, column)) > len(column) for column in columns[1:])
    )


def _grid(cells: Sequence[Sequence[Sequence[Piece]]], spans: tuple[Span, ...], fonts: Fonts) -> Grid:
    """The texts; rows at the top in a type that no row below is set in, but for its first cell, name the columns."""
    rows = [[clean(flowing([piece.text for piece in cell])) for cell in row] for row in cells]
    types = [[fonts(cell[0].at) if cell and cell[0].at >= 0 else "" for cell in row] for row in cells]
    first = set(types[0]) - {""}
    values = [n > 0 and any(map(is_figure, row)) for n, row in enumerate(rows)]
    depth = next((n for n, row in enumerate(types) if values[n] or set(row) - first - {""}), len(types))
    set_apart = bool(first) and 2 * depth <= len(types) and not any(first & set(row[1:]) for row in types[depth:])
    return Grid(rows, spans, bold=frozenset(range(depth)) if set_apart else frozenset())


def fonts_of(textpage: Any) -> Fonts:  # noqa: ANN401
    """What says the name of the font that the character at an offset is set in."""
    import pypdfium2.raw as pdfium

    def font(at: int) -> str:
        name, flags = ctypes.create_string_buffer(100), ctypes.c_int()
        known = pdfium.FPDFText_GetFontInfo(textpage.raw, at, name, 100, flags)
        # 'ABCDEF+' before it says what of the font is in the file.
        return name.value.decode("latin-1").split("+")[-1] if known else ""

    return font


def continued(above: Drawn | None, table: Drawn) -> Drawn:
    """A table at the top of a page below the names of the columns of the one that the page before ended with, where it
    goes on with that."""
    if above is None or len(above.columns) != len(table.columns) or table.grid.bold:
        return table
    if any(abs(a - b) > _SAME for a, b in zip(above.columns, table.columns, strict=True)):
        return table
    found = list(tables(above.grid))
    names = dict(zip(found[-1].columns, found[-1].header, strict=False)) if found else {}
    row = [names.get(n, "") for n in range(max(map(len, table.grid.rows)))]
    if not any(row) or list(table.grid.rows[0]) == row:
        return table
    spans = tuple(Span(s.top + 1, s.left, s.bottom + 1, s.right) for s in table.grid.spans)
    return replace(table, grid=Grid([row, *table.grid.rows], spans, bold=frozenset({0})))


def _within(frame: Frame, box: Box) -> bool:
    """Whether the middle of a box lies in the frame."""
    x = (box.left + box.right) / 2
    return frame.columns[0] < x < frame.columns[-1] and frame.rows[0] < -_middle(box) < frame.rows[-1]


def _middle(box: Box) -> float:
    return (box.bottom + box.top) / 2


def flowing(lines: Sequence[str]) -> str:
    """Lines of one cell as one: Chinese goes on without a blank, and so does a broken word."""
    text = ""
    for line in lines:
        glued = not text or text[-1] in HYPHENS or (is_cjk(text[-1]) and is_cjk(line[:1]))
        text += line if glued else f" {line}"
    return text
