"""Days of the week as values: Wednesday = 周三 = 星期三, and all that lie between two of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.numerals import HAN_WEEKDAYS, NUMERAL_CHARACTERS, WEEKDAY_NUMBERS, WEEKDAYS

_HAN = (
    rf"(?:(?<![{NUMERAL_CHARACTERS}\d个])|(?<=[周期拜][{''.join(HAN_WEEKDAYS)}]))"
    rf"(?:周|星期|礼拜)[{''.join(HAN_WEEKDAYS)}](?![次个遍回份篇节堂场期天])"
)
"""三周一次 and 每周三次 name no day, but 周五周六 two."""
_NAME = rf"\b(?:{'|'.join(WEEKDAYS)})(?=s?\b)|{_HAN}"
_ANY = rf"\b(?:{'|'.join(WEEKDAY_NUMBERS)})\b|{_HAN}|(?<=[至到\-])[{''.join(HAN_WEEKDAYS)}]"
TO = r"\s*(?:[-\u2013\u2014~至到]|\b(?:to|through|till|until)\b)\s*"
"""Between the first and the last of several, in a folded text."""
_SHORT = rf"(?:(?<=[:;|,/] )|(?<=[:;|,/])|\A)(?:{'|'.join(WEEKDAY_NUMBERS)})\b(?=\s*(?:[\d;|,/]|\Z))"
"""An abbreviation that fills a cell, or stands there before a time: 'Day: Mon 18:30'."""
_DAY = re.compile(rf"{_NAME}|{_SHORT}")
_RANGE = re.compile(rf"({_ANY}){TO}({_ANY})")
"""Elsewhere abbreviations don't count: the sun, and who sat, are no days."""
_SEVERAL = (
    (re.compile(r"\b(?:daily|every ?day|(?:seven|7) days a week)\b|[每天]天|每日|全年无休"), range(7)),
    (re.compile(r"\b(?:week|working |business )days?\b|工作日|平日"), range(5)),
    (re.compile(r"\bweekends?\b|周末"), range(5, 7)),
)


def weekdays(folded: str) -> Iterator[tuple[re.Match[str], int]]:
    """Each day that is named, 0 for Monday."""
    for match in _DAY.finditer(folded):
        yield match, _number(match.group())


def meant(folded: str) -> set[int]:
    """The days that are meant without being named: of 'Monday to Friday' also Tuesday, of 'daily' all."""
    found = {day for pattern, days in _SEVERAL if pattern.search(folded) for day in days}
    for match in _RANGE.finditer(folded):
        first, last = _number(match[1]), _number(match[2])
        found |= {day % 7 for day in range(first, last + 1 if last >= first else last + 8)}
    return found


def _number(name: str) -> int:
    return WEEKDAY_NUMBERS[name] if name.isascii() else HAN_WEEKDAYS[name[-1]]
