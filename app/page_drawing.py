r"""Draws one page of a PDF, or a picture, with a quote marked. Runs as a process of its own: see `app.pictures`.

    python -I page_drawing.py FILE PAGE WIDTH < {"quote": …, "lines": [[text, x, y, …], …]} > {"marks": n, "exact": bool}\n + PNG

It imports nothing of ours, so that it starts fast and isolated; a PDF that crashes PDFium takes only it along.
"""

from __future__ import annotations

import ctypes
import io
import json
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

    Polygon = list[tuple[float, float]]
    Lines = Sequence[tuple[str, Sequence[float]]]
    """Of a recognised page: text, and x and y of its four corners in shares of what is drawn."""

MAX_PIXELS = 6_000_000
MAX_PICTURE = 100_000_000
"""Pixels of a picture that is opened, see `ingest.loaders.pictures`."""
MEMORY_BYTES = 3 << 30
CLOSE_ENOUGH = 88.0
"""Least similarity (0..100, rapidfuzz) at which a region counts as the quote's, though not letter for letter."""
COLOUR = (255, 214, 64)


def draw(path: str, number: int, quote: str, width: int, lines: Lines = ()) -> tuple[bytes, int, bool]:
    """PNG of page `number` (from 1) about `width` pixels wide; how many stretches were marked; whether the quote was
    found letter for letter. Raises what PDFium and Pillow raise for a file or page that is not one."""
    with Path(path).open("rb") as file:
        pdf = b"%PDF-" in file.read(1024)
    page = None
    if pdf:
        import pypdfium2 as pdfium

        page = pdfium.PdfDocument(path)[number - 1]
        size = page.get_size()
        scale = min(width / max(size[0], 1), (MAX_PIXELS / max(size[0] * size[1], 1)) ** 0.5)
        picture = page.render(scale=scale).to_pil().convert("RGB")
    else:
        picture = _opened(path, number, width)
    marks: list[Polygon] = []
    exact = True
    if quote.strip():
        if lines or page is None:
            marks, exact = _on_lines(lines, quote, picture.size)
        else:
            marks, exact = _boxes(page, quote, picture.size)
    out = io.BytesIO()
    _mark(picture, marks).save(out, "PNG")
    return out.getvalue(), len(marks), exact


def _opened(path: str, number: int, width: int) -> Image:
    """A picture, or one of several in a TIFF, as it is shown."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MAX_PICTURE
    with Image.open(path) as file:
        file.seek(number - 1)
        if file.mode in ("I;16", "I", "F"):
            grey = file.convert("F")
            most = max(float(grey.getextrema()[1]), 1.0)  # type: ignore[arg-type]
            shown = grey.point(lambda value: value * (255.0 / most) + 0).convert("L")
        else:
            file.draft("RGB", (2 * width, 2 * width))
            shown = ImageOps.exif_transpose(file).convert("RGBA")
            shown = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
        shown = shown.convert("RGB")
        shown.thumbnail((width, MAX_PIXELS // max(width, 1)))
        return shown


def _on_lines(lines: Lines, quote: str, size: tuple[int, int]) -> tuple[list[Polygon], bool]:
    """The stretches of recognised lines that hold the quote."""
    bare = [folded(text) for text, _ in lines]
    place = _place("".join(bare), quote)
    if place is None:
        return [], False
    first, last, exact = place
    marks: list[Polygon] = []
    at = 0
    for letters, (_, corners) in zip(bare, lines, strict=True):
        start, end = max(first - at, 0), min(last - at, len(letters))
        at += len(letters)
        if start < end:
            marks.append(_stretch(letters, start, end, corners, size))
    return marks, exact


def _stretch(letters: str, start: int, end: int, corners: Sequence[float], size: tuple[int, int]) -> Polygon:
    """Part of a line: Chinese characters are twice as wide as Latin ones."""
    widths = [2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in letters]
    total = sum(widths)
    shares = (sum(widths[:start]) / total, sum(widths[:end]) / total)
    x = [corner * size[0] for corner in corners[::2]]
    y = [corner * size[1] for corner in corners[1::2]]

    def along(a: int, b: int, share: float) -> tuple[float, float]:
        return x[a] + (x[b] - x[a]) * share, y[a] + (y[b] - y[a]) * share

    return [along(0, 1, shares[0]), along(0, 1, shares[1]), along(3, 2, shares[1]), along(3, 2, shares[0])]


def _letters(page_text: Any) -> tuple[str, list[int]]:  # noqa: ANN401 - pypdfium2 has no types
    """What matters of the page's text for comparison, and for each letter its index among PDFium's characters."""
    from pypdfium2 import raw

    letters: list[str] = []
    indices: list[int] = []
    for index in range(page_text.count_chars()):
        code = raw.FPDFText_GetUnicode(page_text, index)
        for letter in folded(chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""):
            letters.append(letter)
            indices.append(index)
    return "".join(letters), indices


def folded(text: str) -> str:
    """Letters and digits alone, compatibility forms and case folded: line breaks, hyphenation, ligatures and
    punctuation differ between two extractions of the same page."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _place(page_text: str, quote: str) -> tuple[int, int, bool] | None:
    wanted = folded(quote)
    if not wanted or not page_text:
        return None
    at = page_text.find(wanted)
    if at >= 0:
        return at, at + len(wanted), True
    from rapidfuzz import fuzz

    near = fuzz.partial_ratio_alignment(wanted, page_text, score_cutoff=CLOSE_ENOUGH)
    if near is None or len(wanted) > len(page_text) or near.dest_end <= near.dest_start:
        return None
    return near.dest_start, near.dest_end, False


def _boxes(page: Any, quote: str, size: tuple[int, int]) -> tuple[list[Polygon], bool]:  # noqa: ANN401
    from pypdfium2 import raw

    text = page.get_textpage()
    letters, indices = _letters(text)
    place = _place(letters, quote)
    if place is None:
        return [], False
    first, last = indices[place[0]], indices[place[1] - 1]
    boxes: list[Polygon] = []
    for i in range(text.count_rects(first, last - first + 1)):
        left, bottom, right, top = text.get_rect(i)
        corners = []
        for x, y in ((left, top), (right, bottom)):
            px, py = ctypes.c_int(), ctypes.c_int()
            raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, px, py)
            corners.append((px.value, py.value))
        xs, ys = sorted(c[0] for c in corners), sorted(c[1] for c in corners)
        (x0, x1), (y0, y1) = (xs[0] - 2, xs[1] + 2), (ys[0] - 2, ys[1] + 2)
        boxes.append([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    return boxes, place[2]


def _mark(picture: Image, marks: list[Polygon]) -> Image:
    """Colour them as a marker pen would: paper turns yellow, ink stays dark."""
    from PIL import Image, ImageChops, ImageDraw

    if not marks:
        return picture
    pen = Image.new("RGB", picture.size, (255, 255, 255))
    brush = ImageDraw.Draw(pen)
    for polygon in marks:
        brush.polygon(polygon, fill=COLOUR)
    return ImageChops.multiply(picture, pen)


def main() -> None:
    """Read the arguments and the quote, write the picture."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    except (ImportError, ValueError, OSError):
        pass  # no such limit on this system: the parent's time limit still holds
    path, number, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    asked = json.loads(sys.stdin.buffer.read())
    lines = [(text, corners) for text, *corners in asked["lines"]]
    png, marks, exact = draw(path, number, asked["quote"], width, lines)
    sys.stdout.buffer.write(json.dumps({"marks": marks, "exact": exact}).encode() + b"\n" + png)


if __name__ == "__main__":
    main()
