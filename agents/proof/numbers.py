"""Numbers as values: 1,234.5 = 一千二百三十四点五, 3万 = 30,000, 5% = 百分之五 = five percent, 24 months = 2 years.

A number in an answer is right only when the source has the same value, in the same kind of unit where both name
one. `claimed` reads an answer strictly (a Chinese 一 or an English "one" is mostly no number), `stated` reads a
source generously, so that whatever the source may mean is found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import floor, log10
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCALES = BEHIND_FIGURES | SHORT_SCALES
_UNIT = spelled()
_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALE = "|".join(sorted(BEHIND_FIGURES, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?P<currency>us\$|[$€£¥])?\s*(?P<hundredths>百分之)?(?P<ordinal>第)?"
    rf"(?:(?P<arabic>(?<![\d.]){_ARABIC})|(?P<han>{HAN_NUMERAL}))"
    rf"(?:\s?(?P<scale>{_SCALE}|bn|mn|(?<=\d)[kmb](?![a-z0-9])))?"
    rf"(?:\s?-?(?P<unit>{_UNIT})(?![a-z]))?"
)
_EN_WORDS = re.compile(rf"(?P<words>{ENGLISH_NUMERAL})(?:[ -](?P<unit>{_UNIT})(?![a-z]))?")
_MONTH = "|".join(MONTH_NUMBERS)
_MONTH_NAMES = re.compile(rf"\b((?:{_MONTH})\b\.?)(?=\s+\d|,|\s+of\b|\.?\s*$)|(?<=\d )({_MONTH})\b")
_IDIOMS = re.compile(
    rf"(?<![\d{NUMERAL_CHARACTERS}])(?:一(?:[些样般直定起切旦律致共方面带边贯向再经统]|下子)|[统唯万]一(?!\d)|十分|千万不?要|百姓|四周|三角|四川|百货"
    "|千克|万能|五金|七夕|九江|百科|第一(?:[次时线手代]|(?![百千万亿十]))|两[者边侧岸方国]|双方|三者|百年|千古|六合|八卦|四处|五官|百度|千禧|亿[^\\d万元人美日年个吨])"
)
"""Words with a numeral in them, which no numeral precedes: 十分重要, but not 三十分钟."""
_APPROXIMATE = re.compile(
    r"\b(?:about|around|approximately|roughly|nearly|almost|some|over|more than|close to)\s*$|[约近]$|大约$|将近$|左右|超过$"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it counts. `kind` is a dimension, 'month' (of the year), 'ordinal', or '' when unnamed."""

    value: Fraction
    kind: str
    surface: str
    approximate: bool = False
    digits: int = 0
    """Significant digits as written, for the rounding that 'about' allows."""


@lru_cache(maxsize=2048)
def stated(text: str) -> tuple[Quantity, ...]:
    """Every reading of every number in a source."""
    return tuple(_read(fold(text), strict=False))


def claimed(text: str) -> list[Quantity]:
    """The numbers an answer's sentence asserts."""
    return _read(fold(text), strict=True)


def without_numbers(text: str) -> str:
    """`text` with the numbers it asserts blanked: what is left is compared as words."""
    for quantity in claimed(text):
        text = text.replace(quantity.surface, " ")
    return text


def agrees(claim: Quantity, source: Sequence[Quantity]) -> bool:
    """True when `source` has the value that `claim` asserts. A month agrees with a month where the source names one:
    the 5 of 'January 5' is not the month of 'May 5'."""
    if claim.kind == "month" and (months := [other for other in source if other.kind == "month"]):
        return any(other.value == claim.value for other in months)
    return any(_same(claim, other) for other in source)


def _same(claim: Quantity, other: Quantity) -> bool:
    kinds = {claim.kind, other.kind}
    loose = "" in kinds or len(kinds) == 1 or kinds <= {"month", "months", "days", "ordinal"}
    if not loose or ("percent" in kinds and len(kinds) > 1):
        return False
    if claim.value == other.value:
        return True
    return claim.approximate and _rounded(other.value, claim.digits) == _rounded(claim.value, claim.digits)


def _rounded(value: Fraction, digits: int) -> Fraction:
    if not value or digits < 1:
        return value
    step = Fraction(10) ** (floor(log10(abs(value))) - digits + 1)
    return Fraction(round(value / step)) * step


def _read(folded: str, *, strict: bool) -> list[Quantity]:
    text = _IDIOMS.sub(lambda m: "□" * len(m.group()), folded) if strict else folded
    found: list[Quantity] = []
    for match in _NUMBER.finditer(text):
        found.extend(_quantities(match, text, strict=strict))
    for match in _EN_WORDS.finditer(folded):
        value = Fraction(english_value(match["words"]))
        if not (strict and value == 1 and not match["unit"]):
            found.append(Quantity(*_measured(value, match["unit"]), match.group()))
    for match in _MONTH_NAMES.finditer(folded):
        number = MONTH_NUMBERS[(match[1] or match[2]).rstrip(".")]
        found.append(Quantity(Fraction(number), "month", match.group()))
    if not strict:
        for index, word in enumerate(ORDINALS, 1):
            if re.search(rf"\b{word}\b", folded):
                found.append(Quantity(Fraction(index), "ordinal", word))
    return found


def _quantities(match: re.Match[str], text: str, *, strict: bool) -> list[Quantity]:
    arabic, han, counts = match["arabic"], match["han"], match["unit"] or match["currency"]
    if arabic is not None:
        start = match.start("arabic")
        if start and text[start - 1].isascii() and text[start - 1].isalpha():
            return []  # part of a name such as gpt-4 or a100: the name is checked as a word
        value = Fraction(arabic.replace(",", ""))
        digits = len(arabic.replace(",", "").replace(".", "").strip("0"))
    else:
        if (strict and not _serious(han, match)) or (han == "一" and not (counts or match["ordinal"])):
            return []
        value, digits = han_value(han), len(han.rstrip("十百千万亿"))
    if match["scale"]:
        value *= _SCALES[match["scale"]]
    before = text[max(0, match.start() - 16) : match.start()]
    after = text[match.end() : match.end() + 3]
    if match["hundredths"] or match["ordinal"]:
        kind = "percent" if match["hundredths"] else "ordinal"
    else:
        value, kind = _measured(value, counts, after)
    approximate = bool(_APPROXIMATE.search(before) or after.startswith(("左右", "多", "余", "+")))
    return [Quantity(value, kind, match.group(), approximate, max(1, digits))]


def _serious(han: str, match: re.Match[str]) -> bool:
    """Whether a run of Chinese numerals in an answer is meant as a number."""
    if match["hundredths"] or match["scale"] or "点" in han:
        return True
    if match["unit"] or match["ordinal"]:
        return not (han == "一" and match["unit"] not in {"年", "天", "个月", "周", "小时", "岁"})
    if len(han) >= 2:
        return not set(han) <= set("千万亿百十") and han not in {"一一", "万一", "一十", "三三两两"}
    return han in "二三四五六七八九十" and match.string[match.end() : match.end() + 1] in set(
        "个名位人次种项条家所座届部章款本张份台辆月日号级倍层"
    )


def _measured(value: Fraction, counts: str | None, after: str = "") -> tuple[Fraction, str]:
    """The value in its dimension's first unit, and the dimension."""
    if counts is None:
        return value, "month" if after.startswith("月") else ""
    if counts == "日" or (counts == "年" and value >= 1000):
        return value, ""
    kind, factor = unit(counts)
    return value * factor, kind
