"""Killed inside a step with three calls that can't be taken back, then resumed: how often was each carried out?

    make bench only=crashes

Ours, LangGraph's `create_agent` with its SQLite checkpointer, and Agent Framework's workflow with checkpoints in files
(`AGENT_FRAMEWORK_PYTHON`), each on the same scripted model, killed while the first, second or third call is at work.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.crashes.deeds import WHO

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Outcome:
    """What came of a run that was killed and resumed."""

    sent: Counter[str]
    """Whom the note was sent to, how often."""
    status: str
    told: bool
    """Whether the end says that of one call it isn't known whether it was carried out."""
    error: str = ""

    @property
    def twice(self) -> int:
        """Calls carried out more often than once."""
        return sum(times > 1 for times in self.sent.values())

    @property
    def never(self) -> int:
        """Calls that were not carried out."""
        return sum(not self.sent[to] for to in WHO)


def run() -> str:
    """A Markdown table."""
    lines = [
        "## Killed inside a step with three calls\n",
        "| | killed in | sent to a, b, c | twice | never | says what it can't know | end |",
        "|---|---|---|---:|---:|---|---|",
    ]
    absent = []
    for name, command in commands().items():
        if not command:
            absent.append(f"\n{name}: not measured, AGENT_FRAMEWORK_PYTHON names no interpreter that has it.")
            continue
        for at in WHO:
            found = outcome(command, at)
            times = ", ".join(str(found.sent[to]) for to in WHO)
            end = found.error or found.status
            told = "yes" if found.told else "no"
            lines.append(f"| {name} | {at} | {times} | {found.twice} | {found.never} | {told} | {end} |")
    return "\n".join([*lines, *absent])


def commands() -> dict[str, list[str]]:
    """By framework, what begins or resumes a run; nothing for one that isn't here."""
    peer = os.environ.get("AGENT_FRAMEWORK_PYTHON", "")
    return {
        "zhiku": [sys.executable, "-m", "tests.benchmarks.crashes.ours"],
        "LangGraph": [sys.executable, "-m", "tests.benchmarks.crashes.langgraph"],
        "Agent Framework": [peer, str(FOLDER / "peer_agent_framework.py")] if peer else [],
    }


def outcome(command: list[str], at: str) -> Outcome:
    """Begin a run, which is killed while the call `at` is at work, and resume it. Raises `RuntimeError` when it was not
    killed there."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CRASH_FOLDER": folder, "CRASH_AT": at, "PYTHONPATH": str(FOLDER.parents[2])}
        begun, resumed = (
            subprocess.run([*command, phase], capture_output=True, text=True, env=environment, timeout=120, check=False)
            for phase in ("begin", "resume")
        )
        if begun.returncode != -signal.SIGKILL:
            message = f"{command[-1]} was not killed in {at}: {begun.stdout[-500:]}{begun.stderr[-1500:]}"
            raise RuntimeError(message)
        sent = Counter((Path(folder) / "sent.txt").read_text("utf-8").split())
        if resumed.returncode:
            last = (resumed.stderr.strip().splitlines() or ["no word"])[-1]
            return Outcome(sent, "error", told=False, error=last[:120])
        told = json.loads(resumed.stdout.strip().splitlines()[-1])
        return Outcome(sent, told["status"], told=told["told"])
