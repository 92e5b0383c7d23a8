"""Two strengths of one stemmer: search folds plurals, a judgement inflection as well."""

from __future__ import annotations

import pytest

from ingest.stemming import singular, stem


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("companies", "company"),
        ("boxes", "boxe"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("gpt4s", "gpt4"),
        ("shoes", "shoes"),
    ],
)
def test_search_folds_plurals_as_its_stored_postings_have_them(plural: str, one: str) -> None:
    assert singular(plural) == one


@pytest.mark.parametrize(
    "words",
    [
        "study studies studied",
        "company companies company's",
        "organize organizes organized organizing organization organizations",
        "employee employees",
        "lie lies",
        "movie movies",
        "stop stopped stopping stops",
        "take takes took taken taking",
        "sell sold sells",
        "half halves",
    ],
)
def test_forms_of_a_word_are_one_to_a_judgement(words: str) -> None:
    assert len({stem(word) for word in words.split()}) == 1
