"""Numbers as values: 1,234.5 = 一千二百三十四点五, 3万 = 30,000, 5% = 百分之五 = five percent, 24 months = 2 years.

A number in an answer is right only when the source has the same value, in the same kind of unit where both name
one. `claimed` reads an answer strictly (a Chinese 一 or an English "one" is mostly no number), `stated` reads a
source generously, so that whatever the source may mean is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from math import floor, log10

from agents.proof.clock import HALF_A_DAY, times
from agents.proof.figures import figures
from agents.proof.weekdays import meant, weekdays
from agents.proof.words import is_function_word
from ingest.folding import fold
from ingest.numerals import (
    BEHIND_FIGURES,
    ENGLISH_NUMERAL,
    HAN_NUMERAL,
    MONTH_NUMBERS,
    NUMERAL_CHARACTERS,
    ORDINALS,
    SHORT_SCALES,
    english_value,
    han_value,
)
from ingest.units import spelled, unit

_SCALES = BEHIND_FIGURES | SHORT_SCALES
_UNIT = spelled()
_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALE = "|".join(sorted(BEHIND_FIGURES, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?P<currency>us\$|[$€£¥])?\s*(?P<hundredths>百分之)?(?P<ordinal>第)?"
    rf"(?:(?P<arabic>(?<![\d.])(?:{_ARABIC})(?!\.\d))|(?P<han>{HAN_NUMERAL}))"
    rf"(?:\s?(?P<scale>{_SCALE}|bn|mn|(?<=\d)[kmb](?![a-z0-9])))?"
    rf"(?:\s?-?(?P<unit>{_UNIT})(?![a-z]))?"
)
_EN_WORDS = re.compile(rf"(?P<words>{ENGLISH_NUMERAL})(?:[ -](?P<unit>{_UNIT})(?![a-z]))?")
_MONTH = "|".join(MONTH_NUMBERS)
_ANOTHER = rf"\s?(?:\b(?:and|or|to|through|till|until)\b|[-\u2013\u2014])\s?((?:{_MONTH})\b\.?)"
_MONTH_NAMES = re.compile(
    rf"\b((?:{_MONTH})\b\.?)(?=\s+(?:\d|of\b)|{_ANOTHER}|,|[.?]?\s*$)|(?:(?<=\d )|(?<=\bin ))({_MONTH})\b"
)
_IDIOMS = re.compile(
    rf"(?<![\d{NUMERAL_CHARACTERS}])(?:一(?:[些样般直定起切旦律致共方面带边贯向再经统]|下子)|[统唯万]一(?!\d)|十分|千万不?要|百姓|四周|三角|四川|百货"
    "|千克|万能|五金|七夕|九江|百科|第一(?:[次时线手代]|(?![百千万亿十]))|两[者边侧岸方国]|双方|三者|百年|千古|六合|八卦|四处|五官|百度|千禧|亿[^\\d万元人美日年个吨])"
)
"""Words with a numeral in them, which no numeral precedes: 十分重要, but not 三十分钟."""
_ITEM = re.compile(
    r"^[ \t]*(?:#{1,6} *)?(?:\d{1,2}[.)](?=[ \u4e00-\u9fff])|[一二三四五六七八九十]{1,3}、(?![一二三四五六七八九十]))",
    re.MULTILINE,
)
"""A number that tells one item of a list, or one section, from the others: as such it counts nothing."""
_ROMAN = re.compile(r"(?<=[a-z] )(?=[ivx]{2,}\b)(x{0,3})(ix|iv|v?i{0,3})\b")
"""Behind a name, as in Louis XIV; to 39, beyond which hardly anything is counted so."""
_UNITS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_APPROXIMATE = re.compile(
    r"\b(?:about|around|approximately|roughly|nearly|almost|some|over|more than|close to)\s*$|[约近]$|大约$|将近$|左右|超过$"
)
_NAMED = re.compile(r"(?:[a-z]|(?<![a-z])(?!(?:mid|pre|post|non|sub)-)[a-z]+-)\Z")
"""What stands before a figure that is part of a name."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it counts. `kind` is a dimension, 'month' (of the year), 'weekday' (0 for Monday), 'clock' (minutes
    after midnight), 'ordinal', or '' when unnamed."""

    value: Fraction
    kind: str
    surface: str
    approximate: bool = False
    digits: int = 0
    """Significant digits as written, for the rounding that 'about' allows."""
    figure: Fraction | None = None
    """The number as written, before its unit is converted; None where there is no plain one."""
    bare: bool = False
    """Nothing follows that could name what is counted: '(38)', a table's cell; of a time of day, which half of it is meant."""
    at: int = field(default=-1, compare=False)
    """Where `surface` begins in the folded text."""


