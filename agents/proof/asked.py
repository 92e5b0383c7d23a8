"""What a question asks for (a number of something, a date, a person) and what it asks about.

The words that do the asking ('how many days', 有几天) are no part of what it is about: in Chinese they would join the
characters beside them to pairs that no passage holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from agents.proof.clock import times
from agents.proof.rarity import canonical_terms
from agents.proof.weekdays import weekdays
from agents.proof.words import terms
from ingest.folding import fold
from ingest.language import is_cjk
from ingest.numerals import HAN_WEEKDAYS, MONTHS, WEEKDAYS
from ingest.units import AREA, LENGTH, MONEY, alike, spelled, unit

DAY = re.compile(
    rf"\d{{4}}|\d+\s*[年月日号]|[一二三四五六七八九十]月|\b(?:{'|'.join([*MONTHS, *WEEKDAYS])})s?\b|世纪|century|\bago\b|\d (?:bp|bce?|ad)\b|年代"
    rf"|周[{''.join(HAN_WEEKDAYS)}末]|星期"
)
"""What a date looks like in a folded text."""
DATE = re.compile(rf"{DAY.pattern}|\d+:\d\d|\d+点")
"""What a date or time of day looks like there."""
BESIDE_A_TIME = re.compile(
    r"\b(?:minutes?|hours?) (?:before|after)\b|[前后](?:半个?|[\d一二两三四五六七八九十]+\s?个?)(?:分钟|小时)|(?:分钟|小时)[之以]?[前后]"
)
"""A time told by another one: 'two hours after the gym'."""
WHOLE_DATE = re.compile(
    rf"\d{{4}}\s*年(?:\s*\d+\s*月)?(?:\s*\d+\s*[日号])?|\d+\s*月\s*\d+\s*[日号]"
    rf"|\b\d{{1,2}} (?:{'|'.join(MONTHS)})\b(?: \d{{4}})?|\b(?:{'|'.join(MONTHS)}) \d{{1,2}}\b(?:, \d{{4}})?|\d+:\d\d"
)
"""A date with its year, month or day, and a time of day: its numbers count nothing."""
PERSON = re.compile(
    r"(?<=[a-z,] )[A-Z][a-z]+|\u00b7|先生|女士|教授|博士|[\u4e00-\u9fff]{2,4}(?:任|担任|出任|是|为)|由[\u4e00-\u9fff]{2,4}"
)
"""What a person's name may look like."""

