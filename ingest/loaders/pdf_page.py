"""One page of a PDF as lines with their places, in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from ingest.documents import BlockKind, PlacedLine
from ingest.loaders.pdf_cells import in_cells
from ingest.loaders.pdf_columns import GAP, WIDE, Drawn, Piece, Row, in_columns
from ingest.loaders.pdf_scripts import read_scripts
from ingest.loaders.pdf_strokes import strokes_of
from ingest.loaders.pdf_tables import Fonts, fonts_of, framed
from ingest.loaders.pdf_turned import turned_lines, unstacked, upright
from ingest.loaders.pdf_words import HYPHEN, Box, Flags, Indices, Numbers, Words, clean, read_words

_TALL = 2.2
"""Height of a form field, in heights of a line, from which it holds several lines."""


class Line(NamedTuple):
    """A line of text; `box` is None where nothing is known of its place, or where it does not matter.

    `parts`: its pieces where wide gaps divide it; `apart`: as of a `Row`.
    """

    text: str
    box: Box | None = None
    parts: tuple[str, ...] = ()
    apart: bool = False
    blocks: tuple[tuple[BlockKind, str, int], ...] = ()
    """Not a line but finished blocks (kind, text, level), such as a table of a scan; `text` is what they say."""
    table: Drawn | None = None
    """Not a line but a table; `text` is what it says."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The lines of a page, none of them blank, its height in points as it is held to be read, and all its text."""

    lines: tuple[Line, ...]
    height: float = 0.0
    places: tuple[PlacedLine, ...] = ()
    """Of a page that was recognised, see `Page.places`."""
    text: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", "\n".join([line.text for line in self.lines]))


def lines_of(text: str) -> Leaf:
    """A page of which the text alone is known."""
    return Leaf(tuple(Line(line) for line in (" ".join(line.split()) for line in clean(text).split("\n")) if line))


def read_leaf(
    textpage: Any,  # noqa: ANN401 - PDFium's binding is untyped
    bounds: tuple[float, float, float, float],
    marks: Sequence[Piece] = (),
) -> Leaf:
    """The page's lines. `bounds`: left, bottom, right, top of what it shows; `marks`: what is to be put in at its
    place."""
    words = read_words(textpage, bounds)
    edits = read_scripts(textpage, words)
    strokes, left = strokes_of(textpage.page), list(marks)
    if words.turned.any():
        return _turned(textpage, words, edits, strokes, bounds, left)
    return _leaf(_upright(words, edits, strokes, left, fonts_of(textpage)), left, Box(*bounds))


def _turned(
    textpage: Any,  # noqa: ANN401
    words: Words,
    edits: dict[int, str],
    strokes: Sequence[Box],
    bounds: tuple[float, float, float, float],
    marks: list[Piece],
) -> Leaf:
    """The direction of most of the text first, the others behind it."""
    lines = turned_lines(textpage, words)
    if standing := _upright(words, edits, strokes, marks, fonts_of(textpage)):
        lines[0] = standing
    size = {turn: sum(len(piece.text) for row in rows for piece in row.pieces) for turn, rows in lines.items()}
    first, *others = sorted(lines, key=lambda turn: -size[turn])
    frame = upright(Box(*bounds), first)
    marks = [Piece(mark.text, upright(mark.box, first)) for mark in marks]
    if first:
        lines[first] = framed(lines[first], [upright(stroke, first) for stroke in strokes], marks, fonts_of(textpage))
    leaf = _leaf(lines[first], marks, frame)
    rest = [Line(text) for turn in others for row in lines[turn] if (text := _text(row))]
    return Leaf((*leaf.lines, *rest), leaf.height)


def _leaf(rows: Sequence[Row], marks: Sequence[Piece], bounds: Box) -> Leaf:
    placed = list(rows)
    for mark in marks:
        _put(placed, mark)
    found = [
        Line(
            text, _around(row, bounds.bottom), tuple(p.text for p in row.pieces) if len(row.pieces) > 1 else (),
            row.apart, table=row.pieces[0].table,
        )
        for text, row in zip(_texts(placed), placed, strict=True)
        if text
    ]  # fmt: skip
    return Leaf(tuple(found), bounds.height)


