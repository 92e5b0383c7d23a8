"""The day that comes a span after or before another one, or on which something ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from agents.proof.asked import WHOLE_DATE, asked_for
from agents.proof.binding import bounds
from agents.proof.numbers import claimed, stated
from agents.proof.rarity import content_terms
from agents.tasks.amounts import Reckoning, nearest
from agents.tasks.evidence import Answer
from agents.tasks.grounding import share
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
_EXPIRES = re.compile(rf"{_ENDS.pattern}|[到过]期|\bexpires?\b", re.IGNORECASE)
_REST = re.compile(r"\b(?:after|before|following|since)\b.*$|^.*(?:之后|以后|后|之前|以前|前)(?=.)", re.IGNORECASE)
"""'after the dry dock', 检修后: what the day that is asked for is counted from."""
_AGAIN = re.compile(r"\b(?:again|back|re-?open\w*|resum\w+)\b|恢复|重新|[又再]能", re.IGNORECASE)
_EVERY = re.compile(
    r"(?:(?:\b(?:then on|thereafter|after that)\b|此后|之后|以后)[^.。;；]*(?:\bevery|每)"
    r"|\bagain\b[^.;]*\b(?:after|in|within)|\b(?:good|valid) for|有效期限?[为是]?)\s*$",
    re.IGNORECASE,
)
"""What stands before the time after which something is done for the first time, and again and again, or for which it is good."""
_POSTED = re.compile(r"^\s*\*\*[^*]+\*\*\s*(?=\S)")
"""The day in front of a notice."""
AHEAD = re.compile(r"提前|\b(?:ahead|in advance|notice|before)\b", re.IGNORECASE)
LATEST = re.compile(
    r"最[晚迟后]|哪一?天[之以]?前|\b(?:at the latest|by (?:what|which|when)|until when|last day|latest)\b",
    re.IGNORECASE,
)
"""Asks for the last day to do something."""
_IT = re.compile(r"(?:its?|they|their|he|his|she|her)\b|它|其|该", re.IGNORECASE)
_ORDINAL = re.compile(r"下一?次|第[一二两三四五六七八九十\d]+|\b(?:first|second|third|fourth|fifth|last|next)\b")
_FIRST = re.compile(r"下|第一|first|next")
_EVENT = 3
"""Words behind 'before' that say before what."""
_UNITS = content_terms("day date days dates week month year time")
WEEKDAY = re.compile(r"\bweekday|\bday of the week|(?:周|星期|礼拜)几", re.IGNORECASE)
"""Asks on which of the seven days something is."""
_BEFORE = re.compile(r"\s*(?:before|ahead of) (?P<event>[\w ]+)")
_BEFORE_HAN = re.compile(r"(?P<event>[\u4e00-\u9fff]{2})(?<![提此之以])前\s*$")
"""What stands behind '14 days' and before 14 天, and says what they are counted back from."""
_ANY = datetime(2000, 1, 1, tzinfo=UTC)
_CLAUSE = re.compile(r"[,，;；]")


def day(goal: str, answer: Answer) -> Reckoning | None:
    """The day so long after or before another one, which stands in the same statement or before it; what is asked about must
    be said of the day that is not named."""
    asked = asked_for(goal)
    if "days" in asked.units and len(facts := {fact.sentence for fact in answer.facts}) == 1:
        return between(facts.pop())
    if own := days_to_meet(goal):
        return _ahead(goal, answer, own)
    if WEEKDAY.search(goal):  # of the only day, with its year, of the only statement, which names no weekday
        told = {fact.sentence for fact in answer.facts}
        days = [day for text in told for day, _ in _dates(text) if not names_weekday(text)]
        return Reckoning(CALENDAR, {"date": days[0]}) if len(days) == len(told) == 1 and days[0][:4].isdigit() else None
    if not (asked.date or LATEST.search(goal)) or WHOLE_DATE.search(fold(goal)):
        return None
    read = list(dict.fromkeys(fact.sentence for fact in answer.facts))
    if counted := counted_back(goal, read):
        return counted
    spans = [(at, span) for at, sentence in enumerate(read) for span in spans_in(sentence, goal)]
    if not spans and _ENDS.search(goal):
        return _end(read)
    about = content_terms(goal)
    if (found := nearest([(share(about, content_terms(read[at])), (at, span)) for at, span in spans])) is None:
        return None
    at, (amount, place, back) = found
    dated = next((text for text in reversed(read[: at + 1]) if _dates(text)), "")
    if not (dates := _dates(dated)):
        return None
    day, start = dates[-1]  # 'that day' is the last one named
    # 'By which day must it be renewed?' says more than what stands before the day that it ends.
    bare = LATEST.sub("", goal)
    due = back and bare != goal and not _EXPIRES.search(bare) and content_terms(bare) - content_terms(dated[:start])
    if not (due or _of_span(goal, read[at], place, dated, start)):
        return None
    return Reckoning(CALENDAR, {"date": day, "add": f"{'-' if back else ''}{amount}"})


def counted_back(goal: str, texts: Sequence[str]) -> Reckoning | None:
    """The day that `goal` asks for, where one of `texts`, statements of one document, says how long before an event it is, '14 days
    before the wedding', 婚礼前 14 天, and another one on which day that is: it rests on both. None where several do as well."""
    about, found = content_terms(LATEST.sub(" ", goal)), []
    for told in texts:
        for number in dict.fromkeys(claimed(told)):
            folded, stop = fold(told), number.at + len(number.surface)
            before = _BEFORE.match(folded, stop) or _BEFORE_HAN.search(folded, 0, number.at)
            if number.kind not in ("days", "months") or before is None:
                continue
            event = content_terms(" ".join(before["event"].split()[:_EVENT])) - _UNITS
            own = (about & content_terms(told)) - event
            for dated in texts:
                for day, words in _told_of(dated):
                    if event & words and own - content_terms(dated):
                        back = (day, f"-{number.surface.strip()}", (dated, told))
                        found.append(((len(own), len(about & words)), back))
    if (best := nearest(found)) is None:
        return None
    return Reckoning(CALENDAR, {"date": best[0], "add": best[1]}, rests_on=best[2])


