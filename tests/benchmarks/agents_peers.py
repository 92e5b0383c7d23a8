"""Zhiku's agent loop beside LangChain's `create_agent` and AutoGen's Magentic-One: the same scripted faults.

AutoGen is no dependency: `AUTOGEN_PYTHON` names an interpreter that has autogen-agentchat and autogen-ext. Tool calls
beside those of others are in `bfcl`.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import warnings
from collections import Counter
from pathlib import Path

from tests.faults import agent_scripts as scripts


def run() -> str:
    """A line per fault."""
    warnings.simplefilter("ignore")
    return f"## Agents beside their peers\n\n{faults()}\n"


def faults() -> str:
    """One line per fault: what each loop makes of it."""
    from tests.benchmarks.peer_create_agent import with_fault as create_agent

    columns: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as home:
        columns["zhiku"] = _ours(Path(home))
    columns["create_agent"] = {script.name: create_agent(script) for script in scripts.SCRIPTS}
    magentic, absent = _magentic()
    if magentic:
        columns["Magentic-One"] = magentic
    lines = [
        (
            "Same faults. _right_: the answer, which only the tool knows. _says so_: an end that tells it is not one."
            " _as if done_: a last message without the answer, and nothing that says so. _endless_: asked the model more"
            " than 100 times."
        ),
        "",
        f"| the model … | {' | '.join(columns)} |",
        "|---|" + "---|" * len(columns),
    ]
    for script in scripts.SCRIPTS:
        lines.append(f"| {script.name} | " + " | ".join(found[script.name] for found in columns.values()) + " |")
    for name, outcomes in columns.items():
        counts = Counter(outcome.partition(":")[0] for outcome in outcomes.values())
        lines.append(f"\n{name}: " + ", ".join(f"{kind} {count}" for kind, count in counts.most_common()) + ".")
    return "\n".join([*lines, *absent])


def _ours(home: Path) -> dict[str, str]:
    from tests.benchmarks.own_loop import with_fault

    return {script.name: with_fault(script, home) for script in scripts.SCRIPTS}


def _magentic() -> tuple[dict[str, str], list[str]]:
    python = os.environ.get("AUTOGEN_PYTHON")
    if not python:
        return {}, ["\nMagentic-One: not measured, AUTOGEN_PYTHON names no interpreter with AutoGen."]
    file = Path(__file__).with_name("peer_magentic.py")
    done = subprocess.run(
        [python, str(file), scripts.__file__], capture_output=True, text=True, timeout=600, check=True
    )
    found: dict[str, str] = json.loads(done.stdout.strip().splitlines()[-1])
    return found, []
