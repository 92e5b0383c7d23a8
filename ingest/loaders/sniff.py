"""What a file really is: by its first bytes, then, for text, by its name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal

from ingest.errors import LoadError, Skipped
from ingest.language import Text, say
from ingest.loaders.encoding import is_binary
from ingest.loaders.foreign import is_picture, mere_archive, refuse_foreign, refuse_package

Format = Literal[
    "pdf", "docx", "pptx", "xlsx", "epub", "csv", "html", "markdown", "json", "jsonl", "xml", "code", "text", "mail", "mbox",
    "subtitles", "cards", "spreadsheetml", "fb2", "svg", "exports", "rtf", "opendocument", "picture",
    "msg", "doc", "xls", "ppt",
]  # fmt: skip

HEAD = 8192
"""Bytes looked at."""

CODE = frozenset(
    str.split(
        "py pyi js mjs cjs jsx ts tsx java kt kts scala groovy c h cc cpp cxx hpp hh cs go rs rb php pl pm lua r jl "
        "swift m mm dart ex exs erl hs ml fs clj lisp el vim sh bash zsh fish ps1 bat cmd sql graphql proto thrift css "
        "scss less sass vue svelte asm s f f90 v vhd sv tf nix cmake gradle make mk dockerfile toml yaml yml ini cfg "
        "conf properties xml xsd xsl tex bib"
    )
)
"""Suffixes of source code and of configuration, whose layout carries meaning."""
TEXT: dict[str, Format] = {
    "md": "markdown", "markdown": "markdown", "mdown": "markdown", "mkd": "markdown", "mdx": "markdown",
    "qmd": "markdown",
    "csv": "csv", "tsv": "csv", "tab": "csv",
    "html": "html", "htm": "html", "xhtml": "html", "shtml": "html",
    "json": "json", "jsonc": "json", "jsonl": "jsonl", "ndjson": "jsonl", "geojson": "json", "ipynb": "json",
    "xml": "xml",
    "srt": "subtitles", "vtt": "subtitles", "ass": "subtitles", "ssa": "subtitles",
    "txt": "text", "text": "text", "log": "text", "rst": "text", "adoc": "text", "org": "text",
}  # fmt: skip
_OFFICE = ("pdf", "docx", "pptx", "xlsx", "epub", "docm", "pptm", "xlsm")
_SPREADSHEETS = ("xls", "xlsx", "xlsm", "xlsb", "et", "ods")
"""Suffixes under which programs export tables as text."""
_MAIL = ("eml", "mht", "mhtml", "emlx")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_STREAMS: dict[str, Format] = {
    "__properties_version1.0": "msg", "WordDocument": "doc", "PowerPoint Document": "ppt", "Workbook": "xls",
    "Book": "xls",
}  # fmt: skip
"""What only one kind of file in this container has at its top."""
_BEGINNING = 64
"""Bytes of such a stream that tell whether it is encrypted."""
_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE | re.DOTALL
)
_PDF_MARK = re.compile(rb"%PDF-\d")
"""A version follows: '%PDF- is how it begins' is a sentence."""
_PDF_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")
_HEADER = re.compile(rb"([A-Za-z][A-Za-z0-9-]*):(?:[ \t]|\r?$)")
_MAIL_HEADERS = frozenset(
    str.split(
        "from to cc bcc subject date sender reply-to return-path delivered-to received message-id mime-version "
        "content-type content-transfer-encoding snapshot-content-location dkim-signature"
    )
)
_ONLY_MAIL = frozenset(("mime-version", "message-id", "received", "return-path", "dkim-signature"))
"""Headers that machines write: a memo that begins with From and Subject is read as text all the same."""


def sniff(path: Path, head: bytes) -> Format:
    """The format to read `path` as, given its first `HEAD` bytes.

    Raises `Skipped` for what holds no text of its own (sound, programs, archives) and `LoadError` for what
    is a document, but encrypted, damaged or of a kind that has to be converted first.
    """
    suffix = path.suffix.lower().lstrip(".")
    if _is_pdf(head, suffix):
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _inside_zip(path, suffix)
    if head.startswith(_OLE):
        return _inside_ole(path)
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if is_picture(head):
        return "picture"
    refuse_foreign(head)
    if is_binary(head) and suffix in _OFFICE:
        raise damaged(suffix)
    return _text(path, head.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf"), suffix)


def _is_pdf(head: bytes, suffix: str) -> bool:
    """By its mark at the very start, or behind some bytes of rubbish; a text that speaks of the mark is none."""
    mark = _PDF_MARK.search(head, 0, 1024)
    if mark is None:
        return False
    at = mark.start()
    text = (suffix in CODE or suffix in TEXT) and not is_binary(head)
    if not head[:at].strip(b" \t\r\n\xef\xbb\xbf\xff\xfe\0"):
        return not text or _PDF_OBJECT.search(head) is not None
    return not text and (suffix == "pdf" or is_binary(head) or _PDF_OBJECT.search(head, at) is not None)


_XML: dict[bytes, Format] = {
    b"urn:schemas-microsoft-com:office:spreadsheet": "spreadsheetml", b"<office:document": "opendocument", b"<FictionBook": "fb2",
}  # fmt: skip


def _text(path: Path, head: bytes, suffix: str) -> Format:
    """The kind of text: by its own marks, then by the name."""
    if kind := _mail(head, suffix):
        return kind
    if head.startswith((b"WEBVTT\n", b"WEBVTT\r", b"WEBVTT ")):
        return "subtitles"
    if head.lstrip()[:15].upper().startswith((b"BEGIN:VCALENDAR", b"BEGIN:VCARD")):
        return "cards"
    if head.lstrip()[:1] == b"<":
        if found := next((kind for mark, kind in _XML.items() if mark in head), None):
            return found
        if re.search(rb"<(?:en-export|kml|gpx)[\s>]", head):
            return "exports"
        if suffix == "svg":
            return "svg"
        if b"<w:wordDocument" in head or b"<pkg:package" in head:
            raise convert("Word XML", "DOCX")
        if _HTML.match(head[:4096]) and suffix not in CODE and TEXT.get(suffix) != "markdown":
            return "html"
    if suffix in _SPREADSHEETS:
        return "csv"
    return TEXT.get(suffix) or ("code" if suffix in CODE or path.name.lower() in ("makefile", "dockerfile") else "text")


def _mail(head: bytes, suffix: str) -> Format | None:
    """'mail' or 'mbox' when the file opens with the header lines of a mail, which MHTML has as well."""
    lines = head.lstrip().splitlines()
    box = bool(lines) and lines[0].startswith(b"From ")
    if box or (suffix == "emlx" and lines and lines[0].strip().isdigit()):
        del lines[0]
    names: set[str] = set()
    for line in lines:
        if not line.strip():
            break
        if line[:1] in b" \t":
            continue
        if not (match := _HEADER.match(line)):
            break
        names.add(match[1].decode("ascii").lower())
    known = names & _MAIL_HEADERS
    sure = suffix in (*_MAIL, "mbox") or bool(known & _ONLY_MAIL)
    if len(known) < (1 if suffix in _MAIL else 2) or not sure:
        return None
    return "mbox" if box else "mail"


def misnamed(path: Path, kind: Format) -> str:
    """A note for the user where the file's name says another kind of document than it is; '' where not."""
    suffix = path.suffix.lower().lstrip(".")
    if suffix not in _PROMISES or kind in _PROMISES[suffix]:
        return ""
    en, zh = _CALLED.get(kind, ("plain text", "纯文本"))
    return say(
        f"The name says .{suffix}, but this is {en}; it was read as that.",
        f"文件名后缀为 .{suffix}，但内容是{zh}，已按实际内容读取。",
    )


