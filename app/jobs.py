"""Adding files in the background, so that a page can show progress and a person can leave it meanwhile."""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from typing import TYPE_CHECKING

from ingest.errors import ZhikuError
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ingest.documents import Report
    from ingest.library import Library
    from ingest.progress import Progress

log = logging.getLogger(__name__)


class AddJob:
    """One `library.add` in a thread of its own."""

    def __init__(self, library: Library, kb: str, paths: Sequence[str | Path], *, prune: bool = False) -> None:
        self.kb = kb
        self.paths = tuple(map(str, paths))
        self.progress: Progress | None = None
        self.report: Report | None = None
        self.error: ZhikuError | None = None
        self.began = time.monotonic()
        self._stop = threading.Event()
        self._library = library
        self._prune = prune
        # The thread speaks the language of the tab that started it.
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._work,), name="zhiku-add", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """True until there is a report or an error."""
        return self.report is None and self.error is None

    @property
    def stopping(self) -> bool:
        """True once it was asked to stop; what is finished by then stays."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask it to stop after the file at hand."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Until it has ended."""
        self._thread.join(seconds)

    def _note(self, progress: Progress) -> None:
        self.progress = progress

    def _work(self) -> None:
        try:
            self.report = self._library.add(
                list(self.paths), self.kb, prune=self._prune, progress=self._note, stop=self._stop
            )
        except ZhikuError as error:
            self.error = error
        except Exception as error:
            log.exception("Adding to %s failed", self.kb)
            self.error = ZhikuError(
                Text(en=f"Adding stopped with an unexpected error: {error}.", zh=f"添加因意外错误而停止：{error}。"),
                Text(
                    en="What was finished is kept. The terminal that runs the application shows the details.",
                    zh="已完成的部分会保留。详情见运行本应用的终端。",
                ),
            )


class Jobs:
    """At most one job at a time: the library has one writer. Shared by all tabs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._job: AddJob | None = None

    @property
    def latest(self) -> AddJob | None:
        """The job that runs, or the last one that ran until it is dismissed."""
        return self._job

    def start(self, library: Library, kb: str, paths: Sequence[str | Path], *, prune: bool = False) -> bool:
        """Start adding. False, and nothing happens, while another job runs."""
        with self._lock:
            if self._job is not None and self._job.running:
                return False
            self._job = AddJob(library, kb, paths, prune=prune)
            return True

    def dismiss(self) -> None:
        """Forget a job that has ended."""
        with self._lock:
            if self._job is not None and not self._job.running:
                self._job = None
