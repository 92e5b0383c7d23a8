"""Whether the numbers of a calculation that a model chose belong to what is asked.

That each stands somewhere is little: of `(60*5)/7` the 7 was of another offer. A number belongs where the task has it, a call
brought it, or it is an amount in a clause or a cell that shares a word with the task; seven is a week's days only where days
and weeks are spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import permutations

from agents.chat.signs import leans_back
from agents.proof.binding import Bound, bounds
from agents.proof.numbers import Quantity, stated
from agents.proof.operations import APART, MEAN, TOGETHER
from agents.proof.rarity import content_terms
from agents.tasks.listed import apart
from agents.tasks.per_one import tiers
from agents.tasks.reckoning import operation, several
from agents.tasks.tariffs import for_one, several_of
from ingest.folding import fold
from ingest.language import language_of
from ingest.units import MONEY, UNIT, unit

_FIGURE = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
_MEAN = re.compile(r"\(([^()]+)\)\s*/\s*(\d+)")
_PER_CENT = re.compile(r"%|\bper ?cent|百分", re.IGNORECASE)
_CALENDAR = frozenset(map(Fraction, (30, 52, 360, 365)))
"""What days and months or years are converted by."""


def unrelated(expression: str, asked: str, brought: Sequence[str], read: Iterable[str]) -> list[str]:
    """The numbers of `expression` that belong to nothing: neither to the task and step (`asked`), nor to what calls `brought`, nor
    to a clause of what was `read` that shares a word with what is asked."""
    near = _near(asked, read)
    shares = {value for bound in near if _is_share(bound) for value in _of_share(bound.quantity, expression)}
    there = {value for text in (asked, *brought) for number in stated(text) for value in _values(number)} | shares
    there |= {value for bound in near if not _is_share(bound) for value in _values(bound.quantity)}
    used = {Fraction(number) for number in _FIGURE.findall(expression)}
    clauses = [bound.clause for bound in near if used & set(_values(bound.quantity))]
    allowed = {Fraction(1), *_conversions(fold(" ".join([asked, *clauses]))), *_means(expression)}
    if shares or "%" in expression:
        allowed |= {Fraction(10), Fraction(100)}
    found = dict.fromkeys(_FIGURE.findall(expression))
    return [number for number in found if Fraction(number) not in there | allowed]


def uncalled_for(expression: str, goal: str, brought: Sequence[str]) -> bool:
    """Whether a calculation is another one than `goal` asks for: for a difference a share, or anything without a minus, and where
    one value is asked for, or a value for one, any that uses nothing that calls `brought`: '48 + 84 + 7' of what an insurance costs."""
    if APART.search(goal):
        return "-" not in expression or ("/" in expression and not _PER_CENT.search(goal))
    if any(sign.search(goal) for sign in (TOGETHER, MEAN)) or apart(goal) or operation(goal):
        return False
    counts = any(n.figure and n.figure > 1 for n in stated(goal)) and not for_one(goal)
    numbers = {Fraction(number) for number in _FIGURE.findall(expression)}
    given = {value for text in brought for number in stated(text) for value in _values(number)}
    return not (counts or numbers & given or leans_back(goal))


def incomplete(expression: str, goal: str) -> bool:
    """Whether a sum is of more or fewer terms than `goal` names or counts things whose sum or difference it asks for, or leaves
    out how many of them it asks the price of."""
    things = len(apart(goal)) or several(goal)
    terms = [term for term in re.split(r"[-+,]", expression) if _FIGURE.search(term)]
    if things and (TOGETHER.search(goal) or APART.search(goal)) and len(terms) not in (1, things):
        return True
    numbers = {Fraction(number) for number in _FIGURE.findall(expression)}
    return any(not numbers & {number.value, number.figure} for number in several_of(goal))


def _near(asked: str, read: Iterable[str]) -> list[Bound]:
    """The amounts whose clause shares a word with what is asked, and of one unit none whose words are all said of another one
    that shares more: where skis are asked for, not what else costs something. In another language all may belong."""
    about, language = content_terms(asked), language_of(asked)
    found: list[Bound] = []
    shared: list[tuple[Bound, set[str]]] = []
    for text in read:
        amounts = [bound for bound in bounds(text) if not bound.condition and bound.quantity not in tiers(text)]
        if language_of(text) != language:
            found += amounts
            continue
        shared += [(bound, about & (content_terms(bound.clause) | bound.terms)) for bound in amounts]
    more = {(bound.unit, frozenset(said)) for bound, said in shared}
    return found + [
        bound for bound, said in shared if said and not any(kind == bound.unit and said < other for kind, other in more)
    ]


def _values(number: Quantity) -> Iterator[Fraction]:
    """What a calculation may write for a number: as it stands, not the seconds of its minutes."""
    if number.figure is not None:
        yield number.figure
    if not number.kind or number.kind in MONEY:
        yield number.value


def _is_share(bound: Bound) -> bool:
    """Whether a number is a part of something: 15 %, 八五折."""
    return bound.quantity.kind == "percent" or f"{bound.quantity.surface.strip()}折" in fold(bound.clause)


def _of_share(number: Quantity, expression: str) -> Iterator[Fraction]:
    """What a calculation may write for a share: .85, or 85 where it divides by a hundred; 八五折 and 七折 are told alike."""
    figure = number.figure or number.value
    yield from (figure / 10, figure / 100, 1 - figure / 100)
    if re.search(r"/\s*100?(?!\d)|%", expression):
        yield figure


def _conversions(text: str) -> Iterator[Fraction]:
    """By what one unit that `text` names is converted into another that it names."""
    units = {unit(match.group()) for match in UNIT.finditer(text)}
    dimensions = {dimension for dimension, _ in units}
    yield from (one / other for (kind, one), (same, other) in permutations(units, 2) if kind == same)
    if {"days", "months"} <= dimensions:
        yield from _CALENDAR


def _means(expression: str) -> Iterator[Fraction]:
    """How many terms a sum has that is divided by as many."""
    yield from (Fraction(count) for terms, count in _MEAN.findall(expression) if int(count) == terms.count("+") + 1)
