"""Are a model's tool calls valid, and are they right? `python -m tests.benchmarks.bfcl FILE… [--choice all]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest.errors import ZhikuError
from tests.benchmarks.bfcl.calling import Bound, Scores
from tests.benchmarks.bfcl.calling import replies as replies_of
from tests.benchmarks.bfcl.records import Record, read_records


def main(argv: Sequence[str] | None = None) -> int:
    """Status 1 when a request failed, 2 when a file holds no such records or the model can't be asked so.

    The library and the settings are those of the environment: ZHIKU_HOME, ZHIKU_MAX_TOKENS and the others.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bfcl", description=__doc__)
    parser.add_argument("file", nargs="+", help="records of the Berkeley Function-Calling Leaderboard")
    parser.add_argument("--model", help="another model than the configured one")
    parser.add_argument(
        "--choice",
        choices=["auto", "any", "all"],
        default="auto",
        help="auto: the model decides whether to call; any: it must, at once",
    )
    parser.add_argument("--limit", type=int, help="only the first N records")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    given = parser.parse_args(argv)
    try:
        return measure(given.file, given.model, given.choice, given.limit, as_json=given.json)
    except ZhikuError as error:
        print(error, file=sys.stderr)
        return error.exit_status


def measure(files: Sequence[str], model: str | None, choice: str, limit: int | None, *, as_json: bool) -> int:
    """Ask for the calls of every record of the files, once per choice. Raises `UsageError`, `ModelError`."""
    from agents import open_platform

    names = [Path(path).stem for path in files]
    sets = {
        name if names.count(name) == 1 else path: read_records(Path(path), limit)
        for name, path in zip(names, files, strict=True)
    }
    platform = open_platform(model=model)
    try:
        chat = platform.chat_model
        scores: dict[str, dict[str, Scores]] = {}
        for mode in ("auto", "any") if choice == "all" else (choice,):
            scores[mode] = {}
            for name, records in sets.items():
                print(f"{mode}, {name} …", file=sys.stderr, flush=True)
                scores[mode][name] = _scored(records, Bound(chat, tool_choice=mode))
        name = platform.model_name
    finally:
        platform.close()
    _report(name, scores, as_json=as_json)
    return 1 if any(found.failure for by_file in scores.values() for found in by_file.values()) else 0


def _scored(records: Sequence[Record], caller: Bound) -> Scores:
    scores = Scores()
    for record in records:
        scores.add(record, list(replies_of(record, caller)))
    return scores


def _report(model: str, scores: Mapping[str, Mapping[str, Scores]], *, as_json: bool) -> None:
    means = {mode: mean(by_file) for mode, by_file in scores.items()}
    if as_json:
        modes = {mode: _data(by_file, means[mode]) for mode, by_file in scores.items()}
        print(json.dumps({"model": model, "modes": modes}, ensure_ascii=False))
        return
    for mode, by_file in scores.items():
        print(f"{model}, tool_choice: {mode}\n\n{_table(by_file, means[mode])}\n")
        for file, found in by_file.items():
            if found.failure:
                print(f"{file}: {found.failure}", file=sys.stderr)
    if any(found.conversations for by_file in scores.values() for found in by_file.values()):
        print(
            "Conversations: the tools are not simulated. Each turn is asked after the reference calls of the earlier"
            " ones and compared with its own: a lower bound. They are left out of the mean."
        )


def mean(by_file: Mapping[str, Scores]) -> float:
    """The plain mean of the accuracy over files of single answers, which conversations are not."""
    singles = [found.figures()["accuracy"] for found in by_file.values() if not found.conversations]
    return round(sum(singles) / len(singles), 4) if singles else 0.0


def _data(by_file: Mapping[str, Scores], average: float) -> dict[str, Any]:
    files = {
        file: {
            "figures": found.figures(),
            "replies": [
                {
                    "id": v.id,
                    "outcome": v.outcome,
                    "reason": v.reason,
                    "calls": v.calls,
                    "valid": v.valid,
                    "seconds": round(v.seconds, 3),
                }
                for v in found.verdicts
            ],
        }
        for file, found in by_file.items()
    }
    return {"mean_accuracy": average, "files": files}


_ROWS = {
    "replies": "replies",
    "accuracy": "right",
    "irrelevance": "rightly no call",
    "valid_but_wrong": "valid, but wrong",
    "invalid": "breaks the schema",
    "unparsable": "unparsable",
    "no_call": "no call where one was due",
    "name_match": "right functions",
    "conversations_right": "whole conversations right",
    "calls": "calls made or tried",
    "schema_valid": "of these valid",
    "failed": "requests that failed",
    "seconds": "seconds",
}


def _table(by_file: Mapping[str, Scores], average: float) -> str:
    figures = {file: found.figures() for file, found in by_file.items()}
    several = sum(not found.conversations for found in by_file.values()) > 1
    lines = ["| | " + " | ".join([*figures, *(["mean"] if several else [])]) + " |"]
    lines.append("|---|" + "---|" * (len(figures) + several))
    for name, title in _ROWS.items():
        if any(name in found for found in figures.values()):
            cells = [_cell(name, found.get(name)) for found in figures.values()]
            means = [f"{average:.1%}" if name == "accuracy" else ""] if several else []
            lines.append(f"| {title} | " + " | ".join([*cells, *means]) + " |")
    return "\n".join(lines)


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if name in ("replies", "calls", "failed", "seconds") else f"{value:.1%}"


if __name__ == "__main__":
    sys.exit(main())
