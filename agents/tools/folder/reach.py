"""Files below a folder by open descriptors (POSIX): every name is opened in the folder opened before it, and never
through a link, so that nobody who renames or links in between can lead us elsewhere.

Not covered: hard links and mounts, which only someone who may already write there can make.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.tools.folder.paths import DEEPEST, PART


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder. `path` is relative, with '/'; `bytes` is 0 for a folder."""

    path: str
    folder: bool
    bytes: int = 0


def available() -> bool:
    """Whether this system can open files relative to a folder, and refuse links."""
    needed = {os.open, os.mkdir, os.unlink, os.rename, os.stat}
    return needed <= os.supports_dir_fd and os.scandir in os.supports_fd and hasattr(os, "O_NOFOLLOW")


class Reach:
    """What is below one folder, reached without following a link out of it. Raises `OSError`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, parts: Sequence[str], most: int) -> bytes:
        """A regular file's bytes, at most `most + 1`."""
        with self._opened(parts[:-1]) as folder:
            # Without O_NONBLOCK opening a named pipe would wait for its writer for ever.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            file = _open(parts[-1], flags, folder)
            with os.fdopen(file, "rb") as opened:
                _regular(os.fstat(opened.fileno()))
                return opened.read(most + 1)

    def write(self, parts: Sequence[str], data: bytes, *, overwrite: bool) -> None:
        """Into a new file beside it, then in one step to its name."""
        with self._opened(parts[:-1], make=True) as folder:
            name = parts[-1]
            mode = 0o644
            with contextlib.suppress(FileNotFoundError):
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
                _regular(found)
                if not overwrite:
                    raise _failure(errno.EEXIST, name)
                mode = stat.S_IMODE(found.st_mode) & 0o777
            beside = f".{secrets.token_hex(8)}{PART}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(beside, flags, mode, dir_fd=folder)
            try:
                with os.fdopen(file, "wb") as opened:
                    opened.write(data)
                    opened.flush()
                    os.fsync(opened.fileno())
                if overwrite:
                    os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
                else:
                    self._link(beside, name, folder)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(beside, dir_fd=folder)
                raise
            with contextlib.suppress(OSError):  # some file systems can't sync a folder
                os.fsync(folder)

    def entries(self, parts: Sequence[str], most: int) -> list[Entry]:
        """What is below, folder by folder."""
        found: list[Entry] = []
        with self._opened(parts) as folder:
            self._below(folder, "/".join(parts), most, found, len(parts))
        return found

    def _below(self, folder: int, prefix: str, most: int, found: list[Entry], depth: int) -> None:
        with os.scandir(folder) as scan:
            here = sorted(scan, key=lambda entry: entry.name)
        for entry in here:
            if len(found) >= most:
                return
            if entry.is_symlink() or entry.name.startswith("."):
                continue
            path = f"{prefix}/{entry.name}" if prefix else entry.name
            if entry.is_dir(follow_symlinks=False):
                found.append(Entry(path, folder=True))
                if depth < DEEPEST:
                    with contextlib.suppress(OSError):  # gone, or turned into a link, since it was listed
                        below = _open(entry.name, _FOLDER, folder)
                        try:
                            self._below(below, path, most, found, depth + 1)
                        finally:
                            os.close(below)
            elif entry.is_file(follow_symlinks=False):
                found.append(Entry(path, folder=False, bytes=entry.stat(follow_symlinks=False).st_size))

    @staticmethod
    def _link(beside: str, name: str, folder: int) -> None:
        """Give it its name unless something has that name by now."""
        try:
            os.link(beside, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError:  # FAT and some network folders have no hard links: the look before has to do
            os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
        else:
            os.unlink(beside, dir_fd=folder)

    @contextlib.contextmanager
    def _opened(self, parts: Sequence[str], *, make: bool = False) -> Iterator[int]:
        """The folder that `parts` lead to, opened name by name."""
        folder = os.open(self._root, _FOLDER)
        try:
            for part in parts:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, 0o755, dir_fd=folder)
                below = _open(part, _FOLDER, folder)
                os.close(folder)
                folder = below
            yield folder
        finally:
            os.close(folder)


_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def _open(name: str, flags: int, folder: int) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link where O_NOFOLLOW forbids one
            raise _failure(errno.EACCES, name) from error
        raise


def _regular(found: os.stat_result) -> None:
    """Raises `OSError` for what is no plain file."""
    if stat.S_ISDIR(found.st_mode):
        raise _failure(errno.EISDIR)
    if not stat.S_ISREG(found.st_mode):
        raise _failure(errno.EACCES)


def _failure(number: int, name: str | None = None) -> OSError:
    """The `OSError` of that number, of the class that Python has for it."""
    return OSError(number, os.strerror(number), name)
