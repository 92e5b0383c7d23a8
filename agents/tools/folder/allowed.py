"""The folder as the tools use it: names checked, sizes bounded, one writer at a time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from agents.tools.folder.reach import Entry, Reach, available, file_parts, parts_of
from agents.tools.tool import ToolError
from ingest.errors import UsageError
from ingest.language import Text, say

MOST_READ = 64 << 20
"""Bytes of a file that is read; a table may be that large."""
MOST_WRITTEN = 5 << 20
"""Bytes of a file that is written or added to."""
MOST_ENTRIES = 500


class AllowedFolder:
    """Files below one folder. All paths are relative; links are never followed; devices, and what is hidden (a dot begins
    its name), are no files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._reach = Reach(root)
        self._writing = threading.Lock()

    def entries(self, path: str = "") -> list[Entry]:
        """Files and folders below `path`, by path, at most `MOST_ENTRIES`. Raises `ToolError`."""
        parts = parts_of(path)
        with self._told(path):
            found = self._reach.entries(parts, MOST_ENTRIES)
        return sorted(found, key=lambda entry: entry.path)

    def read(self, path: str) -> bytes:
        """A file's content. Raises `ToolError`, also for one above `MOST_READ`."""
        parts = file_parts(path)
        with self._told(path):
            data = self._reach.read(parts, MOST_READ)
        if len(data) > MOST_READ:
            raise _too_large(path, MOST_READ)
        return data

    def write(self, path: str, data: bytes, *, overwrite: bool = False) -> bool:
        """Write a file, whole or not at all. False when it was there with the same content already.

        Raises `ToolError`, also when it is there with another content and `overwrite` is not given.
        """
        parts = file_parts(path)
        if len(data) > MOST_WRITTEN:
            raise _too_large(path, MOST_WRITTEN)
        with self._writing, self._told(path):
            try:
                self._reach.write(parts, data, overwrite=overwrite)
            except FileExistsError as error:
                if self.read(path) == data:
                    return False
                raise ToolError(
                    en=f"'{path}' exists. Set overwrite to true to replace it, or choose another name.",
                    zh=f"“{path}” 已存在。如需替换请将 overwrite 设为 true，或换一个名称。",
                ) from error
        return True

    def append(self, path: str, data: bytes) -> int:
        """Put `data` behind a file's content, or start it; returns its new size. Raises `ToolError`."""
        parts = file_parts(path)
        with self._writing, self._told(path):
            try:
                before = self._reach.read(parts, MOST_WRITTEN)
            except FileNotFoundError:
                before = b""
            if len(before) + len(data) > MOST_WRITTEN:
                raise _too_large(path, MOST_WRITTEN)
            self._reach.write(parts, before + data, overwrite=True)
        return len(before) + len(data)

    @contextlib.contextmanager
    def _told(self, path: str) -> Iterator[None]:
        """Within it an `OSError` becomes what the model is told of it."""
        try:
            yield
        except FileNotFoundError as error:
            raise self._missing(path) from error
        except OSError as error:
            if isinstance(error, IsADirectoryError):
                why = say("it is a folder", "它是文件夹")
            elif isinstance(error, NotADirectoryError):
                why = say("a part of the path is a link or no folder", "路径中有链接或不是文件夹")
            elif isinstance(error, PermissionError):
                why = say("no permission, or it is a link or a device", "没有权限，或是链接、设备")
            else:
                why = error.strerror or str(error)
            raise ToolError(en=f"'{path}' can't be used: {why}.", zh=f"无法使用 “{path}”：{why}。") from error

    def _missing(self, path: str) -> ToolError:
        """With the nearest names."""
        import difflib

        try:
            names = [entry.path for entry in self._reach.entries((), MOST_ENTRIES)]
        except OSError:
            names = []
        near = difflib.get_close_matches(path.strip().strip("/"), names, n=3, cutoff=0.4)
        return ToolError(
            say(f"There is no '{path}' in the folder. ", f"文件夹中没有 “{path}”。")
            + (say(f"Nearest: {', '.join(near)}. ", f"最接近的是：{'、'.join(near)}。") if near else "")
            + say("list_files shows what is there.", "list_files 可列出全部文件。")
        )


def open_folder(folder: str | Path, private: Path | None = None) -> AllowedFolder:
    """The folder that the user allows. Raises `UsageError` when it isn't there, or contains or lies in `private`: the
    library's home, with its keys; and on a system where nothing could keep an agent within it."""
    if not available():
        raise UsageError(
            Text(
                "tools_folder: this system can't hold an agent to one folder.",
                "tools_folder：本系统无法将智能体限制在一个文件夹内。",
            ),
            Text("Linux and macOS can; elsewhere leave it empty.", "Linux 和 macOS 支持；其他系统请留空。"),
        )
    root = Path(folder).expanduser()
    try:
        root = root.resolve(strict=True)
    except (OSError, RuntimeError):
        root = root.absolute()
    if not root.is_dir():
        raise UsageError(
            Text(f"tools_folder: there is no folder {root}.", f"tools_folder：没有文件夹 {root}。"),
            Text("Create it, or set tools_folder to another.", "请创建该文件夹，或将 tools_folder 设为其他文件夹。"),
        )
    if private is not None and _overlap(root, private.resolve()):
        raise UsageError(
            Text(
                f"tools_folder: {root} and the library ({private}) lie one in the other, so an agent could read its keys.",
                f"tools_folder：{root} 与知识库目录（{private}）相互包含，智能体可能读到其中的密钥。",
            ),
            Text("Set it to the whole path of a folder of its own.", "请设为另一个独立文件夹的完整路径。"),
        )
    return AllowedFolder(root)


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _too_large(path: str, most: int) -> ToolError:
    return ToolError(en=f"'{path}' would be larger than {most >> 20} MiB.", zh=f"“{path}” 超过 {most >> 20} MiB。")
