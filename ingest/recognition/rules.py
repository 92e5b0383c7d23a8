"""The rules of tables in a picture: where they run, and which cells they make."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from ingest.recognition.recognised import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Mask = NDArray[np.uint8]

_LONG, _HIGH = 3.0, 1.4
"""Length of a level and of an upright rule, in heights of a line of text, from which strokes of letters are shorter."""
_DARKER = 20
"""Grey levels (of 255) by which a rule is darker than the paper around it."""
_DARK = 110
"""Grey level of the paper below which letters are taken to be lighter than it."""
_WALL = 0.5
"""Share of a cell's side that is drawn where there is a wall."""
_MOST = 4000
"""Cells of one table; a grid of more is a texture or squared paper."""


def frames_of(pixels: Pixels, boxes: NDArray[np.float32]) -> tuple[Frame, ...]:
    """The ruled tables of a level picture (BGR), from top to bottom; `boxes`: left, top, right, bottom of its lines of
    text."""
    import cv2

    line = float(np.median(boxes[:, 3] - boxes[:, 1]))
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    if np.median(grey[::4, ::4]) < _DARK:
        grey = 255 - grey
    grey = cv2.GaussianBlur(grey, (5, 5), 0)  # the grain of paper must not add up to strokes
    ink = cv2.adaptiveThreshold(
        grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 2 * int(line) | 1, _DARKER
    )
    level = _strokes(ink, (max(20, int(_LONG * line)), 1), (9, 3))
    upright = _strokes(ink, (1, max(15, int(_HIGH * line))), (3, 9))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(cv2.bitwise_or(level, upright), connectivity=8)
    found = []
    for n in range(1, count):
        left, top, width, height = (int(v) for v in boxes[n][:4])
        if width < 4 * line or height < 1.5 * line:
            continue
        own = (slice(top, top + height), slice(left, left + width))
        mine = (labels[own] == n).astype(np.uint8)
        frame = _frame(level[own] * mine, upright[own] * mine, line, (left, top))
        if frame is not None and not _of_letters(frame, boxes):
            found.append(frame)
    return tuple(sorted(found, key=lambda frame: frame.rows[0]))


def _of_letters(frame: Frame, boxes: NDArray[np.float32]) -> bool:
    """Whether it is no higher than a line of text in it: strokes of large letters, a line below a word."""
    left, right, top, bottom = frame.columns[0], frame.columns[-1], frame.rows[0], frame.rows[-1]
    across = np.minimum(boxes[:, 2], right) - np.maximum(boxes[:, 0], left)
    down = np.minimum(boxes[:, 3], bottom) - np.maximum(boxes[:, 1], top)
    inside = (across > 0) & (down > 0.5 * (bottom - top)) & (1.25 * (boxes[:, 3] - boxes[:, 1]) >= bottom - top)
    return any(not _holds_others(box, boxes) for box in boxes[inside])


def _holds_others(box: NDArray[np.float32], boxes: NDArray[np.float32]) -> bool:
    """Whether what was taken for a line has lines in it: a whole table is found as one besides, now and then."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    return int(((x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])).sum()) > 2


def _strokes(ink: Mask, least: tuple[int, int], bridge: tuple[int, int]) -> Mask:
    """What runs on for `least` (width, height) pixels, small breaks and waves mended."""
    import cv2

    mended = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones(bridge[::-1], np.uint8))
    runs = cv2.morphologyEx(mended, cv2.MORPH_OPEN, np.ones(least[::-1], np.uint8))
    return np.asarray(cv2.dilate(runs, np.ones((3, 3), np.uint8)))


def _frame(level: Mask, upright: Mask, line: float, origin: tuple[int, int]) -> Frame | None:
    import cv2

    rows = _places(cv2.findContours(level, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0], 1, line)
    columns = _places(cv2.findContours(upright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0], 0, line)
    if len(rows) < 2 or len(columns) < 2 or not 2 <= (len(rows) - 1) * (len(columns) - 1) <= _MOST:
        return None
    cells = _cells(level > 0, upright > 0, rows, columns, max(2, int(0.15 * line)))
    left, top = origin
    return Frame(tuple(float(x + left) for x in columns), tuple(float(y + top) for y in rows), cells)


def _places(contours: object, axis: int, line: float) -> list[int]:
    """Middles of the strokes across `axis`, those closer than half a line taken for one rule."""
    import cv2

    middles = []
    for contour in contours:  # type: ignore[attr-defined]
        x, y, width, height = cv2.boundingRect(contour)
        middles.append(int(y + height / 2) if axis else int(x + width / 2))
    groups: list[list[int]] = []
    for place in sorted(middles):
        if groups and place - groups[-1][-1] < 0.5 * line:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [int(np.median(group)) for group in groups]


def _cells(
    level: NDArray[np.bool_], upright: NDArray[np.bool_], rows: list[int], columns: list[int], slack: int
) -> tuple[tuple[int, int, int, int], ...]:
    """Places joined where no wall parts them: the rectangle that holds those joined to the first of them."""
    count = len(columns) - 1
    owner = list(range((len(rows) - 1) * count))

    def find(n: int) -> int:
        while owner[n] != n:
            n = owner[n]
        return n

    for r in range(len(rows) - 1):
        for c in range(count):
            inner = slice(rows[r] + slack, max(rows[r] + slack + 1, rows[r + 1] - slack))
            if c + 1 < count and not _walled(upright, inner, columns[c + 1], slack, across=True):
                owner[find(r * count + c + 1)] = find(r * count + c)
            inner = slice(columns[c] + slack, max(columns[c] + slack + 1, columns[c + 1] - slack))
            if r + 2 < len(rows) and not _walled(level, inner, rows[r + 1], slack, across=False):
                owner[find((r + 1) * count + c)] = find(r * count + c)
    groups: dict[int, list[int]] = {}
    for n in range(len(owner)):
        groups.setdefault(find(n), []).append(n)
    return tuple(
        (
            min(n // count for n in group),
            min(n % count for n in group),
            max(n // count for n in group),
            max(n % count for n in group),
        )
        for group in groups.values()
    )


def _walled(mask: NDArray[np.bool_], along: slice, at: int, slack: int, *, across: bool) -> bool:
    band = slice(max(0, at - slack), at + slack + 1)
    seen = mask[along, band].any(1) if across else mask[band, along].any(0)
    return bool(seen.size) and float(seen.mean()) >= _WALL


def parted(quads: NDArray[np.float32], frames: tuple[Frame, ...]) -> NDArray[np.float32]:
    """The lines with those cut in two that run over a wall between two cells."""
    if not frames:
        return quads
    pieces: list[NDArray[np.float32]] = []
    for quad in quads:
        left, top = quad.min(0)
        right, bottom = quad.max(0)
        height, middle = bottom - top, (top + bottom) / 2
        walls = {
            frame.columns[edge]
            for frame in frames
            for first, start, last, end in frame.cells
            for edge in (start, end + 1)
            if frame.rows[first] < middle < frame.rows[last + 1]
        }
        cuts = sorted(x for x in walls if left + 0.5 * height < x < right - 0.5 * height)
        edges = [left, *cuts, right]
        for a, b in itertools.pairwise(edges):
            share = [(x - left) / max(right - left, 1e-6) for x in (a, b)]
            above = [quad[0] + (quad[1] - quad[0]) * s for s in share]
            below = [quad[3] + (quad[2] - quad[3]) * s for s in share]
            pieces.append(np.stack([above[0], above[1], below[1], below[0]]) if cuts else quad)
    return np.asarray(pieces, np.float32)
