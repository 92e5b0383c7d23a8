"""Dates in a text, however they are written: 2026年5月7日, 5月7日, 2026-05-07, '7 May', 07.05.2026, 二〇二六年五月, 2026年修订."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ingest.folding import fold
from ingest.numerals import HAN_DIGITS, MONTH_NUMBERS, han_value

Day = tuple[int, int, int]
"""Month, day, and the year, 0 where none is named."""

_MONTH = "|".join(sorted(map(re.escape, MONTH_NUMBERS), key=len, reverse=True))
_HAN = "".join(HAN_DIGITS)
_YEAR = r"(?<![\d.])(?:19|20)\d\d"
_TH = "(?:st|nd|rd|th)?"
_DATE = re.compile(
    rf"(?P<y1>{_YEAR})\s*(?:年\s*|[-/._])(?P<m1>0?[1-9]|1[0-2])(?!\d)(?:\s*(?:月\s*|[-/._])(?P<d1>[0-2]?\d|3[01])(?!\d)\s*[日号]?)?月?"
    rf"|(?P<y2>{_YEAR})(?P<m2>0[1-9]|1[0-2])(?P<d2>[0-2]\d|3[01])(?!\d)"
    rf"|(?<!\d)(?P<d3>\d{{1,2}}){_TH}\s+(?:of\s+)?(?P<m3>{_MONTH})\b\.?(?:,?\s+(?P<y3>{_YEAR})(?!\d))?"
    rf"|\b(?P<m4>{_MONTH})\.?\s+(?:(?P<d4>\d{{1,2}})(?!\d){_TH}(?:,?\s+(?P<y4>{_YEAR})(?!\d))?|(?P<y5>{_YEAR})(?!\d))"
    rf"|(?P<y6>[{_HAN}]{{4}})年(?P<m6>[{_HAN}十]{{1,2}})月(?:(?P<d6>[{_HAN}十]{{1,3}})[日号])?"
    rf"|(?<![\d.])(?P<m7>\d{{1,2}})\s*月\s*(?P<d7>\d{{1,2}})\s*[日号]"
    rf"|(?<![\d.])(?P<d8>\d{{1,2}})(?P<sign>[./])(?P<m8>\d{{1,2}})(?P=sign)(?P<y8>(?:19|20)\d\d)(?!\d)"
    rf"|(?P<y9>{_YEAR})(?!\d|,\d)(?:\s*年)?\s*(?:修[订正]版?|版|年?度)?"
)


class Date(NamedTuple):
    """Where in a folded text a date stands, and what it names: 0 for what it leaves open."""

    start: int
    end: int
    year: int
    month: int
    day: int
    either: bool = False
    """Whether day and month may be the other way about: 3/5/2026."""


def dates(folded: str) -> Iterator[Date]:
    """The dates in a text, years and months alone among them; 31 February is told as well."""
    for match in _DATE.finditer(folded):
        part = {name[0]: written for name, written in match.groupdict().items() if written}
        year, month, day = (_figure(part.get(name, "0")) for name in "ymd")
        yield Date(*match.span(), year, month, day, part.get("s") == "/")


def _figure(written: str) -> int:
    if written.isdigit() or written in MONTH_NUMBERS:
        return MONTH_NUMBERS.get(written) or int(written)
    return int("".join(str(HAN_DIGITS[char]) for char in written) if len(written) == 4 else han_value(written))


@lru_cache(maxsize=4096)
def days(text: str) -> tuple[frozenset[Day], ...]:
    """For each day that `text` names, those it may be: two of 3/5/2026."""
    return tuple(
        frozenset(
            {(one.month, one.day, one.year), (one.day, one.month, one.year)}
            if one.either
            else {(one.month, one.day, one.year)}
        )
        for one in dates(fold(text))
        if one.day
    )


def without_days(text: str) -> str:
    """`text`, folded, with the days it names blanked."""
    folded = fold(text)
    for one in reversed([one for one in dates(folded) if one.day]):
        folded = f"{folded[: one.start]} {folded[one.end :]}"
    return folded


def on_one(some: Sequence[frozenset[Day]], others: Sequence[frozenset[Day]]) -> bool:
    """Whether both name a day that may be the same: a year that one of them leaves open is any."""
    pairs = ((a, b) for one in some for other in others for a in one for b in other)
    return any(a[:2] == b[:2] and (a[2] == b[2] or not a[2] * b[2]) for a, b in pairs)
