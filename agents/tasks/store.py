"""`runs/runs.sqlite` in the home, or at the server: runs, their events, where each stands, the journal of calls with side effects, and
verdicts on calls.

In one database because its log is written in order: a state that survives a power cut has its events with it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agents.tasks.approval import Decision
from agents.tasks.codec import event_from_json, event_to_json
from agents.tasks.events import RunEvent, Status
from agents.tasks.state import RunState, state_from_json, state_to_json
from agents.tools.tool import Observation
from ingest.database import Session, open_database, timestamp
from ingest.errors import UsageError
from ingest.language import Text
from ingest.lock import open_locks
from ingest.records import from_json, to_json
from ingest.sqlite import Wording
from ingest.stores import RUNS

RunStatus = Literal["running", "interrupted", "done", "gave_up", "limit", "cancelled", "needs_approval", "error"]
"""As a run ends, or 'running', or 'interrupted' when its process died: `resume` goes on from there."""

_ALL = 1 << 31
_MOMENT = 0.05
"""Seconds; a look at a run takes some thousandths."""
_RUNS = Text(en="Runs", zh="运行记录")


@dataclass(frozen=True, slots=True)
class Run:
    """One run as lists show it."""

    id: str
    task: str
    kb: str
    status: RunStatus
    model: str
    parent: str
    """The run it was branched from, or ''."""
    created: str
    """UTC, ISO 8601."""
    changed: str


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What the journal knows of a call: 'intended' before it is carried out, 'done' with what it brought."""

    state: Literal["intended", "done"]
    observation: Observation | None = None


