"""The content terms of a text, synonyms as one, how much each weighs among the sentences shown, and how much of a sentence a
stretch of a passage has of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache

from agents.proof.numbers import without_numbers
from agents.proof.synonyms import canonical, is_light, plain
from agents.proof.tokens import straddles
from agents.proof.words import terms

LIGHTEST = 0.3
"""Weight of a word that a paraphrase adds and drops."""


@lru_cache(maxsize=8192)
def canonical_terms(text: str) -> frozenset[str]:
    """The distinct content terms of `text`, synonyms as one; numbers, which are compared by value, left out."""
    return frozenset(canonical(term) for term in terms(without_numbers(plain(text))))


def content_terms(text: str) -> set[str]:
    """`canonical_terms` without those that only link."""
    return {term for term in canonical_terms(text) if not is_light(term)}


@lru_cache(maxsize=8192)
def content_words(text: str) -> tuple[str, ...]:
    """The same in order, without pairs of characters that lie across two words."""
    found = map(canonical, terms(without_numbers(plain(text))))
    return tuple(dict.fromkeys(term for term in found if not is_light(term) and not straddles(term)))


class Rarity:
    """Weight of a term by how few of the sentences shown hold it; a term that none holds weighs most."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._seen: Counter[str] = Counter()
        self._texts = 0
        for text in texts:
            self._texts += 1
            self._seen.update(canonical_terms(text))

    def __call__(self, term: str) -> float:
        """In `LIGHTEST`..~5; function words never get here, words that only link weigh least."""
        if is_light(term):
            return LIGHTEST
        return math.log(1 + (self._texts + 1) / (self._seen[term] + 0.5))


class Recall:
    """For one question: `told` are its terms, `rarity` is what a term weighs. What the question has said already need not be in
    the quote where passage, title or section has it; what merely straddles two words counts little."""

    def __init__(self, told: frozenset[str], rarity: Callable[[str], float]) -> None:
        self._told = told
        self._rarity = rarity

    def __call__(self, sentence: str, quote: str, context: str) -> tuple[float, float]:
        """Weighted recall of the terms the sentence adds to the question, and of all its terms."""
        said = canonical_terms(sentence)
        here = canonical_terms(quote)
        named = canonical_terms(context)
        held, there = plain(quote), plain(context)
        credit = {term: credit_of(term, here, held) for term in said}
        weight = {term: self._weight(term, credit, held) for term in said}
        for term in said:
            if term in self._told or credit[term] < 1:
                credit[term] = max(credit[term], credit_of(term, named, there))
        new = said - self._told
        return _share(weight, credit, new), _share(weight, credit, said)

    def _weight(self, term: str, credit: dict[str, float], held: str) -> float:
        """Of a term: little for a pair of characters that isn't there and merely straddles two words."""
        weight = self._rarity(term)
        if credit[term] or len(term) != 2 or term.isascii():
            return weight
        if straddles(term):
            return LIGHTEST
        if term not in self._told:
            return weight
        there = set(term) & set(held)
        return weight / 2 if any(there & set(other) for other, had in credit.items() if had == 1) else weight


def credit_of(term: str, present: frozenset[str], folded: str) -> float:
    """1 when the term is there; part of it when both characters of a Chinese pair are, apart: pairs also straddle
    two words, and those of a paraphrase meet other neighbours."""
    if term in present:
        return 1.0
    if len(term) == 1 and not term.isascii():
        return float(term in folded)  # 级 of 7 级
    if len(term) == 2 and not term.isascii():
        return 0.6 if term[0] in folded and term[1] in folded else 0.0
    return 0.0


def _share(weight: dict[str, float], credit: dict[str, float], among: frozenset[str] | set[str]) -> float:
    total = sum(weight[term] for term in among)
    return sum(weight[term] * credit[term] for term in among) / total if total else 1.0
