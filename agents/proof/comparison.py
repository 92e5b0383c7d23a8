"""A sentence laid beside its source: what stands in the place of what, and whether that changes what is said.

A sentence copied from its source with one thing exchanged shares nearly every word with it, so counting shared words
lets it pass. The two are therefore aligned token by token (`agents.proof.tokens`), and each gap between what is the same
is looked at: a number for another number, a denial on one side alone, 'all' for 'some', 'before' for 'after', one thing
for another; and two things that have changed places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from agents.proof import quantifiers
from agents.proof.numbers import Quantity, agrees, stated
from agents.proof.roles import swapped, voiced
from agents.proof.synonyms import opposed
from agents.proof.tokens import Token, clauses, ends_clause, pieces, tokens, within
from agents.proof.verdicts import Difference
from ingest.folding import fold

LONGEST_SAID, LONGEST_TOLD = 12, 16
"""Tokens of a gap in which one thing can be said to stand for another."""
ONE_THING = 0.5
"""The same where the sentence has but one thing that the source has not."""
SHORT = 5
"""Tokens of a gap that is one thing for another even where too little of the rest is shared."""
CERTAIN = frozenset({"days", "seconds", "metres", "grams", "yuan", "dollars", "bytes"})
"""Units that a number can't lose to a noun."""
NEAR_COPY = 0.8
"""Share of the sentence's tokens that are the source's, in its order, from which on each difference counts."""

_CAPITAL = re.compile("[A-Z]")


@dataclass(frozen=True, slots=True)
class _Gap:
    """What the sentence has where the source has something else, up to the ends of the clause on the source's side."""

    said: Sequence[Token]
    told: Sequence[Token]
    ahead: Sequence[Token]
    """Of these, those in the clause of what follows."""
    begins: bool
    """Nothing of the sentence stands before it."""
    short: bool
    after: str
    """Key of the token behind it, that both have."""


