"""Files below a folder, named as a model names them (their letters are checked before any file is touched) and reached by open
descriptors (POSIX): every name is opened in the folder opened before it, and never
through a link, so that nobody who renames or links in between can lead us elsewhere.

Not covered: hard links and mounts, which only someone who may already write there can make.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.tools.tool import ToolError


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


PART = ".zhiku-part"
"""End of the names of files that are being written."""
DEEPEST = 16
"""Folders within folders."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Devices on Windows, in any folder (learn.microsoft.com/windows/win32/fileio/naming-a-file)."""


def parts_of(path: str) -> tuple[str, ...]:
    """The names a relative path is made of; () for the folder itself. Slashes of both kinds part them.

    Raises `ToolError` for absolute paths, '..', control characters, names that are devices or streams on some
    system, and names that begin with a dot: settings, keys, version control.
    """
    bare = path.strip()
    if re.match(r"[\\/~]|[A-Za-z]:", bare):
        raise _refused(
            path, en="give a path inside the folder, such as notes/a.md", zh="请使用文件夹内的相对路径，例如 notes/a.md"
        )
    names = [name for name in re.split(r"[\\/]+", bare) if name not in {"", "."}]
    if len(names) > DEEPEST:
        raise _refused(path, en="it is too deep", zh="层数过多")
    for name in names:
        if name == "..":
            raise _refused(path, en="'..' leads out of the folder", zh="“..” 会离开该文件夹")
        if name.startswith("."):
            raise _refused(path, en="hidden files are left alone", zh="不使用隐藏文件")
        if any(ord(c) < 32 or ord(c) == 127 for c in name) or set(name) & set(':*?"<>|'):
            raise _refused(path, en="these characters can't be in a name", zh="名称含有不允许的字符")
        if _RESERVED.fullmatch(name) or name != name.rstrip(" .") or name.endswith(PART):
            raise _refused(path, en="that name is reserved", zh="该名称被保留")
        if len(name.encode("utf-8", "surrogatepass")) > 255 or any(0xD800 <= ord(c) < 0xE000 for c in name):
            raise _refused(path, en="the name is too long or no valid text", zh="名称过长或不是合法文本")
    return tuple(names)


def file_parts(path: str) -> tuple[str, ...]:
    """As `parts_of`, for a file: at least one name."""
    names = parts_of(path)
    if not names:
        raise _refused(path, en="name a file", zh="请指定文件名")
    return names


def _refused(path: str, en: str, zh: str) -> ToolError:
    shown = path if len(path) <= 80 else path[:79] + "…"
    return ToolError(en=f"'{shown}' is refused: {en}.", zh=f"拒绝 “{shown}”：{zh}。")
