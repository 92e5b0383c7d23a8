"""The words of a PDF page with their places, as PDFium has them.

PDFium gives a page's characters one call at a time, and most of them stand in the middle of a word: only the first
and the last of each word, and figures that end within one, are asked for their boxes (about a tenth of a page's time).
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.loaders.repair import repair

ADDRESS, INTEGER = ctypes.c_void_p, ctypes.c_int
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float32]
Indices = NDArray[np.intp]

HYPHEN = "\ufffe"
"""What stands for a hyphen at the end of a line until the lines are joined."""
HYPHENS = f"\x02{HYPHEN}"
"""What PDFium puts in place of a hyphen at the end of a line."""
_BLANK, _DIGIT, _MARK, _POINT = 1, 2, 4, 8
_FLAT = 0.4
"""Height of a letter, in that of another of its word, below which it is that of what is drawn, not of the font."""
_SPACE = 0.15
"""Width of a gap that is a blank, in heights of the line."""


class Box(NamedTuple):
    """A place on the page in points, y upwards; the height is that of the font, not of the letter."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """The height of a line here."""
        return self.top - self.bottom


@dataclass(slots=True)
class Words:
    """All characters of a page and, as arrays of one length, its words in the order in which they were drawn."""

    text: str
    starts: Indices
    ends: Indices
    """Offsets of the first and of the last character."""
    first: Numbers
    last: Numbers
    """Left, bottom, right, top of the first character, and of the last one that is no closing mark."""
    turned: Flags
    """True where the word is set sideways or upside down."""
    within: Indices
    inner: Numbers
    """Offsets of the figures that end within a word, as the 2 of 'H2O', and their boxes."""
    joints: dict[int, tuple[int, str]]
    """Breaks between words of one line, which PDFium makes behind a raised character: from, to, what stands there."""

    def word(self, n: int) -> str:
        """The word with this index."""
        return self.text[self.starts[n] : self.ends[n] + 1]

    def line_numbers(self) -> Indices:
        """The line on which each word stands: `joints` and breaks behind a broken word are no ends of a line."""
        flags = np.zeros(len(self.text) + 1, np.intp)
        at = -1
        while (at := self.text.find("\n", at + 1)) >= 0:
            before = self.text[max(0, at - 2) : at].rstrip("\r")[-1:]
            flags[at] = before not in HYPHENS or not before
        for start, (end, _) in self.joints.items():
            flags[start:end] = 0
        lines: Indices = np.cumsum(flags)[self.starts]
        return lines


def clean(text: str) -> str:
    """The text repaired; the sign of a broken word outlives the removal of control characters."""
    return HYPHEN.join(map(repair, re.split(r"[\ufffe\x02](?:\r\n|\r|\n)?", text)))


@cache
def _classes() -> NDArray[np.uint8]:
    table = np.zeros(0x110000, np.uint8)
    table[[0, 9, 10, 11, 12, 13, 32, 0x85, 0xA0, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]] = _BLANK
    table[0x2000:0x200C] = _BLANK
    table[0x30:0x3A] = _DIGIT
    table[[ord(c) for c in "!\"'):;?]}\u2019\u201d\uff09\uff0c\u3002\uff1b\uff1a\u3001\uff1f\uff01"]] = _MARK
    table[[ord(","), ord(".")]] = _MARK | _POINT
    return table


@cache
def plain(name: str, result: Any, *arguments: Any) -> Any:  # noqa: ANN401
    """A function of PDFium's with plain addresses for arguments.

    Some are called some thousand times a page: ctypes' own conversions would take twice as long, and an array type for each
    length longer still. So short a call need not let others run.
    """
    import pypdfium2.raw as pdfium

    address = ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value or 0
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


def _address(array: NDArray[Any]) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def boxes_of(textpage: Any, offsets: Sequence[int]) -> Numbers:  # noqa: ANN401 - PDFium's binding is untyped
    """Left, bottom, right and top of the characters at these offsets."""
    count = len(offsets)
    found = np.zeros((count, 4), np.float32)
    raw, base = ctypes.cast(textpage.raw, ctypes.c_void_p).value, _address(found)
    box = plain("FPDFText_GetLooseCharBox", None, ADDRESS, INTEGER, ADDRESS)
    deque(map(box, repeat(raw), offsets, range(base, base + 16 * count, 16)), maxlen=0)
    return found[:, [0, 3, 2, 1]]  # PDFium's order: left, top, right, bottom


def _codes(textpage: Any) -> NDArray[np.uint32]:  # noqa: ANN401
    import pypdfium2.raw as pdfium

    count = max(0, pdfium.FPDFText_CountChars(textpage.raw))
    units = np.zeros(count + 1, np.uint16)
    raw = ctypes.cast(textpage.raw, ctypes.c_void_p).value
    read = plain("FPDFText_GetText", INTEGER, ADDRESS, INTEGER, INTEGER, ADDRESS)
    if read(raw, 0, count, _address(units)) == count + 1:
        codes = units[:-1].astype(np.uint32)
        if not ((codes >= 0xD800) & (codes < 0xE000)).any():
            return codes
    # Characters beyond the basic plane, or without any code: the buffer does not count as the boxes do.
    get = pdfium.FPDFText_GetUnicode
    codes = np.fromiter((get(textpage.raw, n) for n in range(count)), np.uint32, count)
    codes[(codes >= 0x110000) | ((codes >= 0xD800) & (codes < 0xE000))] = 0xFFFD
    return codes


def read_words(textpage: Any, bounds: tuple[float, float, float, float]) -> Words:  # noqa: ANN401
    """The words of a page; those outside `bounds` (left, bottom, right, top of what the page shows) are left out."""
    return _read(textpage, _codes(textpage), bounds, ())


def _read(
    textpage: Any,  # noqa: ANN401
    codes: NDArray[np.uint32],
    bounds: tuple[float, float, float, float],
    breaks: Sequence[int],
) -> Words:
    """The words, `breaks` being offsets at which one begins though nothing stands before it."""
    begins = np.zeros(len(codes) + 1, bool)
    begins[list(breaks)] = True
    kind = _classes()[np.concatenate([[32], codes, [32, 32]])]
    blank, digit = kind & _BLANK > 0, kind & _DIGIT > 0
    hyphen = np.concatenate([[False], (codes == ord(HYPHENS[0])) | (codes == ord(HYPHENS[1]))])
    starts = np.flatnonzero(~blank[1:-2] & (blank[:-3] | hyphen[:-1] | begins[:-1]))
    ends = np.flatnonzero(~blank[1:-2] & (blank[2:-1] | hyphen[1:] | begins[1:]))
    last = ends
    for _ in range(2):
        last = np.where((kind[last + 1] & _MARK > 0) & (last > starts), last - 1, last)
    several = last > starts
    thousands = (kind[2:-1] & _POINT > 0) & digit[3:]
    within = np.flatnonzero(digit[1:-2] & ~digit[2:-1] & ~blank[:-3] & ~blank[2:-1] & ~thousands)
    boxes = boxes_of(textpage, np.concatenate([starts, within, last[several]]).tolist())
    first_box, inner = boxes[: len(starts)], boxes[len(starts) : len(starts) + len(within)]
    last_box = first_box.copy()
    last_box[several] = boxes[len(starts) + len(within) :]
    back = np.flatnonzero((last_box[:, 0] < first_box[:, 0]) & (last_box[:, 3] < first_box[:, 1]))
    if len(back) and not breaks and (found := [at for n in back for at in _returns(textpage, starts[n], ends[n])]):
        return _read(textpage, codes, bounds, found)
    left, bottom, right, top = bounds
    x, y = (first_box[:, 0] + first_box[:, 2]) / 2, (first_box[:, 1] + first_box[:, 3]) / 2
    inside = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
    if not inside.all():
        for n in np.flatnonzero(~inside):
            codes[starts[n] : ends[n] + 1] = ord(" ")
        shown = codes[within] != ord(" ")
        within, inner = within[shown], inner[shown]
        starts, ends, first_box, last_box = starts[inside], ends[inside], first_box[inside], last_box[inside]
    step = (last_box[:, :2] + last_box[:, 2:]) - (first_box[:, :2] + first_box[:, 2:])
    text = codes.astype("<u4").tobytes().decode("utf-32-le", "replace")
    turned = _turned(textpage, starts, step)
    for box, other in ((first_box, last_box), (last_box, first_box)):
        # PDFium knows no height of a drawn font (Type 3), only that of the letter: '一' would be a line far below.
        flat = ~turned & (box[:, 3] - box[:, 1] < _FLAT * (other[:, 3] - other[:, 1]))
        box[flat, 1::2] = other[flat, 1::2]
    words = Words(text, starts, ends, first_box, last_box, turned, within, inner, {})
    words.joints = _joints(words, np.flatnonzero(codes == ord("\n")))
    return words


def _returns(textpage: Any, start: int, end: int) -> list[int]:  # noqa: ANN401
    """Where a word goes on at the left of a line further down: PDFium glues the end of a row to the next one's beginning."""
    boxes = boxes_of(textpage, range(start, end + 1))
    jumps = (boxes[1:, 0] < boxes[:-1, 0]) & (boxes[1:, 3] < boxes[:-1, 1])
    return [start + 1 + int(n) for n in np.flatnonzero(jumps)] if turn_of(textpage, start) == 0 else []


