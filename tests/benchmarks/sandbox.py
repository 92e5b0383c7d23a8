"""How long confined Python takes to start and answer; `python -m tests.benchmarks sandbox`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from agents.tools.sandbox import Protections, Sandbox

RUNS = 20


def run() -> str:
    """Markdown table of milliseconds from the call to the result."""
    here = Protections.here()
    if reason := here.missing():
        return f"## Sandbox\n\n{reason}"
    sandbox = Sandbox()
    plain = [sys.executable, "-I", "-S", "-B", "-c", "1 + 1"]
    rows = {
        "an interpreter alone": lambda: subprocess.run(plain, check=True),
        "`1 + 1`, confined": lambda: sandbox.run("1 + 1"),
        "`import json, csv, re, statistics, datetime`, confined": lambda: sandbox.run(
            "import json, csv, re, statistics, datetime"
        ),
        "an exception with its lines, confined": lambda: sandbox.run("1 / 0"),
    }
    lines = [
        f"## Sandbox\n\nLandlock {here.landlock}, seccomp, {here.machine}; {RUNS} runs each.\n",
        "| from call to result | median ms | 95th percentile ms |\n|---|---:|---:|",
    ]
    for name, work in rows.items():
        times = _times(work)
        lines.append(f"| {name} | {np.median(times):.0f} | {np.percentile(times, 95):.0f} |")
    return "\n".join(lines)


def _times(work: Callable[[], object]) -> list[float]:
    work()
    found = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - begun))
    return found