_CALLED: dict[str, tuple[str, str]] = {
    "pdf": ("a PDF", "PDF"), "docx": ("a Word document", "Word 文档"), "xlsx": ("an Excel workbook", "Excel 工作簿"),
    "pptx": ("a PowerPoint presentation", "PowerPoint 演示文稿"), "epub": ("an e-book (EPUB)", "EPUB 电子书"),
    "html": ("a web page (HTML)", "网页（HTML）"), "mail": ("a mail or a saved web page", "邮件或网页存档"),
    "mbox": ("a mailbox", "邮箱文件"), "csv": ("a table in plain text", "纯文本表格"),
    "spreadsheetml": ("a spreadsheet in XML", "XML 电子表格"), "fb2": ("an e-book (FB2)", "FB2 电子书"),
    "rtf": ("an RTF document", "RTF 文档"), "opendocument": ("an OpenDocument file", "OpenDocument 文件"),
    "picture": ("a picture", "图片"),
    "msg": ("a mail of Outlook (MSG)", "Outlook 邮件（MSG）"), "doc": ("a Word 97–2003 document", "Word 97–2003 文档"),
    "xls": ("an Excel 97–2003 workbook", "Excel 97–2003 工作簿"),
    "ppt": ("a PowerPoint 97–2003 presentation", "PowerPoint 97–2003 演示文稿"),
}  # fmt: skip
_PROMISES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("pdf",), ("pdf",)),
    **dict.fromkeys(("doc", "docx", "docm", "dotx", "wps"), ("docx", "rtf", "doc")),
    **dict.fromkeys(("xls", "xlsx", "xlsm", "xlsb", "et"), ("xlsx", "xls")),
    **dict.fromkeys(("ppt", "pptx", "pptm", "ppsx", "potx", "dps"), ("pptx", "ppt")),
    "epub": ("epub",),
}
"""What suffixes of binary formats promise; text may be called anything."""


