"""Dates as people and files write them: a day, a month or a year, each with its first and its last day."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

_WRITTEN = re.compile(
    r"\s*(?P<year>\d{4})(?:\s*[-/.年]\s*(?P<month>\d{1,2})(?:\s*[-/.月]\s*(?P<day>\d{1,2}))?)?\s*[年月日]?(?:[T\s].*)?",
    re.DOTALL,
)
_COMPACT = re.compile(r"(?:D:)?(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:\d{2}.*)?", re.DOTALL)
"""Of PDF ('D:20240305101500+08'00'') and of file names."""


@dataclass(frozen=True, slots=True)
class Period:
    """From its `first` to its `last` day, as 'YYYY-MM-DD'; `text` is the ISO form that says no more than was said."""

    first: str
    last: str
    text: str


def period(written: object) -> Period | None:
    """The period that `written` names (a date, or a text that is one); None where it is none or cannot be."""
    if isinstance(written, datetime):
        written = (written.astimezone(UTC) if written.tzinfo else written).date()
    if isinstance(written, date):
        return _of(written.year, written.month, written.day)
    text = str(written)
    found = _WRITTEN.fullmatch(text) or _COMPACT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    return _of(year, month, day)


def day_of(mtime_ns: int) -> str:
    """The day of a file's time, in UTC; '' for none (0)."""
    try:
        return datetime.fromtimestamp(mtime_ns / 1e9, UTC).date().isoformat() if mtime_ns else ""
    except (OverflowError, OSError, ValueError):  # a file system that says nonsense
        return ""


def _of(year: int, month: int, day: int) -> Period | None:
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return Period(first.isoformat(), first.isoformat(), first.isoformat())
    last = first.replace(month=month or 12, day=calendar.monthrange(year, month or 12)[1])
    text = f"{year:04}-{month:02}" if month else f"{year:04}"
    return Period(first.isoformat(), last.isoformat(), text)
