"""Questions with what is right about them, one JSON object a line, and retrieval measured on them.

A record has `question`, `answers` (any one is right), `documents` (names of the files that hold the answer), and
may have `id`, `pages`, `answerable`, `direction` ('zh->en': question, documents), `kind`, `key_points` (each is to be
in the answer), `answer_groups` (one of each group is to be) and `history` (earlier turns, as chat messages).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    'One JSON object a line: {"question": …, "answers": […], "documents": […]}.',
    '每行一个 JSON 对象：{"question": …, "answers": […], "documents": […]}。',
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


def retrieval_figures(found: Sequence[tuple[Question, Sequence[Hit]]]) -> dict[str, float]:
    """Of answerable questions that name a document and what a search found for each: recall@1, @5, @10, MRR@10 and nDCG@10 by
    the place of the right document among the distinct ones; page hit@5 over those that name pages."""
    places = [_place(question, hits) for question, hits in found]
    ranks = [rank for rank in places if rank is not None and rank <= 10]
    pages = [_on_page(question, hits[:5]) for question, hits in found if question.pages]
    total = len(places) or 1
    figures = {f"recall@{k}": sum(rank <= k for rank in ranks) / total for k in (1, 5, 10)}
    figures["mrr@10"] = sum(1 / rank for rank in ranks) / total
    figures["ndcg@10"] = sum(1 / math.log2(1 + rank) for rank in ranks) / total
    if pages:
        figures["page_hit@5"] = sum(pages) / len(pages)
    return {"questions": float(len(places)), **{name: round(value, 4) for name, value in figures.items()}}


def _place(question: Question, hits: Sequence[Hit]) -> int | None:
    names = list(dict.fromkeys(Path(hit.path).name for hit in hits))
    return next((rank for rank, name in enumerate(names, 1) if name in question.documents), None)


def _on_page(question: Question, hits: Sequence[Hit]) -> bool:
    return any(Path(hit.path).name in question.documents and hit.page in question.pages for hit in hits)