def _told_of(text: str) -> Iterator[tuple[str, set[str]]]:
    """The days that a text names, each with the words of its clause between the days beside it."""
    folded, days = fold(text), [one for one in _dates(text) if ":" not in one[0]]
    spans = [match.span() for match in WHOLE_DATE.finditer(folded)]
    for day, start in days:
        begin = max((end for _, end in spans if end <= start), default=0)
        stop = min((at for at, _ in spans if at > start), default=len(folded))
        yield day, content_terms(_clause(folded[begin:stop], start - begin))


def _of_span(goal: str, told: str, place: int, dated: str, start: int) -> bool:
    """Whether `goal` asks for what is said of the span at `place` of `told`, not of the day at `start` of `dated`."""
    same, folded = dated == told, fold(dated)
    ordinal, every = _ORDINAL.search(fold(goal)), _EVERY.search(fold(told)[:place])
    if ordinal and ordinal[0] not in folded and (same or every):
        return bool(_FIRST.match(ordinal[0]) and every)  # what is done every so often is done for the first time then
    if same and ordinal:
        return (ordinal[0] in _clause(folded, place)) > (ordinal[0] in _clause(folded, start))
    event = content_terms(_REST.sub("", goal))
    of_span = event & content_terms(_clause(fold(told), place) if same else told)
    of_date = event & content_terms(_clause(folded, start) if same else dated)
    if not same and _IT.match(told):  # it is what the sentence before speaks of
        of_span |= of_date
    closes = _ENDS.search(goal) and _BEGINS.search(dated) and _ENDS.search(told)
    again = _AGAIN.search(goal) and _AGAIN.search(told) and not _AGAIN.search(dated[:start] if same else dated)
    return len(of_span - of_date) > len(of_date - of_span) or bool(closes or again)


def names_weekday(text: str) -> bool:
    """Whether `text` names one of the seven days."""
    return any(number.kind == "weekday" for number in stated(text))


