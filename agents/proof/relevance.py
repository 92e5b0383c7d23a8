"""How well a statement answers a question, as far as its words, numbers and kind can tell.

Four views that `agents.proof.quotes` weighs: how much of what the question asks about the statement names, by itself or
through what stands around it; whether what the question takes for granted in numbers ('after five years') is
there; and whether it holds the kind of thing asked for (days, money, a date, a person).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.proof.asked import (
    BESIDE_A_TIME,
    CONTACT,
    DATE,
    DAY,
    FREQUENCY,
    PERSON,
    WHOLE_DATE,
    Read,
    Subject,
    asked_for,
    kind_asked,
    subjects,
    wants_yes_or_no,
)
from agents.proof.clock import part_of_day
from agents.proof.days import days, on_one
from agents.proof.denial import denial
from agents.proof.designators import another, codes, ranks
from agents.proof.numbers import Quantity, agrees, claimed, is_year, stated
from agents.proof.rarity import canonical_terms
from agents.proof.relations import holds, ranges
from agents.proof.statements import Statement
from agents.proof.weekdays import TO, weekdays
from ingest.folding import fold
from ingest.language import language_of
from ingest.numerals import MONTHS, WEEKDAYS
from ingest.units import spelled, unit

IN_CONTEXT, IN_SENTENCE_BEFORE, IN_TITLE, IN_PASSAGE = 0.8, 0.6, 0.5, 0.3
"""What a term of the question counts that stands not in the statement but in what leads it, before it, above it."""

_BEGINNING = 20
"""Characters of a statement by which it is found in its passage."""
_WORD = re.compile(r"[^\W_][\w'\u2019.-]*[^\W_]|[^\W_]")
_VAGUE = re.compile(
    r"半|几|数[十百千万亿]|许多|大量|\b(?:half|several|many|dozens?|hundreds|thousands|millions|few|most|once|twice)\b"
)
_ALL_OR_NOTHING = re.compile(
    r"全[额数部退款]|不予?退|\b(?:all of|in full|full (?:price|amount|refund)|nothing|no (?:money|refund|part))\b"
)
"""The shares that no number tells."""
_FREE = re.compile(r"免费|不另?[收用要需][\u4e00-\u9fff]?[费钱]|\b(?:free|nothing|no (?:extra )?(?:charge|fee|cost))\b")
"""What says a price without a number."""
_HALF = re.compile(r"半价|减半|(?:打|[\d一二三四五六七八九])折|\bhalf (?:the |that )?(?:price|fare|fee)")
_ASKS_LINK = re.compile(
    r"\b(?:url|link|address|web ?site|web ?page|repository|download|where)\b|网址|链接|地址|网站|网页|仓库|下载|哪里"
)
_BOUND = re.compile(r"\b(?:until|till|by|from|since|before|after|due|valid|expir\w+)\b|[起止截至到前后]|有效")
"""In a row with one day: it holds for others too."""
_UNIT = re.compile(rf"[(\d/]\s?({spelled()})(?![a-z])")
"""A unit in a row: behind a figure, or in brackets behind a column's name."""
_UNIT_ANYWHERE = re.compile(rf"(?<![a-z])({spelled()})(?![a-z])")
_CURRENCY = re.compile(
    r"元|块钱|[$￥¥€£]|币|\b(?:usd|rmb|cny|eur|dollars?|yuan|euros?|pounds?|cents?|pence)\b", re.IGNORECASE
)

_NO_CONDITION = re.compile(
    "[哪某每]一?[天年月日个]"
    r"|(?<![满够足第作职])一(?:年|个?月|天|晚|周|个?(?:小时|钟头))(?=[^\W\d一二两三四五六七八九十]{0,4}(?:多少|几))"
)
"""哪一天 asks for a day, 一年多少钱 for what each costs: neither states one."""


@dataclass(frozen=True, slots=True)
class View:
    """What words and numbers say about one statement."""

    words: float
    """0..1: weighted share of the question's terms that are there."""
    conditions: float
    """-1 when it states another number where the question gives one, else the share of the question's that it states."""
    kind: float
    """1 when it holds the kind of thing asked for, 0.5 when it holds some number and a number is asked for."""


