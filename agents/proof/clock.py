"""Times of day as minutes after midnight: 21:30 = 9.30 pm = 晚上九点半."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.numerals import HAN_DIGITS, ONES, han_value

HALF_A_DAY = 12 * 60
_HAN = f"(?:二?十[一二三四五六七八九]?|[{''.join(HAN_DIGITS)}])"
_MINUTES = "[二三四五]?十[一二三四五六七八九]?"
_PART = r"(?:(?P<late>下午|午后|中午|傍晚|晚上?|夜里)|(?P<early>上午|清晨|凌晨|早[上晨]?))?\s?"
_NUMERAL = f"(?<![\\d.第{''.join(HAN_DIGITS)}十])(?<!\\d:)"
_ENGLISH = "|".join(reversed(ONES[1:13]))
_PATTERNS = (
    re.compile(rf"{_PART}{_NUMERAL}(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?!:?\d)(?:\s?(?P<half>[ap])\.?m\b)?"),
    re.compile(
        rf"{_PART}{_NUMERAL}(?P<hour>[01]?\d|2[0-4]|{_HAN})\s?[点时](?:(?P<minute>半|[一三]刻|(?:[0-5]?\d|{_HAN})(?=分)|[0-5]\d|{_MINUTES})分?"
        r"|[整钟]|(?(late)|(?(early)|(?=[\s,.;、。)(\-–—~至到]|$|[之以]?[前后]|[开起关发结]))))"
    ),
    re.compile(
        rf"(?<![\w.:$€£])(?P<hour>1[0-2]|[1-9]|{_ENGLISH})(?:\.(?P<minute>[0-5]\d))?"
        r"(?:\s?(?P<half>[ap])\.?m\b| o'clock\b|(?= (?:in the|at) (?:mor|aft|eve|nig)))(?: (?:in the|at) (?P<day>morning|afternoon|evening|night)\b)?"
    ),
    re.compile(r"\b(?:12 )?(?:(?P<noon>noon)|midnight)\b|(?P<zenith>正午)"),
)
_HOURS = {"早上|上午|morning": (480, 720), "下午|afternoon": (780, 1080), "晚上|evening": (1080, 1320)}
_DAY = re.compile("|".join(_HOURS))
_PARTS = {"半": 30, "一刻": 15, "三刻": 45}


def times(folded: str) -> Iterator[tuple[re.Match[str], int, bool]]:
    """Each with its minutes after midnight, and whether nothing tells before noon from after it: 9:30."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(folded):
            yield match, *_read(match.groupdict())


def part_of_day(folded: str) -> tuple[int, int] | None:
    """Minutes after midnight from and to which the part of the day lasts that is named: 晚上, in the afternoon; else None."""
    found = _DAY.search(folded)
    return next((hours for name, hours in _HOURS.items() if found and re.fullmatch(name, found.group())), None)


def _read(told: dict[str, str | None]) -> tuple[int, bool]:
    if (hour := told.get("hour")) is None:
        return (HALF_A_DAY if told.get("noon") or told.get("zenith") else 0), False
    minute = told["minute"] or "0"
    late = told.get("late") or told.get("half") == "p" or told.get("day") not in {None, "morning"}
    early = told.get("early") or told.get("half") == "a" or told.get("day") == "morning"
    hours = _number(hour)
    if (late and hours < 12) or (early and hours == 12 and hour.isdigit()):
        hours = (hours + 12) % 24
    at = 60 * hours + (_PARTS.get(minute) or _number(minute))
    return at % (2 * HALF_A_DAY), not (late or early) and 1 <= hours <= 12


def _number(numeral: str) -> int:
    return int(numeral) if numeral.isdigit() else ONES.index(numeral) if numeral.isascii() else int(han_value(numeral))