_AUXILIARY = "(?:is|are|was|were|do|does|did|can|could|may|must|shall|should|will|would|has|have|had)"
_ASKS_WHO = re.compile(r"\bwho(?:se|m)?\b|\bwhich (?:person|actor|author|company)\b|谁|哪位|何人|什么人|哪个人|人物")
_ASKS_EXACTLY = re.compile(
    r"\b(?:what|which) (?:year|date|day|month)s?\b|哪[一几]?年|(?<!哪)几[月日号]|哪(?:[一几]?天|[一几]?个?月(?![饼台]))|日期|年份|(?:周|星期|礼拜)几"
)
_ASKS_DATE = re.compile(
    rf"\bwhen\b|{_ASKS_EXACTLY.pattern}|\b(?:what|which) (?:weekday|century|time|hours)\b|何时|什么时候|什么时间|几点|几年(?=[出建成创发])|时间是"
)
_WHEN_CLAUSE = re.compile(rf"\bwhen\b(?! {_AUXILIARY}\b)")
"""What may as well tell when something else holds: 'When the pump stops, who is called?'"""
_ASKS_CLOCK = re.compile(r"\b(?:what|which) (?:time|hour)\b|几点|什么钟点")
_OF_A_PRICE = r"of (?:(?:the|your|our|their|my) )?(?:money|price|cost|fee|deposit|rent|total|bill)\b"
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|far|tall|high|large|often|big|deep|fast|heavy|wide)\b"
    rf"|\bwhat (?:is the )?(?:percentage|number|age|amount|population|price|cost|share|proportion|fraction|rate|part(?= {_OF_A_PRICE}))\b"
    r"|多少|(?<!哪)几(?!乎)|多长|多久|多大|多高|多远|多重|多深|百分之|比例|数量|面积|人口|金额|价格|费用"
)
_ASKS_HOW_OFTEN = re.compile(
    r"\bhow (?:often|frequently|regularly)\b|(?:多久|多长时间|几[天年周]|几个?[月星])[^，。？?]{0,4}一次|每隔?(?:多久|几)|频率"
)
FREQUENCY = re.compile(
    r"\b(?:every|each|once|twice|times) |\b(?:per|an?) (?:hour|day|week|month|quarter|year)\b|\b(?:hour|dai|week|month|quarter|year|annual)ly\b|每|一次"
)
"""What says how often, in a folded text."""
_ASKS_STEPS = re.compile(
    r"\bhow (?:do|does|did|to|can|could|should|must|would|is|are)\b|\bsteps\b|怎[么样]|如何|流程|步骤|手续|程序"
)
_ASKS_SEVERAL = re.compile(r"\bwhat\b|\bwhich \w+s\b|\blist\b|哪[些几]|什么(?!时)|清单")
_ASKS_KIND = re.compile(
    rf"\b(?:what|which) (?!(?:of|{_AUXILIARY})\b)([a-z]+)\b|(?<!为)(?:什么|哪一?[种个家款位])(?!时)([\u4e00-\u9fff]{{2}})"
)
_ASKS_CONTACT = re.compile(
    r"(?:电话|手机|热线|传真)号?码?(?:是|为)?(?:多少|什么|几号|[?？]|$)|[哪什][个么](?:电话|手机|热线|号码)|\b(?:phone|fax|hotline) number\b"
    r"|\bnumber (?:to|(?:do|can|should|must|shall|would) (?:i|we|you|one)) (?:call|ring|dial|phone|text)\b"
)
CONTACT = re.compile(
    r"(?<![\d.])(?:\+\d[\d() -]{6,}\d|\(?0\d{1,4}\)?[-\s/]?\d{3,}(?:[-\s]\d{2,})*|1[3-9]\d{9}|[48]00(?:-?\d{3,4}){2}"
    r"|\(?\d{3}\)?[-\s]\d{3}-\d{4})(?!\d)"
)
"""A number to call."""
_ASKS_WHICH = re.compile(r"\b(?:how|what|which|when|who(?:se|m)?|where|why)\b|[几多哪谁何什怎]")
"""In a question of yes or no: what it asks for besides."""
_ASKS_OPENLY = re.compile(r"什么(?!时)|哪[些个种几]|怎[么样]|如何|为何")
_COUNTED = re.compile(
    rf"(?:多少(?:万|亿)?|(?<!哪)几)(?!日|年[出建成创发]|块(?!钱|$|[?？]))({spelled()})|\bhow many (?:\w+ )?({spelled()})\b"
)
_KINDS = (
    (re.compile(r"多大年纪|\bhow old\b"), frozenset({"months"})),
    (re.compile(r"\bhow much (?:does|do|did|will|would) (?!.*\bcost)[^,?]{1,40} weigh\b"), frozenset({"grams"})),
    (
        re.compile(r"多久|多长时间|多少时间|\bhow (?:long|soon|far (?:ahead|in advance|back))\b"),
        LENGTH | {"days", "months", "seconds"},
    ),
    (
        re.compile(
            rf"\bhow much (?:{_OF_A_PRICE}|[^,?]{{1,40}} (?:back|refund(?:ed)?|kept|withheld)\b)"
            r"|[退还扣]回?多少"
        ),
        MONEY | {"percent"},
    ),
    (
        re.compile(
            r"多少钱|金额|价格|收费|[费金价款租薪]用?(?:标准)?(?:是|为|有|要)?多少|(?:费用?|价)怎么[算收]"
            r"|多少[\u4e00-\u9fff]{0,2}(?:[费款价租薪]|[\u4e00-\u9fff]金(?!属))"
            r"|(?<!by )\bhow much (?:is|does|do|did|was|were|may|can|money)\b|\bwhat (?:do|does|did|must|will|would) (?:\w+ ){1,2}(?:pay|charge|cost)\b"
            r"|\b(?:price|cost|fee|fine|(?<!in )charge|rent|salary|bill|deposit)\b"
        ),
        MONEY,
    ),
    (
        re.compile(
            rf"百分之几|百分之多少|比例|占比|几成|\bwhat (?:percentage|per ?cent|share|proportion|fraction|part(?= {_OF_A_PRICE}))\b"
        ),
        frozenset({"percent"}),
    ),
    (re.compile(r"多高|多远|多深|多宽|\bhow (?:far|tall|high|deep|wide)\b"), LENGTH),
    (re.compile(r"多重(?!要)|重量是?多少|\bhow heavy\b|\bwhat is the weight\b|\bweighs?\b"), frozenset({"grams"})),
    (re.compile(r"面积|\bwhat is the area\b"), AREA),
)
_ASKING = re.compile(
    rf"(?:一共|总共|大约|大概|最[多少高低长大])?[有是为要]?[花付交]?(?:多少(?:万|亿)?|几(?!乎))(?:{spelled()}|[\u4e00-\u9fff](?=[?？]|$))?"
    r"|[有是要需]?多(?:长时间|久|长|大|高|远|重(?!要)|深|宽)|[是在于由]?(?:什么时候|什么时间|何时|哪[一几]?个?(?:[年天日]|月(?![饼台]))|谁|哪位|何人|什么人)"
    r"|(?:是|叫|有|要?[做干])?(?:(?:什么|哪些)(?:东西|事情?)?|哪[一几]?[个家里些项种位款台件类门张条]|怎么样?|如何|为何)|[吗呢]|[不没][有成]?(?=[?？]?$)"
    r"|\b(?:costs?|weighs?)\b|\b(?:what|which) (?:time|date|day|hour)\b"
    rf"|\bhow (?:many|much|long|old|far|tall|high|large|often|big|deep|fast|heavy|wide)\b(?: (?:{spelled()})\b)?"
)
_LINKS = frozenset("的了和与及或")
"""Characters that link the things a question is about and hardly ever are part of one."""
_JOINTS = re.compile(r"(?<=[a-z])[\s-](?=\d)")
LONGEST_SEGMENT = 12
"""Characters of a Chinese run looked up at once."""