_DATED = re.compile(r"年(?![假薪金费龄资])|日期|时间|\b(?:year|date|since|founded|born|built)\b")
"""In the name of a column of years."""


class Question:
    """One question, held against statements."""

    def __init__(self, text: str, among: Iterable[str]) -> None:
        """`among` are the texts the answer is chosen from: what is rare in them weighs most."""
        among = list(among)
        self.names = _names(text)
        self.asked = asked_for(text)
        self.wants_link = bool(_ASKS_LINK.search(fold(text)))
        self.subjects = subjects(text, "\n".join(among))
        read = [Read.of(other) for other in among]
        self._weights = {
            subject: math.log(1 + (len(read) + 1) / (sum(subject.held_by(other) == 1.0 for other in read) + 0.5))
            for subject in self.subjects
        }
        self._days = {subject for subject in self.subjects if any(weekdays(subject.surface))}
        self._total = sum(self._weights.values())
        self._terms = canonical_terms(text)
        self._given = claimed(_NO_CONDITION.sub(" ", text))
        timed = any(given.kind == "clock" for given in self._given) or self.asked.clock or wants_yes_or_no(text)
        self._part = None if timed else part_of_day(fold(text))
        self._dates = days(text)
        self._denies = denial(text).negative
        kind = canonical_terms(kind_asked(text))
        self.unnamed = bool(kind) and not any(kind <= other.terms for other in read)
        """Whether nothing that the answer is chosen from names the kind of thing that is asked for: no colour, where one is."""
        self._said = fold(text).strip(" ?？。.!！") if self.subjects else text
        self._polar = wants_yes_or_no(text)
        self._known = stated(text)
        self._codes, self._ranks = codes(text), ranks(text)

    def view(self, statement: Statement, title: str = "", passage: str = "") -> View:
        """How `statement` looks from here. `title` names document and section, `passage` is all around it."""
        near = (
            (Read.of(statement.text), 1.0),
            (Read.of(statement.context), 0.0 if self._contrary(statement) else IN_CONTEXT),
            (Read.of(title), IN_TITLE),
            (Read.of(statement.before), IN_SENTENCE_BEFORE),
            (Read.of(passage), IN_PASSAGE),
        )
        days = self.asked.weekday and any(weekdays(fold(statement.text)))  # 'Monday to Friday' tells of Sunday too
        named = sum(
            weight
            * (1.0 if days and subject in self._days else max(share * subject.held_by(text) for text, share in near))
            for subject, weight in self._weights.items()
        )
        answered = self._said in fold(statement.context)  # the question itself is what it stands under
        numbers = stated(statement.text)
        above = f"{statement.context} {title}"
        before = passage[: max(0, passage.find(statement.text[:_BEGINNING]))]
        met = self._conditions(statement.text, numbers, stated(above), before), self._codes_met(statement.text, above)
        wanted = len(self._given) + len(self._codes) + bool(self._part)
        other = min(met) < 0 or self._another(statement.text, above, passage) or self._another_day(statement)
        conditions = -1.0 if other else sum(met) / max(1, wanted)
        words = 1.0 if answered else named / (self._total or 1.0)
        return View(words, conditions, 1.0 if answered else self._kind(statement, meets=conditions > 0))

    def _contrary(self, statement: Statement) -> bool:
        """Whether what leads `statement` denies what the question takes for so: 'What is covered?' over 'Not covered: seals'."""
        return self.asked.several and not self._denies and denial(statement.context).negative

    def is_led(self, statement: Statement, title: str) -> bool:
        """Whether what stands above `statement` names more of what the question is about than the statement adds to that."""
        above, own = Read.of(f"{statement.context} {title}"), Read.of(statement.text)
        if self._contrary(statement) or (self._denies and not denial(f"{statement.context} {statement.text}").negative):
            return False
        led = {subject for subject in self.subjects if subject.held_by(above) == 1.0}
        added = {subject for subject in self.subjects if subject.held_by(own) == 1.0} - led
        return sum(map(self._weights.__getitem__, led)) > sum(map(self._weights.__getitem__, added))

    def lacking(self, texts: Iterable[str]) -> list[Subject]:
        """What the question is about that stands whole in none of `texts`."""
        read = [Read.of(text) for text in texts]
        return [subject for subject in self.subjects if not any(subject.held_by(text) == 1.0 for text in read)]

    def changed_by(self, text: str) -> bool:
        """Whether `text` has what may come to a number of the units asked for, or go from it: a sum, a share, half."""
        kinds = self.asked.units | {"percent"}
        return bool(_HALF.search(fold(text))) or any(number.kind in kinds for number in stated(text))

    def _conditions(self, text: str, numbers: Sequence[Quantity], above: Sequence[Quantity], before: str) -> float:
        """A year holds for what follows until another is named: so it is wherever the answer's sentence has none (139 questions
        of cmrc, XQuAD and llm-notes that name a year)."""
        found = 0.0
        governing = () if any(map(is_year, numbers)) else [number for number in stated(before) if is_year(number)][-1:]
        for given in self._given:
            alike = [other for other in numbers if other.kind == given.kind and is_year(other) == is_year(given)]
            alike += governing if is_year(given) else ()
            others = [other for other in alike if not agrees(other, self._given)]
            held = any(holds(other, given, text) for other in alike) or _within(given, alike, text)
            told = alike if given.kind == "month" and not days(text) else numbers  # 'the 1st' is no January
            if held or agrees(given, told) or agrees(given, above):
                found += 1.0
            elif self._polar and given.kind == "weekday":
                continue  # 'Monday to Friday' tells whether it is open on Sunday
            elif (given.kind not in {"", "clock"} or is_year(given)) and others:
                return -1.0
        times = [number for number in numbers if number.kind == "clock"]
        if self._part and (spans := [*ranges(text, times)]):
            begins, ends = self._part
            lasting = ((int(first.value), int(last.value) or 24 * 60) for first, last in spans)
            shared = ((min(last, ends) - max(first, begins), last - first) for first, last in lasting)
            return found + 1.0 if any(2 * common >= min(whole, ends - begins) for common, whole in shared) else -1.0
        return found

    def _codes_met(self, text: str, above: str) -> float:
        """As for numbers: neither 'E03' nor 'E 3' is an answer to a question about E12."""
        here, around = (codes(Read.of(told).joined) for told in (text, above))
        found = 0.0
        for prefix, number in self._codes:
            if (prefix, number) in here | around:
                found += 1.0 if (prefix, number) in here else 0.5  # what the title names, all its statements share
            elif any(prefix == other for other, _ in here):
                return -1.0
        return found

    def _another(self, text: str, above: str, passage: str) -> bool:
        """Whether the statement, or its passage where it names none, has another one of the kind that the question numbers."""
        asked, own = self._ranks - ranks(above), ranks(text)
        return another(asked, own) or another(asked - own, ranks(passage))

    def _another_day(self, statement: Statement) -> bool:
        """Whether a row, or a line that begins with its day, is of another one than the question names; not where that day is
        the last or the first of several."""
        told = days(statement.text) if self._dates and not self._polar else ()
        begun = statement.row or days(statement.text[:_BEGINNING])
        return bool(begun and len(set(told)) == 1) and not (
            on_one(self._dates, told) or _BOUND.search(fold(statement.text))
        )

    def unheard_of(self, read: Read) -> bool:
        """Whether a code, a size or a decimal of the question stands nowhere in `read`, all that was found: these are
        written alike in every language, and what has them would have come first."""
        held = stated(read.folded)
        decimals = (given for given in self._given if given.value.denominator != 1)
        codes = (f"{letters}{digits}" for letters, digits in self._codes)
        sizes = (f"{digits}{'' if letters.isascii() else '号'}{letters}" for letters, digits in self._codes)
        return not all(agrees(given, held) for given in decimals) or not all(
            one in read.joined or other in read.joined for one, other in zip(codes, sizes, strict=True)
        )

    def told_by(self, text: str) -> bool:
        """True when it says nothing that the question doesn't say already, as a title does: no answer, but to yes or no."""
        new = canonical_terms(text) - self._terms
        return not self._polar and not new and all(agrees(number, self._known) for number in stated(text))

    def _kind(self, statement: Statement, *, meets: bool) -> float:
        if statement.form != "prose":
            return 0.0  # neither a line of code nor a row of badges says how much, when or who
        if self.asked.weekday:
            return float(any(number.kind == "weekday" for number in stated(statement.text)))
        if self.asked.often:
            return float(bool(FREQUENCY.search(fold(statement.text))))
        if self.asked.contact:
            return 1.0 if CONTACT.search(fold(statement.text)) else 0.0
        if self.asked.clock:
            told = any(number.kind == "clock" for number in stated(statement.text))
            return float(told or bool(BESIDE_A_TIME.search(fold(statement.text))))
        if self.asked.date and not self.asked.units:
            return 1.0 if (DAY if self.asked.exactly else DATE).search(fold(statement.text)) else 0.0
        if self.asked.units or self.asked.number:
            return self._number(statement, meets=meets)
        if self.asked.who:
            return 1.0 if PERSON.search(statement.text) else 0.0
        return 0.0

    def _number(self, statement: Statement, *, meets: bool) -> float:
        told = fold(statement.text)
        numbers = stated(CONTACT.sub(" ", WHOLE_DATE.sub(" ", told)))
        new = [n for n in numbers if n.kind not in {"ordinal", "weekday", "clock"} and not agrees(n, self._known)]
        new = [n for n in new if not (statement.row and _dated(n, statement))]
        if any(number.kind in self.asked.units for number in new) or (new and not self.asked.units):
            return 1.0
        if "percent" in self.asked.units and _ALL_OR_NOTHING.search(told):
            return 1.0
        if "yuan" in self.asked.units and (_FREE.search(told) or (meets and self.changed_by(told))):
            return 1.0  # 'members of ten years pay half', to who has said how long
        bare = any(not number.kind and not _dated(number, statement) for number in new)
        vague = "" if bare else next(iter(_VAGUE.findall(told)), "")
        uncounted = bare or vague not in {"", "half", "半"}
        if uncounted and self.asked.units - {"months"}:  # an age is told without its years
            named = _measured(statement.text, row=statement.row)
            if not named & self.asked.units and (named or not statement.row):
                return 0.0  # a sentence names what it measures; of a table a column's name may
        return 0.5 if bare or vague else 0.0


