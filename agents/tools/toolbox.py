"""The tools of one task, by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from agents.tools.adapting import adapt
from agents.tools.repairs import nearest_tool
from agents.tools.tool import Tool, ToolError
from ingest.errors import UsageError
from ingest.language import Text, say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool


class UnknownTool(ToolError):
    """The model called what isn't there; the message names the nearest and all others."""


class Toolbox:
    """Tools with different names, in the order given. Raises `UsageError` for a name given twice."""

    def __init__(self, tools: Iterable[Tool | BaseTool | Callable[..., Any]] = ()) -> None:
        self._tools: dict[str, Tool] = {}
        for thing in tools:
            tool = adapt(thing)
            if tool.name in self._tools:
                raise UsageError(
                    Text(f"Two tools are called '{tool.name}'.", f"有两个工具名为 “{tool.name}”。"),
                    Text('Give one another name: @tool(name="…").', '请为其一另取名称：@tool(name="…")。'),
                )
            self._tools[tool.name] = tool

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    @property
    def names(self) -> tuple[str, ...]:
        """All names."""
        return tuple(self._tools)

    def find(self, name: str) -> Tool:
        """The tool meant by `name`, which may differ from its own in case, separators or one letter, or have a prefix.

        Raises `UnknownTool`, worded in the language in force.
        """
        tool = self._tools.get(name) or self._tools.get(nearest_tool(name, self._tools) or "")
        if tool:
            return tool
        close = difflib.get_close_matches(name.casefold(), [n.casefold() for n in self._tools], n=1, cutoff=0.5)
        near = next((n for n in self._tools if n.casefold() in close), "")
        listed = ", ".join(self._tools) or say("none", "无")
        raise UnknownTool(
            say(f"There is no tool '{name}'. ", f"没有名为 “{name}” 的工具。")
            + (say(f"Did you mean '{near}'? ", f"您是指 “{near}” 吗？") if near else "")
            + say(f"Tools: {listed}.", f"可用工具：{listed}。")
        )
