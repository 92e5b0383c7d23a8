"""The first lines of a process of ours that does work apart. Imports next to nothing: it starts for every piece of work."""

from __future__ import annotations

import contextlib
import os
from typing import BinaryIO


def answers() -> BinaryIO:
    """Where the parent listens. What a library prints from now on is no answer: file descriptor 1 is the null device."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return output


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
