"""The rules of tables in a picture: where they run, and which cells they make."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from ingest.recognition.recognised import Frame

Pixels = NDArray[np.uint8]
Mask = NDArray[np.uint8]

_LONG, _HIGH = 3.0, 1.4
"""Length of a level and of an upright rule, in heights of a line of text, from which strokes of letters are shorter."""
_DARKER = 16
"""Grey levels (of 255) by which a rule is darker than the paper around it."""
_SMOOTH = 9
"""Pixels over which the grain of the paper is smoothed."""
_DARK = 110
"""Grey level of the paper below which letters are taken to be lighter than it."""
_EDGE = 0.2
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
    level = _strokes(_ink(grey, (_SMOOTH, 1), line), (max(20, int(_LONG * line)), 1), (9, 3))
    upright = _strokes(_ink(grey, (1, _SMOOTH), line), (1, max(15, int(_HIGH * line))), (3, 9))
    texts = _texts(boxes)
    for left, top, right, bottom in texts.astype(int).tolist():
        edge = int(_EDGE * (bottom - top))  # rules may touch the letters' box, they don't run through it
        level[max(0, top + edge) : max(0, bottom - edge), max(0, left) : max(0, right)] = 0
    count, labels, around, _ = cv2.connectedComponentsWithStats(cv2.bitwise_or(level, upright), connectivity=8)
    found = []
    for n in range(1, count):
        left, top, width, height = (int(v) for v in around[n][:4])
        if width < 4 * line or height < 1.5 * line:
            continue
        own = (slice(top, top + height), slice(left, left + width))
        mine = (labels[own] == n).astype(np.uint8)
        frame = _frame(level[own] * mine, upright[own] * mine, line, (left, top))
        if frame is not None and not _of_letters(frame, texts):
            found.append(frame)
    return tuple(sorted(found, key=lambda frame: frame.rows[0]))


def _of_letters(frame: Frame, boxes: NDArray[np.float32]) -> bool:
    """Whether it is no higher than a line of text in it: strokes of large letters, a line below a word."""
    left, right, top, bottom = frame.columns[0], frame.columns[-1], frame.rows[0], frame.rows[-1]
    across = np.minimum(boxes[:, 2], right) - np.maximum(boxes[:, 0], left)
    down = np.minimum(boxes[:, 3], bottom) - np.maximum(boxes[:, 1], top)
    inside = (across > 0) & (down > 0.5 * (bottom - top)) & (1.25 * (boxes[:, 3] - boxes[:, 1]) >= bottom - top)
    return bool(inside.any())


def _texts(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Those that are lines of text: a long upright rule and a whole small table are found as one now and then."""
    wide = boxes[boxes[:, 2] - boxes[:, 0] > boxes[:, 3] - boxes[:, 1]]
    return np.array([box for box in wide if not _holds_others(box, wide)], np.float32).reshape(-1, 4)


def _holds_others(box: NDArray[np.float32], boxes: NDArray[np.float32]) -> bool:
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    return int(((x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])).sum()) > 2


def _ink(grey: Mask, along: tuple[int, int], line: float) -> Mask:
    """What is darker than the paper around it. It is smoothed `along` (width, height) its own direction alone: a grey
    hairline stands out from the grain of the paper."""
    import cv2

    window = 2 * int(line) | 1
    smooth = cv2.GaussianBlur(cv2.blur(grey, along), (3, 3), 0)
    return np.asarray(
        cv2.adaptiveThreshold(smooth, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, _DARKER)
    )


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
    return frame_of(level > 0, upright > 0, (rows, columns), max(2, int(0.15 * line)), origin)


def frame_of(
    level: NDArray[np.bool_],
    upright: NDArray[np.bool_],
    places: tuple[list[int], list[int]],
    slack: int,
    origin: tuple[float, float],
) -> Frame:
    """The table whose level rules stand at the first of `places` and whose upright ones at the second, drawn in two masks
    to within `slack` places; `origin`: x and y of the masks' corner at the left above."""
    rows, columns = places
    cells = _cells(level, upright, rows, columns, slack)
    # A stroke that parts no cells, as one that runs into the table from outside, would part rows in two.
    across = sorted({n for first, _, last, _ in cells for n in (first, last + 1)})
    down = sorted({n for _, first, _, last in cells for n in (first, last + 1)})
    left, top = origin
    return Frame(
        tuple(float(columns[n] + left) for n in down),
        tuple(float(rows[n] + top) for n in across),
        tuple((across.index(a), down.index(b), across.index(c + 1) - 1, down.index(d + 1) - 1) for a, b, c, d in cells),
    )


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
