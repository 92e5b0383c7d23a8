"""How a number stands to what is said of it: since 2018 is not in 2018, cut by 5 % not to 5 %, over 100 not at most 100.

Prepositions and their Chinese counterparts are a closed class. Each is read beside the number, past whatever else its
date has: 2019 is a bound in 'before 15 March 2019' and in 2019年3月15日之前.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agents.proof.quantifiers import direction
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