def _inside_zip(path: Path, suffix: str) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            kind = packed_kind(archive, suffix)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        raise damaged(suffix or "zip") from error
    if kind is None:
        raise mere_archive()
    return kind


def packed_kind(archive: zipfile.ZipFile, suffix: str) -> Format | None:
    """Which document is packed as this archive; None for one that is no more than an archive. Raises `LoadError` for a
    document of a kind that has to be converted first."""
    names = set(archive.namelist())
    mime = b""
    if "mimetype" in names:
        with archive.open("mimetype") as part:
            mime = part.read(200).strip()
    if mime == b"application/epub+zip" or "META-INF/container.xml" in names:
        return "epub"
    if mime.startswith(b"application/vnd.oasis.opendocument"):
        if mime.split(b".")[-1].split(b"-")[0] in (b"text", b"spreadsheet", b"presentation", b"graphics"):
            return "opendocument"
        raise convert("OpenDocument", "PDF")
    if "[Content_Types].xml" in names:
        for folder, kind in (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx")):
            if any(name.startswith(folder) for name in names):
                if kind == "xlsx" and any(name == "xl/workbook.bin" for name in names):
                    raise convert("XLSB", "XLSX")
                return kind  # type: ignore[return-value]
    refuse_package(names, suffix)
    return None


def _inside_ole(path: Path) -> Format:
    """Old Office files, mail of Outlook and encrypted new ones share a container; its directory tells them apart."""
    import olefile

    try:
        with olefile.OleFileIO(path) as ole:
            names = {entry[0] for entry in ole.listdir()}
            found = next(((name, kind) for name, kind in OLE_STREAMS.items() if name in names), None)
            head = ole.openstream(found[0]).read(_BEGINNING) if found and found[1] in ("doc", "xls") else b""
    except Exception as error:
        raise damaged(path.suffix.lstrip(".") or "doc") from error
    if names & {"EncryptedPackage", "EncryptedSummary"} or (found and _is_locked(found[1], head)):
        raise encrypted()
    if found:
        return found[1]
    if "VisioDocument" in names:
        raise convert("Visio", "PDF")
    raise Skipped(
        Text("This is an old Office or mail file of an unknown kind.", "这是未知类型的旧版 Office 或邮件文件。"),
        Text("Save it as PDF and add that.", "请另存为 PDF 后再添加。"),
    )


def _is_locked(kind: Format, head: bytes) -> bool:
    """Whether an old Word or Excel file is encrypted: a flag in its first block ([MS-DOC] 2.5.2), or a record
    (FilePass, [MS-XLS] 2.4.117) behind the first one."""
    if kind == "doc":
        return len(head) > 11 and bool(head[11] & 1)
    first = 4 + int.from_bytes(head[2:4], "little")
    return kind == "xls" and head[first : first + 2] == b"\x2f\0"


def encrypted() -> LoadError:
    """The error for a document that asks for a password."""
    return LoadError(
        Text("The document is protected by a password.", "文档受密码保护。"),
        Text("Save a copy without the password and add that.", "请另存一份不带密码的副本再添加。"),
    )


def convert(kind: str, target: str) -> LoadError:
    """The error for a document of `kind` that its program can save as `target`."""
    return LoadError(
        Text(f"The format {kind} cannot be read.", f"无法读取 {kind} 格式。"),
        Text(f"Open it in its program and save it as {target}.", f"请用原程序打开并另存为 {target}。"),
    )


def damaged(suffix: str) -> LoadError:
    """The error for a file that is not sound as the kind its suffix names."""
    kind = suffix.upper()
    return LoadError(
        Text(
            f"The file is not a sound {kind}: it is damaged, cut short or something else.",
            f"文件不是完好的 {kind}：可能已损坏、不完整，或是其他类型。",
        ),
        Text("Copy or download it again.", "请重新复制或下载该文件。"),
    )
