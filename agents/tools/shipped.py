"""The tools that ship with Zhiku, as far as the settings and the library give them something to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.tools.calculator import calculator_tool
from agents.tools.date_time import date_time_tool
from agents.tools.documents import document_tools
from agents.tools.fetch import fetch_tool
from agents.tools.files import NAMES as FILE_TOOLS
from agents.tools.files import file_tools
from agents.tools.folder.allowed import AllowedFolder, open_folder
from agents.tools.python import python_tool
from agents.tools.tables import holds_tables, table_tool
from agents.tools.tool import Tool
from agents.tools.toolbox import Toolbox, UnknownTool
from ingest.errors import UsageError
from ingest.language import Text
from ingest.library import Library
from ingest.settings import Settings

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool


NAMES = FILE_TOOLS | {
    "search_documents", "read_page", "list_documents", "calculator", "date_time", "query_table", "python", "fetch",
}  # fmt: skip
"""What they are called, whether they are offered or not: nobody else's tool may pass for one of them."""


def builtin(library: Library, kb: str, settings: Settings) -> list[Tool]:
    """Documents, calculator, dates and Python always; files where `tools_folder` is set; tables where that folder or
    the knowledge base `kb` may hold some; pages of the web where `web_fetch` is on.

    Raises `UsageError` when `tools_folder` is not there, or holds the library or a part of it.
    """
    folder = allowed_folder(library.home, settings)
    found = [*document_tools(library), calculator_tool(), date_time_tool()]
    if folder:
        found += file_tools(folder)
    if folder or holds_tables(library, kb):
        found.append(table_tool(library, folder))
    found.append(python_tool(settings, folder=folder.root if folder else None))
    if settings.web_fetch:
        found.append(fetch_tool(settings))
    return found


def allowed_folder(home: Path, settings: Settings) -> AllowedFolder | None:
    """The folder that `tools_folder` allows, None without one. Raises `UsageError` as `builtin` does."""
    if not settings.tools_folder:
        return None
    return open_folder(home / Path(settings.tools_folder).expanduser(), private=home)


def selected(tools: Sequence[Tool], names: Collection[str] | None) -> list[Tool]:
    """Those of `tools` that `names` names, None: all. Raises `UsageError` for a name there is none of."""
    known = [tool.name for tool in tools]
    if unknown := next((name for name in names or () if name not in known), ""):
        raise UsageError(
            Text(f"There is no built-in tool '{unknown}'.", f"没有内置工具 “{unknown}”。"),
            Text(f"There are: {', '.join(known)}.", f"现有：{'、'.join(known)}。"),
        )
    return [tool for tool in tools if names is None or tool.name in names]


def by_name(
    tools: Sequence[Tool | BaseTool | Callable[..., Any] | str], shipped: Callable[[], Sequence[Tool]]
) -> list[Tool | BaseTool | Callable[..., Any]]:
    """`tools` with those of `shipped` in place of their names. Raises `UsageError` for a name there is none of."""
    box = Toolbox(shipped()) if any(isinstance(tool, str) for tool in tools) else Toolbox()
    try:
        return [box.find(tool) if isinstance(tool, str) else tool for tool in tools]
    except UnknownTool as error:
        raise UsageError(Text(str(error), str(error))) from error