_YES_OR_NO = re.compile(
    rf"^\W*{_AUXILIARY}\b|,\s*(?:(?:and|so|then)\s+)?{_AUXILIARY} (?:i|we|you|he|she|it|they|there|my|our|the|an?)\b[^,]*\?\s*$"
    r"|吗|[是能可会]否|有没有|(.)不\1|[不没][有成]?[?？]?$|(?<![什怎这那多])么[?？]?$"
)
"""'Can we start?', and behind what the asker tells: 'We are only two, can we start?'"""


def hours(text: str) -> bool:
    """Whether `text` names times of day: 'Sunday 9 am to 4 pm' says something though it has no other word."""
    return any(True for _ in times(fold(text)))


def wants_yes_or_no(question: str) -> bool:
    """Whether what `question` says, or part of it, is itself the answer or its contrary."""
    return bool(_YES_OR_NO.search(_written(question)))


def _written(question: str) -> str:
    """`question`, folded, with 什么 and 怎么 as they are written."""
    return fold(question).replace("啥", "什么").replace("咋", "怎么")


def without_preface(question: str) -> str:
    """The sentence that asks: 'Can I row?' of 'I am 23. Can I row?'"""
    return re.split(r"(?<=[.!;])\s+", question.strip())[-1]


@dataclass(frozen=True, slots=True)
class Asked:
    """The kind of thing a question wants."""

    who: bool = False
    number: bool = False
    date: bool = False
    units: frozenset[str] = frozenset()
    """The dimensions of which an answer must be; none when the question leaves it open."""
    contact: bool = False
    """A number to call, which counts nothing."""
    exactly: bool = False
    """The year, the day or the time of day itself; 'when' may be answered by what happened: 'after the war'."""
    clock: bool = False
    """A time of day."""
    often: bool = False
    """How often."""
    several: bool = False
    """What may be several things, or steps: what to bring, how something is done."""
    steps: bool = False
    """How something is done."""
    weekday: bool = False
    """Whether something is so on a day of the week: only what names days tells."""

    @property
    def wants_number(self) -> bool:
        """Whether only a number or a share can answer it."""
        return (self.number or bool(self.units)) and not self.date

    @property
    def particular(self) -> bool:
        """Whether a number, a date or a person is asked for."""
        return self.only_kind or self.who or self.date

    @property
    def only_kind(self) -> bool:
        """Whether nothing but the kind of thing asked for can answer."""
        return self.wants_number or self.contact or self.exactly or self.often or self.weekday


@lru_cache(maxsize=256)
def asked_for(question: str) -> Asked:
    """What `question` wants, by its asking words; in Chinese, where they come anywhere, by the last of them: 分成几类，
    其中存储知识的叫什么？ asks for a name."""
    folded = _written(question)
    if wants_yes_or_no(without_preface(question)) and not _ASKS_WHICH.search(folded):
        return Asked(weekday=any(weekdays(folded)))  # 'Can I row for the junior fee?' asks for no sum
    openly = [match.start() for match in _ASKS_OPENLY.finditer(folded)]
    numbers = [match.start() for match in _ASKS_NUMBER.finditer(folded)]
    asking = _WHEN_CLAUSE.sub(" ", folded)
    who = bool(_ASKS_WHO.search(folded))
    date = bool(_ASKS_DATE.search(asking if _ASKS_WHICH.search(asking) else folded))
    if openly and numbers and max(openly) > max(numbers):
        return Asked(who=who, date=date) if who or date else _open(folded)
    if _ASKS_CONTACT.search(folded):
        return Asked(contact=True)
    counted = _COUNTED.search(folded)
    kinds = [alike(unit(counted[1] or counted[2])[0])] if counted else []
    units = next(iter([*kinds, *(units for asks, units in _KINDS if asks.search(folded))]), frozenset())
    clock = bool(_ASKS_CLOCK.search(folded)) and not units
    exactly = clock or (bool(_ASKS_EXACTLY.search(folded)) and not units)
    if _ASKS_HOW_OFTEN.search(folded):
        return Asked(often=True)
    asked = Asked(who, bool(numbers), date, units, exactly=exactly, clock=clock)
    return asked if asked.particular else _open(folded)


