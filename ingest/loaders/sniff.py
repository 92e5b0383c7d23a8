"""What a file really is: by its first bytes, then, for text, by its name."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, Literal

from ingest.errors import LoadError, Skipped
from ingest.language import Text

if TYPE_CHECKING:
    from pathlib import Path

Format = Literal["pdf", "docx", "pptx", "xlsx", "epub", "csv", "html", "markdown", "json", "jsonl", "code", "text"]

HEAD = 8192
"""Bytes looked at."""

CODE = frozenset(
    str.split(
        "py pyi js mjs cjs jsx ts tsx java kt kts scala groovy c h cc cpp cxx hpp hh cs go rs rb php pl pm lua r jl "
        "swift m mm dart ex exs erl hs ml fs clj lisp el vim sh bash zsh fish ps1 bat cmd sql graphql proto thrift css "
        "scss less sass vue svelte asm s f f90 v vhd sv tf nix cmake gradle make mk dockerfile toml yaml yml ini cfg "
        "conf properties xml xsd xsl svg tex bib"
    )
)
"""Suffixes of source code and of configuration, whose layout carries meaning."""
TEXT: dict[str, Format] = {
    "md": "markdown", "markdown": "markdown", "mdown": "markdown", "mkd": "markdown", "mdx": "markdown",
    "qmd": "markdown",
    "csv": "csv", "tsv": "csv", "tab": "csv",
    "html": "html", "htm": "html", "xhtml": "html", "shtml": "html",
    "json": "json", "jsonl": "jsonl", "ndjson": "jsonl", "geojson": "json", "ipynb": "json",
}  # fmt: skip

_FOREIGN: tuple[tuple[bytes, int, str, str], ...] = (
    (b"\x89PNG\r\n", 0, "a PNG picture", "PNG 图片"),
    (b"\xff\xd8\xff", 0, "a JPEG picture", "JPEG 图片"),
    (b"GIF8", 0, "a GIF picture", "GIF 图片"),
    (b"II*\0", 0, "a TIFF picture", "TIFF 图片"),
    (b"MM\0*", 0, "a TIFF picture", "TIFF 图片"),
    (b"BM", 0, "a BMP picture", "BMP 图片"),
    (b"WEBP", 8, "a WebP picture", "WebP 图片"),
    (b"WAVE", 8, "a sound file", "音频文件"),
    (b"AVI ", 8, "a video", "视频文件"),
    (b"ftyp", 4, "a video or picture", "视频或图片"),
    (b"\x1aE\xdf\xa3", 0, "a video", "视频文件"),
    (b"ID3", 0, "a sound file", "音频文件"),
    (b"OggS", 0, "a sound file", "音频文件"),
    (b"fLaC", 0, "a sound file", "音频文件"),
    (b"\x7fELF", 0, "a program", "程序文件"),
    (b"MZ", 0, "a program", "程序文件"),
    (b"\xca\xfe\xba\xbe", 0, "a program", "程序文件"),
    (b"\0asm", 0, "a program", "程序文件"),
    (b"\x1f\x8b", 0, "a compressed file", "压缩文件"),
    (b"BZh", 0, "a compressed file", "压缩文件"),
    (b"\xfd7zXZ\0", 0, "a compressed file", "压缩文件"),
    (b"(\xb5/\xfd", 0, "a compressed file", "压缩文件"),
    (b"7z\xbc\xaf'\x1c", 0, "an archive", "压缩包"),
    (b"Rar!\x1a\x07", 0, "an archive", "压缩包"),
    (b"ustar", 257, "an archive", "压缩包"),
    (b"SQLite format 3\0", 0, "a database", "数据库文件"),
    (b"PAR1", 0, "a Parquet table", "Parquet 数据表"),
    (b"GGUF", 0, "a language model", "语言模型文件"),
    (b"\0\1\0\0", 0, "a font", "字体文件"),
    (b"OTTO", 0, "a font", "字体文件"),
    (b"wOF", 0, "a font", "字体文件"),
    (b"%!PS", 0, "a PostScript file", "PostScript 文件"),
    (b"ITSF", 0, "a Windows help file", "CHM 帮助文件"),
)
_SHORT_MARKS = (b"BM", b"MZ", b"ID3", b"BZh", b"PAR1", b"GGUF", b"OTTO", b"GIF8")
"""Marks of plain letters: text may begin so, binary data must follow for them to count."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE | re.DOTALL
)


