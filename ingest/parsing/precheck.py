"""What can be told about a path without opening the file."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from ingest.errors import LoadError, Skipped
from ingest.language import Text

MEGABYTE = 1 << 20


def precheck(path: Path, max_bytes: int) -> None:
    """Pass for a regular, readable, non-empty file of at most `max_bytes` bytes.

    Raises `Skipped` for what is not for us (folder, device, empty, too large) and `LoadError` for what is,
    but cannot be read. Nothing is opened, so a pipe or a tape drive cannot block.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise _unreachable(error) from error
    if not stat.S_ISREG(status.st_mode):
        raise Skipped(
            Text(f"This is {_kind(status.st_mode)[0]}, not a file.", f"这是{_kind(status.st_mode)[1]}，不是文件。"),
            Text("Only ordinary files can be read.", "只能读取普通文件。"),
        )
    if status.st_size == 0:
        raise Skipped(
            Text("The file is empty.", "文件是空的。"),
            Text("If it should hold something, copy it again.", "如果它本该有内容，请重新复制一份。"),
        )
    if status.st_size > max_bytes:
        size, limit = -(-status.st_size // MEGABYTE), max_bytes // MEGABYTE
        raise Skipped(
            Text(f"The file has {size} MB; the limit is {limit} MB.", f"文件大小 {size} MB，超过上限 {limit} MB。"),
            Text("Split it, or raise the setting max_file_mb.", "请拆分文件，或调高设置 max_file_mb。"),
        )
    if not os.access(path, os.R_OK):
        raise _forbidden()


def _unreachable(error: OSError) -> LoadError:
    if error.errno == errno.ELOOP or "too many levels" in str(error).lower():
        return Skipped(
            Text("The link leads back to itself.", "链接指向它自己，形成循环。"),
            Text("Remove the link or point it at a file.", "请删除该链接，或让它指向一个文件。"),
        )
    if isinstance(error, PermissionError):
        return _forbidden()
    if isinstance(error, FileNotFoundError):
        return LoadError(
            Text("There is no such file.", "文件不存在。"),
            Text("Check the path; a link may point at nothing.", "请检查路径；链接可能指向不存在的文件。"),
        )
    return unreadable(error)


def unreadable(error: OSError) -> LoadError:
    """The error for a file that the system does not give."""
    why = error.strerror or error
    return LoadError(
        Text(f"The file could not be read: {why}.", f"无法读取文件：{why}。"),
        Text("Check that it still exists and may be read.", "请确认文件仍然存在且有读取权限。"),
    )


def _forbidden() -> LoadError:
    return LoadError(
        Text("The file may not be read by you.", "没有读取该文件的权限。"),
        Text("Change its permissions and add it again.", "请修改文件权限后重新添加。"),
    )


def _kind(mode: int) -> tuple[str, str]:
    if stat.S_ISDIR(mode):
        return "a folder", "文件夹"
    if stat.S_ISFIFO(mode):
        return "a pipe", "管道"
    if stat.S_ISSOCK(mode):
        return "a socket", "套接字"
    return "a device", "设备"
