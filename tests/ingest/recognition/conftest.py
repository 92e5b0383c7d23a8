"""Small pictures of text, and a reader that is told what it sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest.recognition import Recognised, Recogniser, Recognition, TextLine


def lines_of(*texts: str, left: float = 50, width: float = 0, step: float = 40) -> tuple[TextLine, ...]:
    """Lines below one another on a page of 1000 × 1400, 20 high, 10 for each letter wide."""
    found = []
    for n, text in enumerate(texts):
        top, right = 100 + n * step, left + (width or 10.0 * len(text))
        box = (left, top, right, top + 20)
        corners = (left / 1000, top / 1400, right / 1000, top / 1400, right / 1000, (top + 20) / 1400)
        found.append(TextLine(text, box, (*corners, left / 1000, (top + 20) / 1400)))
    return tuple(found)


def page_of(*lines: TextLine, **more: object) -> Recognised:
    return Recognised(1000, 1400, lines, **more)  # type: ignore[arg-type]


class Scripted:
    """Reads what it was told, and counts."""

    def __init__(self, *pages: Recognised | Exception) -> None:
        self.pages = list(pages)
        self.seen: list[tuple[int, ...]] = []

    def read(self, picture: np.ndarray) -> Recognised:
        self.seen.append(picture.shape)
        found = self.pages[min(len(self.seen), len(self.pages)) - 1]
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def scripted() -> Callable[..., tuple[Recogniser, Scripted]]:
    """A recogniser that finds these pages, one after the other, the last again and again."""

    def make(*pages: Recognised | Exception, kept: Path | None = None, mode: str = "auto"):
        reader = Scripted(*pages)
        options = Recognition(mode, kept=str(kept or ""), server="http://127.0.0.1:9/v1#scripted")  # type: ignore[arg-type]
        return Recogniser(options, reader), reader

    return make


def written(*lines: str, size: tuple[int, int] = (640, 200), points: float = 22, face: object = None) -> Image.Image:
    """Lines of text on white, 40 pixels apart."""
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for n, line in enumerate(lines):
        draw.text((20, 20 + 40 * n), line, "black", face or ImageFont.load_default(points))  # type: ignore[arg-type]
    return sheet
