"""Asks llama.cpp itself how large its compute buffers will be: it builds its graphs and allocates nothing (no_alloc).

llama-cpp-python does not reach llama_memory_breakdown (C++ only), so the sizes are read from llama.cpp's log, which
states them to a hundredth of a MiB. A file that makes llama.cpp crash would take this process with it, so a command
that only wants to know asks a process of its own (`measure_apart`).
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from agents.llm.placing.plan import CPU
from agents.llm.use import Use
from ingest.errors import ModelError

_BUFFER = re.compile(r"(\S+)\s+(?:compute|output) buffer size =\s+([\d.]+) MiB")
_SECONDS = 60


def measure(path: Path, gpu_layers: int, experts_on_cpu: int, use: Use) -> dict[str, int] | None:
    """Bytes of compute and output buffers by device name (host memory used by a GPU counts as the CPU's)."""
    from agents.llm.native import Context, Weights

    heard = _Listener()
    log = logging.getLogger("zhiku.llama")
    level = log.level
    log.addHandler(heard)
    log.setLevel(logging.DEBUG)
    try:
        with closing(Weights(path, gpu_layers, experts_on_cpu=experts_on_cpu, allocate=False)) as weights:
            Context(weights, use, 1).close()
    except ModelError:
        return None
    finally:
        log.setLevel(level)
        log.removeHandler(heard)
    return heard.sizes or None


def measure_apart(path: Path, gpu_layers: int, experts_on_cpu: int, use: Use) -> dict[str, int] | None:
    """The same in a process of its own that may die."""
    asked = json.dumps([str(path), gpu_layers, experts_on_cpu, asdict(use)])
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, asked], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        answer = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    return {str(key): int(value) for key, value in answer.items()} if isinstance(answer, dict) else None


class _Listener(logging.Handler):
    """Adds up what llama.cpp says about buffers."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.sizes: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if found := _BUFFER.search(record.getMessage()):
            device = CPU if found[1].startswith(CPU) or found[1].endswith("_Host") else found[1]
            self.sizes[device] = self.sizes.get(device, 0) + int(float(found[2]) * 2**20)


def _main(asked: str) -> None:
    path, gpu_layers, experts_on_cpu, use = json.loads(asked)
    sys.stdout.write(json.dumps(measure(Path(path), gpu_layers, experts_on_cpu, Use(**use))))


if __name__ == "__main__":
    _main(sys.argv[1])
