"""The nodes of a run. Each does one small thing to the state, emits what happened, and names the next one.

plan → choose → (ask → approve →) act → choose → … → write
↘ revise ↗
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from agents.tasks.budget import exceeded, explained
from agents.tasks.events import ApprovalWanted, Call, Called, Observed, StepEnded, StepRecord, StepStarted
from agents.tasks.remembering import border, forgotten, remembered
from agents.tasks.repeating import refusal, repeated
from agents.tasks.revising import revise
from agents.tasks.state import Turn
from agents.tools.carrying import carry_out
from agents.tools.tool import Observation, ToolContext
from ingest.language import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agents.tasks.approval import Policy, Rule, Verdict
    from agents.tasks.budget import Limit
    from agents.tasks.moves import Caller, Move, Planner
    from agents.tasks.state import State
    from agents.tasks.work import Work
    from agents.tasks.writing import ResultWriter
    from agents.tools.tool import Tool

MOST_ASKS = 2
"""Times the model is asked again for the same move."""
MOST_REFUSALS = 3
"""Repeated calls refused within a step before it counts as failed."""
CALL_SECONDS = 60.0


class Nodes:
    """The loop. Its collaborators know how to plan, choose, carry out and write; here it is decided what happens when."""

    def __init__(
        self,
        planner: Planner,
        caller: Caller,
        writer: ResultWriter,
        tools: Sequence[Tool],
        policy: Policy,
        work: Work,
    ) -> None:
        self._planner = planner
        self._caller = caller
        self._writer = writer
        self._tools = tools
        self._policy = policy
        self._work = work

    def plan(self, state: State) -> None:
        """The task becomes steps."""
        self._planner.plan(state, self._work, self._tools)
        state.next = "choose"

    def choose(self, state: State) -> None:
        """Within a step: what next? Between steps: which step?"""
        if (limit := exceeded(self._work.budget, state.spent)) is not None:
            self.stop(state, limit)
        elif state.step is None and not self._begin(state):
            state.next = "write"
        else:
            self._forget(state)
            self._take(state, self._caller.next(state, self._work, self._tools))

    def ask(self, state: State) -> None:
        """The user is shown the call; the pause itself is a node of its own, so that nothing is shown twice."""
        self._work.emit(ApprovalWanted(state.queue[0]))
        state.next = "approve"

    def approve(self, state: State, verdict: Verdict) -> None:
        """The user has spoken about this very call."""
        call = state.queue[0]
        if not verdict.approved:
            told = say(en="The user rejected this call.", zh="用户拒绝了这个调用。")
            self._not_done(state, call, f"{told} {verdict.reason}".strip())
            return
        if verdict.arguments is not None:
            call = replace(call, arguments=dict(verdict.arguments), key=_key(state, call.tool, verdict.arguments))
            state.queue = (call, *state.queue[1:])
        state.approved = "user"
        state.next = "act"

    def act(self, state: State) -> None:
        """One call is carried out, unless it was already."""
        call = state.queue[0]
        if state.approved != "user" and self._rule(call) != "allow":
            self._go_on(state)  # resumed under stricter rules than it was queued under
            return
        self._work.emit(Called(call))
        began = self._work.now()
        observation = self._once(state, call)
        approved = state.approved
        record = StepRecord(call, observation, round(self._work.now() - began, 4), approved)  # type: ignore[arg-type]
        self._work.emit(Observed(record))
        state.spent.calls += 1
        state.turns = (*state.turns, Turn("call", record=state.records - 1))
        remembered(state)
        state.queue, state.approved, state.asks = state.queue[1:], "", 0
        self._go_on(state)

    def revise(self, state: State) -> None:
        """A step has failed: the plan is mended, or the run goes on without it."""
        step = state.step
        assert step is not None
        if (limit := exceeded(self._work.budget, state.spent)) is not None:
            self.stop(state, limit)
            return
        changes = self._planner.mend(state, self._work, self._tools, step.finding)
        revise(state, self._work, changes, step.finding)
        state.current, state.turns = 0, ()
        state.next = "choose"

    def write(self, state: State) -> None:
        """The result; how the run ended is decided here and nowhere else."""
        if not state.status:
            undone = [step for step in state.plan if step.state == "failed"]
            done = any(step.state == "done" for step in state.plan)
            state.status = "done" if done and not undone else "gave_up"
            if undone:
                state.reason = "; ".join(dict.fromkeys(step.finding for step in undone))
            elif not done:
                state.reason = say(en="No step of the plan was carried out.", zh="计划中没有任何步骤得到执行。")
        self._writer.write(state, self._work)
        state.next = "end"

    def stop(self, state: State, limit: Limit) -> None:
        """A budget is spent: what was found by then is written up, without any model."""
        state.status, state.limit, state.reason = "limit", limit, str(explained(limit, self._work.budget))
        self._work.note("budget", state.reason)
        state.next = "write"

    # -- steps --------------------------------------------------------------------------------------------

    def _begin(self, state: State) -> bool:
        """The next open step becomes the current one; False when there is none, or no budget for it."""
        step = next((step for step in state.plan if step.state == "open"), None)
        if step is None:
            return False
        if self._work.budget.steps and state.spent.steps >= self._work.budget.steps:
            self.stop(state, "steps")
            return False
        state.put(replace(step, state="active"))
        state.current, state.turns, state.earlier, state.queue, state.asks, state.refusals = step.id, (), 0, (), 0, 0
        state.spent.steps += 1
        self._work.emit(StepStarted(replace(step, state="active")))
        return True

    def _take(self, state: State, move: Move) -> None:
        """Do as the caller says."""
        if move.repaired:
            self._work.note("repaired", move.repaired)
        if move.calls:
            if move.problem:
                self._work.note("asked_again", move.problem)
                state.turns = (*state.turns, Turn("said", said=move.said, problem=move.problem))
            self._queue(state, move.calls)
        elif move.problem:
            self._ask_again(state, move)
        elif move.changes:
            self._change(state, move)
        elif move.finding is not None:
            self._end(state, "done", move.finding)
        else:
            self._fail(state, move.gave_up or "")

    def _ask_again(self, state: State, move: Move) -> None:
        if state.asks >= MOST_ASKS:
            told = say(en="the model's replies could not be used", zh="模型的回复无法使用")
            self._fail(state, f"{told}: {move.problem}"[:500])
            return
        state.asks += 1
        self._work.note("asked_again", move.problem)
        state.turns = (*state.turns, Turn("said", said=move.said, problem=move.problem))
        state.next = "choose"

    def _change(self, state: State, move: Move) -> None:
        """The model wants another plan; it is told what became of that."""
        changed = revise(state, self._work, move.changes, "")
        state.asks = 0 if changed else state.asks + 1
        told = say(en="The plan was changed.", zh="计划已修改。")
        if not changed:
            told = say(en="The plan can't be changed so. Go on with the step.", zh="计划无法这样修改。请继续当前步骤。")
        current = state.step
        if current is None or current.state == "dropped":
            if current is not None:
                self._work.emit(StepEnded(current))
            state.current, state.turns = 0, ()
        elif state.asks > MOST_ASKS:
            self._fail(state, told)
            return
        else:
            state.turns = (*state.turns, Turn("said", said=move.said, problem=told))
        state.next = "choose"

    def _queue(self, state: State, calls: Sequence[tuple[Tool, Mapping[str, object]]]) -> None:
        """Calls to be made one after the other; repeated ones are refused with what they brought before."""
        queue: list[Call] = []
        for tool, arguments in calls:
            earlier = repeated(tool.name, arguments, self._work.records)
            if earlier is not None:
                told = refusal(earlier)
                self._work.note("refused", told)
                said = json.dumps({"name": tool.name, "arguments": arguments}, ensure_ascii=False, default=str)
                state.turns = (*state.turns, Turn("refused", said=said, problem=told))
                state.refusals += 1
                continue
            key = _key(state, tool.name, arguments, len(queue))
            queue.append(Call(f"call_{key[:12]}", tool.name, dict(arguments), tool.risk, state.current, key))
        if state.refusals > MOST_REFUSALS:
            self._fail(state, say(en="the same calls were made over and over", zh="一再重复相同的调用"))
            return
        state.queue = tuple(queue)
        self._go_on(state)

    def _go_on(self, state: State) -> None:
        """To the first call of the queue by way of its policy, or back to the caller."""
        state.next = "choose"
        while state.queue:
            if (limit := exceeded(self._work.budget, state.spent, calling=True)) is not None:
                self.stop(state, limit)
                return
            call = state.queue[0]
            rule = self._rule(call)
            if rule == "deny":
                told = say(
                    en=f"Calls of '{call.tool}' (risk: {call.risk}) are not allowed here.",
                    zh=f"此处不允许调用 “{call.tool}”（风险：{call.risk}）。",
                )
                self._not_done(state, call, told)
                continue
            state.approved = "policy" if rule == "allow" and call.risk != "read" else ""
            state.next = "act" if rule == "allow" else "ask"
            return

    def _rule(self, call: Call) -> Rule:
        """The policy's word on a call, by what its tool can do now: between two sittings it may have become another."""
        tool = self._tool(call.tool)
        return self._policy.rule(call.tool, tool.risk if tool is not None else call.risk)

    def _not_done(self, state: State, call: Call, told: str) -> None:
        """A call that was rejected or is forbidden: recorded, and the model knows why."""
        self._work.emit(Observed(StepRecord(call, Observation(told, error=told))))
        state.turns = (*state.turns, Turn("call", record=state.records - 1))
        state.queue = state.queue[1:]
        state.refusals += 1
        if state.refusals > MOST_REFUSALS:
            state.queue = ()
            self._fail(state, told)
        elif state.next != "choose":
            self._go_on(state)

    def _end(self, state: State, how: str, finding: str) -> None:
        step = state.step
        assert step is not None
        ended = replace(step, state=how, finding=finding)  # type: ignore[arg-type]
        state.put(ended)
        self._work.emit(StepEnded(ended))
        state.current, state.turns, state.queue, state.asks = 0, (), (), 0
        state.next = "choose"

    def _fail(self, state: State, why: str) -> None:
        step = state.step
        assert step is not None
        ended = replace(step, state="failed", finding=why)
        state.put(ended)
        self._work.emit(StepEnded(ended))
        state.queue, state.asks = (), 0
        state.next = "revise"

    def _forget(self, state: State) -> None:
        """Tell when older observations stop being shown whole, and when at all."""
        calls = [turn for turn in state.turns if turn.kind == "call"]
        if not state.turns or state.turns[-1].kind != "call":
            return
        count = state.earlier + len(calls)
        if border(count) > border(count - 1):
            self._work.note(
                "summarised",
                say(
                    en=f"the first {border(count)} observations of the step are shortened to a line each",
                    zh=f"本步骤的前 {border(count)} 个观察结果各缩短为一行",
                ),
            )
        if forgotten(count) > forgotten(count - 1):
            self._work.note(
                "dropped",
                say(
                    en=f"the first {forgotten(count)} observations of the step are no longer shown to the model",
                    zh=f"本步骤的前 {forgotten(count)} 个观察结果不再展示给模型",
                ),
            )

    # -- calls --------------------------------------------------------------------------------------------

    def _once(self, state: State, call: Call) -> Observation:
        """What the call brings. One with side effects is written down before and after it; what was begun before a crash
        and must not be done twice is not done again."""
        if call.risk == "read":
            return self._carry_out(state, call)
        tool = self._tool(call.tool)
        entry = self._work.store.journal(call.key)
        if entry is not None and entry.observation is not None:
            return entry.observation
        if entry is not None and not (tool is not None and tool.repeatable):
            told = say(
                en="This call was begun before an interruption. It may or may not have been carried out; it is not "
                "carried out again.",
                zh="这个调用在中断之前已经开始，可能已执行，也可能没有；不会再次执行。",
            )
            self._work.note("uncertain", f"{call.tool}: {told}")
            observation = Observation(told, error=told)
        else:
            self._work.store.intend(state.run_id, call.key)
            observation = self._carry_out(state, call)
        self._work.store.done(call.key, observation)
        return observation

    def _carry_out(self, state: State, call: Call) -> Observation:
        tool = self._tool(call.tool)
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
            folder=work.folder(state.run_id),
            cancelled=work.clock.cancelled,
            seconds=work.clock.left(CALL_SECONDS),
        )
        with work.telemetry.tool(call.tool, call.id) as span:
            observation = carry_out(tool, call.arguments, context)
            if observation.error:
                span.failed("tool_error")
        return observation

    def _tool(self, name: str) -> Tool | None:
        return next((tool for tool in self._tools if tool.name == name), None)


def _key(state: State, tool: str, arguments: object, place: int = 0) -> str:
    """The idempotency key: what makes this call of this run this one, and nothing else does."""
    told = json.dumps(
        [state.run_id, state.current, state.records + place, tool, arguments],
        sort_keys=True,
        ensure_ascii=False,
        default=str,
    )
    return hashlib.sha256(told.encode()).hexdigest()


def new_id() -> str:
    """Of a run: sorts by time, is short enough to type."""
    from datetime import UTC, datetime

    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
