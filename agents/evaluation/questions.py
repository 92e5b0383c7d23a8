"""Measuring retrieval and answers on a file of questions, one JSON object a line.

A record has `question`, `answers` (any one is right), `documents` (names of the files that hold the answer), and
may have `pages`, `answerable` and `direction`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.evaluation.jsonl import read
from agents.proof.markers import without
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agents.chat.answers import Answer
    from ingest.documents import Hit


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
    )


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


@dataclass
class AnswerScores:
    """Shares over the questions asked."""

    right: list[bool] = field(default_factory=list)
    refused: list[bool] = field(default_factory=list)
    refused_rightly: list[bool] = field(default_factory=list)
    verified: list[bool] = field(default_factory=list)
    unsupported: int = 0

    def add(self, question: Question, answer: Answer) -> None:
        """Count one answer."""
        if question.answerable:
            self.right.append(not answer.abstained and contains_gold(without(answer.text), question.answers))
            self.refused.append(answer.abstained)
        else:
            self.refused_rightly.append(answer.abstained)
        self.verified.extend(citation.verified for citation in answer.citations)
        self.unsupported += len(answer.unsupported_sentences)

    def figures(self) -> dict[str, float]:
        """Shares; those without a question to count are left out."""
        shares = {
            "answer_contains_gold": self.right,
            "wrongly_refused": self.refused,
            "rightly_refused": self.refused_rightly,
            "citations_verified": self.verified,
        }
        figures: dict[str, float] = {"questions": float(len(self.right) + len(self.refused_rightly))}
        figures |= {name: round(sum(values) / len(values), 4) for name, values in shares.items() if values}
        return {**figures, "citations": float(len(self.verified)), "unsupported_sentences": float(self.unsupported)}


def contains_gold(text: str, answers: Iterable[str]) -> bool:
    """Whether one of `answers` stands in `text`: NFKC, case, blanks and punctuation folded; a number not as part of a
    longer number."""
    folded = _folded(text)
    return any(gold and re.search(_pattern(gold), folded) for gold in map(_folded, answers))


def _pattern(gold: str) -> str:
    before = r"(?<!\d)" if gold[0].isdigit() else ""
    after = r"(?!\d)" if gold[-1].isdigit() else ""
    return f"{before}{re.escape(gold)}{after}"


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(char for char in folded if unicodedata.category(char)[0] in "LNS")
