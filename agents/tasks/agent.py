"""The agent: a task in, events out, a `Result` last, whatever happens in between.

`stream` is the only way through; `run` drains it, `resume` goes on where a run was stopped, killed or paused.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Protocol

from agents.llm.asking import Asker
from agents.llm.usage import Usage
from agents.tasks.approval import Policy, Verdict
from agents.tasks.budget import Budget
from agents.tasks.codec import to_json
from agents.tasks.events import Finished, Result
from agents.tasks.graph import compiled, config_of, saved_state
from agents.tasks.moves import RESERVED
from agents.tasks.nodes import Nodes, new_id
from agents.tasks.state import State
from agents.tasks.telemetry import Telemetry
from agents.tasks.trace import RunTrace
from agents.tasks.work import Work
from agents.tools.checking import validated
from ingest.apart.threads import Cancelled
from ingest.errors import UsageError, ZhikuError
from ingest.language import Text, language_code, say, speaking
from ingest.queries import checked_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig

    from agents.tasks.events import Call, RunEvent, Status
    from agents.tasks.moves import Caller, Planner
    from agents.tasks.store import Store
    from agents.tasks.writing import ResultWriter
    from agents.tools.tool import Tool

logger = logging.getLogger(__name__)


class Skills(Protocol):
    """Who plans, calls and writes; made when a run begins, since that is when the model is opened."""

    def __call__(self) -> tuple[Planner, Caller, ResultWriter]:
        """Raises `ModelError` when the model is missing or broken."""
        ...


class Agent:
    """Carries out tasks on one knowledge base, one at a time; make another for another thread."""

    def __init__(
        self,
        model: Callable[[], BaseChatModel],
        name: str,
        skills: Skills,
        tools: Sequence[Tool],
        store: Store,
        *,
        kb: str = "default",
        policy: Policy | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._model = model
        self._name = name
        self._skills = skills
        self._tools = tuple(tools)
        for tool in self._tools:
            if tool.name in RESERVED:
                raise UsageError(
                    Text(en=f"'{tool.name}' is the loop's own word.", zh=f"“{tool.name}” 是循环自身的保留名称。"),
                    Text(en="Give the tool another name.", zh="请为该工具另取名称。"),
                )
        self._store = store
        self._kb = kb
        self._policy = policy or Policy()
        self._budget = budget or Budget()
        self._cancelled = threading.Event()
        self.run_id = ""
        """Of the run under way, or of the last one; known before its first event."""

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What it may call."""
        return self._tools

    def run(self, task: str) -> Result:
        """The result of `task`. Raises `UsageError` for an empty or endless one; everything else is in `Result.status`."""
        return _last(self.stream(task))

    def stream(self, task: str) -> Iterator[RunEvent]:
        """The events of a task as they happen, each saved before it is shown; `Finished` is the last. Raises as `run`
        does, at once. Closing the generator before its end stops the run, which can be resumed."""
        task = checked_query(task)
        self._cancelled.clear()  # now, not at the first event: a `cancel` in between is meant for this run
        return self._begun(State(new_id(), task, self._kb, language_code(task)))

    def _begun(self, state: State) -> Iterator[RunEvent]:
        self._store.begin(state.run_id, state.task, self._kb, self._name)
        yield from self._drive(state.run_id, state)

    def resume(self, run_id: str) -> Result:
        """Go on with a run: one that was killed, cancelled, failed or paused from its last saved point; one that met a
        limit with the budget of this agent; one that is done gives its result again. Raises `UsageError`."""
        return _last(self.resume_stream(run_id))

    def resume_stream(self, run_id: str) -> Iterator[RunEvent]:
        """The events from there on, as `stream` has them. Raises as `resume` does."""
        self._store.run(run_id)
        self._cancelled.clear()
        return self._drive(run_id, None)

    def approve(self, run_id: str, call_id: str, arguments: Mapping[str, Any] | None = None) -> Call:
        """Allow the call a run waits for, or with other `arguments` what is to be carried out instead; `resume` then
        goes on. Returns the call as it will be carried out. Raises `UsageError` when the run waits for no such call,
        and `BadArguments` when the new arguments don't fit."""
        call = self._pending(run_id, call_id)
        if arguments is not None:
            tool = next((tool for tool in self._tools if tool.name == call.tool), None)
            if tool is not None:
                arguments = validated(tool, arguments).arguments
        self._store.decide(run_id, Verdict(call.id, call.key, approved=True, arguments=arguments))
        from dataclasses import replace

        return call if arguments is None else replace(call, arguments=arguments)

    def reject(self, run_id: str, call_id: str, reason: str = "") -> None:
        """Refuse the call a run waits for; the model is told `reason` and may try otherwise. Raises as `approve` does."""
        call = self._pending(run_id, call_id)
        self._store.decide(run_id, Verdict(call.id, call.key, approved=False, reason=reason.strip()[:500]))

    def cancel(self) -> None:
        """Stop the run under way, from any thread. It ends within a moment as `cancelled` and can be resumed."""
        self._cancelled.set()

    # -- the way through ----------------------------------------------------------------------------------

    def _drive(self, run_id: str, state: State | None) -> Iterator[RunEvent]:
        """Work on a run until it ends or pauses; what ends it is told as a `Finished`."""
        self.run_id = run_id
        began = time.monotonic()
        with self._store.holding(run_id), closing(RunTrace(self._store.trace_path(run_id))) as trace:
            self._store.mark(run_id, "running")
            telemetry = Telemetry()
            asker = Asker(self._model, self._name, telemetry)
            work = Work(self._store, trace, asker, telemetry, self._budget, self._cancelled)
            status: Status = "error"
            reason = ""
            with telemetry.agent(run_id, self._name) as span:
                try:
                    yield from self._worked(run_id, state, work)
                    status = "done"
                except Cancelled:
                    status = "cancelled"
                except GeneratorExit:
                    self._cancelled.set()
                    self._store.mark(run_id, "cancelled")
                    raise
                except Exception as error:
                    logger.debug("the run failed", exc_info=True)
                    reason = _what_happened(error, self._store.run(run_id).task)
                    span.failed(type(error).__name__)
                result = self._result(run_id, work, status, reason, time.monotonic() - began)
            finished = Finished(result)
            last = work.last
            self._store.cut(run_id, last)
            self._store.append(run_id, last, finished)
            trace.event(last, finished)
            self._store.mark(run_id, result.status)
        yield finished

    def _worked(self, run_id: str, state: State | None, work: Work) -> Iterator[RunEvent]:
        """Let LangGraph run the nodes, from the beginning or from the last checkpoint."""
        nodes = Nodes(*self._skills(), self._tools, self._policy, work)
        graph, config = compiled(nodes, work), config_of(run_id)
        given: Any = {"run": state.to_json()} if state is not None else self._going_on(graph, config, run_id, work)
        if given is _NOTHING_LEFT:
            return
        events: Any = graph.stream(given, config, stream_mode="custom", durability="sync")
        try:
            # Not `yield from`: that would close LangGraph's generator before the node knows.
            for event in events:  # noqa: UP028
                yield event
        except GeneratorExit:  # whoever read along is gone: the node must end, since its thread is waited for
            self._cancelled.set()
            raise
        finally:
            events.close()

    def _going_on(self, graph: Any, config: RunnableConfig, run_id: str, work: Work) -> Any:  # noqa: ANN401 - LangGraph's
        """What LangGraph is given to go on with a run: None for the next node, the verdict on a pending call, or the
        state itself where a limit had ended it."""
        from langgraph.types import Command

        snapshot = graph.get_state(config)
        if not snapshot.values:  # it died before its first checkpoint
            run = self._store.run(run_id)
            work.restore(run_id, 0)
            return {"run": State(run_id, run.task, run.kb, language_code(run.task)).to_json()}
        state = State.from_json(snapshot.values["run"])
        work.restore(run_id, state.events)
        if state.next == "end":
            if state.status != "limit":
                return _NOTHING_LEFT
            state.status, state.limit, state.reason, state.text = "", "", "", ""
            state.citations, state.unsupported = (), ()
            state.next = "choose"
            return {"run": state.to_json()}
        if snapshot.next == ("approve",):
            call = state.queue[0]
            verdict = self._store.verdict(run_id, call.id)
            if verdict is None or verdict.key != call.key:
                return _NOTHING_LEFT
            return Command(resume=to_json(verdict))
        return None

    def _result(self, run_id: str, work: Work, status: Status, reason: str, seconds: float) -> Result:
        """The result as the last checkpoint has it; what was found by then, for a run that did not reach its end."""
        state = saved_state(self._store, run_id)
        if state is None:
            run = self._store.run(run_id)
            state = State(run_id, run.task, run.kb, language_code(run.task))
        work.last = state.events
        pending: tuple[Call, ...] = ()
        if status == "done":
            if state.next == "end":
                status, reason = state.status or "error", state.reason
            else:
                status, pending = "needs_approval", state.queue[:1]
                with speaking(state.lang):
                    reason = say(
                        en=f"'{pending[0].tool}' waits for your approval." if pending else "",
                        zh=f"“{pending[0].tool}” 等待您的批准。" if pending else "",
                    )
        elif state.next != "end":
            self._partial(state, work)
            if status == "cancelled":
                with speaking(state.lang):
                    reason = say(en="Stopped by the user.", zh="已由用户停止。")
        return Result(
            task=state.task,
            run_id=run_id,
            status=status,
            text=state.text,
            reason=reason,
            plan=state.plan,
            steps=tuple(work.records[: state.records]),
            citations=state.citations,
            unsupported_sentences=state.unsupported,
            usage=Usage(state.spent.prompt_tokens, state.spent.cached_tokens, state.spent.completion_tokens),
            seconds=round(seconds, 4),
            model=self._name,
            trace=str(self._store.trace_path(run_id)),
            limit=state.limit,
            pending=pending,
        )

    def _partial(self, state: State, work: Work) -> None:
        """What was found so far, by rule; a run that failed must not fail at this as well."""
        try:
            _, _, writer = self._skills()
            writer.findings_so_far(state, work)
        except Exception:
            logger.debug("no partial findings", exc_info=True)
            state.text = "\n".join(f"- {step.finding}" for step in state.plan if step.state == "done" and step.finding)

    def _pending(self, run_id: str, call_id: str) -> Call:
        self._store.run(run_id)
        state = saved_state(self._store, run_id)
        call = state.queue[0] if state is not None and state.next == "approve" and state.queue else None
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
        return call


_NOTHING_LEFT = object()


def _last(events: Iterator[RunEvent]) -> Result:
    for event in events:
        if isinstance(event, Finished):
            return event.result
    raise AssertionError("a stream ends with its result")


def _what_happened(error: Exception, task: str) -> str:
    """In the language of the task."""
    with speaking("zh" if language_code(task).startswith("zh") else "en"):
        if isinstance(error, ZhikuError):
            return str(error)
        detail = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return say(
            en=f"The run stopped at an error ({detail[:500]}). What was found stays; it can be resumed.",
            zh=f"运行因错误停止（{detail[:500]}）。已有的发现保留；可以继续运行。",
        )
