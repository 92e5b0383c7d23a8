"""The private folder: what is put in, what is taken out, and how it goes. The code's names and links aren't trusted."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from agents.tools.sandbox.limits import Limits
from ingest.errors import UsageError
from ingest.language import Text

PREFIX = "zhiku-python-"
"""How the names of private folders begin."""
_STALE = 86_400.0
"""Seconds after which a private folder belongs to no run."""
DEPTH = 8
"""Folders within folders deeper than this are left behind."""


def put(folder: Path, files: Mapping[str, bytes | Path]) -> dict[str, str]:
    """Copy `files` in, by path relative to `folder`; the digest of each.

    Raises `UsageError` for a path that leads elsewhere, and OSError for a source that can't be read.
    """
    digests = {}
    for name, content in files.items():
        target = PurePosixPath(name.replace("\\", "/"))
        if target.is_absolute() or ".." in target.parts or not target.parts or ":" in name or "\0" in name:
            raise UsageError(
                Text(f"'{name}' is no path within a folder.", f"“{name}” 不是文件夹内的相对路径。"),
                Text("Give a plain file name.", "请使用普通的文件名。"),
            )
        data = content if isinstance(content, bytes) else content.read_bytes()
        place = folder.joinpath(*target.parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        digests[str(target)] = hashlib.sha256(data).hexdigest()
    return digests


def usage(folders: tuple[Path, ...], most: int) -> tuple[int, int]:
    """Bytes and entries in the folders; counting stops soon after `most` entries, so that it always ends."""
    total = entries = 0
    waiting = [str(folder) for folder in folders]
    while waiting and entries <= most:
        try:
            with os.scandir(waiting.pop()) as inside:
                for entry in inside:
                    entries += 1
                    if entries > most:
                        break
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(entry.path)
                    # A sparse file counts by its length: it will be read as a whole.
                    total += max(status.st_size, getattr(status, "st_blocks", 0) * 512)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return total, most + 1  # so deep that nobody can look: what is in there counts as too much
    return total, entries


def take(folder: Path, before: Mapping[str, str], limits: Limits) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Regular files that are new or differ from `before`, and the names of those left behind.

    To be called when no process of the run is left.
    """
    made: dict[str, bytes] = {}
    left: list[str] = []
    room = limits.folder_bytes
    for path in _files(folder, DEPTH):
        name = path.relative_to(folder).as_posix()
        try:
            name.encode("utf-8")
            size = path.lstat().st_size
            if size > room or len(made) >= limits.files or size > limits.file_bytes:
                left.append(name)
                continue
            with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
                data = file.read(size)
        except (OSError, UnicodeEncodeError):
            left.append(name.encode("ascii", "replace").decode("ascii"))
            continue
        if before.get(name) != hashlib.sha256(data).hexdigest():
            made[name] = data
            room -= len(data)
    return made, tuple(left)


def _files(folder: Path, depth: int) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        folder.chmod(0o700)  # the code may have made it without the right to list it
        with os.scandir(folder) as inside:
            entries = sorted(inside, key=lambda entry: entry.name)
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and depth > 1:
                yield from _files(folder / entry.name, depth - 1)
            elif entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
                yield folder / entry.name  # a folder too deep to look into is named


def remove(root: Path) -> None:
    """Remove a folder with all that is in it, however deep: what is deep is moved up first."""
    number = 0
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        with contextlib.suppress(OSError):
            folder.chmod(0o700)
            with os.scandir(folder) as inside:
                entries = [(entry.path, entry.is_dir(follow_symlinks=False)) for entry in inside]
            for path, is_folder in entries:
                if not is_folder:
                    Path(path).unlink()
                    continue
                number += 1
                moved = root.with_name(f"{root.name}.{number}")
                Path(path).chmod(0o700)  # renaming a folder writes its '..'
                Path(path).rename(moved)
                waiting.append(moved)
            folder.rmdir()


def sweep(parent: Path) -> None:
    """Remove the folders that runs of ours left in `parent` a day ago or more: their program was killed."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            ours = stat.S_ISDIR(status.st_mode) and (os.name != "posix" or status.st_uid == os.getuid())
            if ours and time.time() - status.st_mtime > _STALE:
                remove(folder)
