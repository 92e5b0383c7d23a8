"""Archive → a folder of ours. Nothing in an archive is believed: names, sizes and counts are looked at first."""

from __future__ import annotations

import json
import shutil
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.archive.contents import MANIFEST, belongs
from ingest.catalog import CATALOG, schema
from ingest.errors import LibraryUnavailable, NewerLibrary, UsageError
from ingest.language import Text

_MOST_FILES = 200_000
_MANIFEST_BYTES = 1 << 20
_UNSUSPECTED = 256 << 20
_MOST_EXPANSION = 50
"""Beyond `_UNSUSPECTED` bytes an archive may unpack to that many times its size. Catalogs measure 2 to 6, a table of one
sentence repeated 30; zeros, as bombs hold them, 1,000."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What an archive says of itself."""

    rows: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Rows by database and table, as they were saved; empty for archives of the first kind."""
    ignored: tuple[str, ...] = ()
    """Members that no backup has, which were left where they are."""


def unpack(file: Path, folder: Path) -> Unpacked:
    """Write the members that a backup may have below `folder`. Raises `UsageError` for what is no backup or can't be
    one, `NewerLibrary` for a later version's, and `LibraryUnavailable` where there is no room."""
    with refusing(file), zipfile.ZipFile(file) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        manifest = _manifest(file, archive)
        wanted = [member for member in members if belongs(member.filename) and member.filename != MANIFEST]
        _weigh(file, members, wanted, folder)
        archive.getinfo(CATALOG.path)  # without a catalog it is no backup
        for member in wanted:
            target = folder / member.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, target.open("xb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
        ignored = tuple(member.filename for member in members if not belongs(member.filename))
        return Unpacked(_rows(manifest), ignored)


@contextmanager
def refusing(file: Path) -> Iterator[None]:
    """What a broken archive makes its readers raise, in our words."""
    try:
        yield
    except FileNotFoundError as error:
        raise UsageError(Text(f"There is no file {file}.", f"文件 {file} 不存在。")) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        LookupError,
        ValueError,
        TypeError,
        FileExistsError,  # one name twice, or two that this disk can't tell apart
        NotADirectoryError,  # a file where another member has its folder
        NotImplementedError,  # compressed in a way unknown here
        RuntimeError,  # encrypted
    ) as error:
        raise no_backup(file, str(error)) from error


def no_backup(file: Path, detail: str) -> UsageError:
    """Refuse `file`, saying why."""
    return UsageError(
        Text(f"{file.name} is not a backup of Zhiku: {detail}.", f"{file.name} 不是智库的备份：{detail}。"),
        Text("Backups are made by `ingest backup FILE`.", "备份由 `ingest backup FILE` 生成。"),
    )


def newer(file: Path, version: int) -> NewerLibrary:
    """Refuse `file`, which a later version wrote."""
    return NewerLibrary(
        Text(
            f"{file.name} was written by a later version of Zhiku (format {version}).",
            f"{file.name} 由更新版本的智库写入（格式 {version}）。",
        ),
        Text("Upgrade Zhiku, then restore.", "请先升级智库再恢复。"),
    )


def _manifest(file: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    if archive.getinfo(MANIFEST).file_size > _MANIFEST_BYTES:
        raise ValueError(MANIFEST)
    manifest = json.loads(archive.read(MANIFEST))
    if not isinstance(manifest, dict):
        raise ValueError(MANIFEST)  # noqa: TRY004 - of the archive, not of a call
    version = int(manifest["format"])
    if version > schema.VERSION:
        raise newer(file, version)
    return manifest


def _rows(manifest: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    given = manifest.get("rows", {})
    return {str(name): {str(table): int(n) for table, n in tables.items()} for name, tables in given.items()}


def _weigh(file: Path, members: list[zipfile.ZipInfo], wanted: list[zipfile.ZipInfo], folder: Path) -> None:
    """Sizes as the archive states them; zipfile reads no byte more of a member than that."""
    twice = [name for name, n in Counter(member.filename for member in members).items() if n > 1]
    if twice:
        raise no_backup(file, f"{twice[0]!r} stands in it twice")
    total = sum(member.file_size for member in wanted)
    if len(members) > _MOST_FILES or total > max(_UNSUSPECTED, _MOST_EXPANSION * file.stat().st_size):
        raise no_backup(file, f"it unpacks to {len(members)} files of {total:,} bytes in all")
    free = shutil.disk_usage(folder).free
    if total * 2 > free:  # once unpacked, once in its place
        raise LibraryUnavailable(
            Text(
                f"Restoring {file.name} takes {total * 2 >> 20:,} MB; {free >> 20:,} MB are free.",
                f"恢复 {file.name} 需要 {total * 2 >> 20:,} MB，仅剩 {free >> 20:,} MB。",
            ),
            Text("Free some space first.", "请先释放空间。"),
        )
