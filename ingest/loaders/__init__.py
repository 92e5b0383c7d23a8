"""One module per family of formats, all of them text and structure out.

`load` decides by what a file holds, then by its name, and imports the format's library only then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.errors import LoadError, Skipped
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ingest.documents import Parsed
    from ingest.recognition import Recogniser

__all__ = ["load"]

MAX_BYTES = 512 << 20
MAX_TEXT_BYTES = 200 << 20
"""A text file is decoded as a whole, which takes several times its size."""


def load(path: Path, *, max_bytes: int = MAX_BYTES, recogniser: Recogniser | None = None) -> Parsed:
    """The file as text, page by page; pictures of text by `recogniser` (None: they are only named).

    Raises `Skipped` for what holds no text of its own, `LoadError` for a document that cannot be read: encrypted,
    damaged, too large. `max_bytes` bounds the size of the file in bytes. Libraries may raise errors of their own
    on damaged files; `ingest.parsing` turns those into a `LoadError`.
    """
    from dataclasses import replace
    from functools import partial

    from ingest.loaders.properties import with_language
    from ingest.loaders.sniff import HEAD, misnamed, sniff
    from ingest.parsing.precheck import precheck
    from ingest.recognition import Recognition, opened

    precheck(path, max_bytes)
    with path.open("rb") as file:
        head = file.read(HEAD)
    kind = sniff(path, head)
    if recogniser is None:
        recogniser = opened(Recognition("off"))
    inner = partial(load, max_bytes=max_bytes, recogniser=recogniser)
    binary = _load_binary(path, kind, inner, recogniser)
    parsed = binary or _load_text(path, kind, inner)
    if not any(page.text.strip() for page in parsed.pages) and not parsed.needs_ocr:
        raise _empty(binary is not None)
    if note := misnamed(path, kind):
        parsed = replace(parsed, notes=(note, *parsed.notes))
    return with_language(replace(parsed, recognition=recogniser.asked))


def _empty(may_show: bool) -> Skipped:  # noqa: FBT001 - the kind of file, not a mode
    """The error for a document without text; `may_show`: its format can hold pictures of text."""
    if may_show:
        todo = Text(
            en="If it shows text, it is a picture: run text recognition (OCR) first.",
            zh="如果能看到文字，那是图片：请先进行文字识别（OCR）。",
        )
    else:
        todo = Text(
            en="If it should hold something, save or copy it again.", zh="如果它本该有内容，请重新保存或复制一份。"
        )
    return Skipped(Text(en="The document holds no text.", zh="文档中没有文本。"), todo)


def _load_binary(path: Path, kind: str, inner: Callable[[Path], Parsed], recogniser: Recogniser) -> Parsed | None:
    if kind == "pdf":
        from ingest.loaders.pdf import load_pdf

        return load_pdf(path, recogniser)
    if kind == "picture":
        from ingest.loaders.pictures import load_picture

        return load_picture(path, recogniser)
    if kind == "msg":
        from ingest.loaders.outlook import load_msg

        return load_msg(path, inner)
    if kind in ("doc", "xls", "ppt"):
        from ingest.loaders.office97 import load_office97

        return load_office97(path, kind, inner)
    if kind not in ("docx", "pptx", "xlsx", "epub", "opendocument"):
        return None
    from ingest.loaders.archives import check_archive

    check_archive(path, dtd=kind == "epub")
    if kind == "docx":
        from ingest.loaders.word import load_docx

        return load_docx(path, inner, recogniser)
    if kind == "pptx":
        from ingest.loaders.slides import load_pptx

        return load_pptx(path, recogniser)
    if kind == "xlsx":
        from ingest.loaders.sheets import load_xlsx

        return load_xlsx(path, recogniser)
    if kind == "opendocument":
        from ingest.loaders.opendocument import load_opendocument

        return load_opendocument(path, recogniser)
    from ingest.loaders.ebook import load_epub

    return load_epub(path, recogniser)


def _load_text(path: Path, kind: str, inner: Callable[[Path], Parsed]) -> Parsed:
    from ingest.loaders.encoding import decode

    if path.stat().st_size > MAX_TEXT_BYTES:
        raise LoadError(
            Text(
                en=f"A text file may have {MAX_TEXT_BYTES >> 20} MB at most.",
                zh=f"文本文件最大为 {MAX_TEXT_BYTES >> 20} MB。",
            ),
            Text(en="Split it into smaller files.", zh="请拆分为较小的文件。"),
        )
    data = path.read_bytes()
    if kind == "html":
        from ingest.loaders.web import load_html

        return load_html(data, path)
    if kind == "rtf":
        from ingest.loaders.rtf import load_rtf

        return load_rtf(data, path)
    if kind in ("mail", "mbox"):
        from ingest.loaders.mail import load_mail, load_mbox

        return load_mail(data, path, inner) if kind == "mail" else load_mbox(data, path, inner)
    if kind in ("spreadsheetml", "fb2"):
        from ingest.loaders.markup_documents import load_fb2, load_spreadsheetml

        return load_fb2(data, path) if kind == "fb2" else load_spreadsheetml(data, path)
    text, _ = decode(data)
    return _with_damage(_load_decoded(text, path, kind), text, data)


def _load_decoded(text: str, path: Path, kind: str) -> Parsed:
    if kind == "markdown":
        from ingest.loaders.markdown import load_markdown

        return load_markdown(text, path)
    if kind == "csv":
        from ingest.loaders.delimited import load_csv

        return load_csv(text, path)
    if kind in ("json", "jsonl"):
        from ingest.loaders.records import load_json

        return load_json(text, path)
    if kind == "code":
        from ingest.loaders.source import load_code

        return load_code(text, path)
    if kind == "subtitles":
        from ingest.loaders.subtitles import load_subtitles

        return load_subtitles(text, path)
    from ingest.loaders.plain import load_text

    return load_text(text, path)


def _with_damage(parsed: Parsed, text: str, data: bytes) -> Parsed:
    """The document with a note on the characters that could not be decoded."""
    from dataclasses import replace

    from ingest.language import say

    lost = text.count("\ufffd") - data.count("\ufffd".encode())
    if lost <= 0:
        return parsed
    note = say(
        f"Damaged characters that could not be read, shown as \ufffd: {lost}.",
        f"有 {lost} 个损坏的字符无法读取，以 \ufffd 显示。",
    )
    return replace(parsed, notes=(*parsed.notes, note))
