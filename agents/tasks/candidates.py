"""Which statements answer a part of a task beside those that read like it: what is said of each of several things, what another
document says to the contrary, and from what the day that is asked for is counted."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from agents.chat.settling import SURE
from agents.proof.asked import DATE, PERSON, asked_for
from agents.proof.clock import times
from agents.proof.quotes import Candidate
from agents.proof.rarity import content_terms
from agents.proof.sources import Citation
from agents.tasks.amounts import amounts, amounts_of, wanted
from agents.tasks.days import AHEAD, LATEST, WEEKDAY, between, counted_back, days_to_meet, names_weekday, spans_in
from agents.tasks.evidence import Answer
from agents.tasks.grounding import letters
from ingest.documents import Hit
from ingest.folding import fold
from ingest.language import language_of

AHEAD_OF = 1.5
"""How often as surely as the next the one statement must answer that is taken for its kind alone."""
AS_NEAR = 0.75
"""Share of the first statement's score from which on one of another document is about the same."""


def of_each(asked: str, ranked: Sequence[Candidate], found: Sequence[Hit]) -> list[tuple[Hit, Candidate]]:
    """The best statement of each document that holds an amount of the kind that is asked for and of the best one's unit."""
    each: dict[int, tuple[Hit, Candidate]] = {}
    kinds: set[str] = set()
    for candidate in ranked:
        here = {kind for kind, _ in _wanted(asked, candidate)}
        hit = found[candidate.n - 1]
        if candidate.answers and here and hit.document_id not in each and (not kinds or here & kinds):
            kinds = kinds or here
            each[hit.document_id] = (hit, candidate)
    return list(each.values())


def lists(asked: str, ranked: Sequence[Candidate], told: Collection[str], count: int) -> bool:
    """Whether the only statement `told` has `count` amounts of what is asked: of each of 'the three boats' its own."""
    listed = [one for one in ranked if one.statement.text in told and len(_wanted(asked, one)) == count]
    return len(listed) == len(told) == 1


def amount_of(
    asked: str,
    thing: str,
    ranked: Sequence[Candidate],
    found: Sequence[Hit],
    like: frozenset[str],
) -> Candidate | None:
    """The nearest statement with an amount of the kind that is asked for that stands under `thing`, or is its row, and shares a word
    with what else is asked: beside those of the other things it answers, however little it says by itself."""
    about = (content_terms(asked) | like) - content_terms(thing)
    for candidate in ranked:
        hit = found[candidate.n - 1]
        row = re.split("[;；]", candidate.statement.text)[0] if candidate.statement.row else ""
        under = letters(thing) in letters(f"{hit.under} {row}")
        if under and about & content_terms(candidate.statement.text) and _wanted(asked, candidate):
            return replace(candidate, answers=True)
    return None


def like(part: str, answers: Sequence[Answer]) -> frozenset[str]:
    """The words in which the documents give what `part` asks for of one of its things."""
    clauses = [clause for answer in answers for _, _, clause in amounts_of(answer.facts, part)]
    return frozenset(content_terms(" ".join(clauses)) - content_terms(part)) if clauses else frozenset()


def by_two_days(asked: str, ranked: Sequence[Candidate]) -> Candidate | None:
    """The nearest statement, where it tells how long what is asked about takes by the days on which it begins and ends."""
    best = next(iter(ranked), None)
    if best is None or best.answering.score < SURE or "days" not in asked_for(asked).units:
        return None
    return replace(best, answers=True) if between(best.statement.text) else None


def contrary(
    asked: str, ranked: Sequence[Candidate], found: Sequence[Hit], quotes: Sequence[Citation]
) -> Candidate | None:
    """The nearest statement of another document that answers for sure, or comes nearly as near as the first quote, and has another
    number or time of day of the kind that is asked for."""
    told = {quote.sentence for quote in quotes}
    first = next((c for c in ranked if c.statement.text in told and _wanted(asked, c)), None)
    if first is None:
        return None
    here, cited = _wanted(asked, first), {quote.document_id for quote in quotes}
    kinds = {kind for kind, _ in here}
    about = content_terms(first.statement.text) if language_of(asked) == language_of(first.statement.text) else set()
    for other in ranked:
        said = content_terms(f"{other.statement.before} {other.statement.text}")
        there = {(kind, value) for kind, value in _wanted(asked, other) if kind in kinds}
        if (
            there
            and (
                (other.answers and other.answering.score >= SURE)
                or (other.score >= AS_NEAR * first.score and about & said)
            )
            and found[other.n - 1].document_id not in cited
            and language_of(other.statement.text) == language_of(first.statement.text)
            and not here & there
        ):
            return replace(other, answers=True)
    return None


def from_there(asked: str, ranked: Sequence[Candidate], quotes: Sequence[Citation]) -> Candidate | None:
    """The statement behind the first quote that counts a day from it: 'The dock is closed on 2 March. It opens 45 days after
    that date.'"""
    told = [quote.sentence for quote in quotes]
    if days_to_meet(asked):  # how long before the day that it names
        about = content_terms(asked)
        ahead = (one for one in ranked if AHEAD.search(one.statement.text))
        return next((replace(one, answers=True) for one in ahead if about & content_terms(one.statement.text)), None)
    if not told or not asked_for(asked).date:
        return None
    behind = (one for one in ranked if one.statement.before == told[0] and one.statement.text not in told)
    return next((replace(one, answers=True) for one in behind if any(spans_in(one.statement.text, asked))), None)


def counting_back(asked: str, ranked: Sequence[Candidate], found: Sequence[Hit]) -> list[Candidate]:
    """The statement that gives the day of something, and the one of the same document by which what is asked for is so long before
    it; none where that is open."""
    if not (asked_for(asked).date or LATEST.search(asked)) or days_to_meet(asked):
        return []
    for document in dict.fromkeys(hit.document_id for hit in found):
        here = {one.statement.text: one for one in ranked if found[one.n - 1].document_id == document}
        if back := counted_back(asked, [*here]):
            return [replace(here[text], answers=True) for text in back.rests_on]
    return []


def fitting_one(part: str, ranked: Sequence[Candidate]) -> list[Candidate]:
    """The nearest statement that has what `part` asks for, where none beside it has that and is nearly as near."""
    fitting = [one for one in ranked if fits(part, one)]
    beside = max((one.answering.score for one in fitting[1:]), default=0.0)
    clear = fitting and (fitting[0].answers or fitting[0].answering.score >= AHEAD_OF * beside)
    return [replace(fitting[0], answers=True)] if clear else []


def fits(part: str, candidate: Candidate) -> bool:
    """Whether a statement has what `part` asks for: a number of something, a date, somebody, or else whether it answers."""
    asked, text = asked_for(part), candidate.statement.text
    if asked.wants_number:
        return bool(_wanted(part, candidate))
    if WEEKDAY.search(part):
        return names_weekday(text)
    if asked.date:
        return bool(DATE.search(fold(text)))
    return candidate.answers and not (asked.who and not PERSON.search(text))


def _wanted(asked: str, candidate: Candidate) -> set[tuple[str, object]]:
    """The kinds and values in a statement of what is asked for: amounts, or times of day."""
    text, kind = candidate.statement.text, asked_for(asked)
    if kind.date:
        return {("time of day", at) for _, at, _ in times(fold(text))}
    return {(one.kind, one.value) for one, _ in amounts(text, row=candidate.statement.row) if wanted(one, kind, asked)}
