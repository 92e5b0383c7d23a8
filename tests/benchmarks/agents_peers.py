"""Zhiku's tool calls and agent loop beside LangChain's `create_agent` and AutoGen's Magentic-One.

The same records on the same engine (LangChain), and the same scripted faults (all three). AutoGen is no dependency:
`AUTOGEN_PYTHON` names an interpreter that has autogen-agentchat and autogen-ext.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.faulty_model import SCRIPTS_FILE, scripts

SETS = Path(os.environ.get("EVAL_SETS", Path(__file__).parents[3] / "shared" / "eval"))
FILES = ("simple_python", "multiple", "parallel", "irrelevance")
ASKED = int(os.environ.get("PEERS_RECORDS", "8"))
"""Records per file: with the bundled model on two cores each costs seconds, times the number of ways."""
TOKENS = 256
"""Of a reply, for all alike."""


def run() -> str:
    """Both tables."""
    warnings.simplefilter("ignore")
    return f"## Tool calls and agents beside their peers\n\n{records()}\n\n{faults()}\n"


def records() -> str:
    """Accuracy per file and way on the first records of each file, with the bundled model."""
    folder = SETS / "tools-dev"
    if not folder.is_dir():
        return "Same records: not measured, no measuring sets beside the repository (EVAL_SETS)."
    import dataclasses

    from agents import open_platform
    from ingest.settings import load_settings
    from tests.benchmarks.bfcl.calling import Bound, Scores, replies, ways
    from tests.benchmarks.bfcl.records import read_records
    from tests.benchmarks.peer_create_agent import ThroughCreateAgent

    with tempfile.TemporaryDirectory() as home:
        platform = open_platform(home, settings=dataclasses.replace(load_settings(Path(home)), max_tokens=TOKENS))
        model = platform.chat_model
        callers: dict[str, Any] = {name: Bound(model, **options) for name, options in ways(model).items()}
        callers["create_agent"] = ThroughCreateAgent(model)
        found: dict[str, dict[str, Scores]] = {}
        for name, caller in callers.items():
            found[name] = {file: Scores() for file in FILES}
            for file in FILES:
                for record in read_records(folder / f"{file}.jsonl", ASKED):
                    found[name][file].add(record, list(replies(record, caller)))
                print(name, file, found[name][file].figures(), file=sys.stderr, flush=True)
        platform.close()
    return _records_table(found)


def _records_table(found: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [
        (
            f"Same records, first {ASKED} of each file, bundled model, replies of at most {TOKENS} tokens. Share right;"
            " of all calls made or tried the share that keeps to its schema; seconds in all."
        ),
        "",
        f"| way | {' | '.join(FILES)} | mean | calls | valid | valid but wrong | s |",
        "|---|" + "---|" * (len(FILES) + 5),
    ]
    for name, by_file in found.items():
        figures = [by_file[file].figures() for file in FILES]
        accuracy = [f["accuracy"] for f in figures]
        verdicts = [v for file in FILES for v in by_file[file].verdicts]
        calls = sum(v.calls for v in verdicts)
        valid = f"{sum(v.valid for v in verdicts) / calls:.1%}" if calls else "–"
        wrong = sum(v.outcome == "wrong" for v in verdicts)
        seconds = sum(f["seconds"] for f in figures)
        shares = " | ".join(f"{share:.1%}" for share in accuracy)
        lines.append(
            f"| {name} | {shares} | {sum(accuracy) / len(accuracy):.1%} | {calls} | {valid} | {wrong} | {seconds:.0f} |"
        )
    peer = {v.id: v.outcome == "right" for file in FILES for v in found["create_agent"][file].verdicts}
    for name in found:
        if name != "create_agent":
            own = {v.id: v.outcome == "right" for file in FILES for v in found[name][file].verdicts}
            better = sum(own[i] and not peer[i] for i in peer)
            worse = sum(peer[i] and not own[i] for i in peer)
            lines.append(f"\nPaired, {name} and create_agent: {better} right here only, {worse} there only.")
    return "\n".join(lines)


def faults() -> str:
    """One line per fault: what each loop makes of it."""
    from tests.benchmarks.peer_create_agent import with_fault as create_agent

    columns: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as home:
        columns["zhiku"] = _ours(Path(home))
    columns["create_agent"] = {script.name: create_agent(script) for script in scripts().SCRIPTS}
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
    for script in scripts().SCRIPTS:
        lines.append(f"| {script.name} | " + " | ".join(found[script.name] for found in columns.values()) + " |")
    for name, outcomes in columns.items():
        counts = Counter(outcome.partition(":")[0] for outcome in outcomes.values())
        lines.append(f"\n{name}: " + ", ".join(f"{kind} {count}" for kind, count in counts.most_common()) + ".")
    return "\n".join([*lines, *absent])


def _ours(home: Path) -> dict[str, str]:
    from tests.benchmarks.own_loop import with_fault

    return {script.name: with_fault(script, home) for script in scripts().SCRIPTS}


def _magentic() -> tuple[dict[str, str], list[str]]:
    python = os.environ.get("AUTOGEN_PYTHON")
    if not python:
        return {}, ["\nMagentic-One: not measured, AUTOGEN_PYTHON names no interpreter with AutoGen."]
    file = Path(__file__).with_name("peer_magentic.py")
    done = subprocess.run(
        [python, str(file), str(SCRIPTS_FILE)], capture_output=True, text=True, timeout=600, check=True
    )
    found: dict[str, str] = json.loads(done.stdout.strip().splitlines()[-1])
    return found, []


if __name__ == "__main__":
    print(run())
