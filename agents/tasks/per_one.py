"""What is for one of something: '26 pounds a month', 每人每天 60 元. So many of it are that often as much, and nothing else is."""

from __future__ import annotations

import re
from fractions import Fraction

from agents.proof.asked import asked_for
from agents.proof.binding import Bound, bounds
from agents.proof.numbers import Quantity, agrees, stated
from agents.proof.rarity import content_terms
from agents.tasks.amounts import Amount, Reckoning, amounts, nearest, wanted, worked_out
from agents.tasks.grounding import share
from ingest.folding import fold
from ingest.numerals import SPOKEN
from ingest.units import MONEY, UNITS

_NOUN = re.compile(r"\s*(?:([a-z]+?)s?\b|个?[\u4e00-\u9fff])")
_PER = re.compile(
    r"\d\s*(?:[a-z]+\s)?\s*(?:/|(?:per|an?|each|every)\s)\s*([a-z]+?)s?\b|/\s*([\u4e00-\u9fff]{1,2})"
    r"|每一?个?(?:([天日晚周月年次人])|([\u4e00-\u9fff]{1,3}?)(?=每|\s|\d|$))"
)
_ONE = re.compile(r"\b(?:per|an?|each|every|one)\s+([a-z]+?)s?\b|[每一]个?([\u4e00-\u9fff])")
"""Of what a question asks for one."""
_FROM = re.compile(r"(?:满|超过|\b(?:over|more than|at least))\s*$")
_ON = re.compile(
    r"\s*(?:(?:[a-z]+ )?on\b|(?:[a-z]+ )?(?:or|and) (?:more|longer|over|above|less)\b|[\u4e00-\u9fff]?[及或]?以[上下内])"
)
_FIGURE = r"\d+(?:\.\d+)?"
_PRODUCT = re.compile(rf"(?<![\w.])({_FIGURE})\s*[*×]\s*(?=({_FIGURE}))")
_DIMENSIONS = frozenset(dimension for dimension, _ in UNITS.values())


def times(goal: str, known: tuple[str, bool], before: str) -> Reckoning | None:
    """So many times the one amount in `known`, a statement and whether it is a table's row, which answers the question `before` for
    one of what `goal` counts: 'How many days of leave does a year have? How many are that in three years?'"""
    counts = [number for number in stated(goal) if number.figure and number.figure > 1]
    asked, each = asked_for(before), ones(before)
    if not counts or not asked_for(goal).wants_number or asked_for(goal).units - asked.units:
        return None
    conditions = [number for number in stated(before) if number.figure != 1]
    found: list[tuple[tuple[int, float], tuple[Amount, tuple[Fraction, ...]]]] = []
    for amount, clause in amounts(known[0], row=known[1]):
        factors = [number for number in counts if counted_noun(goal, number) in each]
        rest = [number for number in counts if number not in factors and not agrees(number, stated(clause))]
        if wanted(amount, asked, before) and factors and not rest:
            near = (
                sum(agrees(number, stated(clause)) for number in conditions),
                share(content_terms(before), content_terms(clause)),
            )
            found.append((near, (amount, tuple(n.figure or n.value for n in factors))))
    best = nearest(found)
    return worked_out("*", (best[0].figure, *best[1]), best[0].label) if best else None


def tiers(text: str) -> list[Quantity]:
    """The numbers of a text that tell from how many on something holds: 20 of 'from 20 sacks on', 三天 of 连租三天及以上."""
    folded = fold(text)
    found = {n.at: n for n in stated(text) if n.at >= 0 and n.kind not in MONEY}
    return [n for n in found.values() if _FROM.search(folded[: n.at]) or _ON.match(folded[n.at + len(n.surface) :])]


def per(text: str) -> set[str]:
    """Of what a text's amounts are for one: 'month' of '£26 a month', 人 and 天 of 每人每天 60 元."""
    return {noun for match in _PER.finditer(fold(text)) for noun in match.groups() if noun}


def ones(text: str) -> set[str]:
    """Of what a text says something for one: 'hour' of 'an hour costs 22 pounds', 天 of 每天."""
    return per(text) | {one or other for one, other in _ONE.findall(fold(text))}


def mixed_up(expression: str, known: str) -> str:
    """What of a sum mixes up what its numbers are in `known`, '' for nothing: money for one day times kilograms, or money and
    minutes added up."""
    there = bounds(re.sub(r"\n(?=[a-z])", " ", known))  # a line that goes on

    def of(number: str, dimensions: frozenset[str]) -> list[Bound]:
        """Where that number stands, if it is everywhere one of `dimensions`."""
        found = [bound for bound in there if Fraction(number) in (bound.quantity.value, bound.quantity.figure)]
        return found if all(bound.unit in dimensions for bound in found) else []

    alone = [term.strip() for term in re.split(r"[-+]", expression) if re.fullmatch(_FIGURE, term.strip())]
    pairs = [(one, other, False) for one in alone for other in alone]
    pairs += [(*pair, True) for one, other in _PRODUCT.findall(expression) for pair in ((one, other), (other, one))]
    for one, other, product in pairs:
        money, measured = of(one, MONEY), of(other, _DIMENSIONS - MONEY)
        each = {noun for bound in money for noun in per(bound.clause)}
        counts = {counted_noun("", bound.quantity) for bound in measured}
        if money and measured and not (product and (each & counts or not each)):
            return f"{one} {'*' if product else '+'} {other}"
    return ""


def counted_noun(text: str, number: Quantity) -> str:
    """The noun that a number counts, in the singular: 'night' of 'three nights', 年 of 三年, 公斤 of 5 公斤."""
    behind = fold(text)[number.at + len(number.surface) :] if number.at >= 0 and not number.kind else ""
    own = re.sub(rf"^(?:[\d.,\s]+|{SPOKEN})\s*个?", "", fold(number.surface))
    match = _NOUN.match(behind) if behind else re.search(r"([a-z]+?)s?$|[\u4e00-\u9fff]+$", own)
    return "" if match is None else (match[1] or match[0]).strip().removeprefix("个")
