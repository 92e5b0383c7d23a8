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


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        (
            "- a towel\n- something to eat\nChildren are welcome, but not near the shredder.",
            ["- a towel", "- something to eat", "Children are welcome, but not near the shredder."],
        ),
        (
            "Garden rules\nThe gate is locked at nine in the evening. Dogs stay outside.",
            ["Garden rules", "The gate is locked at nine in the evening.", "Dogs stay outside."],
        ),
        (
            "借书须知\n每人最多借五本，借期三十天。逾期每天一角。",
            ["借书须知", "每人最多借五本，借期三十天。", "逾期每天一角。"],
        ),
        (
            "[12.03.26, 18:05:02] Anna: The key is with Jonas now\nand the spare one in the box\n[12.03.26, 18:07:00] Jonas: Ok",
            [
                "[12.03.26, 18:05:02] Anna: The key is with Jonas now\nand the spare one in the box",
                "[12.03.26, 18:07:00] Jonas: Ok",
            ],
        ),
        ("The key hangs inside.[^1] Wood is outside.", ["The key hangs inside.[^1]", "Wood is outside."]),
        ("一、水质\n池水每四小时循环一次，每周换水两次", ["一、水质", "池水每四小时循环一次，每周换水两次"]),
    ],
)
def test_a_line_with_room_left_ends_where_a_sentence_follows(text: str, ends: list[str]) -> None:
    assert _split(text) == ends


@pytest.mark.parametrize(
    "whole",
    [
        "The gate is locked at nine in the evening by the warden of\nMill Lane, and dogs stay outside.",  # no room left
        "At the end of the line\nthe sentence goes on with a small letter to its end.",
        "Sent by Anna Smith,\nHarbour Office, where the keys of the boathouse are.",
        "- something to eat that\n  Children like, and to drink for the whole of the long day.",  # set in under its item
        "Anna Smith\n12 High Street and the yard behind the house\nLondon",  # no sentence ends
        "Adults ......... 6.50",
        "成人…………………… 6.50",
        "门在晚上九点锁上，钥匙在门卫那里，\n狗留在外面。",
        "在处理一个词的时候，自注意力允许这个词和前面所有\n的词联系起来，从而获得全局信息。",
    ],
)
def test_a_line_that_is_wrapped_ends_nothing(whole: str) -> None:
    assert _split(whole) == [whole]
