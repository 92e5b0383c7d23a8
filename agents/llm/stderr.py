"""The one thing llama.cpp writes past its log: why it rejects a grammar goes straight to the process's stderr."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_STDERR = 2
_one_at_a_time = threading.Lock()


@dataclass(slots=True)
class Heard:
    """What was written meanwhile."""

    wanted: bool = False
    """Set inside: keep the text here; otherwise it goes on to where it was meant to go."""
    text: str = ""


@contextlib.contextmanager
def kept_from_stderr() -> Iterator[Heard]:
    """Hold back what C code writes to file descriptor 2, for a moment, in the whole process.

    What another thread writes in that moment is passed on late, and lost only together with a rejected grammar.
    """
    heard = Heard()
    with _one_at_a_time, contextlib.ExitStack() as stack:
        try:
            before = os.dup(_STDERR)
        except OSError:  # closed, as under pythonw or some service managers: nothing to protect
            yield heard
            return
        stack.callback(os.close, before)
        written = stack.enter_context(tempfile.TemporaryFile())
        os.dup2(written.fileno(), _STDERR)
        try:
            yield heard
        finally:
            os.dup2(before, _STDERR)
            written.seek(0)
            raw = written.read()
            if heard.wanted:
                heard.text = raw.decode("utf-8", "replace").strip()
            elif raw:
                os.write(_STDERR, raw)