@lru_cache(maxsize=4096)
def stated(text: str) -> tuple[Quantity, ...]:
    """Every reading of every number in a source."""
    return tuple(_read(fold(text), strict=False))


@lru_cache(maxsize=4096)
def claimed(text: str) -> tuple[Quantity, ...]:
    """The numbers an answer's sentence asserts."""
    return tuple(_read(fold(text), strict=True))


def without_numbers(text: str) -> str:
    """`text`, folded, with the numbers it asserts blanked where they stand: what is left is compared as words."""
    folded = fold(text)
    for quantity in sorted(claimed(text), key=lambda quantity: quantity.at, reverse=True):
        folded = f"{folded[: quantity.at]} {folded[quantity.at + len(quantity.surface) :]}"
    return folded


def values(text: str, *, named: bool = False) -> set[tuple[str, object]]:
    """The numbers and days of `text`, each as its kind and value; `named`: of 'daily', which only means them, none."""
    return {(number.kind, number.value) for number in stated(text) if not named or number.at >= 0}


def agrees(claim: Quantity, source: Sequence[Quantity]) -> bool:
    """True when `source` has the value that `claim` asserts. A month agrees with a month where the source names one:
    the 5 of 'January 5' is not the month of 'May 5'."""
    if claim.kind == "month" and (months := [other for other in source if other.kind == "month"]):
        return any(other.value == claim.value for other in months)
    return any(_same(claim, other) for other in source)


def is_date(quantity: Quantity) -> bool:
    """Whether it names a point of time, as far as it tells by itself: a year, a month, a decade."""
    return quantity.kind in {"month", "decade", "century", "weekday"} or is_year(quantity)


def is_year(quantity: Quantity) -> bool:
    """Whether a number without a unit may be a year."""
    whole = quantity.value.denominator == 1 and "," not in quantity.surface
    return not quantity.kind and 1000 <= quantity.value < 2200 and whole


def _same(claim: Quantity, other: Quantity) -> bool:
    kinds = {claim.kind, other.kind}
    if "decade" in kinds:
        short = min(claim.value, other.value) < 100
        return len(kinds) == 1 and (claim.value == other.value or (short and (claim.value - other.value) % 100 == 0))
    if len(kinds) > 1 and not _loose(claim, other):
        return False
    if kinds == {"clock"} and (claim.bare or other.bare):
        return (claim.value - other.value) % HALF_A_DAY == 0
    if claim.value == other.value:
        return True
    if "" in kinds and claim.figure is not None and claim.figure == other.figure:
        return True  # 'at age 38' and '38 years old'
    return claim.approximate and _rounded(other.value, claim.digits) == _rounded(claim.value, claim.digits)


def _loose(claim: Quantity, other: Quantity) -> bool:
    """Whether two kinds may be one. A number with no unit may have any, unless a noun says what else it counts."""
    kinds = {claim.kind, other.kind}
    if kinds & {"percent", "century", "weekday"}:
        return False
    if kinds <= {"", "month", "ordinal"}:
        return True
    plain = claim if not claim.kind else other
    return not plain.kind and (plain.bare or (plain is claim and "clock" not in kinds))


def _rounded(value: Fraction, digits: int) -> Fraction:
    if not value or digits < 1:
        return value
    step = Fraction(10) ** (floor(log10(abs(value))) - digits + 1)
    return Fraction(round(value / step)) * step


@lru_cache(maxsize=4096)
def _spelled(folded: str) -> tuple[tuple[Quantity, ...], str]:
    """Decades, shares, times and days of the week, and `folded` with a blank for each of their characters."""
    found = [Quantity(value, kind, figure.group(), at=figure.start()) for figure, value, kind in figures(folded)]
    for told, minutes, vague in times(folded):
        at = told.start() + len(told.group()) - len(told.group().lstrip())
        hour = Fraction(minutes, 60) if minutes % 60 == 0 else None
        found.append(Quantity(Fraction(minutes), "clock", told.group().strip(), figure=hour, bare=vague, at=at))
    for named, day in weekdays(folded):
        found.append(Quantity(Fraction(day), "weekday", named.group(), at=named.start()))
    text = folded
    for quantity in found:
        stop = quantity.at + len(quantity.surface)
        text = text[: quantity.at] + "□" * len(quantity.surface) + text[stop:]
    return tuple(found), text


