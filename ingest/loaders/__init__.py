"""One module per family of formats, all of them text and structure out.

`load` decides by what a file holds, then by its name, and imports the format's library only then.
"""

from __future__ import annotations

import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.documents import How, Parsed, Trace
from ingest.errors import LoadError, Skipped
from ingest.language import Text, say

if TYPE_CHECKING:
    from ingest.recognition import Recogniser

__all__ = ["load"]

MAX_BYTES = 512 << 20
MAX_TEXT_BYTES = 200 << 20
"""A text file is decoded as a whole, which takes several times its size."""
DEEPEST = 3
"""Files within files that are followed."""

LOADERS: dict[str, tuple[str, str, str]] = {
    "pdf": ("pdf:load_pdf", "path load recogniser", "pypdfium2"),
    "picture": ("pictures:load_picture", "path recogniser", "pillow"),
    "docx": ("word:load_docx", "path load recogniser", "lxml"),
    "pptx": ("slides:load_pptx", "path load recogniser", "lxml"),
    "xlsx": ("sheets:load_xlsx", "path load recogniser", "lxml"),
    "opendocument": ("opendocument:load_opendocument", "path load recogniser", "lxml"),
    "epub": ("ebook:load_epub", "path load recogniser", "lxml"),
    "msg": ("outlook:load_msg", "path load", "olefile"),
    **dict.fromkeys(("doc", "xls", "ppt"), ("office97:load_office97", "path kind load", "LibreOffice")),
    "html": ("web:load_html", "data path", "trafilatura"),
    "rtf": ("rtf:load_rtf", "data path", ""),
    "mail": ("mail:load_mail", "data path load", ""),
    "mbox": ("mail:load_mbox", "data path load", ""),
    "spreadsheetml": ("markup_documents:load_spreadsheetml", "data path", "lxml"),
    "svg": ("markup_documents:load_svg", "data path", "lxml"),
    "exports": ("exports:load_exports", "data path load", "lxml"),
    "fb2": ("markup_documents:load_fb2", "data path", "lxml"),
    "markdown": ("markdown:load_markdown", "text path", "markdown-it-py"),
    "csv": ("delimited:load_csv", "text path", ""),
    **dict.fromkeys(("json", "jsonl"), ("records:load_json", "text path", "")),
    "xml": ("records:load_xml", "text path", "lxml"),
    "code": ("source:load_code", "text path", ""),
    "cards": ("cards:load_cards", "text path", ""),
    "subtitles": ("subtitles:load_subtitles", "text path", ""),
    "text": ("plain:load_text", "text path", ""),
}
"""For each format its loader, what that takes, and the package that opens such a file ('' for Python's and our own)."""
_ARCHIVES = ("docx", "pptx", "xlsx", "opendocument", "epub")


def load(path: Path, *, max_bytes: int = MAX_BYTES, recogniser: Recogniser | None = None, depth: int = 0) -> Parsed:
    """The file as text, page by page; pictures of text by `recogniser` (None: they are only named).

    Raises `Skipped` for what holds no text of its own, `LoadError` for a document that cannot be read: encrypted,
    damaged, too large, `depth` files deep in another. `max_bytes` bounds the size of the file in bytes. Libraries may
    raise errors of their own on damaged files; `ingest.parsing` turns those into a `LoadError`.
    """
    from dataclasses import replace
    from functools import partial

    from ingest.loaders.layout import MAX_CHARACTERS, MAX_PAGES, too_long
    from ingest.loaders.properties import with_language
    from ingest.loaders.sniff import HEAD, misnamed, sniff
    from ingest.parsing.precheck import precheck
    from ingest.recognition import Recognition, opened

    begun = time.monotonic()
    if depth > DEEPEST:
        raise Skipped(
            Text("Too deep: a file within a file within a file.", "嵌套过深：文件层层内嵌。"),
            Text("Save it from there and add it.", "请另存后添加。"),
        )
    precheck(path, max_bytes)
    with path.open("rb") as file:
        head = file.read(HEAD)
    kind = sniff(path, head)
    if recogniser is None:
        recogniser = opened(Recognition("off"))
    inner = partial(load, max_bytes=max_bytes, recogniser=recogniser, depth=depth + 1)
    parsed = _loaded(kind, {"path": path, "kind": kind, "load": inner, "recogniser": recogniser})
    if len(parsed.pages) > MAX_PAGES or sum(len(page.text) for page in parsed.pages) > MAX_CHARACTERS:
        raise too_long()
    if not any(page.text.strip() for page in parsed.pages) and not parsed.needs_ocr and not parsed.attached:
        raise _empty("text" not in LOADERS[kind][1] and "data" not in LOADERS[kind][1])
    if note := misnamed(path, kind):
        parsed = replace(parsed, notes=(note, *parsed.notes))
    trace = _trace(parsed, kind, LOADERS[kind][2], recogniser.options.mode, time.monotonic() - begun)
    return with_language(replace(parsed, recognition=recogniser.asked, trace=trace))


