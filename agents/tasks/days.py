"""The day that comes a span after or before another one, or on which something ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from agents.proof.asked import WHOLE_DATE, asked_for
from agents.proof.numbers import claimed
from agents.proof.rarity import content_terms
from agents.tasks.amounts import Reckoning
from agents.tasks.evidence import Answer
from agents.tasks.moves import CALENDAR
from agents.tools.dates.moments import read_moment
from agents.tools.tool import ToolError
from ingest.folding import fold

_LATER = re.compile(r"\s*(?:after|later|thereafter|之后|以后|后)")
_EARLIER = re.compile(r"\s*(?:before|earlier|之前|以前|前)")
_BEGINS = re.compile(r"\b(?:from|since|beg[aiu]ns?|start(?:s|ed)?)\b|从|自|起|开始")
_ENDS = re.compile(
    r"\b(?:ends?|ended|finish(?:ed|es)?|over|completed?|done|until|last)\b|结束|完[成工毕]|为止|到(?:什么|何|哪|几)",
    re.IGNORECASE,
)
_REST = re.compile(r"\b(?:after|before|following|since)\b.*$|^.*(?:之后|以后|后|之前|以前|前)(?=.)", re.IGNORECASE)
"""'after the dry dock', 检修后: what the day that is asked for is counted from."""
_IT = re.compile(r"(?:its?|they|their|he|his|she|her)\b|它|其|该", re.IGNORECASE)
_ORDINAL = re.compile(r"第[一二两三四五六七八九十\d]+|\b(?:first|second|third|fourth|fifth|last|next)\b")
_ANY = datetime(2000, 1, 1, tzinfo=UTC)
_CLAUSE = re.compile(r"[,，;；]")


def day(goal: str, answer: Answer) -> Reckoning | None:
    """The day so long after or before another one, which stands in the same statement or before it; what is asked about must
    be said of the day that is not named."""
    asked = asked_for(goal)
    if "days" in asked.units and len(facts := {fact.sentence for fact in answer.facts}) == 1:
        return _between(facts.pop())
    if not asked.date or WHOLE_DATE.search(fold(goal)):
        return None
    read = list(dict.fromkeys(fact.sentence for fact in answer.facts))
    if not any(_dates(text) for text in read):
        read.insert(0, answer.before)
    spans = [(at, span) for at, sentence in enumerate(read) for span in spans_in(sentence)]
    if not spans and _ENDS.search(goal):
        return _end(read)
    if len(spans) != 1:
        return None
    at, (amount, place, back) = spans[0]
    dated = next((text for text in reversed(read[: at + 1]) if _dates(text)), "")
    dates = _dates(dated)
    same = dated == read[at]
    if not dates or (same and len(dates) > 1):
        return None
    day, start = dates[-1]  # 'that day' is the last one named
    event = content_terms(_REST.sub("", goal))
    if same and (ordinal := _ORDINAL.search(fold(goal))):
        if (ordinal[0] in _clause(fold(dated), place)) <= (ordinal[0] in _clause(fold(dated), start)):
            return None
        return Reckoning(CALENDAR, {"date": day, "add": f"{'-' if back else ''}{amount}"})
    of_span = event & content_terms(_clause(fold(read[at]), place) if same else read[at])
    of_date = event & content_terms(_clause(fold(dated), start) if same else dated)
    if not same and _IT.match(read[at]):  # it is what the sentence before speaks of
        of_span |= of_date
    closes = _ENDS.search(goal) and _BEGINS.search(dated) and _ENDS.search(read[at])
    if len(of_span - of_date) <= len(of_date - of_span) and not closes:
        return None
    return Reckoning(CALENDAR, {"date": day, "add": f"{'-' if back else ''}{amount}"})


def _between(text: str) -> Reckoning | None:
    """How long it is from the one day to the other that a statement names, which tells no time that something lasts."""
    days = _dates(text)
    if len(days) != 2 or any(number.kind in ("days", "months") for number in claimed(text)):
        return None
    return Reckoning(CALENDAR, {"date": days[0][0], "until": days[1][0]})


def two_days(text: str) -> bool:
    """Whether `text` tells how long something takes by two days."""
    return _between(text) is not None


def _end(read: Sequence[str]) -> Reckoning | None:
    """The day that something ends on which begins on the only day that is told and lasts the only time that is told."""
    days = [(day, _clause(fold(text), at)) for text in read for day, at in _dates(text)]
    lasting = [n.surface.strip() for text in read for n in dict.fromkeys(claimed(text)) if n.kind in ("days", "months")]
    if len(days) != 1 or len(lasting) != 1 or not _BEGINS.search(days[0][1]):
        return None
    return Reckoning(CALENDAR, {"date": days[0][0], "add": lasting[0]})


def spans_in(sentence: str) -> Iterator[tuple[str, int, bool]]:
    """'45 days after', 60 天后: how long, where, and whether it lies before."""
    folded = fold(sentence)
    for number in dict.fromkeys(claimed(sentence)):
        behind = folded[number.at + len(number.surface) :]
        if number.kind in ("days", "months") and number.at >= 0 and (_LATER.match(behind) or _EARLIER.match(behind)):
            yield number.surface.strip(), number.at, bool(_EARLIER.match(behind))


def _dates(text: str) -> list[tuple[str, int]]:
    """The days named in `text`, with year, month and day, and where."""
    found: list[tuple[str, int]] = []
    for match in WHOLE_DATE.finditer(fold(text)):
        if not re.search(r"\d{4}", match.group()):
            continue
        with suppress(ToolError):
            day = read_moment(match.group(), _ANY).day
            found.append((day.isoformat(), match.start()))
    return found


def _clause(folded: str, at: int) -> str:
    begin = max((match.end() for match in _CLAUSE.finditer(folded, 0, at)), default=0)
    end = next((match.start() for match in _CLAUSE.finditer(folded, at)), len(folded))
    return folded[begin:end]
