"""Numbers that are no plain figures: decades, centuries, shares and halves, in the forms that say the same.

1990年代 = 20 世纪 90 年代 = the 1990s; 20世纪 = the twentieth century; 一半 = half = 50 %; 三分之二 = two thirds; 一个半小时 =
an hour and a half.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from ingest.numerals import ENGLISH_NUMERAL, HAN_NUMERAL, ONES, ORDINALS, english_value, han_value
from ingest.units import spelled, unit

_HAN_TENS = "[一二三四五六七八九]十"
_DECADE = re.compile(
    rf"(?:(?P<century>\d{{1,2}}|[一二十]{{1,3}})\s*世纪\s*)?(?P<tens>\d0|{_HAN_TENS})\s*年代"
    rf"|(?<!\d)(?P<year>1\d\d0|20\d0)\s?(?:年代|'?s\b)|'(?P<short>\d0)s\b"
)
_CENTURY_WORDS = {
    word: n
    for n, word in enumerate((*ORDINALS, "eleventh", "twelfth", *(f"{o}th" for o in ONES[13:20]), "twentieth"), 1)
} | {"twenty-first": 21}
_CENTURY = re.compile(
    rf"(?P<han>{HAN_NUMERAL}|\d{{1,2}})\s*世纪(?!\s*(?:\d0|{_HAN_TENS})\s*年代)|(?P<figure>\d{{1,2}})(?:st|nd|rd|th)[ -](?:\w+ )?centur(?:y|ies)"
    rf"|\b(?P<word>{'|'.join(sorted(_CENTURY_WORDS, key=len, reverse=True))})[ -]centur(?:y|ies)"
)
_PARTS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "eighth": 8,
    "tenth": 10,
}
_SHARE = re.compile(
    rf"(?P<under>{HAN_NUMERAL}|\d{{1,2}})分之(?P<over>{HAN_NUMERAL}|\d{{1,2}})(?![\d%])|(?<![上下前后多大])(?P<half>一半|半数|过半)"
    rf"|(?<!other )(?<!first )(?<!second )(?<!latter )\bhalf(?= (?:of|the|its|their|as)\b)"
    rf"|(?P<many>{ENGLISH_NUMERAL})[ -](?P<part>{'|'.join(_PARTS)})s?\b|\b(?:a|one)[ -](?P<one>half|third|quarter|fifth|tenth)\b(?= of\b)"
)
_SPAN = spelled("seconds", "days", "months")
_HALF = re.compile(
    rf"(?:(?P<han>{HAN_NUMERAL}|\d+)个?|(?<![大上下多a-z\d]))半个?(?P<unit>{_SPAN})(?![a-z])"
    rf"|(?P<whole>\d+|{ENGLISH_NUMERAL}|\ban?\b)(?: and a half (?P<halves>{_SPAN})| (?P<one>{_SPAN}) and a half)\b|\bhalf an? (?P<half>{_SPAN})\b"
)


def figures(folded: str) -> Iterator[tuple[re.Match[str], Fraction, str]]:
    """Each with its value and kind: 'decade' (1990; 90 where no century is named), 'century', 'percent', or that of a span."""
    for match in _HALF.finditer(folded):
        kind, factor = unit(match["unit"] or match["halves"] or match["one"] or match["half"])
        whole = match["han"] or match["whole"]
        yield match, factor * (_value(whole) + Fraction(1, 2) if whole else Fraction(1, 2)), kind
    for match in _DECADE.finditer(folded):
        tens = match["tens"] or match["year"] or match["short"]
        value = _value(tens)
        if match["century"]:
            value += 100 * (_value(match["century"]) - 1)
        yield match, value, "decade"
    for match in _CENTURY.finditer(folded):
        number = match["han"] or match["figure"]
        yield match, _value(number) if number else Fraction(_CENTURY_WORDS[match["word"]]), "century"
    for match in _SHARE.finditer(folded):
        if match["under"]:
            if match["under"] in {"百", "万", "千"}:
                continue  # 百分之: a percentage, which is read as such
            share = _value(match["over"]) / (_value(match["under"]) or 1)
        elif match["part"]:
            share = Fraction(english_value(match["many"]), _PARTS[match["part"]])
        else:
            share = Fraction(1, _PARTS[match["one"] or "half"])
        if 0 < share < 1:
            yield match, 100 * share, "percent"


def _value(numeral: str) -> Fraction:
    if numeral.isascii() and not numeral.isdigit():
        return Fraction(1 if numeral in {"a", "an"} else english_value(numeral))
    return Fraction(numeral) if numeral.isdigit() else han_value(numeral)
