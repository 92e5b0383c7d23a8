"""Events as JSON, and back: for the saved run, its trace, and everything that prints one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from agents.tasks.events import Result, RunEvent
from ingest.records import from_json, picked, to_json

_EVENTS: dict[str, type[RunEvent]] = {cls.__name__: cls for cls in get_args(RunEvent)}


def event_to_json(event: RunEvent) -> dict[str, Any]:
    """`{"event": "Called", "call": {…}}`: what a trace's line, `--json` and a page's feed hold."""
    return {"event": type(event).__name__, **to_json(event)}


def event_from_json(data: Mapping[str, Any]) -> RunEvent:
    """The event that `event_to_json` wrote. Raises `LookupError` for one of no known name."""
    return from_json(_EVENTS[data["event"]], data)


def contract(result: Result) -> dict[str, Any]:
    """The object that `zhiku run --json` prints: the fields users rely on, then the rest."""
    whole: dict[str, Any] = to_json(result)
    whole["result"] = whole.pop("text")
    hits = [hit for step in whole["steps"] for hit in step["observation"]["hits"]]
    calls = [*(step["call"] for step in whole["steps"]), *whole["pending"]]
    for found in (*whole["citations"], *hits, *calls):
        # Fields that most never see.
        for name in ("orders", "copies", "kb", "fused", "reranked", "unasked", "corrected"):
            if not found.get(name, True):
                del found[name]
    first = picked(whole, "task", "status", "result", "plan", "steps", "citations", "usage", "trace", "run_id")
    return first | whole
