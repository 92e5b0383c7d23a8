"""Tools a model may call: your own by `@tool`, any LangChain tool, and those that ship with Zhiku."""

from __future__ import annotations

from agents.tools.adapting import adapt
from agents.tools.carrying import carry_out
from agents.tools.checking import validated
from agents.tools.function import tool
from agents.tools.tool import BadArguments, Observation, Tool, ToolContext, ToolError, Wording
from agents.tools.toolbox import Toolbox, UnknownTool

__all__ = [
    "BadArguments",
    "Observation",
    "Tool",
    "ToolContext",
    "ToolError",
    "Toolbox",
    "UnknownTool",
    "Wording",
    "adapt",
    "carry_out",
    "tool",
    "validated",
]
