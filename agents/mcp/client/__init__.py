"""Tools of MCP servers, for the agent.

    with open_servers(settings, home) as tools: ...

Only servers that the user has configured in `mcp.json` are started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager
    from pathlib import Path

    from agents.tools.tool import Tool
    from ingest.settings import Settings

__all__ = ["open_servers"]


def open_servers(settings: Settings, home: Path, taken: Collection[str] = ()) -> AbstractContextManager[list[Tool]]:
    """Start the configured servers; gives their tools, and ends the servers when left.

    `taken` are names that other tools have already; a server's tool of such a name is called 'server__tool'. What
    can't be started or is not trusted is left out and logged. Raises `UsageError` for a file that makes no sense.
    """
    from agents.mcp.client.opening import opened_tools

    return opened_tools(settings, home, taken)