def kind_asked(question: str) -> str:
    """What `question` calls the kind of thing it wants: the colour of 'What colour is the lid?', 品种 of 是什么品种; '' for none."""
    found = _ASKS_KIND.search(_written(question))
    return (found[1] or found[2]) if found else ""


def _open(folded: str) -> Asked:
    """What neither a number nor a date nor a person answers."""
    steps = bool(_ASKS_STEPS.search(folded))
    return Asked(several=steps or bool(_ASKS_SEVERAL.search(folded)), steps=steps)


@dataclass(frozen=True, slots=True)
class Subject:
    """One of the things a question is about: a word, or a run of Chinese as long as the passages know it."""

    surface: str
    terms: frozenset[str]

    def held_by(self, text: Read) -> float:
        """0..1: 1 when it stands there or all of its terms do, else the share of them that do. A name with a figure in
        it stands there whole or not at all."""
        if any(map(str.isdigit, self.surface)):
            joined = _JOINTS.sub("", self.surface)
            return float(bool(re.search(rf"(?<![a-z0-9]){re.escape(joined)}(?![0-9])", text.joined)))
        if (not self.surface.isascii() and self.surface in text.folded) or self.terms <= text.terms:
            return 1.0
        return len(self.terms & text.terms) / len(self.terms)


@dataclass(frozen=True, slots=True)
class Read:
    """A text as subjects are looked up in it."""

    folded: str
    joined: str
    """Folded, names as RS-200 and RS 200 written in one."""
    terms: frozenset[str]

    @classmethod
    @lru_cache(maxsize=4096)
    def of(cls, text: str) -> Read:
        """`text`, folded, and its terms."""
        folded = fold(text)
        return cls(folded, _JOINTS.sub("", folded), canonical_terms(text))


def without_asking(question: str) -> str:
    """What is left of `question`, folded, without the words that do the asking."""
    return _ASKING.sub(" ", _written(question))


def subjects(question: str, passages: str) -> tuple[Subject, ...]:
    """What `question` is about, in order. Chinese has no blanks: a run of it is cut where `passages` stop knowing it,
    from the left; what they don't know at all is a subject too, the more telling one."""
    folded = without_asking(question)
    known = fold(passages)
    found: dict[str, Subject] = {}
    for piece in _pieces(folded, known):
        held = frozenset(canonical_terms(piece))
        if held:
            found.setdefault(piece, Subject(piece, held))
    return tuple(found.values())


def _pieces(folded: str, known: str) -> Iterator[str]:
    for run in runs(folded):
        for piece, _ in segments(run, known):
            yield from _told(piece)
    yield from re.findall(r"[^\W_\u2e80-\u9fff]+(?:[-'’.][^\W_\u2e80-\u9fff]+)*", folded)


def runs(folded: str) -> Iterator[str]:
    """The runs of Chinese in a text, without what links them."""
    run = ""
    for char in [*folded, " "]:
        if is_cjk(char) and char.isalpha() and char not in _LINKS:
            run += char
            continue
        if run:
            yield run
            run = ""


def segments(run: str, known: str) -> Iterator[tuple[str, bool]]:
    """The longest pieces (two characters or more) of `run` that `known` holds (True), and what is left between them (False). A
    single character left behind a piece takes that one's last where `known` has the two: 放盐 of 要放盐, though 要放 stands there."""
    at = left = 0
    piece = ""
    while at < len(run):
        stop = next((end for end in range(min(len(run), at + LONGEST_SEGMENT), at + 1, -1) if run[at:end] in known), at)
        if stop > at:
            yield from _parted(run, left, at, piece, known)
            piece, left = run[at:stop], stop
        at = max(stop, at + 1)
    yield from _parted(run, left, at, piece, known)


def _parted(run: str, left: int, at: int, piece: str, known: str) -> Iterator[tuple[str, bool]]:
    """The known `piece` that ends at `left`, and what is left up to `at`."""
    taken = at - left == 1 and bool(piece) and run[left - 1 : at] in known
    if len(piece) > taken:
        yield piece[: len(piece) - taken], True
    if left < at:
        yield run[left - taken : at], taken


def _told(piece: str) -> Iterator[str]:
    """A piece that has content: two characters of which function words are none."""
    if len(piece) > 1 and terms(piece):
        yield piece
