"""The caller: one question to the model per move, and its reply read as a move, mended where that is unambiguous."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import prompts
from agents.llm.counting import estimate
from agents.llm.errors import PromptTooLong
from agents.tasks.by_rule import CALCULATE
from agents.tasks.events import Noted
from agents.tasks.grounding import invented, known_text, unheard
from agents.tasks.moves import CHANGE, DONE, GIVE_UP, RESERVED, Move
from agents.tasks.remembering import conversation, earlier_calls, not_whole, plan_rows
from agents.tasks.reply_reading import Wanted, calls_in
from agents.tasks.sums import in_plain_sums
from agents.tools.checking import validated
from agents.tools.complaints import valid_form
from agents.tools.repairs import nearest_tool
from agents.tools.tool import BadArguments
from ingest.language import Text, say
from prompts import neutral

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Mapping, Sequence

    from agents.llm.asking import Reply
    from agents.tasks.continuing import Continuing
    from agents.tasks.effort import Effort
    from agents.tasks.events import RunEvent, StepRecord
    from agents.tasks.opening import Opening
    from agents.tasks.profile import Profile
    from agents.tasks.state import State
    from agents.tasks.work import Work
    from agents.tools.tool import Tool

ROOM = 6000
"""Tokens of a prompt beyond which nothing is gained, however much the model holds."""
_LONGEST_FINDING = 2000
_SHORT_REPLY = 400
"""Tokens of a move in which nothing is written or run: a small model that runs on does so for as long as it may."""


class ModelCaller:
    """Asks the model, unless a rule knows what comes next."""

    def __init__(
        self,
        profile: Profile,
        effort: Effort,
        opening: Opening,
        continuing: Continuing,
        own: Collection[str] = (),
        unproven: Callable[[str, State, Sequence[StepRecord]], tuple[str, ...]] | None = None,
    ) -> None:
        """`own`: names of the tools that are the user's. `unproven` says which sentences of a finding nothing proves; None:
        findings are taken as they are until the result is written."""
        self._profile = profile
        self._effort = effort
        self._opening = opening
        self._continuing = continuing
        self._own = own
        self._unproven = unproven

    def next(self, state: State, work: Work, tools: Sequence[Tool]) -> Generator[RunEvent, None, Move]:
        """The next move in the current step."""
        if (move := self._continuing.next(state, work.records, tools)) is not None:
            return move
        if state.asked >= self._effort.moves:
            told = Text(
                en=f"the model was asked {state.asked} times for this step", zh=f"这一步已询问模型 {state.asked} 次"
            )
            return Move(gave_up=str(told))
        state.asked += 1
        shown = self._opening.tools(state, tools)
        reply = yield from self._ask(state, work, shown)
        move = moves_in(reply, [*shown, *tools], _pseudo) or self._words(reply, state, work)
        move = replace(move, calls=tuple(in_plain_sums(call, tools) for call in move.calls))
        if move.finding is not None and self._unproven is not None:
            return self._proven(move, state, work)
        return self._grounded(move, state, work) if move.calls else move

    def _proven(self, move: Move, state: State, work: Work) -> Move:
        """`move`, or what is wrong with its finding; said once a step."""
        assert self._unproven is not None
        assert move.finding is not None
        open_ends = self._unproven(move.finding, state, work.records)
        problem = str(
            Text(
                en=f"Nothing found so far proves this: {' '.join(open_ends)} Look for it, work it out with a tool, or leave "
                "it out.",
                zh=f"已找到的内容不能证明：{' '.join(open_ends)} 请继续查找、用工具算出，或删去这句话。",
            )
        )
        again = any(turn.kind == "said" and turn.problem.startswith(problem[:8]) for turn in state.turns)
        return move if again or not open_ends else Move(problem=problem[:800], said=move.said or move.finding[:1000])

    def _grounded(self, move: Move, state: State, work: Work) -> Move:
        """`move` without calls of the user's own tools and of the calculator that were given made-up values. A model that
        stands by a call of an own tool when it was told gets it, since a value may be translated; a number may not."""
        known = known_text(state, work.records)
        told = {turn.problem for turn in state.turns if turn.problem}
        kept: list[tuple[Tool, Mapping[str, Any]]] = []
        problems: list[str] = []
        for tool, arguments in move.calls:
            made_up = invented(tool, arguments, known) if tool.name in self._own else []
            if calculates := tool.name == CALCULATE:
                made_up = [("expression", n) for n in unheard(str(arguments.get("expression", "")), known)]
            problem = _made_up(tool.name, made_up)
            if made_up and (calculates or problem not in told):
                problems.append(problem)
            else:
                kept.append((tool, arguments))
        if not problems:
            return move
        said = json.dumps(
            [{"name": tool.name, "arguments": arguments} for tool, arguments in move.calls],
            ensure_ascii=False,
            default=str,
        )
        return replace(move, calls=tuple(kept), problem="; ".join(problems), said=move.said or said[:1000])

    def _ask(self, state: State, work: Work, shown: Sequence[Tool]) -> Generator[RunEvent, None, Reply]:
        step = state.step
        assert step is not None
        prompt = prompts.load("call", state.lang)
        specs = self._opening.specs(state, shown)
        room = self._profile.context - min(self._profile.reply, self._profile.context // 3)
        room = min(room - sum(estimate(json.dumps(spec, ensure_ascii=False)) for spec in specs), ROOM)
        several = len(state.plan) > 1
        composes = self._profile.kind == "able" or any(tool.risk in ("write", "execute") for tool in shown)
        most = self._profile.reply if composes else min(self._profile.reply, _SHORT_REPLY)
        for share in (1.0, 0.5, 0.25):
            opening = self._opening.messages(
                prompt,
                state,
                evidence=share > 0.25,
                plan=plan_rows(state, int(room * share) // 3) if several else [],
                id=str(step.id),
                goal=neutral(step.goal),
                done_when=neutral(step.done_when),
                calls=earlier_calls(state, work.records) if share == 1 else [],
            )
            taken = sum(estimate(text) + 8 for _, text in opening)
            messages: list[Any] = [
                *opening,
                *conversation(state.turns, work.records, max(256, int(room * share) - taken), not_whole(state)),
            ]
            try:
                return (
                    yield from work.ask(prompt, messages, tools=specs, choice=self._profile.choice, max_tokens=most)
                )
            except PromptTooLong:
                if share == 0.25:
                    raise
                yield Noted(
                    "dropped",
                    say(
                        en="the prompt did not fit; older observations are left out",
                        zh="提示词过长，略去较早的观察结果",
                    ),
                )
        raise AssertionError("unreachable")

    def _words(self, reply: Reply, state: State, work: Work) -> Move:
        """A reply without any call."""
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
        seen = bool(state.evidence.passages) or any(
            not work.records[turn.record].observation.error for turn in state.turns if turn.kind == "call"
        )
        if seen:  # words that rest on nothing are no finding, however often they are said
            how = str(Text(en="a finding written as plain text", zh="以普通文字写出的发现"))
            return Move(finding=_short(text), repaired=how)
        return Move(problem=str(_PROSE), said=text[:1000])


def moves_in(reply: Reply, tools: Sequence[Tool], own: Callable[[Tool, Any], Move | None]) -> Move | None:
    """The calls of a reply as a move, read from the text where its form is broken; None when there are none.

    `own` reads the calls that are none of a tool's: 'this step is done', and the like.
    """
    wanted, repaired = [Wanted(name, arguments) for name, arguments in reply.calls], ""
    if not wanted:
        wanted = calls_in("\n".join([*(bad.text for bad in reply.invalid), reply.text]), tools)
        repaired = str(Text(en="a call read from the text", zh="从文字中读出调用")) if wanted else ""
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


def _pseudo(tool: Tool, arguments: Any) -> Move | None:  # noqa: ANN401 - whatever the model wrote
    if tool.name not in RESERVED:
        return None
    if tool.name == CHANGE and isinstance(arguments, dict):
        return _changes(arguments)
    key = "finding" if tool.name == DONE else "reason"
    value, repaired = arguments.get(key) if isinstance(arguments, dict) else arguments, ""
    if isinstance(arguments, dict) and not isinstance(value, str):
        texts = [item for item in arguments.values() if isinstance(item, str) and item.strip()]
        value = texts[0] if len(texts) == 1 else json.dumps(value, ensure_ascii=False) if value else None
        repaired = str(Text(en=f"'{key}' was missing", zh=f"缺少 {key}"))
    if not isinstance(value, str) or not value.strip():
        if tool.name == GIVE_UP:
            return Move(gave_up=str(Text(en="no reason was given", zh="未说明原因")))
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
        return by_name[near], str(Text(en=f"'{name}' read as '{near}'", zh=f"“{name}” 读作 “{near}”"))
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
    return str(Text(en=f"There is no tool '{shown}'. Tools: {listed}.", zh=f"没有工具 “{shown}”。可用工具：{listed}。"))


def _form(tool: Tool) -> str:
    return valid_form(tool.name, tool.parameters)


def _short(text: str) -> str:
    line = re.sub(r"[ \t]+", " ", text).strip()
    return line if len(line) <= _LONGEST_FINDING else f"{line[: _LONGEST_FINDING - 1]}…"


def _made_up(tool: str, values: Sequence[tuple[str, object]]) -> str:
    listed = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in values)
    return str(
        Text(
            en=f"{tool} was not called: {listed} stands neither in the task nor in what was found. Take the values from "
            "there, or use another tool.",
            zh=f"没有调用 {tool}：{listed} 既不在任务中，也不在已找到的内容中。请从中取值，或改用其他工具。",
        )
    )


def _looks_like_json(text: str) -> bool:
    stripped = text.strip().removeprefix("```json").removeprefix("```").strip()
    return stripped[:1] in ("{", "[") or "<tool_call>" in text


def _problem_malformed(detail: str) -> str:
    return str(
        Text(
            en=f"Your call can't be read: {detail} Write one call as JSON: "
            '{"name": "<tool>", "arguments": {<its arguments>}}',
            zh=f'无法读懂您的调用：{detail} 请以 JSON 写出一个调用：{{"name": "<工具>", "arguments": {{<参数>}}}}',
        )
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
