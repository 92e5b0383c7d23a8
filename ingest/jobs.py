"""Files to be added, as rows that outlive whoever sent them: waiting, taken by one worker at a time, ended.

A worker holds a lock for the knowledge base it works on, which goes when the worker does: a job that is 'running' with nobody
at it was left by one that died, and the next takes it up. So there are no leases to run out and no clocks to agree.
"""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from ingest.database import open_database, timestamp
from ingest.errors import UsageError, ZhikuError
from ingest.language import Language, Text, language
from ingest.lock import open_locks
from ingest.records import to_json
from ingest.sqlite import Wording
from ingest.stores import JOBS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ingest.documents import Report
    from ingest.progress import Progress

State = Literal["waiting", "running", "done", "cancelled", "failed"]
MOST_WAITING = 100
MOST_TRIES = 10
"""So often a job is begun: its worker may have died of it, or of something else."""
_KEPT = 200
"""Jobs that have ended are remembered as long as there are not more."""
_LOOK = 0.2
"""Seconds between two looks how far a job is."""
_COLUMNS = "name, kb, paths, tags, language, created, state, tries, stop, progress, report, error"
_OPEN = "state in ('waiting', 'running')"


class TooManyJobs(UsageError):
    """More wait than will be done soon."""


@dataclass(frozen=True, slots=True)
class Job:
    """One add."""

    id: str
    kb: str
    paths: tuple[str, ...]
    tags: tuple[str, ...]
    language: Language
    """Whoever asked for it is told in it."""
    created: str
    """UTC, ISO 8601."""
    state: State
    tries: int
    stop: bool
    progress: dict[str, Any] | None = None
    """A `Progress` as JSON."""
    report: dict[str, Any] | None = None
    error: dict[str, str] | None = None
    """Where it failed as a whole: see `error_as_json`."""

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.state not in ("waiting", "running")


