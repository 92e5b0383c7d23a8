"""The vector index in a process of its own: a damaged file ends that process and nothing else.

Chroma's core follows the links in its files as it finds them, so a page of random bytes is a segmentation fault, an
abort or an endless loop, at the first look or at any later one. Here each is an `IndexDamagedError`, upon which the
index is built again from the catalog (`ingest.mirror`).
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ingest.apart import messages
from ingest.apart.child import Limit, answers, bound, heard
from ingest.apart.processes import buried, how_ended, interpreter, started
from ingest.vectors.chroma import ChromaIndex, IndexDamagedError, emptied

CALLS = frozenset({"upsert", "delete", "query", "vectors", "ids", "drop", "collections"})
"""Of `VectorIndex`, what is done here; the rest is about the process."""
SECONDS = 120.0
"""For one call: 1,000 vectors or a search take a fraction of one, opening an index of a million some ten."""
_GRACE = 5.0
"""Seconds past that after which the process ends itself, where its parent is gone."""
_IDLE = 60.0
"""Seconds without a call after which it goes, and gives its memory back."""
_LEAVING = 2.0
"""Seconds for a process that is told to go, or is going already, until it is ended."""


class IndexApart:
    """A `VectorIndex` in a folder; its process starts with the first call and ends after a while without any."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The calls of `VectorIndex`, carried out there."""
        if name not in CALLS:
            raise AttributeError(name)
        return partial(self._call, name)

    def reopen(self) -> None:
        """See `VectorIndex.reopen`: another process is started when it is needed."""
        with self._lock:
            process, self._process = self._process, None
            if process is None:
                return
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()  # the sign to go
            buried(process, _LEAVING)

    def discard(self) -> None:
        """See `VectorIndex.discard`."""
        with self._lock:
            self.reopen()
            emptied(self._folder)

    def close(self) -> None:
        """See `VectorIndex.close`."""
        self.reopen()

    def _call(self, name: str, *arguments: object) -> Any:  # noqa: ANN401 - what the call of that name returns
        sent = tuple(map(flat, arguments))
        with self._lock:
            answer = self._asked(name, sent)
            if answer is None:  # it had left, as it does when it has long had nothing to do
                answer = self._asked(name, sent)
            if answer is None:
                raise IndexDamagedError("its process ended before it answered")
        kind, value = answer
        if kind == "damaged":
            raise IndexDamagedError(value)
        return whole(value)

    def _asked(self, name: str, arguments: tuple[object, ...]) -> tuple[str, Any] | None:
        """The answer, or None from a process that went of its own accord. Raises `IndexDamagedError`."""
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Timer(SECONDS, process.kill)
        late.daemon = True
        late.start()
        try:
            messages.send(process.stdin, (name, arguments))
            answer: tuple[str, Any] = messages.receive(process.stdout)
        except Exception as error:  # the pipe broke, or what came is no answer: the process is lost
            self._process = None
            status = buried(process, _LEAVING)
            if status == 0:
                return None
            raise IndexDamagedError(f"its process ended: {how_ended(status)}") from error
        finally:
            late.cancel()
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        code = f"from ingest.vectors.apart import main; main({str(self._folder)!r})"
        try:
            return started(interpreter(code), dict(os.environ), stdin=subprocess.PIPE)
        except OSError as error:  # no memory for another process, say
            raise IndexDamagedError(f"its process can't be started: {error.strerror}") from error


def main(folder: str) -> None:
    """Serve the index in `folder`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output = answers()
    bound(memory=0)
    index = ChromaIndex(Path(folder))
    calls, limit = heard(), Limit(SECONDS + _GRACE)
    while True:
        try:
            name, arguments = calls.get(timeout=_IDLE)
        except queue.Empty:
            os._exit(0)
        limit.begin()
        try:
            answer = ("done", flat(getattr(index, name)(*map(whole, arguments))))
        except IndexDamagedError as error:
            answer = ("damaged", error.why)
        limit.end()
        messages.send(output, answer)


def flat(value: Any) -> Any:  # noqa: ANN401 - an argument or a result of `VectorIndex`
    """It as builtin values: vectors travel as the bytes of float32, little endian."""
    if isinstance(value, dict):
        return {key: flat(one) for key, one in value.items()}
    return {"<f4": value.astype("<f4").tobytes(), "shape": value.shape} if isinstance(value, np.ndarray) else value


def whole(value: Any) -> Any:  # noqa: ANN401
    """What `flat` was given."""
    if not isinstance(value, dict):
        return value
    if "<f4" not in value:
        return {key: whole(one) for key, one in value.items()}
    return np.frombuffer(value["<f4"], "<f4").reshape(value["shape"])
