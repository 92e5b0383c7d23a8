"""THE table of units. To add one, write its spellings into the line of its dimension: everything that compares or
converts quantities (what checks an answer, what ranks statements for a question, the calendar) then knows it.

Spellings are lower case, simplified and after NFKC (m² is written m2, ℃ °c), parted by commas. The number of each line
is what one of the unit is in the dimension's first. Units that only rounding converts, as miles into kilometres, are
dimensions of their own.
"""

from __future__ import annotations

import re
from fractions import Fraction

_TABLE: dict[str, dict[int | Fraction, str]] = {
    "percent": {1: "%, percent, per cent, 个百分点, 百分点, percentage", 10: "成"},
    "months": {1: "个月, month, months", 12: "年, 岁, year, years, 周岁, 年间, years old, year old, years of age"},
    "days": {
        1: "天, 日, day, days, 自然日, 工作日, 个工作日, working day, working days, work day, work days, workday, workdays, "
        "business day, business days, weekday, weekdays",
        7: "周, 星期, 个星期, 礼拜, 个礼拜, week, weeks",
    },
    "seconds": {
        1: "秒, 秒钟, second, seconds, s, sec",
        60: "分钟, minute, minutes, min, mins",
        3600: "小时, 个小时, 钟头, 个钟头, hour, hours, h, hr, hrs",
    },
    "metres": {
        1: "米, m, metre, metres, meter, meters",
        Fraction(1, 100): "厘米, 公分, cm, centimetre, centimetres, centimeter, centimeters",
        Fraction(1, 1000): "毫米, mm, millimetre, millimetres, millimeter, millimeters",
        1000: "公里, 千米, km, kilometre, kilometres, kilometer, kilometers",
    },
    "feet": {1: "英尺, ft, feet, foot"},
    "miles": {1: "英里, mile, miles"},
    "square metres": {
        1: "平方米, 平米, m2, sqm, square metre, square metres, square meter, square meters",
        Fraction(2000, 3): "亩, mu",
        10**4: "公顷, ha, hectare, hectares",
        10**6: "平方公里, 平方千米, km2, square kilometre, square kilometres, square kilometer, square kilometers",
    },
    "square feet": {1: "平方英尺, ft2, sq ft, square foot, square feet"},
    "square miles": {1: "平方英里, square mile, square miles"},
    "acres": {1: "英亩, acre, acres"},
    "grams": {1: "克, g, gram, grams", 1000: "公斤, 千克, kg, kilogram, kilograms", 10**6: "吨, tonne, tonnes"},
    "litres": {
        1: "升, 公升, l, litre, litres, liter, liters",
        Fraction(1, 1000): "毫升, ml, millilitre, millilitres, milliliter, milliliters",
    },
    "watts": {1: "瓦, w, watt, watts", 1000: "千瓦, kw, kilowatt, kilowatts"},
    "volts": {1: "伏, 伏特, volt, volts"},
    "decibels": {1: "分贝, db, decibel, decibels"},
    "bytes": {1: "字节, byte, bytes", 1024: "kb", 1024**2: "mb", 1024**3: "gb", 1024**4: "tb"},
    "yuan": {1: "元, 人民币, rmb, cny, yuan, 块, ¥"},
    "dollars": {1: "美元, 美金, usd, dollar, dollars, us$, $"},
    "euros": {1: "欧元, eur, euro, euros, €"},
    "pounds": {1: "英镑, gbp, £"},
    "yen": {1: "日元, jpy, yen"},
    "degrees": {1: "摄氏度, °c"},
}
MONEY = frozenset({"yuan", "dollars", "euros", "pounds", "yen"})
LENGTH = frozenset({"metres", "feet", "miles"})
AREA = frozenset({"square metres", "square feet", "square miles", "acres"})

UNITS: dict[str, tuple[str, Fraction]] = {
    name: (dimension, Fraction(factor))
    for dimension, lines in _TABLE.items()
    for factor, names in lines.items()
    for name in names.split(", ")
}
"""Spelling → (dimension, how many of the dimension's first unit)."""


def spelled(*dimensions: str) -> str:
    """Pattern of every spelling of the `dimensions`, of all when none is named; longer ones first."""
    names = (name for name, (dimension, _) in UNITS.items() if not dimensions or dimension in dimensions)
    return "|".join(re.escape(name).replace(r"\ ", r"[\s-]") for name in sorted(names, key=len, reverse=True))


UNIT = re.compile(rf"(?<![a-z])(?:{spelled()})(?![a-z])")
"""A unit that stands by itself in a folded text."""


def unit(spelling: str) -> tuple[str, Fraction]:
    """What `UNITS` has for something that `spelled` matched."""
    return UNITS[re.sub(r"[\s-]", " ", spelling).casefold()]


def alike(dimension: str) -> frozenset[str]:
    """The dimensions that answer the same question: asked for a price in yuan, one in dollars is an answer too."""
    return next((kind for kind in (MONEY, LENGTH, AREA) if dimension in kind), frozenset({dimension}))
