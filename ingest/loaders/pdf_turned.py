"""Lines of a PDF page that run otherwise than across it: sideways or upside down (the page was turned, or a margin, a table's
head is), and Chinese characters set one below the other, as on invoices and forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ingest.language import is_han
from ingest.loaders.pdf_columns import GAP, Piece, Row, beside, in_columns, in_rows
from ingest.loaders.pdf_words import Box, Words, boxes_of, turn_of

_BLANK = 0.2
"""Gap between two characters that is a blank, in heights of the line."""


def upright(box: Box, turn: int) -> Box:
    """The box as it lies when the page is held so that text `turn` quarters clockwise is upright."""
    left, bottom, right, top = box
    corners = {
        0: (left, bottom, right, top),
        1: (-top, left, -bottom, right),
        2: (-right, -top, -left, -bottom),
        3: (bottom, -right, top, -left),
    }
    return Box(*corners[turn])


def turned_lines(textpage: Any, words: Words) -> dict[int, list[Row]]:  # noqa: ANN401 - PDFium is untyped
    """For each direction (quarter turns clockwise) of the turned words, their lines in reading order.

    PDFium glues the lines of such text; where one begins is told by place. Boxes are those of `upright`.
    """
    offsets = [at for n in np.flatnonzero(words.turned) for at in range(int(words.starts[n]), int(words.ends[n]) + 1)]
    if not offsets:
        return {}
    boxes = boxes_of(textpage, offsets).tolist()
    turns = [turn_of(textpage, at) for at in offsets]
    found: dict[int, list[Piece]] = {}
    before, last = -2, -1
    for at, box, turn in zip(offsets, boxes, turns, strict=True):
        place, pieces = upright(Box(*box), turn), found.setdefault(turn, [])
        if pieces and at == before + 1 and turn == last and _goes_on(pieces[-1].box, place):
            pieces[-1] = _joined(pieces[-1], Piece(words.text[at], place), "")
        else:
            pieces.append(Piece(words.text[at], place))
        before, last = at, turn
    return {turn: _lines(pieces) for turn, pieces in found.items()}


def _goes_on(a: Box, b: Box) -> bool:
    level = abs(a.bottom - b.bottom) < 0.4 * max(a.height, b.height)
    return level and -0.4 * b.height < b.left - a.right < _BLANK * b.height


def _joined(a: Piece, b: Piece, between: str) -> Piece:
    left, bottom, right, top = (
        min(a.box.left, b.box.left), min(a.box.bottom, b.box.bottom), max(a.box.right, b.box.right), max(a.box.top, b.box.top),
    )  # fmt: skip
    return Piece(a.text + between + b.text, Box(left, bottom, right, top))


def _lines(words: Sequence[Piece]) -> list[Row]:
    rows = []
    for row in in_rows(words):
        pieces = [row[0]]
        for word in row[1:]:
            gap = word.box.left - pieces[-1].box.right
            if gap > GAP * word.box.height:
                pieces.append(word)
            else:
                pieces[-1] = _joined(pieces[-1], word, " ")
        rows.append(pieces)
    pairs = [(a.box.right, b.box.left) for row in rows for a, b in pairwise(row) if beside(a, b)]
    return in_columns([piece for row in rows for piece in row], pairs) or list(map(Row, rows))


_FEWEST = 3
"""Characters, no two alike: a column of 男 and 女 is no name."""
_STEP = 1.8
"""Distance of two of them, in heights of one, up to which they belong together; rows of a table stand wider apart."""


def unstacked(rows: Sequence[Row]) -> list[Row]:
    """The lines with each such name on one, before the lines to its right as far as the next name."""
    names = list(_names(rows))
    if not names:
        return list(rows)
    among = {n for start, end, _ in names for n in range(start, end)}
    blocks = [[Row([name])] for _, _, name in names]
    first = [start for start, _, _ in names]
    rest: dict[int, Row] = {}
    for n, row in enumerate(rows):
        owners = [_owner(piece, names) for piece in row.pieces]
        for owner in dict.fromkeys(owner for owner in owners if owner is not None and n not in among):
            blocks[owner].append(Row([p for p, own in zip(row.pieces, owners, strict=True) if own == owner]))
            first[owner] = min(first[owner], n)
        if n not in among and (kept := [p for p, own in zip(row.pieces, owners, strict=True) if own is None]):
            rest[n] = Row(kept)
    level = [[m for m, (*_, other) in enumerate(names) if _level(name.box, other.box)] for *_, name in names]
    places = [min(first[m] for m in beside) for beside in level]
    found: list[Row] = []
    for n in range(len(rows)):
        for m in sorted((m for m, place in enumerate(places) if place == n), key=lambda m: names[m][2].box.left):
            found += blocks[m]
        found += [rest[n]] if n in rest else []
    return found


def _names(rows: Sequence[Row]) -> Iterator[tuple[int, int, Piece]]:
    """First line, the line behind the last, and each name as one piece."""
    single = [row.pieces[0] if len(row.pieces) == 1 and len(row.pieces[0].text) == 1 else None for row in rows]
    starts = [0, *(n for n, (a, b) in enumerate(pairwise(single), 1) if a is None or b is None or not _below(a, b))]
    for start, end in pairwise([*starts, len(rows)]):
        pieces = [piece for piece in single[start:end] if piece is not None and is_han(piece.text)]
        if len(pieces) == end - start >= _FEWEST and len({piece.text for piece in pieces}) == len(pieces):
            boxes = [piece.box for piece in pieces]
            box = Box(min(b.left for b in boxes), boxes[-1].bottom, max(b.right for b in boxes), boxes[0].top)
            yield start, end, Piece("".join(piece.text for piece in pieces), box)


def _below(a: Piece, b: Piece) -> bool:
    """Whether `b` is the next character below `a`."""
    aside = abs((a.box.left + a.box.right) - (b.box.left + b.box.right)) / 2
    return aside < 0.3 * a.box.height and 0 < a.box.top - b.box.top < _STEP * max(a.box.height, b.box.height)


def _owner(piece: Piece, names: Sequence[tuple[int, int, Piece]]) -> int | None:
    """The number of the name that stands next to the left of a piece."""
    middle = (piece.box.top + piece.box.bottom) / 2
    left = [n for n, (*_, name) in enumerate(names)
            if name.box.right <= piece.box.left and name.box.bottom <= middle <= name.box.top]  # fmt: skip
    return max(left, key=lambda n: names[n][2].box.right, default=None)


def _level(a: Box, b: Box) -> bool:
    return a.bottom < b.top and b.bottom < a.top
