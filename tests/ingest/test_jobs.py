"""Jobs outlive whoever sent them; each is one worker's at a time."""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing

import pytest

from ingest.documents import Added, Report
from ingest.errors import LibraryLocked, LibraryUnavailable, UsageError
from ingest.jobs import MOST_TRIES, MOST_WAITING, Jobs, TooManyJobs
from ingest.language import Text, language, speaking
from ingest.progress import Progress
from ingest.working import Worker


@pytest.fixture
def jobs(tmp_path, store):
    with closing(Jobs(tmp_path, store)) as opened:
        yield opened


@pytest.fixture
def other(tmp_path, store):
    with closing(Jobs(tmp_path, store)) as opened:
        yield opened


def test_one_worker_per_knowledge_base_the_oldest_first(jobs, other):
    with speaking("zh"):
        first = jobs.start("a", ["/1"], ["x"])
    second, third = jobs.start("a", ["/2"]), jobs.start("b", ["/3"])
    taken = other.take()
    assert (taken.id, taken.paths, taken.tags, taken.language) == (first.id, ("/1",), ("x",), "zh")
    assert jobs.take().id == third.id
    assert jobs.take() is other.take() is None
    other.end(taken, "done", Report("a"))
    assert other.take().id == second.id
    assert [one.state for one in jobs.all()] == ["running", "running", "done"]


def soon(ask):
    """What `ask` gives, once it gives something: a server notices a closed connection a moment later."""
    end = time.monotonic() + 30
    while not (found := ask()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def test_what_a_dead_worker_left_is_taken_up_and_not_for_ever(jobs, tmp_path, store):
    sent = jobs.start("a", ["/1"])
    for _ in range(MOST_TRIES):
        dying = Jobs(tmp_path, store)
        assert soon(dying.take).id == sent.id
        assert jobs.take() is None
        dying.close()
    assert soon(lambda: jobs.take() or jobs.get(sent.id).state == "failed") is True
    assert "died" in jobs.get(sent.id).error["en"]


def test_cancelling_and_how_far_it_is(jobs, other):
    one, two = jobs.start("a", ["/1"]), jobs.start("a", ["/2"])
    jobs.cancel(two.id)
    taken = other.take()
    assert not other.told(taken, Progress(1, 2, 1, 1, 0, 0.5))
    followed = jobs.follow(one.id, threading.Event())
    assert next(followed).progress["done"] == 1
    jobs.cancel(one.id)
    assert other.told(taken, Progress(1, 2, 1, 1, 0, 0.5))
    other.end(taken, "cancelled", Report("a", interrupted=True))
    assert [job.state for job in followed][-1] == "cancelled"
    assert jobs.take() is None
    assert jobs.get("nothing") is None


def test_nothing_depends_on_what_a_machine_takes_for_the_time(jobs, other, monkeypatch):
    clocks = iter(("2031-01-01T00:00:00+00:00", "1999-01-01T00:00:00+00:00"))
    monkeypatch.setattr("ingest.jobs.timestamp", lambda: next(clocks))
    ahead, behind = jobs.start("a", ["/1"]), other.start("a", ["/2"])
    taken = other.take()
    assert (taken.id, taken.created) == (ahead.id, ahead.created)
    assert jobs.take() is None  # however long ago it seems to have been begun
    other.end(taken, "done", Report("a"))
    assert [one.id for one in jobs.all()] == [behind.id, ahead.id]
    assert jobs.take().id == behind.id


def test_there_is_an_end_to_waiting(jobs):
    for _ in range(MOST_WAITING):
        jobs.start("a", ["/1"])
    with pytest.raises(TooManyJobs):
        jobs.start("a", ["/1"])


class Shelf:
    """A library whose `add` does the next of what it is told to."""

    def __init__(self, home, *outcomes):
        self.home = home
        self.outcomes = list(outcomes)
        self.asked = []

    def documents(self, kb):
        return []

    def add(self, paths, kb, *, tags, progress, stop):
        self.asked.append((paths, kb, tags, language()))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


GONE = LibraryUnavailable(Text(en="gone", zh="无"))
LOCKED = LibraryLocked(Text(en="busy", zh="忙"))
DONE = Report("a", added=(Added("/1", 1, 1, "x", 0.1),))


@pytest.mark.parametrize(
    ("outcomes", "state", "tries"),
    [
        ([DONE], "done", 1),
        ([GONE, DONE], "done", 2),
        ([LOCKED, LOCKED, LOCKED, LOCKED, DONE], "done", 1),
        ([GONE] * MOST_TRIES, "failed", MOST_TRIES),
        ([UsageError(Text(en="no", zh="否"))], "failed", 1),
        ([ValueError("a bug")], "failed", 1),
    ],
)
def test_a_worker_tries_again_what_may_go_better(jobs, tmp_path, monkeypatch, outcomes, state, tries):
    monkeypatch.setattr("ingest.working._PAUSE", 0)
    shelf = Shelf(tmp_path, *outcomes)
    worker = Worker(shelf, jobs)
    with speaking("zh"):
        sent = jobs.start("a", ["/1"], ["t"])
    thread = threading.Thread(target=worker.run)
    thread.start()
    ended = list(jobs.follow(sent.id, threading.Event()))[-1]
    worker.stop()
    thread.join(10)
    assert (ended.state, ended.tries, shelf.outcomes) == (state, tries, [])
    assert set(map(json.dumps, shelf.asked)) == {json.dumps((["/1"], "a", ["t"], "zh"))}
    assert (ended.report is not None) == (state == "done")