def _measured(text: str, *, row: bool) -> set[str]:
    """The dimensions of the units that `text` names: a row behind a figure or a column's name, and by what its columns ask for, as
    one may be called 几天能取."""
    units = (_UNIT if row else _UNIT_ANYWHERE).finditer(fold(text))
    named = {unit(match[1])[0] for match in units} | ({"yuan"} if _CURRENCY.search(text) else set())
    heads = re.findall(r"(?:^|[;；])\s*([^:：;；]+)[:：]", text) if row else []
    return named.union(*(asked_for(head).units for head in heads))


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


def _within(given: Quantity, months: Sequence[Quantity], text: str) -> bool:
    """Whether `given` is a month between two others that `text` has as the first and the last: 'From: 27 Jun; To: 5 Sep'."""
    placed = sorted((month for month in months if month.at >= 0), key=lambda month: month.at)
    if given.kind != "month" or len(placed) != 2 or not re.search(TO, fold(text)[placed[0].at : placed[1].at]):
        return False
    first, last = (int(month.value) for month in placed)
    return (int(given.value) - first) % 12 <= (last - first) % 12


def _dated(number: Quantity, statement: Statement) -> bool:
    """Whether a bare number is a year: of a row, where its column says so."""
    if not is_year(number) or not statement.row:
        return is_year(number)
    cells = re.split("[;；]", fold(statement.text))
    headers = [
        header
        for header, colon, cell in (re.split("([:：])", c, maxsplit=1) for c in cells if ":" in c or "：" in c)
        if number.surface in cell
    ]
    return not headers or any(_DATED.search(header) for header in headers)
