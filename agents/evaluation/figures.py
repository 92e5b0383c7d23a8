"""What many cases come to, and two runs on the same questions, pair by pair: of two shares one can't tell whether they differ by
chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb
from statistics import median

from agents.evaluation.cases import Case

SHARES = (
    "answer_contains_gold",
    "gold_recall",
    "wrongly_refused",
    "rightly_refused",
    "wrongly_refused_in_words",
    "rightly_refused_in_words",
    "citations_verified",
    "in_question_language",
    "across_languages",
)


def figures(cases: Sequence[Case]) -> dict[str, float]:
    """Shares of those they apply to (left out where there are none), counts, and medians of tokens and seconds over the
    answers that a model wrote, or over all where none did: a refusal without asking one takes no time.

    `across_languages` is `in_question_language` over the questions to documents in another language."""
    here = [case for case in cases if case.answerable]
    nowhere = [case for case in cases if not case.answerable]
    found: dict[str, float | None] = {
        "questions": len(cases),
        "answer_contains_gold": _mean(case.right for case in here),
        "gold_recall": _mean(case.recall for case in here),
        "wrongly_refused": _mean(case.refused for case in here),
        "rightly_refused": _mean(case.refused for case in nowhere),
        "wrongly_refused_in_words": _mean(case.refused_in_words for case in here),
        "rightly_refused_in_words": _mean(case.refused_in_words for case in nowhere),
    }
    citations = sum(case.reply.citations for case in cases)
    written = [case.reply for case in cases if case.reply.prompt_tokens] or [case.reply for case in cases]
    found |= {
        "citations_verified": sum(case.reply.verified for case in cases) / citations if citations else None,
        "citations": citations,
        "unsupported_sentences": sum(case.reply.unsupported for case in cases),
        "in_question_language": _mean(case.in_question_language for case in cases),
        "across_languages": _mean(case.in_question_language for case in cases if case.crosses),
        "repeating": sum(case.repeated > 0 for case in cases),
        "empty": sum(case.empty for case in cases),
        "failed": sum(bool(case.reply.error) for case in cases),
    }
    if written:
        found |= {
            "prompt_tokens": median(reply.prompt_tokens for reply in written),
            "first_token": median(reply.first_token for reply in written),
            "total": median(reply.total for reply in written),
        }
    return {name: round(float(value), 4) for name, value in found.items() if value is not None}


def _mean(values: Iterable[float | None]) -> float | None:
    counted = [value for value in values if value is not None]
    return sum(counted) / len(counted) if counted else None


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
