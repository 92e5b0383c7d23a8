"""The measuring sets as series of questions, each on documents of its own, and the sample corpus's questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agents.evaluation import Question, question_of
from tests.benchmarks.runs import ROOT, SETS

GIVEN = 5
"""Passages of a record that brings its own."""


@dataclass(frozen=True)
class Series:
    """Questions to the same documents."""

    name: str
    questions: tuple[Question, ...]
    files: tuple[Path, ...] = ()
    passages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By question id: given with the question, in place of a search in files."""
    kb: str = ""
    spare: Question | None = None
    """One that is not among them, for warming up; None where there are no questions."""


def series(most: int, names: Sequence[str] = ()) -> list[Series]:
    """At most `most` questions of every set that is here and whose name begins with one of `names` (none: of all)."""
    found: list[Series] = []
    for name, make in _ALL.items():
        if not names or any(name.startswith(wanted) for wanted in names):
            found += make(name, most)
    return found


def _of(name: str, records: Iterable[dict[str, Any]], most: int, files: Sequence[Path], kb: str) -> list[Series]:
    questions = [question_of(record) for record in records]
    # The peers have no place for earlier turns.
    alone = [question for question in questions if not question.history]
    chosen = _spread(alone, most)
    if not chosen:
        return []
    spare = next((question for question in alone if question not in chosen), chosen[-1])
    return [Series(name, tuple(chosen), tuple(files), kb=kb, spare=spare)]


def _spread(questions: list[Question], most: int) -> list[Question]:
    """Every n-th, at most `most`: the same ones in every run."""
    step = max(1, len(questions) // most)
    return questions[::step][:most]


def _records(name: str) -> list[dict[str, Any]]:
    file = SETS / name / "questions.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.is_file() else []


def _files(name: str, begin: str = "") -> list[Path]:
    return sorted(path for path in (SETS / name / "corpus").glob(f"{begin}*") if path.is_file())


def _notes(name: str, most: int) -> list[Series]:
    """The answerable ones and the others are series of their own: few of every n-th would be unanswerable."""
    records = [record for record in _records("llm-notes") if record["answerable"] != name.endswith("none")]
    return _of(name, records, most, _files("llm-notes"), "llm-notes")


def _cmrc(name: str, most: int) -> list[Series]:
    return _of(name, _records("cmrc-trial"), most, _files("cmrc-trial"), "cmrc-trial")


def _xquad(name: str, most: int) -> list[Series]:
    asked, told = name.split("-")[1:]
    records = [record for record in _records("xquad-zh-en") if record["direction"] == f"{asked}->{told}"]
    return _of(name, records, most, _files("xquad-zh-en", told), f"xquad-{told}")


def _rgb(name: str, most: int) -> list[Series]:
    """Five passages with the question: of two or three that hold the answer and others, or only of those others."""
    without = name.endswith("none")
    chosen: list[Question] = []
    passages: dict[str, tuple[str, ...]] = {}
    for record in _records("rgb-dev"):
        right = [] if without else record["positives"][:2]
        given = [*record["negatives"][: GIVEN - len(right)], *right]
        question = replace(question_of(record), answerable=not without)
        if len(given) < GIVEN or (without and record["answerable_with_negatives_only"]):
            continue
        # Which place holds the answer must teach nothing.
        turn = len(chosen) % GIVEN
        passages[question.id] = (*given[turn:], *given[:turn])
        chosen.append(question)
    few = _spread(chosen, most)
    spare = next((question for question in chosen if question not in few), None)
    return [Series(name, tuple(few), passages=passages, spare=spare or few[-1])] if few else []


def _sample(name: str, most: int) -> list[Series]:
    lines = (ROOT / "data" / "questions.jsonl").read_text("utf-8").splitlines()
    return _of(name, map(json.loads, lines), most, sorted((ROOT / "data" / "documents").iterdir()), "sample")


def _ticks(name: str, most: int) -> list[Series]:
    """No questions to ask: its answers are there already (`tests.benchmarks.real.ticks`)."""
    return [Series(name, ())] if (SETS / "ticks-dev").is_dir() and most else []


_ALL: dict[str, Callable[[str, int], list[Series]]] = {
    "llm-notes": _notes,
    "llm-notes-none": _notes,
    "cmrc": _cmrc,
    "xquad-zh-zh": _xquad,
    "xquad-en-en": _xquad,
    "xquad-zh-en": _xquad,
    "xquad-en-zh": _xquad,
    "rgb": _rgb,
    "rgb-none": _rgb,
    "sample": _sample,
    "ticks": _ticks,
}
