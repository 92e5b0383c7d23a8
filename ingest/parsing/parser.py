"""The parent's side: workers started, fed, watched, replaced."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Literal, Self

from ingest.apart import messages
from ingest.apart.processes import buried, how_ended, interpreter, started
from ingest.documents import Parsed
from ingest.errors import LoadError
from ingest.language import Text, language
from ingest.parsing import wire
from ingest.parsing.worker import ALIVE, out_of_memory

if TYPE_CHECKING:
    from ingest.recognition import Recognition

Cause = Literal["", "timeout", "memory", "closed"]

FILES_PER_WORKER = 500
"""A worker is replaced after this many files, so that what a library leaks does not add up."""
START_SECONDS = 60.0
"""How long a worker may take to start, on a machine that is busy with other things."""
WATCH_EVERY = 0.1
"""Seconds between two looks at deadlines and memory."""


class Parser:
    """Parses files in `workers` processes, each file within `timeout_seconds` and `memory_bytes`.

    `load` names the function that does it, as 'module:function', taking a `Path` and giving a `Parsed`; where
    `max_bytes` or `recognition` is given, that is passed on as well. Each page that is recognised gives a file its
    time anew. What a document's notes say is in the caller's language.
    """

    def __init__(
        self,
        workers: int,
        timeout_seconds: float,
        memory_bytes: int,
        *,
        max_bytes: int = 0,
        load: str = "ingest.loaders:load",
        recognition: Recognition | None = None,
    ) -> None:
        self._recognition = recognition.packed() if recognition else ()
        self._timeout, self._memory, self._max_bytes, self._load = timeout_seconds, memory_bytes, max_bytes, load
        self._language = language()  # the caller's: our own threads know nothing of it
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._slots = [_Slot(self._start, timeout_seconds, memory_bytes) for _ in range(max(1, workers))]
        self._threads = [threading.Thread(target=self._serve, args=(slot,), daemon=True) for slot in self._slots]
        self._closed = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        for thread in (*self._threads, self._watcher):
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        for slot in self._slots:
            self._jobs.put(None)
            slot.stop("closed")
        for thread in (*self._threads, self._watcher):
            thread.join(timeout=10)
        for slot in self._slots:
            slot.close()

    def parse(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Parsed | LoadError]]:
        """Each path with its outcome, as they complete.

        `paths` is consumed lazily: at most twice as many files as workers are under way or waiting to be taken.
        """
        batch = _Batch()
        ahead, waiting, coming = 2 * len(self._slots), 0, iter(paths)
        try:
            while True:
                while waiting < ahead and (path := next(coming, None)) is not None:
                    self._jobs.put(_Job(path, batch))
                    waiting += 1
                if not waiting:
                    return
                outcome = self._wait(batch)
                waiting -= 1
                yield outcome
        finally:
            batch.dropped.set()

    def _wait(self, batch: _Batch) -> tuple[Path, Parsed | LoadError]:
        while True:
            # A wait without an end cannot be interrupted by Ctrl-C on Windows.
            with contextlib.suppress(queue.Empty):
                path, outcome = batch.done.get(timeout=0.5)
                if isinstance(outcome, LoadError) or not isinstance(outcome, BaseException):
                    return path, outcome
                raise outcome
            if self._closed.is_set():
                raise RuntimeError("the parser is closed")

    def _serve(self, slot: _Slot) -> None:
        while (job := self._jobs.get()) is not None:
            if self._closed.is_set():
                return
            if job.batch.dropped.is_set():
                continue
            try:
                job.batch.done.put((job.path, slot.parse(job.path)))
            except BaseException as error:  # noqa: BLE001 - carried to the thread that waits for it
                job.batch.done.put((job.path, error))

    def _watch(self) -> None:
        while not self._closed.wait(WATCH_EVERY):
            for slot in self._slots:
                slot.watch()

    def _start(self) -> subprocess.Popen[bytes]:
        given = (self._load, self._timeout, self._memory, self._language, self._max_bytes, self._recognition)
        # One thread per worker: a linear algebra library some format drags in must not take the embedder's cores.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        start = interpreter(f"from ingest.parsing.worker import main; main(*{given!r})")
        return started(start, environment, stdin=subprocess.PIPE)


class _Batch:
    """One call of `parse`: where its results go, and whether anybody still wants them."""

    def __init__(self) -> None:
        self.done: queue.SimpleQueue[tuple[Path, Parsed | BaseException]] = queue.SimpleQueue()
        self.dropped = threading.Event()


class _Job:
    def __init__(self, path: Path, batch: _Batch) -> None:
        self.path, self.batch = path, batch


class _Slot:
    """A place for one worker process: used by one thread, watched and stopped by others."""

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]], timeout: float, memory: int) -> None:
        self._start, self._timeout, self._memory = start, timeout, memory
        self._process: subprocess.Popen[bytes] | None = None
        self._files = 0
        self._deadline = float("inf")
        self._cause: Cause = ""
        self._lock = threading.Lock()

    def parse(self, path: Path) -> Parsed | LoadError:
        """The outcome for one file; a worker that dies over it is replaced before the next.

        A worker that somebody else killed (the system, short of memory) gets one successor for the same file.
        """
        outcome = self._attempt(path)
        return self._attempt(path) or _killed() if outcome is None else outcome

    def _attempt(self, path: Path) -> Parsed | LoadError | None:
        """The outcome, or None when the worker was killed by neither us nor the file."""
        try:
            while not self._hand_over(str(path)):
                self._bury()  # it died while it idled
            while (answer := messages.receive(self._output())) == ALIVE:
                with self._lock:
                    self._deadline = time.monotonic() + self._timeout
            packed, sound = answer
        except Exception as error:  # noqa: BLE001 - the pipe broke or what came is not an answer: the worker is lost
            broken = isinstance(error, (EOFError, OSError))
            cause, status = self._bury(patience=2.0 if broken else 0.0)
            outside = broken and not cause and os.name == "posix" and status == -signal.SIGKILL
            return None if outside else _lost(cause, status, self._timeout)
        with self._lock:
            self._deadline = float("inf")
        self._files += 1
        if not sound or self._files >= FILES_PER_WORKER:
            self._bury()
        found: Parsed | LoadError = wire.unpack(packed)
        return found

    def _hand_over(self, path: str) -> bool:
        """Give the path to the worker, starting one if there is none; False if it had died since its last file."""
        with self._lock:
            fresh = self._process is None
            if self._cause == "closed":
                raise EOFError
            if self._process is None:
                self._process, self._files = self._start(), 0
            self._deadline = time.monotonic() + (START_SECONDS if fresh else self._timeout)
            process = self._process
        if fresh:
            messages.receive(self._output())  # its sign that it is ready: a slow start is not the file's fault
            with self._lock:
                self._deadline = time.monotonic() + self._timeout
        try:
            messages.send(process.stdin, path)  # type: ignore[arg-type]
        except OSError:
            if fresh:
                raise
            return False
        return True

    def _output(self) -> IO[bytes]:
        with self._lock:
            if self._process is None or self._process.stdout is None:
                raise EOFError
            return self._process.stdout

    def watch(self) -> None:
        """End the worker if it is over its time, or over its memory where the system does not see to that."""
        with self._lock:
            process, busy = self._process, self._deadline != float("inf")
            if process is not None and time.monotonic() > self._deadline:
                # Under the lock: a moment later the worker may be at the next file.
                self._cause = "timeout"
                process.kill()
                return
        if process is None or not busy:
            return
        if sys.platform != "linux" and self._memory and _resident(process.pid) > self._memory:
            self.stop("memory")

    def stop(self, cause: Cause) -> None:
        """Kill the worker, by its own process id."""
        with self._lock:
            self._cause = cause
            if self._process is not None:
                self._process.kill()

    def _bury(self, patience: float = 0.0) -> tuple[Cause, int]:
        """Make sure the worker is gone; why it was stopped, and its exit status.

        `patience`: seconds to let one that is already going end by itself, so that its status is its own.
        """
        with self._lock:
            process, self._process, self._deadline = self._process, None, float("inf")
            cause: Cause = self._cause
            if cause != "closed":
                self._cause = ""
        return cause, 0 if process is None else buried(process, patience)

    def close(self) -> None:
        """Kill the worker for good and collect it."""
        self.stop("closed")
        self._bury()


def _resident(pid: int) -> int:
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _killed() -> LoadError:
    return LoadError(
        Text("The system ended the reader of this file twice.", "系统两次终止了该文件的读取程序。"),
        Text("Free some memory and add it again.", "请释放一些内存后重新添加。"),
    )


def _lost(cause: Cause, status: int, timeout: float) -> LoadError:
    """What to tell about a file whose worker did not come back."""
    if cause == "timeout":
        return LoadError(
            Text(f"Reading the file took longer than {timeout:g} s.", f"读取该文件超过了 {timeout:g} 秒。"),
            Text("Split the file, or raise the setting parse_timeout.", "请拆分文件，或调高设置 parse_timeout。"),
        )
    if cause == "memory":
        return out_of_memory()
    if cause == "closed":
        return LoadError(Text("Reading was stopped.", "读取已停止。"), Text("Add it again.", "请重新添加。"))
    how = how_ended(status)
    return LoadError(
        Text(f"The file crashed its reader ({how}).", f"该文件使读取程序崩溃（{how}）。"),
        Text(
            "Open it in its program, save it as a new file, and add that.",
            "请用原程序打开并另存为新文件，再添加新文件。",
        ),
    )
