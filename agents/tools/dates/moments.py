"""A date, a span or a time zone as people write it, in Chinese or English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from fractions import Fraction
from typing import TYPE_CHECKING

from agents.tools.tool import ToolError
from ingest.numerals import HAN_WEEKDAYS, SPOKEN, WEEKDAY_NUMBERS, spoken_value
from ingest.units import spelled, unit

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta

_TODAY = {
    "today": 0, "tomorrow": 1, "yesterday": -1, "the day after tomorrow": 2, "the day before yesterday": -2,
    "今天": 0, "今日": 0, "明天": 1, "明日": 1, "昨天": -1, "昨日": -1, "后天": 2, "前天": -2, "大后天": 3, "大前天": -3,
}  # fmt: skip
_NOW = {"", "now", "right now", "现在", "此刻", "当前"}
_WEEKDAY = re.compile(rf"(?:(next|last|this|coming)\s+)?({'|'.join(WEEKDAY_NUMBERS)})\.?")
_CHINESE_WEEKDAY = re.compile(rf"(上|下|这|本)?(?:个)?(?:周|星期|礼拜)([{''.join(HAN_WEEKDAYS)}])")
_CHINESE_DATE = re.compile(r"(?:(\d{4}|今|明|去|后|前)\s*年)?\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?\s*(.*)")
_NUMERIC = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s]+(.+))?")
_EITHER_WAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:\s.*)?")
_CHINESE_TIME = re.compile(r"(上午|下午|晚上|中午|凌晨|早上)?\s*(\d{1,2})\s*[点时:](?:\s*(\d{1,2}|半)\s*分?)?(?::\d+)?")
_MOST = 4_000_000
"""Of one unit; further than any date reaches."""
_YEARS = {"今": 0, "明": 1, "去": -1, "后": 2, "前": -2}

_LASTS = spelled("months", "days", "seconds")
_PIECE = re.compile(rf"([+-]?)\s*(\d+(?:\.\d+)?|{SPOKEN}|an?\b|半)[\s-]*({_LASTS}|月)(?![a-z])", re.IGNORECASE)
_WORKING = ("工作日", "个工作日", "work", "business", "weekday")
_BACK = re.compile(r"\bago\b|\bbefore\b|\bearlier\b|之?前|以前", re.IGNORECASE)
_FORTH = re.compile(r"\bfrom now\b|\blater\b|\bafter\b|之?后|以后|\band\b|\bin\b|,|，|零|和", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, and the time on it where one was named."""

    day: date
    clock: time | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """What to add: calendar units, and working days."""

    delta: relativedelta
    working_days: int = 0
    timed: bool = False
    """True when hours or minutes are in it."""


def read_moment(text: str, now: datetime) -> Moment:
    """The moment that `text` names; a missing year is this year's. Raises `ToolError`, also for 03/04/2026, which is
    March in one country and April in another."""
    bare = " ".join(text.strip().casefold().split()).rstrip("。.")
    if bare in _NOW:
        return Moment(now.date(), now.time().replace(microsecond=0))
    if bare in _TODAY:
        return Moment(now.date() + timedelta(days=_TODAY[bare]))
    if found := _relative_weekday(bare, now.date()):
        return Moment(found)
    try:
        if match := _CHINESE_DATE.fullmatch(bare):
            said, month, day, clock = match.groups()
            year = now.year if said is None else now.year + _YEARS[said] if said in _YEARS else int(said)
            return Moment(date(year, int(month), int(day)), _time(clock))
        if match := _NUMERIC.fullmatch(bare):
            return Moment(date(*map(int, match.group(1, 2, 3))), _time(match.group(4) or ""))
        return _english(bare, now)
    except (ValueError, OverflowError) as error:
        raise _unreadable(text) from error


def read_span(text: str) -> Span:
    """'3 days', '-2 months', '10个工作日', '1 year and 2 weeks ago'. Raises `ToolError`."""
    from dateutil.relativedelta import relativedelta

    amounts: dict[str, Fraction] = {}
    sign = -1 if _BACK.search(text) else 1
    rest = text
    for match in _PIECE.finditer(text):
        if match.group(1):
            sign = -1 if match.group(1) == "-" else 1
        amount, name = _amount(match.group(2).casefold()), match.group(3).casefold()
        if amount > _MOST:
            raise _no_span(text)
        kind, factor = unit("个月" if name == "月" else name)
        if name.startswith(_WORKING):
            kind = "working"
        amounts[kind] = amounts.get(kind, Fraction(0)) + sign * amount * factor
        rest = rest.replace(match.group(), " ", 1)
    if not amounts or _FORTH.sub("", _BACK.sub("", rest)).strip(" +-.。后前"):
        raise _no_span(text)
    if any(amounts.get(kind, Fraction(0)).denominator != 1 for kind in ("months", "working")):
        raise _no_span(text)
    working = int(amounts.pop("working", 0))
    whole = {kind: int(amount) if amount.denominator == 1 else float(amount) for kind, amount in amounts.items()}
    return Span(relativedelta(**whole), working, timed="seconds" in amounts)  # type: ignore[arg-type]


def _amount(said: str) -> Fraction:
    if said[0].isdigit():
        return Fraction(said)
    return Fraction(1, 2) if said == "半" else Fraction(1) if said in {"a", "an"} else spoken_value(said)


