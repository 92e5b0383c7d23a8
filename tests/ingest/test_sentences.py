"""Where a sentence ends, and where a sign stands in a name."""

from __future__ import annotations

import pytest

from ingest.sentences import sentences


def _split(text: str, known: str = "") -> list[str]:
    return [text[start:end] for start, end in sentences(text, known)]


@pytest.mark.parametrize(
    "whole",
    [
        "Hey! Say! JUMP是日本的男子组合。",
        "旗下有TOKIO、岚及Hey! Say! JUMP）等组合。",
        "The group Hey! Say! JUMP debuted in 2007.",
        "Yahoo! Inc. 是一家公司。",
        "J.K. Rowling wrote seven of them.",
        "J.R.R. Tolkien taught there.",
        "She studied at St. John's College.",
        "The U.S. Army bought 3.5 million.",
        "Node.js 3.5 runs on it.",
        "约翰·史密斯于1990年出生。",
        "See http://example.org/?Id=5&name=1 for it.",
        "1. Short.",
    ],
)
def test_a_sign_in_a_name_ends_nothing(whole: str) -> None:
    assert _split(whole) == [whole]
    assert _split(f"{whole}\n\nIt rained.") == [whole, "It rained."]


def test_where_a_name_goes_on_is_seen_from_what_it_comes_from() -> None:
    text = "Yahoo! Inc. was founded in 1994. It grew."
    assert _split(text, "In 1995 Yahoo! Inc. had users.") == ["Yahoo! Inc. was founded in 1994.", "It grew."]
    assert _split("It works! Great. Yahoo! It grew.", "Yahoo! Inc. had users.") == [
        "It works!",
        "Great.",
        "Yahoo!",
        "It grew.",
    ]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("Yes! The leave is 15 days.", ["Yes!", "The leave is 15 days."]),
        ("I love Paris! Then we left.", ["I love Paris!", "Then we left."]),
        ("好的!年假有15天。", ["好的!", "年假有15天。"]),
        ("In the U.S. The army grew.", ["In the U.S.", "The army grew."]),
        ("1. Ab.\n2. Cd.", ["1. Ab.", "2. Cd."]),
    ],
)
def test_a_sentence_that_ends_is_not_taken_for_a_name(text: str, ends: list[str]) -> None:
    assert _split(text) == ends


def test_a_long_run_of_capitals_is_read_in_time() -> None:
    assert len(_split("A! " * 4000)) >= 1
