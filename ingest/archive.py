"""Backup and restore: one version-stamped ZIP file with the catalog, the conversations and uploaded files.

The vector index is not in it: it is rebuilt from the catalog. Settings are, without their keys.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.catalog import FILE, schema
from ingest.catalog.database import explained
from ingest.catalog.knowledge_bases import now
from ingest.errors import NewerLibrary, UsageError
from ingest.language import Text
from ingest.settings import FILE as SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "zhiku-backup.json"
_DATABASES = (FILE, "conversations.sqlite3")
_FOLDERS = ("uploads",)
_SECRET = re.compile(r"""^\s*["']?\w*api_key["']?\s*=.*$""", re.MULTILINE)


def backup(home: Path, file: Path) -> int:
    """Write `home` to `file` while others may go on reading and writing; returns its size in bytes.

    The file appears whole or not at all. Raises `LibraryUnavailable` for a full disk and the like.
    """
    with explained(file), tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as scratch:
        partial = Path(scratch) / "archive.zip"
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            archive.writestr(MANIFEST, json.dumps({"format": schema.VERSION, "created": now()}))
            for name in _DATABASES:
                if (home / name).is_file():
                    archive.write(_snapshot(home / name, Path(scratch) / name), name)
            if (home / SETTINGS).is_file():
                archive.writestr(SETTINGS, _SECRET.sub("", (home / SETTINGS).read_text("utf-8")))
            for path in _uploads(home):
                archive.write(path, path.relative_to(home).as_posix())
        partial.replace(file)
    return file.stat().st_size


def restore(file: Path, home: Path) -> Path | None:
    """Put a backup in place of what is in `home`; returns the folder the former content was moved to.

    Raises `UsageError` when the file is no backup, `NewerLibrary` when a later version wrote it. Nothing is
    touched before the archive has been unpacked and checked.
    """
    with explained(home / FILE):
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as scratch:
            fresh = Path(scratch)
            _unpack(file, fresh)
            return _swap(fresh, home)


def _unpack(file: Path, fresh: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            version = int(json.loads(archive.read(MANIFEST))["format"])
            if version > schema.VERSION:
                raise _newer(file, version)
            archive.getinfo(FILE)  # without a catalog it is no backup
            allowed = {MANIFEST, SETTINGS, *_DATABASES}
            names = [n for n in archive.namelist() if n in allowed or n.startswith(tuple(f"{f}/" for f in _FOLDERS))]
            archive.extractall(fresh, names)  # zipfile itself keeps members inside the folder
        with closing(sqlite3.connect(fresh / FILE)) as db:
            verdict = db.execute("PRAGMA quick_check").fetchone()[0]
            db.execute("UPDATE kb SET dirty = 1, generation = generation + 1")  # the index is not in the archive
            db.commit()
    except FileNotFoundError as error:
        raise UsageError(Text(en=f"There is no file {file}.", zh=f"文件 {file} 不存在。")) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        ValueError,
        TypeError,
        RuntimeError,  # encrypted, or compressed in a way unknown here
        sqlite3.DatabaseError,
    ) as error:
        raise _no_backup(file, str(error)) from error
    if verdict != "ok":
        raise _no_backup(file, verdict)


def _swap(fresh: Path, home: Path) -> Path | None:
    former = home / f"before-restore-{now().replace(':', '')}"
    names = [*_DATABASES, *_FOLDERS, SETTINGS, "index"]
    present = [name for name in names if (home / name).exists()]
    if present:
        former.mkdir()
    for name in present:
        if name != SETTINGS or (fresh / SETTINGS).exists():
            shutil.move(home / name, former / name)
    for database in _DATABASES:
        wal = home / f"{database}-wal"
        if wal.exists() and database in present:
            shutil.move(wal, former / wal.name)  # what a killed process wrote last
        wal.unlink(missing_ok=True)
        (home / f"{database}-shm").unlink(missing_ok=True)
    for path in sorted(fresh.iterdir()):
        if path.name != MANIFEST:
            shutil.move(path, home / path.name)
    return former if present else None


def _snapshot(source: Path, target: Path) -> Path:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
    return target


def _uploads(home: Path) -> Iterator[Path]:
    for folder in _FOLDERS:
        for where, _, names in os.walk(home / folder):
            yield from (Path(where) / name for name in sorted(names))


def _newer(file: Path, version: int) -> NewerLibrary:
    return NewerLibrary(
        Text(
            en=f"{file.name} was written by a later version of Zhiku (format {version}).",
            zh=f"{file.name} 由更新版本的智库写入（格式 {version}）。",
        ),
        Text(en="Upgrade Zhiku, then restore.", zh="请先升级智库再恢复。"),
    )


def _no_backup(file: Path, detail: str) -> UsageError:
    return UsageError(
        Text(en=f"{file.name} is not a backup of Zhiku: {detail}.", zh=f"{file.name} 不是智库的备份：{detail}。"),
        Text(en="Backups are made by `ingest backup FILE`.", zh="备份由 `ingest backup FILE` 生成。"),
    )
