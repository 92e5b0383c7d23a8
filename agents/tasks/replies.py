"""A reply read as a move: calls and lists among words, with a key missing or named otherwise, mended where that is unambiguous,
which the loop says; where it is none, what the model is told.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.llm.asking import Reply
from agents.tasks.moves import CALCULATE, CHANGE, DONE, GIVE_UP, RESERVED, Move
from agents.tools.arithmetic.parsing import calculate
from agents.tools.checking import validated
from agents.tools.complaints import valid_form
from agents.tools.repairs import nearest_tool
from agents.tools.tool import BadArguments, Tool, ToolError
from ingest.language import Text, say
from ingest.lenient_json import decoded, objects_in

_LONGEST_FINDING = 2000
PYTHON = "python"
_PRINTED = re.compile(r"\s*print\((.+)\)\s*;?\s*", re.DOTALL)
_NAMES = ("name", "tool", "tool_name", "function", "action", "recipient_name")
_ARGUMENTS = ("arguments", "args", "parameters", "input", "action_input", "tool_input", "kwargs")
_LISTS = ("tool_calls", "calls", "tool_uses", "actions")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call as the model meant it; nothing is checked yet."""

    tool: str
    arguments: Any


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


def moves_in(reply: Reply, tools: Sequence[Tool], own: Callable[[Tool, Any], Move | None]) -> Move | None:
    """The calls of a reply as a move, read from the text where its form is broken; None when there are none.

    `own` reads the calls that are none of a tool's: 'this step is done', and the like.
    """
    wanted, repaired = [Wanted(name, arguments) for name, arguments in reply.calls], ""
    if not wanted:
        text = "\n".join([*(bad.text for bad in reply.invalid), reply.text])
        wanted = [call for value in objects_in(text) for call in _calls(value, tools)]
        repaired = say(en="a call read from the text", zh="从文字中读出调用") if wanted else ""
    if not wanted:
        return None
    moves = [_one(item, tools, own) for item in wanted]
    if mended := "; ".join(dict.fromkeys(move.repaired for move in moves if move.repaired)):
        repaired = f"{repaired}; {mended}" if repaired else mended
    first = next((move for move in moves if move.problem), moves[0])
    said = first.said or json.dumps(
        [{"name": item.tool, "arguments": item.arguments} for item in wanted], ensure_ascii=False, default=str
    )
    if real := tuple(call for move in moves for call in move.calls):
        if reply.reason == "length":  # valid by force of the grammar: whatever was to follow is missing
            return Move(problem=str(_CUT), said=said[:1000])
        # A finding written before its calls were carried out is a guess, and left out.
        return Move(calls=real, problem=first.problem, said=said, repaired=repaired)
    return replace(first, said=said, repaired=repaired if not first.problem else "")


def _one(wanted: Wanted, tools: Sequence[Tool], own: Callable[[Tool, Any], Move | None]) -> Move:
    tool, repaired = found(wanted.tool, tools)
    if tool is None:
        return Move(problem=_unknown(wanted.tool, tools))
    try:
        if (move := own(tool, wanted.arguments)) is not None:
            return move
        checked = validated(tool, wanted.arguments)
    except BadArguments as error:
        return Move(problem=str(error))
    return Move(calls=((tool, checked.arguments),), repaired="; ".join([*filter(None, [repaired]), *checked.repairs]))


def loops_own(tool: Tool, arguments: Any) -> Move | None:  # noqa: ANN401 - whatever the model wrote
    """The move of a call that the loop itself answers; None for any other tool's."""
    if tool.name not in RESERVED:
        return None
    if tool.name == CHANGE and isinstance(arguments, dict):
        return _changes(arguments)
    key = "finding" if tool.name == DONE else "reason"
    value, repaired = arguments.get(key) if isinstance(arguments, dict) else arguments, ""
    if isinstance(arguments, dict) and not isinstance(value, str):
        texts = [item for item in arguments.values() if isinstance(item, str) and item.strip()]
        value = texts[0] if len(texts) == 1 else json.dumps(value, ensure_ascii=False) if value else None
        repaired = say(en=f"'{key}' was missing", zh=f"缺少 {key}")
    if not isinstance(value, str) or not value.strip():
        if tool.name == GIVE_UP:
            return Move(gave_up=say(en="no reason was given", zh="未说明原因"))
        return Move(problem=f"{Text(en=f'{DONE} needs a finding.', zh=f'{DONE} 需要 finding。')} {_form(tool)}")
    if tool.name == DONE:
        return Move(finding=_short(value), repaired=repaired)
    return Move(gave_up=_short(value), repaired=repaired)


def _changes(arguments: dict[str, Any]) -> Move:
    reason = str(arguments.get("reason") or "")[:300]
    changes: list[dict[str, Any]] = []
    for key, kind, field in (("add", "add", "goal"), ("drop", "drop", "step")):
        listed = arguments.get(key)
        values = listed if isinstance(listed, list) else []
        changes += [{"change": kind, field: value, "reason": reason} for value in values]
    if isinstance(arguments.get("order"), list) and arguments["order"]:
        changes.append({"change": "reorder", "order": arguments["order"], "reason": reason})
    if not changes:
        problem = Text(en="change_plan needs 'add', 'drop' or 'order'.", zh="change_plan 需要 add、drop 或 order。")
        return Move(problem=str(problem))
    return Move(changes=tuple(changes))


