"""Tools of MCP servers, for the agent.

    with open_servers(settings, home) as tools: ...

Only servers that the user has configured in `mcp.json` are started.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agents.tools.tool import Tool
from ingest.settings import Settings

if TYPE_CHECKING:
    from agents.tools.mcp.opening import Servers

__all__ = ["open_servers", "start_servers"]

logger = logging.getLogger(__name__)


def start_servers(settings: Settings, home: Path, taken: Collection[str] = ()) -> Servers | None:
    """Start the configured servers, to be closed by the caller; None when there are none.

    `taken` are names that other tools have already; a server's tool of such a name is called 'server__tool'. What
    can't be started or is not trusted is left out, and told in `Servers.notes`. Raises `UsageError` for a file that
    makes no sense.
    """
    from agents.tools.mcp.servers_file import read_servers, servers_file

    entries = read_servers(servers_file(settings, home))
    if not entries:
        return None  # before the protocol's libraries are loaded, which takes a second
    from agents.tools.mcp.opening import Servers

    return Servers(entries, home, taken)


@contextmanager
def open_servers(settings: Settings, home: Path, taken: Collection[str] = ()) -> Iterator[list[Tool]]:
    """The tools of the configured servers, which are ended when this is left; notes are logged. See `start_servers`."""
    servers = start_servers(settings, home, taken)
    if servers is None:
        yield []
        return
    try:
        for note in servers.notes:
            logger.warning("%s", note)
        yield servers.tools
    finally:
        servers.close()
