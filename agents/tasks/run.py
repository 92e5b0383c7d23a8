"""A run: a task in, events out, a `Result` last, whatever happens in between. Agents and teams alike.

`stream` is the only way through; `run` drains it, `resume` goes on where a run was stopped, killed or paused. What the
nodes do is in `nodes` for an agent and in `team.nodes` for a team.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Generic, Protocol

from agents.llm.asking import Asker
from agents.tasks.approval import Decision
from agents.tasks.budget import Budget, Limit
from agents.tasks.events import Call, Finished, Result, RunEvent, Status
from agents.tasks.state import RunState, S, TeamState
from agents.tasks.store import Store
from agents.tasks.telemetry import Telemetry
from agents.tasks.trace import RunTrace
from agents.tasks.work import Work
from agents.tools.checking import validated
from agents.tools.tool import Tool
from ingest.apart.threads import Cancelled, OutOfTime
from ingest.errors import UsageError, ZhikuError
from ingest.language import Language, Text, say, speaking
from ingest.queries import checked_query
from ingest.selection import Scope

logger = logging.getLogger(__name__)


class Nodes(Protocol):
    """What a run is made of: a method for each name that `RunState.next` may have, and the two below."""

    def stop(self, state: Any, limit: Limit) -> Iterator[RunEvent]:  # noqa: ANN401 - its own kind of state
        """A budget is spent."""
        ...

    def so_far(self, state: Any) -> None:  # noqa: ANN401 - the same
        """What was found by now, into the state; asks no model."""
        ...


class Runner(ABC, Generic[S]):
    """Carries out tasks on one knowledge base, one at a time; make another for another thread."""

    def __init__(self, name: str, store: Store, kb: str, budget: Budget, scope: Scope | None = None) -> None:
        """`name`: of the model, as runs record it; `scope`: what its tools see, where that is not all of `kb`."""
        self._name = name
        self._store = store
        self._kb = kb
        self._scope = scope
        self._budget = budget
        self._cancel = threading.Event()
        self.run_id = ""
        """Of the run under way, or of the last one; known as soon as `stream` has given its events, before the first of them."""

    # -- what an agent and a team differ in -------------------------------------------------------------------

    _kind: type[S]
    """Of its runs' states."""

    @abstractmethod
    def _first(self, run_id: str, task: str) -> S:
        """Where a new run stands."""

    @abstractmethod
    def _nodes(self, work: Work) -> Nodes:
        """The nodes at work. Raises `ModelError` when the model is missing or broken."""

    @abstractmethod
    def _asker(self) -> Asker:
        """The model that is asked where nobody says which."""

    @abstractmethod
    def _callable(self, state: S) -> Sequence[Tool]:
        """The tools that may be called now."""

    # -- for callers ------------------------------------------------------------------------------------------

    def run(self, task: str) -> Result:
        """The result of `task`. Raises `UsageError` for an empty or endless one; everything else is in `Result.status`."""
        return last(self.stream(task))

    def stream(self, task: str, cancel: threading.Event | None = None) -> Iterator[RunEvent]:
        """The events of a task as they happen, each saved before it is shown; `Finished` is the last. Raises as `run`
        does, at once. Closing the generator before its end stops the run, which can be resumed; so does `cancel` once it
        is set, also before the first event."""
        task = checked_query(task)
        state = self._first(new_id(), task)
        if self._scope is not None:
            state.kbs, state.where = self._scope.kbs, self._scope.where
        self._store.begin(state, self._name)
        self.run_id = state.run_id
        return self._drive(state.run_id, self._token(cancel))

    def resume(self, run_id: str) -> Result:
        """Go on with a run: one that was killed, cancelled, failed or paused from its last saved point; one that met a
        limit with the budget of this agent; one that is done gives its result again. Raises `UsageError`."""
        return last(self.resume_stream(run_id))

    def resume_stream(self, run_id: str, cancel: threading.Event | None = None) -> Iterator[RunEvent]:
        """The events from there on, as `stream` has them. Raises as `resume` does."""
        self._state(run_id)
        return self._drive(run_id, self._token(cancel), again=True)

    def approve(self, run_id: str, call_id: str, arguments: Mapping[str, Any] | None = None) -> Call:
        """Allow the call a run waits for, or with other `arguments` what is to be carried out instead; `resume` then
        goes on. Returns the call as it will be carried out. Raises `UsageError` when the run waits for no such call,
        and `BadArguments` when the new arguments don't fit."""
        state, call = self._pending(run_id, call_id)
        if arguments is not None:
            tool = next((tool for tool in self._callable(state) if tool.name == call.tool), None)
            if tool is not None:
                arguments = validated(tool, arguments).arguments
        self._store.decide(run_id, Decision(call.id, call.key, approved=True, arguments=arguments))
        return call if arguments is None else replace(call, arguments=arguments)

    def reject(self, run_id: str, call_id: str, reason: str = "") -> None:
        """Refuse the call a run waits for; the model is told `reason` and may try otherwise. Raises as `approve` does."""
        _, call = self._pending(run_id, call_id)
        self._store.decide(run_id, Decision(call.id, call.key, approved=False, reason=reason.strip()[:500]))

    def cancel(self) -> None:
        """Stop the latest run, from any thread. It ends within a moment as `cancelled` and can be resumed."""
        self._cancel.set()

    # -- the loop ---------------------------------------------------------------------------------------------

    def _worked(self, work: Work, nodes: Nodes) -> Iterator[RunEvent]:
        """Enter a node, save what it tells and show it, save where the run stands; until it ends or waits."""
        state = work.state
        while state.next != "end" and not self._waits(state):
            with closing(_node(work, nodes)) as events:
                for event in events:
                    work.keep(event)
                    shown = time.monotonic()
                    yield event
                    work.away(time.monotonic() - shown)
            work.leave()

    def _waits(self, state: RunState) -> bool:
        """Whether the user has not spoken yet about the call that is to be approved."""
        if state.next != "approve":
            return False
        decision = self._store.decision(state.run_id, state.queue[0].id)
        return decision is None or decision.key != state.queue[0].key

    def _drive(self, run_id: str, cancel: threading.Event, *, again: bool = False) -> Iterator[RunEvent]:
        """Work on a run until it ends or pauses; what ends it is told as a `Finished`."""
        self.run_id = run_id
        began = time.monotonic()
        with self._store.holding(run_id), closing(RunTrace(self._store.trace_path(run_id))) as trace:
            self._store.mark(run_id, "running")
            telemetry = Telemetry()
            work = Work(self._state(run_id), self._store, trace, telemetry, self._asker(), self._budget, cancel)
            status: Status = "error"
            reason = ""
            nodes: Nodes | None = None
            with telemetry.agent(run_id, self._name) as span:
                try:
                    if again:
                        work.restore()
                        if work.state.status == "limit":
                            work.state.reopen()
                    nodes = self._nodes(work)
                    yield from self._worked(work, nodes)
                    status = "done"
                except Cancelled:
                    status = "cancelled"
                except GeneratorExit:  # whoever read along is gone
                    cancel.set()
                    self._store.mark(run_id, "cancelled")
                    raise
                except Exception as error:
                    logger.debug("the run failed", exc_info=True)
                    reason = _what_happened(error, work.state)
                    span.failed(type(error).__name__)
                work.state = self._state(run_id)  # a node that was cut off may have left it between two
                result = self._result(work, nodes, status, reason, time.monotonic() - began)
            finished, count = Finished(result), work.state.events
            self._store.cut(run_id, count)
            self._store.append(run_id, count, finished)
            trace.event(count, finished)
            self._store.mark(run_id, result.status)
            with suppress(OSError):  # kept where calls have left something in it
                (self._store.folder / run_id).rmdir()
        yield finished

    def _result(self, work: Work, nodes: Nodes | None, status: Status, reason: str, seconds: float) -> Result:
        """The result as the last saved state has it; what was found by then, for a run that did not reach its end."""
        state = work.state
        pending: tuple[Call, ...] = ()
        with speaking(state.lang):
            if status == "done" and state.next == "end":
                status, reason = state.status or "error", state.reason
            elif status == "done":
                status, pending = "needs_approval", state.queue[:1]
                reason = say(
                    en=f"'{pending[0].tool}' waits for your approval.", zh=f"“{pending[0].tool}” 等待您的批准。"
                )
            else:
                _so_far(state, nodes)
                if status == "cancelled":
                    reason = say(en="Stopped by the user.", zh="已由用户停止。")
        return Result(
            task=state.task,
            run_id=state.run_id,
            status=status,
            text=state.text,
            reason=reason,
            plan=state.plan,
            steps=tuple(work.records[: state.records]),
            citations=state.citations,
            unsupported_sentences=state.unsupported,
            usage=state.spent.usage,
            seconds=round(seconds, 4),
            model=self._name,
            trace=str(self._store.trace_path(state.run_id)),
            limit=state.limit,
            pending=pending,
        )

    # -- where a run stands -----------------------------------------------------------------------------------

    def _token(self, cancel: threading.Event | None) -> threading.Event:
        """What stops the run that begins now: from here on `cancel` is meant for it."""
        self._cancel = cancel if cancel is not None else threading.Event()
        return self._cancel

    def _state(self, run_id: str) -> S:
        """Where a run stands. Raises `UsageError` when there is none, or it can't be gone on with."""
        self._store.run(run_id)
        state = self._store.state(run_id)
        if state is None:
            raise UsageError(
                Text(
                    en=f"The run '{run_id}' is of an earlier version and can't be gone on with.",
                    zh=f"运行 “{run_id}” 由较早的版本建立，无法继续。",
                ),
                Text(
                    en="What it found can still be looked at. Give the task anew.",
                    zh="它的发现仍可查看。请重新提交任务。",
                ),
            )
        if not isinstance(state, self._kind):
            raise UsageError(
                Text(
                    en=f"The run '{run_id}' belongs to {'a team' if isinstance(state, TeamState) else 'an agent'}.",
                    zh=f"运行 “{run_id}” 属于{'团队' if isinstance(state, TeamState) else '智能体'}。",
                ),
                Text(
                    en="Go on with what it was begun with: `platform.agent` or `platform.team`.",
                    zh="请用开始它的对象继续：`platform.agent` 或 `platform.team`。",
                ),
            )
        return state

    def _pending(self, run_id: str, call_id: str) -> tuple[S, Call]:
        state = self._state(run_id)
        # 'ask' is where it stands while the event that asks is looked at.
        call = state.queue[0] if state.next in ("ask", "approve") and state.queue else None
        if call is None or call.id != call_id:
            raise UsageError(
                Text(
                    en=f"The run '{run_id}' does not wait for the call '{call_id}'.",
                    zh=f"运行 “{run_id}” 并未等待调用 “{call_id}”。",
                ),
                Text(
                    en=f"It waits for '{call.id}'." if call else "It waits for nothing.",
                    zh=f"它在等待 “{call.id}”。" if call else "它没有等待任何调用。",
                ),
            )
        return state, call