def found(name: str, tools: Sequence[Tool]) -> tuple[Tool | None, str]:
    """The tool meant by `name`, and how the name was mended: another case, hyphens, one letter, a prefix."""
    by_name = {tool.name: tool for tool in tools}
    if name in by_name:
        return by_name[name], ""
    if near := nearest_tool(name, by_name):
        return by_name[near], say(en=f"'{name}' read as '{near}'", zh=f"“{name}” 读作 “{near}”")
    return None, ""


def _unknown(name: str, tools: Sequence[Tool]) -> str:
    names = list(dict.fromkeys(tool.name for tool in tools))
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    shown = name[:80]
    if near:
        tool = next(tool for tool in tools if tool.name == near[0])
        said = Text(en=f"There is no tool '{shown}'. The nearest is:", zh=f"没有工具 “{shown}”，最接近的是：")
        return f"{said} {_form(tool)}"
    listed = ", ".join(names[:12])
    return say(en=f"There is no tool '{shown}'. Tools: {listed}.", zh=f"没有工具 “{shown}”。可用工具：{listed}。")


def _form(tool: Tool) -> str:
    return valid_form(tool.name, tool.parameters)


def _short(text: str) -> str:
    line = re.sub(r"[ \t]+", " ", text).strip()
    return line if len(line) <= _LONGEST_FINDING else f"{line[: _LONGEST_FINDING - 1]}…"


def without_calls(reply: Reply, *, seen: bool) -> Move:
    """The move of a reply without any call; `seen`: whether anything was found that words could rest on."""
    if reply.invalid:
        bad = reply.invalid[0]
        detail = bad.text if bad.text.startswith("Malformed") else bad.problem
        return Move(problem=_problem_malformed(detail[:300]), said=bad.text[:1000])
    text = reply.text.strip()
    if not text:
        if reply.reason in ("thought", "length") or reply.thought:
            return Move(problem=str(_THOUGHT), said=reply.thought[-200:])
        return Move(problem=str(_EMPTY))
    if _looks_like_json(text):
        return Move(problem=_problem_malformed(str(_NO_CALL)), said=text[:1000])
    if seen:  # words that rest on nothing are no finding, however often they are said
        how = say(en="a finding written as plain text", zh="以普通文字写出的发现")
        return Move(finding=_short(text), repaired=how)
    return Move(problem=str(_PROSE), said=text[:1000])


def _looks_like_json(text: str) -> bool:
    stripped = text.strip().removeprefix("```json").removeprefix("```").strip()
    return stripped[:1] in ("{", "[") or "<tool_call>" in text


def _problem_malformed(detail: str) -> str:
    return say(
        en=f"Your call can't be read: {detail} Write one call as JSON: "
        '{"name": "<tool>", "arguments": {<its arguments>}}',
        zh=f'无法读懂您的调用：{detail} 请以 JSON 写出一个调用：{{"name": "<工具>", "arguments": {{<参数>}}}}',
    )


_NO_CALL = Text(en="it names no tool, or is not valid JSON.", zh="没有写明工具，或不是合法的 JSON。")
_EMPTY = Text(
    en="Your reply was empty. Call a tool, or step_done with the finding, or give_up with the reason.",
    zh="您的回复为空。请调用一个工具，或用 step_done 写出 finding，或用 give_up 说明原因。",
)
_THOUGHT = Text(
    en="You thought for too long and called nothing. Don't think now: make one call.",
    zh="您思考过久而没有任何调用。现在不要再思考，请直接调用。",
)
_CUT = Text(
    en="Your call was cut off: it was too long. It was not carried out. Call again with shorter values, one part at a time.",
    zh="您的调用过长而被截断，未被执行。请用更短的内容重新调用，每次一部分。",
)
_PROSE = Text(
    en="You wrote text but called nothing. Call a tool, or step_done with the finding, or give_up with the reason.",
    zh="您写了文字但没有任何调用。请调用一个工具，或用 step_done 写出 finding，或用 give_up 说明原因。",
)


def in_plain_sums(call: tuple[Tool, Mapping[str, Any]], tools: Sequence[Tool]) -> tuple[Tool, Mapping[str, Any]]:
    """`call`, or the calculator's in its place where `python` was to print one sum: nobody need be asked for their leave to multiply."""
    tool, arguments = call
    calculator = next((other for other in tools if other.name == CALCULATE), None)
    code = arguments.get("code")
    if tool.name != PYTHON or calculator is None or not isinstance(code, str):
        return call
    printed = _PRINTED.fullmatch(code)
    expression = (printed[1] if printed else code).strip()
    if "\n" in expression:
        return call
    try:
        calculate(expression)
    except ToolError:
        return call
    return calculator, validated(calculator, {"expression": expression}).arguments