class Comparison:
    """One sentence and one stretch of a source."""

    def __init__(self, sentence: str, source: str) -> None:
        said = tokens(sentence)
        while said and said[-1].kind == "end":
            said = said[:-1]
        self.said, self.told = said, tokens(source)
        self._sentence, self._source = sentence, source
        keys = [token.key for token in self.said], [token.key for token in self.told]
        self._codes = SequenceMatcher(None, *keys, autojunk=False).get_opcodes()
        weights = [token.weighs for token in self.said]
        same = sum(sum(weights[i1:i2]) for tag, i1, i2, _, _ in self._codes if tag == "equal")
        self.share = same / (sum(weights) or 1)
        changed = [(tag, i1, i2) for tag, i1, i2, _, _ in self._codes if tag != "equal" and any(weights[i1:i2])]
        # Of a short sentence, one name may be a third.
        one_thing = len(changed) == 1 and changed[0][0] == "replace" and self.share >= ONE_THING
        self.near = self.share >= NEAR_COPY or (one_thing and changed[0][2] - changed[0][1] <= SHORT)

    def difference(self, allowed: str, known: str, *, loosely: bool) -> Difference | None:
        """The first gap that changes what is said. `allowed` names what the source may call by another name (the title,
        the question); `loosely`: a sentence that is no near copy is looked at as well, for things put in the place of
        others that stand nowhere in `known` (all around the source)."""
        gaps = list(self._gaps())
        if self.near and (there := _denied(gaps)) is not None:
            return Difference("denial", self.clause(there[0]) if there else "")
        for gap in gaps:
            if self.near and (found := self._exchanged(gap)):
                return found
        said, told = self._sentence, self._source
        if swapped(self.said, self.told, said) or voiced(said, told):
            return Difference("role")
        for gap in gaps if self.near or loosely else ():
            if gap.short and self._replaced(gap, allowed, known, loosely=loosely):
                mine, theirs = self._cut(said, gap.said), self.wording(gap.told)
                names = _CAPITAL.search(mine) and _CAPITAL.search(theirs)
                return Difference("name" if names else "replaced", theirs)
        return None

    def wording(self, told: Sequence[Token]) -> str:
        """The source's own words from the first to the last of these tokens, without signs around them."""
        return self._cut(self._source, told)

    @staticmethod
    def _cut(text: str, found: Sequence[Token]) -> str:
        folded = fold(text)
        kept = [token for token in found if token.kind != "end"]
        return (text if len(folded) == len(text) else folded)[kept[0].start : kept[-1].end].strip() if kept else ""

    def clause(self, token: Token) -> str:
        """The source's clause that `token` is in."""
        at = self.told.index(token)
        return self.wording([*_from_clause(self.told[: at + 1]), *_to_clause(self.told[at + 1 :])])

    @cached_property
    def _held(self) -> bool:
        """Whether one clause of the source has each word of the sentence, in whatever order."""
        said = [token for token in self.said if token.weighs]
        return all(token.kind == "word" for token in said) and any(
            {token.key for token in said} <= {token.key for token in clause} for clause in clauses(self.told)
        )

    def _gaps(self) -> Iterator[_Gap]:
        first = next((code for code in self._codes if code[0] == "equal"), None)
        if first is None:
            return
        for tag, i1, i2, j1, j2 in self._codes:
            if tag == "equal":
                continue
            told = self.told[j1:j2]
            left, right = i1 == 0, i2 == len(self.said)
            if left:
                told = _from_clause(told)
            if right:
                told = _to_clause(told)
            short = len(told) <= LONGEST_TOLD and i2 - i1 <= LONGEST_SAID
            ahead = told if right else _from_clause(told)
            if not short and not (left or right):
                told = (*_to_clause(told), *ahead)
            after = self.said[i2].key if i2 < len(self.said) else ""
            yield _Gap(self.said[i1:i2], told, ahead, left, short, after)

    def _exchanged(self, gap: _Gap) -> Difference | None:
        """A quantifier, a bound, a number or an opposite in the place of another."""
        for mine in gap.said:
            for other in gap.told:
                if mine.number and other.number and _unnamed(mine.number, other.number):
                    return Difference("unit", self.wording([other]))
                if mine.kind == other.kind == "quantifier" and quantifiers.differ(mine.key, other.key):
                    return Difference("quantifier", self.wording([other]))
                if opposed(mine.key, other.key):
                    return Difference("condition", self.wording([other]))
        numbers = [token.number for token in gap.told if token.number]
        for mine in gap.said:
            if mine.number and numbers and gap.short and not agrees(mine.number, numbers):
                if mine.number.kind == "weekday" and agrees(mine.number, stated(self.wording(gap.told))):
                    continue  # Wednesday is one of 'Monday to Friday'
                alike = (t for t in gap.told if t.number and t.number.kind == mine.number.kind)
                theirs = next(alike, None) or next(t for t in gap.told if t.number)
                assert theirs.number is not None
                unit = theirs.number.kind != mine.number.kind and theirs.number.figure == mine.number.figure
                return Difference("unit" if unit else "number", self.wording([theirs]))
        return None

    def _replaced(self, gap: _Gap, named: str, known: str, *, loosely: bool) -> bool:
        if self._held or not _weighty(gap.said) or not _weighty(gap.told):
            return False
        other = {token.key for token in gap.told}
        new = [piece for piece in pieces(self.said, gap.said) if piece not in other]
        capital = bool(_CAPITAL.search(self._cut(self._sentence, gap.said)))
        if not self.near:
            return any(not within(piece, f"{known} {named}") for piece in new)
        if all(within(piece, named) for piece in new):
            return capital and not gap.begins and bool(_CAPITAL.search(self.wording(gap.told)))
        # With its number, or at the end, it has moved: 'the treaty was signed in 1950' for 'in 1950 … signed the treaty'.
        moves = not gap.after or any(token.number for token in gap.said)
        if not capital and moves and all(within(piece, self._source) for piece in new):
            return False
        return loosely or len(gap.said) <= SHORT >= len(gap.told)


def _unnamed(mine: Quantity, theirs: Quantity) -> bool:
    """Whether a number counts something the tables don't know where the source's has a unit they know."""
    return not mine.kind and not mine.bare and theirs.kind in CERTAIN and mine.figure == theirs.figure


def _weighty(gap: Sequence[Token]) -> list[Token]:
    return [token for token in gap if token.weighs and token.kind in {"word", "han"}]


def _denied(gaps: Sequence[_Gap]) -> Sequence[Token] | None:
    """Where the source has what one side alone denies; one that has moved with what it denies is the same."""
    mine = [(gap, _head(gap.said, at, gap.after)) for gap in gaps for at in _denials(gap.said)]
    # What was left out up to the end of a clause was said of something else.
    theirs = [(gap, _head(gap.ahead, at, gap.after)) for gap in gaps for at in _denials(gap.ahead)]
    for one, other in ((theirs, mine), (mine, theirs)):
        heads = [head for _, head in other]
        if stray := next((gap for gap, head in one if head not in heads), None):
            return stray.ahead
    return None


def _denials(gap: Sequence[Token]) -> list[int]:
    return [at for at, token in enumerate(gap) if token.kind == "denial"]


def _head(gap: Sequence[Token], at: int, after: str) -> str:
    return next((token.key for token in gap[at + 1 :] if token.kind != "end"), after)


def _from_clause(told: Sequence[Token]) -> tuple[Token, ...]:
    """From the beginning of the last clause."""
    at = max((n for n, token in enumerate(told) if ends_clause(token)), default=-1)
    return tuple(told[at + 1 :])


def _to_clause(told: Sequence[Token]) -> tuple[Token, ...]:
    """Up to the end of the first clause."""
    return tuple(told[: next((n for n, token in enumerate(told) if ends_clause(token)), len(told))])
