"""What a model wrote, read as what it meant: calls and lists among words, with a key missing or named otherwise.

Only what is unambiguous is mended, and the loop says so; the rest goes back to the model with what was wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.tools.tool import Tool
from ingest.lenient_json import decoded, objects_in

_NAMES = ("name", "tool", "tool_name", "function", "action", "recipient_name")
_ARGUMENTS = ("arguments", "args", "parameters", "input", "action_input", "tool_input", "kwargs")
_LISTS = ("tool_calls", "calls", "tool_uses", "actions")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call as the model meant it; nothing is checked yet."""

    tool: str
    arguments: Any


def calls_in(text: str, tools: Sequence[Tool]) -> list[Wanted]:
    """The calls that a text holds, in whatever common form. Empty when it holds none."""
    return [wanted for value in objects_in(text) for wanted in _calls(value, tools)]


def _calls(value: Any, tools: Sequence[Tool]) -> Iterator[Wanted]:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        for item in value:
            yield from _calls(item, tools)
        return
    if not isinstance(value, dict):
        return
    for key in _LISTS:
        if isinstance(value.get(key), list):
            yield from _calls(value[key], tools)
            return
    for key in ("function", "tool_call", "function_call"):
        if isinstance(value.get(key), dict):
            yield from _calls(value[key], tools)
            return
    known = {tool.name for tool in tools}
    name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
    if name is not None and (name in known or not _fits_one(value, tools)):
        yield Wanted(name, _arguments(value, name, tools))
        return
    if len(value) == 1 and (only := next(iter(value))) in known:  # {"search": {"query": …}}
        yield Wanted(only, decoded(value[only]))
        return
    if meant := _fits_one(value, tools):
        yield Wanted(meant, value)


def _arguments(value: Mapping[str, Any], name: str, tools: Sequence[Tool]) -> Any:  # noqa: ANN401 - JSON
    for key in _ARGUMENTS:
        if key in value:
            return decoded(value[key])
    used = next((key for key in _NAMES if value.get(key) == name), "")
    rest = {key: item for key, item in value.items() if key not in (used, "id", "type", "thought", "reason")}
    tool = next((tool for tool in tools if tool.name == name), None)
    properties = tool.parameters.get("properties", {}) if tool else {}
    return {key: item for key, item in value.items() if key in properties and key != used} or rest


def _fits_one(value: Mapping[str, Any], tools: Sequence[Tool]) -> str:
    """The one tool whose arguments these are, by its required and known names; '' when none or several are."""
    fitting: set[str] = set()
    for tool in tools:
        properties = tool.parameters.get("properties", {})
        required = tool.parameters.get("required", [])
        if value and required and set(required) <= set(value) <= set(properties):
            fitting.add(tool.name)
    return fitting.pop() if len(fitting) == 1 else ""


_NUMBERED = re.compile(
    r"^\s*(?:[-*•]\s+)?(?:step\s*|步骤\s*|第)?(\d{1,2}|[一二三四五六七八九十])\s*(?:步)?\s*[.):：、．）]\s*(\S.*)$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*[-*•]\s+(\S.*)$")


def listed_in(text: str) -> list[str]:
    """The items of the numbered or dotted list that a text holds: a plan that came in words."""
    lines = text.splitlines()
    listed = [m[2] for line in lines if (m := _NUMBERED.match(line))]
    listed = listed or [m[1] for line in lines if (m := _BULLET.match(line))]
    plain = (" ".join(re.sub(r"\*\*|__|`", "", item).split())[:300] for item in listed)
    return [item for item in plain if sum(map(str.isalpha, item)) >= 2]
