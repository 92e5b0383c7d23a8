"""Two runs on the same questions, pair by pair: of two shares one can't tell whether they differ by chance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb

from agents.evaluation.cases import Case


@dataclass(frozen=True, slots=True)
class Pairs:
    """Questions that both were asked: right answers where there is one, refusals where there is none."""

    both: int
    neither: int
    first: int
    """Good in the first run only."""
    second: int

    @property
    def total(self) -> int:
        """How many pairs there are."""
        return self.both + self.neither + self.first + self.second

    @property
    def p(self) -> float:
        """See `mcnemar`."""
        return mcnemar(self.first, self.second)


def paired(first: Iterable[Case], second: Iterable[Case]) -> Pairs:
    """The questions that are in both, by set and id, whoever answered."""
    others = {(case.set, case.id): case for case in second}
    counts = {(a, b): 0 for a in (True, False) for b in (True, False)}
    for case in first:
        if other := others.get((case.set, case.id)):
            counts[case.good, other.good] += 1
    return Pairs(counts[True, True], counts[False, False], counts[True, False], counts[False, True])


def mcnemar(first: int, second: int) -> float:
    """The exact two-sided p of McNemar's test for `first` against `second` discordant pairs: twice the tail of a fair
    binomial, at most 1. (Fagerland, Lydersen, Laake 2013, "The McNemar test for binary matched-pairs data", BMC Medical
    Research Methodology 13:91, the exact conditional test.)"""
    flips = first + second
    tail = sum(comb(flips, k) for k in range(min(first, second) + 1))
    return min(1.0, 2 * tail / (1 << flips))
