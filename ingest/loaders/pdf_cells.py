"""Tables whose cells are wrapped and drawn one after the other: each row becomes one line, as it is read across."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise

from ingest.language import is_cjk
from ingest.loaders.pdf_columns import Piece, Row
from ingest.loaders.pdf_tables import Fonts, aligned
from ingest.loaders.pdf_words import Box

_FEWEST = 3
"""Rows that a table has at least."""
_LINES = 6
"""Lines of a cell up to which it is one, and no column of prose."""
_LEADING = 0.8
"""Space between two lines of a cell at most, in heights of a line."""
_APART = 3.0
"""Space between two rows at most, in the same measure."""
_GUTTER = 3.0
"""Space between two cells from which the right edge of the second alone tells its column: in justified prose it is less."""
_SAME = 3.0
"""Points by which the edges of the lines of a cell and of the cells of a column may differ."""

Cell = list[Piece]


def in_cells(lines: Sequence[Row], fonts: Fonts) -> list[Row]:
    """The lines as they were drawn, with those of each such table put together, a line for each of its rows, or one for a
    table whose columns are named."""
    row_of: dict[int, Row] = {}
    for table in _tables(_rows(_cells([piece for line in lines for piece in line.pieces]))):
        if drawn := aligned(table, fonts):
            whole = Row([Piece(drawn.text, drawn.box, table=drawn)])
            row_of |= {id(piece): whole for row in table for cell in row for piece in cell}
        elif 2 * sum(any(len(cell) > 1 for cell in row) for row in table) >= len(table):
            for row in table:
                whole = Row([_joined(cell) for cell in row], apart=True)
                row_of |= {id(piece): whole for cell in row for piece in cell}
    if not row_of:
        return list(lines)
    found: list[Row] = []
    for line in lines:
        for inside, pieces in groupby(line.pieces, key=lambda piece: row_of.get(id(piece))):
            if inside is None:
                found.append(Row(list(pieces)))
            elif not found or found[-1] is not inside:
                found.append(inside)
    return found


def _cells(pieces: Sequence[Piece]) -> list[Cell]:
    """Pieces that stand right below one another, at one edge or with one middle."""
    cells: list[Cell] = []
    for n, piece in enumerate(pieces):
        above = pieces[n - 1]
        more = cells and _below(above.box, piece.box) and not _rows_apart(pieces, n)
        if more and not above.text.endswith((":", "\uff1a")):
            cells[-1].append(piece)
        else:
            cells.append([piece])
    return cells


def _rows_apart(pieces: Sequence[Piece], n: int) -> bool:
    """Whether a row begins with this piece and the one before it stands alone in its own: what else is in that, in another
    type say, was drawn elsewhere."""
    above, piece, *after = ([one] for one in pieces[n - 1 : n + 2])
    begins = any(_level(piece, one) and not _level(above, one) for one in after)
    return begins and any(
        _level(above, [one]) and not _level(piece, [one]) and _right(above) <= one.box.left for one in pieces
    )


def _rows(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Cells that follow one another to the right at one height."""
    rows: list[list[Cell]] = []
    for cell in cells:
        if rows and _left(cell) >= _right(rows[-1][-1]) and all(_level(other, cell) for other in rows[-1]):
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return rows


def _tables(rows: Sequence[list[Cell]]) -> Iterator[list[list[Cell]]]:
    """Rows below one another with two columns and more in common."""
    table: list[list[Cell]] = []
    for row in [*rows, []]:
        named = len(row) == 2 and sum(map(str.isalpha, row[0][0].text)) > 2  # more than the number of an item
        fits = (
            len(row) > 1
            and not any(piece.table for cell in row for piece in cell)
            and max(map(len, row)) <= _LINES
            and (len(row) > 2 or named)
        )
        if table and not (fits and _goes_on(table[-1], row)):
            yield from [table] if len(table) >= _FEWEST else []
            table = []
        if fits:
            table.append(row)


def _goes_on(above: Sequence[Cell], row: Sequence[Cell]) -> bool:
    lefts, rights = ([edge(cell) for cell in above] for edge in (_left, _right))
    near: Callable[[float, list[float]], bool] = lambda x, edges: any(abs(x - edge) < _SAME for edge in edges)  # noqa: E731
    height = row[0][0].box.height
    aligned = any(
        near(_left(cell), lefts) or (near(_right(cell), rights) and _left(cell) - _right(before) > _GUTTER * height)
        for before, cell in pairwise(row)
    )
    space = min(_bottom(cell) for cell in above) - max(cell[0].box.top for cell in row)
    return aligned and near(_left(row[0]), lefts) and -0.5 < space / height < _APART


def _below(a: Box, b: Box) -> bool:
    edges = a.left - b.left, a.right - b.right, (a.left + a.right - b.left - b.right) / 2
    like = abs(a.height - b.height) < 0.15 * a.height and min(map(abs, edges)) < _SAME
    return like and -0.3 * a.height < a.bottom - b.top < _LEADING * a.height


def _level(a: Cell, b: Cell) -> bool:
    return _bottom(a) < b[0].box.top and _bottom(b) < a[0].box.top


def _left(cell: Cell) -> float:
    return min(piece.box.left for piece in cell)


def _right(cell: Cell) -> float:
    return max(piece.box.right for piece in cell)


def _bottom(cell: Cell) -> float:
    return cell[-1].box.bottom


def _joined(cell: Cell) -> Piece:
    """The lines of a cell as one, a blank between words and none between CJK characters."""
    text = cell[0].text
    for piece in cell[1:]:
        text += ("" if is_cjk(text[-1:]) and is_cjk(piece.text[:1]) else " ") + piece.text
    return Piece(text, Box(_left(cell), _bottom(cell), _right(cell), cell[0].box.top))