def _turned(textpage: Any, starts: Indices, step: Numbers) -> Flags:  # noqa: ANN401
    """Which words are set sideways; vertical Chinese, whose characters stand upright, and Hebrew are not."""
    odd = (np.abs(step[:, 1]) > np.abs(step[:, 0])) | (step[:, 0] < 0)
    if not odd.any() or not any(turn_of(textpage, starts[n]) for n in np.flatnonzero(odd)):
        return np.zeros(len(starts), bool)
    return np.fromiter((turn_of(textpage, start) > 0 for start in starts), bool, len(starts))


def turn_of(textpage: Any, offset: int) -> int:  # noqa: ANN401
    """Quarter turns, clockwise, by which the character at `offset` is set."""
    import pypdfium2.raw as pdfium

    angle = pdfium.FPDFText_GetCharAngle(textpage.raw, int(offset))
    return round(angle / (math.pi / 2)) % 4 if angle > 0 else 0


def _joints(words: Words, breaks: Indices) -> dict[int, tuple[int, str]]:
    joints: dict[int, tuple[int, str]] = {}
    if len(words.starts) < 2:
        return joints
    height = np.maximum(words.last[:-1, 3] - words.last[:-1, 1], words.first[1:, 3] - words.first[1:, 1])
    ahead = words.first[1:, 0] - words.last[:-1, 2]
    level = (ahead > -0.1 * height) & (np.abs(words.first[1:, 1] - words.last[:-1, 1]) < 0.6 * height)
    level &= ~words.turned[1:] & ~words.turned[:-1]
    if not len(breaks) or not level.any():
        return joints
    ended = np.unique(np.clip(np.searchsorted(words.starts, breaks) - 1, 0, len(level) - 1))
    opened = np.concatenate([[0], ended[:-1] + 1])
    """The first word of the line that ends there."""
    for k in np.flatnonzero(level[ended]).tolist():
        n = int(ended[k])
        start, end = int(words.ends[n]) + 1, int(words.starts[n + 1])
        if words.text.count("\n", start, end) != 1 or words.text[start - 1] in HYPHENS:
            continue
        before, after = Box(*words.last[n].tolist()), Box(*words.first[n + 1].tolist())
        base = Box(*words.first[opened[k]].tolist())
        if _touch(before, after) or abs(after.bottom - base.bottom) < 0.05 * base.height:
            joints[start] = (end, " " if ahead[n] > _SPACE * height[n] else "")
            opened[k + 1 : k + 2] = opened[k]
    return joints


def _touch(a: Box, b: Box) -> bool:
    """True for a raised or lowered character beside one of full height."""
    smaller, larger = sorted((a.height, b.height))
    overlap = min(a.top, b.top) - max(a.bottom, b.bottom)
    return smaller < 0.85 * larger and overlap > 0.5 * smaller and b.left - a.right < 0.5 * larger
