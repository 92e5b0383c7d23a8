"""Pictures as documents: PNG, JPEG, WebP, BMP, GIF, and TIFF with a page for each of its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ingest.documents import How, Parsed
from ingest.errors import LoadError, Skipped
from ingest.language import Text, say
from ingest.loaders.layout import MAX_PAGES
from ingest.loaders.pdf_page import Leaf
from ingest.loaders.pdf_pages import pages_of
from ingest.recognition import Recogniser, RecognitionError

MAX_PIXELS = 100_000_000
"""Of one picture: paper of A3 at 600 dots an inch has 70 million. Each takes three bytes, several times over."""
SMALLEST = 16
"""Pixels of the shorter side below which a picture holds no text: rules, bullets, points that count readers."""
_LONGEST = 5000
"""Pixels of the longer side from which a picture is scaled down before it is read."""
FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")


def load_picture(path: Path, recogniser: Recogniser) -> Parsed:
    """What is written in a picture. Raises `Skipped` where nothing is, or nothing can be recognised here."""
    if not recogniser.able:
        recogniser.asked = True
        why, todo = recogniser.options.why_not()
        raise Skipped(Text(f"This is a picture. {why.en}", f"这是图片。{why.zh}"), todo)
    leaves: list[Leaf] = []
    unread: list[int] = []
    failed = ""
    with open_picture(path) as picture:
        count = min(int(getattr(picture, "n_frames", 1)), MAX_PAGES) if picture.format == "TIFF" else 1
        kind = f"image/{str(picture.format).lower()}"
        for n in range(count):
            try:
                picture.seek(n)
                leaves.append(read_picture(picture, recogniser))
            except RecognitionError as error:
                leaves.append(Leaf(()))
                unread.append(n + 1)
                failed = str(error)
    if not unread and not any(leaf.lines for leaf in leaves):
        raise Skipped(
            Text("No text was recognised in this picture.", "图片中没有识别到文字。"),
            Text("If it shows text, scan it larger and sharper.", "如果图中有文字，请用更高的清晰度扫描。"),
        )
    notes = [say("The text was recognised (OCR).", "文本来自文字识别（OCR）。")] if len(unread) < count else []
    pages = pages_of(leaves, [()] * count, [], [""] * count)
    how: list[tuple[int, How]] = [(n, "unread" if n in unread else "recognised") for n in range(1, count + 1)]
    return Parsed(path.stem, kind, pages, (*notes, *filter(None, [failed])), tuple(unread), how=tuple(how))


def read_picture(picture: Any, recogniser: Recogniser) -> Leaf:  # noqa: ANN401 - of Pillow
    """The lines of a picture that is open. Raises `RecognitionError`, and `LoadError` for a damaged one."""
    from ingest.loaders.scan_layout import leaf_of

    if min(picture.size) < SMALLEST:
        return Leaf(())
    try:
        pixels = pixels_of(picture)
    except (OSError, ValueError, SyntaxError) as error:  # decoded only here: it is cut short, say
        raise _unsound() from error
    return leaf_of(recogniser.recognise(pixels))


def pixels_of(picture: Any) -> NDArray[np.uint8]:  # noqa: ANN401
    """Height × width × RGB of the picture as it is shown: turned as the camera says, on white where it is transparent."""
    from PIL import Image, ImageOps

    if picture.mode in ("I;16", "I", "F"):
        values = np.asarray(picture, np.float32)
        picture = Image.fromarray((values / max(float(values.max()), 1.0) * 255).astype(np.uint8))
    picture.draft("RGB", (_LONGEST, _LONGEST))  # of JPEG, a half or a quarter is read in no time
    shown = ImageOps.exif_transpose(picture)
    if shown.mode in ("RGBA", "LA", "PA") or "transparency" in shown.info:
        shown = shown.convert("RGBA")
        paper = Image.new("RGBA", shown.size, "white")
        shown = Image.alpha_composite(paper, shown)
    shown = shown.convert("RGB")
    shown.thumbnail((_LONGEST, _LONGEST))
    return np.array(shown)


def open_picture(file: Path | IO[bytes]) -> Any:  # noqa: ANN401
    """The picture, not yet decoded. Raises `LoadError` for one that is damaged or has too many pixels."""
    import warnings

    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our bound is lower
            picture = Image.open(file, formats=FORMATS)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _unsound() from error
    if picture.size[0] * picture.size[1] > MAX_PIXELS:
        picture.close()
        raise LoadError(
            Text(
                f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels.",
                f"图片超过 {MAX_PIXELS // 1_000_000} 百万像素。",
            ),
            Text("Scale it down or cut it into several.", "请缩小图片，或将其裁成几张。"),
        )
    return picture


def _unsound() -> LoadError:
    return LoadError(
        Text("The picture is damaged and cannot be opened.", "图片已损坏，无法打开。"),
        Text("Copy it again, or save it as PNG.", "请重新复制，或另存为 PNG。"),
    )
