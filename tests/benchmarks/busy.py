"""Reading and writing beside other work: the engine's own choice of threads against fixed ones, taking turns."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from agents.llm.engine.loading import Loaded, load
from agents.llm.engine.options import EngineOptions
from agents.llm.engine.sampling import Sampling
from agents.llm.engine.scheduler import Scheduler
from agents.llm.engine.threads import Threads
from agents.llm.engine.tickets import Ticket
from agents.llm.names import OnDisk, resolve
from agents.llm.placing.choice import Wish
from tests.benchmarks.own_home import own_home

_PASSAGE = "The staff handbook says that every employee has twenty-five days of paid leave a year. "
_READ = 256
_LONGEST = 30.0
"""Seconds a reply may take; what has been written by then counts."""


class _Timed(Ticket):
    """Notes when each token came."""

    def __init__(self, tokens: list[int], most: int) -> None:
        super().__init__(tokens, Sampling(), most)
        self.stamps: list[float] = []

    def deliver(self, event: int | str | BaseException) -> None:
        if isinstance(event, int):
            self.stamps.append(time.perf_counter())


def run(model: str = "", rounds: int = 3, reply: int = 32) -> str:
    """A Markdown table for `model`, by default the bundled one."""
    with own_home():
        found = resolve(model or os.environ.get("ZHIKU_MODEL", "bundled"))
        if not isinstance(found, OnDisk):
            return "## Beside other work\n\nNeeds a model that is a file."
        every = Threads(watch=False).number
        loaded = load(EngineOptions.of(found.path, Wish(2048, parallel=1), threads=every))
        figures = _measured(loaded, every, int(rounds), int(reply))
        loaded.context.close()
        loaded.weights.close()
    share = figures[1, False]
    rows = [
        ("one thread, nothing else runs: one core's share", share, ""),
        (f"{every} threads, nothing else runs", figures[every, False], ""),
        ("as many as are free, nothing else runs", figures[0, False], f"≥ .97 of {every} threads"),
        (f"{every} threads beside one busy core", figures[every, True], ""),
        ("one thread beside one busy core", figures[1, True], ""),
        ("as many as are free, beside one busy core", figures[0, True], "≥ .8 of one core's share"),
    ]
    lines = [
        f"| {name} | {read:.1f} | {write:.1f} | {write / share[1]:.2f} | {goal} |" for name, (read, write), goal in rows
    ]
    head = [
        "## Beside other work",
        "",
        f"{found.name}, prompts of {_READ} tokens, replies of {reply}, {rounds} rounds, medians",
        "",
        "| | reading, tokens/s | writing, tokens/s | writing, of one core's share | goal |",
        "|---|---|---|---|---|",
    ]
    return "\n".join(head + lines)


def _measured(loaded: Loaded, every: int, rounds: int, reply: int) -> dict[tuple[int, bool], tuple[float, float]]:
    """Median tokens a second reading and writing by (threads, or 0 for as many as are free; beside a busy core)."""
    found: dict[tuple[int, bool], list[tuple[float, float]]] = {}
    for round_ in range(rounds):
        for beside in (False, True):
            with _busy_core() if beside else contextlib.nullcontext():
                # Who comes first changes from round to round: the machine does too.
                for number in sorted({every, 1, 0}, reverse=round_ % 2 == 1):
                    found.setdefault((number, beside), []).append(_asked(loaded, number, reply))
    return {
        key: (statistics.median(read for read, _ in rows), statistics.median(write for _, write in rows))
        for key, rows in found.items()
    }


def _asked(loaded: Loaded, number: int, reply: int) -> tuple[float, float]:
    """Tokens a second reading and writing, in a fresh conversation."""
    loaded.context.clear()
    loaded.context.compute_with(number or loaded.threads.number)
    scheduler = Scheduler(loaded.weights, loaded.context, 1, Threads(number))
    ticket = _Timed((loaded.weights.tokenize(_PASSAGE, special=False) * _READ)[:_READ], reply)
    begun = time.perf_counter()
    scheduler.add(ticket)
    while not scheduler.idle:
        scheduler.step()
        ticket.cancelled = time.perf_counter() - begun > _LONGEST
    stamps = ticket.stamps
    if len(stamps) < 2:
        return (_READ / (stamps[0] - begun) if stamps else 0.0), 0.0
    return _READ / (stamps[0] - begun), (len(stamps) - 1) / (stamps[-1] - stamps[0])


@contextlib.contextmanager
def _busy_core() -> Iterator[None]:
    """Beside a process that never rests."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.3)
        yield
    finally:
        process.kill()
        process.wait()