def _put(rows: list[Row], mark: Piece) -> None:
    """Put a form field or a text box into the line at its height, else between two lines."""
    usual = sorted(piece.box.height for row in rows for piece in row.pieces)
    height = usual[len(usual) // 2] if usual else mark.box.height
    tall = mark.box.height > _TALL * height
    middle = mark.box.top - 0.6 * height if tall else (mark.box.top + mark.box.bottom) / 2
    level = [r for r in rows if min(p.box.bottom for p in r.pieces) <= middle <= max(p.box.top for p in r.pieces)]
    if level and not tall:
        row = min(level, key=lambda row: abs(_nearest(row, mark.box.left) - mark.box.left))
        row.pieces.insert(sum(piece.box.left <= mark.box.left for piece in row.pieces), mark)
        return
    below = (n for n, row in enumerate(rows) if (row.pieces[0].box.top + row.pieces[0].box.bottom) / 2 < middle)
    rows.insert(next(below, len(rows)), Row([mark]))


def _nearest(row: Row, x: float) -> float:
    return min(
        (edge for piece in row.pieces for edge in (piece.box.left, piece.box.right)), key=lambda edge: abs(edge - x)
    )


def _texts(rows: Sequence[Row]) -> list[str]:
    """The text of each; the whole page is repaired at once, which is a good deal faster, unless that moves its lines."""
    raw = "\n".join(
        [row.pieces[0].text if len(row.pieces) == 1 else " ".join([p.text for p in row.pieces]) for row in rows]
    )
    lines = clean(raw).replace(f"{HYPHEN} ", HYPHEN).split("\n")
    return [" ".join(line.split()) for line in lines] if len(lines) == len(rows) else list(map(_text, rows))


def _text(row: Row) -> str:
    text = clean(" ".join(piece.text for piece in row.pieces)).replace(f"{HYPHEN} ", HYPHEN)
    return " ".join(text.split())


def _around(row: Row, floor: float) -> Box:
    boxes = [piece.box for piece in row.pieces]
    if len(boxes) == 1:
        left, bottom, right, top = boxes[0]
        return Box(left, bottom - floor, right, top - floor)
    return Box(
        min(box.left for box in boxes), boxes[0].bottom - floor, max(box.right for box in boxes), boxes[0].top - floor
    )


def _upright(
    words: Words, edits: dict[int, str], strokes: Sequence[Box], marks: list[Piece], fonts: Fonts
) -> list[Row]:
    """The lines of the upright words, in pieces between wide gaps and upright strokes, and the tables: as they were drawn,
    or in reading order where that was across the columns. `marks` in the cells of a table are taken out of the list."""
    kept: Indices = np.flatnonzero(~words.turned)
    if not len(kept):
        return []
    left = np.minimum(words.first[:, 0], words.last[:, 0])[kept]
    right = np.maximum(words.first[:, 2], words.last[:, 2])[kept]
    bottom, top = words.first[kept, 1], words.first[kept, 3]
    numbers = words.line_numbers()[kept]
    apart = (left[1:] - right[:-1] > GAP * (top - bottom)[1:]) | (left[1:] < left[:-1])
    apart |= _parted(np.stack([right[:-1], bottom[1:], left[1:], top[1:]], 1), strokes)
    starts = np.concatenate([[0], np.flatnonzero((numbers[1:] != numbers[:-1]) | apart) + 1])
    boxes = np.stack([left[starts], bottom[starts], np.maximum.reduceat(right, starts), top[starts]], 1)
    texts = _piece_texts(words, edits, kept, starts)
    offsets = words.starts[kept[starts]].tolist()
    pieces = [Piece(text, Box(*box), at) for text, box, at in zip(texts, boxes.tolist(), offsets, strict=True)]
    lines = groupby(zip(numbers[starts].tolist(), pieces, strict=True), itemgetter(0))
    rows = framed([Row([piece for _, piece in line]) for _, line in lines], strokes, marks, fonts)
    pieces = [piece for row in rows for piece in row.pieces]
    gaps = _crossed(np.array([piece.box for piece in pieces], np.float32))
    return in_columns(pieces, gaps) or unstacked(in_cells(rows, fonts))


def _parted(gaps: Numbers, strokes: Sequence[Box]) -> Flags:
    """Which of the gaps between two words an upright stroke runs through."""
    walls = np.array([box for box in strokes if box.top - box.bottom > box.right - box.left], np.float32).reshape(-1, 4)
    x, y = (walls[:, 0] + walls[:, 2]) / 2, (gaps[:, 1] + gaps[:, 3]) / 2
    flags: Flags = np.zeros(len(gaps), bool)
    for n in np.flatnonzero(gaps[:, 2] > gaps[:, 0]) if len(walls) else ():
        flags[n] = ((x > gaps[n, 0] - 1) & (x < gaps[n, 2] + 1) & (walls[:, 1] < y[n]) & (walls[:, 3] > y[n])).any()
    return flags


def _piece_texts(words: Words, edits: dict[int, str], kept: Indices, starts: Indices) -> list[str]:
    """The text of each piece, which begins with the word that `starts` has of those `kept`: a slice of the page's, unless
    a word of it is edited or joined to the next."""
    ends = np.append(starts[1:], len(kept)) - 1
    slices = zip(words.starts[kept[starts]].tolist(), (words.ends[kept[ends]] + 1).tolist(), strict=True)
    texts = [words.text[start:end] for start, end in slices]
    joined = np.searchsorted(words.starts, [end for end, _ in words.joints.values()])
    odd = np.isin(kept, [*edits, *joined.tolist()])
    odd[1:] |= kept[1:] - kept[:-1] > 1
    for n in np.flatnonzero(np.logical_or.reduceat(odd, starts)).tolist():
        text = ""
        for word in kept[starts[n] : ends[n] + 1].tolist():
            glued = words.joints.get(int(words.ends[word - 1]) + 1, (0, " "))[1] == "" if word else False
            text += ("" if not text or glued else " ") + edits.get(word, words.word(word))
        texts[n] = text
    return texts


def _crossed(boxes: Numbers) -> list[tuple[float, float]]:
    """Left and right edge of the space between pieces of prose that were drawn after each other on one line."""
    left, bottom, right, top = boxes.T
    height = top - bottom
    wide = right - left > WIDE * height
    level = np.abs(bottom[1:] - bottom[:-1]) < 0.8 * height[:-1]
    apart = (left[1:] > right[:-1]) | (right[1:] < left[:-1])
    at = np.flatnonzero(wide[1:] & wide[:-1] & level & apart)
    between = zip(
        np.minimum(right[at], right[at + 1]).tolist(), np.maximum(left[at], left[at + 1]).tolist(), strict=True
    )
    return list(between)
