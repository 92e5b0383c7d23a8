"""A reply read as a move, mended where that is unambiguous; where it is none, what the model is told."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from agents.llm.asking import Reply
from agents.tasks.moves import CHANGE, DONE, GIVE_UP, RESERVED, Move
from agents.tasks.reply_reading import Wanted, calls_in
from agents.tools.checking import validated
from agents.tools.complaints import valid_form
from agents.tools.repairs import nearest_tool
from agents.tools.tool import BadArguments, Tool
from ingest.language import Text, say

_LONGEST_FINDING = 2000


def moves_in(reply: Reply, tools: Sequence[Tool], own: Callable[[Tool, Any], Move | None]) -> Move | None:
    """The calls of a reply as a move, read from the text where its form is broken; None when there are none.

    `own` reads the calls that are none of a tool's: 'this step is done', and the like.
    """
    wanted, repaired = [Wanted(name, arguments) for name, arguments in reply.calls], ""
    if not wanted:
        wanted = calls_in("\n".join([*(bad.text for bad in reply.invalid), reply.text]), tools)
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
