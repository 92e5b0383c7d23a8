"""Pages of a PDF that are pictures, or whose text is none: recognised from what they show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.documents import How
from ingest.language import say
from ingest.loaders.layout import listed
from ingest.loaders.pdf_page import Leaf
from ingest.loaders.quality import GOOD, quality
from ingest.recognition import Recogniser, RecognitionError

DPI = 200
"""Dots an inch at which a page is drawn: letters of 8 points are 22 high, those of the recogniser's training 48."""
_LONGEST, _SHORTEST = 4000, 1600
"""Pixels of the longer side, whatever the paper: plans are drawn smaller, receipts larger."""
_COVERED = 0.5
"""Share of the page that pictures cover on a scan."""
_FEW = 200
"""Letters beside such a picture up to which they may be a stamp, a page number, a scanner's advertisement."""
_MORE = 2.0
"""How many times as many letters recognition must find there to be believed instead."""
_SHOWN = 20
"""Pages named in a note."""
_NOTHING = np.zeros((0, 0, 3), np.uint8)


class Scans:
    """Recognises the pages of one PDF that need it, and remembers which could not be read."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self._force = recogniser.options.mode == "force"
        self.second: list[int] = []
        """Pages whose text is the second reader's."""
        self._read: list[int] = []
        self._empty: list[int] = []
        self._failed = ""

    def better(self, page: Any, index: int, leaf: Leaf, score: float) -> tuple[Leaf, float]:  # noqa: ANN401 - untyped
        """What the page shows where that is more than its text (`leaf`, of quality `score`); else `leaf`."""
        few = len(leaf.text) < 2 * _FEW and _letters(leaf.text) < _FEW
        stamped = score >= GOOD and few and _covered(page) >= _COVERED
        if not (self._force or stamped or score < GOOD):
            return leaf, score
        if self._failed:
            return leaf, score
        from ingest.loaders.scan_layout import leaf_of

        try:
            picture = drawn(page) if self._recogniser.able else _NOTHING
            found = leaf_of(self._recogniser.recognise(picture), float(page.get_height()))
        except RecognitionError as error:
            self._failed = str(error)
            return leaf, score
        if not found.lines:
            self._empty.append(index + 1)
        shown = quality(found.text)
        better = (
            shown > (0.0 if self._force else score)
            if self._force or not stamped
            else _letters(found.text) > _MORE * _letters(leaf.text)
        )
        if not better:
            return leaf, score
        self._read.append(index + 1)
        return found, max(shown, GOOD)

    def unread(self, pages: Sequence[int]) -> tuple[int, ...]:
        """Those of the pages without text that nobody has looked at."""
        return tuple(page for page in pages if page not in self._empty)

    def how(self, pages: Sequence[int]) -> tuple[tuple[int, How], ...]:
        """How pages were read whose text is not the file's own, those of `pages` (without text) included."""
        told: tuple[tuple[How, Sequence[int]], ...] = (
            ("second", self.second), ("unread", pages), ("nothing", self._empty), ("recognised", self._read),
        )  # fmt: skip
        return tuple(sorted({page: how for how, among in told for page in among}.items()))

    def notes(self, pages: Sequence[int], count: int) -> tuple[str, ...]:
        """What was recognised, which of the `pages` without text could not be read, and what to do."""
        read, unread = listed(self._read, _SHOWN), self.unread(pages)
        left, empty = listed(unread, _SHOWN), listed([page for page in pages if page in self._empty], _SHOWN)
        said = {
            say(
                f"Text was recognised (OCR) on {len(self._read)} of {count} pages: {read}.",
                f"共 {count} 页，其中 {len(self._read)} 页的文本来自文字识别（OCR）：{read}。",
            ): read,
            say(
                f"{len(unread)} of {count} pages hold no text and need text recognition (OCR): {left}.",
                f"共 {count} 页，其中 {len(unread)} 页没有文本，需要文字识别（OCR）：{left}。",
            ): left,
            say(f"Pages on which no text was recognised: {empty}.", f"未识别到文字的页面：{empty}。"): empty,
            self._failed: self._failed and unread,
        }
        return tuple(note for note, there in said.items() if there)


def drawn(page: Any) -> NDArray[np.uint8]:  # noqa: ANN401
    """The page as it is shown, height × width × RGB."""
    longer = max(page.get_size()) or 1.0
    scale = min(max(DPI / 72, _SHORTEST / longer), _LONGEST / longer)
    return np.array(page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB"))


def _covered(page: Any) -> float:  # noqa: ANN401
    """Share of the page that its largest picture covers."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    largest = 0.0
    for shown in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=3):
        left, bottom, right, top = shown.get_bounds()
        largest = max(largest, (right - left) * (top - bottom))
    return largest / (width * height) if width and height else 0.0


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
