"""What day it is, how long it is until another, and which day comes after so many."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Annotated

from agents.tools.dates.moments import Moment, Span, read_moment, read_span, zone_of
from agents.tools.function import tool
from agents.tools.tool import Observation, Tool, ToolError, Wording
from ingest.language import say
from ingest.numerals import HAN_WEEKDAYS
from ingest.pages import counted

_WEEKDAYS = [f"星期{day}" for day in list(HAN_WEEKDAYS)[:7]]


def _now() -> datetime:
    return datetime.now().astimezone()


def date_time_tool(clock: Callable[[], datetime] = _now) -> Tool:
    """`date_time(date, until, add, zone)`. `clock` gives the moment, with the zone that is meant when none is named."""

    @tool(
        zh=Wording(
            "当前时间、星期几、日期间隔或日期加减。",
            {"date": "日期", "until": "第二个日期", "add": "例如 -2个月、10个工作日", "zone": "时区"},
        )
    )
    def date_time(
        date: Annotated[str, "e.g. 2026-11-23"] = "now",
        until: Annotated[str, "second date"] = "",
        add: Annotated[str, "e.g. -2 months, 10 working days"] = "",
        zone: Annotated[str, "e.g. Asia/Shanghai"] = "",
    ) -> Observation:
        """Current time, weekday, days between dates, or date plus a span."""
        now, where = clock(), ""
        if zone.strip():
            where, rules = zone_of(zone)
            now = now.astimezone(rules)
        start = read_moment(date, now)
        if until.strip():
            return _difference(start, read_moment(until, now), now)
        if add.strip():
            return _added(start, read_span(add))
        return _described(start, now, where)

    return date_time


def _described(moment: Moment, now: datetime, zone: str) -> Observation:
    day = moment.day
    week = day.isocalendar().week
    data = {"date": day.isoformat(), "weekday": calendar.day_name[day.weekday()], "week": week}
    if moment.clock is None:
        of = 366 if calendar.isleap(day.year) else 365
        nth = day.timetuple().tm_yday
        return Observation(
            text=say(
                f"{day} is a {calendar.day_name[day.weekday()]} (week {week}, day {nth} of {of}).",
                f"{day} 是{_WEEKDAYS[day.weekday()]}（第 {week} 周，全年第 {nth} 天，共 {of} 天）。",
            ),
            data=data,
        )
    at = datetime.combine(day, moment.clock, now.tzinfo)
    offset = at.strftime("%z")
    place = f"{zone} (UTC{offset[:3]}:{offset[3:5]})" if zone else f"UTC{offset[:3]}:{offset[3:5]}"
    return Observation(
        text=f"{_named(day)} {moment.clock:%H:%M}, {place}",
        data={**data, "time": f"{moment.clock:%H:%M:%S}", "iso": at.isoformat()},
    )


def _added(start: Moment, span: Span) -> Observation:
    moment = datetime.combine(start.day, start.clock or time())
    try:
        moment += span.delta
        day = _working(moment.date(), span.working_days)
    except (OverflowError, ValueError) as error:
        raise ToolError(en="The result is outside of the years 1 to 9999.", zh="结果超出公元 1 至 9999 年。") from error
    timed = span.timed or (start.clock is not None and not span.working_days)
    text = _named(day) + (f" {moment:%H:%M}" if timed else "")
    if span.working_days:
        text += say(" (Mon-Fri; public holidays are not known here)", "（按周一至周五计，未考虑节假日）")
    return Observation(text=text, data={"date": day.isoformat(), "weekday": calendar.day_name[day.weekday()]})


def _difference(start: Moment, end: Moment, now: datetime) -> Observation:
    from dateutil.relativedelta import relativedelta

    days = (end.day - start.day).days
    first, last = min(start.day, end.day), max(start.day, end.day)
    parts = relativedelta(last, first)
    working = working_days(first, last)
    sizes = [
        (parts.years, say(counted(parts.years, "year"), f"{parts.years} 年")),
        (parts.months, say(counted(parts.months, "month"), f"{parts.months} 个月")),
        (parts.days, say(counted(parts.days, "day"), f"{parts.days} 天")),
    ]
    calendar_form = " ".join(said for size, said in sizes if size) or say("0 days", "0 天")
    text = say(
        f"From {_named(start.day)} to {_named(end.day)}: {days} days = {calendar_form}; {abs(days) + 1} days counting "
        f"both; {working} working days (Mon-Fri, first day counted, last not, holidays not known).",
        f"从 {_named(start.day)} 到 {_named(end.day)}：{days} 天，即 {calendar_form}；首尾都算共 {abs(days) + 1} 天；"
        f"工作日 {working} 天（周一至周五，含首日不含末日，未考虑节假日）。",
    )
    data: dict[str, object] = {"days": days, "working_days": working}
    if start.clock is not None and end.clock is not None:
        begun, ended = (datetime.combine(m.day, m.clock or time(), now.tzinfo) for m in (start, end))
        minutes = round((ended.timestamp() - begun.timestamp()) / 60)
        hours, rest = divmod(abs(minutes), 60)
        sign = "-" if minutes < 0 else ""
        text += say(f" By the clock {sign}{hours} h {rest} min.", f"按时刻计 {sign}{hours} 小时 {rest} 分钟。")
        data["minutes"] = minutes
    return Observation(text=text, data=data)


def working_days(first: date, last: date) -> int:
    """Mondays to Fridays from `first` on, before `last`."""
    weeks, rest = divmod((last - first).days, 7)
    return weeks * 5 + sum((first.weekday() + n) % 7 < 5 for n in range(rest))


def _working(day: date, count: int) -> date:
    """The working day that comes `count` after `day`; before it when negative."""
    step = 1 if count > 0 else -1
    if count and day.weekday() > 4:  # from a weekend on, the first step leads to its nearest working day
        day -= timedelta(days=day.weekday() - (4 if step > 0 else 7))
    weeks, rest = divmod(abs(count), 5)
    day += timedelta(weeks=weeks * step)
    while rest:
        day += timedelta(days=step)
        rest -= day.weekday() < 5
    return day


def _named(day: date) -> str:
    chinese = f"{day.year} 年 {day.month} 月 {day.day} 日"  # as the documents that it comes from have it
    return say(f"{day} ({calendar.day_name[day.weekday()]})", f"{chinese}（{_WEEKDAYS[day.weekday()]}）")
