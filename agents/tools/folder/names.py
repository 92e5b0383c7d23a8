"""Files below a folder by their names, for systems (Windows) that can't open one relative to a folder.

Every part is looked at before it is used. Someone who swaps a folder for a link in that instant can lead a call
elsewhere: whoever can do that may write in the folder anyway.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path

from agents.tools.folder.reach import Entry, beside_name, failure, regular


class ByNames:
    """Reach by names."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, parts: Sequence[str], most: int) -> bytes:
        """A regular file's bytes, at most `most + 1`."""
        path = self._checked(parts)
        regular(path.lstat())
        with path.open("rb") as opened:
            return opened.read(most + 1)

    def write(self, parts: Sequence[str], data: bytes, *, overwrite: bool) -> None:
        """Into a new file beside it, then in one step to its name."""
        self._checked(parts[:-1], missing=True).mkdir(parents=True, exist_ok=True)
        path = self._checked(parts, missing=True)
        with contextlib.suppress(FileNotFoundError):
            regular(path.lstat())
            if not overwrite:
                raise failure(errno.EEXIST, path.name)
        beside = path.with_name(beside_name())
        try:
            with beside.open("xb") as opened:
                opened.write(data)
                opened.flush()
                os.fsync(opened.fileno())
            beside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise

    def entries(self, parts: Sequence[str], most: int) -> list[Entry]:
        """What is below, folder by folder."""
        found: list[Entry] = []
        top = self._checked(parts)
        if not top.is_dir():
            raise failure(errno.ENOTDIR)
        for folder, below, files in os.walk(top, followlinks=False):
            here = Path(folder)
            below[:] = sorted(name for name in below if not name.startswith(".") and not _is_link(here / name))
            for name in (*below, *sorted(files)):
                if len(found) >= most:
                    return found
                path = here / name
                if _is_link(path) or name.startswith("."):
                    continue
                relative = path.relative_to(self._root).as_posix()
                folderly = path.is_dir()
                found.append(Entry(relative, folderly, 0 if folderly else path.stat().st_size))
        return found

    def _checked(self, parts: Sequence[str], *, missing: bool = False) -> Path:
        """The path, when no part of it is a link and it is still below the root."""
        path = self._root
        for part in parts:
            path = path / part
            if _is_link(path):
                raise failure(errno.EACCES)
        if not path.resolve(strict=not missing).is_relative_to(self._root):
            raise failure(errno.EACCES)
        return path


def _is_link(path: Path) -> bool:
    """A symbolic link, or on Windows a junction."""
    return path.is_symlink() or bool(getattr(path, "is_junction", bool)())
