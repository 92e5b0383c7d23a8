"""Tasks being carried out, each in a thread of its own: begun, followed by any number of readers, stopped, gone on with."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from agents.access.task_views import AgentView
from agents.platform import Platform
from agents.serve.problems import Refused
from agents.serve.waiting import Feed
from agents.tasks.agent import Agent
from agents.tasks.events import RunEvent
from ingest.apart.threads import begun
from ingest.errors import UsageError
from ingest.language import Text

logger = logging.getLogger(__name__)

AT_ONCE = 16
"""Tasks that are at work at a time; the model serves them in turn."""
_PATIENCE = 20.0
"""Seconds that a task has to stop when the server ends."""


@dataclass
class _Live:
    """A run at work."""

    feed: Feed[RunEvent] = field(default_factory=Feed)
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)


class Tasks:
    """All of a server. What a run has done is kept by the platform; one that ends with the server can be resumed."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._live: dict[str, _Live] = {}
        self._lock = threading.Lock()

    def start(self, agent: Agent | AgentView, task: str) -> str:
        """Begin a task; returns the run's id. Raises as `Agent.stream` does."""
        live = _Live()
        self._make_room()  # what is refused leaves no run behind
        events = agent.stream(task, live.stop)
        with self._lock:
            self._live[agent.run_id] = live
        _begin(live, events)
        return agent.run_id

    def resume(self, agent: Agent, run_id: str) -> None:
        """Go on with a run. Raises as `Agent.resume_stream` does, and `UsageError` while it is at work."""
        live = _Live()
        with self._lock:
            if (known := self._live.get(run_id)) is not None and not known.over.is_set():
                raise UsageError(
                    Text(f"The run '{run_id}' is under way already.", f"运行 “{run_id}” 正在进行中。"),
                    Text("Follow its events, or stop it first.", "请查看其事件，或先停止它。"),
                )
            self._live[run_id] = live
        try:
            store = self._platform.store
            for event in store.events(run_id, state.events if (state := store.state(run_id)) else 0):
                live.feed.put(event)
            self._make_room()
            _begin(live, agent.resume_stream(run_id, live.stop))
        except BaseException:
            with self._lock:
                del self._live[run_id]
            raise

    def stop(self, run_id: str) -> bool:
        """Stop a run that is at work here; whether there was one."""
        live = self._live.get(run_id)
        if live is None or live.over.is_set():
            return False
        live.stop.set()
        return True

    def follow(self, run_id: str, cancel: threading.Event, start: int = 0) -> Iterator[tuple[int, RunEvent]]:
        """Its events from number `start` on, as they come, until it ends or pauses; those of an earlier run as they were
        kept. Raises `UsageError` when there is none of that id."""
        live = self._live.get(run_id)
        if live is not None:
            yield from live.feed.follow(cancel, start)
            return
        for n, event in enumerate(self._platform.runs.events(run_id)):
            if n >= start:
                yield n, event

    def close(self) -> None:
        """Stop them all, and give them a moment for it; what doesn't end in time can be resumed as after a crash."""
        for live in self._live.values():
            live.stop.set()
        for live in self._live.values():
            live.over.wait(_PATIENCE)

    def _make_room(self) -> None:
        """Raises `Refused` where too many are at work."""
        with self._lock:
            over = [run for run, one in self._live.items() if one.over.is_set()]
            for run in over:  # what is over is told from what was kept
                del self._live[run]
            if len(self._live) >= AT_ONCE:
                raise Refused(
                    503,
                    "busy",
                    Text("Too many tasks are at work.", "正在执行的任务过多。"),
                    Text("Try again when one is done.", "请待有任务完成后重试。"),
                    Retry_After="30",
                )


def _begin(live: _Live, events: Iterator[RunEvent]) -> None:
    def work() -> None:
        try:
            for event in events:
                live.feed.put(event)
        except Exception:
            logger.exception("a task failed")
        finally:
            live.over.set()
            live.feed.end()

    begun(work, "serve-task")
