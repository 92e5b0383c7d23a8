"""What is for one of something ('26 pounds a month', 每人每天 60 元), of which so many are that often as much, and what several
come to by a tariff: a price, another one from so many on, reductions, the days that they hold on.

A tariff is read in its order: behind a price stands from how many on it is another one and what is less for whom, until the
next price. Each number of the question must have its place in it, else nothing is worked out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from agents.proof.asked import asked_for, runs, segments
from agents.proof.choosing import bare, named
from agents.proof.months import months
from agents.proof.numbers import Quantity, agrees, stated
from agents.proof.operations import TOGETHER
from agents.proof.rarity import content_terms
from agents.proof.weekdays import meant, weekdays
from agents.tasks.amounts import NO_COUNT, PRICED, Amount, Reckoning, amounts, nearest, wanted, worked_out
from agents.tasks.grounding import share
from agents.tasks.moves import CALCULATE
from ingest.folding import fold
from ingest.numerals import SPOKEN, WEEKDAYS
from ingest.units import MONEY, UNITS, spelled

_SIZED = re.compile(r"-?[a-z]")
"""Behind a number that says which, not how many: an eight-inch cake, a six-seater, 3D."""
_ONE_OF = re.compile(r"\b(?:an?|one|each|every|per) $")
"""Before such a number: a 60 litre drum."""
_CLAUSE = re.compile(r"(?<!\d),|,(?!\d)|[;:。]|\.(?=\s|$)")
_PRICE = re.compile(r"\d+\.\d\d(?!\d)|\d+ pounds")
"""A number that is money though no currency stands with it."""
_ASKS = re.compile(
    r"\b(?:how much(?= (?:are|will|would|without|with|for|altogether|in all)\b|\W*$)|costs?|come to|add up to|pay|bill|pounds"
    r"|sets? \w+ back|what (?:will|would) (?:it|they|that|those) (?:be|make)\b)|[钱付费价]|[租押定订]金"
)
"""What a question says that wants money, where it names no unit."""
_WITHOUT = re.compile(
    r"\b(?:without|excluding|not counting|leaving) [^,.?]*|[,，]?(?:不[算含计包]|除[了去开])[^,，。?？]*"
)
"""What a question does not want the price of."""
_MEASURE = r"[\s-]*[\u4e00-\u9fff]?\s*"
"""Between a number and what it counts."""
_EACH_ONE = re.compile(r"每(?:人|[个位名])[\u4e00-\u9fff]{0,3}一([\u4e00-\u9fff])|\b(?:an?|one) ([a-z]+?) each\b")
"""每人借一套: there are as many of the one as of the other."""
_THING = re.compile(r"\s*[\u4e00-\u9fff]{0,7}(?:[a-z]+ ?){0,3}")
"""What is counted, with its measure word or what kind it is of."""
_FOR_ONE = re.compile(r"\b(?:per|each|apiece|one costs?)\b|\bfor one(?= of\b|\W*$|[,.?])|每|单价", re.IGNORECASE)
_HEAD = re.compile(rf"{PRICED.pattern}|(?<![a-z])(?:{spelled(*MONEY, 'days', 'months', 'seconds')})(?![a-z])")
"""What names a column of prices."""
_PRICES = re.compile(r"\bprices?\b|价格|单价")
_UNIT_CELL = re.compile(r"(?:\bunit|单位)\s*:\s*([^;\d]+)")
"""The cell of a row that says of what its price is for one."""
_LESS = re.compile(r"\s*(?:less|off|cheaper|discount|reduction|的?优惠|的?折扣)")
_REDUCING = re.compile(r"打?[\u4e00-\u9fff\d.]{1,3}折|打|享受?|可|按|凭|优惠|[票总单原]?价")
_AT_LEAST = re.compile(r"(?:不[满足]|至少|最低|起步|\bat least|\bminimum)\D{0,16}$")
_EXCEPT = re.compile(r"\b(?:except|excluding|but not|not for)\b.*|[^,;.。]*除外")
_BESIDE = re.compile(r"\b(?:and|with|plus|including)\s+((?:\w+ )?\w+)|[和加含带连]上?([\u4e00-\u9fff]+)")
"""What a question wants the price of beside that of something else: a tent with electricity, 含早餐."""
_MEANT, _NOT_MEANT = 0.5, 0.25
"""Share of what a reduction says from which on a question speaks of those that it is for, and up to which it does not."""
_NOUN = re.compile(r"\s*(?:([a-z]+?)s?\b|个?[\u4e00-\u9fff])")
_PER = re.compile(
    r"\d\s*(?:[a-z]+\s)?\s*(?:/|(?:per|an?|each|every)\s)\s*([a-z]+?)s?\b|/\s*([\u4e00-\u9fff]{1,2})"
    r"|每一?个?(?:([天日晚周月年次人])|([\u4e00-\u9fff]{1,3}?)(?=每|\s|\d|$))"
)
_ONE = re.compile(r"\b(?:per|an?|each|every|one)\s+([a-z]+?)s?\b|(?:每|(?<!之)一)个?([\u4e00-\u9fff])")
"""Of what a question asks for one."""
_FROM = re.compile(r"(?:满|超过|\b(?:over|more than|at least))\s*$")
_ON = re.compile(
    r"\s*(?:(?:[a-z]+ )?on\b|(?:[a-z]+ )?(?:or|and) (?:more|longer|over|above|less)\b|[\u4e00-\u9fff]?[及或]?以[上下内])"
)


@dataclass(frozen=True, slots=True)
class _Offer:
    """A price, or what is left of one that is reduced, with all that its statement says from the offer before it on."""

    statement: int
    text: str
    lead: str
    """What stands before it in its statement."""
    own: str
    """Its clause, and what its statement begins with before any number."""
    value: Fraction
    label: str
    reduces: bool
    row: bool
    thing: str = ""
    """The first cell of its row."""
    column: str = ""

    @property
    def base(self) -> bool:
        """Whether it is a price for any number of things."""
        return not self.reduces and not tiers(self.text)


def wants_money(goal: str) -> bool:
    """Whether `goal` asks for an amount of money."""
    asked = asked_for(goal)
    if asked.units or asked.date:
        return not asked.date and asked.units <= MONEY
    return bool(_ASKS.search(fold(goal))) and "how many" not in fold(goal)


def for_one(goal: str) -> bool:
    """Whether `goal` asks what one costs: not what all do, of whom each takes one."""
    return bool(_FOR_ONE.search(goal)) and not TOGETHER.search(goal)


def only_reduces(text: str) -> bool:
    """Whether all that a text says of prices is by how much they are less."""
    offers = [*_offers(0, text, row=False, priced=False)]
    return bool(offers) and all(one.reduces for one in offers)


def several_of(goal: str) -> list[Quantity]:
    """The numbers of what `goal` asks the price of several of; none where it asks for no price. An eight-inch cake is one."""
    counts = [n for n in stated(goal) if n.figure and n.figure > 1 and n.kind not in {*NO_COUNT, "percent", *MONEY}]
    folded = fold(goal)
    sized = {n for n in counts if not n.kind and _SIZED.match(folded, n.at + len(n.surface))}
    sized |= {n for n in counts if _ONE_OF.search(folded[: max(n.at, 0)])}
    return [n for n in counts if n not in sized] if wants_money(goal) else []


def tariff(goal: str, known: Sequence[tuple[str, bool]], beside: Sequence[tuple[str, bool]] = ()) -> Reckoning | None:
    """The sum that `goal` comes to by `known`, statements as they follow each other and whether each is a table's row. None where
    anything is open, or one `beside` them has a price that says more of what is asked."""
    days, season, counts = _days(goal), _months(goal), several_of(goal)
    if not counts or (for_one(goal) and not _EACH_ONE.search(fold(goal))):
        return None
    goal = _WITHOUT.sub(lambda match: " " * len(match[0]), goal)
    priced = any(_PRICES.search(fold(text)) for text, row in known if not row)
    offers = [offer for at, (text, row) in enumerate(known) for offer in _offers(at, text, row=row, priced=priced)]
    offers = [one for one in offers if not days or not _days(one.text) or days & _days(one.text)]
    offers = [one for one in offers if not season or not _months(one.text) or season & _months(one.text)]
    if bill := _bill(goal, counts, [one for one in offers if one.row and one.base], known):
        return None if any(_spoken_of(one.text, goal) > _NOT_MEANT for one in offers if not one.base) else bill
    more = content_terms(" ".join(word for pair in _BESIDE.findall(fold(goal)) for word in pair))
    if (price := _price(goal, counts, offers)) is None or (price.row and more & content_terms(price.text)):
        return None
    elsewhere = (offer for text, row in beside for offer in _offers(-1, text, row=row, priced=False) if offer.base)
    if any(_said(one, goal) > _said(price, goal) for one in elsewhere):
        return None
    if not (counts := [n for n in counts if n not in _named(price, goal, counts)]):
        return None
    behind = list(_behind(price, offers))
    spoken = {one: _spoken_of(one.text, goal) for one in behind if one.reduces and not tiers(one.text)}
    if any(_NOT_MEANT < said < _MEANT for said in spoken.values()):
        return None
    used = [*_holding(counts, price, behind), *(one for one, said in spoken.items() if said >= _MEANT)]
    left_out = [match for one in used if one.reduces and (match := _EXCEPT.search(fold(known[one.statement][0])))]
    if any(content_terms(goal) & content_terms(match[0]) for match in left_out):
        return None
    if not days and any(_days(one.text) for one in used):
        return None
    paid = [one for one in used if not one.reduces][-1]
    factors = [paid.value, *(n.figure or n.value for n in counts), *(one.value for one in used if one.reduces)]
    text = known[paid.statement][0]
    if any(n.kind in MONEY and _AT_LEAST.search(fold(text)[: n.at]) and prod(factors) < n.value for n in stated(text)):
        return None  # 不满 5 元按 5 元收
    rests = tuple(dict.fromkeys(known[one.statement][0] for one in used))
    return worked_out("*", factors, paid.label or price.label, rests)


def _price(goal: str, counts: Sequence[Quantity], offers: Sequence[_Offer]) -> _Offer | None:
    """The price for any number of what `goal` asks for; None where several fit as well, or one of another statement says more of
    what is asked: of another thing."""
    about, said = content_terms(goal), {one: _said(one, goal) for one in offers if one.base}

    def fit(one: _Offer) -> tuple[int, bool, bool, float, float]:
        each = set(map(_unit, ones(one.text)))
        counted = all(_unit(counted_noun(goal, number)) in each for number in counts)
        then = bool(_days(goal) & _days(one.text) or _months(goal) & _months(one.text))
        return len(_named(one, goal, counts)), counted, then, said[one], share(about, content_terms(one.lead))

    price = nearest([(fit(one), one) for one in said if _has_place(goal, counts, one)])
    if price and any(said[one] > said[price] for one in said if one.statement != price.statement):
        return None
    return price


def _bill(
    goal: str, counts: Sequence[Quantity], offers: Sequence[_Offer], known: Sequence[tuple[str, bool]]
) -> Reckoning | None:
    """What rows that `goal` names side by side come to, each as often as it is wanted, in the one column that is meant; None
    where it names but one, or a number has no place."""
    folded = fold(goal)
    found = {one.thing: [*re.finditer(rf"(?<![a-z]){_ends(one.thing)}", folded)] for one in offers}
    places = {thing: each[0].span() for thing, each in found.items() if len(each) == 1}
    within = [
        (a, b) for a, b in places.values() if any(c <= a and b <= d and d - c > b - a for c, d in places.values())
    ]
    lines = [one for one in offers if places.get(one.thing, (0, 0)) not in [*within, (0, 0)]]
    columns = {one.column for one in lines}
    columns = {column for column in columns if named(goal, bare(column))} or columns
    lines = [one for one in lines if one.column in columns]
    things = [places[one.thing] for one in lines]
    if (
        len(lines) < 2
        or len(columns) > 1
        or len({*things}) < len(lines)
        or len({*places.values()} - {*within}) > len(lines)
    ):
        return None
    wanted = {one: _before(places[one.thing][0], counts, folded) for one in lines}
    left = [n for n in counts if n not in wanted.values() and not any(a <= n.at < b for a, b in things)]
    times = {one: [n for n in left if _unit(counted_noun(goal, n)) in map(_unit, ones(one.text))] for one in lines}
    if any(all(n not in each for each in times.values()) for n in left):
        return None
    terms = [
        worked_out("*", [one.value, *(n.figure or n.value for n in (wanted[one], *times[one]) if n)], "")
        for one in lines
    ]
    expression = " + ".join(term.arguments["expression"] for term in terms)
    return Reckoning(
        CALCULATE, {"expression": expression}, lines[0].label, tuple(known[one.statement][0] for one in lines)
    )


def _before(at: int, counts: Sequence[Quantity], folded: str) -> Quantity | None:
    """The count of what begins at `at`."""
    here = (n for n in counts if n.at < at and re.fullmatch(_MEASURE, folded[n.at + len(n.surface) : at]))
    return next(here, None)


def _said(one: _Offer, goal: str) -> float:
    """0..1: how much of `goal` an offer says."""
    return share(content_terms(goal), content_terms(f"{one.lead} {one.text}" if one.row else one.text))


def _named(price: _Offer, goal: str, counts: Sequence[Quantity]) -> list[Quantity]:
    """The counts that say which thing has the price, not how many are wanted: 33 座大巴一天 1150 元, 六人木屋."""
    told = f"{price.lead} {price.text}" if price.row else price.text
    own = {(n.value, counted_noun(told, n)) for n in stated(told) if n not in tiers(told)}
    return [n for n in counts if (n.value, counted_noun(goal, n)) in own]


def _holding(counts: Sequence[Quantity], price: _Offer, behind: Sequence[_Offer]) -> list[_Offer]:
    """`price`, and of the offers `behind` it the other price and the reduction from the highest number on that is reached."""
    reached = {one: least for one in behind if (least := _reached(one, counts))}
    paid, lower = (
        max((one for one in reached if one.reduces == reduces), key=reached.__getitem__, default=None)
        for reduces in (False, True)
    )
    return [price, *filter(None, (paid, lower))]


def _offers(statement: int, text: str, *, row: bool, priced: bool) -> Iterator[_Offer]:
    """`priced`: whether it is said that the numbers of the table are prices."""
    folded, since = fold(text), 0
    ends = [match.start() for match in (re.finditer(";", folded) if row else _CLAUSE.finditer(folded))]
    for number in sorted({n.at: n for n in stated(text)}.values(), key=lambda n: n.at):
        stop = number.at + len(number.surface)
        if number.at < since:
            continue
        per_cent = number.kind == "percent" and bool(_LESS.match(folded[stop:]))
        reduces = per_cent or folded[stop:].lstrip().startswith("折")
        bare = not number.kind and (
            priced or _HEAD.search(folded, max(since, folded.rfind(";", 0, number.at)), number.at)
            if row
            else _PRICE.match(folded, number.at)
        )
        if not (reduces or bare or number.kind in MONEY):
            continue
        end, figure = next((end for end in ends if end >= stop), len(folded)), number.figure or number.value
        if reduces:
            figure = 1 - figure / 100 if per_cent else figure / (100 if figure > 10 else 10)
        lead = re.sub("[^;]*:|;", " ", folded) if row else folded[:since]
        told = folded[folded.rfind(";", 0, number.at) + 1 if row else since : end]
        told += f"/{each[1]}" if row and (each := _UNIT_CELL.search(folded)) else ""
        label = re.sub(r"[\d,._]+", "", number.surface).strip()
        begin = max((stop for stop in ends if stop <= number.at), default=0)
        head = folded[: min([begin, *(n.at for n in stated(text) if n.at >= 0)])]
        cells = (lead.strip().split("  ")[0], folded[begin : number.at].rpartition(":")[0].strip(" ;")) if row else ()
        yield _Offer(statement, told, lead, f"{head} {folded[begin:end]}", figure, label, reduces, row, *cells)
        since = end


def _behind(price: _Offer, offers: Sequence[_Offer]) -> Iterator[_Offer]:
    """The other prices and the reductions of what `price` is for."""
    for one in offers[offers.index(price) + 1 :]:
        if one.base and one.statement != price.statement and not (one.row and price.row):
            return  # what stands below a table is said of all its rows
        if not one.base:
            yield one


def _has_place(goal: str, counts: Sequence[Quantity], price: _Offer) -> bool:
    """Whether each of the counts is one of what a price is for one of, or one of them of the thing that has the price."""
    told = f"{price.lead} {price.text}"
    each = set(map(_unit, ones(told)))
    named = _named(price, goal, counts)
    others = [n for n in counts if n not in named and _unit(counted_noun(goal, n)) not in each]
    if {one or other for one, other in _EACH_ONE.findall(fold(goal))} & each:
        return len(others) < 2
    of_several = {counted_noun(price.text, n) for n in stated(price.text) if n.figure and n.figure > 1} - {""}
    if not price.row and of_several & {counted_noun(goal, n) for n in others}:
        return False  # what ten of them cost, or all that were sold
    things = [match[0] for n in others if not n.kind and (match := _THING.match(fold(goal), n.at + len(n.surface)))]
    if not others or len(others) != 1 or len(things) != 1:
        return not others
    if TOGETHER.search(goal):  # 'what three shops earned together' is three amounts, not so 'three double rooms'
        counts_it = price.thing.isascii() and content_terms(counted_noun(goal, others[0])) & content_terms(price.thing)
        return bool(counts_it or re.match(rf"{_MEASURE}{_ends(price.thing)}", things[0]))
    its_own = price.row and content_terms(price.thing) <= content_terms(goal)
    return bool(its_own or content_terms(things[0]) & content_terms(told if price.row else price.own))


def _ends(thing: str) -> str:
    """A pattern of what `thing` may be called for short: 亲子房 for 桃林亲子房, a double room for a large double room."""
    joint = " " if thing.isascii() else ""
    pieces = thing.split() if joint else [*thing]
    ends = (joint.join(pieces[at:]) for at in range(len(pieces)) if not at or len(pieces) - at > 1)
    return rf"(?:{'|'.join(map(re.escape, ends)) or '(?!)'})(?:e?s|ren)?(?![a-z])"


def _unit(noun: str) -> object:
    """A noun that is a unit as that: 周 and 星期 are one."""
    return UNITS.get(noun, noun)


def _reached(one: _Offer, counts: Sequence[Quantity]) -> Fraction | None:
    """From how many on an offer holds, where so many are wanted."""
    least = tiers(one.text)
    met = [any(n.kind == count.kind and count.value >= n.value for count in counts) for n in least]
    return max(n.value for n in least) if least and all(met) else None


def _spoken_of(text: str, goal: str) -> float:
    """0..1: how much of what a reduction says of those that it is for stands in `goal`."""
    if text.isascii():
        return share(content_terms(text), content_terms(goal))
    pieces = [piece for run in runs(_REDUCING.sub(" ", text)) for piece in segments(run, fold(goal))]
    return sum(len(piece) for piece, known in pieces if known) / max(sum(len(piece) for piece, _ in pieces), 1)


def _days(text: str) -> set[int]:
    """The days of the week that a text names or means; none where it means all."""
    found = {day for _, day in weekdays(fold(text))} | meant(fold(text))
    return set() if len(found) == len(WEEKDAYS) else found


def _months(text: str) -> set[int]:
    """The months that a text names."""
    return {number for _, named in months(text) for number in named}


def times(goal: str, known: tuple[str, bool], before: str) -> Reckoning | None:
    """So many times the one amount in `known`, a statement and whether it is a table's row, which answers the question `before` for
    one of what `goal` counts: 'How many days of leave does a year have? How many are that in three years?'"""
    counts = [number for number in stated(goal) if number.figure and number.figure > 1]
    asked, each = asked_for(before), ones(before)
    if not counts or not asked_for(goal).wants_number or asked_for(goal).units - asked.units:
        return None
    conditions = [number for number in stated(before) if number.figure != 1]
    found: list[tuple[tuple[int, float], tuple[Amount, tuple[Fraction, ...]]]] = []
    for amount, clause in amounts(known[0], row=known[1]):
        factors = [number for number in counts if counted_noun(goal, number) in each]
        rest = [number for number in counts if number not in factors and not agrees(number, stated(clause))]
        if wanted(amount, asked, before) and factors and not rest:
            near = (
                sum(agrees(number, stated(clause)) for number in conditions),
                share(content_terms(before), content_terms(clause)),
            )
            found.append((near, (amount, tuple(n.figure or n.value for n in factors))))
    best = nearest(found)
    return worked_out("*", (best[0].figure, *best[1]), best[0].label) if best else None


def tiers(text: str) -> list[Quantity]:
    """The numbers of a text that tell from how many on something holds: 20 of 'from 20 sacks on', 三天 of 连租三天及以上."""
    folded = fold(text)
    found = {n.at: n for n in stated(text) if n.at >= 0 and n.kind not in MONEY}
    return [n for n in found.values() if _FROM.search(folded[: n.at]) or _ON.match(folded[n.at + len(n.surface) :])]


def per(text: str) -> set[str]:
    """Of what a text's amounts are for one: 'month' of '£26 a month', 人 and 天 of 每人每天 60 元."""
    return {noun for match in _PER.finditer(fold(text)) for noun in match.groups() if noun}


def ones(text: str) -> set[str]:
    """Of what a text says something for one: 'hour' of 'an hour costs 22 pounds', 天 of 每天."""
    return per(text) | {one or other for one, other in _ONE.findall(fold(text))}


def counted_noun(text: str, number: Quantity) -> str:
    """The noun that a number counts, in the singular: 'night' of 'three nights', 年 of 三年, 公斤 of 5 公斤."""
    behind = fold(text)[number.at + len(number.surface) :] if number.at >= 0 and not number.kind else ""
    own = re.sub(rf"^(?:[\d.,\s]+|{SPOKEN})\s*个?", "", fold(number.surface))
    match = _NOUN.match(behind) if behind else re.search(r"([a-z]+?)s?$|[\u4e00-\u9fff]+$", own)
    return "" if match is None else (match[1] or match[0]).strip().removeprefix("个")
