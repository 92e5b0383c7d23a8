"""What a person names (files, folders, patterns) becomes a sorted list of files. No content is read here."""

from __future__ import annotations

import difflib
import glob
import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Protocol

from ingest.documents import Failure
from ingest.errors import UsageError
from ingest.labels import SIDECAR
from ingest.language import Text

JUNK = frozenset({"node_modules", "__pycache__", "__MACOSX", "Thumbs.db", "desktop.ini", "$RECYCLE.BIN"})
"""Left behind by machines, never a person's document. Hidden names (leading dot) are passed over as well."""

_SAVED = ("_files", ".files")
"""How the name of a folder ends in which browsers put the scripts and pictures of a page that is saved."""
_ALONE = Text("Name a file in it to add that.", "如需其中的文件，请单独指定。")
_DEVICE = Text("Not a regular file (device, pipe or socket).", "不是普通文件（设备、管道或套接字）。")
_BROKEN = Text("The link leads nowhere.", "链接指向的文件不存在。")
_OUTSIDE = Text("The link leads out of what was named.", "链接指向所给路径之外。")
_LOOP = Text("The link leads back to itself.", "链接指向自身，形成循环。")
_BAD_NAME = Text("The file's name is not valid Unicode.", "文件名不是合法的 Unicode。")
_RENAME = Text("Rename the file.", "请重命名该文件。")
_HOME = Text("It lies in Zhiku's own data folder: move it elsewhere.", "位于智库自己的数据目录中，请移到别处。")


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file: its absolute path with links resolved, its size in bytes and its time of change."""

    path: str
    size: int
    mtime_ns: int
    origin: Origin | None = None
    """Where its bytes come from when it is no file of this disk: then `path` is the place a person knows it by."""


class Origin(Protocol):
    """What a document is made of that is no file: a member of an archive, a page of the web."""

    def bring(self, folder: Path, most: int, /) -> Path:
        """Write it to a file in `folder` and give its path. Raises `LoadError` when it can't be had, and for one of more
        than `most` bytes."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found. `folders` are the folders walked, `archives` those opened: what is gone from them may be pruned."""

    files: tuple[Found, ...]
    folders: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    skipped: tuple[Failure, ...] = ()
    vanished: tuple[str, ...] = ()
    """Documents that are gone for certain: pages of the web that are no more."""

    def joined(self, other: Scan) -> Scan:
        """What both have found."""
        return Scan(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def scan(paths: Sequence[str | Path], exclude: Sequence[Path] = ()) -> Scan:
    """Find every file under `paths`, each once however many ways lead to it, in an order that never varies.

    A folder is walked in depth, its hidden files and `JUNK` left out; what is named itself is taken as it is. A link
    in a folder is followed within what was named, and skipped where it leads out of it.
    A pattern (`*`, `?`, `[…]`, `**`) the shell left alone is expanded. Nothing under `exclude` is taken (the
    library's own home). Raises `UsageError` when a path does not exist, naming the nearest that does.
    """
    if not paths:
        raise UsageError(
            Text("No files were named.", "没有指定任何文件。"),
            Text("Name at least one file or folder.", "请至少给出一个文件或文件夹。"),
        )
    starts = [start for path in paths for start in _expanded(os.fspath(path))]
    named = frozenset(os.path.realpath(start) for start in starts)
    walk = _Walk(frozenset(os.path.realpath(path) for path in exclude), named)
    for start in starts:
        walk.take(start)
    documents = (found for found in walk.files.values() if not is_sidecar(found.path))
    files = sorted(documents, key=lambda found: (_nfc(found.path), found.path))
    return Scan(tuple(files), tuple(walk.roots), (), tuple(walk.failed), tuple(walk.skipped))


def sidecars(path: str) -> tuple[str, str]:
    """Where a file's sidecar may lie: named after its whole name, or after its name without the ending."""
    return path + SIDECAR, os.path.splitext(path)[0] + SIDECAR


def is_sidecar(path: str) -> bool:
    """Whether a file describes another one that lies beside it."""
    if not path.endswith(SIDECAR):
        return False
    described = path.removesuffix(SIDECAR)
    if os.path.isfile(described):
        return True
    folder, name = os.path.split(described)
    with os.scandir(folder) as entries:
        return any(os.path.splitext(entry.name)[0] == name and not entry.name.endswith(SIDECAR) for entry in entries)


@dataclass(slots=True)
class _Walk:
    exclude: frozenset[str]
    named: frozenset[str]
    """What a person named, links resolved."""
    files: dict[str, Found] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    skipped: list[Failure] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def take(self, path: str) -> None:
        """Take one path that a person named."""
        real = self._resolved(path)
        if real is None:
            return
        if any(_inside(real, home) for home in self.exclude):
            self.skipped.append(Failure(_shown(path), str(_HOME)))
            return
        try:
            state = os.stat(real)
        except OSError as error:
            self.failed.append(refused(path, error))
            return
        if stat.S_ISDIR(state.st_mode):
            self._folder(real)
        else:
            self._file(real, state)

    def _folder(self, root: str) -> None:
        """Walk a real folder; a link to another folder in it is followed, but no folder is entered twice."""
        if not any(_inside(root, known) for known in self.roots):
            self.roots.append(root)
        pending = [root]
        while pending:
            folder = pending.pop()
            if folder in self.seen or folder in self.exclude:
                continue
            self.seen.add(folder)
            try:
                with os.scandir(folder) as entries:
                    here = sorted(entries, key=lambda entry: (_nfc(entry.name), entry.name))
            except OSError as error:
                self.failed.append(refused(folder, error))
                continue
            pending.extend(reversed(list(self._entries(here))))

    def _entries(self, here: list[os.DirEntry[str]]) -> Iterator[str]:
        """Take the files among `here`, give back the folders."""
        pages = {entry.name.rpartition(".")[0]: entry.name for entry in here if entry.name.endswith((".html", ".htm"))}
        for entry in here:
            if is_junk(entry.name):
                continue
            try:
                if (page := pages.get(entry.name[:-6])) and entry.name[-6:] in _SAVED and entry.is_dir():
                    told = Text(f"What the saved page {page} is drawn with.", f"已保存网页 {page} 的附属文件。")
                    self.skipped.append(Failure(_shown(entry.path), str(told), str(_ALONE)))
                    continue
                if entry.is_symlink():
                    yield from self._link(entry.path)
                elif entry.is_dir(follow_symlinks=False):
                    yield entry.path
                else:
                    self._file(entry.path, entry.stat(follow_symlinks=False))
            except OSError as error:
                self.failed.append(refused(entry.path, error))

    def _link(self, path: str) -> Iterator[str]:
        real = self._resolved(path)
        if real is None:
            return
        if not any(_inside(real, name) for name in self.named):
            todo = Text(f"Add {_shown(real)} itself if it belongs here.", f"如需加入，请直接添加 {_shown(real)}。")
            self.skipped.append(Failure(_shown(path), str(_OUTSIDE), str(todo)))
            return
        state = os.stat(real)
        if stat.S_ISDIR(state.st_mode):
            yield real
        else:
            self._file(real, state)

    def _resolved(self, path: str) -> str | None:
        try:
            return os.path.realpath(path, strict=True)
        except FileNotFoundError:
            self.skipped.append(Failure(_shown(path), str(_BROKEN)))
        except OSError as error:
            if error.errno == 40 or "symbolic links" in str(error):  # ELOOP, and Windows' wording
                self.skipped.append(Failure(_shown(path), str(_LOOP)))
            else:
                self.failed.append(refused(path, error))
        return None

    def _file(self, path: str, state: os.stat_result) -> None:
        if any(_inside(path, home) for home in self.exclude):
            return
        if not stat.S_ISREG(state.st_mode):
            self.skipped.append(Failure(_shown(path), str(_DEVICE)))
        elif not _is_unicode(path):
            self.failed.append(Failure(_shown(path), str(_BAD_NAME), str(_RENAME)))
        else:
            self.files.setdefault(path, Found(path, state.st_size, state.st_mtime_ns))


def refused(path: str, error: OSError) -> Failure:
    """The failure for what the system does not give."""
    reason = Text(f"Can't be read: {error.strerror}.", f"无法读取：{error.strerror}。")
    return Failure(_shown(path), str(reason), str(Text("Check the permissions.", "请检查访问权限。")))


def _expanded(path: str) -> list[str]:
    """The paths one argument stands for: itself if it exists, else its pattern's matches, else a usage error."""
    if "\0" in path:
        raise UsageError(
            Text("A path can't contain a NUL character.", "路径中不能包含 NUL 字符。"),
            Text("Check the path.", "请检查路径。"),
        )
    if not path:
        raise UsageError(Text("An empty path was given.", "给出了空路径。"))
    if not os.path.lexists(path):
        path = os.path.expanduser(path)
    if os.path.lexists(path):
        return [os.path.abspath(path)]
    if twin := _same_name(path):
        return [os.path.abspath(twin)]
    if glob.has_magic(path) and (matches := sorted(glob.glob(path, recursive=True))):
        return [os.path.abspath(match) for match in matches]
    raise _missing(path)


def _same_name(path: str) -> str | None:
    """The path on disk whose name is the same but for Unicode normalisation (macOS writes 'é' as two)."""
    here = "/" if os.path.isabs(path) else "."
    for part in Path(path).parts:
        step = os.path.join(here, part)
        if not os.path.lexists(step):
            try:
                names = os.listdir(here)
            except OSError:
                return None
            twins = sorted(name for name in names if _nfc(name) == _nfc(part))
            if not twins:
                return None
            step = os.path.join(here, twins[0])
        here = step
    return here


def _missing(path: str) -> UsageError:
    pattern = glob.has_magic(path)
    message = (
        Text(f"Nothing matches {path}.", f"没有与 {path} 匹配的文件。")
        if pattern
        else Text(f"There is no {path}.", f"{path} 不存在。")
    )
    near = _nearest(Path(os.path.abspath(path)))
    if near is None:
        return UsageError(message, Text("Check the path.", "请检查路径。"))
    if pattern or near in Path(os.path.abspath(path)).parents:
        return UsageError(message, Text(f"The nearest folder is {near}.", f"最近的现有文件夹是 {near}。"))
    return UsageError(message, Text(f"Did you mean {near}?", f"您是指 {near} 吗？"))


def _nearest(path: Path) -> Path | None:
    """An existing path with a similar name, or the deepest existing folder above, unless that is the root."""
    missing = path
    while not missing.parent.exists():
        missing = missing.parent
    if missing.parent == missing:
        return None
    try:
        names = sorted(os.listdir(missing.parent))
    except OSError:
        return missing.parent
    near = difflib.get_close_matches(missing.name, names, n=1, cutoff=0.6)
    if near:
        return missing.parent / near[0]
    return missing.parent if missing.parent.parent != missing.parent else None


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is passed over: hidden, or left behind by a machine."""
    return name.startswith((".", "~$")) or name in JUNK


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _is_unicode(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _shown(path: str) -> str:
    return path.encode("utf-8", "replace").decode("utf-8")


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
