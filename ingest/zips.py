"""One ZIP archive: its members under the names they were given, and how one of them is unpacked."""

from __future__ import annotations

import calendar
import os
import re
import shutil
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import LoadError, Skipped
from ingest.language import Text
from ingest.scan import is_junk

MAX_DIRECTORY = 16 << 20
"""Bytes of an archive's directory: 10,000 names of 1,600 bytes."""
MAX_UNPACKED = 8 << 30
"""Bytes that the members of an archive may take together, those of archives within it included."""
_CODECS = frozenset({"utf-8", "gb18030", "big5hkscs", "cp949"})
"""Encodings of names that are told by their bytes; others are as the format has them, in code page 437."""
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What reading a damaged archive raises."""
_UTF8 = 0x800
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST = 100
"""Characters of a name in the folder where a member is unpacked."""
_OPEN = 4
"""Archives that are kept open."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive on the disk, or within another."""

    path: str
    """As a person sees it."""
    member: Member | None = None
    """What it is of another archive."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: where its bytes come from."""

    archive: Archive
    info: zipfile.ZipInfo
    name: str
    """Its last part, as a person sees it."""
    shelf: Shelf

    def bring(self, folder: Path, most: int) -> Path:
        """Unpack it into `folder`. Raises `LoadError` for one of more than `most` bytes, or damaged."""
        if self.info.file_size > most:
            size = -(-self.info.file_size // (1 << 20))
            raise Skipped(
                Text(f"Unpacked, the file has {size} MB.", f"解压后该文件为 {size} MB。"),
                Text("Unpack it and split it, or raise max_file_mb.", "请解压并拆分，或调高设置 max_file_mb。"),
            )
        target = folder / file_name(self.name)
        try:
            with self.shelf.opened(self.archive).open(self.info) as packed, target.open("wb") as out:
                shutil.copyfileobj(packed, out, 1 << 20)
        except BROKEN as error:
            raise damaged() from error
        return target


class Shelf:
    """Archives that are open, the last few; those within others unpacked once, until nobody needs them any more."""

    def __init__(self) -> None:
        self._open: dict[str, zipfile.ZipFile] = {}
        self._unpacked: dict[str, Path] = {}
        self._folder: Path | None = None

    def opened(self, archive: Archive) -> zipfile.ZipFile:
        """The archive, open. Raises `LoadError` for one that is damaged or has a directory beyond all bounds."""
        found = self._open.pop(archive.path, None)
        if found is None:
            path = self._file(archive)
            _check_directory(path)
            try:
                found = zipfile.ZipFile(path)
            except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
                raise damaged() from error
        self._open[archive.path] = found
        if len(self._open) > _OPEN:
            self._open.pop(next(iter(self._open))).close()
        return found

    def _file(self, archive: Archive) -> Path:
        if archive.member is None:
            return Path(archive.path)
        if archive.path not in self._unpacked:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="zhiku-archives-"))
                weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            place = Path(tempfile.mkdtemp(dir=self._folder))
            self._unpacked[archive.path] = archive.member.bring(place, MAX_UNPACKED)
        return self._unpacked[archive.path]


def names(infos: Sequence[zipfile.ZipInfo]) -> Iterator[str]:
    """Names with '/' between their parts, none of which is '..' or hidden; '' for what is no document."""
    old = [info for info in infos if not info.flag_bits & _UTF8 and not info.filename.isascii()]
    codec = _codec([info.filename.encode("cp437", "replace") for info in old])
    for info in infos:
        name = info.filename
        if codec and not info.flag_bits & _UTF8:
            name = name.encode("cp437", "replace").decode(codec, "replace")
        parts = [_CONTROLS.sub("", part) for part in name.replace("\\", "/").split("/")]
        parts = [part for part in parts if part.strip(" ") not in ("", ".", "..")]
        yield "" if any(map(is_junk, parts)) else "/".join(parts)


def _codec(names: Sequence[bytes]) -> str:
    """In which encoding a program of before Unicode, or one that doesn't say so, wrote its names: all in the same."""
    from ingest.loaders.encoding import decode

    if not names:
        return ""
    try:
        codec = decode(b"\n".join(names))[1]
    except LoadError:
        return ""
    return codec if codec in _CODECS else ""


def stamp(info: zipfile.ZipInfo) -> int:
    """A member's time in nanoseconds, as it would be of a file; its checksum stands for the parts of a second, so that
    it tells one content from another."""
    try:
        seconds = calendar.timegm((*info.date_time, 0, 0, 0))
    except (ValueError, OverflowError):
        seconds = 0
    return max(0, seconds) * 10**9 + info.CRC % 10**9


def file_name(name: str) -> str:
    """A name fit for any file system; its suffix is kept."""
    stem, dot, suffix = re.sub(r'[<>:"|?*\\/]', "_", name).rpartition(".")
    stem, suffix = (stem, suffix[:12]) if dot and stem else (stem + dot + suffix, "")
    stem = stem[:_LONGEST].encode("utf-8", "ignore")[:200].decode("utf-8", "ignore").strip(" ") or "file"
    return f"{stem}.{suffix}" if suffix else stem


def _check_directory(path: Path) -> None:
    """Raises `LoadError` where the directory alone would fill the memory."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - (1 << 16) - 200))
        tail = file.read()
    at, large = tail.rfind(b"PK\5\6"), tail.rfind(b"PK\6\6")
    size = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if size == 0xFFFFFFFF and large >= 0:
        size = int.from_bytes(tail[large + 40 : large + 48], "little")
    if size > MAX_DIRECTORY:
        raise bomb()


def bomb() -> LoadError:
    """The error for an archive beyond all bounds."""
    return LoadError(
        Text(
            f"The archive holds more than 10,000 files or {MAX_UNPACKED >> 30} GB, or may be a bomb.",
            f"压缩包内超过 10,000 个文件或 {MAX_UNPACKED >> 30} GB，或可能是压缩炸弹。",
        ),
        Text("If you trust it, unpack it and add the folder.", "如果可信，请解压后添加文件夹。"),
    )


def damaged() -> LoadError:
    """The error for an archive that is not sound."""
    return LoadError(
        Text("The archive is damaged or cut short.", "压缩包已损坏或不完整。"),
        Text("Copy or download it again.", "请重新复制或下载。"),
    )
