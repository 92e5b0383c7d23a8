"""The answer that needs no model: the statements of the passages found that come nearest to the question, quoted.

A statement (`agents.statements`) scores by the question's terms that it or what leads it holds, by its closeness in
meaning, which is what carries a question in another language, by holding the kind of thing asked for, by meeting
the numbers the question takes for granted, and by the place of its passage. Set on 60 questions each of cmrc-trial
and XQuAD zh→zh, en→en, zh→en, where the result is flat around these weights (docs/decisions.md); what they give on all
questions, `tests/benchmarks/answers.py` measures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from agents.citations import quote
from agents.relevance import Question
from agents.statements import statements
from agents.support import canonical_terms
from ingest.language import language_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.answers import Citation
    from agents.citations import Pages
    from agents.statements import Statement
    from ingest.documents import Hit

PASSAGES = 4
"""Passages looked at: recall@5 of the search is near 1, and each costs a few embeddings."""
CANDIDATES = 12
"""Statements whose closeness in meaning is worked out; some 40 tokens each."""
CANDIDATES_ACROSS = 24
"""The same where the question is in another language than the passages, and words can't choose them."""
WORDS, MEANING, KIND, CONDITIONS, PLACE = 1.0, 0.4, 0.3, 0.3, 0.3
NEAR = 0.35
"""Closeness (0 unrelated, 1 as a question and its answer) from which on a statement without a word of the question
may still answer it."""
SECOND_BEST = 0.8
"""A further statement is quoted when it scores this share of the best."""


class Closeness(Protocol):
    """How near statements come to a question in meaning."""

    def answers(self, question: str, texts: Sequence[str]) -> list[float]:
        """One value per text: 0 unrelated, 1 as near as a question and its answer."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement of passage `n` (from 1), with its score."""

    n: int
    statement: Statement
    score: float
    shares: bool
    """Whether it has anything to do with the question: a term of it, or a meaning near enough."""


def nearest_statements(
    question: str, hits: Sequence[Hit], pages: Pages, closeness: Closeness | None = None
) -> list[Candidate]:
    """The statements of the first passages, best first."""
    found = [
        (n, statement)
        for n, hit in enumerate(hits[:PASSAGES], 1)
        for statement in statements_of(hit, _page(pages, hit))
    ]
    asked = Question(question, (statement.text for _, statement in found))
    top = max((hit.score for hit in hits), default=0.0) or 1.0
    rough = []
    for n, statement in found:
        if asked.told_by(statement):
            continue
        hit = hits[n - 1]
        view = asked.view(statement, " ".join([hit.document, *hit.section]), hit.text)
        score = WORDS * view.words + KIND * view.kind + CONDITIONS * view.conditions + PLACE * hit.score / top
        rough.append(Candidate(n, statement, score, shares=view.words > 0))
    rough.sort(key=lambda c: -c.score)
    if closeness is None or not rough:
        return rough
    across = any(language_of(c.statement.text) != language_of(question) for c in rough[:CANDIDATES])
    near = rough[: CANDIDATES_ACROSS if across else CANDIDATES]
    close = closeness.answers(question, [c.statement.text for c in near])
    scored = [
        Candidate(c.n, c.statement, c.score + MEANING * max(0.0, value), c.shares or value >= NEAR)
        for c, value in zip(near, close, strict=True)
    ]
    return sorted(scored, key=lambda c: -c.score)


def statements_of(hit: Hit, page: str) -> list[Statement]:
    """The statements of a passage on its page."""
    return statements(page, hit.start, hit.end, [hit.document, *hit.section])


def best_quotes(
    question: str, hits: Sequence[Hit], pages: Pages, closeness: Closeness | None = None, most: int = 2
) -> tuple[Citation, ...]:
    """One to `most` proven statements that answer `question`: the best one's passage first, in the order of the
    document within a passage. A table's row comes as two quotes, its header and itself, with the same `sentence`.
    What can't be read back is left out."""
    ranked = [c for c in nearest_statements(question, hits, pages, closeness) if c.shares]
    chosen: list[Candidate] = []
    for candidate in ranked:
        if len(chosen) == most or candidate.score < SECOND_BEST * ranked[0].score:
            break
        if not any(_repeats(candidate.statement.text, other.statement.text) for other in chosen):
            chosen.append(candidate)
    order = {n: place for place, n in enumerate(dict.fromkeys(c.n for c in chosen))}
    chosen.sort(key=lambda c: (order[c.n], c.statement.spans[-1]))
    proven: list[Citation] = []
    for candidate in chosen:
        hit = hits[candidate.n - 1]
        quotes = [
            quote(pages, hit, candidate.n, start, end, supports=True, sentence=candidate.statement.text)
            for start, end in candidate.statement.spans
        ]
        if all(q.verified for q in quotes):
            proven += quotes
    return tuple(proven)


def quoted_answer(citations: Sequence[Citation]) -> str:
    """The statements quoted as a text with their markers, one to a line."""
    lines = dict.fromkeys((citation.sentence, citation.n) for citation in citations)
    return "\n\n".join(f"{sentence} [{n}]" for sentence, n in lines)


def _page(pages: Pages, hit: Hit) -> str:
    """The page a passage is on; blanks with the passage in its place when it has changed or is gone."""
    try:
        text = pages.page_text(hit.document_id, hit.page)
    except (LookupError, ValueError, OSError):
        text = ""
    return text if text[hit.start : hit.end] == hit.text else " " * hit.start + hit.text


def _repeats(text: str, other: str) -> bool:
    one, two = canonical_terms(text), canonical_terms(other)
    return bool(one) and len(one & two) >= 0.85 * min(len(one), len(two) or 1)
