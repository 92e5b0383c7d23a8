"""Numbers as values: 1,234.5 = 一千二百三十四点五, 3万 = 30,000, 5% = 百分之五 = five percent, 24 months = 2 years.

A number in an answer is right only when the source has the same value, in the same kind of unit where both name
one. `claimed` reads an answer strictly (a Chinese 一 or an English "one" is mostly no number), `stated` reads a
source generously, so that whatever the source may mean is found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from agents.proof.words import fold

_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_DIGITS |= {"壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9, "廿": 20}
_SMALL = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_LARGE = {"万": 10**4, "亿": 10**8, "兆": 10**12}
_EN_UNITS = re.findall(
    r"\S+",
    """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen
""",
)
_EN_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_EN_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_EN_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MONTHS = re.findall(
    r"\S+",
    """
january february march april may june july august september october november december
""",
)

_SCALES: dict[str, int] = {
    "千": 10**3,
    "万": 10**4,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "十亿": 10**9,
    "百亿": 10**10,
}
_SCALES |= {
    "千亿": 10**11,
    "万亿": 10**12,
    "十万": 10**5,
    "兆": 10**12,
    "k": 10**3,
    "m": 10**6,
    "mn": 10**6,
    "bn": 10**9,
    "b": 10**9,
}
_SCALES |= {name: value for name, value in _EN_SCALES.items() if name != "hundred"} | {"hundred": 100}

_UNITS: dict[str, tuple[str, Fraction]] = {}
"""Spelling → (dimension, factor to its base unit)."""
for _dimension, _members in {
    "percent": {1: "% percent 个百分点 percentage 成"},
    "months": {1: "个月 month months", 12: "年 岁 year years 周岁 年间"},
    "days": {1: "天 day days 工作日 自然日 日", 7: "周 星期 week weeks 个星期"},
    "seconds": {1: "秒 second seconds 秒钟 s sec", 60: "分钟 minute minutes min", 3600: "小时 hour hours 个小时 h"},
    "metres": {1: "米 m metre metres meter meters", 1000: "公里 千米 km kilometre kilometres kilometer kilometers"},
    "feet": {1: "英尺 ft feet foot"},
    "miles": {1: "英里 mile miles"},
    "grams": {1: "克 g gram grams", 1000: "公斤 千克 kg kilogram kilograms", 10**6: "吨 tonne tonnes"},
    "bytes": {1: "字节 byte bytes", 1024: "kb", 1024**2: "mb", 1024**3: "gb", 1024**4: "tb"},
    "yuan": {1: "元 人民币 rmb cny yuan 块 ¥"},
    "dollars": {1: "美元 usd dollar dollars us$ $ 美金"},
    "euros": {1: "欧元 eur euro euros €"},
    "pounds": {1: "英镑 gbp £"},
    "yen": {1: "日元 jpy yen"},
    "degrees": {1: "°c 摄氏度 ℃ °c"},
}.items():
    for _factor, _names in _members.items():
        for _name in _names.split():
            _UNITS[_name] = (_dimension, Fraction(_factor))
_UNITS["m"] = ("metres", Fraction(1))
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_SCALE_ZH = "|".join(sorted((s for s in _SCALES if not s.isascii()), key=len, reverse=True))

_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HAN = "[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟廿]+(?:点[零〇一二三四五六七八九]+)?"
_NUMBER = re.compile(
    rf"(?P<currency>us\$|[$€£¥])?\s*(?P<hundredths>百分之)?(?P<ordinal>第)?"
    rf"(?:(?P<arabic>(?<![\d.]){_ARABIC})|(?P<han>{_HAN}))"
    rf"(?:\s?(?P<scale>{_SCALE_ZH}|trillion|billion|million|thousand|hundred|bn|mn|(?<=\d)[kmb](?![a-z0-9])))?"
    rf"(?:\s?-?(?P<unit>{_UNIT})(?![a-z]))?"
)
_EN_ATOM = "|".join([*(u for u in _EN_UNITS), *(f"{t}(?:[- ](?:{'|'.join(_EN_UNITS[1:10])}))?" for t in _EN_TENS)])
_EN_WORDS = re.compile(
    rf"\b(?P<words>(?:{_EN_ATOM}|a(?= (?:hundred|thousand|million|billion)))(?:[ -](?:hundred|thousand|million|billion|trillion)|"
    rf"(?: and)?[ -](?:{_EN_ATOM}))*)\b(?:[ -](?P<unit>{_UNIT})(?![a-z]))?"
)
_MONTH = "|".join(month if month == "may" else month + "|" + month[:3] + r"t?\.?" for month in _MONTHS)
_MONTH_NAMES = re.compile(rf"\b({_MONTH})(?=\s+\d|,|\s+of\b|\s*$|\.\s*$)|(?<=\d )({'|'.join(_MONTHS)})\b")
_IDIOMS = re.compile(
    "一(?:[些样般直定起切旦律致共方面带边贯向再经统]|下子)|[统唯万]一(?!\\d)|十分|千万不?要|百姓|四周|三角|四川|百货|千克|万能|五金|七夕|九江|百科|一百度"
    "|第一[次时线手代]?|两[者边侧岸方国]|双方|三者|百年|千古|六合|八卦|四处|五官|百[度]|千禧|亿[^\\d万元人美日年个吨]"
)
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


def stated(text: str) -> list[Quantity]:
    """Every reading of every number in a source."""
    return _read(fold(text), strict=False)


def claimed(text: str) -> list[Quantity]:
    """The numbers an answer's sentence asserts."""
    return _read(fold(text), strict=True)


