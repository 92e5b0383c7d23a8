"""One member's turn: it may call its tools, hand over or approve, and ends with what it says."""

from __future__ import annotations

import hashlib
import json
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import prompts
from agents.chat.answers import Thought, Token
from agents.llm.asking import Reply
from agents.llm.counting import estimate
from agents.llm.usage import Usage
from agents.tasks.events import ApprovalWanted, Call, Called, Noted, Observed, StepRecord
from agents.tasks.reply_reading import Wanted, calls_in, decoded
from agents.tasks.team.thread import Message
from agents.tools.carrying import carry_out, failed
from agents.tools.checking import validated
from agents.tools.tool import Observation, Tool, ToolError
from ingest.language import language_name, say
from prompts import neutral

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from agents.llm.asking import Asker
    from agents.tasks.approval import Policy, Verdict
    from agents.tasks.team.events import TeamEvent
    from agents.tasks.team.members import Member
    from agents.tasks.team.thread import Thread
    from agents.tools.tool import ToolContext
    from agents.tools.toolbox import Toolbox
    from ingest.apart.threads import Clock

HAND_OVER, APPROVE = "hand_over", "approve"
RESERVED = (HAND_OVER, APPROVE)
"""Names that no member's tool may have."""
MOST_CALLS = 8
"""Of one turn, carried out or refused; then the member is asked to say what it has."""
MOST_ASKS = 2
"""How often a reply that is no use is asked for again."""
_REPEATS = 2
"""How often the same call may bring the same result before it is refused."""
_THREAD = 3000
"""Tokens of the thread that a member reads, by a generous estimate: small models hold some 8,000 in all."""
_OBSERVATION = 4000
"""Characters of an observation that the member reads."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A member with everything it needs to speak."""

    member: Member
    asker: Asker
    toolbox: Toolbox
    others: tuple[Member, ...]
    pseudo: tuple[Tool, ...]
    """`hand_over` and `approve`, where they make sense."""
    reply: int
    """Tokens of a reply."""


@dataclass(slots=True)
class Turn:
    """A turn under way. Everything that has to outlast a pause for approval is in here."""

    voice: Voice
    messages: list[Any]
    queue: deque[tuple[Tool, Call, Any]] = field(default_factory=deque)
    """Calls still to be carried out, with the id the model's message has for each."""
    records: list[StepRecord] = field(default_factory=list)
    refusals: int = 0
    """Calls that were not carried out: forbidden, rejected or repeated."""
    usage: Usage = field(default_factory=Usage)
    asks: int = 0
    text: str = ""
    to: str = ""
    approved: bool = False
    over: bool = False
    waits: Call | None = None
    """The call that wants approval; the turn goes on when it has it."""

    @property
    def paused(self) -> bool:
        """Whether it waits for approval."""
        return self.waits is not None

    @property
    def made(self) -> int:
        """Calls so far, also those that were refused."""
        return len(self.records) + self.refusals

    @property
    def message(self) -> Message:
        """What came of it."""
        return Message(self.voice.member.name, self.text, tuple(self.records), self.to, self.approved, self.usage)


