"""The first lines of a process of ours that does work apart. Imports next to nothing: it starts for every piece of work."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from ingest.apart import messages


def answers() -> BinaryIO:
    """Where the parent listens. What a library prints from now on is no answer: file descriptor 1 is the null device."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return output


def heard() -> queue.SimpleQueue[Any]:
    """The parent's messages as they come. The moment it closes its end, by intent or by dying, this process ends."""
    heard: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def listen() -> None:
        try:
            while True:
                heard.put(messages.receive(sys.stdin.buffer))
        except (EOFError, OSError):
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    return heard


class Limit:
    """Ends this process when a piece of work takes longer than so many seconds and its parent, being gone, can't."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._nowhere = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process

    def begin(self) -> None:
        """From now on; also anew, in the middle of it."""
        # A thread of C, so it also ends work that never gives the interpreter back.
        faulthandler.dump_traceback_later(self._seconds, exit=True, file=self._nowhere)

    def end(self) -> None:
        """It is done."""
        faulthandler.cancel_dump_traceback_later()


def bound(memory: int, file_bytes: int | None = None) -> None:
    """Hold this process to `memory` bytes of address space (0: any) and files of `file_bytes` (None: any), where the
    system can. No core is dumped."""
    try:
        import resource
    except ImportError:  # Windows
        return
    bounds = {resource.RLIMIT_CORE: 0}
    if memory:
        bounds[resource.RLIMIT_AS] = memory
    if file_bytes is not None:
        bounds[resource.RLIMIT_FSIZE] = file_bytes
    for kind, most in bounds.items():
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(kind, (most, most))
