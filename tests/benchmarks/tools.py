"""What the agent loop itself costs a step."""

from __future__ import annotations

import dataclasses
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage

FEW, MANY = 2, 10
"""Steps of the two runs whose difference is the cost of a step: what is done once a run is not counted."""
RUNS = 5
FIRST = 3
"""Row of the first step; the code of another is not made of its row and column (tests/faults/agent_scripts.py)."""


def run() -> str:
    """A Markdown table. How right calls are stands beside the peers, in `bfcl`."""
    return f"## The agent loop\n\n{overhead()}\n"


def overhead() -> str:
    """Milliseconds that a step takes with a model and a tool that take none: prompts, checking, saving every event
    (SQLite, synchronous), trace. A step is a call and its finding: two replies."""
    _measured(FEW, time.perf_counter)
    rows = []
    for name, clock in (("by the clock", time.perf_counter), ("of the processor", time.process_time)):
        few, many = ([_measured(steps, clock) for _ in range(RUNS)] for steps in (FEW, MANY))
        step = (statistics.median(many) - statistics.median(few)) / (MANY - FEW) * 1000
        rows.append(f"| {name} | {step:.1f} | {step / 2:.1f} | {statistics.median(many) * 1000:.0f} |")
    return "\n".join(
        [
            f"The loop without its model, median of {RUNS} runs, in ms:",
            "",
            f"| time | a step of two replies and a call | a reply | a run of {MANY} steps |",
            "|---|---|---|---|",
            *rows,
        ]
    )


def _measured(steps: int, clock: Callable[[], float]) -> float:
    """Seconds of one run."""
    from agents import open_platform
    from ingest.settings import load_settings
    from tests.faults import agent_scripts as scripts

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = dataclasses.replace(load_settings(home), embedder="hashing", max_steps=0, max_calls=0)
        platform = open_platform(home, model=_script(steps), settings=settings)
        agent = platform.agent(tools=[scripts.code_of], builtins=())
        begun = clock()
        result = agent.run(" ".join(f"{goal}." for goal in _goals(steps)))
        total = clock() - begun
        platform.close()
    assert result.status == "done"
    assert len(result.steps) == steps
    return total


def _script(steps: int) -> Any:
    from agents.llm.scripted import ScriptedChat

    def call(row: int) -> AIMessage:
        return AIMessage("", tool_calls=[{"name": "code_of", "args": {"row": row, "column": 3}, "id": f"c{row}"}])

    def done(row: int) -> AIMessage:
        args = {"finding": f"The code is Z{row}-3."}
        return AIMessage("", tool_calls=[{"name": "step_done", "args": args, "id": f"d{row}"}])

    plan = "\n".join(f"{n}. {goal}" for n, goal in enumerate(_goals(steps), 1))
    moves = [reply for row in _rows(steps) for reply in (call(row), done(row))]
    return ScriptedChat(replies=[plan, *moves, f"The code is Z{FIRST}-3 [1]."])


def _goals(steps: int) -> list[str]:
    return [f"Find the code in row {row}, column 3" for row in _rows(steps)]


def _rows(steps: int) -> range:
    return range(FIRST, FIRST + steps)
