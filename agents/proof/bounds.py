"""Ranges and bounds: 6 of '5—7 岁', 70 of '65 岁以上', eight months of 'after six months', 9:00 of '8:30 以后'."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from agents.proof.numbers import Quantity, stated
from agents.proof.quantifiers import direction
from agents.proof.relations import relation
from agents.proof.weekdays import TO
from ingest.folding import fold

_BETWEEN = re.compile(rf"[;,；，]?{TO}[:：]?\s*")
_DATE = re.compile(r"\d+(?:-\d+){2,}")
_STRICT = re.compile(r"(?:[不未]满|不足|超过|\b(?:under|over|below|above|less than|more than))\s*$")
_WAYS = {"after": 1, "since": 1, "before": -1, "until": -1}
_OF_TIME = frozenset({"clock", "days", "months", "seconds"})
_DAY = 24 * 60


def ranges(text: str, numbers: Sequence[Quantity]) -> Iterator[tuple[Quantity, Quantity]]:
    """The first and the last of each two `numbers` of `text` with nothing but 'to' between them; 2026-10-27 is no range."""
    folded = _DATE.sub(lambda date: "□" * len(date.group()), fold(text))
    placed = sorted((number for number in numbers if number.at >= 0), key=lambda number: number.at)
    for first, last in pairwise(placed):
        if _BETWEEN.fullmatch(folded[first.at + len(first.surface) : last.at]):
            yield first, last


def holds(bound: Quantity, given: Quantity, text: str) -> bool | None:
    """Whether `given`, of the same kind, lies where `bound`, a number of `text`, says; None where that is no bound."""
    if bound.at < 0:
        return None
    for first, last in ranges(text, stated(text)):
        if bound.at in (first.at, last.at) and first.figure is not None and last.figure:
            own = first.kind == last.kind
            least = first.value if own else first.figure * last.value / last.figure  # it has the unit of the last
            return least <= given.value <= (last.value or _DAY)
    folded, end = fold(text), bound.at + len(bound.surface)
    way = direction(folded, bound.at, end)
    if not way and bound.kind in _OF_TIME:
        way = _WAYS.get(relation(folded, bound.at, end), 0)
    if not way or not given.kind:
        return None
    beyond = (given.value - bound.value) * way
    return beyond > 0 or (beyond == 0 and not _STRICT.search(folded[: bound.at]))
