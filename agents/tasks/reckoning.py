"""What facts come to, worked out by rule: the sum of what was asked of several things, the difference of two, the day that
comes a span after another.

Nothing is taken that could be meant otherwise: each thing has one number of the kind that is asked for, all in one unit,
in a statement that is about that thing alone. The call that works it out proves the result, and the facts stand below.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from agents.proof.asked import WHOLE_DATE, asked_for
from agents.proof.binding import bounds
from agents.proof.numbers import agrees, claimed, stated
from agents.proof.rarity import canonical_terms
from agents.tasks.by_rule import CALCULATE, CALENDAR, TABLES
from agents.tasks.grounding import letters, share, words
from agents.tasks.listed import apart
from agents.tasks.operations import APART, TOGETHER
from agents.tools.dates.moments import read_moment
from agents.tools.tool import ToolError
from ingest.folding import fold
from ingest.numerals import SPOKEN
from ingest.units import MONEY, UNITS, spelled, unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.proof.asked import Asked
    from agents.proof.binding import Bound
    from agents.proof.numbers import Quantity
    from agents.proof.sources import Citation
    from agents.tasks.evidence import Answer, Evidence

_T = TypeVar("_T")
_LATER = re.compile(r"\s*(?:after|later|thereafter|之后|以后|后)")
_EARLIER = re.compile(r"\s*(?:before|earlier|之前|以前|前)")
_BEGINS = re.compile(r"\b(?:from|since|beg[aiu]ns?|start(?:s|ed)?)\b|从|自|起|开始")
_ENDS = re.compile(
    r"\b(?:ends?|ended|finish(?:ed|es)?|over|completed?|done|until)\b|结束|完[成工毕]|为止|到(?:什么|何|哪|几)",
    re.IGNORECASE,
)
_REST = re.compile(r"\b(?:after|before|following|since)\b.*$|^.*(?:之后|以后|后|之前|以前|前)(?=.)", re.IGNORECASE)
"""'after the dry dock', 检修后: what the day that is asked for is counted from."""
_NOUN = re.compile(r"\s*([a-z]+?)s?\b|个?[\u4e00-\u9fff]")
_IT = re.compile(r"(?:it|they|he|she)\b|它|其|该", re.IGNORECASE)
_PER = re.compile(
    r"\d\s*(?:[a-z]+\s)?\s*(?:/|(?:per|an?|each|every)\s)\s*([a-z]+?)s?\b|/\s*([\u4e00-\u9fff]{1,2})"
    r"|每一?个?([\u4e00-\u9fff]{1,3}?)(?=每|\s|\d|$)"
)
_ONE = re.compile(r"\b(?:per|an?|each|every|one)\s+([a-z]+?)s?\b|[每一]个?([\u4e00-\u9fff])")
"""Of what a question asks for one."""
_COUNTED = re.compile(r"\b(?:how many|more|fewer|number of)\s+(?!more|fewer)([a-z]+)")
_FIGURE = r"\d+(?:\.\d+)?"
_PRODUCT = re.compile(rf"(?<![\w.])({_FIGURE})\s*[*×]\s*(?=({_FIGURE}))")
DIMENSIONS = frozenset(dimension for dimension, _ in UNITS.values())
_NO_COUNT = frozenset({"month", "ordinal", "year", "decade", "century"})
_MOST_THINGS = 8
_ANY = datetime(2000, 1, 1, tzinfo=UTC)
_CLAUSE = re.compile(r"[,，;；]")
_UNIT = re.compile(rf"(?:{spelled()})(?![a-z])")
ABOUT = 0.5
"""Share of a thing's own words that stand in a statement about it, or in the title that it stands under."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A call, and in what its result is counted."""

    tool: str
    arguments: dict[str, str]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of a statement, and what it counts."""

    value: Fraction
    kind: str
    label: str


def reckoned(goal: str, evidence: Evidence) -> Reckoning | None:
    """The call that works out what `goal` asks for; None where the facts leave anything open."""
    if query := next((query for query in evidence.queries if query.part == goal), None):
        return Reckoning(TABLES, {"file": query.file, "sql": query.sql})
    answers = [answer for answer in evidence.answers if answer.part == goal]
    if not answers or not all(answer.facts for answer in answers):
        return None
    together, differ = TOGETHER.search(goal), APART.search(goal)
    if len(answers) == 1:
        if differ and not together:
            return _between(goal, answers[0])
        return times(goal, told(answers[0].facts)) or _day(goal, answers[0])
    if bool(together) == bool(differ) or (differ and len(answers) > 2):
        return None
    found = [_amount(answer, [other for other in answers if other is not answer], goal) for answer in answers]
    known = [amount for amount in found if amount is not None]
    if len(known) < len(answers) or len({amount.kind for amount in known}) > 1:
        return None
    values = [amount.value for amount in known]
    values = values if together else sorted(values, reverse=True)
    expression = (" + " if together else " - ").join(map(written, values))
    return Reckoning(CALCULATE, {"expression": expression}, known[0].label)


def _between(goal: str, answer: Answer) -> Reckoning | None:
    """The difference of the only two amounts of the kind asked for that the facts state, each of something that the goal
    names: 'what does A cost more than B?' of 'A costs 45 yuan, B 20.'"""
    about = words(goal)
    found = {amount: about & words(clause) for _, amount, clause in amounts_of(answer.facts, goal)}
    if len(found) != 2 or len({amount.kind for amount in found}) > 1:
        return None
    (one, said), (other, named) = found.items()
    if not (said - named and named - said):
        return None
    values = sorted((one.value, other.value), reverse=True)
    return Reckoning(CALCULATE, {"expression": " - ".join(map(written, values))}, one.label)


def times(goal: str, known: Sequence[tuple[str, bool]], before: str = "") -> Reckoning | None:
    """What a question comes to that asks for several of what there is one amount for in `known`, statements and whether each is
    a table's row. One of what: that says the statement ('26 pounds a month') or the question `before`, which `known` answers:
    'What does a room cost per night, and what do three nights cost?'"""
    counts = [number for number in stated(goal) if number.figure and number.figure > 1]
    asked, about, conditions = (
        asked_for(before or goal),
        words(before or goal),
        [n for n in stated(before) if n.figure != 1],
    )
    if not counts or not asked_for(goal).wants_number or (before and asked_for(goal).units - asked.units):
        return None
    found: list[tuple[tuple[int, float], tuple[Amount, str]]] = []
    for amount, clause in (pair for text, row in known for pair in amounts(text, row=row)):
        each = {one or other for one, other in _ONE.findall(fold(before))} if before else per(clause) - per(goal)
        factors = [n for n in counts if _counted(goal, n) in each]
        rest = [n for n in counts if n not in factors and not agrees(n, stated(clause))]
        fits = wanted(amount, asked, before or goal) or (not before and not asked.units and amount.kind in MONEY)
        if fits and factors and not rest and (before or amount.kind in MONEY or TOGETHER.search(goal)):
            near = sum(agrees(number, stated(clause)) for number in conditions), share(about, words(clause))
            product = " * ".join(written(n) for n in (amount.value, *(n.figure or n.value for n in factors)))
            found.append((near, (amount, product)))
    if (best := nearest(found)) is None:
        return None
    return Reckoning(CALCULATE, {"expression": best[1]}, best[0].label)


def nearest(found: Sequence[tuple[Any, _T]]) -> _T | None:
    """What has the highest score; None where several do."""
    top = max((near for near, _ in found), default=None)
    best = {one for near, one in found if near == top}
    return best.pop() if len(best) == 1 else None


def per(text: str) -> set[str]:
    """Of what a text's amounts are for one: 'month' of '£26 a month', 人 and 天 of 每人每天 60 元."""
    return {noun for match in _PER.finditer(fold(text)) for noun in match.groups() if noun}


