"""What a model wrote, read as what it meant: calls and plans among words, with a key missing or named otherwise.

Only what is unambiguous is mended, and the loop says so; the rest goes back to the model with what was wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.lenient_json import decoded, objects_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agents.tools.tool import Tool

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
_GOALS = ("goal", "step", "task", "title", "description", "name", "purpose", "目标", "步骤", "任务")
_SHOWN = ("done_when", "done", "expected", "success", "criterion", "完成标志", "完成条件")
_PLANS = ("steps", "plan", "tasks", "步骤", "计划")


def plan_in(text: str) -> list[tuple[str, str]]:
    """(goal, done when) of each step of the plan a text holds: JSON in any common form, else a numbered or dotted list.
    Empty when there is none."""
    for value in reversed(objects_in(text)):  # the thought comes first, the plan last
        if steps := _plan(value):
            return steps
    lines = text.splitlines()
    listed = [m[2] for line in lines if (m := _NUMBERED.match(line))] or [
        m[1] for line in lines if (m := _BULLET.match(line))
    ]
    return [(_clean(goal), "") for goal in listed if _clean(goal)]


def _plan(value: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        for key in _PLANS:
            if isinstance(value.get(key), list):
                return _plan(value[key])
        return [step] if (step := _step(value)) else []
    if isinstance(value, list):
        return [step for item in value if (step := _step(item))]
    return []


def _step(value: Any) -> tuple[str, str] | None:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return (_clean(value), "") if _clean(value) else None
    if not isinstance(value, dict):
        return None
    goal = next((value[key] for key in _GOALS if isinstance(value.get(key), str) and value[key].strip()), "")
    shown = next((value[key] for key in _SHOWN if isinstance(value.get(key), str)), "")
    return (_clean(goal), _clean(shown)) if goal else None


def _clean(text: str) -> str:
    if sum(map(str.isalpha, text[:1000])) < 2:
        return ""
    return " ".join(re.sub(r"\*\*|__|`", "", text).split())[:300]


def changes_in(text: str) -> list[dict[str, Any]]:
    """The changes to a plan that a text holds: objects with a `change`. Empty when there are none."""
    for value in reversed(objects_in(text)):
        inner = value
        if isinstance(value, dict):
            inner = next(
                (value[key] for key in ("changes", "revisions", "修改") if isinstance(value.get(key), list)), value
            )
        found = [item for item in (inner if isinstance(inner, list) else [inner]) if isinstance(item, dict)]
        if found := [item for item in found if isinstance(item.get("change"), str)]:
            return found
    return []
