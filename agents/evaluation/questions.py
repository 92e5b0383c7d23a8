"""Questions with what is right about them, one JSON object a line, and retrieval measured on them.

A record has `question`, `answers` (any one is right), `documents` (names of the files that hold the answer), and
may have `id`, `pages`, `answerable`, `direction` ('zh->en': question, documents), `kind`, `key_points` (each is to be
in the answer), `answer_groups` (one of each group is to be) and `history` (earlier turns, as chat messages).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.evaluation.gold import contains_gold
from agents.evaluation.jsonl import read
from ingest.documents import Hit
from ingest.language import Text


@dataclass(frozen=True, slots=True)
class Question:
    """A record of the file."""

    question: str
    answers: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    answerable: bool = True
    group: str = ""
    kind: str = ""
    """What sort of question it is, where the file says so: 'multi_hop', 'comparison', …"""
    id: str = ""
    """What it is called in records of runs; the question itself where the file has no name for it."""
    key_points: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    history: tuple[tuple[str, str], ...] = ()
    """Earlier turns, as (question, answer)."""

    @property
    def crosses(self) -> bool:
        """Whether it is asked in another language than its documents are written in, as far as the file says."""
        asked, arrow, told = self.group.partition("->")
        return (bool(arrow) and asked != told) or self.kind == "cross_lingual"

    def right(self, text: str) -> bool | None:
        """Whether an answer holds every key point, or a string of each group, or one of `answers`; None when the file
        doesn't say what is right."""
        if self.key_points:
            return all(contains_gold(text, [point]) for point in self.key_points)
        if self.groups:
            return all(contains_gold(text, group) for group in self.groups)
        return contains_gold(text, self.answers) if self.answers else None


FORM = Text(
    en='One JSON object a line: {"question": …, "answers": […], "documents": […]}.',
    zh='每行一个 JSON 对象：{"question": …, "answers": […], "documents": […]}。',
)


def read_questions(path: Path, limit: int | None = None) -> list[Question]:
    """The questions of a JSONL file. Raises `UsageError` naming the first line that is not a question."""
    return read(path, question_of, FORM, limit)


def question_of(record: dict[str, Any]) -> Question:
    """A question of a file's line. Raises KeyError, ValueError, TypeError when it is none."""
    return Question(
        question=str(record["question"]),
        answers=tuple(map(str, record.get("answers") or ())),
        documents=tuple(map(str, record.get("documents") or ())),
        pages=tuple(int(page) for page in record.get("pages") or ()),
        answerable=bool(record.get("answerable", True)),
        group=str(record.get("direction") or ""),
        kind=str(record.get("kind") or ""),
        id=str(record.get("id") or record["question"]),
        key_points=tuple(map(str, record.get("key_points") or ())),
        groups=tuple(tuple(map(str, group)) for group in record.get("answer_groups") or ()),
        history=tuple(_turns(record.get("history") or ())),
    )


def _turns(messages: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Chat messages as pairs; a question that got no answer has an empty one."""
    turns: list[tuple[str, str]] = []
    for message in messages:
        if message["role"] == "user":
            turns.append((str(message["content"]), ""))
        elif turns:
            turns[-1] = (turns[-1][0], str(message["content"]))
    return turns


@dataclass
class RetrievalScores:
    """Means over the answerable questions that name a document."""

    ranks: list[int | None] = field(default_factory=list)
    """Place of the right document among the distinct documents found, from 1."""
    pages: list[bool] = field(default_factory=list)
    """Whether one of the first five passages comes from a right page; only questions that name pages."""

    def add(self, question: Question, hits: Sequence[Hit]) -> None:
        """Count one question."""
        names = list(dict.fromkeys(Path(hit.path).name for hit in hits))
        self.ranks.append(next((rank for rank, name in enumerate(names, 1) if name in question.documents), None))
        if question.pages:
            right = (Path(h.path).name in question.documents and h.page in question.pages for h in hits[:5])
            self.pages.append(any(right))

    def figures(self) -> dict[str, float]:
        """recall@1, @5, @10, MRR@10, nDCG@10 over documents, and page hit@5."""
        ranks = [rank for rank in self.ranks if rank is not None and rank <= 10]
        total = len(self.ranks) or 1
        figures = {f"recall@{k}": sum(rank <= k for rank in ranks) / total for k in (1, 5, 10)}
        figures["mrr@10"] = sum(1 / rank for rank in ranks) / total
        figures["ndcg@10"] = sum(1 / math.log2(1 + rank) for rank in ranks) / total
        if self.pages:
            figures["page_hit@5"] = sum(self.pages) / len(self.pages)
        return {"questions": float(len(self.ranks)), **{name: round(value, 4) for name, value in figures.items()}}
