"""The answer that needs no model: the sentences of the passages found that come nearest to the question, quoted.

A sentence scores by the question's terms it holds, each weighted by how rare it is among the passages; by its closeness
in meaning, which is what carries a question in another language; by holding the kind of thing that is asked
for (a number, a date, a name); and by the place of its passage. The weights were set on CMRC and XQuAD development
questions (tests/benchmarks/answers.py shows what they give).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.citations import Pages, passage_of, quote
from agents.folding import fold
from agents.quantities import stated
from agents.spans import quotable
from agents.support import Rarity, canonical_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.answers import Citation
    from agents.support import Similarity
    from ingest.documents import Hit

PASSAGES = 4
"""Passages looked at: recall@5 of the search is near 1, and each costs a few embeddings."""
CANDIDATES = 12
"""Sentences whose closeness in meaning is worked out."""
_WORDS, _MEANING, _KIND, _PLACE = 1.0, 1.2, 0.25, 0.35
NEAR = 0.12
"""Closeness from which on a sentence without a word of the question may still answer it (in another language)."""
SECOND_BEST = 0.8
"""A further sentence is quoted when it scores this share of the best."""

_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|far|tall|high|large|often|big|deep|fast)\b|\bwhat (?:percentage|number|age|amount|population)\b"
    r"|多少|几(?!乎)|多长|多久|多大|多高|多远|多重|百分之|比例|数量|面积|人口|金额|价格|费用"
)
_ASKS_DATE = re.compile(
    r"\bwhen\b|\bwhat (?:year|date|day|month|century)\b|\bwhich year\b|何时|什么时候|什么时间|哪[一]?年|几[年月日号]|哪[一]?天|日期|年份|时间"
)
_ASKS_WHO = re.compile(r"\bwho(?:se|m)?\b|\bwhich (?:person|actor|author|company)\b|谁|哪位|何人|什么人|哪个人|人物")
_DATE = re.compile(
    r"\d{4}|\d+[年月日]|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b|世纪|century"
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+|·|先生|女士|教授|博士|[\u4e00-\u9fff]{2,4}(?:任|担任|出任|是|为)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of passage `n`, with its score."""

    n: int
    start: int
    end: int
    text: str
    score: float
    shares: bool = True
    """Whether it has anything to do with the question: a term of it, or a meaning near enough."""


def nearest_sentences(question: str, hits: Sequence[Hit], similarity: Similarity | None = None) -> list[Candidate]:
    """The sentences of the first passages, best first."""
    found = [
        (n, start, end, hit.text[start - hit.start : end - hit.start])
        for n, hit in enumerate(hits[:PASSAGES], 1)
        for start, end in quotable(hit.text, hit.start)
    ]
    found = [item for item in found if not _is_heading(item[3])]
    if not found:
        return []
    rarity = Rarity(text for *_, text in found)
    asked = canonical_terms(question)
    contexts = {n: canonical_terms(passage_of(hits[n - 1]).context) for n, *_ in found}
    top = max((hit.score for hit in hits), default=0.0) or 1.0
    rough = []
    for n, start, end, text in found:
        overlap = _overlap(asked, text, contexts[n], rarity)
        score = _WORDS * overlap + _PLACE * hits[n - 1].score / top
        score += _KIND * _right_kind(question, text)
        rough.append(Candidate(n, start, end, text, score, shares=overlap > 0))
    rough.sort(key=lambda c: -c.score)
    if similarity is None:
        return rough
    # Words alone can't rank a question in another language: then every sentence of the best passages is a candidate.
    near = rough[:CANDIDATES]
    close = similarity(question, [c.text for c in near])
    scored = [
        Candidate(c.n, c.start, c.end, c.text, c.score + _MEANING * max(0.0, value), c.shares or value >= NEAR)
        for c, value in zip(near, close, strict=True)
    ]
    return sorted(scored, key=lambda c: -c.score)


def best_quotes(
    question: str, hits: Sequence[Hit], pages: Pages, similarity: Similarity | None = None, most: int = 3
) -> tuple[Citation, ...]:
    """One to `most` proven quotes that answer `question`, best first. A quote that can't be read back is left out."""
    ranked = [c for c in nearest_sentences(question, hits, similarity) if c.shares]
    chosen: list[Candidate] = []
    for candidate in ranked:
        if len(chosen) == most or candidate.score < SECOND_BEST * ranked[0].score:
            break
        if not any(_repeats(candidate.text, other.text) for other in chosen):
            chosen.append(candidate)
    quotes = (
        quote(pages, hits[c.n - 1], c.n, c.start, c.end, supports=True, sentence=one_line(c.text)) for c in chosen
    )
    return tuple(q for q in quotes if q.verified)


def quoted_answer(citations: Sequence[Citation]) -> str:
    """The quotes as a text with their markers, one to a line."""
    return "\n\n".join(f"{one_line(citation.quote)} [{citation.n}]" for citation in citations)


def one_line(text: str) -> str:
    """A quote on one line, as text of a paragraph: list marks and line breaks gone. The citation keeps it exactly."""
    joined = re.sub(r"(?<=[\u2e80-\u9fff\uff00-\uffef])\s*\n\s*(?=[\u2e80-\u9fff\uff00-\uffef])", "", text)
    return re.sub(r"^(?:[-*+•·]\s+|#{1,6}\s+|>\s*)+", "", re.sub(r"\s+", " ", joined)).strip()


def _overlap(asked: frozenset[str], text: str, context: frozenset[str], rarity: Rarity) -> float:
    here = canonical_terms(text)
    total = sum(rarity(term) for term in asked)
    if not total:
        return 0.0
    return sum(rarity(term) * (1.0 if term in here else 0.5 if term in context else 0.0) for term in asked) / total


def _right_kind(question: str, text: str) -> float:
    asked = fold(question)
    if _ASKS_DATE.search(asked) and not _ASKS_NUMBER.search(asked):
        return 1.0 if _DATE.search(fold(text)) else 0.0
    if _ASKS_NUMBER.search(asked):
        known = {q.value for q in stated(question)}
        return 1.0 if any(q.value not in known for q in stated(text)) else 0.0
    if _ASKS_WHO.search(asked):
        return 1.0 if _NAME.search(text) else 0.0
    return 0.0


def _is_heading(text: str) -> bool:
    stripped = text.strip()
    return (
        stripped.startswith("#")
        or (len(stripped) < 4)
        or set(stripped) <= set("|-: ")
        or stripped.endswith(("?", "？"))
    )


def _repeats(text: str, other: str) -> bool:
    one, two = canonical_terms(text), canonical_terms(other)
    return bool(one) and len(one & two) >= 0.85 * min(len(one), len(two) or 1)
