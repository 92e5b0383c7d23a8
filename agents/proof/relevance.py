"""How well a statement answers a question, as far as its words, numbers and kind can tell.

Four views that `agents.proof.quotes` weighs: how much of what the question asks about the statement names, by itself or
through what stands around it; whether what the question takes for granted in numbers ('after five years') is
there; and whether it holds the kind of thing asked for (days, money, a date, a person).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.proof.numbers import Quantity, agrees, claimed, stated
from agents.proof.support import Rarity, canonical_terms
from ingest.folding import fold
from ingest.language import language_of
from ingest.numerals import HAN_WEEKDAYS, MONTHS, WEEKDAYS
from ingest.units import LENGTH, MONEY, alike, spelled, unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agents.proof.statements import Statement

IN_CONTEXT, IN_SENTENCE_BEFORE, IN_TITLE, IN_PASSAGE = 0.8, 0.6, 0.5, 0.3
"""What a term of the question counts that stands not in the statement but in what leads it, before it, above it."""

_DATE = re.compile(
    rf"\d{{4}}|\d+\s*[年月日号]|\b(?:{'|'.join([*MONTHS, *WEEKDAYS])})\b|世纪|century|年代|\d+:\d\d|周[{''.join(HAN_WEEKDAYS)}末]|星期"
)
_NAME = re.compile(
    r"(?<=[a-z,] )[A-Z][a-z]+|\u00b7|先生|女士|教授|博士|[\u4e00-\u9fff]{2,4}(?:任|担任|出任|是|为)|由[\u4e00-\u9fff]{2,4}"
)
_CODE = re.compile(r"(?<![a-z0-9])([a-z]{1,12})-?(\d+)(?![a-z0-9])")
_WORD = re.compile(r"[^\W_][\w'\u2019.-]*[^\W_]|[^\W_]")
_VAGUE = re.compile(
    r"半|几|数[十百千万亿]|许多|大量|\b(?:half|several|many|dozens?|hundreds|thousands|millions|few|most|once|twice)\b"
)
_ASKS_WHO = re.compile(r"\bwho(?:se|m)?\b|\bwhich (?:person|actor|author|company)\b|谁|哪位|何人|什么人|哪个人|人物")
_ASKS_DATE = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|time)\b|何时|什么时候|什么时间|哪一?年|几[月日号点]|几年(?=[出建成创发])|哪一?天|日期|年份|时间是"
)
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|far|tall|high|large|often|big|deep|fast|heavy|wide)\b"
    r"|\bwhat (?:is the )?(?:percentage|number|age|amount|population|price|cost|share|rate)\b"
    r"|多少|几(?!乎)|多长|多久|多大|多高|多远|多重|多深|百分之|比例|数量|面积|人口|金额|价格|费用"
)
_CURRENCY = re.compile(r"元|块钱|[$￥¥€£]|币|\b(?:usd|rmb|cny|eur|dollars?|yuan|euros?|pounds?)\b", re.IGNORECASE)
_COUNTED = re.compile(rf"(?:多少(?:万|亿)?|几)(?!日|年[出建成创发])({spelled()})|\bhow many (?:\w+ )?({spelled()})\b")
_KINDS = (
    (re.compile(r"多大年纪|\bhow old\b"), frozenset({"months"})),
    (re.compile(r"多久|多长时间|多少时间|\bhow (?:long|often)\b"), LENGTH | {"days", "months", "seconds"}),
    (
        re.compile(r"多少钱|金额|价格|费用|\bhow much (?:is|does|do|did|was|were|may|can|money)\b|\bprice\b|\bcost\b"),
        MONEY,
    ),
    (re.compile(r"百分之几|百分之多少|比例|占比|\bwhat (?:percentage|percent|share)\b"), frozenset({"percent"})),
    (re.compile(r"多高|多远|多深|多宽|\bhow (?:far|tall|high|deep|wide)\b"), LENGTH),
)


@dataclass(frozen=True, slots=True)
class View:
    """What words and numbers say about one statement."""

    words: float
    """0..1: weighted share of the question's terms that are there."""
    conditions: float
    """-1 when it states another number where the question gives one, 1 when it states that one, 0 otherwise."""
    kind: float
    """1 when it holds the kind of thing asked for, 0.5 when it holds some number and a number is asked for."""


