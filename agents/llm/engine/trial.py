"""The first load of a model is tried in a process of its own, because llama.cpp ends the process it is in when a file or
a driver surprises it (GGML_ASSERT, a CUDA error), and Linux kills the one that takes too much memory.

    python -m agents.llm.engine.trial OPTIONS     loads, computes, and says {"error": …} or {}

A load that went well once, of the same file with the same options, is not tried again, nor, by one process, one that broke
down. While a model is being loaded a marker lies beside that note: one whose process is gone says that the load killed it,
and that a trial is due.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter

from agents.llm.engine import loading
from agents.llm.engine.options import EngineOptions
from agents.llm.errors import out_of_memory
from agents.llm.native import version
from ingest.errors import ModelError
from ingest.language import Text

_LONGEST = 1800
"""Seconds a trial may take: a large file on a slow disk."""
_BATCH_ON_CPU = 32
"""Tokens computed where nothing but the processor is involved, which has no workspace that could be refused."""
_broken: dict[Path, tuple[int, str]] = {}
"""Notes of loads that llama.cpp broke down in → the signal and its log: for this process they are not tried again."""


def load(options: EngineOptions) -> loading.Loaded:
    """As `loading.load`; a model that was never loaded like this is first tried in a process that may die. Raises
    `ModelError`."""
    with guarded(options):
        return loading.load(options)


@contextlib.contextmanager
def guarded(options: EngineOptions) -> Iterator[None]:
    """Around a load in this process. Raises `ModelError` when the trial says that it would fail, or kill us."""
    if options.path == _bundled():  # came with the program and is loaded by its tests
        yield
        return
    note = _note(options)
    if note in _broken:
        raise _killed(options.path, *_broken[note])
    marker = note.with_suffix(f".{os.getpid()}")
    if not note.exists() or _left_behind(note):
        _try(options)
    with contextlib.suppress(OSError):
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.touch()
    try:
        yield
        with contextlib.suppress(OSError):
            note.touch()
    finally:
        marker.unlink(missing_ok=True)


def try_out(options: EngineOptions) -> None:
    """A trial now, whatever is known; a good one is noted. Raises `ModelError`."""
    note = _note(options)
    note.unlink(missing_ok=True)
    _try(options)
    with contextlib.suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        note.touch()


def _try(options: EngineOptions) -> None:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "agents.llm.engine.trial", _json().dump_json(options)],
            capture_output=True,
            timeout=_LONGEST,
            check=False,
            env={**os.environ, "GGML_NO_BACKTRACE": "1"},  # it would start a debugger
        )
    except (OSError, subprocess.TimeoutExpired):
        return  # nothing was learnt
    if done.returncode < 0:
        ended = -done.returncode, done.stderr.decode("utf-8", "replace")
        if ended[0] != getattr(signal, "SIGKILL", 9):  # there may be memory the next time
            _broken[_note(options)] = ended
        raise _killed(options.path, *ended)
    with contextlib.suppress(ValueError):
        said = json.loads(done.stdout)
        if isinstance(said, dict) and "error" in said:
            message, hint = said["error"]
            raise ModelError(Text(**message), Text(**hint) if hint else None)


def _killed(path: Path, number: int, log: str) -> ModelError:
    """What the signal that ended a trial means."""
    if number == getattr(signal, "SIGKILL", 9):
        return out_of_memory(path)
    lines = [line for line in log.splitlines() if any(word in line for word in ("GGML_ASSERT", "what():", "error"))]
    name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
    detail = " ".join((lines[-1] if lines else name).split())
    detail = detail[detail.find("GGML_ASSERT") :] if "GGML_ASSERT" in detail else detail
    return ModelError(
        Text(
            f"{path} can't be loaded: llama.cpp broke down in a trial run ({detail[:200]}).",
            f"无法载入 {path}：llama.cpp 在试运行中崩溃（{detail[:200]}）。",
        ),
        Text(
            "The file is damaged, or of a kind that this llama-cpp-python can't run: fetch it again, set "
            "gpu_layers = 0, or choose another model.",
            "文件已损坏，或当前 llama-cpp-python 无法运行此类模型：请重新下载、设置 gpu_layers = 0，或换一个模型。",
        ),
    )


@functools.cache
def _json() -> TypeAdapter[EngineOptions]:
    return TypeAdapter(EngineOptions)


@functools.cache
def _bundled() -> Path | None:
    from agents.llm.names import bundled_file

    try:
        return bundled_file()
    except ModelError:
        return None


def _note(options: EngineOptions) -> Path:
    """The file that says of a load that it went well, named by everything that decides about it except what else the
    machine is doing."""
    from platformdirs import user_cache_path

    known = _json().dump_json(options, exclude={"threads", "prefixes"}) + version().encode()
    return user_cache_path("zhiku", appauthor=False) / "loads" / f"{hashlib.sha256(known).hexdigest()[:32]}.ok"


def _left_behind(note: Path) -> bool:
    """Whether a load of the same ended with its process; the marker is taken away."""
    import psutil

    dead = [
        marker
        for marker in note.parent.glob(f"{note.stem}.*")
        if marker.suffix[1:].isdigit() and not psutil.pid_exists(int(marker.suffix[1:]))
    ]
    for marker in dead:
        marker.unlink(missing_ok=True)
    return bool(dead)


def _main(written: str) -> None:
    try:
        loaded = loading.load(_json().validate_json(written))
        tokens = min(loaded.context.batch_tokens if loaded.weights.gpu_layers else _BATCH_ON_CPU, loaded.context.tokens)
        loaded.context.put([loaded.weights.vocabulary // 2] * tokens, 0, 0, wants_logits=True)
        loaded.context.decode()
    except ModelError as error:
        message, hint = ({"en": text.en, "zh": text.zh} if text else None for text in (error.message, error.hint))
        sys.stdout.write(json.dumps({"error": [message, hint]}))
    else:
        sys.stdout.write("{}")
    sys.stdout.flush()
    os._exit(0)  # what a driver does on the way out says nothing about the model


if __name__ == "__main__":
    _main(sys.argv[1])
