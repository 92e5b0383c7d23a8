"""Tasks on a server, as `agents.tasks` has them."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from agents.tasks.codec import event_from_json
from agents.tasks.events import Call, Finished, PlanStep, Result, RunEvent
from agents.tasks.run import last
from agents.tasks.store import Run
from ingest.apart.threads import Cancelled
from ingest.filters import Where, filter_of
from ingest.finding import Bases, base_names
from ingest.queries import checked_query
from ingest.records import from_json
from ingest.remote.connection import Connection


class RemoteAgent:
    """Carries out tasks on a server's knowledge bases, with the server's tools and by its rules; one at a time."""

    def __init__(
        self, connection: Connection, kb: Bases = "default", where: Where = None, effort: str | None = None
    ) -> None:
        self._server = connection
        self._form = {"kbs": list(base_names(kb)), "where": str(filter_of(where)), "effort": effort}
        self._cancel = threading.Event()
        self.run_id = ""
        """Of the run under way, or of the last one."""

    def run(self, task: str) -> Result:
        """The result of `task`, as `Agent.run` has it. Raises `UsageError`, and what the server refuses."""
        return last(self.stream(task))

    def stream(self, task: str, cancel: threading.Event | None = None) -> Iterator[RunEvent]:
        """The events of a task as they happen. `cancel`, and closing this, stop the run, which can be resumed."""
        task = checked_query(task)
        self._cancel = cancel if cancel is not None else threading.Event()
        self.run_id = self._server.ask("POST", "/api/tasks", json={**self._form, "task": task})["id"]
        return self._events(self.run_id, self._cancel)

    def resume(self, run_id: str) -> Result:
        """Go on with a run; its result."""
        return last(self.resume_stream(run_id))

    def resume_stream(self, run_id: str, cancel: threading.Event | None = None) -> Iterator[RunEvent]:
        """Its events, those from before included."""
        self._cancel = cancel if cancel is not None else threading.Event()
        self.run_id = run_id
        self._server.ask("POST", f"/api/tasks/{run_id}/resume")
        return self._events(run_id, self._cancel)

    def approve(self, run_id: str, call_id: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Allow the call a run waits for, or with other `arguments` what is to be carried out instead."""
        form = {"call": call_id, "approve": True, "arguments": None if arguments is None else dict(arguments)}
        self._server.ask("POST", f"/api/tasks/{run_id}/verdicts", json=form)

    def reject(self, run_id: str, call_id: str, reason: str = "") -> None:
        """Refuse the call a run waits for; the model is told `reason`."""
        form = {"call": call_id, "approve": False, "reason": reason.strip()[:500]}
        self._server.ask("POST", f"/api/tasks/{run_id}/verdicts", json=form)

    def cancel(self) -> None:
        """Stop the latest run, from any thread."""
        self._cancel.set()

    def _events(self, run_id: str, cancel: threading.Event) -> Iterator[RunEvent]:
        seen = 0
        ended = False
        try:
            for event in told(self._server, run_id, cancel):
                seen, ended = seen + 1, isinstance(event, Finished)
                yield event
        except Cancelled:
            self._stop(run_id)
            for event in told(self._server, run_id, seen=seen):
                ended = isinstance(event, Finished)
                yield event
        finally:
            if not ended:  # whoever read along is gone
                self._stop(run_id)

    def _stop(self, run_id: str) -> None:
        self._server.ask("POST", f"/api/tasks/{run_id}/cancel")


class RemoteRuns:
    """A server's runs that are this caller's, as `agents.tasks.runs` has them."""

    def __init__(self, connection: Connection) -> None:
        self._server = connection

    def list(self) -> builtins.list[Run]:
        """All, the latest first."""
        return [from_json(Run, one) for one in self._server.ask("GET", "/api/tasks")]

    def get(self, run_id: str) -> Run:
        """One. Raises `UsageError` when there is none of that id."""
        return from_json(Run, self._shown(run_id))

    def result(self, run_id: str) -> Result | None:
        """How it ended or paused; None while it is under way or after a crash."""
        found = self._shown(run_id)["result"]
        return None if found is None else from_json(Result, {**found, "text": found["result"]})

    def plan(self, run_id: str) -> tuple[PlanStep, ...]:
        """The plan as it stands."""
        return tuple(from_json(PlanStep, step) for step in self._shown(run_id)["plan"])

    def pending(self, run_id: str) -> tuple[Call, ...]:
        """The calls it waits for."""
        return tuple(from_json(Call, call) for call in self._shown(run_id)["pending"])

    def events(self, run_id: str) -> builtins.list[RunEvent]:
        """What happened in it; waits for its end where it is at work."""
        return list(self.replay(run_id))

    def replay(self, run_id: str) -> Iterator[RunEvent]:
        """The same one by one."""
        return told(self._server, run_id)

    def remove(self, run_id: str) -> None:
        """Delete everything about it."""
        self._server.ask("DELETE", f"/api/tasks/{run_id}")

    def _shown(self, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._server.ask("GET", f"/api/tasks/{run_id}")
        return found


def told(
    connection: Connection, run_id: str, cancel: threading.Event | None = None, seen: int = 0
) -> Iterator[RunEvent]:
    """The events of a run after the first `seen`, until it ends or pauses. Raises `Cancelled`."""
    after = {"Last-Event-ID": str(seen - 1)} if seen else {}
    for _, data in connection.events("GET", f"/api/tasks/{run_id}/events", cancel, headers=after):
        yield event_from_json(data)