def _read(folded: str, *, strict: bool) -> list[Quantity]:
    spelled_out, words = _spelled(folded)
    found = list(spelled_out)
    text = _IDIOMS.sub(lambda m: "□" * len(m.group()), words) if strict else words
    items = {match.end() for match in _ITEM.finditer(text)}
    for match in _NUMBER.finditer(text):
        read = _quantities(match, text, strict=strict)
        found.extend(replace(one, kind="ordinal") if match.end() + 1 in items else one for one in read)
    for match in _EN_WORDS.finditer(words):
        number = Fraction(english_value(match["words"]))
        if not (strict and number == 1 and not match["unit"]):
            value, kind = _measured(number, match["unit"])
            found.append(Quantity(value, kind, match.group(), figure=number, at=match.start()))
    named = {m.start(at): m[at] for m in _MONTH_NAMES.finditer(words) for at in (1, 2, 3) if m[at]}
    for at, name in named.items():
        number = Fraction(MONTH_NUMBERS[name.rstrip(".")])
        found.append(Quantity(number, "month", name, figure=number, at=at))
    if not strict:
        found += _implied(folded, words)
    return found


def _implied(folded: str, words: str) -> Iterator[Quantity]:
    """Numbers that a source may mean without a figure: days of the week, ordinals, Roman numerals. `words`: what is left of
    `folded` without its dates."""
    for day in meant(folded):
        yield Quantity(Fraction(day), "weekday", "")
    for match in _ROMAN.finditer(words):
        number = Fraction(10 * len(match[1]) + _UNITS.index(match[2]))
        yield Quantity(number, "ordinal", match.group(), figure=number, at=match.start())
    for index, word in enumerate(ORDINALS, 1):
        if re.search(rf"\b{word}\b", words):
            yield Quantity(Fraction(index), "ordinal", word, figure=Fraction(index))


def _quantities(match: re.Match[str], text: str, *, strict: bool) -> list[Quantity]:
    arabic, han, counts = match["arabic"], match["han"], match["unit"] or match["currency"]
    if arabic is not None:
        start = match.start("arabic")
        if _NAMED.search(text[:start][-8:]):
            return []  # part of a name such as gpt-4 or a100: the name is checked as a word
        value = Fraction(arabic.replace(",", ""))
        digits = len(arabic.replace(",", "").replace(".", "").strip("0"))
    else:
        if (strict and not _serious(han, match)) or (han == "一" and not (counts or match["ordinal"])):
            return []
        if han in {"万", "亿"} and not match["hundredths"]:
            return []  # a unit: 差旅（万元）
        value, digits = han_value(han), len(han.rstrip("十百千万亿"))
    if match["scale"]:
        value *= _SCALES[match["scale"]]
    figure = value
    before = text[max(0, match.start() - 16) : match.start()]
    after = text[match.end() : match.end() + 3]
    if match["hundredths"] or match["ordinal"]:
        kind = "percent" if match["hundredths"] else "ordinal"
    else:
        value, kind = _measured(value, counts, after)
    approximate = bool(_APPROXIMATE.search(before) or after.startswith(("左右", "多", "余", "+")))
    bare = not counts and not _counted(text, match.end())
    surface = match.group()
    at = match.start() + len(surface) - len(surface.lstrip())
    return [Quantity(value, kind, surface.lstrip(), approximate, max(1, digits), figure, bare, at)]


def _counted(text: str, end: int) -> bool:
    """Whether a noun behind a number, at `end`, may say what it counts."""
    word = re.match(r"\s?(?:([a-z]+)|[^\W\d_])", text[end:])
    return word is not None and not (word[1] and is_function_word(word[1]))


def _serious(han: str, match: re.Match[str]) -> bool:
    """Whether a run of Chinese numerals in an answer is meant as a number."""
    if match["hundredths"] or match["scale"] or "点" in han:
        return True
    if match["unit"] or match["ordinal"]:
        return not (han == "一" and match["unit"] not in {"年", "天", "个月", "周", "小时", "岁"})
    if len(han) >= 2:
        return not set(han) <= set("千万亿百十") and han not in {"一一", "万一", "一十", "三三两两"}
    return han in "二两三四五六七八九十" and match.string[match.end() : match.end() + 1] in set(
        "个名位人次种项条家所座届部章款本张份台辆月日号级倍层件间只支枝把块片瓶杯袋盒箱桶包罐双对套副床桌堂课节颗粒棵匹艘架封幅扇根批篇册页句顿晚夜顶"
    )


def _measured(value: Fraction, counts: str | None, after: str = "") -> tuple[Fraction, str]:
    """The value in its dimension's first unit, and the dimension."""
    if counts is None:
        return value, "month" if re.match(r"\s?月", after) else ""
    if counts == "日" or (counts == "年" and value >= 1000):
        return value, ""
    kind, factor = unit(counts)
    return value * factor, kind
