"""Which statement a model's words point at, where they prove or answer nothing by themselves.

A paraphrase that goes too far for a tick ("the nickname is 'the dot'" for "its circle logo, also called 'the dot'") still
tells which statement its writer had in mind: the one that has what the words add to the question, or that they were found to
differ from. That statement is the document's own and can be quoted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agents.proof.checking import Checked
from agents.proof.numbers import Quantity, agrees, claimed, stated
from agents.proof.quotes import Candidate
from agents.proof.rarity import Rarity, Recall, canonical_terms
from agents.proof.sources import Citation
from agents.proof.statements import Statement, readable
from agents.proof.synonyms import is_light
from ingest.documents import Hit
from ingest.folding import fold
from ingest.language import is_han, language_of

ENOUGH = 0.7
"""Weighted share of the terms that words add to the question which the statement must have."""
ENOUGH_BESIDE = 0.4
"""The same beside a number that it has."""
TELLING = 10
"""From which on a number points by itself at a statement that answers: smaller ones stand everywhere."""


class Pointing:
    """What the sentences of an answer add to a question."""

    def __init__(
        self, question: str, checked: Checked, citations: Sequence[Citation] = (), hits: Sequence[Hit] = ()
    ) -> None:
        """`citations` are those of the sentences `checked`, to `hits`."""
        self._titles = {n: hit.under for n, hit in enumerate(hits, 1)}
        self._words = [sentence.text for sentence in checked.sentences if sentence.verdict != "no claim"]
        differing = {sentence.text for sentence in checked.sentences if sentence.verdict == "differs"}
        self._other = [cited for cited in citations if cited.sentence in differing]
        self._told = canonical_terms(question)
        self._characters = set(fold(question))
        self._asked = stated(question)

    def at(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those of `candidates` that have what one of the sentences adds: its numbers all, of its terms `ENOUGH` (none beside a
        `TELLING` number where the candidate answers by itself), what its title has aside;
        where languages differ, its Latin words, of which a Chinese statement needs only the names. Where none has, those that one
        differs from. In the order given."""
        rarity = Rarity(candidate.statement.text for candidate in candidates)
        chinese = [canonical_terms(one.statement.text) for one in candidates if _han(one.statement.text)]
        names = {term for terms in chinese for term in terms if term.isascii() and term[0].isalpha()}

        def has(sentence: str, one: Candidate) -> bool:
            text = one.statement.text
            above = f"{one.statement.context} {self._titles.get(one.n, '')}"
            known = self._told | canonical_terms(above)
            numbers, added = self._numbers(sentence, above), canonical_terms(sentence) - self._told
            if not all(agrees(number, stated(text)) for number in numbers):
                return False
            rare = one.answers and any(number.value >= TELLING for number in numbers)
            if rare or (numbers and all(map(self._says_nothing, added))):
                return True
            if language_of(sentence) != language_of(text):
                shared = added & names if _han(text) else frozenset(term for term in added if not _han(term))
                return bool(numbers or shared) and shared <= canonical_terms(text)
            # Of a Chinese sentence a Latin name tells most.
            if _han(text) and (latin := {term for term in added - known if term.isascii()}):
                return latin <= canonical_terms(text)
            enough = ENOUGH_BESIDE if numbers else ENOUGH
            return bool(added - known) and Recall(known, rarity)(sentence, text, "")[0] >= enough

        having = [one for one in candidates if any(has(sentence, one) for sentence in self._words)]
        return having or [told for one in candidates for told in self._differing(one)]

    @property
    def numeric(self) -> bool:
        """Whether a sentence adds a number."""
        return any(map(self._numbers, self._words))

    def _differing(self, one: Candidate) -> Iterator[Candidate]:
        """`one`, as far as it goes, where a sentence was found to differ from it."""
        begin, stop = one.statement.spans[-1]
        for cited in self._other:
            if one.n == cited.n and cited.start < stop and begin < cited.end:
                whole = Statement(((cited.start, cited.end),), readable(cited.quote), one.statement.context)
                yield one if one.statement.row else replace(one, statement=whole)

    def _numbers(self, sentence: str, above: str = "") -> list[Quantity]:
        """Those that a sentence adds to the question, and to what stands `above` a statement."""
        known = (*self._asked, *stated(above))
        return [number for number in claimed(sentence) if not agrees(number, known)]

    def _says_nothing(self, term: str) -> bool:
        """Beside a number: a word that only links, or a pair of characters that the question has apart."""
        return is_light(term) or (not term.isascii() and set(term) <= self._characters)


def _han(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(map(is_han, letters)) > len(letters)