class Store:
    """Opened at first use. Safe from any thread; one process at a time works on a run."""

    def __init__(self, home: Path, store: str = "") -> None:
        self.folder = home / "runs"
        # A killed process loses nothing by NORMAL; the journal of calls is flushed to the disk besides.
        self._file = open_database(home, store, RUNS, Wording(_RUNS), synchronous="NORMAL")
        self._locks = open_locks(self.folder, store)
        self._looking = threading.Lock()

    # -- runs -----------------------------------------------------------------------------------------

    def begin(self, state: RunState, model: str, parent: str = "") -> None:
        """A new run, and where it stands."""
        now = timestamp("milliseconds")
        row = (state.run_id, state.task, state.kb, model, parent, now, now)
        with self._file.transaction() as db:
            db.execute("insert into run values (?, ?, ?, 'running', ?, ?, ?, ?)", row)
            self._put(db, state)

    def mark(self, run: str, status: Status | Literal["running"]) -> None:
        """How the run stands."""
        self._file.write("update run set status = ?, changed = ? where id = ?", status, timestamp("milliseconds"), run)

    def runs(self) -> list[Run]:
        """All, the latest first. One whose process died is 'interrupted'."""
        return [self._run(row) for row in self._file.rows("select * from run order by created desc, id desc")]

    def run(self, run: str) -> Run:
        """One. Raises `UsageError` when there is none of that id."""
        row = self._file.row("select * from run where id = ?", run)
        if row is None:
            raise UsageError(
                Text(en=f"There is no run '{run}'.", zh=f"没有运行记录 “{run}”。"),
                Text(en="It may have been removed.", zh="它可能已被删除。"),
            )
        return self._run(row)

    def remove(self, run: str) -> None:
        """Everything about it, its files included."""
        import shutil

        with self._file.transaction() as db:
            db.execute("delete from run where id = ?", (run,))
            for table in ("event", "state", "journal", "verdict"):
                db.execute(f"delete from {table} where run = ?", (run,))  # noqa: S608 - our own names
        for path in (self.trace_path(run), self.folder / f"{run}.lock"):
            path.unlink(missing_ok=True)
        shutil.rmtree(self.folder / run, ignore_errors=True)

    def ended(self, before: str) -> list[Run]:
        """Those that ended, in whatever way, and were not touched since `before` (UTC, ISO 8601)."""
        rows = self._file.rows(
            "select * from run where changed < ? and status not in ('running', 'interrupted', 'needs_approval') "
            "order by changed",
            before,
        )
        return [self._run(row) for row in rows if not self.worked_on(row[0])]

    def shrink(self) -> int:
        """Give the room of removed runs back to the disk; returns how many bytes."""
        return self._file.shrink()

    def trace_path(self, run: str) -> Path:
        """Where its trace lies."""
        return self.folder / f"{run}.jsonl"

    # -- events ---------------------------------------------------------------------------------------

    def append(self, run: str, n: int, event: RunEvent) -> None:
        """Save event `n`, counted from 0."""
        body = json.dumps(event_to_json(event), ensure_ascii=False)
        self._file.write(
            "insert into event values (?, ?, ?) on conflict (run, n) do update set body = excluded.body", run, n, body
        )

    def cut(self, run: str, n: int) -> None:
        """Forget the events from `n` on: they came after the last checkpoint and will come again."""
        self._file.write("delete from event where run = ? and n >= ?", run, n)

    def events(self, run: str, most: int = -1) -> list[RunEvent]:
        """The saved events, in order; the first `most` of them when it isn't negative."""
        rows = self._file.rows(
            "select body from event where run = ? order by n limit ?", run, most if most >= 0 else _ALL
        )
        return [event_from_json(json.loads(body)) for (body,) in rows]

    def copy_events(self, run: str, other: str, most: int) -> None:
        """The first `most` events of `run` as those of `other`."""
        self._file.write("insert into event select ?, n, body from event where run = ? and n < ?", other, run, most)

    # -- where a run stands ---------------------------------------------------------------------------

    def save(self, state: RunState) -> None:
        """Where a run stands now. What was saved before is let go of, except where a branch may begin."""
        with self._file.transaction() as db:
            self._put(db, state)

    def state(self, run: str) -> RunState | None:
        """Where it stands; None for a run of an earlier version, which can be looked at but not gone on with."""
        row = self._file.row("select body from state where run = ? order by n desc limit 1", run)
        return state_from_json(json.loads(row[0])) if row else None

    def branch_points(self, run: str) -> list[RunState]:
        """Where it stood between two steps, the latest first."""
        rows = self._file.rows("select body from state where run = ? and branch = 1 order by n desc", run)
        return [state_from_json(json.loads(body)) for (body,) in rows]

    @staticmethod
    def _put(db: Session, state: RunState) -> None:
        body = json.dumps(state_to_json(state), ensure_ascii=False)
        (last,) = db.execute("select coalesce(max(n), 0) from state where run = ?", (state.run_id,)).fetchone()
        db.execute("delete from state where run = ? and branch = 0", (state.run_id,))
        between = state.next == "choose" and not state.current
        db.execute("insert into state values (?, ?, ?, ?)", (state.run_id, last + 1, between, body))

    # -- calls with side effects ------------------------------------------------------------------------

    def journal(self, key: str) -> JournalEntry | None:
        """What is known of the call with that idempotency key."""
        row = self._file.row("select state, observation from journal where key = ?", key)
        if row is None:
            return None
        return JournalEntry(row[0], from_json(Observation, json.loads(row[1])) if row[1] else None)

    def intend(self, run: str, key: str) -> None:
        """Written, and on the disk, before the call."""
        with self._file.tuned(synchronous="FULL"):
            self._file.write("insert into journal values (?, ?, 'intended', '') on conflict do nothing", key, run)

    def done(self, key: str, observation: Observation) -> None:
        """Written, and on the disk, after the call."""
        body = json.dumps(to_json(observation), ensure_ascii=False)
        with self._file.tuned(synchronous="FULL"):
            self._file.write("update journal set state = 'done', observation = ? where key = ?", body, key)

    # -- verdicts -----------------------------------------------------------------------------------------

    def decide(self, run: str, decision: Decision) -> None:
        """Keep what the user said about a call."""
        body = json.dumps(to_json(decision), ensure_ascii=False)
        self._file.write(
            "insert into verdict values (?, ?, ?) on conflict (run, call) do update set body = excluded.body",
            run,
            decision.call_id,
            body,
        )

    def decision(self, run: str, call: str) -> Decision | None:
        """What the user said about a call, if anything yet."""
        row = self._file.row("select body from verdict where run = ? and call = ?", run, call)
        return from_json(Decision, json.loads(row[0])) if row else None

    # -- one at a time ------------------------------------------------------------------------------------

    @contextmanager
    def holding(self, run: str) -> Iterator[None]:
        """Work on a run. Raises `UsageError` while another process or thread does."""
        self._file.prepare()
        with self._looking:
            taken = self._locks.take(run)
        if not taken:
            time.sleep(_MOMENT)  # another process may have looked just then
            if not self._locks.take(run):
                raise _busy(run)
        try:
            yield
        finally:
            self._locks.release(run)

    def worked_on(self, run: str) -> bool:
        """Whether anybody does. It is taken for the moment of this look, in which nobody here finds it taken."""
        with self._looking:
            if not self._locks.take(run):
                return True
            self._locks.release(run)
        return False

    def close(self) -> None:
        """Close what is open."""
        self._file.close()
        self._locks.close()

    def _run(self, row: tuple[Any, ...]) -> Run:
        found = Run(*row)
        if found.status == "running" and not self.worked_on(found.id):
            from dataclasses import replace

            return replace(found, status="interrupted")
        return found


def _busy(run: str) -> UsageError:
    return UsageError(
        Text(en=f"The run '{run}' is under way already.", zh=f"运行 “{run}” 正在进行中。"),
        Text(en="Wait for its end, or stop it where it was started.", zh="请等待其结束，或在启动它的地方停止。"),
    )
