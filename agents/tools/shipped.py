"""The tools that ship with Zhiku, as far as the settings and the library give them something to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agents.tools.calculator import calculator_tool
from agents.tools.date_time import date_time_tool
from agents.tools.documents import document_tools
from agents.tools.fetch import fetch_tool
from agents.tools.files import file_tools
from agents.tools.folder.allowed import open_folder
from agents.tools.python import python_tool
from agents.tools.tables import holds_tables, table_tool

if TYPE_CHECKING:
    from agents.tools.tool import Tool
    from ingest.library import Library
    from ingest.settings import Settings

NAMES = frozenset(
    [
        "search_documents",
        "read_page",
        "list_documents",
        "calculator",
        "date_time",
        "list_files",
        "read_file",
        "write_file",
        "append_file",
        "query_table",
        "python",
        "fetch",
    ]
)
"""What they are called, whether they are offered or not: nobody else's tool may pass for one of them."""


def builtin(library: Library, kb: str, settings: Settings) -> list[Tool]:
    """Documents, calculator, dates and Python always; files where `tools_folder` is set; tables where that folder or
    the knowledge base `kb` may hold some; pages of the web where `web_fetch` is on.

    Raises `UsageError` when `tools_folder` is not there.
    """
    folder = open_folder(library.home / Path(settings.tools_folder).expanduser()) if settings.tools_folder else None
    found = [*document_tools(library), calculator_tool(), date_time_tool()]
    if folder:
        found += file_tools(folder)
    if folder or holds_tables(library, kb):
        found.append(table_tool(library, folder))
    found.append(python_tool(settings, folder=folder.root if folder else None))
    if settings.web_fetch:
        found.append(fetch_tool(settings))
    return found
