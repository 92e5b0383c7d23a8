"""PDF, page by page: PDFium reads first, pypdf where its text is missing or garbled.

PDFium keeps the row of a table on one line and reads some twenty times as many pages a second (measured, see
docs/decisions.md); pypdf gives its own reading of odd fonts. The better one by `quality` is kept. PDFium is C++, and
a crafted file may crash it: `ingest.parsing` runs this in a process of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ingest.documents import Page, Parsed
from ingest.errors import LoadError
from ingest.language import Text, say
from ingest.loaders.layout import MAX_CHARACTERS, MAX_PAGES, Composer, bare, descend, one_line, too_long
from ingest.loaders.pdf_lines import compose, hyphen, title_key, vocabulary
from ingest.loaders.pdf_marks import NOTHING, Marks, attached, read_marks
from ingest.loaders.pdf_page import HYPHEN, Leaf, Line, lines_of, read_leaf
from ingest.loaders.pdf_running import EDGE, Running, running
from ingest.loaders.quality import GOOD, USELESS, quality
from ingest.loaders.repair import repair
from ingest.loaders.sniff import encrypted
from ingest.loaders.titles import sensible

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from pathlib import Path

_PASSWORD = 4
"""PDFium's FPDF_ERR_PASSWORD."""
_TAIL = 65_536
"""Bytes at the end in which the mark of the end must stand; some servers add a page of HTML behind it."""
_DRAWN = 20
"""Paths from which a page without text is taken for one whose letters were drawn, rather than a ruled blank."""

Outline = list[tuple[int, int, str]]
"""Entries of an outline: page index from 0, level from 1, title."""


def load_pdf(path: Path) -> Parsed:
    """The text of every page, with sections from the outline.

    Raises `LoadError` for an encrypted, truncated or damaged file. Pages that show something but hold no text are
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
        return _read(document, path)
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
            Text(en="The PDF is cut short: its end is missing.", zh="PDF 不完整：缺少文件结尾。"),
            Text(en="Copy or download it again.", zh="请重新复制或下载该文件。"),
        )


def _unsound() -> LoadError:
    return LoadError(
        Text(en="The PDF is damaged and cannot be opened.", zh="PDF 已损坏，无法打开。"),
        Text(en="Open it in a viewer and print it to a new PDF.", zh="请用阅读器打开，并打印为新的 PDF。"),
    )


def _read(document: Any, path: Path) -> Parsed:  # noqa: ANN401 - PDFium's binding is untyped
    count = len(document)
    if count > MAX_PAGES:
        raise too_long()
    second = _SecondReader(path)
    if document.get_formtype():
        document.init_forms()
    leaves: list[Leaf] = []
    marks: list[Marks] = []
    unread: list[int] = []
    length = 0
    for index in range(count):
        leaf, shows, found = _page(document, index, second)
        length += len(leaf.text)
        if length > MAX_CHARACTERS:
            raise too_long()
        leaves.append(leaf)
        marks.append(found)
        if shows and not leaf.lines:
            unread.append(index + 1)
    outline = _outline(document)
    title = sensible(document.get_metadata_value("Title"))
    if not title and sum(level == 1 for _, level, _ in outline) == 1:
        title = sensible(outline[0][2])
    labels = [_label(document, index) for index in range(count)]
    pages = _pages(leaves, [found.comments for found in marks], outline, labels)
    files = [*attached(document), *(name for found in marks for name in found.files)]
    notes = (*_unread(unread, count), *_attached(files))
    return Parsed(title or path.stem, "application/pdf", pages, notes, tuple(unread))


def _pages(
    leaves: Sequence[Leaf], comments: Sequence[Sequence[str]], outline: Outline, labels: Sequence[str]
) -> tuple[Page, ...]:
    words = vocabulary([leaf.text for leaf in leaves])
    path: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    pages = []
    for index, (leaf, runs) in enumerate(zip(leaves, running(leaves), strict=True)):
        entries = [(level, title) for at, level, title in outline if at == index]
        titles = {title_key(title): level for level, title in entries}
        page = Composer()
        for lines, prose in _groups(leaf, runs):
            compose(page, [_mend(line, words) for line in lines], titles, words, prose=prose)
        for comment in comments[index]:
            page.add("paragraph", comment)
        text = page.text
        headings = [(b.level, bare(text[b.start : b.end])) for b in page.blocks if b.kind == "heading"]
        on_page = {title_key(title) for _, title in headings}
        section = path
        for level, title in entries:
            # A section whose heading is not among the lines begins, as far as can be known, with the page.
            if title_key(title) not in on_page:
                path, levels = descend(path, levels, level, title)
                section = path
        for level, title in headings:
            path, levels = descend(path, levels, level, title)
        label = labels[index] or (runs.folio if runs.folio != str(index + 1) else "")
        pages.append(Page(index + 1, text, page.blocks, section, label))
    return tuple(pages)


def _groups(leaf: Leaf, runs: Running) -> list[tuple[list[str], bool]]:
    """The page's lines without those that run, in groups that have nothing in common, and whether each is a column
    of prose: the one copy of a header that stays is apart from what follows."""
    groups: list[tuple[list[str], bool]] = []
    before: Line | None = None
    stays = False
    for n, line in enumerate(leaf.lines):
        if n in runs.dropped:
            continue
        apart = (stays or n in runs.first) and before is not None and _far(before, line)
        if before is None or apart or before.prose != line.prose:
            groups.append(([], line.prose))
        groups[-1][0].append(line.text)
        before, stays = line, n in runs.first
    return groups


def _far(a: Line, b: Line) -> bool:
    """True for two lines with nearly a line's height between them."""
    return a.box is not None and b.box is not None and a.box.bottom - b.box.top > 0.8 * min(a.box.height, b.box.height)


