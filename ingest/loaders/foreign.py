"""Files that are no documents of ours, told by their first bytes or by what lies in their archive, and what to do."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from ingest.errors import LoadError, Skipped
from ingest.language import Text
from ingest.loaders.encoding import is_binary

_OCR = Text(
    "Run text recognition (OCR) on it and add the resulting PDF.", "请先进行文字识别（OCR），再添加得到的 PDF。"
)
_JPEG = Text("Save it as JPEG and add that.", "请另存为 JPEG 后再添加。")
_UNPACK = Text("Unpack or convert it and add the documents.", "请解压或转换后，再添加其中的文档。")
_FOLDER = Text("Unpack it and add the folder, or pack it as ZIP.", "请解压后添加文件夹，或改为 ZIP 压缩包。")
_PDF = Text("Open it in its program, export it as PDF and add that.", "请用原程序打开，导出为 PDF 后再添加。")
_EPUB = Text("Convert it to EPUB, with Calibre for instance.", "请转换为 EPUB（例如使用 Calibre）后再添加。")
_EML = Text(
    "Open it in its mail program and save the mails as EML or MBOX.", "请用邮件程序打开，将邮件另存为 EML 或 MBOX。"
)
_NOTHING = Text("There is no text in it to be added.", "其中没有可添加的文本。")

_Kind = tuple[str, str, Text]

_MARKS: tuple[tuple[bytes, int, _Kind], ...] = (
    (b"8BPS", 0, ("a Photoshop picture", "Photoshop 图片", _OCR)),
    (b"WAVE", 8, ("a sound file", "音频文件", _UNPACK)),
    (b"AVI ", 8, ("a video", "视频文件", _UNPACK)),
    *(
        (mark, 4, ("a photo (HEIC, AVIF)", "HEIC 或 AVIF 照片", _JPEG))
        for mark in (b"ftyphei", b"ftypmif1", b"ftypavif")
    ),
    (b"ftypM4A", 4, ("a sound file", "音频文件", _UNPACK)),
    (b"ftyp", 4, ("a video", "视频文件", _UNPACK)),
    (b"\x1aE\xdf\xa3", 0, ("a video", "视频文件", _UNPACK)),
    (b"ID3", 0, ("a sound file", "音频文件", _UNPACK)),
    (b"OggS", 0, ("a sound file", "音频文件", _UNPACK)),
    (b"fLaC", 0, ("a sound file", "音频文件", _UNPACK)),
    (b"\x7fELF", 0, ("a program", "程序文件", _NOTHING)),
    (b"MZ", 0, ("a program", "程序文件", _NOTHING)),
    (b"\xca\xfe\xba\xbe", 0, ("a program", "程序文件", _NOTHING)),
    (b"\0asm", 0, ("a program", "程序文件", _NOTHING)),
    (b"\x1f\x8b", 0, ("a compressed file", "压缩文件", _UNPACK)),
    (b"BZh", 0, ("a compressed file", "压缩文件", _UNPACK)),
    (b"\xfd7zXZ\0", 0, ("a compressed file", "压缩文件", _UNPACK)),
    (b"(\xb5/\xfd", 0, ("a compressed file", "压缩文件", _UNPACK)),
    (b"7z\xbc\xaf'\x1c", 0, ("a 7z archive", "7z 压缩包", _FOLDER)),
    (b"Rar!\x1a\x07", 0, ("a RAR archive", "RAR 压缩包", _FOLDER)),
    (b"ustar", 257, ("a TAR archive", "TAR 压缩包", _FOLDER)),
    (b"SQLite format 3\0", 0, ("a database", "数据库文件", _UNPACK)),
    (b"PAR1", 0, ("a Parquet table", "Parquet 数据表", _UNPACK)),
    (b"GGUF", 0, ("a language model", "语言模型文件", _NOTHING)),
    (b"\0\1\0\0", 0, ("a font", "字体文件", _NOTHING)),
    (b"OTTO", 0, ("a font", "字体文件", _NOTHING)),
    (b"wOF", 0, ("a font", "字体文件", _NOTHING)),
    (b"ITSF", 0, ("a Windows help file", "CHM 帮助文件", _UNPACK)),
)
_PICTURES: tuple[tuple[bytes, int], ...] = (
    (b"\x89PNG\r\n", 0), (b"\xff\xd8\xff", 0), (b"II*\0", 0), (b"MM\0*", 0), (b"WEBP", 8), (b"GIF8", 0), (b"BM", 0),
)  # fmt: skip
"""Pictures that are read: PNG, JPEG, TIFF, WebP, GIF, BMP."""
_DOCUMENTS: tuple[tuple[bytes, int, _Kind], ...] = (
    (b"BOOKMOBI", 60, ("a Kindle book (MOBI)", "Kindle 电子书（MOBI）", _EPUB)),
    (b"TEXtREAd", 60, ("a Palm book", "Palm 电子书", _EPUB)),
    (b"TPZ", 0, ("a Kindle book (Topaz)", "Kindle 电子书（Topaz）", _EPUB)),
    (b"\xeaDRMION\xee", 0, ("a protected Kindle book (KFX)", "受保护的 Kindle 电子书（KFX）", _EPUB)),
    (b"AT&TFORM", 0, ("a scan in DjVu", "DjVu 扫描件", Text(
        "Convert it to PDF with text recognition (OCR) and add that.", "请转换为 PDF 并进行文字识别（OCR）后再添加。"
    ))),
    (b"\xe4R\\{\x8c\xd8\xa7M\xae\xb1Sx\xd0)\x96\xd3", 0, ("a OneNote section", "OneNote 分区", _PDF)),
    (b"%!PS", 0, ("a PostScript file", "PostScript 文件", Text(
        "Convert it to PDF and add that.", "请转换为 PDF 后再添加。"
    ))),
    (b"\xffWPC", 0, ("a WordPerfect document", "WordPerfect 文档", _PDF)),
    (b"CAJ\0", 0, ("a CAJ article", "CAJ 文献", Text(
        "Open it in CAJViewer, print it to PDF and add that.", "请用 CAJViewer 打开，打印为 PDF 后再添加。"
    ))),
    (b"AC10", 0, ("a drawing (DWG)", "DWG 图纸", _PDF)),
    (b"!BDN", 0, ("an Outlook data file", "Outlook 数据文件", _EML)),
    (b'x\x9f>"', 0, ("an Outlook attachment (winmail.dat)", "Outlook 附件（winmail.dat）", _EML)),
)  # fmt: skip
_SHORT_MARKS = (b"BM", b"MZ", b"ID3", b"BZh", b"PAR1", b"GGUF", b"OTTO", b"GIF8", b"8BPS", b"TPZ", b"AC10", b"!BDN")
"""Marks of plain letters: text may begin so, binary data must follow for them to count."""

_IWORK = {"pages": "Pages", "numbers": "Numbers", "key": "Keynote"}
_PACKAGES: tuple[tuple[str, _Kind], ...] = (
    ("OFD.xml", ("an OFD document", "OFD 版式文档", Text(
        "Open it in an OFD reader, save it as PDF and add that.", "请用 OFD 阅读器打开，另存为 PDF 后再添加。"
    ))),
    ("visio/", ("a Visio drawing", "Visio 绘图", _PDF)),
    ("FixedDocumentSequence.fdseq", ("an XPS document", "XPS 文档", _PDF)),
    ("Documents/1/", ("an XPS document", "XPS 文档", _PDF)),
    ("content.json", ("a mind map (XMind)", "XMind 思维导图", _PDF)),
    ("doc.kml", ("a map (KMZ)", "KMZ 地图", Text(
        "Unpack it and add the KML file in it.", "请解压后添加其中的 KML 文件。"
    ))),
    ("AndroidManifest.xml", ("a program", "程序文件", _NOTHING)),
)  # fmt: skip


def is_picture(head: bytes) -> bool:
    """Whether a file with these first bytes is a picture whose text can be recognised."""
    found = next((mark for mark, at in _PICTURES if head[at : at + len(mark)] == mark), None)
    return found is not None and (found not in _SHORT_MARKS or is_binary(head))


def refuse_foreign(head: bytes) -> None:
    """Pass for what may be a document of ours by its first bytes.

    Raises `LoadError` for a document that has to be converted first, `Skipped` for what holds no text of its own.
    """
    for mark, offset, kind in (*_DOCUMENTS, *_MARKS):
        if head[offset : offset + len(mark)] != mark:
            continue
        if (mark in _SHORT_MARKS or offset in (4, 8, 60)) and not is_binary(head):
            continue
        if mark == b"%!PS" and not head[4:].startswith(b"-Adobe") and b"\n%%" not in head:
            continue
        raise _named(kind, document=any(mark is known for known, _, _ in _DOCUMENTS))


def refuse_package(names: AbstractSet[str], suffix: str) -> None:
    """Pass for a ZIP archive that is no document of another program, by what lies in it. Raises as `refuse_foreign`."""
    if any(name.endswith(".iwa") or name == "index.apxl" for name in names) or (
        suffix in _IWORK and {"index.xml", "buildVersionHistory.plist"} & names
    ):
        program = _IWORK.get(suffix, "iWork")
        raise LoadError(
            Text(f"The format of Apple's {program} cannot be read.", f"无法读取 Apple {program} 格式。"),
            Text(
                f"Export it from {program} as PDF or to Office and add that.",
                f"请在 {program} 中导出为 PDF 或 Office 格式后再添加。",
            ),
        )
    for mark, kind in _PACKAGES:
        if any(name == mark or (mark.endswith("/") and name.startswith(mark)) for name in names):
            raise _named(kind, document=kind[2] is not _NOTHING)


class MereArchive(Skipped):
    """An archive where a document is expected."""


def mere_archive() -> MereArchive:
    """The error for one."""
    return MereArchive(
        Text("This is an archive, not a document.", "这是压缩包，不是文档。"),
        Text(
            "Unpack it and add the folder, or add it under a name that ends in .zip.",
            "请解压后添加文件夹，或以 .zip 为后缀重新添加。",
        ),
    )


def _named(kind: _Kind, *, document: bool) -> LoadError:
    en, zh, advice = kind
    if document:
        return LoadError(Text(f"This is {en}, which cannot be read.", f"这是{zh}，无法读取。"), advice)
    return Skipped(Text(f"This is {en}, not a text document.", f"这是{zh}，不是文本文档。"), advice)
