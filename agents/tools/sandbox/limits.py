"""How much a run may take, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Why = Literal["done", "error", "exit", "time", "cpu", "memory", "output", "files", "threads", "cancelled", "crashed"]
"""How a run ended: to its end; by an exception; by leaving early with a status; over a limit; stopped; by a signal."""

_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one run. Those that only the parent sees may be passed for a tenth of a second before it ends."""

    seconds: float = 20.0
    """By the clock."""
    cpu_seconds: int = 15
    """Of all threads together."""
    memory_bytes: int = 512 * _MB
    """Of address space, the interpreter's own 30 MB included."""
    file_bytes: int = 32 * _MB
    """The largest file."""
    folder_bytes: int = 64 * _MB
    """All files together, those given included."""
    files: int = 200
    """Files and folders, those given included."""
    written_bytes: int = 512 * _MB
    """Written in all, also to files that are gone again."""
    open_files: int = 64
    threads: int = 32
    output_bytes: int = 64 * 1024
    """Of stdout and stderr each, and of the value, that are kept."""
    flood_bytes: int = 16 * _MB
    """Output after which the run is ended; what lies between the two is read and dropped."""


@dataclass(frozen=True, slots=True)
class SandboxResult:
    """What a run left behind. All of it was written by the code: data to show, never to trust."""

    why: Why
    stdout: str = ""
    stderr: str = ""
    value: str = ""
    """`repr` of the last expression; empty when the last statement is none, or its value is None."""
    error: str = ""
    """The exception with the lines of the code that led to it, for `why='error'` and `'memory'`."""
    made: Mapping[str, bytes] = field(default_factory=dict)
    """Files that are new or changed, by their path in the folder."""
    left_out: tuple[str, ...] = ()
    """Files that could not be kept: too deep, or of names that are no text."""
    status: int = 0
    """The process's exit status; negative: the signal that ended it."""
    truncated: bool = False
    """True when stdout, stderr or value is the beginning of something longer."""
