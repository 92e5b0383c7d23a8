"""`zhiku mcp`: the library for MCP clients, and the MCP servers whose tools the agent uses."""

from __future__ import annotations

import sys
from contextlib import closing
from functools import partial

import click

from agents.cli.opening import opened
from agents.tools.mcp.servers_file import ServerEntry, disabled_servers, read_servers, servers_file
from ingest.cli.drawing import harmless
from ingest.cli.shell import Common, echo, listing, tell
from ingest.errors import UsageError
from ingest.language import Text, say
from ingest.pages import counted
from ingest.records import picked, to_json

_SHOWN = ("name", "command", "args", "url", "tools", "risk")


def serve(options: Common) -> None:
    """Serve until the client is gone, or Ctrl-C. The library is opened at the first question."""
    from importlib.metadata import version

    from agents.mcp_server import stdio
    from agents.mcp_server.offer import Offer
    from agents.mcp_server.protocol import make_server

    options.settings()  # what is wrong with them is told now, not at the first question
    offer = Offer(partial(opened, options), only=options.kb if options.values.get("kb") else None)
    try:
        stdio.serve(make_server(offer, version("zhiku")))
    finally:
        offer.close()


def show_servers(options: Common) -> None:
    """The configured servers; none of them is started for this."""
    file = servers_file(options.settings(), options.folder)
    entries, off = read_servers(file), disabled_servers(file)
    shown = [picked(to_json(entry) | {"risk": entry.risk_of("*")}, *_SHOWN) for entry in entries]
    lines = [_line(entry) for entry in entries] + [f"{name}  " + say("(disabled)", "（已停用）") for name in off]
    nothing = say(f"No MCP servers: there are none in {file}.", f"没有 MCP 服务器：{file} 中未配置。")
    listing(options, {"file": str(file), "servers": shown, "disabled": off}, lines or [nothing])


def _line(entry: ServerEntry) -> str:
    what = entry.url or " ".join([entry.command, *entry.args])
    tools = say("all tools", "全部工具") if entry.tools is None else ", ".join(entry.tools)
    risk = entry.risk_of("*")
    return f"{entry.name}  {what}  " + say(f"({tools}; {risk})", f"（{tools}；{risk}）")


def trust(options: Common, name: str, *, yes: bool) -> int:
    """Start the server, show its tools, and remember them as they are now. Exit status 1 when it can't be started, or
    the user says no."""
    from agents.tools.mcp.opening import Servers

    home = options.folder
    entries = read_servers(servers_file(options.settings(), home))
    chosen = [entry for entry in entries if entry.name == name]
    if not chosen:
        names = ", ".join(entry.name for entry in entries) or "-"
        raise UsageError(
            Text(f"No MCP server is called '{name}'.", f"没有名为 “{name}” 的 MCP 服务器。"),
            Text(f"There are: {names}.", f"现有：{names}。"),
        )
    with closing(Servers(chosen, home)) as servers:
        if not servers.found:
            click.echo("\n".join(servers.notes), err=True)
            return 1
        found = servers.found[0]
        for tool, state, description in found.described():
            click.echo(harmless(f"{state}  {tool}: {description}"), err=options.json)
        question = say("Accept these tools as they are now?", "接受以上工具的当前内容吗？")
        if not (yes or (sys.stdin.isatty() and click.confirm(question, err=True))):
            echo(en="Nothing was changed; --yes accepts without asking.", zh="未作更改；--yes 表示直接接受。", err=True)
            return 1
        accepted = servers.accept(name)
    told = say(f"{counted(accepted, 'tool')} accepted.", f"已接受 {accepted} 个工具。")
    tell(options, {"server": name, "accepted": accepted}, told)
    return 0
