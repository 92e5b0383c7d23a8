"""Files being added: one job at a time, since a library has one writer; the others wait their turn."""

from __future__ import annotations

import contextlib
import contextvars
import queue
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from agents.serve.access.policy import NotFound
from agents.serve.problems import Refused, problem
from agents.serve.waiting import Feed
from ingest.errors import ZhikuError
from ingest.language import Text
from ingest.records import to_json
from ingest.uploads import forget_refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.documents import Report
    from ingest.library import Library
    from ingest.progress import Progress

State = Literal["waiting", "running", "done", "cancelled", "failed"]
MOST_WAITING = 100
_KEPT = 200
"""Jobs that have ended are remembered as long as there are not more."""
_TOLD_EVERY = 0.2
"""Seconds between two tellings of how far a job is."""


@dataclass
class Job:
    """One add. Written by its worker alone; anybody may read it."""

    id: str
    kb: str
    paths: tuple[str, ...]
    tags: tuple[str, ...]
    created: str
    state: State = "waiting"
    progress: Progress | None = None
    report: Report | None = None
    error: dict[str, Any] | None = None
    """A problem, where it failed as a whole."""
    stop: threading.Event = field(default_factory=threading.Event)
    feed: Feed[dict[str, Any]] = field(default_factory=Feed)
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    """Whoever asked for it is told in their language."""

    def to_json(self) -> dict[str, Any]:
        """As it stands now."""
        return {
            "id": self.id,
            "kb": self.kb,
            "state": self.state,
            "created": self.created,
            "progress": to_json(self.progress),
            "report": to_json(self.report),
            "error": self.error,
        }


class Jobs:
    """All of a server. They end with it: what a job has finished is kept, the rest can be sent again."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._worker: threading.Thread | None = None

    def start(self, kb: str, paths: Sequence[str], tags: Sequence[str] = ()) -> Job:
        """Paths of uploads and addresses of pages to be added to `kb`, which is there. Raises `Refused` when too many
        wait."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        job = Job(uuid.uuid4().hex, kb, tuple(paths), tuple(tags), now)
        with self._lock:
            if sum(other.state == "waiting" for other in self._jobs.values()) >= MOST_WAITING:
                raise Refused(
                    503,
                    "busy",
                    Text(en="Too many jobs are waiting.", zh="等待中的任务过多。"),
                    Text(en="Send it when some are done.", zh="请待部分任务完成后再发送。"),
                    Retry_After="30",
                )
            ended = [other.id for other in self._jobs.values() if other.state not in ("waiting", "running")]
            for identity in ended[: max(0, len(self._jobs) - _KEPT)]:
                del self._jobs[identity]
            self._jobs[job.id] = job
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="serve-jobs", daemon=True)
                self._worker.start()
        self._waiting.put(job)
        return job

    def all(self) -> list[Job]:
        """The latest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def get(self, identity: str) -> Job:
        """One. Raises `NotFound`."""
        with self._lock:
            found = self._jobs.get(identity)
        if found is None:
            raise no_job(identity)
        return found

    def cancel(self, job: Job) -> None:
        """Stop it after the file at hand; one that waits is not begun."""
        job.stop.set()

    def follow(self, job: Job, cancel: threading.Event) -> Iterator[dict[str, Any]]:
        """How far it is, as `Job.to_json` has it, until it has ended; the end is told to whoever comes late."""
        for _, told in job.feed.follow(cancel):
            yield told

    def close(self) -> None:
        """Stop what runs and wait for it."""
        for job in self.all():
            job.stop.set()
        if self._worker is not None:
            self._waiting.put(None)
            self._worker.join(60)

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None:
            job.context.run(self._carry_out, job)

    def _carry_out(self, job: Job) -> None:
        told = 0.0

        def take(progress: Progress) -> None:
            nonlocal told
            job.progress = progress
            if time.monotonic() - told >= _TOLD_EVERY:
                told = time.monotonic()
                job.feed.put(job.to_json())

        state: State = "cancelled"
        if not job.stop.is_set():
            job.state = "running"
            job.feed.put(job.to_json())
            try:
                job.report = self._library.add(list(job.paths), job.kb, tags=job.tags, progress=take, stop=job.stop)
                state = "cancelled" if job.report.interrupted else "done"
            except ZhikuError as error:
                state, job.error = "failed", problem(error)
            except Exception as error:  # noqa: BLE001 - the next job must not suffer for it
                state, job.error = "failed", problem(error)
        self._forget_refused(job)
        job.state = state
        job.feed.put(job.to_json())
        job.feed.end()

    def _forget_refused(self, job: Job) -> None:
        """An upload lives as long as its document."""
        with contextlib.suppress(ZhikuError):  # what can't be looked up stays
            kept = {document.path for document in self._library.documents(job.kb)}
            refused = (job.report.failed + job.report.skipped) if job.report else ()
            forget_refused(self._library.home, job.paths, kept - {one.path for one in refused})


def no_job(identity: str) -> NotFound:
    """The same words for a job that is not there and for one on a knowledge base that is not the caller's."""
    return NotFound(
        Text(en=f"There is no job '{identity}'.", zh=f"没有任务 “{identity}”。"),
        Text(en="Jobs end with the server.", zh="任务随服务器结束而清除。"),
    )
