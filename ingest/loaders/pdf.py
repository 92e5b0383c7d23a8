"""PDF, page by page: PDFium reads first, pypdf where its text is missing or garbled.

PDFium keeps the row of a table on one line and reads some twenty times as many pages a second (measured, see
docs/decisions.md); pypdf gives its own reading of odd fonts. The better one by `quality` is kept. PDFium is C++, and
a crafted file may crash it: `ingest.parsing` runs this in a process of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.documents import Parsed
from ingest.errors import LoadError
from ingest.language import Text
from ingest.loaders.layout import MAX_PAGES, one_line, too_long
from ingest.loaders.pdf_marks import NOTHING, Marks, attached, read_marks
from ingest.loaders.pdf_page import Leaf, lines_of, read_leaf
from ingest.loaders.pdf_pages import Outline, pages_of
from ingest.loaders.pdf_scans import Scans
from ingest.loaders.properties import of_pdf, sensible
from ingest.loaders.quality import GOOD, USELESS, quality
from ingest.loaders.repair import repair
from ingest.loaders.sniff import encrypted
from ingest.loaders.within import Files
from ingest.recognition import Recogniser

_PASSWORD = 4
"""PDFium's FPDF_ERR_PASSWORD."""
_TAIL = 65_536
"""Bytes at the end in which the mark of the end must stand; some servers add a page of HTML behind it."""
_MOST_FILES = 1_000
"""Attached ones that are read."""
_DRAWN = 20
"""Paths from which a page without text is taken for one whose letters were drawn, rather than a ruled blank."""


def load_pdf(path: Path, load: Callable[[Path], Parsed], recogniser: Recogniser) -> Parsed:
    """The text of every page, with sections from the outline; pages that show something but hold no usable text are
    recognised. `load` reads the files attached.

    Raises `LoadError` for an encrypted, truncated or damaged file. Pages that show something but could not be read are
    named in `needs_ocr` and in a note.
    """
    import pypdfium2

    _whole(path)
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD:
            raise encrypted() from error
        raise _unsound() from error
    try:
        return _read(document, path, Scans(recogniser), Files(load))
    finally:
        document.close()


def _whole(path: Path) -> None:
    """Raise `LoadError` for a file that was cut short: PDFium would read what is left without a word."""
    with path.open("rb") as file:
        head = file.read(2048)
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    linear = re.search(rb"/Linearized\b[^>]*?/L\s+(\d+)", head)
    short = linear is not None and int(linear[1]) > size
    if short or b"%%EOF" not in tail:
        raise LoadError(
            Text("The PDF is cut short: its end is missing.", "PDF 不完整：缺少文件结尾。"),
            Text("Copy or download it again.", "请重新复制或下载该文件。"),
        )


def _unsound() -> LoadError:
    return LoadError(
        Text("The PDF is damaged and cannot be opened.", "PDF 已损坏，无法打开。"),
        Text("Open it in a viewer and print it to a new PDF.", "请用阅读器打开，并打印为新的 PDF。"),
    )


def _read(document: Any, path: Path, scans: Scans, files: Files) -> Parsed:  # noqa: ANN401 - PDFium's binding is untyped
    count = len(document)
    if count > MAX_PAGES:
        raise too_long()
    second = _SecondReader(path)
    if document.get_formtype():
        document.init_forms()
    leaves: list[Leaf] = []
    marks: list[Marks] = []
    unread: list[int] = []
    for index in range(count):
        leaf, shows, found = _page(document, index, second, scans)
        leaves.append(leaf)
        marks.append(found)
        if shows and not leaf.lines:
            unread.append(index + 1)
    outline = _outline(document)
    title = sensible(document.get_metadata_value("Title"))
    if not title and sum(level == 1 for _, level, _ in outline) == 1:
        title = sensible(outline[0][2])
    labels = [_label(document, index) for index in range(count)]
    pages = pages_of(leaves, [found.comments for found in marks], outline, labels)
    for name, data in [*attached(document), *(file for found in marks for file in found.files)][:_MOST_FILES]:
        files.add(name, data)
    return Parsed(
        title or path.stem,
        "application/pdf",
        pages,
        (*scans.notes(unread, count), *files.notes),
        scans.unread(unread),
        details=of_pdf(document),
        attached=files.documents,
        how=scans.how(unread),
    )


def _page(document: Any, index: int, second: _SecondReader, scans: Scans) -> tuple[Leaf, bool, Marks]:  # noqa: ANN401
    """The lines of a page, whether it shows anything, and what is written on it."""
    import pypdfium2

    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return lines_of(second.text(index)), True, NOTHING
    marks = read_marks(document, page)
    try:
        textpage = page.get_textpage()
        leaf = read_leaf(textpage, page.get_bbox(), marks.pieces)
        textpage.close()
    except pypdfium2.PdfiumError:
        leaf = Leaf(())
    score = quality(leaf.text)
    # A page with nothing on it needs no second opinion.
    shows = score > 0 or _shows(page)
    if score < GOOD and shows:
        other = lines_of("\n".join([second.text(index), *(piece.text for piece in marks.pieces)]))
        other_score = quality(other.text)
        if (other_score, len(other.text)) > (score, len(leaf.text)):
            leaf, score = other, other_score
            scans.second.append(index + 1)
    if shows:
        leaf, score = scans.better(page, index, leaf, score)
    page.close()
    return (Leaf(()) if score < USELESS else leaf), shows, marks


def _shows(page: Any) -> bool:  # noqa: ANN401
    """True when the page has a picture, a form or a good number of drawn paths."""
    import pypdfium2.raw as pdfium

    total = pdfium.FPDFPage_CountObjects(page.raw)
    kinds = [pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page.raw, n)) for n in range(min(total, 1000))]
    rich = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM, pdfium.FPDF_PAGEOBJ_TEXT)
    return any(kind in rich for kind in kinds) or len(kinds) > _DRAWN


class _SecondReader:
    """pypdf, opened when it is first asked and silent about what it cannot read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: Any = None

    def text(self, index: int) -> str:
        """Text of the page with this index from 0; '' where pypdf fails."""
        import logging

        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        try:
            if self._reader is None:
                import pypdf

                self._reader = pypdf.PdfReader(self._path)
            return str(self._reader.pages[index].extract_text())
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a second opinion that cannot be had is none
            return ""


def _outline(document: Any) -> Outline:  # noqa: ANN401
    """Entries that lead to a page of this document, in the outline's order."""
    entries: Outline = []
    for mark in document.get_toc():
        title = one_line(repair(mark.get_title()))
        target = mark.get_dest()
        index = target.get_index() if target is not None else None
        if title and index is not None and index >= 0:
            entries.append((index, mark.level + 1, title))
    return entries


def _label(document: Any, index: int) -> str:  # noqa: ANN401
    """The page's name in the document's own numbering, when it is not its number."""
    label = one_line(repair(document.get_page_label(index)))
    return "" if label == str(index + 1) else label
