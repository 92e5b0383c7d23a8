"""Office files and e-books are ZIP archives; these are the bounds that keep a small one from becoming a huge one."""

from __future__ import annotations

import zipfile
from functools import partial
from pathlib import Path

from ingest.errors import LoadError
from ingest.language import Text
from ingest.loaders.sniff import damaged, encrypted

MAX_UNPACKED = 1 << 30
"""Bytes all members may take together."""
MAX_XML = 400 << 20
"""Bytes a single part in XML may take: a tree of it needs several times as much memory."""
MAX_RATIO = 200
"""Unpacked bytes per packed byte from which a part over `SMALL` is taken for a bomb; deflate itself ends at 1032."""
SMALL = 50 << 20
MAX_MEMBERS = 50_000


_XML = (".xml", ".rels", ".xhtml", ".html")


def check_archive(path: Path, *, dtd: bool = False) -> None:
    """Pass for an archive that may be unpacked. Raises `LoadError` for a bomb, a damaged or an encrypted one.

    Sizes are those the directory states; Python's zipfile never gives out more than that. `dtd`: whether parts in
    XML may declare entities; those of Office never do, and entities that multiply are a bomb of their own.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            declares = not dtd and any(map(partial(_declares, archive), members[:MAX_MEMBERS]))
    except RuntimeError as error:
        raise encrypted() from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise damaged(path.suffix.lstrip(".") or "zip") from error
    if declares:
        raise damaged(path.suffix.lstrip("."))
    if any(member.flag_bits & 1 for member in members):
        raise encrypted()
    xml = max((m.file_size for m in members if m.filename.lower().endswith(_XML)), default=0)
    total = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or total > MAX_UNPACKED or xml > MAX_XML or any(map(swollen, members)):
        raise LoadError(
            Text(
                f"Unpacked, the file would take {total >> 20} MB: it may be a decompression bomb.",
                f"解压后将占用 {total >> 20} MB：可能是压缩炸弹。",
            ),
            Text("If you trust it, split it or save it as PDF.", "如果文件可信，请拆分或另存为 PDF。"),
        )


def swollen(member: zipfile.ZipInfo) -> bool:
    """Whether it unpacks to more than any sound part does."""
    return member.file_size > SMALL and member.file_size > MAX_RATIO * max(1, member.compress_size)


def _declares(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """True for an XML part with a document type declaration, which has to stand at its beginning."""
    if not member.filename.lower().endswith((".xml", ".rels")):
        return False
    with archive.open(member) as part:
        head = part.read(2048).replace(b"\0", b"")
    return b"<!DOCTYPE" in head or b"<!ENTITY" in head
