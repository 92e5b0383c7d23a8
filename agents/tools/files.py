"""Files in the one folder the user allows: list, read, write, append."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agents.tools.folder.allowed import MOST_ENTRIES, AllowedFolder
from agents.tools.folder.reach import Entry
from agents.tools.function import tool
from agents.tools.plain import plain
from agents.tools.rendering import part_of
from agents.tools.tool import Observation, Tool, ToolError, Wording
from ingest.errors import LoadError
from ingest.language import say

_ZH_PATH = "路径"
_SHOWN = 120


WRITERS = frozenset({"write_file", "append_file"})
NAMES = WRITERS | {"list_files", "read_file"}


def file_tools(folder: AllowedFolder) -> list[Tool]:
    """`list_files`, `read_file` (risk read), `write_file` and `append_file` (risk write) in `folder`."""

    @tool(zh=Wording("列出用户文件夹中的文件。", {"subfolder": "子文件夹"}))
    def list_files(subfolder: str = "") -> Observation:
        """List files in the user's folder."""
        found = folder.entries(subfolder)
        data = [{"path": entry.path, "bytes": entry.bytes} for entry in found if not entry.folder]
        return Observation(text=_listed(found), data=data)

    @tool(zh=Wording("读取用户文件夹中的文本文件。", {"path": _ZH_PATH}))
    def read_file(path: str, part: Annotated[int, Field(ge=1)] = 1) -> Observation:
        """Read a text file of the user's folder."""
        shown, parts = part_of(_text(folder, path), part)
        head = say(f"{path}, part {part} of {parts}\n\n", f"{path}，第 {part} 部分（共 {parts} 部分）\n\n")
        return Observation(
            text=(head if parts > 1 else "") + (shown or say("(the file is empty)", "（空文件）")),
            data={"path": path, "part": part, "parts": parts},
            truncated=part < parts,
        )

    @tool(
        risk="write",
        repeatable=True,
        zh=Wording("写文件到用户文件夹。", {"path": _ZH_PATH, "text": "全部内容", "overwrite": "是否替换已有文件"}),
    )
    def write_file(path: str, text: Annotated[str, "the whole content"], *, overwrite: bool = False) -> Observation:
        """Write a file into the user's folder."""
        written = folder.write(path, text.encode("utf-8", "replace"), overwrite=overwrite)
        said = say(f"Wrote '{path}' ({len(text):,} characters).", f"已写入 “{path}”（{len(text):,} 个字符）。")
        same = say(f"'{path}' has that content already.", f"“{path}” 已是该内容。")
        return Observation(text=said if written else same, data={"path": path, "characters": len(text)})

    @tool(risk="write", zh=Wording("在用户文件夹的文件末尾追加文本。", {"path": _ZH_PATH}))
    def append_file(path: str, text: str) -> Observation:
        """Add text to the end of a file in the user's folder."""
        size = folder.append(path, text.encode("utf-8", "replace"))
        return Observation(
            text=say(
                f"Added {len(text):,} characters to '{path}', which has {size:,} bytes now.",
                f"已向 “{path}” 追加 {len(text):,} 个字符，现有 {size:,} 字节。",
            ),
            data={"path": path, "bytes": size},
        )

    return [list_files, read_file, write_file, append_file]


def _text(folder: AllowedFolder, path: str) -> str:
    from ingest.loaders.encoding import decode

    try:
        return plain(decode(folder.read(path))[0])
    except LoadError as error:
        raise ToolError(
            en=f"'{path}' is no text. Tables are read by query_table; other documents belong into the library.",
            zh=f"“{path}” 不是文本。表格请用 query_table 查询；其他文档请先加入知识库。",
        ) from error


def _listed(found: list[Entry]) -> str:
    if not found:
        return say("The folder is empty.", "文件夹为空。")
    lines = [f"- {entry.path}/" if entry.folder else f"- {entry.path} ({entry.bytes:,} B)" for entry in found]
    if len(lines) > _SHOWN:
        more = f"{len(lines) - _SHOWN}{'+' if len(lines) == MOST_ENTRIES else ''}"
        lines = lines[:_SHOWN]
        lines.append(say(f"… and {more} more: name a subfolder.", f"……另有 {more} 项：请指定子文件夹。"))
    return "\n".join(lines)
