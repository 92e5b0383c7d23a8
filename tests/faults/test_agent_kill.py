"""`kill -9` anywhere in a run, then resume: the same result, and nothing with side effects is done twice."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.faults.driving import drive_at_once

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process per kill")

EVENTS = 39
TOKENS = range(14, 39)
"""Of an undisturbed run, as test_every_event_is_a_kill_point checks."""
AT_EVENTS = [
    ("before event", 1),
    *(("after event", n) for n in range(1, EVENTS + 1) if n not in TOKENS or n in (14, 27, 38)),
]
"""A run is saved event by event: every boundary, of the tokens the first, one in between and the last."""
BETWEEN = [
    *((when, n) for when in ("before save", "after save") for n in (1, 2, 4, 7, 12)),
    *(("commit", n) for n in (1, 4, 9, 30, 44)),
    *((when, n) for when in ("before intent", "after done") for n in (1, 2)),
]
INSIDE = [("after intent", 1), ("inside send", 1), ("before done", 1)]
"""In the middle of a call that must not be made twice: nobody can know whether it was made."""
REPEATABLE = [("after intent", 2), ("inside post", 1), ("before done", 2)]
"""In the middle of a call that may be made twice, with the same key."""
ASKING = [("after event", n) for n in (5, 6, 7, 8, 9)] + [("before save", 5), ("after save", 5), ("commit", 9)]
"""Around the pauses for approval."""
TEAM_EVENTS = 39
TEAM_TOKENS = (*range(8, 24), *range(30, 36))
TEAM = [
    ("before event", 1),
    *(("after event", n) for n in range(1, TEAM_EVENTS + 1) if n not in TEAM_TOKENS or n in (8, 32)),
    *((when, n) for when in ("before save", "after save") for n in (1, 2, 3, 5, 8)),
    *((when, n) for when in ("before intent", "after done") for n in (1, 2)),
]
"""The same of a team, whose finder searches, sends and posts in one reply."""
TEAM_ASKING = [("after event", n) for n in (4, 5, 6, 7)] + [("after save", 4)]


def run(root: Path, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return drive_at_once("agent_kill_driver.py", root, cases, 2)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[Any, dict[str, Any]]:
    """Of every case, by (point, rule); without a point, of a run that nothing disturbed."""
    wanted: list[Any] = [(point, "allow") for point in (None, *AT_EVENTS, *BETWEEN, *INSIDE, *REPEATABLE)]
    wanted += [(point, "ask") for point in (None, *ASKING)]
    wanted += [(point, "allow", "team") for point in (None, *TEAM, *INSIDE)]
    wanted += [(point, "ask", "team") for point in (None, *TEAM_ASKING)]
    cases = [{"point": point, "rule": rule, "team": bool(team)} for point, rule, *team in wanted]
    found = run(tmp_path_factory.mktemp("kill"), cases)
    return dict(zip(wanted, found, strict=True))


def killed_at(outcomes: dict[Any, dict[str, Any]], points: list[Any], *more: str) -> list[dict[str, Any]]:
    for point in points:
        outcome = outcomes[point, "allow", *more]
        assert outcome["killed"] == -9, f"{point} was not passed"
        assert outcome["before"] in ([], ["interrupted"]), (point, outcome["before"])
        assert outcome["runs"] == 1
        assert outcome["told"] == "Finished"
    return [outcomes[point, "allow", *more] for point in points]


def test_every_event_is_a_kill_point(outcomes) -> None:
    undisturbed = outcomes[None, "allow"]
    assert undisturbed["result"]["status"] == "done"
    assert len(undisturbed["events"]) == EVENTS
    assert [n for n, name in enumerate(undisturbed["events"], 1) if name == "Token"] == list(TOKENS)
    assert (undisturbed["sent"], undisturbed["posted"]) == (1, 1)


def test_killed_between_calls_the_result_is_the_same(outcomes) -> None:
    undisturbed = outcomes[None, "allow"]
    points = AT_EVENTS + BETWEEN
    wrong = []
    for point, outcome in zip(points, killed_at(outcomes, points), strict=True):
        for part in ("result", "events", "sent", "posted"):
            if outcome[part] != undisturbed[part]:
                wrong.append((point, part, outcome[part], undisturbed[part]))
    assert not wrong


def test_killed_in_the_middle_of_a_call_it_is_not_made_again_and_that_is_said(outcomes) -> None:
    for point, outcome in zip(INSIDE, killed_at(outcomes, INSIDE), strict=True):
        assert outcome["sent"] <= 1, point
        (send,) = [r for r in outcome["result"]["steps"] if r["call"]["tool"] == "send"]
        assert "may or may not" in send["observation"]["error"]
        assert "Noted" in outcome["events"]
        assert words(outcome) == words(outcomes[None, "allow"])


def words(outcome: dict[str, Any]) -> str:
    """The text without markers: what is not known to have happened is no source, and others count up."""
    return re.sub(r" ?\[\d+\]", "", outcome["result"]["text"])


def test_killed_in_the_middle_of_a_repeatable_call_it_is_made_with_the_same_key(outcomes) -> None:
    for outcome in killed_at(outcomes, REPEATABLE):
        assert outcome["posted"] == 1  # lines differ by key
        assert outcome["result"] == outcomes[None, "allow"]["result"]


def test_killed_around_an_approval(outcomes) -> None:
    calm = outcomes[None, "ask"]
    assert calm["result"]["text"] == outcomes[None, "allow"]["result"]["text"]
    for point in ASKING:
        outcome = outcomes[point, "ask"]
        assert outcome["killed"] == -9, point
        assert outcome["sent"] == 1, point
        assert outcome["result"] == calm["result"], point


def test_a_killed_team_resumes_exactly_once(outcomes) -> None:
    undisturbed = outcomes[None, "allow", "team"]
    assert undisturbed["result"]["status"] == "done"
    assert len(undisturbed["events"]) == TEAM_EVENTS
    assert tuple(n for n, name in enumerate(undisturbed["events"], 1) if name == "Token") == TEAM_TOKENS
    assert (undisturbed["sent"], undisturbed["posted"]) == (1, 1)
    assert len(TEAM) >= 20
    wrong = []
    for point, outcome in zip(TEAM, killed_at(outcomes, TEAM, "team"), strict=True):
        for part in ("result", "events", "sent", "posted"):
            if outcome[part] != undisturbed[part]:
                wrong.append((point, part, outcome[part], undisturbed[part]))
    assert not wrong


def test_a_team_killed_in_the_middle_of_a_call_does_not_make_it_again(outcomes) -> None:
    for point, outcome in zip(INSIDE, killed_at(outcomes, INSIDE, "team"), strict=True):
        assert outcome["sent"] <= 1, point
        (send,) = [r for r in outcome["result"]["steps"] if r["call"]["tool"] == "send"]
        assert "may or may not" in send["observation"]["error"]


def test_a_team_killed_around_an_approval_still_waits_for_it(outcomes) -> None:
    calm = outcomes[None, "ask", "team"]
    assert calm["result"]["text"] == outcomes[None, "allow", "team"]["result"]["text"]
    for point in TEAM_ASKING:
        outcome = outcomes[point, "ask", "team"]
        assert outcome["killed"] == -9, point
        assert (outcome["sent"], outcome["result"]) == (1, calm["result"]), point