def counted(goal: str) -> str:
    """The kind of amount that `goal` counts, by the first word of what it counts: 'of new' for 'how many more new pupils'; ''
    where no word says so."""
    noun = _COUNTED.search(fold(goal))
    return f"of {noun[1]}" if noun else ""


def _counted(text: str, number: Quantity) -> str:
    """The noun that a number counts, in the singular: 'night' of 'three nights', 年 of 三年, 公斤 of 5 公斤."""
    behind = fold(text)[number.at + len(number.surface) :] if number.at >= 0 and not number.kind else ""
    own = re.sub(rf"^(?:[\d.,\s]+|{SPOKEN})\s*个?", "", fold(number.surface))
    match = _NOUN.match(behind) if behind else re.search(r"([a-z]+?)s?$|[\u4e00-\u9fff]+$", own)
    return "" if match is None else (match[1] or match[0]).strip().removeprefix("个")


def mixed_up(expression: str, known: str) -> str:
    """What of a sum mixes up what its numbers are in `known`, '' for nothing: money for one day times kilograms, or money and
    minutes added up."""
    there = bounds(re.sub(r"\n(?=[a-z])", " ", known))  # a line that goes on

    def of(number: str, dimensions: frozenset[str]) -> list[Bound]:
        """Where that number stands, if it is everywhere one of `dimensions`."""
        found = [bound for bound in there if Fraction(number) in (bound.quantity.value, bound.quantity.figure)]
        return found if all(bound.unit in dimensions for bound in found) else []

    alone = [term.strip() for term in re.split(r"[-+]", expression) if re.fullmatch(_FIGURE, term.strip())]
    pairs = [(one, other, False) for one in alone for other in alone]
    pairs += [(*pair, True) for one, other in _PRODUCT.findall(expression) for pair in ((one, other), (other, one))]
    for one, other, product in pairs:
        money, measured = of(one, MONEY), of(other, DIMENSIONS - MONEY)
        each = {noun for bound in money for noun in per(bound.clause)}
        counts = {_counted("", bound.quantity) for bound in measured}
        if money and measured and not (product and (each & counts or not each)):
            return f"{one} {'*' if product else '+'} {other}"
    return ""