class Turns:
    """Begins turns and carries them on."""

    def __init__(
        self,
        policy: Policy,
        context: Callable[[Call], ToolContext],
        clock: Clock,
        verdicts: Mapping[str, Verdict],
        room: Callable[[bool], bool],
        run_id: str,
    ) -> None:
        """`context`: where a call runs; `room`: whether the budget has room for another question or,
        given True, for a call."""
        self._policy = policy
        self._context = context
        self._clock = clock
        self._verdicts = verdicts
        self._room = room
        self._run_id = run_id

    def begin(self, voice: Voice, thread: Thread, code: str) -> Turn:
        """The member's prompt, in an order that only grows at its end from turn to turn."""
        prompt = prompts.load("member", "zh" if code.startswith("zh") else "en")
        opening = prompt.render(
            name=voice.member.name,
            role=voice.member.role,
            instructions=voice.member.instructions,
            others=[{"name": other.name, "role": other.role} for other in voice.others],
            task=neutral(thread.task),
            messages=_latest(thread),
            language=language_name(code),
        )
        return Turn(voice, list(opening))

    def go(self, turn: Turn, spoken: int) -> Iterator[TeamEvent]:
        """Until the turn is over, waits for approval, or the budget is spent. `spoken`: messages before this one.

        Raises `Cancelled`, `OutOfTime`, `ModelError`.
        """
        turn.waits = None
        while not turn.over:
            while turn.queue:
                if not self._room(True):  # noqa: FBT003 - a call, as its Protocol says
                    return
                yield from self._act(turn)
                if turn.paused:
                    return
            if turn.over or not self._room(False):  # noqa: FBT003
                return
            closing = turn.made >= MOST_CALLS
            reply = yield from self._ask(turn, tools=not closing)
            yield from self._read(turn, reply, spoken, closing=closing)

    # -- asking ---------------------------------------------------------------------------------------------

    def _ask(self, turn: Turn, *, tools: bool) -> Generator[TeamEvent, None, Reply]:
        offered = [*turn.voice.toolbox, *turn.voice.pseudo] if tools else []
        notes: list[str] = []
        found = Reply()
        if not tools:
            turn.messages.append(("human", say("Say now what you have found out.", "现在请说明您的发现。")))
        pieces = turn.voice.asker.ask(
            turn.messages,
            self._clock,
            retried=notes.append,
            tools=[tool.as_openai(say("en", "zh")) for tool in offered],
            max_tokens=turn.voice.reply,
        )
        for piece in pieces:
            while notes:
                yield Noted("retried", notes.pop(0))
            if isinstance(piece, Reply):
                found = piece
                continue
            if piece.thought:
                yield Thought(piece.thought)
            if piece.text:
                yield Token(piece.text)
        turn.usage += found.usage
        return found

    def _read(self, turn: Turn, reply: Reply, spoken: int, *, closing: bool) -> Iterator[TeamEvent]:
        offered = [*turn.voice.toolbox, *turn.voice.pseudo]
        # Asked for words alone, some models call all the same: that is read as no reply, or the turn would never end.
        wanted = [Wanted(name, decoded(arguments)) for name, arguments in reply.calls] if not closing else []
        if not wanted and not closing:
            wanted = calls_in("\n".join([*(bad.text for bad in reply.invalid), reply.text]), offered)
            if wanted:
                yield Noted("repaired", say("a call read from the text", "从文字中读出调用"))
        if not wanted and reply.text and not reply.invalid:
            turn.text, turn.over = reply.text, True
            return
        if not wanted:
            yield from self._again(turn, reply)
            return
        text = reply.text if reply.calls else ""
        calls: list[tuple[Tool, Call, str]] = []
        problems: list[str] = []
        for item in wanted[:MOST_CALLS]:
            place = turn.made + len(calls)
            try:
                tool = turn.voice.toolbox.find(item.tool) if not self._pseudo(turn, item) else None
                if tool is None:
                    self._said(turn, item, text)
                    continue
                arguments = validated(tool, item.arguments).arguments
            except ToolError as error:
                problems.append(str(error))
                continue
            calls.append((tool, self._call(tool, arguments, spoken, place), f"call_{place}"))
        if turn.over and not calls:
            return
        if calls:
            # A hand-over or an approval that was written before its calls were carried out is a guess.
            turn.over, turn.to, turn.approved, turn.text = False, "", False, ""
            turn.messages.append(_asked(text, calls))
            turn.queue.extend(calls)
            for problem in problems:
                yield Noted("refused", problem)
            return
        yield from self._again(turn, reply, "\n".join(problems))

    def _again(self, turn: Turn, reply: Reply, problem: str = "") -> Iterator[TeamEvent]:
        if turn.asks >= MOST_ASKS:
            turn.over = True  # it says nothing; the team decides what that means
            return
        turn.asks += 1
        problem = problem or say(
            "Your reply could not be used: say in words what you found, or call one tool.",
            "您的回复无法使用：请用文字说明发现，或调用一个工具。",
        )
        yield Noted("asked_again", problem)
        turn.messages += [("ai", neutral(reply.text[:1000]) or "…"), ("human", neutral(problem))]

    def _pseudo(self, turn: Turn, item: Wanted) -> bool:
        return any(tool.name == item.tool for tool in turn.voice.pseudo)

    def _said(self, turn: Turn, item: Wanted, text: str) -> None:
        """A hand-over or an approval. Raises `BadArguments`."""
        tool = next(tool for tool in turn.voice.pseudo if tool.name == item.tool)
        arguments = validated(tool, item.arguments).arguments
        turn.text = text or str(arguments.get("message") or "")
        turn.to = str(arguments.get("to") or "")
        turn.approved = item.tool == APPROVE
        turn.over = True

    def _call(self, tool: Tool, arguments: Mapping[str, Any], spoken: int, place: int) -> Call:
        whole = json.dumps([self._run_id, spoken, place, tool.name, arguments], ensure_ascii=False, sort_keys=True)
        key = hashlib.sha256(whole.encode()).hexdigest()[:32]
        return Call(f"m{spoken}c{place}", tool.name, dict(arguments), tool.risk, spoken, key)

    # -- acting ---------------------------------------------------------------------------------------------

    def _act(self, turn: Turn) -> Iterator[TeamEvent]:
        tool, call, mark = turn.queue[0]
        rule = self._policy.rule(tool.name, tool.risk)
        if rule == "ask" and self._verdict(call) is None:
            turn.waits = call
            yield ApprovalWanted(call)
            if self._verdict(call) is None:
                return
            turn.waits = None  # it was decided while the event was looked at
        verdict = self._verdict(call)
        turn.queue.popleft()
        repeated = self._repeated(turn, call)
        if rule == "deny" or (verdict and not verdict.approved):
            why = verdict.reason if verdict and verdict.reason else ""
            observation = failed(say(f"This call was not allowed. {why}".strip(), f"此调用未获允许。{why}"))
            turn.refusals += 1
            yield Noted("refused", f"{call.tool}: {observation.text}")
        elif repeated is not None:
            yield Noted("refused", say(f"{call.tool} again with the same result", f"重复调用 {call.tool}，结果相同"))
            told = say("This call was carried out before; it brought:", "此调用此前已执行，结果为：")
            observation = Observation(f"{told}\n{repeated.text}", error=told)
            turn.refusals += 1
        else:
            if verdict and verdict.arguments is not None:
                edited = validated(tool, verdict.arguments).arguments
                call = Call(call.id, call.tool, edited, call.risk, call.step, call.key)
            yield Called(call)
            began = time.monotonic()
            context = self._context(call)
            context = replace(context, seconds=self._clock.left(context.seconds))
            observation = carry_out(tool, call.arguments, context)
            seconds = round(time.monotonic() - began, 4)
            allowed = "user" if verdict else "policy" if tool.risk != "read" else ""
            record = StepRecord(call, observation, seconds, allowed)  # type: ignore[arg-type] # one of the three words
            turn.records.append(record)
            yield Observed(record)
        turn.messages.append(_brought(mark, observation))

    def _verdict(self, call: Call) -> Verdict | None:
        """What was said about this very call."""
        verdict = self._verdicts.get(call.id)
        return verdict if verdict is not None and verdict.key == call.key else None

    @staticmethod
    def _repeated(turn: Turn, call: Call) -> Observation | None:
        """What the same call brought, when it brought the same every time and often enough."""
        same = [r.observation for r in turn.records if r.call.tool == call.tool and r.call.arguments == call.arguments]
        return same[-1] if len(same) >= _REPEATS and len({o.text for o in same}) == 1 else None