def _relative_weekday(bare: str, today: date) -> date | None:
    """'next Friday' is the first Friday after today; 下周五 is the one in the week after this one."""
    monday = today - timedelta(days=today.weekday())
    if match := _CHINESE_WEEKDAY.fullmatch(bare):
        weeks = {"上": -1, "下": 1}.get(match.group(1) or "", 0)
        return monday + timedelta(days=HAN_WEEKDAYS[match.group(2)], weeks=weeks)
    if match := _WEEKDAY.fullmatch(bare):
        wanted = WEEKDAY_NUMBERS[match.group(2)]
        if match.group(1) == "last":
            return today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)
        if match.group(1) in {"next", "coming"}:
            return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
        return monday + timedelta(days=wanted)
    return None


def _time(text: str) -> time | None:
    text = text.strip()
    if not text:
        return None
    if match := _CHINESE_TIME.fullmatch(text):
        hour = int(match.group(2))
        minute = 30 if match.group(3) == "半" else int(match.group(3) or 0)
        if match.group(1) in {"下午", "晚上"} and hour < 12:
            hour += 12
        return time(hour, minute)
    from dateutil import parser

    if not re.match(r"\d{1,2}(:|\s*[ap]m)", text):
        raise ValueError(text)
    return parser.parse(text, default=datetime(2000, 1, 1), ignoretz=True).time()  # noqa: DTZ001 - a time alone


def _english(bare: str, now: datetime) -> Moment:
    from dateutil import parser

    match = _EITHER_WAY.fullmatch(bare)
    if match and match.group(1) != match.group(2) and max(int(match.group(1)), int(match.group(2))) <= 12:
        raise ToolError(
            en=f"'{bare}' can be read two ways. Write it as 2026-03-04 (year-month-day).",
            zh=f"“{bare}” 有两种读法，请写成 2026-03-04（年-月-日）。",
        )
    # Parsed on two different days: what differs was not in the text.
    one, two = (
        parser.parse(bare, default=datetime(year, month, day), ignoretz=True)  # noqa: DTZ001 - days of a calendar
        for year, month, day in ((2000, 1, 1), (2004, 2, 2))
    )
    if (one.month, one.day) != (two.month, two.day):
        clock_only = re.fullmatch(r"\d{1,2}(:\d\d){1,2}\s*([ap]m)?|\d{1,2}\s*[ap]m", bare)
        if not clock_only:
            raise ValueError(bare)
        return Moment(now.date(), one.time())
    timed = bool(re.search(r"\d:\d|\d\s*[ap]m\b", bare))
    year = one.year if one.year == two.year else now.year
    return Moment(one.date().replace(year=year), one.time() if timed else None)


def _unreadable(text: str) -> ToolError:
    return ToolError(
        en=f"'{text}' is no date. Write it as 2026-11-23, or today, tomorrow, next Monday.",
        zh=f"“{text}” 不是日期。请写成 2026-11-23，或今天、明天、下周一。",
    )


def _no_span(text: str) -> ToolError:
    return ToolError(
        en=f"'{text}' can't be added. Write e.g. '3 days', '-2 months', '10 working days'.",
        zh=f"无法加上 “{text}”。请写成 “3天”“-2个月”“10个工作日” 等。",
    )


_CHINESE = {
    "北京": "Asia/Shanghai", "中国": "Asia/Shanghai", "上海": "Asia/Shanghai", "beijing": "Asia/Shanghai",
    "shenzhen": "Asia/Shanghai", "guangzhou": "Asia/Shanghai", "china": "Asia/Shanghai", "香港": "Asia/Hong_Kong",
    "台北": "Asia/Taipei", "东京": "Asia/Tokyo", "首尔": "Asia/Seoul", "新加坡": "Asia/Singapore",
    "伦敦": "Europe/London", "巴黎": "Europe/Paris", "柏林": "Europe/Berlin", "莫斯科": "Europe/Moscow",
    "纽约": "America/New_York", "华盛顿": "America/New_York", "芝加哥": "America/Chicago",
    "洛杉矶": "America/Los_Angeles", "旧金山": "America/Los_Angeles", "san francisco": "America/Los_Angeles",
    "悉尼": "Australia/Sydney", "迪拜": "Asia/Dubai", "世界标准时间": "UTC", "gmt": "UTC", "z": "UTC",
}  # fmt: skip
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])(\d{1,2})(?::?(\d\d))?", re.IGNORECASE)


def zone_of(name: str) -> tuple[str, tzinfo]:
    """Its IANA name and rules, for 'Asia/Tokyo', 'Tokyo', '东京' or 'UTC+9'. Raises `ToolError` naming the nearest."""
    import difflib
    from zoneinfo import ZoneInfo, available_timezones

    bare = name.strip().casefold().removesuffix("时间").removesuffix(" time")
    if match := _OFFSET.fullmatch(bare):
        minutes = int(match.group(2)) * 60 + int(match.group(3) or 0)
        if minutes < 24 * 60:
            offset = timedelta(minutes=minutes if match.group(1) == "+" else -minutes)
            return name.strip().upper(), timezone(offset)
    if bare in _CHINESE:
        return _CHINESE[bare], ZoneInfo(_CHINESE[bare])
    wanted = bare.replace(" ", "_")
    known = {zone.casefold(): zone for zone in sorted(available_timezones())}
    cities = {zone.rpartition("/")[2]: full for zone, full in known.items() if "/" in zone}
    if found := known.get(wanted) or cities.get(wanted):
        return found, ZoneInfo(found)
    near = difflib.get_close_matches(wanted, [*known, *cities], n=1, cutoff=0.6)
    nearest = known.get(near[0]) or cities[near[0]] if near else "Asia/Shanghai"
    raise ToolError(
        en=f"There is no time zone '{name}'. Nearest: '{nearest}'. Use such names, or UTC+8.",
        zh=f"没有时区 “{name}”。最接近的是 “{nearest}”。请使用此类名称，或 UTC+8。",
    )