def _mend(line: str, words: Counter[str]) -> str:
    """PDFium at times joins the halves of a broken word itself and leaves its sign between them."""
    while 0 < (at := line.find(HYPHEN)) < len(line) - 1:
        line = line[:at] + hyphen(line[:at], line[at + 1 :], words) + line[at + 1 :]
    return line


def _page(document: Any, index: int, second: _SecondReader) -> tuple[Leaf, bool, Marks]:  # noqa: ANN401
    """The lines of a page, whether it shows anything, and what is written on it."""
    import pypdfium2

    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return lines_of(second.text(index)), True, NOTHING
    marks = read_marks(document, page)
    try:
        textpage = page.get_textpage()
        leaf = read_leaf(textpage, page.get_bbox(), EDGE, marks.pieces)
        textpage.close()
    except pypdfium2.PdfiumError:
        leaf = Leaf(())
    score = quality(leaf.text)
    # A page with nothing on it needs no second opinion.
    shows = score > 0 or _shows(page)
    page.close()
    if score < GOOD and shows:
        other = lines_of("\n".join([second.text(index), *(piece.text for piece in marks.pieces)]))
        other_score = quality(other.text)
        if (other_score, len(other.text)) > (score, len(leaf.text)):
            leaf, score = other, other_score
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


def _unread(unread: Sequence[int], count: int) -> tuple[str, ...]:
    if not unread:
        return ()
    shown = ", ".join(map(str, unread[:20])) + ("…" if len(unread) > 20 else "")
    return (
        say(
            en=f"{len(unread)} of {count} pages hold no text and need text recognition (OCR): {shown}.",
            zh=f"共 {count} 页，其中 {len(unread)} 页没有文本，需要文字识别（OCR）：{shown}。",
        ),
    )


def _attached(names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        return ()
    shown = ", ".join(names[:20]) + ("…" if len(names) > 20 else "")
    return (
        say(
            en=f"Attached to the PDF and not read: {shown}. Save the files from a viewer and add them.",
            zh=f"PDF 中的附件未读取：{shown}。请用阅读器另存这些文件，再添加。",
        ),
    )
