r"""Draws one page of a PDF with a quote marked. Runs as a process of its own: see `app.pictures`.

    python -I page_drawing.py FILE PAGE WIDTH < quote > {"marks": n, "exact": bool}\n + PNG

It imports nothing of ours, so that it starts fast and isolated; a PDF that crashes PDFium takes only it along.
"""

from __future__ import annotations

import ctypes
import io
import json
import sys
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 6_000_000
MEMORY_BYTES = 3 << 30
CLOSE_ENOUGH = 88.0
"""Least similarity (0..100, rapidfuzz) at which a region counts as the quote's, though not letter for letter."""
COLOUR = (255, 214, 64)


def draw(path: str, number: int, quote: str, width: int) -> tuple[bytes, int, bool]:
    """PNG of page `number` (from 1) about `width` pixels wide; how many rectangles were marked; whether the quote
    was found letter for letter. Raises what PDFium raises for a file or page that is not one."""
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(path)
    page = document[number - 1]
    size = page.get_size()
    scale = min(width / max(size[0], 1), (MAX_PIXELS / max(size[0] * size[1], 1)) ** 0.5)
    picture = page.render(scale=scale).to_pil().convert("RGB")
    boxes, exact = _boxes(page, quote, picture.size) if quote.strip() else ([], True)
    out = io.BytesIO()
    _mark(picture, boxes).save(out, "PNG")
    return out.getvalue(), len(boxes), exact


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


def _boxes(page: Any, quote: str, size: tuple[int, int]) -> tuple[list[tuple[int, int, int, int]], bool]:  # noqa: ANN401
    from pypdfium2 import raw

    text = page.get_textpage()
    letters, indices = _letters(text)
    place = _place(letters, quote)
    if place is None:
        return [], False
    first, last = indices[place[0]], indices[place[1] - 1]
    boxes = []
    for i in range(text.count_rects(first, last - first + 1)):
        left, bottom, right, top = text.get_rect(i)
        corners = []
        for x, y in ((left, top), (right, bottom)):
            px, py = ctypes.c_int(), ctypes.c_int()
            raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, px, py)
            corners.append((px.value, py.value))
        xs, ys = sorted(c[0] for c in corners), sorted(c[1] for c in corners)
        boxes.append((xs[0] - 2, ys[0] - 2, xs[1] + 2, ys[1] + 2))
    return boxes, place[2]


def _mark(picture: Image, boxes: list[tuple[int, int, int, int]]) -> Image:
    """Colour the boxes as a marker pen would: paper turns yellow, ink stays dark."""
    from PIL import Image, ImageChops, ImageDraw

    if not boxes:
        return picture
    pen = Image.new("RGB", picture.size, (255, 255, 255))
    brush = ImageDraw.Draw(pen)
    for box in boxes:
        brush.rectangle(box, fill=COLOUR)
    return ImageChops.multiply(picture, pen)


def main() -> None:
    """Read the arguments and the quote, write the picture."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    except (ImportError, ValueError, OSError):
        pass  # no such limit on this system: the parent's time limit still holds
    path, number, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    png, marks, exact = draw(path, number, sys.stdin.buffer.read().decode("utf-8"), width)
    sys.stdout.buffer.write(json.dumps({"marks": marks, "exact": exact}).encode() + b"\n" + png)


if __name__ == "__main__":
    main()