def without_numbers(text: str) -> str:
    """`text` with the numbers it asserts blanked: what is left is compared as words."""
    for quantity in claimed(text):
        text = text.replace(quantity.surface, " ")
    return text


def agrees(claim: Quantity, source: list[Quantity]) -> bool:
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
    from math import floor, log10

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
        value = _english(match["words"])
        unit = match["unit"]
        if strict and value == 1 and not unit:
            continue
        found.append(_quantity(Fraction(value), unit, "", match.group()))
    for match in _MONTH_NAMES.finditer(folded):
        name = (match[1] or match[2])[:3]
        number = next(i for i, month in enumerate(_MONTHS, 1) if month.startswith(name))
        found.append(Quantity(Fraction(number), "month", match.group()))
    if not strict:
        for index, word in enumerate(_EN_ORDINALS, 1):
            if re.search(rf"\b{word}\b", folded):
                found.append(Quantity(Fraction(index), "ordinal", word))
    return found


def _quantities(match: re.Match[str], text: str, *, strict: bool) -> list[Quantity]:
    arabic, han, unit = match["arabic"], match["han"], match["unit"] or match["currency"]
    scale = match["scale"]
    if arabic is not None:
        start = match.start("arabic")
        if start and text[start - 1].isascii() and text[start - 1].isalpha():
            return []  # part of a name such as gpt-4 or a100: the name is checked as a word
        value = Fraction(arabic.replace(",", ""))
        digits = len(arabic.replace(",", "").replace(".", "").strip("0"))
    else:
        if (strict and not _serious(han, match)) or (han == "一" and not (unit or match["ordinal"])):
            return []
        read = _chinese(han)
        if read is None:
            return []
        value, digits = read, len(han.rstrip("十百千万亿"))
    if scale:
        value *= _SCALES[scale]
    kind_hint = "percent" if match["hundredths"] else "ordinal" if match["ordinal"] else ""
    before = text[max(0, match.start() - 16) : match.start()]
    after = text[match.end() : match.end() + 3]
    approximate = bool(_APPROXIMATE.search(before) or after.startswith(("左右", "多", "余", "+")))
    quantity = _quantity(
        value, unit, kind_hint, match.group(), after=text[match.end("unit") : match.end() + 1] if unit else after
    )
    return [Quantity(quantity.value, quantity.kind, quantity.surface, approximate, max(1, digits))]


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


def _quantity(value: Fraction, unit: str | None, hint: str, surface: str, after: str = "") -> Quantity:
    if hint:
        return Quantity(value, hint, surface)
    if unit == "年" and value >= 1000:
        return Quantity(value, "", surface)
    if unit is None:
        return Quantity(value, "month" if after.startswith("月") else "", surface)
    if unit == "日":
        return Quantity(value, "", surface)
    if unit == "成":
        return Quantity(value * 10, "percent", surface)
    dimension, factor = _UNITS[unit]
    return Quantity(value * factor, dimension, surface)


def _chinese(han: str) -> Fraction | None:
    """Value of a Chinese numeral; digit strings such as 二〇二一 are read digit by digit."""
    whole, _, decimals = han.partition("点")
    if all(char in _DIGITS for char in whole):
        value = Fraction(int("".join(str(_DIGITS[char]) for char in whole)))
    else:
        total = section = digit = 0
        for char in whole:
            if char in _DIGITS:
                digit = _DIGITS[char]
            elif char in _SMALL:
                section += (digit or 1) * _SMALL[char]
                digit = 0
            else:
                section = (section + digit) or (0 if total else 1)
                total = (
                    (total + section) * _LARGE[char]
                    if _LARGE[char] > 10**4 and total
                    else total + section * _LARGE[char]
                )
                section = digit = 0
        value = Fraction(total + section + digit)
    if decimals:
        value += Fraction(int("".join(str(_DIGITS[char]) for char in decimals)), 10 ** len(decimals))
    return value


def _english(words: str) -> int:
    total = section = 0
    for word in re.split(r"[ -]+", words):
        if word in _EN_UNITS:
            section += _EN_UNITS.index(word)
        elif word in _EN_TENS:
            section += 20 + 10 * _EN_TENS.index(word)
        elif word == "a":
            section = 1
        elif word == "hundred":
            section = (section or 1) * 100
        elif word in _EN_SCALES:
            total += (section or 1) * _EN_SCALES[word]
            section = 0
    return total + section
