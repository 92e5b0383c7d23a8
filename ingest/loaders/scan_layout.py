"""From recognised lines with their places to the lines, columns and tables of a page, in reading order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from statistics import median

from ingest.documents import Block, PlacedLine
from ingest.language import is_cjk
from ingest.loaders.grid import Grid, Span
from ingest.loaders.layout import Composer
from ingest.loaders.pdf_columns import GAP, Piece, beside, in_columns
from ingest.loaders.pdf_page import Leaf, Line
from ingest.loaders.pdf_tables import by_cell, flowing
from ingest.loaders.pdf_words import Box
from ingest.loaders.repair import repair
from ingest.loaders.table_pages import add_tables
from ingest.recognition import Frame, Recognised, TextLine

_STROKES = set(" 一_-—–|丨.·")
_GUTTER = 0.5
"""Width of a gap between columns of a table without rules, in heights of a line."""
_FAR = 3.5
"""Distance from one row to the next, in heights of a line, beyond which a table without rules has ended."""
_FILLED = 0.5
"""Share of places with text from which rows that leave the same gaps free are a table."""
_ACROSS = 0.1
"""Share of rows that may run over a gap between columns, as a heading within a table does."""


def leaf_of(found: Recognised, height: float = 842.0) -> Leaf:
    """The page as lines and tables, `height` points high (that of A4 where the paper is not known)."""
    if found.markdown:
        return _written(found.markdown, height)
    if not set("".join(line.text for line in found.lines)) - _STROKES:
        return Leaf((), height)  # the edges of a picture
    scale = height / found.height if found.height else 1.0
    pieces = [_Placed(line, found.height, scale) for line in found.lines]
    in_frame: list[list[_Placed]] = [[] for _ in found.frames]
    free: list[_Placed] = []
    for piece in pieces:
        at = next((n for n, frame in enumerate(found.frames) if _holds(frame, piece.line)), None)
        (free if at is None else in_frame[at]).append(piece)
    parts: list[tuple[float, list[Line], list[_Placed]]] = []
    for frame, inside in zip(found.frames, in_frame, strict=True):
        cells = by_cell(frame, [((piece.line.box[0] + piece.line.box[2]) / 2, piece.middle, piece) for piece in inside])
        if len(cells) > 1:
            lines = _table_lines(_ruled(frame, cells))
            parts.append(
                (frame.rows[0], lines, [piece for cell in sorted(cells) for row in _rows(cells[cell]) for piece in row])
            )
        else:
            free += inside
    parts += _free_parts(free, [top for top, _, _ in parts])
    parts.sort(key=lambda part: part[0])
    lines = [line for _, part, _ in parts for line in part]
    places = [piece.place for _, _, part in parts for piece in part]
    return replace(Leaf(tuple(lines), height), places=tuple(places))


def _written(markdown: str, height: float) -> Leaf:
    """The page as a server has written it: what it says of places is its order."""
    from ingest.loaders.markdown import blocks_of, without_html

    text = without_html(repair(markdown, entities=False)).strip()
    return Leaf((_finished(text, blocks_of(text)),) if text else (), height)


class _Placed:
    """A recognised line as a piece of a page whose y grows upwards, in points."""

    def __init__(self, line: TextLine, height: float, scale: float) -> None:
        left, top, right, bottom = (n * scale for n in line.box)
        self.line = line
        self.text = " ".join(repair(line.text, entities=False).split())
        self.top = line.box[1]
        self.middle = (line.box[1] + line.box[3]) / 2
        self.height = line.box[3] - line.box[1]
        self.box = Box(left, height * scale - bottom, right, height * scale - top)

    @property
    def place(self) -> PlacedLine:
        return PlacedLine(self.text, self.line.corners)


def _free_parts(pieces: list[_Placed], tops: Sequence[float]) -> Iterator[tuple[float, list[Line], list[_Placed]]]:
    """What stands outside ruled tables: in parts above, between and below them, each with columns of its own."""
    key = lambda piece: sum(piece.middle > top for top in tops)  # noqa: E731
    for _, group in groupby(sorted(pieces, key=key), key=key):
        yield from _parts(list(group))


def _parts(pieces: list[_Placed]) -> Iterator[tuple[float, list[Line], list[_Placed]]]:
    rows = _rows(pieces)
    owner: dict[int, _Placed] = {}
    lined: list[list[Piece]] = []
    for row in rows:
        # On one baseline and of one height: places of recognised pieces tremble.
        bottom, height = median(p.box.bottom for p in row), median(p.box.height for p in row)
        lined.append([Piece(p.text, Box(p.box.left, bottom, p.box.right, bottom + height)) for p in row])
        owner.update({id(piece): placed for piece, placed in zip(lined[-1], row, strict=True)})
    gaps = [(a.box.right, b.box.left) for row in lined for a, b in pairwise(row) if beside(a, b)]
    columns = in_columns([piece for row in lined for piece in row], gaps)
    if columns is not None:
        placed = [owner[id(piece)] for row in columns for piece in row.pieces]
        yield (
            min(piece.top for piece in placed),
            [Line(_joined(row.pieces), _around(row.pieces)) for row in columns],
            placed,
        )
        return
    at = 0
    while at < len(lined):
        end, cuts = _aligned(lined, at)
        part = lined[at : end or at + 1]
        placed = [owner[id(piece)] for row in part for piece in row]
        lines = (
            _table_lines(Grid([_in_columns(row, cuts) for row in part]))
            if end
            else [Line(_joined(part[0]), _around(part[0]), tuple(p.text for p in part[0]) if len(part[0]) > 1 else ())]
        )
        yield min(piece.top for piece in placed), lines, placed
        at += len(part)


def _rows(pieces: Iterable[_Placed]) -> list[list[_Placed]]:
    """Pieces at one height, from left to right, the rows from top to bottom."""
    rows: list[list[_Placed]] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        known = rows[-1] if rows else []
        if known and piece.middle - median(p.middle for p in known) < 0.5 * min(piece.height, known[-1].height):
            known.append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.line.box[0]) for row in rows]


def _aligned(rows: Sequence[list[Piece]], start: int) -> tuple[int, list[float]]:
    """The row after the table without rules that begins at `start`, 0 where none does, and where its columns part."""
    if len(rows[start]) < 2:
        return 0, []
    end = start + 1
    while end < len(rows):
        above, row = rows[end - 1][0].box, rows[end][0].box
        if above.bottom - row.top > _FAR * row.height:
            break
        if len(rows[end]) < 2 and (end + 1 == len(rows) or len(rows[end + 1]) < 2):
            break
        end += 1
    part = rows[start:end]
    cuts = _gutters(part)
    cells = [_in_columns(row, cuts) for row in part]
    filled = sum(bool(text) for row in cells for text in row)
    enough = len(part) >= 3 or (len(part) == 2 and len(cuts) >= 2)
    if not enough or not cuts or filled < _FILLED * len(part) * (len(cuts) + 1):
        return 0, []
    return end, cuts


def _gutters(rows: Sequence[list[Piece]]) -> list[float]:
    """Where hardly any row has text, between places where many have."""
    height = median(row[0].box.height for row in rows)
    edges = sorted({x for row in rows for piece in row for x in (piece.box.left, piece.box.right)})
    most = int(_ACROSS * len(rows))
    found: list[tuple[float, float]] = []
    for a, b in pairwise(edges):
        middle = (a + b) / 2
        over = sum(any(piece.box.left < middle < piece.box.right for piece in row) for row in rows)
        if over <= most:
            if found and found[-1][1] == a:
                found[-1] = found[-1][0], b
            else:
                found.append((a, b))
    return [(a + b) / 2 for a, b in found if b - a >= _GUTTER * height]


def _in_columns(row: Sequence[Piece], cuts: Sequence[float]) -> list[str]:
    cells = [""] * (len(cuts) + 1)
    for piece in row:
        at = sum((piece.box.left + piece.box.right) / 2 > x for x in cuts)
        if piece.box.right - piece.box.left > 0 and any(piece.box.left < x < piece.box.right for x in cuts):
            at = sum(piece.box.left > x for x in cuts)
        cells[at] = f"{cells[at]} {piece.text}".strip()
    return cells


def _holds(frame: Frame, line: TextLine) -> bool:
    x, y = (line.box[0] + line.box[2]) / 2, (line.box[1] + line.box[3]) / 2
    return frame.columns[0] < x < frame.columns[-1] and frame.rows[0] < y < frame.rows[-1]


def _ruled(frame: Frame, cells: dict[tuple[int, int, int, int], list[_Placed]]) -> Grid:
    rows = [[""] * (len(frame.columns) - 1) for _ in frame.rows[1:]]
    for (first, left, _, _), pieces in cells.items():
        rows[first][left] = flowing([" ".join(piece.text for piece in row) for row in _rows(pieces)])
    spans = [Span(*cell) for cell in frame.cells if cell[2] > cell[0] or cell[3] > cell[1]]
    return Grid(rows, tuple(spans))


def _table_lines(grid: Grid) -> list[Line]:
    page = Composer()
    add_tables(page, grid)
    return [_finished(page.text, page.blocks)]


def _finished(text: str, blocks: Iterable[Block]) -> Line:
    return Line(text, blocks=tuple((block.kind, text[block.start : block.end], block.level) for block in blocks))


def _joined(pieces: Sequence[Piece]) -> str:
    """The pieces of a line; what the recogniser has parted without a gap of a blank's width is put together."""
    text = ""
    before: Piece | None = None
    for piece in pieces:
        near = before is not None and piece.box.left - before.box.right < 0.3 * GAP * piece.box.height
        text += piece.text if not text or (near and is_cjk(text[-1]) and is_cjk(piece.text[:1])) else f" {piece.text}"
        before = piece
    return text


def _around(pieces: Sequence[Piece]) -> Box:
    boxes = [piece.box for piece in pieces]
    return Box(min(b.left for b in boxes), boxes[0].bottom, max(b.right for b in boxes), boxes[0].top)
