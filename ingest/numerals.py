"""THE table of numbers in words, months and weekdays, Chinese and English, and how a numeral is read.

Whoever meets a number reads it from here: what checks an answer, the calculator, the calendar, the rules that read a
task. Units are in `ingest.units`. All of it is lower case and simplified; fold a text (`ingest.folding`) or match with
`re.IGNORECASE` first.
"""

from __future__ import annotations

import re
from fractions import Fraction

HAN_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)) | dict(
    zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)
)
HAN_STEPS = {"十": 10, "廿": 20, "卅": 30, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
HAN_SCALES = {"万": 10**4, "亿": 10**8, "兆": 10**12}

ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
ENGLISH_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
SHORT_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9}

BEHIND_FIGURES = (
    {f"{step}{scale}": HAN_STEPS.get(step, 1) * HAN_SCALES[scale] for step in ("", *"十百千") for scale in "万亿"}
    | {"千": 10**3, "万亿": 10**12, "兆": 10**12}
    | ENGLISH_SCALES
)
"""What multiplies figures in front of it: '3百万', '3 million'. Not 百 alone: 2020百强 is no 202,000."""

# Name → how it is abbreviated, without the full stop.
MONTHS: dict[str, tuple[str, ...]] = {
    "january": ("jan",), "february": ("feb",), "march": ("mar",), "april": ("apr",), "may": (), "june": ("jun",),
    "july": ("jul",), "august": ("aug",), "september": ("sep", "sept"), "october": ("oct",), "november": ("nov",),
    "december": ("dec",),
}  # fmt: skip
MONTH_NUMBERS = {word: n for n, (name, short) in enumerate(MONTHS.items(), 1) for word in (name, *short)}
"""Name or abbreviation → 1..12."""
WEEKDAYS: dict[str, tuple[str, ...]] = {
    "monday": ("mon",), "tuesday": ("tue", "tues"), "wednesday": ("wed",), "thursday": ("thu", "thur", "thurs"),
    "friday": ("fri",), "saturday": ("sat",), "sunday": ("sun",),
}  # fmt: skip
WEEKDAY_NUMBERS = {word: n for n, (name, short) in enumerate(WEEKDAYS.items()) for word in (name, *short)}
"""Name or abbreviation → 0 for Monday, as `date.weekday`."""
HAN_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
"""What follows 星期, 周 or 礼拜 → `date.weekday`."""

NUMERAL_CHARACTERS = "".join([*HAN_DIGITS, *HAN_STEPS, *"万亿"])
HAN_NUMERAL = f"[{NUMERAL_CHARACTERS}]+(?:点[{''.join(HAN_DIGITS)}]+(?![{''.join(HAN_DIGITS)}十]))?"
"""Pattern of a Chinese numeral, for `han_value`. 兆 multiplies one and begins none: 兆丰 is a name."""
_ATOM = rf"(?:(?:{'|'.join(TENS)})(?:[- ](?:{'|'.join(ONES[1:10])}))?|{'|'.join(reversed(ONES))})"
_SCALE = "|".join(ENGLISH_SCALES)
ENGLISH_NUMERAL = rf"\b(?:{_ATOM}|a(?= (?:{_SCALE})\b))(?:[ -](?:{_SCALE})|(?: and)?[ -]{_ATOM})*\b"
"""Pattern of an English numeral, for `english_value`."""

SPOKEN = rf"(?:{ENGLISH_NUMERAL}|(?<![\d.]){HAN_NUMERAL})"
"""Pattern of either, for `spoken_value`; the 万 of 3万 is none."""


def han_value(numeral: str) -> Fraction:
    """一千二百三十四点五 → 1234.5; what has only digits, such as 二〇二一, is read digit by digit."""
    whole, _, decimals = numeral.partition("点")
    if all(char in HAN_DIGITS for char in whole):
        value = Fraction(_digits(whole))
    else:
        total = section = digit = 0
        for char in whole:
            if char in HAN_DIGITS:
                digit = HAN_DIGITS[char]
            elif char in HAN_STEPS:
                section += (digit or 1) * HAN_STEPS[char]
                digit = 0
            else:
                scale = HAN_SCALES[char]
                section = (section + digit) or (0 if total else 1)
                total = (total + section) * scale if scale > 10**4 and total else total + section * scale
                section = digit = 0
        value = Fraction(total + section + digit)
    return value + Fraction(_digits(decimals), 10 ** len(decimals)) if decimals else value


def english_value(numeral: str) -> int:
    """'two hundred and five' → 205, 'a million' → 1,000,000. In lower case."""
    total = section = 0
    for word in re.split(r"[ -]+", numeral):
        if word in ONES:
            section += ONES.index(word)
        elif word in TENS:
            section += 20 + 10 * TENS.index(word)
        elif word == "a":
            section = 1
        elif word == "hundred":
            section = (section or 1) * 100
        elif word in ENGLISH_SCALES:
            total += (section or 1) * ENGLISH_SCALES[word]
            section = 0
    return total + section


def spoken_value(numeral: str) -> Fraction:
    """The value of something that `SPOKEN` matched, whatever its case."""
    return Fraction(english_value(numeral.casefold())) if numeral.isascii() else han_value(numeral)


def _digits(han: str) -> int:
    return int("".join(str(HAN_DIGITS[char]) for char in han))