def new_id() -> str:
    """Of a run: sorts by time, is short enough to type."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"


def last(events: Iterator[RunEvent]) -> Result:
    """The result that a stream ends with."""
    for event in events:
        if isinstance(event, Finished):
            return event.result
    raise AssertionError("a stream ends with its result")


def _node(work: Work, nodes: Nodes) -> Generator[RunEvent, None, None]:
    """What the next node tells; or, when the run's seconds are spent, what `stop` tells."""
    state = work.state
    try:
        work.enter()
        yield from _spoken(getattr(nodes, state.next)(state), state.lang)
    except OutOfTime:
        yield from _spoken(nodes.stop(state, "seconds"), state.lang)


def _spoken(events: Iterator[RunEvent], lang: Language) -> Generator[RunEvent, None, None]:
    """`events`, worded in `lang`. The language is in force while the node works, not while somebody looks at an event:
    a run's generator may be read from one thread after another."""
    try:
        while True:
            with speaking(lang):
                event = next(events, None)
            if event is None:
                return
            yield event
    finally:
        events.close()  # type: ignore[attr-defined] # generators, all of them


def _so_far(state: RunState, nodes: Nodes | None) -> None:
    """What was found so far, by rule; a run that failed must not fail at this as well."""
    if state.next == "end":
        return
    if nodes is not None:
        try:
            nodes.so_far(state)
        except Exception:
            logger.debug("no partial findings", exc_info=True)
        else:
            return
    state.text = "\n".join(f"- {step.finding}" for step in state.plan if step.state == "done" and step.finding)


def _what_happened(error: Exception, state: RunState) -> str:
    """In the language of the task."""
    with speaking(state.lang):
        if isinstance(error, ZhikuError):
            return str(error)
        detail = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return say(
            en=f"The run stopped at an error ({detail[:500]}). What was found stays; it can be resumed.",
            zh=f"运行因错误停止（{detail[:500]}）。已有的发现保留；可以继续运行。",
        )
