"""Programs that can be walked away from: each a child of ours in a session of its own, ended with all that it started.

What such a child of our own does first, to keep itself within bounds, is in `child`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from ingest.apart.threads import Clock

_LOOK = 0.05
"""Seconds between two looks at the clock while a program says nothing."""


def interpreter(code: str) -> list[str]:
    """The command of a fresh Python that finds the modules we find and runs `code`.

    Not `multiprocessing`, which would run the user's main script again (a script without `if __name__ == "__main__"`
    would start itself without end), and never a fork, because we have threads, OpenMP and SQLite open.
    """
    return [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {code}"]


def started(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdin: int | IO[bytes],
    stderr: int = subprocess.DEVNULL,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """The program, running, with its output in a pipe to us. In a session of its own: Ctrl-C in the terminal is for us
    alone, and `end` reaches whatever the program starts."""
    return subprocess.Popen(
        command,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=environment,
        cwd=cwd,
        start_new_session=os.name == "posix",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def output(process: subprocess.Popen[bytes], clock: Clock) -> bytes:
    """What the program says until it ends by itself or the clock ends it. Raises `Cancelled` and `OutOfTime`.

    Its input has to be a file: after a wait that was too short nothing more would be sent (Python 3.11).
    """
    with process:
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return process.communicate(timeout=min(_LOOK, clock.remaining()))[0]
        finally:
            end(process)


def buried(process: subprocess.Popen[bytes], patience: float) -> int:
    """See that the program is gone, with what it started and the pipes to it; its exit status. One that is going by itself
    has `patience` seconds for it, so that its status is its own."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    status = process.poll()
    ended = end(process)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    return ended if status is None else status


def how_ended(status: int) -> str:
    """'SIGSEGV' or 'exit status 3'."""
    with contextlib.suppress(ValueError):
        if status < 0:
            return signal.Signals(-status).name
    return f"exit status {status}"


def end(process: subprocess.Popen[bytes]) -> int:
    """Kill the program and its whole group; the exit status. What it started is ended also when it has left by itself:
    the group keeps its number as long as anybody is in it."""
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    return process.wait()