class Jobs:
    """All of a library. Safe from any thread and from several processes and, at a server, machines."""

    def __init__(self, home: Path, store: str = "") -> None:
        self._file = open_database(home, store, JOBS, Wording(Text("Jobs", "任务")))
        self._locks = open_locks(home / "jobs", store)
        self.sent = threading.Event()
        """Set where one was sent in this process: its worker need not wait."""

    # -- for those who send -------------------------------------------------------------------------------------------

    def start(self, kb: str, paths: Sequence[str], tags: Sequence[str] = ()) -> Job:
        """Paths and addresses of pages to be added to `kb`, which is there. Raises `TooManyJobs`."""
        job = Job(uuid.uuid4().hex, kb, tuple(paths), tuple(tags), language(), timestamp(), "waiting", 0, stop=False)
        with self._file.transaction() as db:
            (waiting,) = db.execute("select count(*) from job where state = 'waiting'").fetchone()
            if waiting >= MOST_WAITING:
                raise TooManyJobs(
                    Text("Too many jobs are waiting.", "等待中的任务过多。"),
                    Text("Send it when some are done.", "请待部分任务完成后再发送。"),
                )
            db.execute(
                f"delete from job where not {_OPEN} and id not in"  # noqa: S608 - our own words
                f" (select id from job where not {_OPEN} order by id desc limit {_KEPT})"
            )
            db.execute(
                "insert into job (name, kb, paths, tags, language, created, state, tries, stop)"
                " values (?, ?, ?, ?, ?, ?, 'waiting', 0, 0)",
                (job.id, kb, json.dumps(job.paths), json.dumps(job.tags), job.language, job.created),
            )
        self.sent.set()
        return job

    def all(self) -> list[Job]:
        """The latest first."""
        if not self._file.used():
            return []
        return [_job(row) for row in self._file.rows(f"select {_COLUMNS} from job order by id desc")]  # noqa: S608

    def get(self, identity: str) -> Job | None:
        """One, None where there is none of that id."""
        if not self._file.used():
            return None
        row = self._file.row(f"select {_COLUMNS} from job where name = ?", identity)  # noqa: S608
        return _job(row) if row else None

    def cancel(self, identity: str) -> None:
        """Stop it after the file at hand; one that waits is not begun."""
        self._file.write(
            "update job set stop = 1, state = case state when 'waiting' then 'cancelled' else state end where name = ?",
            identity,
        )

    def follow(self, identity: str, cancel: threading.Event) -> Iterator[Job]:
        """The job each time that something is new, until it has ended; the end is told to whoever comes late."""
        last = None
        while not cancel.is_set() and (job := self.get(identity)) is not None:
            if job != last:
                yield job
            if job.ended:
                return
            last = job
            cancel.wait(_LOOK)

    # -- for workers --------------------------------------------------------------------------------------------------

    def take(self) -> Job | None:
        """The oldest job of a knowledge base that nobody works on, the caller's until `end` or `give_back`; None for none.
        One that was begun too often has failed."""
        if not self._file.used():
            return None
        for (kb,) in self._file.rows(f"select kb from job where {_OPEN} group by kb order by min(id)"):  # noqa: S608
            if not self._locks.take(_lock(kb)):
                continue
            job = self._next(kb)
            if job is not None:
                return job
            self._locks.release(_lock(kb))
        return None

    def _next(self, kb: str) -> Job | None:
        """The caller has the lock: what is 'running' was left."""
        rows = self._file.rows(f"select {_COLUMNS} from job where kb = ? and {_OPEN} order by id", kb)  # noqa: S608
        for job in map(_job, rows):
            if job.stop:
                self._put(job, "cancelled")
            elif job.tries >= MOST_TRIES:
                self._put(job, "failed", error=_DIED)
            else:
                self._file.write("update job set state = 'running', tries = tries + 1 where name = ?", job.id)
                return replace(job, state="running", tries=job.tries + 1)
        return None

    def told(self, job: Job, progress: Progress) -> bool:
        """Keep how far it is; whether it is to stop."""
        self._file.write("update job set progress = ? where name = ?", json.dumps(to_json(progress)), job.id)
        now = self.get(job.id)
        return now is None or now.stop

    def end(self, job: Job, state: State, report: Report | None = None, error: Exception | None = None) -> None:
        """It is over."""
        self._put(job, state, report, error)
        self._locks.release(_lock(job.kb))

    def give_back(self, job: Job, *, counted: bool) -> None:
        """Somebody else, or the same worker later, is to go on with it; `counted`: as one try."""
        try:
            self._file.write(
                "update job set state = 'waiting', tries = tries - ? where name = ?", 0 if counted else 1, job.id
            )
        finally:
            self._locks.release(_lock(job.kb))

    def _put(self, job: Job, state: State, report: Report | None = None, error: Exception | None = None) -> None:
        told = None if error is None else json.dumps(error_as_json(error))
        body = None if report is None else json.dumps(to_json(report))
        self._file.write("update job set state = ?, report = ?, error = ? where name = ?", state, body, told, job.id)

    def close(self) -> None:
        """Close what is open."""
        self._locks.close()
        self._file.close()


_DIED = UsageError(
    Text("Its worker died each time that it was begun.", "每次执行时工作进程都异常终止。"),
    Text("Send its files one by one: one of them may be the cause.", "请逐个发送文件，以找出原因。"),
)


def error_as_json(error: Exception) -> dict[str, str]:
    """What went wrong in both languages; of a bug of ours its kind alone."""
    if not isinstance(error, ZhikuError):
        return {"kind": type(error).__name__}
    hint = error.hint or Text("", "")
    return {
        "kind": type(error).__name__,
        "en": error.message.en,
        "zh": error.message.zh,
        "hint_en": hint.en,
        "hint_zh": hint.zh,
    }


def _job(row: Sequence[Any]) -> Job:
    name, kb, paths, tags, lang, created, state, tries, stop, *told = row
    progress, report, error = (None if one is None else json.loads(one) for one in told)
    sent = tuple(json.loads(paths)), tuple(json.loads(tags))
    return Job(name, kb, *sent, lang, created, state, tries, bool(stop), progress, report, error)


def _lock(kb: str) -> str:
    return f"jobs-{hashlib.blake2b(kb.encode(), digest_size=8).hexdigest()}"
