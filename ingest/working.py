"""A worker: takes jobs one after the other and carries them out."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import TYPE_CHECKING

from ingest.errors import LibraryLocked, LibraryUnavailable, ModelError, ZhikuError
from ingest.jobs import MOST_TRIES, Job, Jobs
from ingest.language import speaking
from ingest.uploads import forget_refused

if TYPE_CHECKING:
    from ingest.documents import Report
    from ingest.library import Library
    from ingest.progress import Progress

logger = logging.getLogger(__name__)

_TOLD_EVERY = 0.5
"""Seconds between two tellings of how far a job is."""
_LOOK = 0.5
"""Seconds between two looks for a job that somebody else sent."""
_PAUSE = 2.0
"""Seconds before the next try where a server is gone or somebody else is writing."""


class Worker:
    """As many as one likes, on any number of machines that see the files."""

    def __init__(self, library: Library, jobs: Jobs) -> None:
        self._library, self._jobs = library, jobs
        self._stop = threading.Event()

    def stop(self) -> None:
        """End after the file at hand; the job is given back."""
        self._stop.set()
        self._jobs.sent.set()

    def run(self) -> None:
        """Until `stop`."""
        while not self._stop.is_set():
            try:
                job = self._jobs.take()
                if job is not None:
                    self._carry_out(job)
                    continue
            except LibraryUnavailable as error:
                logger.warning("%s", error)
                self._stop.wait(_PAUSE)
            self._jobs.sent.wait(_LOOK)
            self._jobs.sent.clear()

    def _carry_out(self, job: Job) -> None:
        halt, told = threading.Event(), 0.0
        latest: Progress | None = None

        def take(progress: Progress) -> None:
            nonlocal told, latest
            latest = progress
            if self._stop.is_set():
                halt.set()
            elif time.monotonic() - told >= _TOLD_EVERY:
                told = time.monotonic()
                with contextlib.suppress(LibraryUnavailable):  # the next document finds out
                    if self._jobs.told(job, progress):
                        halt.set()

        try:
            with speaking(job.language):
                report = self._library.add(list(job.paths), job.kb, tags=job.tags, progress=take, stop=halt)
        except (LibraryUnavailable, ModelError) as error:
            locked = isinstance(error, LibraryLocked)
            if not locked and job.tries >= MOST_TRIES:
                self._jobs.end(job, "failed", error=error)
                return
            logger.warning("%s", error)
            self._jobs.give_back(job, counted=not locked)
            self._stop.wait(_PAUSE)
        except Exception as error:
            if not isinstance(error, ZhikuError):
                logger.exception("a job failed")
            self._forget_refused(job, None)
            self._jobs.end(job, "failed", error=error)
        else:
            if report.interrupted and self._stop.is_set():
                self._jobs.give_back(job, counted=False)
                return
            self._forget_refused(job, report)
            if latest is not None:
                self._jobs.told(job, latest)
            self._jobs.end(job, "cancelled" if report.interrupted else "done", report)

    def _forget_refused(self, job: Job, report: Report | None) -> None:
        """An upload lives as long as its document."""
        with contextlib.suppress(ZhikuError):  # what can't be looked up stays
            kept = {document.path for document in self._library.documents(job.kb)}
            refused = (report.failed + report.skipped) if report else ()
            forget_refused(self._library.home, job.paths, kept - {one.path for one in refused})
