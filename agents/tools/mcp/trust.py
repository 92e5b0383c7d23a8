"""What each server's tools looked like when the user first saw them.

A server can describe a tool harmlessly on the day it is added and slip instructions into the description later.
What a description and schema were is remembered as a digest; a tool that has changed, or is new on a known server,
is not used until the user accepts it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ingest.errors import UsageError
from ingest.language import Text
from ingest.whole_files import written

if TYPE_CHECKING:
    from mcp import types

FILE = "mcp-trust.json"


Standing = Literal["known", "changed", "new"]
"""How a tool stands with the user: as it was, described otherwise than it was, or not there before."""


def digest(tool: types.Tool) -> str:
    """Of a tool as the server describes it."""
    whole = json.dumps([tool.description or "", tool.inputSchema], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()


class Pins:
    """The digests remembered in a home folder."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE

    def judge(self, server: str, origin: str, tools: Mapping[str, str]) -> dict[str, Standing]:
        """How each of `tools` (name to digest) stands. A server seen for the first time, or whose command or address
        the user has changed, is remembered as it is: the user has just put it there."""
        known = self._read().get(server)
        if known is None or known["origin"] != origin:
            self.accept(server, origin, tools)
            return dict.fromkeys(tools, "known")
        pinned: Mapping[str, str] = known["tools"]
        return {
            name: "new" if name not in pinned else "known" if pinned[name] == now else "changed"
            for name, now in tools.items()
        }

    def accept(self, server: str, origin: str, tools: Mapping[str, str]) -> None:
        """Remember these and no others of `server`. Raises `UsageError` when the file can't be written."""
        everything = self._read() | {server: {"origin": origin, "tools": dict(tools)}}
        try:
            with written(self._path) as draft:
                draft.write(json.dumps(everything, ensure_ascii=False, indent=1).encode())
        except OSError as error:
            raise self._unusable(str(error)) from error

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            # Not taken for empty: that would trust everything anew.
            raise self._unusable(str(error)) from error
        if not isinstance(found, dict) or not all(
            isinstance(s, dict) and {"origin", "tools"} <= set(s) for s in found.values()
        ):
            raise self._unusable("?")
        return found

    def _unusable(self, why: str) -> UsageError:
        return UsageError(
            Text(f"{self._path} can't be used: {why}.", f"无法使用 {self._path}：{why}。"),
            Text(
                "Move it away; the servers' tools are then remembered anew as they are now.",
                "请移走该文件，之后会按服务器当前的工具重新记录。",
            ),
        )
