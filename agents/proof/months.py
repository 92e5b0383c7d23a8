"""Months as a text names them, with those between two: 'April to June', 九月到十一月, 七八九三个月."""

from __future__ import annotations

import re

from ingest.folding import fold
from ingest.numerals import MONTH_NUMBERS, MONTHS, han_value

_HAN = "(?:十[一二]?|[一二三四五六七八九])"
_MONTH = rf"(?:\b(?:{'|'.join(MONTHS)})\b|(?<![\d十])(?:1[0-2]|[1-9]|{_HAN}))"
_NAMED = re.compile(
    rf"(?P<one>{_MONTH})(?:\s*月?份?\s*(?:\b(?:to|through|till|until)\b|[-\u2013\u2014~到至])\s*(?P<two>{_MONTH})(?!\s*\d))?"
    r"(?:(?<=[a-z])|\s*月份?(?!\s*\d+\s*[至到]))"
)
_IN_A_ROW = re.compile(rf"(?P<run>{_HAN}(?:[、和]?{_HAN})+)月?份?这?(?P<count>[两三四五六])个月")
_HAN_NAMES = (*"一二三四五六七八九十", "十一", "十二")


def months(text: str) -> list[tuple[tuple[int, int], dict[int, str]]]:
    """Where `text` names a month or several in a row, and which: by their numbers, as it would name each."""
    folded = fold(text)
    if match := _IN_A_ROW.search(folded):
        numbers = [int(han_value(numeral)) for numeral in re.findall(_HAN, match["run"])]
        return [(match.span(), _named(match["run"], numbers))] if len(numbers) == han_value(match["count"]) else []
    found = []
    for match in _NAMED.finditer(folded):
        first, last = (_number(match[end] or match["one"]) for end in ("one", "two"))
        numbers = [(n - 1) % 12 + 1 for n in range(first, last + (1 if first <= last else 13))]
        found.append((match.span(), _named(match["one"], numbers)))
    return found


def _number(name: str) -> int:
    return MONTH_NUMBERS.get(name) or (int(name) if name.isdigit() else int(han_value(name)))


def _named(like: str, numbers: list[int]) -> dict[int, str]:
    """The months of those numbers, named as `like` is: in English, in figures, in Chinese numerals."""
    names = (
        [name.capitalize() for name in MONTHS]
        if like in MONTH_NUMBERS
        else [f"{n}月" for n in (range(1, 13) if like.isdigit() else _HAN_NAMES)]
    )
    return {n: names[n - 1] for n in numbers}