def of_another_time(goal: str, text: str) -> bool:
    """Whether `goal` asks for the day of one time of several, the last one, and `text` tells that of another one: the first."""
    asked, said = (set(_ORDINAL.findall(fold(one))) for one in (goal, text))
    return bool(_dates(text) and asked and said and not asked & said)


def days_to_meet(goal: str) -> list[str]:
    """The days that `goal` names where it asks for the last day to do something for them."""
    return [day for day, _ in _dates(goal)] if LATEST.search(goal) else []


def _ahead(goal: str, answer: Answer, own: Sequence[str]) -> Reckoning | None:
    """The last day for what must be done so long before the day that the goal names."""
    about = content_terms(goal)
    found = [
        (share(about, said := content_terms(bound.clause)) + share(said, about), bound.quantity.surface.strip())
        for fact in answer.facts
        if AHEAD.search(fact.sentence)
        for bound in bounds(fact.sentence)
        if bound.quantity.kind in ("days", "months")
    ]
    lead = nearest(found)
    return Reckoning(CALENDAR, {"date": own[0], "add": f"-{lead}"}) if lead and len(own) == 1 else None


def between(text: str) -> Reckoning | None:
    """How long it is from the one day to the other that a statement names, which tells no time that something lasts."""
    days = _dates(text)
    if len(days) != 2 or any(number.kind in ("days", "months") for number in claimed(text)):
        return None
    return Reckoning(CALENDAR, {"date": days[0][0], "until": days[1][0]})


def _end(read: Sequence[str]) -> Reckoning | None:
    """The day that something ends on which begins on the only day that is told and lasts the only time that is told, by one of
    the statements or by all of them."""
    if len(read) > 1 and (alone := [one for text in read if (one := _end([text]))]):
        return alone[0] if len(alone) == 1 else None
    days = [(day, _clause(fold(text), at)) for text in read for day, at in _dates(text)]
    lasting = [
        (n.surface.strip(), _clause(fold(text), n.at))
        for text in read
        for n in dict.fromkeys(claimed(text))
        if n.kind in ("days", "months")
    ]
    # '自装好之日起 90 天' says in its own clause that it begins then.
    if len(days) != 1 or len(lasting) != 1 or not any(_BEGINS.search(clause) for _, clause in (*days, *lasting)):
        return None
    return Reckoning(CALENDAR, {"date": days[0][0], "add": lasting[0][0]})


def spans_in(sentence: str, goal: str) -> Iterator[tuple[str, int, bool]]:
    """'45 days after', 60 天后, and where `goal` asks for one time of several 'every 45 days', 'again after 45 days': how long,
    where, and whether it lies before."""
    folded, several = fold(sentence), _ORDINAL.search(fold(goal)) or _AGAIN.search(goal)
    for number in dict.fromkeys(claimed(sentence)):
        behind, every = folded[number.at + len(number.surface) :], several and _EVERY.search(folded[: number.at])
        due = LATEST.search(goal) and folded[: number.at].rstrip().endswith("前")  # 到期前 30 天
        back = due or _EARLIER.match(behind)
        if number.kind in ("days", "months") and (every or back or _LATER.match(behind)):
            yield number.surface.strip(), number.at, bool(back)


def _dates(text: str) -> list[tuple[str, int]]:
    """The days named in `text` and where, those with a year as the calendar writes them; not the one in front of a notice that
    names others."""
    found: list[tuple[str, int]] = []
    for match in WHOLE_DATE.finditer(fold(text)):
        with suppress(ToolError):
            day = read_moment(match.group(), _ANY).day.isoformat()
            found.append((day if re.search(r"\d{4}", match.group()) else match.group(), match.start()))
    posted = _POSTED.match(text)
    behind = [one for one in found if posted is None or one[1] >= posted.end()]
    return behind or found


def _clause(folded: str, at: int) -> str:
    begin = max((match.end() for match in _CLAUSE.finditer(folded, 0, at)), default=0)
    end = next((match.start() for match in _CLAUSE.finditer(folded, at)), len(folded))
    return folded[begin:end]
