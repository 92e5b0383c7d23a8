"""Carrying calls out: rule, verdict, key, journal, repetition. The same for an agent and for a member of a team.

queue → (ask → approve →) act → … → whoever chose the calls
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Container, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Generic

from agents.tasks.approval import Policy, Rule
from agents.tasks.budget import Limit, exceeded
from agents.tasks.events import ApprovalWanted, Call, Called, Noted, Observed, RunEvent, StepRecord
from agents.tasks.moves import Move
from agents.tasks.ordering import acts
from agents.tasks.remembering import remembered
from agents.tasks.state import Exchange, RunState, S
from agents.tasks.work import Work
from agents.tools.carrying import carry_out
from agents.tools.shipped import NAMES
from agents.tools.tool import Observation, Tool, ToolContext
from ingest.language import say

MOST_ASKS = 2
"""Times the model is asked again for the same move."""
MOST_REFUSALS = 3
"""Calls refused within a step or a turn before enough is enough."""
CALL_SECONDS = 60.0
TWICE = 2
"""A call may be made twice: the second time it may bring something new. When it didn't, there is no third time."""
COUNTED = 3
"""The same for calls that differ in a number alone, as pages of a document do, while each brought the same."""


class Acting(ABC, Generic[S]):
    """The nodes `ask`, `approve` and `act` of a run. What comes before and after is told by whoever extends this."""

    chooses = "choose"
    """The node that says what comes once nothing is queued."""

    def __init__(self, policy: Policy, work: Work) -> None:
        self._policy = policy
        self._work = work

    @abstractmethod
    def tools(self, state: S) -> Sequence[Tool]:
        """What may be called now."""

    @abstractmethod
    def seen(self, state: S) -> Sequence[StepRecord]:
        """The calls that another one may repeat."""

    @abstractmethod
    def stop(self, state: S, limit: Limit) -> Iterator[RunEvent]:
        """A budget is spent."""

    @abstractmethod
    def refused(self, state: S, why: str) -> Iterator[RunEvent]:
        """Too many calls were refused."""

    @abstractmethod
    def useless(self, state: S, problem: str) -> Iterator[RunEvent]:
        """The model was asked for the same move often enough, and what it says is of no use."""

    # -- nodes --------------------------------------------------------------------------------------------

    def ask(self, state: S) -> Iterator[RunEvent]:
        """The user is shown the call; the pause itself is a node of its own, so that nothing is shown twice."""
        yield ApprovalWanted(state.queue[0])
        state.next = "approve"

    def approve(self, state: S) -> Iterator[RunEvent]:
        """The user has spoken about this very call."""
        call = state.queue[0]
        decision = self._work.store.decision(state.run_id, call.id)
        assert decision is not None
        if not decision.approved:
            told = say(en="The user rejected this call.", zh="用户拒绝了这个调用。")
            yield from self._not_done(state, call, f"{told} {decision.reason}".strip())
            return
        if decision.arguments is not None:
            call = replace(call, arguments=dict(decision.arguments), key=_key(state, call.tool, decision.arguments))
            state.queue = (call, *state.queue[1:])
        state.approved = "user"
        state.next = "act"

    def act(self, state: S) -> Iterator[RunEvent]:
        """One call is carried out, unless it was already."""
        call = state.queue[0]
        if state.approved != "user" and self._rule(state, call) != "allow":
            yield from self.go_on(state)  # resumed under stricter rules than it was queued under
            return
        yield Called(call)
        began = time.monotonic()
        observation = yield from self._once(state, call)
        yield Observed(StepRecord(call, observation, round(time.monotonic() - began, 4), state.approved))
        state.spent.calls += 1
        state.turns = (*state.turns, Exchange("call", record=state.records - 1))
        remembered(state)
        state.queue, state.approved, state.asks = state.queue[1:], "", 0
        yield from self.go_on(state)

    # -- what the model wants -----------------------------------------------------------------------------

    def take(self, state: S, move: Move) -> Iterator[RunEvent]:
        """The calls of a move, once the model knows what was wrong with others; where none is left, it is asked again."""
        if move.problem and not move.calls and state.asks >= MOST_ASKS:
            yield from self.useless(state, move.problem)
            return
        if move.problem:
            state.asks += not move.calls
            yield Noted("asked_again", move.problem)
            state.turns = (*state.turns, Exchange("said", said=move.said[:1000], problem=move.problem))
        yield from self.queue(state, move.calls, move.unasked)

    def queue(
        self, state: S, calls: Sequence[tuple[Tool, Mapping[str, object]]], unasked: Container[str] = ()
    ) -> Iterator[RunEvent]:
        """Calls to be made one after the other; repeated ones are refused with what they brought before. Those of tools in
        `unasked` need the user's leave."""
        queue: list[Call] = []
        for tool, arguments in calls:
            earlier = repeated(tool.name, arguments, self.seen(state))
            if earlier is not None:
                told = refusal(earlier)
                yield Noted("refused", told)
                said = json.dumps({"name": tool.name, "arguments": arguments}, ensure_ascii=False, default=str)
                state.turns = (*state.turns, Exchange("refused", said=said, problem=told))
                state.refusals += 1
                continue
            key = _key(state, tool.name, arguments, len(queue))
            asks = tool.name in unasked
            queue.append(Call(f"call_{key[:12]}", tool.name, dict(arguments), tool.risk, state.current, key, asks))
        if state.refusals > MOST_REFUSALS:
            yield from self.refused(state, say(en="the same calls were made over and over", zh="一再重复相同的调用"))
            return
        state.queue = tuple(queue)
        yield from self.go_on(state)

    def go_on(self, state: S) -> Iterator[RunEvent]:
        """To the first call of the queue by way of its policy, or back to whoever chooses."""
        state.next = self.chooses
        while state.queue:
            if (limit := exceeded(self._work.budget, state.spent, calling=True)) is not None:
                yield from self.stop(state, limit)
                return
            call = state.queue[0]
            rule = self._rule(state, call)
            if rule == "deny":
                told = say(
                    en=f"Calls of '{call.tool}' (risk: {call.risk}) are not allowed here.",
                    zh=f"此处不允许调用 “{call.tool}”（风险：{call.risk}）。",
                )
                yield from self._not_done(state, call, told)
                continue
            state.approved = "policy" if rule == "allow" and call.risk != "read" else ""
            state.next = "act" if rule == "allow" else "ask"
            return

    def _rule(self, state: S, call: Call) -> Rule:
        """The policy's word on a call, by what its tool can do now: between two sittings it may have become another."""
        tool = self._tool(state, call.tool)
        rule = self._policy.rule(call.tool, tool.risk if tool is not None else call.risk)
        return "ask" if rule == "allow" and call.unasked and call.tool not in self._policy.tools else rule

    def _not_done(self, state: S, call: Call, told: str) -> Iterator[RunEvent]:
        """A call that was rejected or is forbidden: recorded, and the model knows why."""
        yield Observed(StepRecord(call, Observation(told, error=told)))
        state.turns = (*state.turns, Exchange("call", record=state.records - 1))
        state.queue = state.queue[1:]
        state.refusals += 1
        if state.refusals > MOST_REFUSALS:
            state.queue = ()
            yield from self.refused(state, told)
        elif state.next != self.chooses:
            yield from self.go_on(state)

    # -- a call -------------------------------------------------------------------------------------------

    def _once(self, state: S, call: Call) -> Generator[RunEvent, None, Observation]:
        """What the call brings. One with side effects is written down before and after it; what was begun before a crash
        and must not be done twice is not done again."""
        if (earlier := made_before(call, self._work.records, self._tool(state, call.tool))) is not None:
            told = say(
                en=f"{call.tool}: made before; what it brought then counts",
                zh=f"{call.tool}：此前已执行，沿用当时的结果",
            )
            yield Noted("repaired", told)
            return earlier.observation
        if call.risk == "read":
            return self._carry_out(state, call)
        tool = self._tool(state, call.tool)
        entry = self._work.store.journal(call.key)
        if entry is not None and entry.observation is not None:
            return entry.observation
        if entry is not None and not (tool is not None and tool.repeatable):
            told = say(
                en="This call was begun before an interruption. It may or may not have been carried out; it is not "
                "carried out again.",
                zh="这个调用在中断之前已经开始，可能已执行，也可能没有；不会再次执行。",
            )
            yield Noted("uncertain", f"{call.tool}: {told}")
            observation = Observation(told, error=told)
        else:
            self._work.store.intend(state.run_id, call.key)
            observation = self._carry_out(state, call)
        self._work.store.done(call.key, observation)
        return observation

    def _carry_out(self, state: S, call: Call) -> Observation:
        tool = self._tool(state, call.tool)
        if tool is None:
            told = say(en=f"There is no tool '{call.tool}' any more.", zh=f"工具 “{call.tool}” 已不存在。")
            return Observation(told, error=told)
        work = self._work
        context = ToolContext(
            run_id=state.run_id,
            call_id=call.id,
            idempotency_key=call.key,
            kb=state.kb,
            language=state.lang,
            folder=work.folder(),
            cancelled=work.clock.cancelled,
            seconds=work.clock.left(CALL_SECONDS),
        )
        with work.telemetry.tool(call.tool, call.id) as span:
            observation = carry_out(tool, call.arguments, context)
            if observation.error:
                span.failed("tool_error")
        return observation

    def _tool(self, state: S, name: str) -> Tool | None:
        return next((tool for tool in self.tools(state) if tool.name == name), None)