def sniff(path: Path, head: bytes) -> Format:
    """The format to read `path` as, given its first `HEAD` bytes.

    Raises `Skipped` for what holds no text of its own (pictures, programs, archives) and `LoadError` for what
    is a document, but encrypted, damaged or of a kind that has to be converted first.
    """
    suffix = path.suffix.lower().lstrip(".")
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _inside_zip(path, suffix)
    if head.startswith(_OLE):
        raise _ole(path)
    if head.startswith(b"{\\rtf"):
        raise _convert("RTF", "DOCX")
    _refuse_foreign(head)
    binary = _looks_binary(head)
    if binary and suffix in ("pdf", "docx", "pptx", "xlsx", "epub", "docm", "pptm", "xlsm"):
        raise _damaged(suffix)
    if _HTML.match(head.replace(b"\0", b"")[:4096]) and suffix not in CODE and TEXT.get(suffix) != "markdown":
        return "html"
    return TEXT.get(suffix) or ("code" if suffix in CODE or path.name.lower() in ("makefile", "dockerfile") else "text")


def _looks_binary(head: bytes) -> bool:
    from ingest.loaders.encoding import is_binary

    return is_binary(head)


def _refuse_foreign(head: bytes) -> None:
    for mark, offset, en, zh in _FOREIGN:
        if head[offset : offset + len(mark)] == mark and (mark not in _SHORT_MARKS or _looks_binary(head)):
            if offset in (4, 8) and not _looks_binary(head):
                continue
            picture = "picture" in en
            raise Skipped(
                Text(en=f"This is {en}, not a text document.", zh=f"这是{zh}，不是文本文档。"),
                Text(
                    en="Run text recognition (OCR) on it and add the resulting PDF.",
                    zh="请先进行文字识别（OCR），再添加得到的 PDF。",
                )
                if picture
                else Text(en="Unpack or convert it and add the documents.", zh="请解压或转换后，再添加其中的文档。"),
            )


def _inside_zip(path: Path, suffix: str) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            mime = archive.read("mimetype")[:200].strip() if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        raise _damaged(suffix or "zip") from error
    if mime == b"application/epub+zip" or "META-INF/container.xml" in names:
        return "epub"
    if mime.startswith(b"application/vnd.oasis.opendocument"):
        raise _convert("OpenDocument", "DOCX, PPTX or XLSX", "DOCX、PPTX 或 XLSX")
    if "[Content_Types].xml" in names:
        for folder, kind in (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx")):
            if any(name.startswith(folder) for name in names):
                if kind == "xlsx" and any(name == "xl/workbook.bin" for name in names):
                    raise _convert("XLSB", "XLSX")
                return kind  # type: ignore[return-value]
    raise Skipped(
        Text(en="This is an archive, not a document.", zh="这是压缩包，不是文档。"),
        Text(en="Unpack it and add the folder.", zh="请解压后添加文件夹。"),
    )


def _ole(path: Path) -> LoadError:
    """Old Office files and encrypted new ones share a container; encryption shows in its directory."""
    with path.open("rb") as file:
        data = file.read(4 << 20)
    if "EncryptedPackage".encode("utf-16-le") in data:
        return encrypted()
    if "WordDocument".encode("utf-16-le") in data:
        return _convert("DOC (Word 97–2003)", "DOCX")
    if "PowerPoint Document".encode("utf-16-le") in data:
        return _convert("PPT (PowerPoint 97–2003)", "PPTX")
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        return _convert("XLS (Excel 97–2003)", "XLSX")
    return Skipped(
        Text(en="This is an old Office or mail file of an unknown kind.", zh="这是未知类型的旧版 Office 或邮件文件。"),
        Text(en="Save it as PDF and add that.", zh="请另存为 PDF 后再添加。"),
    )


def encrypted() -> LoadError:
    """The error for a document that asks for a password."""
    return LoadError(
        Text(en="The document is protected by a password.", zh="文档受密码保护。"),
        Text(en="Save a copy without the password and add that.", zh="请另存一份不带密码的副本再添加。"),
    )


def _convert(kind: str, target: str, target_zh: str = "") -> LoadError:
    return LoadError(
        Text(en=f"The format {kind} cannot be read.", zh=f"无法读取 {kind} 格式。"),
        Text(
            en=f"Open it in its program and save it as {target}.", zh=f"请用原程序打开并另存为 {target_zh or target}。"
        ),
    )


def _damaged(suffix: str) -> LoadError:
    kind = suffix.upper()
    return LoadError(
        Text(
            en=f"The file is not a sound {kind}: it is damaged, cut short or something else.",
            zh=f"文件不是完好的 {kind}：可能已损坏、不完整，或是其他类型。",
        ),
        Text(en="Copy or download it again.", zh="请重新复制或下载该文件。"),
    )


damaged = _damaged
