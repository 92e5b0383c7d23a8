"""Dates against a clock that stands still: Monday 23 November 2026, 14:05 in Shanghai."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import ToolContext, ToolError
from agents.tools.carrying import carry_out
from agents.tools.date_time import _working, date_time_tool, working_days
from agents.tools.dates.moments import read_moment, read_span

NOW = datetime(2026, 11, 23, 14, 5, 9, tzinfo=timezone(timedelta(hours=8)))
TOOL = date_time_tool(lambda: NOW)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-23", "2026-11-23"),
        ("2026/3/4", "2026-03-04"),
        ("2026.03.04", "2026-03-04"),
        ("20260304", "2026-03-04"),
        ("Nov 23, 2026", "2026-11-23"),
        ("23rd of November 2026", "2026-11-23"),
        ("November 23", "2026-11-23"),
        ("13/04/2026", "2026-04-13"),
        ("04/04/2026", "2026-04-04"),
        ("2026年3月4日", "2026-03-04"),
        ("3月4号", "2026-03-04"),
        ("明年1月1日", "2027-01-01"),
        ("today", "2026-11-23"),
        ("Tomorrow", "2026-11-24"),
        ("后天", "2026-11-25"),
        ("昨天", "2026-11-22"),
        ("next Monday", "2026-11-30"),
        ("next friday", "2026-11-27"),
        ("last Monday", "2026-11-16"),
        ("Friday", "2026-11-27"),
        ("next Thurs", "2026-11-26"),
        ("下周一", "2026-11-30"),
        ("本周五", "2026-11-27"),
        ("上星期日", "2026-11-22"),
        ("2026-11-23T09:30", "2026-11-23"),
        ("2028-02-29", "2028-02-29"),
    ],
)
def test_dates_as_people_write_them(text: str, day: str) -> None:
    assert read_moment(text, NOW).day.isoformat() == day


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2026-11-23 09:30", "09:30"),
        ("2026-11-23 9:30 pm", "21:30"),
        ("Nov 23rd 2026 at 3:30pm", "15:30"),
        ("2026年11月23日 下午3点半", "15:30"),
        ("11月23日14时05分", "14:05"),
        ("10:30", "10:30"),
        ("now", "14:05"),
        ("现在", "14:05"),
    ],
)
def test_times_as_people_write_them(text: str, clock: str) -> None:
    moment = read_moment(text, NOW)
    assert moment.clock is not None
    assert (moment.day, f"{moment.clock:%H:%M}") == (NOW.date(), clock)


@pytest.mark.parametrize("text", ["2026-02-30", "soon", "13月1日", "2026", "May", "99999-01-01", "2026-11-23 25:00"])
def test_what_is_no_date_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ToolError, match="Write it as 2026-11-23"):
        read_moment(text, NOW)


def test_a_date_with_two_readings_is_not_guessed() -> None:
    with pytest.raises(ToolError, match="can be read two ways"):
        read_moment("03/04/2026", NOW)


@pytest.mark.parametrize(
    ("add", "day"),
    [
        ("3 days", "2026-11-26"),
        ("-2 months", "2026-09-23"),
        ("3 months", "2027-02-23"),
        ("1 year and 2 weeks", "2027-12-07"),
        ("2 weeks ago", "2026-11-09"),
        ("10 working days", "2026-12-07"),
        ("-1 business day", "2026-11-20"),
        ("3天", "2026-11-26"),
        ("两个月后", "2027-01-23"),
        ("10个工作日", "2026-12-07"),
        ("5天前", "2026-11-18"),
        ("一年零三个月", "2028-02-23"),
        ("a week", "2026-11-30"),
        ("36 hours", "2026-11-24"),
        ("three weeks", "2026-12-14"),
        ("fifteen working days", "2026-12-14"),
        ("十五天后", "2026-12-08"),
        ("3个礼拜", "2026-12-14"),
        ("半天", "2026-11-23"),
        ("半年后", "2027-05-23"),
        ("1.5 years", "2028-05-23"),
    ],
)
def test_spans_are_added(context: ToolContext, add: str, day: str) -> None:
    found = carry_out(TOOL, {"date": "2026-11-23", "add": add}, context)
    assert found.error == ""
    assert found.data["date"] == day


def test_the_end_of_a_month_stays_in_the_month(context: ToolContext) -> None:
    assert carry_out(TOOL, {"date": "2026-01-31", "add": "1 month"}, context).data["date"] == "2026-02-28"
    assert carry_out(TOOL, {"date": "2028-02-29", "add": "1 year"}, context).data["date"] == "2029-02-28"


@pytest.mark.parametrize("add", ["soon", "3", "3 apples", "0.5 months", "99999999 days", "days", "3 days of rain"])
def test_what_is_no_span_is_refused_with_the_form(add: str) -> None:
    with pytest.raises(ToolError, match="10 working days"):
        read_span(add)


def test_now_weekday_and_zones(context: ToolContext) -> None:
    assert carry_out(TOOL, {}, context).text == "2026-11-23 (Monday) 14:05, UTC+08:00"
    tokyo = carry_out(TOOL, {"zone": "Tokyo"}, context)
    assert tokyo.text == "2026-11-23 (Monday) 15:05, Asia/Tokyo (UTC+09:00)"
    assert tokyo.data["iso"] == "2026-11-23T15:05:09+09:00"
    for zone, clock in (("伦敦", "06:05"), ("America/new_york", "01:05"), ("UTC-3:30", "02:35"), ("北京时间", "14:05")):
        assert clock in carry_out(TOOL, {"zone": zone}, context).text
    assert "Nearest: 'Europe/Berlin'" in carry_out(TOOL, {"zone": "Berlim"}, context).error
    assert carry_out(TOOL, {"date": "2028-02-29"}, context).text == "2028-02-29 is a Tuesday (week 9, day 60 of 366)."
    zh = dataclasses.replace(context, language="zh")
    assert "2026-11-24 是星期二" in carry_out(TOOL, {"date": "明天"}, zh).text


def test_differences(context: ToolContext) -> None:
    found = carry_out(TOOL, {"date": "2026-11-23", "until": "2027-01-01"}, context)
    assert found.data == {"days": 39, "working_days": 29}
    assert "39 days = 1 month 9 days; 40 days counting both; 29 working days" in found.text
    assert carry_out(TOOL, {"date": "2027-01-01", "until": "2026-11-23"}, context).data["days"] == -39
    clock = carry_out(TOOL, {"date": "2026-11-23 09:00", "until": "2026-11-24 10:30"}, context)
    assert clock.data["minutes"] == 25 * 60 + 30
    assert "By the clock 25 h 30 min." in clock.text
    berlin = {"date": "2026-03-28 12:00", "until": "2026-03-29 12:00", "zone": "Europe/Berlin"}
    assert carry_out(TOOL, berlin, context).data["minutes"] == 23 * 60  # the night the clocks go forward


def test_years_out_of_range_are_refused(context: ToolContext) -> None:
    assert "years 1 to 9999" in carry_out(TOOL, {"date": "9999-12-31", "add": "1 day"}, context).error
    assert "years 1 to 9999" in carry_out(TOOL, {"date": "0001-01-01", "add": "-5 working days"}, context).error


DAYS = st.dates(date(1900, 1, 1), date(2200, 1, 1))


@given(DAYS, st.integers(-400, 400))
def test_working_days_are_those_one_counts_by_hand(start: date, count: int) -> None:
    end = _working(start, count)
    low, high = min(start, end), max(start, end)
    counted = sum((low + timedelta(days=n)).weekday() < 5 for n in range((high - low).days))
    assert working_days(low, high) == counted
    if count:
        assert end.weekday() < 5
    if start.weekday() < 5:
        assert counted == abs(count)