def _loaded(kind: str, given: dict[str, Any]) -> Parsed:
    """The file by its loader, given what that takes; 'data' and 'text' are read first."""
    from importlib import import_module

    name, takes, _ = LOADERS[kind]
    path: Path = given["path"]
    if kind in _ARCHIVES and zipfile.is_zipfile(path):
        from ingest.loaders.archives import check_archive

        check_archive(path, dtd=kind == "epub")
    if "path" not in takes.split()[:1]:
        if path.stat().st_size > MAX_TEXT_BYTES:
            raise LoadError(
                Text(
                    f"A text file may have {MAX_TEXT_BYTES >> 20} MB at most.",
                    f"文本文件最大为 {MAX_TEXT_BYTES >> 20} MB。",
                ),
                Text("Split it into smaller files.", "请拆分为较小的文件。"),
            )
        given["data"] = path.read_bytes()
    if "text" in takes:
        from ingest.loaders.encoding import decode
        from ingest.loaders.layout import MAX_CHARACTERS, too_long

        given["text"] = decode(given["data"])[0]
        if len(given["text"]) > MAX_CHARACTERS:
            raise too_long()
    module, _, function = name.partition(":")
    parsed: Parsed = getattr(import_module(f"ingest.loaders.{module}"), function)(*map(given.get, takes.split()))
    return _with_damage(parsed, given["text"], given["data"]) if "text" in takes else parsed


def _trace(parsed: Parsed, kind: str, package: str, ocr: str, seconds: float) -> Trace:
    """How a document was read as `kind` with `package`, `ocr` being how text recognition was set: "why is page 7 empty?". One
    that another loader has read in the end (a converted file) keeps that one's pages."""
    from importlib.metadata import PackageNotFoundError, version

    known = dict(parsed.how or parsed.trace.pages)
    pages: list[tuple[int, How]] = []
    for page in parsed.pages:
        how = known.get(page.number)
        if how is None and not page.text.strip():
            how = "unread" if page.number in parsed.needs_ocr else "blank"
        if how is None and page.places:
            how = "recognised"
        if how is not None:
            pages.append((page.number, how))
    try:
        library = f"{package} {version(package)}" if package else parsed.trace.library
    except PackageNotFoundError:
        library = package
    return Trace(kind, library, ocr, round(seconds, 3), tuple(pages))


def _empty(may_show: bool) -> Skipped:  # noqa: FBT001 - the kind of file, not a mode
    """The error for a document without text; `may_show`: its format can hold pictures of text."""
    if may_show:
        todo = Text(
            "If it shows text, it is a picture: run text recognition (OCR) first.",
            "如果能看到文字，那是图片：请先进行文字识别（OCR）。",
        )
    else:
        todo = Text("If it should hold something, save or copy it again.", "如果它本该有内容，请重新保存或复制一份。")
    return Skipped(Text("The document holds no text.", "文档中没有文本。"), todo)


def _with_damage(parsed: Parsed, text: str, data: bytes) -> Parsed:
    """The document with a note on the characters that could not be decoded."""
    from dataclasses import replace

    lost = text.count("\ufffd") - data.count("\ufffd".encode())
    if lost <= 0:
        return parsed
    note = say(
        f"Damaged characters that could not be read, shown as \ufffd: {lost}.",
        f"有 {lost} 个损坏的字符无法读取，以 \ufffd 显示。",
    )
    return replace(parsed, notes=(*parsed.notes, note))
