"""The numbers that statements give, and what they count."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from agents.proof.asked import WHOLE_DATE, Asked, asked_for
from agents.proof.binding import bounds
from agents.proof.choosing import named
from agents.proof.numbers import Quantity, agrees, claimed, stated
from agents.proof.rarity import canonical_terms, content_terms
from agents.proof.sources import Citation
from agents.tasks.grounding import share
from agents.tasks.moves import CALCULATE
from ingest.folding import fold
from ingest.units import MONEY, UNIT, spelled, unit

_T = TypeVar("_T")
_COUNTED = re.compile(r"\b(?:how many|more|fewer|number of)\s+(?!more|fewer)([a-z]+)")
NO_COUNT = frozenset({"month", "ordinal", "year", "decade", "century", "weekday"})
"""Kinds of numbers that say when or which, not how many."""
_HEAD = re.compile(r"([a-z]+(?: [a-z]+)*|[\u4e00-\u9fff]+)(?: (?:19|20)\d\d)?\s*[:：]\s*$")
"""What stands before a number and says what it counts."""
_LIST_OF = re.compile(r"([^\d:：,，。]{2,40})[:：]")
"""What a statement begins with that lists numbers of things."""
_DEARER = re.compile(r"\b(?:cheaper|dearer|more expensive)\b|[贵宜]", re.IGNORECASE)
"""Compares prices, whatever else is said."""
PRICED = re.compile(r"\b(?:price|fee|cost|charge|rate)s?\b|[价费]")
"""What names a column of prices, in a folded text."""
_FOR_ONE = re.compile(r"(?:\bper|/|每一?)\s*[^\W\d_]+", re.IGNORECASE)
"""What a column's amounts are for one of, which is not what they are counted in."""
_BRACKET = re.compile(rf"\(([^)]*(?:{spelled()})[^)]*)\)")
"""Where the name of a column says its unit."""
_NOUN = re.compile(r"[\s-]?([a-z]+|[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A call, and in what its result is counted."""

    tool: str
    arguments: dict[str, str]
    unit: str = ""
    rests_on: tuple[str, ...] = ()
    """Statements, where it takes more than those that answer."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of a statement, and what it counts."""

    value: Fraction
    """In the first unit of its dimension: minutes as seconds."""
    kind: str
    label: str
    cell: bool = False
    """Whether it is a table's; where no unit is told, the column is what it counts."""
    scale: Fraction = Fraction(1)
    """How many of the first unit one of `label` is."""

    @property
    def figure(self) -> Fraction:
        """As it is counted in `label`."""
        return self.value / self.scale


def alike(found: Collection[Amount]) -> bool:
    """Whether amounts may be added up: all of one unit, or counts of one kind of thing; bare cells count alike."""
    kinds = {"of " if one.cell and one.kind.startswith("of ") else one.kind for one in found}
    return len(kinds) == 1 or (len(kinds) == 2 and all(kind.startswith("of ") for kind in kinds) and "of " in kinds)


def amounts(sentence: str, *, row: bool) -> Iterator[tuple[Amount, str]]:
    """The numbers of a statement and the clauses they stand in; of a table's row the cells, in the unit that the column names."""
    if row:
        cells = re.split(r"[;；]", sentence)
        if len(cells) == 2 and not re.search("[:：]", sentence):  # a name and its value, under no header
            cells = [":".join(cells)]
        for cell in cells:
            name, _, value = cell.partition(":") if ":" in cell else cell.partition("：")
            numbers = claimed(value)
            if len(numbers) == 1:
                said = _BRACKET.search(fold(name))
                plain = "" if numbers[0].kind or (stated(name) and not said) else said[1] if said else fold(name)
                named = UNIT.search(_FOR_ONE.sub(" ", plain))
                noun = _NOUN.match(fold(value), numbers[0].at + len(numbers[0].surface))
                kind = unit(named[0])[0] if named else numbers[0].kind or f"of {noun[1] if noun else name.strip()}"
                label = named[0] if named else _label(numbers[0]) or (noun[1] if noun else "")
                scale = unit(named[0])[1] if named else _scale(numbers[0])
                value = numbers[0].value * (scale if named else 1)
                yield Amount(value, kind, label, cell=True, scale=scale), cell
        return
    folded = fold(sentence)
    dates = [match.span() for match in WHOLE_DATE.finditer(folded)]
    for bound in bounds(sentence):
        number = bound.quantity
        if any(start <= number.at < end for start, end in dates) or number.kind in NO_COUNT:
            continue
        noun = _NOUN.match(folded, number.at + len(number.surface))
        kind = bound.unit
        if kind == "year" and noun and not (noun[1].isascii() or noun[1] in "年级届"):  # 1689 人
            kind = f"of {noun[1]}"
        counts = not kind or kind.startswith("of ")
        label = _label(number) or (noun[1] if noun and kind.startswith("of ") else kind)
        if counts and (head := _HEAD.search(folded[: number.at])):  # 'Visitors: 2,940', 'Electricity: 410 kWh'
            label = label if kind else ""
            yield Amount(number.value, f"of {head[1].strip()}", label, cell=True), f"{head[0]} {bound.clause}"
            if not kind:
                continue
        elif not kind and (list_of := _LIST_OF.match(folded)):  # 'Visitors: the hall 310, the tower 95'
            kind = f"of {list_of[1].strip()}"
        yield Amount(number.value, kind, label, scale=_scale(number)), bound.clause


def told(facts: Sequence[Citation]) -> list[tuple[str, bool]]:
    """The statements of facts, and whether each is a table's row, which two quotes prove together."""
    sentences = [fact.sentence for fact in facts]
    return [(sentence, sentences.count(sentence) > 1) for sentence in dict.fromkeys(sentences)]


def amounts_of(facts: Sequence[Citation], goal: str) -> Iterator[tuple[str, Amount, str]]:
    """The amounts of `facts` that are of the kind that `goal` asks for and does not name itself, with the statements and the clauses
    they stand in."""
    asked, given = asked_for(goal), {number.value for number in stated(goal) if number.kind in ("", "year")}
    for sentence, row in told(facts):
        here = [
            (amount, clause)
            for amount, clause in amounts(sentence, row=row)
            if wanted(amount, asked, goal) and amount.value not in given
        ]
        named = [
            one for one in here if one[0].cell and content_terms(re.split("[:：]", one[1])[0]) & content_terms(goal)
        ]
        yield from ((sentence, amount, clause) for amount, clause in (named if row and named else here))


def wanted(amount: Amount, asked: Asked, goal: str) -> bool:
    """Whether an amount is of the kind that `goal` asks for: its unit, or the noun that it counts."""
    noun = amount.kind.removeprefix("of ")
    price = asked.units and asked.units <= MONEY and PRICED.search(fold(noun))
    span = any(number.kind and agrees(number, stated(goal)) for number in stated(noun))  # 一周 is 一个星期 too
    if amount.cell and noun != amount.kind and (price or span or named(goal, noun)):
        return True
    if asked.units or amount.kind in MONEY:
        dearer = amount.kind in MONEY and not asked.units and _DEARER.search(goal)
        return amount.kind in asked.units or bool(dearer or re.search(rf"\b{re.escape(amount.kind)}\b", fold(goal)))
    if not noun or noun == amount.kind:
        return False
    counted = noun.removesuffix("数")  # 人数 is 多少人
    own = {noun, *canonical_terms(noun)}  # which is a stem already where it is a statement's: 'hors'
    asks = rf"(?:多少|几)(?:(?!钱)[\u4e00-\u9fff]){{0,2}}{re.escape(counted)}"  # 多少客人
    return bool(own & canonical_terms(goal) or re.search(asks, goal))


def counted(goal: str) -> str:
    """The kind of amount that `goal` counts, by the first word of what it counts: 'of new' for 'how many more new pupils'; ''
    where no word says so."""
    noun = _COUNTED.search(fold(goal))
    return f"of {noun[1]}" if noun else ""


def nearest(found: Sequence[tuple[Any, _T]]) -> _T | None:
    """What has the highest score; None where several do."""
    top = max((near for near, _ in found), default=None)
    best = {one for near, one in found if near == top}
    return best.pop() if len(best) == 1 else None


def amount_near(facts: Sequence[Citation], goal: str, about: set[str]) -> Amount | None:
    """The amount of `facts` that `goal` asks for whose clause says most of the words `about`."""
    return nearest([(share(about, content_terms(clause)), amount) for _, amount, clause in amounts_of(facts, goal)])


def worked_out(sign: str, values: Iterable[Fraction], unit: str, rests_on: tuple[str, ...] = ()) -> Reckoning:
    """The calculation that has `sign` between the `values`."""
    return Reckoning(CALCULATE, {"expression": f" {sign} ".join(map(written, values))}, unit, rests_on)


def figures(text: str) -> set[Fraction | None]:
    """The numbers of a text, as they are written and in the first unit of their dimension."""
    return {value for number in stated(text) for value in (number.value, number.figure)}


def written(value: Fraction) -> str:
    """As a calculator reads it."""
    return str(value.numerator) if value.denominator == 1 else str(float(value))


def _scale(number: Quantity) -> Fraction:
    """How many of its dimension's first unit a number's own unit is."""
    return number.value / number.figure if number.kind and number.figure and number.value else Fraction(1)


def _label(number: Quantity) -> str:
    return re.sub(r"[\d,._]+", "", number.surface).strip()
