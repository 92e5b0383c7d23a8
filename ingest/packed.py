"""Documents in ZIP archives, each a document of its own under `archive.zip/inner/name.pdf`.

What is in an archive is read from its directory alone; a member is unpacked when its turn has come, into a file of its
own. Names are labels: none of them leads anywhere on this disk.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.documents import Failure
from ingest.errors import LoadError, UsageError
from ingest.language import Text
from ingest.loaders.archives import swollen
from ingest.places import ARCHIVES, HOLDERS, container_of
from ingest.scan import Found, Scan, refused, scan
from ingest.zips import BROKEN, MAX_UNPACKED, Archive, Member, Shelf, bomb, names, stamp

MAX_MEMBERS = 10_000
DEEPEST = 3
"""Archives within one another that are opened."""
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})
_ENCRYPTED = 1
_LOCKED = LoadError(
    Text("In the archive it is protected by a password.", "该文件在压缩包中受密码保护。"),
    Text("Unpack it with the password and add the file.", "请用密码解压后添加该文件。"),
)
_OTHER_METHOD = LoadError(
    Text("It is packed by a method that cannot be read.", "该文件的压缩方法无法读取。"),
    Text("Unpack the archive and add the folder.", "请解压后添加文件夹。"),
)
_DEEP = LoadError(
    Text(f"Archives are opened {DEEPEST} deep, not deeper.", f"压缩包最多逐层打开 {DEEPEST} 层。"),
    Text("Unpack it and add the folder.", "请解压后添加文件夹。"),
)


def collect(paths: Sequence[str | Path], exclude: Sequence[Path] = ()) -> Scan:
    """The files under `paths` as `scan` finds them, with the members of archives in place of these. A path that leads
    into an archive stands for the members there, one into another file for that file. Raises `UsageError` as `scan` does."""
    found = scan([_outermost(path) or path for path in paths], exclude)
    unpacked = _unpacked(found)
    inner = [os.path.realpath(path) for path in paths if _outermost(path)]
    for path in inner:
        archive = container_of(path)
        if archive is not None and archive not in map(os.path.realpath, paths):
            unpacked = _narrowed(unpacked, archive, path)
    return unpacked


def _outermost(path: str | Path) -> str | None:
    if os.path.lexists(path):
        return None
    found = container_of(os.path.abspath(path))  # noqa: PTH100
    return found if found is not None and Path(found).suffix.lower() in (*ARCHIVES, *HOLDERS) else None


def _narrowed(found: Scan, archive: str, path: str) -> Scan:
    """Without what lies in `archive` but not at `path`. A file is read as a whole."""
    if archive in {f.path for f in found.files}:
        return found
    files = tuple(f for f in found.files if not f.path.startswith(archive + os.sep) or _is_at(f.path, path))
    if not any(_is_at(f.path, path) for f in files):
        raise UsageError(
            Text(f"There is no {path}.", f"{path} 不存在。"),
            Text(f"Add {archive}, or look into it.", f"请添加 {archive}，或查看其中的内容。"),
        )
    return replace(found, files=files, archives=tuple(one for one in found.archives if one != archive))


def _is_at(path: str, place: str) -> bool:
    return path == place or path.startswith(place + os.sep)


def _unpacked(found: Scan) -> Scan:
    files: dict[str, Found] = {}
    archives: list[str] = []
    failed = list(found.failed)
    shelf = Shelf()
    for file in found.files:
        if Path(file.path).suffix.lower() not in ARCHIVES:
            files[file.path] = file
            continue
        try:
            listed = _Listing(shelf).of(Archive(file.path))
        except (LoadError, OSError) as error:
            failed.append(_failure(file.path, error))
            continue
        if listed is None:  # a document under the name of an archive, or another program's
            files[file.path] = file
            continue
        files |= sorted(listed.files.items())
        failed += listed.failed
        archives.append(file.path)
    return replace(found, files=tuple(files.values()), archives=tuple(archives), failed=tuple(failed))


@dataclass(slots=True)
class _Listing:
    """What one archive holds, archives within it included."""

    shelf: Shelf
    files: dict[str, Found] = field(default_factory=dict)
    failed: list[Failure] = field(default_factory=list)
    _total: int = 0
    _count: int = 0

    def of(self, archive: Archive, depth: int = 1) -> _Listing | None:
        """All members in `files`, those that can't be had in `failed`; None for a file that is no mere archive. Raises
        `LoadError` for one that can't be opened, or is a bomb."""
        from ingest.loaders.sniff import packed_kind

        opened = self.shelf.opened(archive)
        try:
            if packed_kind(opened, Path(archive.path).suffix.lower().lstrip(".")) is not None:
                return None
        except (LoadError, *BROKEN):
            return None  # told by the loader
        infos = [info for info in opened.infolist() if not info.is_dir()]
        for info, name in zip(infos, names(infos), strict=True):
            if name:
                self._take(archive, info, name, depth)
        return self

    def _take(self, archive: Archive, info: zipfile.ZipInfo, name: str, depth: int) -> None:
        self._total += info.file_size
        self._count += 1
        if self._total > MAX_UNPACKED or self._count > MAX_MEMBERS or swollen(info):
            raise bomb()
        path = str(Path(archive.path, name))
        member = Member(archive, info, name.rpartition("/")[2], self.shelf)
        if info.flag_bits & _ENCRYPTED:
            self.failed.append(_failure(path, _LOCKED))
        elif info.compress_type not in _METHODS:
            self.failed.append(_failure(path, _OTHER_METHOD))
        elif Path(name).suffix.lower() in ARCHIVES:
            self._inner(Archive(path, member), depth)
        else:
            self.files[path] = Found(path, info.file_size, stamp(info), member)

    def _inner(self, archive: Archive, depth: int) -> None:
        if depth >= DEEPEST:
            self.failed.append(_failure(archive.path, _DEEP))
            return
        try:
            mere = self.of(archive, depth + 1)
        except (LoadError, OSError) as error:
            self.failed.append(_failure(archive.path, error))
            return
        if mere is None and archive.member is not None:
            info = archive.member.info
            self.files[archive.path] = Found(archive.path, info.file_size, stamp(info), archive.member)


def _failure(path: str, error: LoadError | OSError) -> Failure:
    if isinstance(error, OSError):
        return refused(path, error)
    return Failure(path, str(error.message), str(error.hint or ""))
