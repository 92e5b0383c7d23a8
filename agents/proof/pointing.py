"""Which statement a model's words point at, where they prove nothing by themselves.

A paraphrase that goes too far for a tick ("the nickname is 'the dot'" for "its circle logo, also called 'the dot'") still
tells which statement its writer had in mind: the one that has what the words add to the question. That statement is the
document's own and can be quoted.
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.proof.names import across
from agents.proof.numbers import Quantity, agrees, claimed, stated
from agents.proof.quotes import Candidate
from agents.proof.rarity import Rarity, canonical_terms
from agents.proof.recall import Recall
from agents.proof.synonyms import is_light
from ingest.folding import fold
from ingest.language import is_han

ENOUGH = 0.7
"""Weighted share of the terms that words add to the question which the statement must have."""


class Pointing:
    """What `words`, the sentences of an answer, add to a question."""

    def __init__(self, question: str, words: Sequence[str]) -> None:
        self._words = words
        self._told = canonical_terms(question)
        self._characters = set(fold(question))
        self._asked = stated(question)

    @property
    def bare_number(self) -> bool:
        """Whether a sentence adds a number and nothing else (a pair of characters that the question has apart is nothing)."""
        return any(
            self._numbers(sentence)
            and all(
                is_light(term) or (not term.isascii() and set(term) <= self._characters)
                for term in canonical_terms(sentence) - self._told
            )
            for sentence in self._words
        )

    def at(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those of `candidates` that answer and have what one of the sentences adds: its numbers all, of its terms
        `ENOUGH`; where languages differ, its terms in the statement's script. In the order given."""
        recall = Recall(self._told, Rarity(candidate.statement.text for candidate in candidates))
        answering = [candidate for candidate in candidates if candidate.answers]

        def has(sentence: str, text: str) -> bool:
            numbers, added = self._numbers(sentence), canonical_terms(sentence) - self._told
            if not all(agrees(number, stated(text)) for number in numbers):
                return False
            if across(sentence, text):
                added = frozenset(term for term in added if _han(term) == _han(text))
                return bool(numbers or added) and added <= canonical_terms(text)
            return bool(numbers or added) and recall(sentence, text, "")[0] >= ENOUGH

        return [c for c in answering if any(has(sentence, c.statement.text) for sentence in self._words)]

    def _numbers(self, sentence: str) -> list[Quantity]:
        return [number for number in claimed(sentence) if not agrees(number, self._asked)]


def _han(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(map(is_han, letters)) > len(letters)
