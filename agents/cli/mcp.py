"""`zhiku mcp`: the library for MCP clients, and the MCP servers whose tools the agent uses."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from agents.cli.opening import platform_of, settings_of
from ingest.language import say

if TYPE_CHECKING:
    from ingest.cli.shell import Common

PORT = 8502


def serve(options: Common, *, http: bool, port: int | None) -> int:
    """Serve until the client is gone, or Ctrl-C. The library is opened at the first question."""
    from importlib.metadata import version

    from agents.mcp.server.offer import Offer
    from agents.mcp.server.protocol import make_server

    settings = settings_of(options)
    offer = Offer(partial(platform_of, options), only=options.values.get("kb"))
    server = make_server(offer, version("zhiku"))
    try:
        if http or port is not None:
            from agents.mcp.server import http as over_http

            over_http.serve(server, PORT if port is None else port, settings.mcp_token, partial(_started, options))
        else:
            from agents.mcp.server import stdio

            stdio.serve(server)
    finally:
        offer.close()
    return 0


def _started(options: Common, address: str) -> None:
    if not options.quiet:
        click.echo(
            say(en=f"Listening at {address} (Ctrl-C ends it).", zh=f"正在监听 {address}（按 Ctrl-C 结束）。"), err=True
        )
