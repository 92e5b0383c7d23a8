"""What a PDF shows besides its pages' own content: values of form fields, text boxes, comments, attached files."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.language import say
from ingest.loaders.layout import one_line
from ingest.loaders.pdf_columns import Piece
from ingest.loaders.pdf_words import Box
from ingest.loaders.repair import repair

_HIDDEN = 2 | 32
"""Flags of an annotation that is not shown: Hidden, NoView."""
_PASSWORD = 1 << 13
"""Flag of a text field whose value is a password."""
File = tuple[str, bytes]
"""Name and content of an attached one; b'' where it can't be had."""
TICKED, UNTICKED = "☑", "☐"


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands on a page's annotations: pieces at their place, and comments as they are to be read."""

    pieces: tuple[Piece, ...] = ()
    comments: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


NOTHING = Marks()


def read_marks(document: Any, page: Any) -> Marks:  # noqa: ANN401 - PDFium's binding is untyped
    """Fields, text boxes and comments of a page that are shown."""
    import pypdfium2.raw as pdfium

    if not (count := pdfium.FPDFPage_GetAnnotCount(page.raw)):
        return NOTHING
    pieces: list[Piece] = []
    comments: list[str] = []
    files: list[File] = []
    for n in range(count):
        if not (annotation := pdfium.FPDFPage_GetAnnot(page.raw, n)):
            continue
        try:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            if kind in (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP):
                continue
            if pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
                continue
            if kind == pdfium.FPDF_ANNOT_WIDGET:
                pieces += _piece(annotation, _value(document, annotation))
            elif kind == pdfium.FPDF_ANNOT_FREETEXT:
                pieces += _piece(annotation, _string(annotation, b"Contents"))
            else:
                comments += _comment(annotation)
            if kind == pdfium.FPDF_ANNOT_FILEATTACHMENT:
                files += _file(document, annotation)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return Marks(tuple(pieces), tuple(comments), tuple(files))


def attached(document: Any) -> list[File]:  # noqa: ANN401
    """The files attached to the document."""
    return [_content(document.get_attachment(n), n) for n in range(document.count_attachments())]


def _content(attachment: Any, n: int) -> File:  # noqa: ANN401
    import pypdfium2

    name, data = f"#{n + 1}", b""
    with contextlib.suppress(pypdfium2.PdfiumError):
        name = one_line(repair(attachment.get_name())) or name
        data = bytes(attachment.get_data())
    return name, data


def _piece(annotation: Any, text: str) -> Iterator[Piece]:  # noqa: ANN401
    import pypdfium2.raw as pdfium

    text, rect = one_line(repair(text), limit=20_000), pdfium.FS_RECTF()
    if text and pdfium.FPDFAnnot_GetRect(annotation, rect):
        low, high = sorted((rect.bottom, rect.top))
        left, right = sorted((rect.left, rect.right))
        yield Piece(text, Box(left, low, right, high))


def _comment(annotation: Any) -> Iterator[str]:  # noqa: ANN401
    text = one_line(repair(_string(annotation, b"Contents")), limit=20_000)
    author = one_line(repair(_string(annotation, b"T")))
    by = f" ({author})" if author else ""
    if text:
        yield say(f"Comment{by}: {text}", f"批注{by}：{text}")


def _file(document: Any, annotation: Any) -> Iterator[File]:  # noqa: ANN401
    import pypdfium2
    import pypdfium2.raw as pdfium

    if handle := pdfium.FPDFAnnot_GetFileAttachment(annotation):
        yield _content(pypdfium2.PdfAttachment(handle, document), 0)


def _value(document: Any, annotation: Any) -> str:  # noqa: ANN401
    """What a form field shows; '' for buttons, signatures and passwords."""
    import pypdfium2.raw as pdfium

    if document.formenv is None:
        return ""
    form = document.formenv.raw
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON):
        return TICKED if pdfium.FPDFAnnot_IsChecked(form, annotation) else UNTICKED
    if kind in (pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX):
        chosen = [
            _read(pdfium.FPDFAnnot_GetOptionLabel, form, annotation, n)
            for n in range(max(0, pdfium.FPDFAnnot_GetOptionCount(form, annotation)))
            if pdfium.FPDFAnnot_IsOptionSelected(form, annotation, n)
        ]
        return ", ".join(chosen) or _read(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)
    if kind != pdfium.FPDF_FORMFIELD_TEXTFIELD or pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD:
        return ""
    return _read(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)


def _string(annotation: Any, key: bytes) -> str:  # noqa: ANN401
    import pypdfium2.raw as pdfium

    return _read(pdfium.FPDFAnnot_GetStringValue, annotation, key)


def _read(get: Any, *arguments: Any) -> str:  # noqa: ANN401
    """A string of PDFium's, which says first how many bytes it needs."""
    import pypdfium2.raw as pdfium

    if (size := get(*arguments, None, 0)) <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    get(*arguments, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")
