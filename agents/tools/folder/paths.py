"""Paths inside the folder as a model names them: checked by their letters, before any file is touched."""

from __future__ import annotations

import re

from agents.tools.tool import ToolError

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
