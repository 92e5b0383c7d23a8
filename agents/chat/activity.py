"""What went on, by week: questions, refusals, tokens, times; from what is kept of conversations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median


@dataclass(frozen=True, slots=True)
class LoggedTurn:
    """One question, as far as it is counted."""

    asked: str
    """UTC, ISO 8601."""
    question: str
    kb: str
    abstained: bool
    failed: bool
    curated: bool
    prompt_tokens: int
    completion_tokens: int
    first_token: float
    total: float
    """Seconds."""
    thumb: int


@dataclass(frozen=True, slots=True)
class Week:
    """What its turns come to."""

    monday: date
    questions: int
    refused: int
    failed: int
    curated: int
    prompt_tokens: int
    completion_tokens: int
    first_token: float
    total: float
    """Medians in seconds."""
    up: int
    down: int


def weeks(turns: Iterable[LoggedTurn]) -> list[Week]:
    """Every week from the first turn to the last, the empty ones too; oldest first."""
    by: dict[date, list[LoggedTurn]] = defaultdict(list)
    for turn in turns:
        day = datetime.fromisoformat(turn.asked).date()
        by[day - timedelta(days=day.weekday())].append(turn)
    if not by:
        return []
    count = (max(by) - min(by)).days // 7 + 1
    return [_week(monday, by[monday]) for monday in (min(by) + timedelta(weeks=n) for n in range(count))]


def unanswered(turns: Iterable[LoggedTurn]) -> list[tuple[str, str, int]]:
    """The questions that were refused: (question, knowledge base, times), the most frequent first, then the latest."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for turn in sorted((turn for turn in turns if turn.abstained), key=lambda one: one.asked, reverse=True):
        found[" ".join(turn.question.split()), turn.kb] += 1
    return sorted(((*of, times) for of, times in found.items()), key=lambda one: -one[2])


def _week(monday: date, turns: Sequence[LoggedTurn]) -> Week:
    return Week(
        monday,
        len(turns),
        sum(turn.abstained for turn in turns),
        sum(turn.failed for turn in turns),
        sum(turn.curated for turn in turns),
        sum(turn.prompt_tokens for turn in turns),
        sum(turn.completion_tokens for turn in turns),
        round(median(turn.first_token for turn in turns), 2) if turns else 0.0,
        round(median(turn.total for turn in turns), 2) if turns else 0.0,
        sum(turn.thumb > 0 for turn in turns),
        sum(turn.thumb < 0 for turn in turns),
    )
