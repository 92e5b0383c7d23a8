"""Does a statement, or a sentence proven by one, answer the question?

That a sentence stands in the documents does not make it an answer. Three things do, and each can be missing:

    condition   it states the year, code or size the question names, and no other one
    kind        it holds the number, date or sum that is asked for
    subject     it is about what the question is about: its rarest words stand there or around it, and it is near in meaning

The first two are rules. The third is a logistic of how much of the subject is there and how near the statement lies,
since a paraphrase names little of it and lies near, and the wrong thing's number lies near too. Its value grows with how
probably the statement holds the answer; for a combination with other votes it is given as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.proof.relevance import Question
from agents.proof.statements import Statement
from ingest.language import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agents.proof.relevance import View
    from agents.proof.similarity import Closeness
    from agents.proof.sources import Citation
    from ingest.documents import Hit

_SUBJECT, _CLOSENESS, _WITHOUT_KIND, _CONDITION, _OFFSET = 3.7, 3.0, -0.85, 0.7, -6.1
_CLOSENESS_ACROSS, _WITHOUT_KIND_ACROSS, _CONDITION_ACROSS, _OFFSET_ACROSS = 2.9, -1.6, 1.2, -4.55
_ROW, _CODE = -1.0, -2.0
"""A row holds a number of everything; code states nothing."""
ENOUGH, ENOUGH_ACROSS = 0.07, 0.05
"""Score from which on a statement counts as an answer, by whether it is in the question's language."""
_NO_EMBEDDER = 1.1
"""What closeness is taken for where there is no embedder: about its mean over statements that answer."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Whether something answers a question."""

    score: float
    """0..1, about the share of statements like this one that hold the answer (of candidates, mostly wrong ones)."""
    reason: str
    """Why not: 'condition', 'kind' or 'subject'; '' when it answers."""

    @property
    def answers(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reason


class AnswerCheck:
    """One question, held against statements."""

    def __init__(self, question: str, among: Iterable[str], closeness: Closeness | None = None) -> None:
        """`among` are the texts the answer is chosen from: what is rare in them weighs most."""
        self.text = question
        self.question = Question(question, among)
        self._closeness = closeness

    def closeness(self, texts: Sequence[str]) -> list[float | None]:
        """How near each of `texts` comes to the question; None without an embedder."""
        return list(self._closeness.answers(self.text, texts)) if self._closeness else [None] * len(texts)

    def judge(self, statement: Statement, title: str = "", passage: str = "") -> Answering:
        """Whether `statement` answers. `title` names its document and section, `passage` is all around it."""
        [near] = self.closeness([statement.text])
        return self.weigh(self.question.view(statement, title, passage), statement, near)

    def sentence(self, sentence: str, citations: Sequence[Citation], hits: Sequence[Hit]) -> Answering:
        """Whether a model's `sentence` answers that `citations` prove (those with its text as their `sentence`).

        The source must be about the question's subject: a sentence may name it on its own account. What is asked for
        must be in the sentence as well as in the source. The best of its sources decides.
        """
        told = self.question.view(Statement(((0, len(sentence)),), sentence))
        best = Answering(0.0, "subject")
        for citation in citations:
            if citation.sentence != sentence:
                continue
            hit = hits[citation.n - 1]
            title = " ".join([hit.document, *hit.section])
            quoted = Statement(((citation.start, citation.end),), citation.quote)
            found = self.judge(quoted, title, hit.text)
            if found.answers and self.question.asked.wants_number and not told.kind:
                found = Answering(found.score, "kind")
            best = max(best, found, key=lambda a: (a.answers, a.score))
        return best

    def weigh(self, view: View, statement: Statement, closeness: float | None) -> Answering:
        """The judgement on a statement that looks like `view` and lies `closeness` near."""
        across = language_of(statement.text) != language_of(self.text)
        asked = self.question.asked
        lacking = not view.kind and (asked.wants_number or asked.who or asked.date)
        score = _score(
            view, statement, _NO_EMBEDDER if closeness is None else closeness, lacking=lacking, across=across
        )
        if view.conditions < 0:
            return Answering(score, "condition")
        if asked.wants_number and not view.kind:
            return Answering(score, "kind")
        return Answering(score, "" if score >= (ENOUGH_ACROSS if across else ENOUGH) else "subject")


def _score(view: View, statement: Statement, closeness: float, *, lacking: bool, across: bool) -> float:
    if across:
        logit = _OFFSET_ACROSS + _CLOSENESS_ACROSS * closeness
        logit += _WITHOUT_KIND_ACROSS * lacking + _CONDITION_ACROSS * view.conditions
    else:
        logit = _OFFSET + _SUBJECT * view.words + _CLOSENESS * closeness
        logit += _WITHOUT_KIND * lacking + _CONDITION * view.conditions
    return 1 / (1 + math.exp(-logit - _ROW * statement.row - _CODE * (statement.form != "prose")))
