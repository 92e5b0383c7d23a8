"""The process that parses: reads paths from its input, writes results to its output, one at a time."""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from ingest.apart import messages
from ingest.apart.child import Limit, answers, bound, heard
from ingest.documents import Parsed
from ingest.errors import LoadError
from ingest.language import Text, speak
from ingest.pages import shorten
from ingest.parsing import wire
from ingest.parsing.precheck import unreadable

ALIVE = "alive"
"""Sent while a file is read: its time begins anew."""
GRACE = 5.0
"""Seconds past the time limit after which a worker whose parent is gone ends itself."""


def main(
    load: str, timeout: float, memory: int, language: str, max_bytes: int = 0, recognition: tuple[Any, ...] = ()
) -> None:
    """Serve until the input ends.

    `load` is 'module:function', `memory` bytes of address space (0: no limit), `max_bytes` the largest file
    (0: the function's own limit), `recognition` a packed `Recognition` (empty: the function is given no recogniser).
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output = answers()
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    bound(memory)  # where the system can; elsewhere the parent watches us
    speak("zh" if language == "zh" else "en")
    function: Callable[..., Parsed] = _function(load)
    if max_bytes:
        function = functools.partial(function, max_bytes=max_bytes)
    limit = Limit(timeout + GRACE)
    recogniser = None
    if recognition:
        from ingest.recognition import Recognition, opened

        recogniser = opened(Recognition(*recognition), lambda: _go_on(output, limit))
        function = functools.partial(function, recogniser=recogniser)
    jobs = heard()
    messages.send(output, "ready")
    while True:
        path = Path(jobs.get())
        if recogniser is not None:
            recogniser.begin(path)
        limit.begin()
        outcome, sound = _outcome(function, path)
        limit.end()
        messages.send(output, (wire.pack(outcome), sound))
        if not sound:
            os._exit(0)


def _go_on(output: IO[bytes], limit: Limit) -> None:
    """A page was recognised: the file's time begins anew. A scanned book takes as long as it has pages."""
    limit.begin()
    messages.send(output, ALIVE)


def _outcome(load: Callable[[Path], Parsed], path: Path) -> tuple[Parsed | LoadError, bool]:
    """The result, and whether the process is fit for another file."""
    try:
        return load(path), True
    except MemoryError:
        return out_of_memory(), False
    except Exception as error:  # noqa: BLE001 - a library's surprise about one file must not stop the others
        return _refused(error), True


def _refused(error: Exception) -> LoadError:
    """What there is to say of a file over which a loader raised `error`."""
    if isinstance(error, LoadError):
        return error
    if isinstance(error, RecursionError):
        return LoadError(
            Text("The file is nested too deeply.", "文件的嵌套层次过深。"),
            Text("Open it in its program and save it again.", "请用原程序打开并重新保存。"),
        )
    if isinstance(error, OSError):
        return unreadable(error)
    what = type(error).__name__
    return LoadError(
        Text(
            f"The file is damaged or unusual ({what}: {shorten(str(error), 120)}).",
            f"文件已损坏或格式特殊（{what}：{shorten(str(error), 120)}）。",
        ),
        Text(
            "Open it in its program, save it again, and add it once more.", "请用原程序打开并另存一份，然后重新添加。"
        ),
    )


def out_of_memory() -> LoadError:
    """The error for a file that needs more memory than it may have."""
    return LoadError(
        Text("Reading the file takes more memory than allowed.", "读取该文件所需内存超过上限。"),
        Text("Split the file, or raise the setting parse_memory_mb.", "请拆分文件，或调高设置 parse_memory_mb。"),
    )


def _function(spec: str) -> Callable[..., Parsed]:
    module, _, name = spec.partition(":")
    found: Any = getattr(importlib.import_module(module), name)
    return found  # type: ignore[no-any-return]
