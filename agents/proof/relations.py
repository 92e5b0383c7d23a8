"""How a number stands to what is said of it: since 2018 is not in 2018, cut by 5 % not to 5 %, over 100 not at most 100; and
ranges and bounds: 6 of '5—7 岁', 70 of '65 岁以上', eight months of 'after six months', 9:00 of '8:30 以后'.

Prepositions and their Chinese counterparts are a closed class. Each is read beside the number, past whatever else its
date has: 2019 is a bound in 'before 15 March 2019' and in 2019年3月15日之前.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from agents.proof.numbers import Quantity, stated
from agents.proof.quantifiers import direction
from agents.proof.weekdays import TO
from ingest.folding import fold
from ingest.numerals import HAN_NUMERAL, MONTH_NUMBERS

_DATE = (
    rf"(?:[\d\s,./-]|[年月日号]|年代|世纪|\b(?:the|of|early|late|mid|end|beginning|{'|'.join(MONTH_NUMBERS)})\b|[初末底]"
    rf"|(?<=\d)(?:st|nd|rd|th)\b|{HAN_NUMERAL})*"
)
"""What else of a date may stand between a number and its preposition."""
_BEFORE = {
    "before": r"\b(?:before|prior to|earlier than)|(?<!不)早于",
    "after": r"\b(?:after|later than)|(?<!不)晚于",
    "since": r"\b(?:since|from|(?:starting|beginning) (?:in|on|from))|自从|[自从]",
    "until": r"\b(?:until|till|through)|直[到至]",
    "in": r"\b(?:in|on|during)|[于在]",
    "to": r"(?<!\bup )\bto|(?<=[增减升降提缩涨跌加少高低长短])[至到为]",
    "by": r"\bby|(?<=[增减升降涨跌加少高低长短])了",
}
_BEHIND = {
    "before": "(?:之|以)?前(?![后半期])",
    "after": "(?:之|以)?后(?![来半期])",
    "since": r"起|以来|至今|开始|\s*onwards?\b",
    "until": "为止",
}
_EARLIER, _LATER = frozenset({"before", "until"}), frozenset({"after", "since"})
_AMOUNT = r"[\s$€£¥]*(?:about|around|nearly|约|近)?[\s$€£¥]*"


def _alternatives(words: dict[str, str]) -> str:
    return "|".join(f"(?P<{name}>{spelled})" for name, spelled in words.items())


_AHEAD = re.compile(rf"(?:{_alternatives(_BEFORE)})(?P<date>{_DATE}|{_AMOUNT})\Z")
_AFTER = re.compile(rf"(?:{_DATE})(?:{_alternatives(_BEHIND)})")


@lru_cache(maxsize=4096)
def relation(folded: str, start: int, end: int) -> str:
    """Of the number at folded[start:end]: 'before', 'after', 'since', 'until', 'in', 'to' or 'by' (a change), 'more',
    'less', or '' when it merely stands there."""
    if behind := _AFTER.match(folded, end):
        return behind.lastgroup or ""
    if ahead := _AHEAD.search(folded, max(0, start - 40), start):
        return next(name for name in _BEFORE if ahead[name])
    return {1: "more", -1: "less"}.get(direction(folded, start, end), "")


def excludes(claim: str, source: str, *, dated: bool, alike: bool) -> bool:
    """Whether a source that gives a number in one relation does not say what is claimed in another. `dated`: the number is
    of a date, not of a length of time: 'after five years' is 满五年. `alike`: the rest of the sentence is the source's, so
    that no other word can make up for the preposition, as 'began' does for 'since'."""
    if claim == source:
        return False
    pair = {claim, source}
    if pair in ({"to", "by"}, {"more", "less"}) or (pair & _EARLIER and pair & _LATER):
        return True
    if not dated:
        return False
    if pair & {"before", "after"} and pair & {"", "in"}:
        return True
    return alike and pair == {"in", "since"}


_BETWEEN = re.compile(rf"[;,；，]?{TO}[:：]?\s*")
_ISO = re.compile(r"\d+(?:-\d+){2,}")
_STRICT = re.compile(r"(?:[不未]满|不足|超过|\b(?:under|over|below|above|less than|more than))\s*$")
_WAYS = {"after": 1, "since": 1, "before": -1, "until": -1}
_OF_TIME = frozenset({"clock", "days", "months", "seconds"})
_DAY = 24 * 60


def ranges(text: str, numbers: Sequence[Quantity]) -> Iterator[tuple[Quantity, Quantity]]:
    """The first and the last of each two `numbers` of `text` with nothing but 'to' between them; 2026-10-27 is no range."""
    folded = _ISO.sub(lambda date: "□" * len(date.group()), fold(text))
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
