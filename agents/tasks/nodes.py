"""The nodes of an agent's run. Each does one small thing to the state, tells what happened, and names the next one.

gather → plan → choose → (ask → approve →) act → choose → … → write
                ↘ revise ↗
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agents.chat.parts import parts
from agents.tasks.acting import MOST_ASKS, Acting
from agents.tasks.approval import Policy
from agents.tasks.budget import Limit, exceeded, explained
from agents.tasks.events import Call, Noted, PlanStep, RunEvent, StepEnded, StepRecord, StepStarted
from agents.tasks.known import answered
from agents.tasks.moves import PLAN, SEARCH, TABLES, Move
from agents.tasks.own_tools import asks_now
from agents.tasks.planning import agreed, proposed, revise
from agents.tasks.skills import Skilled
from agents.tasks.state import Exchange, State
from agents.tasks.work import Work
from agents.tools.tool import Observation, Tool
from ingest.language import say
from ingest.pages import counted


class TaskNodes(Acting[State]):
    """What happens when. The collaborators know how to plan, choose and write."""

    def __init__(
        self,
        skilled: Skilled,
        tools: Sequence[Tool],
        policy: Policy,
        work: Work,
    ) -> None:
        super().__init__(policy, work)
        self._effort, self._planner, self._caller, self._writer, self._gatherer = skilled
        self._tools = tools

    def tools(self, state: State) -> Sequence[Tool]:  # noqa: ARG002 - a team's depend on the speaker
        """See `Acting.tools`."""
        return self._tools

    def seen(self, state: State) -> Sequence[StepRecord]:  # noqa: ARG002 - the same
        """All of the run's: a step that repeats another's call goes in a circle too."""
        return self._work.records

    def gather(self, state: State) -> Iterator[RunEvent]:
        """What the documents hold for the task is found by rule, before any question."""
        state.next = "plan"
        allowed = [tool for tool in self._tools if self._policy.rule(tool.name, tool.risk) == "allow"]
        if self._gatherer is None:
            return

        def call(name: str, arguments: Mapping[str, Any]) -> Observation:
            return self._carry_out(state, Call(f"evidence_{name}", name, arguments, "read", 0, ""))

        state.evidence = self._gatherer.gather(state.task, state.kb, allowed, call)
        if said := (yield from self._planner.translated(state, self._work, self._tools)):
            state.evidence = self._gatherer.gather(state.task, state.kb, allowed, call, said)
        state.evidence = replace(state.evidence, live=self._planner.live(state, self._tools))
        if passages := state.evidence.passages:
            told = say(
                en=f"{counted(len(passages), 'passage')} found for the task", zh=f"找到 {len(passages)} 个相关段落"
            )
            yield Noted("evidence", told)

    def plan(self, state: State) -> Iterator[RunEvent]:
        """The task becomes steps."""
        yield from self._planner.plan(state, self._work, self._tools)
        state.next = "choose"
        if state.review:
            state.queue, state.next = (proposed(state),), "ask"

    def approve(self, state: State) -> Iterator[RunEvent]:
        """The user has spoken, about a call or about the plan as a whole."""
        if state.queue[0].tool != PLAN:
            yield from super().approve(state)
        elif (decision := self._work.store.decision(state.run_id, state.queue[0].id)) is not None:
            yield from agreed(state, decision)

    def choose(self, state: State) -> Iterator[RunEvent]:
        """Within a step: what next? Between steps: which step?"""
        if (limit := exceeded(self._work.budget, state.spent)) is not None:
            yield from self.stop(state, limit)
            return
        if state.step is None:
            yield from self._begin(state)
        if state.step is not None:
            move = yield from self._caller.next(state, self._work, self._tools)
            yield from self._take(state, move)

    def act(self, state: State) -> Iterator[RunEvent]:
        """As any call is carried out; of one that was in vain the model is told what else there is."""
        yield from super().act(state)
        last = state.turns[-1]
        if last.kind == "call" and (hint := _hint_of(self._work.records[last.record], state, self._tools)):
            state.turns = (*state.turns[:-1], replace(last, problem=hint))

    def revise(self, state: State) -> Iterator[RunEvent]:
        """A step has failed: the plan is mended, or the run goes on without it."""
        step = state.step
        assert step is not None
        if (limit := exceeded(self._work.budget, state.spent)) is not None:
            yield from self.stop(state, limit)
            return
        changes = yield from self._planner.mend(state, self._work, self._tools, step.finding)
        yield from revise(state, changes, step.finding)
        state.begin(0)
        state.next = "choose"

    def write(self, state: State) -> Iterator[RunEvent]:
        """The result; how the run ended is decided here and nowhere else."""
        if not state.status:
            undone = [step for step in state.plan if step.state == "failed"]
            done = any(step.state == "done" for step in state.plan)
            state.status = "done" if done and not undone else "gave_up"
            if undone:
                state.reason = "; ".join(dict.fromkeys(step.finding for step in undone))
            elif not done:
                state.reason = say(en="No step of the plan was carried out.", zh="计划中没有任何步骤得到执行。")
        yield from self._writer.write(state, self._work, self._tools)
        proven = any(citation.verified for citation in state.citations)
        if self._gatherer is not None and state.status == "done" and state.unsupported and not proven:
            state.status, state.reason = "gave_up", say(en="nothing proves what was written", zh="写出的内容没有出处")
        state.next = "end"

    def stop(self, state: State, limit: Limit) -> Iterator[RunEvent]:
        """A budget is spent: what was found by then is written up, without any model."""
        state.status, state.limit, state.reason = "limit", limit, str(explained(limit, self._work.budget))
        yield Noted("budget", state.reason)
        state.next = "write"

    def refused(self, state: State, why: str) -> Iterator[RunEvent]:
        """The step has failed."""
        return self._fail(state, why)

    def useless(self, state: State, problem: str) -> Iterator[RunEvent]:
        """The same."""
        told = say(
            en="the model's replies could not be used; say what is to be done with which values",
            zh="模型的回复无法使用；请写明要做什么、用哪些值",
        )
        return self.refused(state, f"{told} ({problem})"[:500])

    def so_far(self, state: State) -> None:
        """What was found by now, into the state, by rule alone."""
        self._writer.findings_so_far(state, self._work)

    # -- steps --------------------------------------------------------------------------------------------

    def _begin(self, state: State) -> Iterator[RunEvent]:
        """The next open step becomes the current one; without one, or a budget for it, the result is written."""
        step = next((step for step in state.plan if step.state == "open"), None)
        if step is None or state.spent.steps >= max(self._effort.steps(state.task), state.agreed):
            state.next = "write"
            return
        if self._work.budget.steps and state.spent.steps >= self._work.budget.steps:
            yield from self.stop(state, "steps")
            return
        state.put(replace(step, state="active"))
        state.begin(step.id)
        state.spent.steps += 1
        yield StepStarted(replace(step, state="active"))

    def _take(self, state: State, move: Move) -> Iterator[RunEvent]:
        """Do as the caller says."""
        if move.repaired:
            yield Noted("repaired", move.repaired)
        if move.calls or move.problem:
            yield from self.take(state, move)
        elif move.changes:
            yield from self._change(state, move)
        elif move.finding is not None:
            yield from self._end(state, move.finding)
        else:
            yield from self._fail(state, move.gave_up or "")

    def _change(self, state: State, move: Move) -> Iterator[RunEvent]:
        """The model wants another plan; it is told what became of that."""
        changed = yield from revise(state, move.changes, "")
        state.asks = 0 if changed else state.asks + 1
        told = say(en="The plan was changed.", zh="计划已修改。")
        if not changed:
            told = say(en="The plan can't be changed so. Go on with the step.", zh="计划无法这样修改。请继续当前步骤。")
        current = state.step
        if current is None or current.state == "dropped":
            if current is not None:
                yield StepEnded(current)
            state.begin(0)
        elif state.asks > MOST_ASKS:
            yield from self._fail(state, told)
            return
        else:
            state.turns = (*state.turns, Exchange("said", said=move.said, problem=told))
        state.next = "choose"

    def _end(self, state: State, finding: str) -> Iterator[RunEvent]:
        """The step is done, unless nothing bears out what it came to, whatever its model says: no later step rests on that."""
        step = state.step
        assert step is not None
        ended = replace(step, state="done", finding=finding)
        if self._gatherer is None or self._writer.stands(ended, state, self._work):
            yield from self._done(state, ended)
        else:
            why = say(en="nothing found proves what was concluded", zh="已找到的内容不能证明得出的结论")
            yield from self._fail(state, why)

    def _done(self, state: State, ended: PlanStep) -> Iterator[RunEvent]:
        state.put(ended)
        yield StepEnded(ended)
        state.begin(0)
        state.next = "choose"

    def _fail(self, state: State, why: str) -> Iterator[RunEvent]:
        """The step has failed, unless nobody has looked for what it is for: that is done first."""
        step = state.step
        assert step is not None
        search = self._tool(state, SEARCH)
        made = any(r.call.tool == SEARCH and r.call.step == step.id for r in self._work.records)
        made = made or any(turn.kind == "refused" and SEARCH in turn.said for turn in state.turns)
        looked = made or (state.evidence.passages and step.goal in parts(state.task))
        if self._gatherer is not None and search is not None and not looked and any(map(str.isalnum, step.goal)):
            state.asks = 0
            yield Noted("repaired", say(en=f"tried otherwise: {why}", zh=f"换一种方式：{why}")[:300])
            yield from self.queue(state, [(search, {"query": step.goal})])
            return
        state.queue, state.asks = (), 0
        if facts := self._facts(step, state):
            yield from self._done(state, replace(step, state="done", finding=facts))
            return
        ended = replace(step, state="failed", finding=why)
        state.put(ended)
        yield StepEnded(ended)
        state.next = "revise"

    def _facts(self, step: PlanStep, state: State) -> str:
        """The facts that the rules would have ended a step with; '' where there are none, or a tool of the user's that was asked how
        things are now has failed."""
        made = (record for record in self._work.records if record.call.step == step.id)
        in_vain = asks_now(step.goal) and any(record.observation.error for record in made)
        return answered(step.goal, state.task, state.evidence) if self._gatherer and not in_vain else ""


def _hint_of(record: StepRecord, state: State, tools: Sequence[Tool]) -> str:
    """What the model may do instead of a call that failed, or found what stands above already; '' after any other."""
    tool = record.call.tool
    if not record.observation.error:
        found, known = (
            {(h.document_id, h.page, h.start) for h in hits} for hits in (record.observation.hits, state.evidence.hits)
        )
        if not found or found - known:
            return ""
        return say(
            en="All of this stands above already. Don't search for it again: answer from it, or work it out.",
            zh="以上内容前面都已列出。不要再检索，请直接据此回答，或用工具计算。",
        )
    others = [name for name in (SEARCH, TABLES) if name != tool and any(t.name == name for t in tools)]
    if not others:
        return ""
    listed = ", ".join(others)
    if not state.evidence.passages:
        return say(en=f"Call it otherwise, or try {listed}.", zh=f"请换一种方式调用，或试用 {listed}。")
    return say(
        en=f"Call it otherwise, try {listed}, or answer from the passages above if they suffice.",
        zh=f"请换一种方式调用，或试用 {listed}；如果上面的段落已经足够，直接据此回答。",
    )
