"""The content terms of a text, synonyms as one, and how much each weighs among the sentences shown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
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
