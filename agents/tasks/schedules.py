"""Tasks that come again, every day or every week, begun by whatever runs on this machine: the application or the server.

A time that passes while nothing runs is made up once, when something does. It is counted as begun before it is: a task that
may write is rather left out than carried out twice.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agents.tasks.effort import Level
from ingest.apart.threads import begun
from ingest.database import Kept, open_database
from ingest.errors import UsageError, ZhikuError
from ingest.language import Text
from ingest.queries import checked_query
from ingest.selection import Scope
from ingest.sqlite import Wording
from ingest.stores import RUNS

logger = logging.getLogger(__name__)

LATE = timedelta(minutes=5)
"""From which on a run is said to be made up."""
LOOK = 15.0
"""Seconds between two looks at what is due."""
_COLUMNS = "id, task, kbs, narrowed, effort, owner, weekday, clock, due, paused, meant, begun, run"


@dataclass(frozen=True, slots=True)
class Schedule:
    """One task and when it comes again. All times are this machine's own, ISO 8601 to the minute, '' for never yet."""

    id: int
    task: str
    scope: Scope
    effort: Level
    owner: str
    """The user whose it is; '' where nobody signs in."""
    weekday: int | None
    """0, Monday, to 6; None: every day."""
    clock: str
    """HH:MM."""
    due: str
    """When it comes next."""
    paused: bool
    meant: str
    """The time that was due when it was last begun."""
    begun: str
    """When that was."""
    run: str
    """Id of that run; '' while it is being begun, or where that failed."""

    @property
    def late(self) -> bool:
        """Whether the last run was made up for a time that had been missed."""
        return bool(self.meant) and datetime.fromisoformat(self.begun) - datetime.fromisoformat(self.meant) > LATE


class Schedules(Kept):
    """All of a home. Safe from any thread and from several processes: each time is taken by one of them."""

    def __init__(self, home: Path, store: str = "", now: Callable[[], datetime] | None = None) -> None:
        """`now`: this machine's own time, without a zone."""
        self._file = open_database(home, store, RUNS, Wording(Text(en="Runs", zh="运行记录")))
        self._now = now or local_now

    def add(
        self, task: str, scope: Scope, clock: str, weekday: int | None = None, *, effort: str, owner: str = ""
    ) -> int:
        """Let `task` come every day at `clock` (HH:MM), or on that `weekday`; returns its id. Raises `UsageError`."""
        from agents.tasks.effort import effort_of  # which reads tasks: not needed to look at the time

        task, effort = checked_query(task), effort_of(effort).level
        due = following(clock, weekday, self._now())
        row = (task, json.dumps(scope.kbs), scope.where, effort, owner, weekday, due[11:], due)
        with self._file.transaction() as db:
            added = db.execute(
                "insert into schedule (task, kbs, narrowed, effort, owner, weekday, clock, due, paused, meant, begun, run) "
                "values (?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', '') returning id",
                row,
            ).fetchone()
        return int(added[0])

    def list(self) -> list[Schedule]:
        """What comes next first."""
        if not self._file.used():
            return []
        return [_schedule(row) for row in self._file.rows(f"select {_COLUMNS} from schedule order by due, id")]  # noqa: S608

    def pause(self, number: int, *, paused: bool = True) -> None:
        """Let it rest, or go on: from its next time on, nothing is made up for the rest."""
        for one in self.list():
            if one.id == number:
                due = following(one.clock, one.weekday, self._now())
                self._file.write("update schedule set paused = ?, due = ? where id = ?", int(paused), due, number)

    def remove(self, number: int) -> None:
        """Let it come no more; its runs stay."""
        self._file.write("delete from schedule where id = ?", number)

    def take_due(self) -> Sequence[Schedule]:
        """Those whose time has come, each counted as begun now: its next time lies ahead, however many were missed."""
        now = self._now()
        if not self._file.used():
            return []
        with self._file.transaction() as db:
            rows = db.execute(
                f"select {_COLUMNS} from schedule where paused = 0 and due <= ? order by due",  # noqa: S608
                (_told(now),),
            ).fetchall()
            for one in map(_schedule, rows):
                due = following(one.clock, one.weekday, now)
                values = (due, one.due, _told(now), one.id)
                db.execute("update schedule set due = ?, meant = ?, begun = ?, run = '' where id = ?", values)
        return [_schedule(row) for row in rows]

    def begun_as(self, number: int, run: str) -> None:
        """The run that its time has led to."""
        self._file.write("update schedule set run = ? where id = ?", run, number)


class Timekeeper:
    """Begins what is due, in a thread of its own that has begun; `begin` starts a task and gives its run's id."""

    def __init__(
        self, schedules: Callable[[], Schedules], begin: Callable[[Schedule], str], every: float = LOOK
    ) -> None:
        self._schedules = schedules
        self._begin = begin
        self._every = every
        self._stop = threading.Event()
        self._thread = begun(self._run, "zhiku-timekeeper")

    def stop(self, wait: float = 5.0) -> None:
        """Begin nothing more; runs go on. Waits up to `wait` seconds for one that is being begun."""
        self._stop.set()
        self._thread.join(wait)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                schedules = self._schedules()
                for one in schedules.take_due():
                    self._one(schedules, one)
            except ZhikuError as error:  # the home can't be opened now: who uses it is told
                logger.debug("No look at what is due: %s", error)
            except Exception:
                logger.exception("Looking for scheduled tasks failed")
            self._stop.wait(self._every)

    def _one(self, schedules: Schedules, one: Schedule) -> None:
        try:
            schedules.begun_as(one.id, self._begin(one))
        except ZhikuError as error:  # of this one: the others are begun
            logger.warning("%s: %s", one.task, error)


def following(clock: str, weekday: int | None, after: datetime) -> str:
    """The first time later than `after` (this machine's own, as all of them) with that `clock`, and on that weekday unless
    it is None. Raises `UsageError` for a clock or a weekday that is none."""
    try:
        time = datetime.strptime(clock.strip(), "%H:%M").time()  # noqa: DTZ007 - a time of day
    except ValueError as error:
        raise UsageError(
            Text(en=f"'{clock}' is no time: write 09:30.", zh=f"“{clock}” 不是时间，请写 09:30。")
        ) from error
    if weekday not in (None, *range(7)):
        raise UsageError(Text(en="A weekday is 0, Monday, to 6.", zh="星期为 0（星期一）到 6。"))
    day = datetime.combine(after.date(), time)
    while day <= after or weekday not in (None, day.weekday()):
        day += timedelta(days=1)
    return _told(day)


def local_now() -> datetime:
    """This machine's own time, without its zone."""
    return datetime.now(UTC).astimezone().replace(tzinfo=None)


def _told(time: datetime) -> str:
    return time.isoformat(timespec="minutes")


def _schedule(row: tuple[Any, ...]) -> Schedule:
    number, task, kbs, where, effort, owner, weekday, clock, due, paused, *last = row
    scope = Scope(tuple(json.loads(kbs)), where)
    return Schedule(number, task, scope, effort, owner, weekday, clock, due, bool(paused), *last)