def repeated(tool: str, arguments: Mapping[str, object], records: Sequence[StepRecord]) -> StepRecord | None:
    """The latest of the earlier calls that this one repeats, when the last two of them brought the same but for numbers;
    also when others came in between (A, B, A, B, A), and when but a number changes from call to call."""
    wanted = dict(arguments)
    own = [r for r in records if r.call.tool == tool]
    same = [r for r in own if r.call.arguments == wanted][-TWICE:]
    if len(same) == TWICE and len({_uncounted(r.observation.text) for r in same}) == 1:
        return same[-1]  # 'Ticket 501 is open', 'Ticket 502 is open': the same done again
    read = [r for r in own if r.call.risk == "read"]  # ten rows written are ten times 'ok'
    counted = [r for r in read if _uncounted(r.call.arguments) == _uncounted(wanted)][-COUNTED:]
    # 650 and 1300 yuan are two things, "no page 7" and "no page 8" are one.
    brought = {_uncounted(r.observation.text) if r.observation.error else r.observation.text for r in counted}
    return counted[-1] if len(counted) == COUNTED and len(brought) == 1 else None


def made_before(call: Call, records: Sequence[StepRecord], tool: Tool | None = None) -> StepRecord | None:
    """The same call, where an earlier step made it and no other of the user's own tools has been called since, which may have changed
    what it brings: what one step has booked the next one wants to know the number of. A function whose risk nobody has stated counts
    as one that reads, and may book: where it seems to act it does so once in its own step too."""
    own = [record for record in records if record.call.tool not in NAMES and not record.observation.error]
    same = own and (own[-1].call.tool, own[-1].call.arguments) == (call.tool, call.arguments)
    once = tool is not None and tool.risk == "read" and acts(tool)
    return own[-1] if same and (once or own[-1].call.step != call.step) else None


def _uncounted(told: object) -> str:
    """`told` without its figures."""
    return re.sub(r"\d+", "#", json.dumps(told, sort_keys=True, ensure_ascii=False, default=str))


def refusal(earlier: StepRecord) -> str:
    """What the model is told."""
    text = earlier.observation.text
    shown = text if len(text) <= 500 else f"{text[:500]}…"
    return say(
        en=f"This call was made before, more than once, and brought the same each time; it is not made again. It brought: {shown}",
        zh=f"这个调用已执行多次，每次结果相同，不再执行。结果是：{shown}",
    )


def _key(state: RunState, tool: str, arguments: object, place: int = 0) -> str:
    """The idempotency key: what makes this call of this run this one, and nothing else does."""
    told = json.dumps(
        [state.run_id, state.current, state.records + place, tool, arguments],
        sort_keys=True,
        ensure_ascii=False,
        default=str,
    )
    return hashlib.sha256(told.encode()).hexdigest()
