"""Looking after a running process from outside: what it says and what it uses."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from pathlib import Path
from typing import IO

from agents.tools.plain import plain
from agents.tools.sandbox.folder import usage
from agents.tools.sandbox.limits import Limits, Why

_DELETED_MAPS = 16
"""Mappings of files that have been removed: each may keep a file alive that nobody can count."""


class Listener(threading.Thread):
    """Reads a pipe to its end on a thread of its own: keeps the beginning, drops the rest, counts it all."""

    def __init__(self, pipe: IO[bytes], most: int) -> None:
        super().__init__(daemon=True)
        self._pipe, self._most = pipe, most
        self._kept = bytearray()
        self.total = 0
        self.start()

    @property
    def truncated(self) -> bool:
        """Whether more came than was kept."""
        return self.total > len(self._kept)

    def text(self) -> str:
        """What was kept, as text without control characters."""
        return plain(bytes(self._kept).decode("utf-8", "replace"))

    def run(self) -> None:
        """Read until the other end is closed."""
        with contextlib.suppress(OSError, ValueError):
            while block := os.read(self._pipe.fileno(), 1 << 16):
                self._kept += block[: self._most - len(self._kept)]
                self.total += len(block)


class Watch:
    """Looks at a process and its folders for limits that the kernel doesn't hold by itself."""

    def __init__(self, process: subprocess.Popen[bytes], folders: tuple[Path, ...], limits: Limits) -> None:
        self._own = Path(f"/proc/{process.pid}")
        self._folders, self._limits = folders, limits
        self.cpu_seconds = 0.0
        """Processor time at the last look; 0 where the system doesn't tell."""

    def over(self) -> Why | None:
        """The limit that is passed, if one is."""
        size, entries = usage(self._folders, self._limits.files)
        if size > self._limits.folder_bytes or entries > self._limits.files:
            return "files"
        with contextlib.suppress(OSError, ValueError, IndexError):  # another system, or the process is gone
            # proc_pid_stat(5), counted after the name, which may hold anything: 12 and 13 are utime and stime, 18 threads
            fields = (self._own / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            self.cpu_seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            if int(fields[17]) > self._limits.threads:
                return "threads"
            counters = dict(line.split(": ") for line in (self._own / "io").read_text("ascii").splitlines())
            if max(int(counters["wchar"]), int(counters["write_bytes"])) > self._limits.written_bytes:
                return "files"
            maps = (self._own / "maps").read_text("utf-8", "replace")
            if sum(line.endswith(" (deleted)") for line in maps.splitlines()) > _DELETED_MAPS:
                return "files"
        return None