def operands(evidence: Evidence) -> set[str]:
    """The statements that sums, differences and dates of the task's parts rest on."""
    parts = {answer.part for answer in evidence.answers if answer.facts}
    tools = {part: found.tool for part in parts if (found := reckoned(part, evidence))}
    worked_out = [answer for answer in evidence.answers if tools.get(answer.part) in (CALCULATE, CALENDAR)]
    return {fact.sentence for answer in worked_out for fact in answer.facts}


def _amount(answer: Answer, others: Sequence[Answer], goal: str) -> Amount | None:
    """The one number of the kind asked for that is stated of the answer's thing: in the clause that speaks of no other thing
    and says most of what is asked."""
    beside = set().union(*(words(other.thing) for other in others)) - words(answer.thing)
    own = words(answer.thing) - set().union(*(words(other.thing) for other in others))
    about, kind = words(goal) - own - beside, counted(goal)
    found = []
    for fact, amount, clause in amounts_of(answer.facts, goal):
        if kind and kind.removeprefix("of ") not in clause:  # 'new pupils' are not all pupils
            continue
        if share(own, words(f"{fact.sentence} {answer.under}")) >= ABOUT:
            alone = not any(letters(other.thing) in letters(fact.sentence) for other in others)
            named = alone or letters(answer.thing) in letters(clause)
            near = (
                named,
                not beside & words(clause),
                amount.kind == kind,
                share(about, words(clause)),
                share(own, words(clause)),
            )
            found.append((near, amount))
    return nearest(found)


