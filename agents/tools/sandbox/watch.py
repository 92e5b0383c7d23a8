"""Looking after a running process from outside: what it says, what it uses, and its end."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from agents.tools.plain import plain
from agents.tools.sandbox.folder import usage

if TYPE_CHECKING:
    import subprocess

    from agents.tools.sandbox.limits import Limits, Why

_DELETED_MAPS = 16
"""Mappings of files that have been removed: each may keep a file alive that nobody can count."""


class Listener:
    """Reads a pipe to its end on a thread of its own: keeps the beginning, drops the rest, counts it all."""

    def __init__(self, pipe: IO[bytes], most: int) -> None:
        self._pipe = pipe
        self._most = most
        self._kept = bytearray()
        self.total = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def truncated(self) -> bool:
        """Whether more came than was kept."""
        return self.total > len(self._kept)

    def done(self) -> bool:
        """Whether the other end is closed."""
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Wait for the end, at most so long."""
        self._thread.join(seconds)

    def text(self) -> str:
        """What was kept, as text without control characters."""
        return plain(bytes(self._kept).decode("utf-8", "replace"))

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while block := os.read(self._pipe.fileno(), 1 << 16):
                self._kept += block[: self._most - len(self._kept)]
                self.total += len(block)


def overdone(process: subprocess.Popen[bytes], folders: tuple[Path, ...], limits: Limits) -> Why | None:
    """The limit that the process is over, of those that the kernel doesn't hold by itself."""
    size, entries = usage(folders, limits.files)
    if size > limits.folder_bytes or entries > limits.files:
        return "files"
    own = Path(f"/proc/{process.pid}")
    with contextlib.suppress(OSError, ValueError, IndexError):  # another system, or the process is gone
        status = (own / "status").read_text("ascii", "replace")
        if int(status.partition("\nThreads:")[2].split()[0]) > limits.threads:
            return "threads"
        counters = dict(line.split(": ") for line in (own / "io").read_text("ascii").splitlines())
        if max(int(counters["wchar"]), int(counters["write_bytes"])) > limits.written_bytes:
            return "files"
        maps = (own / "maps").read_text("utf-8", "replace")
        if sum(line.endswith(" (deleted)") for line in maps.splitlines()) > _DELETED_MAPS:
            return "files"
    return None


def end(process: subprocess.Popen[bytes]) -> int:
    """Kill the process and its whole group; the exit status."""
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)  # before it is waited for: until then the number is its own
        else:
            process.kill()
    return process.wait()
