"""Lines of a PDF page that are set sideways or upside down: the page was turned, or a margin, a table's head is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

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
