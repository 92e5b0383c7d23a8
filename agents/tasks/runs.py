"""Earlier runs: listed, looked into, told again step by step, branched, removed."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from agents.tasks.events import Call, Finished, Observed, PlanStep, Result, RunEvent
from agents.tasks.run import new_id
from agents.tasks.state import RunState
from agents.tasks.store import Run, Store
from agents.tools.folder.allowed import AllowedFolder
from ingest.errors import UsageError
from ingest.language import Text
from ingest.selection import Scope

if TYPE_CHECKING:
    from agents.tasks.effort import Level
    from agents.tasks.written import WrittenFile


class Runs:
    """What is kept under `runs/` in the home."""

    def __init__(self, store: Store, allowed: Callable[[], AllowedFolder | None] = lambda: None) -> None:
        """`allowed` opens the folder that tools may write into; asked where a run has written there."""
        self._store = store
        self._allowed = allowed

    def list(self) -> builtins.list[Run]:
        """All, the latest first."""
        return self._store.runs()

    def get(self, run_id: str) -> Run:
        """One. Raises `UsageError` when there is none of that id."""
        return self._store.run(run_id)

    def events(self, run_id: str) -> builtins.list[RunEvent]:
        """What happened in it, as `Agent.stream` told it. Raises `UsageError` as `get` does."""
        self._store.run(run_id)
        return self._store.events(run_id)

    def replay(self, run_id: str) -> Iterator[RunEvent]:
        """The same one by one; no model is asked and no tool called. Raises `UsageError` as `get` does."""
        yield from self.events(run_id)

    def result(self, run_id: str) -> Result | None:
        """How it ended or paused; None while it is under way or after a crash. Raises `UsageError` as `get` does."""
        last = self.events(run_id)[-1:]
        return last[0].result if last and isinstance(last[0], Finished) else None

    def files(self, run_id: str) -> builtins.list[WrittenFile]:
        """The files that it has made. Raises `UsageError` as `get` does, and when the folder for tools is gone."""
        from agents.tasks.written import files_of

        records = [event.record for event in self.events(run_id) if isinstance(event, Observed)]
        return files_of(records, self._store.folder / run_id, self._allowed)

    def plan(self, run_id: str) -> tuple[PlanStep, ...]:
        """The plan as it stands. Raises `UsageError` as `get` does."""
        self._store.run(run_id)
        state = self._store.state(run_id)
        return state.plan if state is not None else ()

    def pending(self, run_id: str) -> tuple[Call, ...]:
        """The calls it waits for, also after a restart. Raises `UsageError` as `get` does."""
        self._store.run(run_id)
        state = self._store.state(run_id)
        return state.queue[:1] if state is not None and state.next == "approve" else ()

    def scope(self, run_id: str) -> Scope:
        """Which knowledge bases and documents it was begun on. Raises `UsageError` as `get` does."""
        found = self._store.run(run_id)
        state = self._store.state(run_id)
        return Scope(state.kbs, state.where) if state is not None and state.kbs else Scope((found.kb,))

    def effort(self, run_id: str) -> Level:
        """The level it was begun with; 'normal' where nothing says. Raises `UsageError` as `get` does."""
        self._store.run(run_id)
        return getattr(self._store.state(run_id), "effort", "normal")

    def trace(self, run_id: str) -> str:
        """Path of its trace."""
        return str(self._store.trace_path(run_id))

    def branch(self, run_id: str, step: int) -> str:
        """A new run that stands where `run_id` stood before plan step `step` was begun; `Agent.resume` carries it on,
        with whatever model, tools and policy that agent has. Nothing that was carried out before is done again.

        Raises `UsageError` when there is no such run, or that step was never begun in it.
        """
        found = self._store.run(run_id)
        state = self._before(run_id, step)
        if state is None:
            raise UsageError(
                Text(en=f"The run '{run_id}' never began a step {step}.", zh=f"运行 “{run_id}” 从未开始步骤 {step}。"),
                Text(en="Choose one of its plan's steps.", zh="请选择其计划中的某个步骤。"),
            )
        new = state.run_id = new_id()
        self._store.begin(state, found.model, parent=run_id)
        self._store.copy_events(run_id, new, state.events)
        self._copy_files(run_id, new, state.events)
        return new

    def remove(self, run_id: str) -> None:
        """Delete everything about it. Raises `UsageError` as `get` does, and while it is under way."""
        self._store.run(run_id)
        with self._store.holding(run_id):
            self._store.remove(run_id)

    def _copy_files(self, run_id: str, new: str, events: int) -> None:
        """What calls before event `events` have made in the run's folder: all but the folders of later calls."""
        import shutil

        later = {e.record.call.id for e in self._store.events(run_id)[events:] if isinstance(e, Observed)}
        if (folder := self._store.folder / run_id).is_dir():
            shutil.copytree(folder, self._store.folder / new, ignore=lambda _, names: later.intersection(names))

    def _before(self, run_id: str, step: int) -> RunState | None:
        """The last state in which `step` was open and nothing was under way."""
        for state in self._store.branch_points(run_id):
            following = next((s for s in state.plan if s.state == "open"), None)
            if following is not None and following.id == step:
                return state
        return None
