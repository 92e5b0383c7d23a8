"""Tasks that come again: which time is next, what is taken, what is made up; no clock but the test's own is looked at."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest

from agents.tasks.schedules import Schedules, Timekeeper, following
from ingest.errors import UsageError
from ingest.selection import Scope

SUNDAY = datetime(2026, 11, 29, 8, 0)


@pytest.fixture
def watch():
    return [SUNDAY]


@pytest.fixture
def schedules(tmp_path, watch):
    made = Schedules(tmp_path, now=lambda: watch[0])
    yield made
    made.close()


def add(schedules, task="Say what is new", clock="09:00", weekday=None):
    return schedules.add(task, Scope(("handbook",), "tag=new"), clock, weekday, effort="quick", owner="Anna")


@pytest.mark.parametrize(
    ("clock", "weekday", "after", "next_time"),
    [
        ("09:00", None, "2026-11-29T08:00", "2026-11-29T09:00"),
        ("09:00", None, "2026-11-29T09:00", "2026-11-30T09:00"),
        ("9:05", None, "2026-12-31T23:59", "2027-01-01T09:05"),
        ("00:00", 6, "2026-11-29T00:00", "2026-12-06T00:00"),
        ("23:30", 6, "2026-11-29T08:00", "2026-11-29T23:30"),
        ("06:00", 0, "2026-11-29T08:00", "2026-11-30T06:00"),
        ("06:00", 2, "2028-02-28T08:00", "2028-03-01T06:00"),
    ],
)
def test_the_next_time_lies_ahead_on_the_right_day(clock, weekday, after, next_time):
    assert following(clock, weekday, datetime.fromisoformat(after)) == next_time


@pytest.mark.parametrize(("clock", "weekday"), [("25:00", None), ("nine", None), ("", None), ("09:00", 7)])
def test_a_time_that_is_none_is_refused(schedules, clock, weekday):
    with pytest.raises(UsageError):
        add(schedules, clock=clock, weekday=weekday)
    assert schedules.list() == []


def test_nothing_is_taken_before_its_time_and_once_then(schedules, watch, tmp_path):
    number = add(schedules)
    assert schedules.take_due() == []
    watch[0] = datetime(2026, 11, 29, 9, 0)
    other = Schedules(tmp_path, now=lambda: watch[0])  # a second process
    [taken], nothing = schedules.take_due(), other.take_due()
    other.close()
    assert (taken.id, taken.task, taken.effort, taken.owner) == (number, "Say what is new", "quick", "Anna")
    assert taken.scope == Scope(("handbook",), "tag=new")
    assert nothing == []
    [kept] = schedules.list()
    assert (kept.due, kept.meant, kept.late) == ("2026-11-30T09:00", "2026-11-29T09:00", False)


def test_what_was_missed_is_made_up_once_and_said(schedules, watch):
    add(schedules)
    watch[0] = datetime(2026, 12, 3, 12, 14)  # five times went by
    assert len(schedules.take_due()) == 1
    assert schedules.take_due() == []
    [kept] = schedules.list()
    assert kept.late
    assert (kept.meant, kept.begun, kept.due) == ("2026-11-29T09:00", "2026-12-03T12:14", "2026-12-04T09:00")


def test_one_that_rests_is_not_taken_and_makes_nothing_up(schedules, watch):
    number = add(schedules, weekday=6)
    schedules.pause(number)
    watch[0] = datetime(2026, 12, 8, 12, 0)
    assert schedules.take_due() == []
    schedules.pause(number, paused=False)
    assert schedules.take_due() == []
    assert schedules.list()[0].due == "2026-12-13T09:00"
    schedules.remove(number)
    assert schedules.list() == []


def test_the_keeper_begins_what_is_due_and_a_failing_one_stops_no_other(schedules, watch):
    bad, good = add(schedules, "bad"), add(schedules, "good")
    watch[0] = datetime(2026, 11, 29, 9, 0)
    over = threading.Event()

    def begin(one):
        if one.task == "bad":
            raise UsageError("no such base")
        over.set()
        return "run-1"

    keeper = Timekeeper(lambda: schedules, begin, every=0.01)
    assert over.wait(60)
    keeper.stop(60)
    assert {one.id: one.run for one in schedules.list()} == {bad: "", good: "run-1"}
