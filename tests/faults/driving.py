"""Cases for a driver that is killed again and again, and what came of them."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


def drive(driver: str, root: Path, cases: list[dict[str, Any]], timeout: float | None = 280) -> list[dict[str, Any]]:
    """Their outcomes, in order, from one process of the driver `driver`."""
    root.mkdir(exist_ok=True)
    command = [sys.executable, str(Path(__file__).with_name(driver)), str(root)]
    done = subprocess.run(
        command, input=json.dumps(cases), capture_output=True, text=True, timeout=timeout, check=False
    )
    outcomes = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(outcomes) == len(cases), done.stderr[-3000:]
    for outcome, case in zip(outcomes, cases, strict=True):
        assert outcome["status"] == 0, (case, outcome.get("why"), done.stderr[-3000:])
    return outcomes


def drive_at_once(driver: str, root: Path, cases: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The same from several processes, `most` at most: a kill waits for the disk more than it computes."""
    lanes = min(most, len(cases))
    with ThreadPoolExecutor(lanes) as pool:
        parts = list(pool.map(lambda lane: drive(driver, root / f"lane{lane}", cases[lane::lanes]), range(lanes)))
    return [parts[n % lanes][n // lanes] for n in range(len(cases))]
