"""Runs that an earlier version kept: every field of every event, observation and verdict is read.

`runs.sql` is a dump of the tables that version 0.1.0 of November 2026 wrote, an event of every kind in it.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import pytest

from agents.chat.answers import Thought, Token
from agents.llm.usage import Usage
from agents.proof.sources import Citation
from agents.tasks.approval import Decision
from agents.tasks.codec import contract, event_from_json, event_to_json
from agents.tasks.events import (
    ApprovalWanted,
    Call,
    Called,
    Finished,
    Noted,
    Observed,
    Planned,
    PlanStep,
    Result,
    Revised,
    RunEvent,
    StepEnded,
    StepRecord,
    StepStarted,
)
from agents.tasks.runs import Runs
from agents.tasks.store import JournalEntry, Store
from agents.tools.tool import Observation
from ingest.documents import Hit, LegScore
from ingest.records import from_json, to_json
from ingest.stores import RUNS
from prompts import PromptUse

DUMP = Path(__file__).parents[1] / "stored" / "runs.sql"

HIT = Hit(
    1,
    0.75,
    "手册",
    "/手册.pdf",
    3,
    ("假期",),
    10,
    24,
    "年假为 15 天。",
    7,
    91,
    LegScore(2, 0.87),
    LegScore(1, 0.5),
    "iii",
)
BARE = Hit(2, 0.25, "Notes", "text:n1", 1, (), 0, 5, "A\tb c", 8, 92)
PLAN = (
    PlanStep(1, "查找年假天数", "the number is known", "done", "年假为 15 天。"),
    PlanStep(2, "Write it down"),
    PlanStep(3, "Ask Bob", state="dropped"),
)
SEARCH = Call("c1", "search", {"query": "年假", "k": 3, "deep": {"a": [1, 2.5, None, True]}}, "read", 1, "a" * 32)
WRITE = Call("c2", "write_file", {"path": "a.txt", "text": "15"}, "write", 2, "b" * 32)
FOUND = StepRecord(
    SEARCH,
    Observation("1. 年假为 15 天。", (HIT, BARE), {"hits": [1, 2], "more": None}, truncated=True),
    seconds=0.125,
    approved="policy",
)
FAILED = StepRecord(WRITE, Observation("No.", error="The disk is full."), approved="user")
RESULT = Result(
    task="How many days, and write it down",
    run_id="r1",
    status="limit",
    text="15 days [1].",
    reason="The limit of 2 calls was reached.",
    plan=PLAN,
    steps=(FOUND, FAILED),
    citations=(Citation(1, "手册", "/手册.pdf", 3, 10, 19, "年假为 15 天。", True, 7, "iii", "15 days."),),
    unsupported_sentences=("Dogs are welcome.",),
    usage=Usage(1200, 1000, 34),
    seconds=12.5,
    model="qwen3:4b",
    trace="/home/runs/r1.jsonl",
    limit="calls",
    pending=(WRITE,),
)
EVENTS: list[RunEvent] = [
    Planned(PLAN, "rule", PromptUse("plan", "zh", "0" * 64)),
    Planned(PLAN[:1]),
    StepStarted(PLAN[1]),
    Thought("Let me\nsee."),
    Called(SEARCH),
    Observed(FOUND),
    Observed(FAILED),
    StepEnded(PLAN[0]),
    Revised("replace", "Bob is away", PLAN[1:]),
    Noted("uncertain", "It may have been done."),
    Token("15 "),
    ApprovalWanted(WRITE),
    Finished(RESULT),
]
WAITING = [Called(WRITE), ApprovalWanted(WRITE), Finished(Result("t", "r2", "needs_approval", "", pending=(WRITE,)))]
OBSERVATION = Observation("写好了", (HIT,), [1, {"b": None}], "", truncated=True)
EDITED = Decision("c2", "b" * 32, approved=True, arguments={"path": "b.txt", "n": [1]})
REJECTED = Decision("c3", "c" * 32, approved=False, reason="不要")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "runs").mkdir()
    with closing(sqlite3.connect(tmp_path / RUNS.path)) as db:
        db.executescript(DUMP.read_text("utf-8"))
    return Store(tmp_path)


def test_every_field_of_every_event_is_read(store: Store) -> None:
    assert store.events("r1") == EVENTS
    assert store.events("r2") == WAITING
    assert Runs(store).result("r1") == RESULT
    second, first = store.runs()
    assert (first.id, first.task, first.kb, first.status) == ("r1", RESULT.task, "handbook", "limit")
    assert (first.model, first.parent) == ("qwen3:4b", "")
    assert (second.id, second.status, second.parent) == ("r2", "needs_approval", "r1")


def test_the_journal_and_the_verdicts_are_read(store: Store) -> None:
    assert store.journal("a" * 32) == JournalEntry("done", OBSERVATION)
    assert store.journal("b" * 32) == JournalEntry("intended", None)
    assert store.journal("c" * 32) is None
    assert store.decision("r1", "c2") == EDITED
    assert store.decision("r2", "c3") == REJECTED
    assert store.decision("r2", "c2") is None


def test_what_is_read_is_written_as_it_was(store: Store) -> None:
    with closing(sqlite3.connect(store.folder / "runs.sqlite")) as db:
        bodies = [body for (body,) in db.execute("select body from event where run = 'r1' order by n")]
    for event, body in zip(EVENTS, bodies, strict=True):
        assert holds(event_to_json(event), json.loads(body))


def holds(written: object, kept: object) -> bool:
    """Whether everything kept is still written, in the same place and form; fields may have come since."""
    if isinstance(kept, dict):
        return isinstance(written, dict) and all(holds(written[name], value) for name, value in kept.items())
    if isinstance(kept, list):
        return isinstance(written, list) and all(map(holds, written, kept)) and len(written) == len(kept)
    return type(written) is type(kept) and written == kept


def test_fields_that_are_absent_or_unknown_do_no_harm() -> None:
    noted = event_from_json({"event": "Noted", "kind": "a kind of tomorrow", "text": "t", "colour": "red"})
    assert noted == replace(EVENTS[9], kind="a kind of tomorrow", text="t")
    with pytest.raises(LookupError):
        event_from_json({"event": "Unheard"})
    assert from_json(Observation, {"text": "t"}) == Observation("t")
    assert from_json(PlanStep, {"id": 1, "goal": "g", "state": "odd"}) == PlanStep(1, "g", state="odd")
    whole = to_json(RESULT)
    assert from_json(Result, {name: whole[name] for name in ("task", "run_id", "status", "text")}) == Result(
        RESULT.task, "r1", "limit", "15 days [1]."
    )
    assert set(whole) == {field.name for field in fields(Result)}


def test_what_is_no_json_is_written_as_its_text() -> None:
    odd = Observation("t", data={"path": Path("/x"), 3: {1}, "f": float("inf"), "t": (1, 2)})
    assert to_json(odd)["data"] == {"path": "/x", "3": [1], "f": float("inf"), "t": [1, 2]}
    assert to_json(Token("half \udc80"))["text"] == "half \udc80"


def test_the_contract_of_run_json_to_the_letter() -> None:
    kept = json.loads((DUMP.parent / "run.json").read_text("utf-8"))
    printed = {name: value for name, value in contract(RESULT).items() if name in kept}
    assert json.dumps(printed, ensure_ascii=False) == json.dumps(kept, ensure_ascii=False)
