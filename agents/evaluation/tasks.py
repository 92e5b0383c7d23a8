"""The agent measured on questions: word problems with a number as the answer, and questions to the documents.

A word problem has `question` and `answer` (a number as a string); every other record is a question as `questions`
reads it. A question with `history` belongs to a conversation, which an agent has none of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from agents.evaluation.jsonl import read
from agents.evaluation.questions import Question, question_of
from agents.proof.markers import without
from agents.tasks.events import Result
from ingest.language import Text

FORM = Text(
    'One JSON object a line: {"question": …, "answer": "42"} or {"question": …, "answers": […], "documents": […]}.',
    '每行一个 JSON 对象：{"question": …, "answer": "42"} 或 {"question": …, "answers": […], "documents": […]}。',
)
_NUMBER = re.compile(r"[-−]?\d+(?:[,，]\d{3})*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Problem:
    """A word problem."""

    question: str
    answer: Decimal


def read_tasks(path: Path) -> list[Problem | Question]:
    """The records of a JSONL file. Raises `UsageError` naming the first line that is none."""
    return read(path, _task, FORM)


def _task(record: dict[str, Any]) -> Problem | Question:
    if "answer" in record:
        value = number_in(str(record["answer"]))
        if value is None:
            message = f"no number: {record['answer']}"
            raise ValueError(message)
        return Problem(str(record["question"]), value)
    return question_of(record)


def number_in(text: str) -> Decimal | None:
    """The last number in a text, whatever groups its digits; None when there is none."""
    found = _NUMBER.findall(without(text))
    try:
        return Decimal(re.sub(r"[,，]", "", found[-1]).replace("−", "-")) if found else None
    except InvalidOperation:
        return None


@dataclass(frozen=True, slots=True)
class Solved:
    """What came of a word problem."""

    problem: Problem
    text: str
    seconds: float
    run: Result | None = None
    """Where an agent solved it."""


def problem_figures(solved: Sequence[Solved]) -> dict[str, float]:
    """`accuracy`: the last number is the answer; `no_number`: there is none; calls per problem; runs by status; seconds of
    all together."""
    numbers = [number_in(one.text) for one in solved]
    runs = [one.run for one in solved if one.run is not None]
    found = {
        "questions": float(len(solved)),
        "accuracy": _share(number == one.problem.answer for number, one in zip(numbers, solved, strict=True)),
        "no_number": _share(number is None for number in numbers),
    }
    if runs:
        found |= {"calls": _mean([len(run.steps) for run in runs], 2), **_statuses(runs)}
    return {**found, "seconds": round(sum(one.seconds for one in solved), 1)}


def ask_figures(asked: Sequence[tuple[Question, Result]]) -> dict[str, float]:
    """Of questions to the documents shares, those with nothing to count left out; only a run that says it is done has
    answered. Calls, tokens and seconds are means of a run."""
    here = [(question, run, run.status == "done") for question, run in asked if question.answerable]
    runs = [run for _, run in asked]
    shares = {
        "answer_contains_gold": [done and bool(question.right(without(run.text))) for question, run, done in here],
        "answered": [done for _, _, done in here],
        "cites_right_document": [_cites(question, run) for question, run, done in here if done and question.documents],
        "wrongly_answered": [run.status == "done" for question, run in asked if not question.answerable],
        "citations_verified": [citation.verified for run in runs for citation in run.citations],
    }
    return {
        "questions": float(len(runs)),
        **{name: _share(values) for name, values in shares.items() if values},
        "unsupported_sentences": float(sum(len(run.unsupported_sentences) for run in runs)),
        "calls": _mean([len(run.steps) for run in runs], 2),
        **_statuses(runs),
        "tokens": _mean([run.usage.prompt_tokens + run.usage.completion_tokens for run in runs], 1),
        "seconds": _mean([run.seconds for run in runs], 2),
    }


def _cites(question: Question, run: Result) -> bool:
    cited = {Path(citation.path).name for citation in run.citations if citation.verified}
    return bool(cited.intersection(question.documents))


def _statuses(runs: Sequence[Result]) -> dict[str, float]:
    return {name: float(count) for name, count in sorted(Counter(run.status for run in runs).items())}


def _share(values: Iterable[bool]) -> float:
    return _mean(list(values), 4)


def _mean(values: Sequence[float], digits: int) -> float:
    return round(sum(values) / (len(values) or 1), digits)