def _latest(thread: Thread) -> list[dict[str, str]]:
    """What was said, the oldest left out beyond `_THREAD` tokens: the task itself always stays."""
    kept: list[dict[str, str]] = []
    left = _THREAD
    for message in reversed(thread.messages):
        text = neutral(message.text)
        left -= estimate(text) + 8
        if kept and left < 0:
            told = say("(Earlier messages are left out.)", "（较早的发言已省略。）")
            return [{"speaker": "…", "text": told}, *kept]
        kept.insert(0, {"speaker": message.speaker, "text": text})
    return kept


def pseudo_tools(handoffs: Sequence[str], *, approves: bool) -> tuple[Tool, ...]:
    """The calls that only the team itself answers, worded in the language in force."""
    tools: list[Tool] = []
    message = {"type": "string"}
    if handoffs:
        tools.append(
            Tool(
                HAND_OVER,
                say("Hand over to the member who goes on, with a message.", "交给接下来的成员，并附上一句话。"),
                _object({"to": {"type": "string", "enum": list(handoffs)}, "message": message}),
                _never,
            )
        )
    if approves:
        tools.append(
            Tool(
                APPROVE,
                say("The work is done and good. Ends it.", "工作已完成且质量合格。随即结束。"),
                _object({"message": message}),
                _never,
            )
        )
    return tuple(tools)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _never(arguments: Mapping[str, Any], context: ToolContext, /) -> Any:  # noqa: ANN401, ARG001 - the shape of a tool
    raise AssertionError("the team itself answers this one")


def _asked(text: str, calls: Sequence[tuple[Tool, Call, str]]) -> Any:  # noqa: ANN401 - LangChain's message
    from langchain_core.messages import AIMessage

    made = [{"name": c.tool, "args": dict(c.arguments), "id": mark, "type": "tool_call"} for _, c, mark in calls]
    return AIMessage(content=neutral(text), tool_calls=made)


def _brought(mark: str, observation: Observation) -> Any:  # noqa: ANN401 - LangChain's message
    from langchain_core.messages import ToolMessage

    text = neutral(observation.text[:_OBSERVATION])
    return ToolMessage(content=f"<observation>\n{text}\n</observation>", tool_call_id=mark)
