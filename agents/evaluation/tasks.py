"""The agent measured on questions: word problems with a number as the answer, and questions to the documents.

A word problem has `question` and `answer` (a number as a string); every other record is a question as `questions`
reads it. A question with `history` belongs to a conversation, which an agent has none of.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from agents.evaluation.jsonl import read
from agents.evaluation.questions import Question, question_of
from agents.proof.markers import without
from agents.tasks.events import Result
from ingest.language import Text

FORM = Text(
    en='One JSON object a line: {"question": …, "answer": "42"} or {"question": …, "answers": […], "documents": […]}.',
    zh='每行一个 JSON 对象：{"question": …, "answer": "42"} 或 {"question": …, "answers": […], "documents": […]}。',
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


@dataclass
class ProblemScores:
    """Word problems, solved one way."""

    right: list[bool] = field(default_factory=list)
    numberless: int = 0
    calls: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, problem: Problem, text: str, seconds: float, result: Result | None = None) -> None:
        """Count one; `result` where an agent solved it."""
        found = number_in(text)
        self.right.append(found is not None and found == problem.answer)
        self.numberless += found is None
        self.seconds += seconds
        if result is not None:
            self.calls += len(result.steps)
            self.statuses[result.status] += 1

    def figures(self) -> dict[str, float]:
        """`accuracy`: the last number is the answer; `no_number`: there is none; calls per problem; runs by status."""
        total = len(self.right) or 1
        figures = {
            "questions": float(len(self.right)),
            "accuracy": round(sum(self.right) / total, 4),
            "no_number": round(self.numberless / total, 4),
        }
        if self.statuses:
            figures["calls"] = round(self.calls / total, 2)
        figures |= {name: float(count) for name, count in sorted(self.statuses.items())}
        return {**figures, "seconds": round(self.seconds, 1)}


@dataclass
class AskScores:
    """Questions to the documents, answered by an agent."""

    right: list[bool] = field(default_factory=list)
    done: list[bool] = field(default_factory=list)
    wrongly_done: list[bool] = field(default_factory=list)
    documents: list[bool] = field(default_factory=list)
    verified: list[bool] = field(default_factory=list)
    unsupported: int = 0
    calls: int = 0
    tokens: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, question: Question, result: Result) -> None:
        """Count one run. Only a run that says it is done has answered."""
        done = result.status == "done"
        if question.answerable:
            self.right.append(done and bool(question.right(without(result.text))))
            self.done.append(done)
            if done and question.documents:
                cited = {Path(citation.path).name for citation in result.citations if citation.verified}
                self.documents.append(bool(cited.intersection(question.documents)))
        else:
            self.wrongly_done.append(done)
        self.verified.extend(citation.verified for citation in result.citations)
        self.unsupported += len(result.unsupported_sentences)
        self.calls += len(result.steps)
        self.tokens += result.usage.prompt_tokens + result.usage.completion_tokens
        self.statuses[result.status] += 1
        self.seconds += result.seconds

    def figures(self) -> dict[str, float]:
        """Shares; those with nothing to count are left out. Calls, tokens and seconds are means of a run."""
        shares = {
            "answer_contains_gold": self.right,
            "answered": self.done,
            "cites_right_document": self.documents,
            "wrongly_answered": self.wrongly_done,
            "citations_verified": self.verified,
        }
        total = sum(self.statuses.values()) or 1
        figures = {"questions": float(sum(self.statuses.values()))}
        figures |= {name: round(sum(values) / len(values), 4) for name, values in shares.items() if values}
        figures |= {"unsupported_sentences": float(self.unsupported), "calls": round(self.calls / total, 2)}
        figures |= {name: float(count) for name, count in sorted(self.statuses.items())}
        return {**figures, "tokens": round(self.tokens / total, 1), "seconds": round(self.seconds / total, 2)}