class Question:
    """One question, held against statements."""

    def __init__(self, text: str, among: Iterable[str]) -> None:
        """`among` are the texts the answer is chosen from: what is rare in them weighs most."""
        self.names = _names(text)
        rarity = Rarity(among)
        self._weights = {term: rarity(term) for term in canonical_terms(text)}
        self._total = sum(self._weights.values())
        # 哪一天 asks for a day, it doesn't state one.
        self._given = claimed(re.sub("[哪某每]一?[天年月日个]", " ", text))
        self._known = stated(text)
        self._codes = _codes(text)
        folded = fold(text)
        self._who = bool(_ASKS_WHO.search(folded))
        self._number = bool(_ASKS_NUMBER.search(folded))
        self._date = bool(_ASKS_DATE.search(folded))
        self._units = _units_asked(folded)

    def view(self, statement: Statement, title: str = "", passage: str = "") -> View:
        """How `statement` looks from here. `title` names document and section, `passage` is all around it."""
        near = (
            (canonical_terms(statement.text), 1.0),
            (canonical_terms(statement.context), IN_CONTEXT),
            (canonical_terms(title), IN_TITLE),
            (canonical_terms(statement.before), IN_SENTENCE_BEFORE),
            (canonical_terms(passage), IN_PASSAGE),
        )
        named = sum(
            weight * max((share for terms, share in near if term in terms), default=0.0)
            for term, weight in self._weights.items()
        )
        numbers = stated(statement.text)
        above = f"{statement.context} {title}"
        met = self._conditions(numbers, stated(above)), self._codes_met(statement.text, above)
        conditions = -1.0 if min(met) < 0 else min(1.0, sum(met))
        return View(named / (self._total or 1.0), conditions, self._kind(statement, numbers))

    @property
    def wants_number(self) -> bool:
        """Whether only a number or a share can answer it. (A date may be given by what happened: 'after the war'.)"""
        return (self._number or bool(self._units)) and not self._date

    def _conditions(self, numbers: Sequence[Quantity], above: Sequence[Quantity]) -> float:
        found = 0.0
        for given in self._given:
            if agrees(given, numbers) or agrees(given, above):
                found += 1.0
            elif (given.kind or _year(given)) and any(
                other.kind == given.kind and _year(other) == _year(given) for other in numbers
            ):
                return -1.0
        return found

    def _codes_met(self, text: str, above: str) -> float:
        """As for numbers: 'E03' is no answer to a question about E12."""
        here, around = _codes(text), _codes(above)
        found = 0.0
        for prefix, number in self._codes:
            if (prefix, number) in here | around:
                found += 1.0
            elif any(prefix == other for other, _ in here):
                return -1.0
        return found

    def told_by(self, statement: Statement) -> bool:
        """True when it says nothing that the question doesn't say already, as a title does: no answer."""
        new = canonical_terms(statement.text) - self._weights.keys()
        return not new and all(agrees(number, self._known) for number in stated(statement.text))

    def _kind(self, statement: Statement, numbers: Sequence[Quantity]) -> float:
        new = [number for number in numbers if number.kind != "ordinal" and not agrees(number, self._known)]
        if self._date and not self._units:
            return 1.0 if _DATE.search(fold(statement.text)) else 0.0
        if self._units or self._number:
            if any(number.kind in self._units for number in new) or (new and not self._units):
                return 1.0
            bare = any(not number.kind and not _year(number) for number in new)
            if bare and self._units == MONEY and not statement.row and not _CURRENCY.search(statement.text):
                return 0.0  # a sentence about money names it; in a table the header may
            return 0.5 if bare or _VAGUE.search(fold(statement.text)) else 0.0
        if self._who:
            return 1.0 if _NAME.search(statement.text) else 0.0
        return 0.0


def _units_asked(folded: str) -> frozenset[str]:
    """The dimensions of which an answer must be; none when the question leaves it open."""
    if match := _COUNTED.search(folded):
        return alike(unit(match[1] or match[2])[0])
    return next((units for asks, units in _KINDS if asks.search(folded)), frozenset())


def _names(text: str) -> frozenset[str]:
    """What a question calls by a name, folded: words with a capital within an English sentence, and in a Chinese one
    Latin words with a figure, such as ChatGLM4 (others may stand there in their Chinese form)."""
    words = [(match.group(), match.start()) for match in _WORD.finditer(text)]
    latin = [word for word, _ in words if word.isascii() and word[0].isalpha()]
    if language_of(text) == "zh":
        return frozenset(fold(word) for word in latin if any(map(str.isdigit, word)) and len(word) > 3)
    found = set()
    within = capitals = 0
    for word, start in words:
        before = text[:start].rstrip()
        if not word.isascii() or not word[0].isalpha() or not before or before[-1] in '.?!:;"\u201c(':
            continue  # a sentence begins with a capital whatever its first word is
        within += 1
        capitals += word[0].isupper()
        folded = fold(word).removesuffix("'s").removesuffix("\u2019s")
        if "-" in folded and not any(map(str.isdigit, folded)):
            folded = folded.partition("-")[0]  # Huguenot-descended
        if word[0].isupper() and len(folded) > 3 and folded.removesuffix("s") not in (*MONTHS, *WEEKDAYS):
            found.add(folded)
    return frozenset() if capitals > 0.6 * within and within > 2 else frozenset(found)  # A Question Typed Like A Title


def _codes(text: str) -> set[tuple[str, str]]:
    """Names that end in a number, such as E12, RS-200, IP68: (letters, digits)."""
    return {(match[1], match[2]) for match in _CODE.finditer(fold(text))}


def _year(quantity: Quantity) -> bool:
    return not quantity.kind and 1000 <= quantity.value < 2200 and quantity.value.denominator == 1
