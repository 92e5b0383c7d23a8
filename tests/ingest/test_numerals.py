"""Numerals of both languages are read once, and every unit, month and weekday is known wherever one is read."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from ingest.numerals import ENGLISH_NUMERAL, HAN_NUMERAL, MONTH_NUMBERS, SPOKEN, english_value, han_value, spoken_value
from ingest.units import UNITS, alike, spelled, unit


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("十", 10),
        ("一百二十", 120),
        ("一千二百三十四点五", Fraction("1234.5")),
        ("三亿二千万", 320_000_000),
        ("万亿", 10**12),
        ("二〇二六", 2026),
        ("廿八", 28),
        ("叁仟", 3000),
        ("两百零五", 205),
    ],
)
def test_chinese_numerals(numeral: str, value: Fraction | int) -> None:
    assert re.fullmatch(HAN_NUMERAL, numeral)
    assert han_value(numeral) == value
    assert spoken_value(numeral) == value


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("nineteen", 19),
        ("twenty-five", 25),
        ("two hundred and five", 205),
        ("a million", 10**6),
        ("four thousand two hundred", 4200),
        ("three hundred thousand and one", 300_001),
    ],
)
def test_english_numerals(numeral: str, value: int) -> None:
    assert re.fullmatch(ENGLISH_NUMERAL, numeral)
    assert english_value(numeral) == value
    assert spoken_value(numeral.title()) == value


def test_the_scale_of_figures_is_no_numeral_of_its_own() -> None:
    assert [match.group() for match in re.finditer(SPOKEN, "3万加五")] == ["五"]


def test_months_by_name_and_abbreviation() -> None:
    assert [MONTH_NUMBERS[word] for word in ("january", "jan", "may", "sept", "sep", "december")] == [1, 1, 5, 9, 9, 12]


def test_a_spelling_has_one_meaning_and_is_as_texts_are_when_folded() -> None:
    from ingest.folding import fold

    assert [name for name in UNITS if fold(name) != name] == []
    assert unit("10-Working-Days"[3:]) == ("days", 1)
    assert unit("sq ft") == unit("square feet")
    assert re.fullmatch(spelled("square metres"), "square kilometres")


def test_what_answers_the_same_question() -> None:
    assert "dollars" in alike("yuan")
    assert alike("acres") >= {"square metres"}
    assert alike("grams") == {"grams"}
