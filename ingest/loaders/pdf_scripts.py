"""Raised and lowered characters of a PDF, told by their height and by their baseline."""

from __future__ import annotations

import ctypes
from itertools import groupby
from typing import Any

import numpy as np

from ingest.loaders.pdf_words import Words, boxes_of
from ingest.loaders.scripts import lowered, raised

_SMALLER, _SMALLEST = 0.85, 0.4
"""Height of such a character against its neighbour's; the initial of a chapter is larger still."""
_RAISED, _LOWERED = 0.12, 0.05
"""Least shift of its baseline, in heights of its neighbour: small capitals have none."""
_NEAR, _APART = 0.3, 0.2
"""Gap before a mark that stands apart, and rise of its lower edge, in heights of its neighbour."""
_LETTERS = 4
"""Letters such a piece may have, as 'max' and 'th'; the rest of a word behind its initial has more."""


def read_scripts(textpage: Any, words: Words) -> dict[int, str]:  # noqa: ANN401 - PDFium's binding is untyped
    """Words with raised or lowered characters as they are to be read, by their index."""
    if not len(words.starts):
        return {}
    first = words.first[:, 3] - words.first[:, 1]
    last = words.last[:, 3] - words.last[:, 1]
    # A mark of a note may stand apart, right behind its word and raised; a smaller figure elsewhere is a cell.
    before = np.concatenate([first[:1], last[:-1]])
    close = np.concatenate([[False], np.abs(words.first[1:, 0] - words.last[:-1, 2]) < _NEAR * before[1:]])
    higher = np.concatenate([[False], words.first[1:, 1] - words.last[:-1, 1] > _APART * before[1:]])
    uneven = np.minimum(first, last) < _SMALLER * np.maximum(first, last)
    uneven |= close & higher & (np.maximum(first, last) < _SMALLER * before)
    if len(words.within):
        owner = np.searchsorted(words.starts, words.within, "right") - 1
        uneven[owner[(words.inner[:, 3] - words.inner[:, 1]) < _SMALLER * first[owner]]] = True
    edits = {}
    for n in np.flatnonzero(uneven & ~words.turned).tolist():
        if (text := _read(textpage, words, n)) != words.word(n):
            edits[n] = text
    return edits


def _read(textpage: Any, words: Words, n: int) -> str:  # noqa: ANN401
    text, start = words.word(n), int(words.starts[n])
    heights = _heights(textpage, range(start, start + len(text)))
    lines = [_baseline(textpage, offset) for offset in range(start, start + len(text))]
    before = ""
    tallest = max(range(len(text)), key=heights.__getitem__)
    height, line = heights[tallest], lines[tallest]
    if n and not words.turned[n - 1]:
        end = int(words.ends[n - 1])
        [beside] = _heights(textpage, [end])
        if height < _SMALLER * beside and abs(_baseline(textpage, end) - line) < 0.7 * beside:
            height, line = beside, _baseline(textpage, end)
            before = words.word(n - 1) + ("" if end + 1 == start or end + 1 in words.joints else " ")
    shifts = [
        _shift(char, heights[k] / max(height, 1e-6), (lines[k] - line) / max(height, 1e-6))
        for k, char in enumerate(text)
    ]
    done = ""
    for shift, group in groupby(range(len(text)), key=shifts.__getitem__):
        piece = "".join(text[k] for k in group)
        if shift and sum(map(str.isalpha, piece)) <= _LETTERS:
            done += (raised if shift > 0 else lowered)(before + done, piece)
        else:
            done += piece
    return done


def _shift(char: str, size: float, rise: float) -> int:
    """1 for a raised character, -1 for a lowered one, given its height and shift in heights of its neighbour."""
    if not _SMALLEST < size < _SMALLER or not (char.isalnum() or char in "+-−–=()[]*/,."):
        return 0
    return (rise > _RAISED) - (rise < -_LOWERED)


def _heights(textpage: Any, offsets: range | list[int]) -> list[float]:  # noqa: ANN401
    boxes = boxes_of(textpage, list(offsets))
    heights: list[float] = (boxes[:, 3] - boxes[:, 1]).tolist()
    return heights


def _baseline(textpage: Any, offset: int) -> float:  # noqa: ANN401
    import pypdfium2.raw as pdfium

    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(textpage.raw, offset, x, y)
    return y.value
