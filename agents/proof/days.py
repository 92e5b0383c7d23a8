"""Days of a year, however a text writes them: 5月7日, 2026-05-07, '7 May', 07.05.2026."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ingest.folding import fold
from ingest.numerals import MONTH_NUMBERS

Day = tuple[int, int, int]
"""Month, day, and the year, 0 where none is named."""

_YEAR, _FIGURE = r"(?:19|20)\d\d", r"\d{1,2}"
_MONTH = "|".join(sorted(map(re.escape, MONTH_NUMBERS), key=len, reverse=True))
_DAY = re.compile(
    rf"(?<![\d.])(?:(?P<y1>{_YEAR})\s*年\s*)?(?P<m1>{_FIGURE})\s*月\s*(?P<d1>{_FIGURE})\s*[日号]"
    rf"|(?<!\d)(?P<y2>{_YEAR})[-/.](?P<m2>{_FIGURE})[-/.](?P<d2>{_FIGURE})(?!\d)"
    rf"|(?<!\d)(?P<d3>{_FIGURE})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m3>{_MONTH})\b\.?(?:,?\s+(?P<y3>{_YEAR}))?"
    rf"|\b(?P<m4>{_MONTH})\.?\s+(?P<d4>{_FIGURE})(?!\d)(?:st|nd|rd|th)?(?:,?\s+(?P<y4>{_YEAR}))?"
    rf"|(?<!\d)(?P<d5>{_FIGURE})(?P<sign>[./])(?P<m5>{_FIGURE})(?P=sign)(?P<y5>{_YEAR})(?!\d)"
)


@lru_cache(maxsize=4096)
def days(text: str) -> tuple[frozenset[Day], ...]:
    """For each date in `text` the days it may be: two of 3/5/2026, which is another one in America."""
    found = []
    for match in _DAY.finditer(fold(text)):
        year, month, day = (next(filter(None, (match[f"{part}{n}"] for n in range(1, 6))), "0") for part in "ymd")
        one = (MONTH_NUMBERS.get(month) or int(month), int(day), int(year))
        found.append(frozenset({one, (one[1], one[0], one[2])} if match["sign"] == "/" else {one}))
    return tuple(found)


def without_days(text: str) -> str:
    """`text`, folded, with the days it names blanked."""
    return _DAY.sub(" ", fold(text))


def on_one(some: Sequence[frozenset[Day]], others: Sequence[frozenset[Day]]) -> bool:
    """Whether both name a day that may be the same: a year that one of them leaves open is any."""
    pairs = ((a, b) for one in some for other in others for a in one for b in other)
    return any(a[:2] == b[:2] and (a[2] == b[2] or not a[2] * b[2]) for a, b in pairs)