def amounts(sentence: str, *, row: bool) -> Iterator[tuple[Amount, str]]:
    """The numbers of a statement and the clauses they stand in; of a table's row the cells, in the unit that the column names."""
    if row:
        for cell in re.split(r"[;；]", sentence):
            name, _, value = cell.partition(":") if ":" in cell else cell.partition("：")
            numbers = claimed(value)
            if len(numbers) == 1:
                named = None if numbers[0].kind else _UNIT.search(fold(name))
                kind = unit(named[0])[0] if named else numbers[0].kind or f"of {name.strip()}"
                yield Amount(numbers[0].value, kind, named[0] if named else _label(numbers[0])), cell
        return
    dates = [match.span() for match in WHOLE_DATE.finditer(fold(sentence))]
    for bound in bounds(sentence):
        number = bound.quantity
        if any(start <= number.at < end for start, end in dates) or number.kind in _NO_COUNT:
            continue
        label = _label(number) or bound.unit.removeprefix("of ")
        yield Amount(number.value, bound.unit, label), bound.clause


def told(facts: Sequence[Citation]) -> list[tuple[str, bool]]:
    """The statements of facts, and whether each is a table's row, which two quotes prove together."""
    sentences = [fact.sentence for fact in facts]
    return [(sentence, sentences.count(sentence) > 1) for sentence in dict.fromkeys(sentences)]


def amounts_of(facts: Sequence[Citation], goal: str) -> Iterator[tuple[Citation, Amount, str]]:
    """The amounts of `facts` that are of the kind that `goal` asks for, with the clauses they stand in."""
    asked = asked_for(goal)
    sentences = [fact.sentence for fact in facts]
    for fact in facts:
        for amount, clause in amounts(fact.sentence, row=sentences.count(fact.sentence) > 1):
            if wanted(amount, asked, goal):
                yield fact, amount, clause


def several(goal: str) -> int:
    """Of how many things that it does not name `goal` asks what they are together: 'the three reports'; 0 where it names
    them, or asks for something else."""
    if not TOGETHER.search(goal) or apart(goal):
        return 0
    counts = {number.value for number in stated(goal) if not number.kind and number.at >= 0}
    count = counts.pop() if len(counts) == 1 else 0
    return int(count) if count in range(2, _MOST_THINGS + 1) else 0


def _label(number: Quantity) -> str:
    return re.sub(r"[\d,._]+", "", number.surface).strip()


def wanted(amount: Amount, asked: Asked, goal: str) -> bool:
    """Whether an amount is of the kind that `goal` asks for: its unit, or the noun that it counts."""
    if asked.units or amount.kind in MONEY:
        return amount.kind in asked.units or bool(re.search(rf"\b{amount.kind}\b", fold(goal)))
    noun = amount.kind.removeprefix("of ")
    if not noun or noun == amount.kind:
        return False
    return bool(canonical_terms(noun) & canonical_terms(goal)) or any(f"{how}{noun}" in goal for how in ("多少", "几"))


def written(value: Fraction) -> str:
    """As a calculator reads it."""
    return str(value.numerator) if value.denominator == 1 else str(float(value))


def _day(goal: str, answer: Answer) -> Reckoning | None:
    """The day so long after or before another one, which stands in the same statement or before it; what is asked about must
    be said of the day that is not named."""
    if not asked_for(goal).date or WHOLE_DATE.search(fold(goal)):
        return None
    read = list(dict.fromkeys([answer.before, *(fact.sentence for fact in answer.facts)]))
    spans = [(at, span) for at, sentence in enumerate(read) for span in spans_in(sentence)]
    if not spans and _ENDS.search(goal):
        return _end(read)
    if len(spans) != 1:
        return None
    at, (amount, place, back) = spans[0]
    dated = next((text for text in reversed(read[: at + 1]) if _dates(text)), "")
    dates = _dates(dated)
    if len(dates) != 1:
        return None
    day, start = dates[0]
    event = words(_REST.sub("", goal))
    same = dated == read[at]
    of_span = event & words(_clause(fold(read[at]), place) if same else read[at])
    of_date = event & words(_clause(fold(dated), start) if same else dated)
    if not same and _IT.match(read[at]):  # it is what the sentence before speaks of
        of_span |= of_date
    if len(of_span - of_date) <= len(of_date - of_span):
        return None
    return Reckoning(CALENDAR, {"date": day, "add": f"{'-' if back else ''}{amount}"})


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
