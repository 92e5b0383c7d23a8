"""All configured servers behind one object: our side is synchronous, the protocol lives in the loop that talks to servers."""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from agents.tools.mcp.harmless import harmless, harmless_schema
from agents.tools.mcp.servers_file import ServerEntry
from agents.tools.mcp.session import Connection
from agents.tools.mcp.trust import Pins, Standing, digest
from agents.tools.tool import Observation, Tool, ToolContext, ToolError
from ingest.apart import background
from ingest.apart.threads import Cancelled
from ingest.errors import ZhikuError
from ingest.language import say

MOST_TOOLS = 128
"""Of one server. More is a mistake or an attack."""
_AHEAD = 0.05
"""Seconds by which a call ends before its run does."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one server has to offer."""

    server: str
    digests: Mapping[str, str]
    descriptions: Mapping[str, str]
    """As the server has them, whole."""
    standing: Mapping[str, Standing]

    def described(self) -> list[tuple[str, str, str]]:
        """Name, how it stands with the user, and description of each tool."""
        words = {"changed": "有变化", "new": "新增", "known": "已知"}
        return [(name, say(how, words[how]), self.descriptions[name]) for name, how in self.standing.items()]


class Servers:
    """Started servers. `tools` are those that may be used, `notes` sentences about the others."""

    def __init__(self, entries: Sequence[ServerEntry], home: Path, taken: Collection[str] = ()) -> None:
        """Start all at once; one that fails does not keep the others from starting."""
        self._home = home
        self._pins = Pins(home)
        self._closed = False
        atexit.register(self.close)
        self.tools: list[Tool] = []
        self.notes: list[str] = []
        self.found: list[Found] = []
        self._connections: dict[str, Connection] = {}
        try:
            background.wait(self._start_all(entries))
            names = set(taken)
            for entry in entries:
                if connection := self._connections.get(entry.name):
                    self._offer(entry, connection, names)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End all servers; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        background.wait(self._stop_all())

    def accept(self, server: str) -> int:
        """Trust the tools of `server` as they are now; how many."""
        entry = self._connections[server].entry
        digests = next(found.digests for found in self.found if found.server == server)
        self._pins.accept(server, entry.origin, digests)
        return len(digests)

    async def _start_all(self, entries: Sequence[ServerEntry]) -> None:
        connections = [Connection(entry, self._home / "logs" / f"mcp-{_ascii(entry.name)}.log") for entry in entries]
        outcomes = await asyncio.gather(*(c.start() for c in connections), return_exceptions=True)
        for connection, outcome in zip(connections, outcomes, strict=True):
            if outcome is None:
                self._connections[connection.entry.name] = connection
            elif isinstance(outcome, ToolError | ZhikuError):
                self.notes.append(str(outcome))
            else:
                raise outcome

    async def _stop_all(self) -> None:
        await asyncio.gather(*(connection.end() for connection in self._connections.values()))

    def _offer(self, entry: ServerEntry, connection: Connection, names: set[str]) -> None:
        """Add the tools of one server that the user allows and has seen as they are."""
        allowed = {n: t for n, t in connection.tools.items() if entry.tools is None or n in entry.tools}
        for missing in sorted(set(entry.tools or ()) - set(allowed)):
            self.notes.append(say(f"'{entry.name}' has no tool '{missing}'.", f"“{entry.name}” 没有工具 “{missing}”。"))
        shown = dict(list(allowed.items())[:MOST_TOOLS])
        digests = {name: digest(tool) for name, tool in shown.items()}
        standing = self._pins.judge(entry.name, entry.origin, digests)
        descriptions = {name: tool.description or "" for name, tool in shown.items()}
        self.found.append(Found(entry.name, digests, descriptions, standing))
        if unseen := sorted(name for name, how in standing.items() if how != "known"):
            self.notes.append(
                say(
                    f"Tools of '{entry.name}' have changed since you added it and are not used:"
                    f" {', '.join(map(_ascii, unseen))}. `zhiku mcp trust {entry.name}` shows and accepts them.",
                    f"“{entry.name}” 的以下工具自添加后有变化，暂不使用：{'、'.join(map(_ascii, unseen))}。"
                    f"`zhiku mcp trust {entry.name}` 可查看并接受。",
                )
            )
        for name, tool in shown.items():
            if standing[name] != "known":
                continue
            schema = harmless_schema(tool.inputSchema)
            if schema is None:
                self.notes.append(
                    say(
                        f"The tool '{_ascii(name)}' of '{entry.name}' has a schema that can't be used.",
                        f"“{entry.name}” 的工具 “{_ascii(name)}” 的参数定义无法使用。",
                    )
                )
                continue
            ours = _unique(name, entry.name, names)
            names.add(ours)
            run = partial(self._call, connection, name, digests[name])
            self.tools.append(Tool(ours, harmless(tool.description or ""), schema, run, risk=entry.risk_of(name)))

    def _call(
        self, connection: Connection, name: str, seen: str, arguments: Mapping[str, Any], context: ToolContext
    ) -> Observation:
        """One call from a tool's thread. Ends early when the run is cancelled; the server is told."""
        seconds = max(min(context.seconds, connection.entry.timeout) - _AHEAD, _AHEAD)
        try:
            text, data = background.wait(self._checked(connection, name, seen, arguments, seconds), context.cancelled)
        except Cancelled:
            raise ToolError(en="The call was stopped.", zh="调用已停止。") from None
        return Observation(text=text or say("Done; nothing was returned.", "已完成，没有返回内容。"), data=data)

    async def _checked(
        self, connection: Connection, name: str, seen: str, arguments: Mapping[str, Any], seconds: float
    ) -> tuple[str, Any]:
        await connection.refresh()
        tool = connection.tools.get(name)
        if tool is not None and digest(tool) != seen:
            server = connection.entry.name
            raise ToolError(
                en=f"The server '{server}' has changed what '{_ascii(name)}' says of itself. It is not called until"
                f" the user accepts that with `zhiku mcp trust {server}`.",
                zh=f"服务器 “{server}” 更改了 “{_ascii(name)}” 的说明。在用户运行 `zhiku mcp trust {server}` 接受之前"
                "不会调用。",
            )
        return await connection.call(name, arguments, seconds)


def _ascii(name: str) -> str:
    """`name` in the characters that a tool's name may have; what loses letters by that stays distinct by a digest."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")[:64]
    if plain == name:
        return plain
    return f"{plain[:55] or 'tool'}_{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _unique(name: str, server: str, names: Collection[str]) -> str:
    """A name that nobody has: the tool's own, or with the server's before it."""
    for candidate in (_ascii(name), _ascii(f"{_ascii(server)}__{_ascii(name)}")):
        if candidate not in names:
            return candidate
    number = 2
    while (candidate := f"{_ascii(name)[:58]}__{number}") in names:
        number += 1
    return candidate
