"""A number counts only in the relation the source gives it: since 2018 is not in 2018."""

import pytest

from agents import check_answer
from agents.proof.numbers import stated
from agents.proof.relations import relation
from ingest.folding import fold

EN = (
    "The plant opened before 2019. It has made pumps since 2018. The office in Lyon was closed in 2015. "
    "The university reduced its holdings by $230 million. The collection holds over 14,000 outfits."
)
ZH = "自2018年以来，工厂一直生产水泵。食堂于2019年之前开放。2015年，里昂办事处关闭。人数减少了230人。"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("since 2018", "since"),
        ("自2018年以来", "since"),
        ("2018年起", "since"),
        ("before 15 March 2019", "before"),
        ("2019年3月15日之前", "before"),
        ("1990年代后期", ""),
        ("2008年前后", ""),
        ("the second half of 2014", ""),
        ("after five years", "after"),
        ("reduced by $230 million", "by"),
        ("reduced to about 5%", "to"),
        ("减少到230人", "to"),
        ("over 14,000 outfits", "more"),
        ("at most 14,000 outfits", "less"),
    ],
)
def test_how_a_number_stands_is_read_beside_it(text: str, told: str) -> None:
    found = {
        relation(fold(text), number.at, number.at + len(number.surface)) for number in stated(text) if number.at >= 0
    }
    assert told in found
    assert len(found) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "The plant opened in 2019.",
        "The plant opened after 2019.",
        "The plant made pumps in 2018.",
        "The office in Lyon was closed before 2015.",
        "The university reduced its holdings to $230 million.",
        "The collection holds at most 14,000 outfits.",
    ],
)
def test_another_relation_differs(sentence: str) -> None:
    assert check_answer(sentence, [EN]).sentences[0].verdict == "differs"


@pytest.mark.parametrize(
    "sentence", ["食堂于2019年开放。", "工厂在2018年生产水泵。", "里昂办事处在2015年之前关闭。", "人数减少到230人。"]
)
def test_another_relation_differs_in_chinese(sentence: str) -> None:
    assert check_answer(sentence, [ZH]).sentences[0].verdict == "differs"


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("The plant opened before 2019.", EN),
        ("The plant has made pumps since 2018.", EN),
        ("In 2015 the office in Lyon was closed.", EN),
        ("The collection holds more than 14,000 outfits.", EN),
        ("食堂在2019年之前开放。", ZH),
        ("里昂办事处于2015年关闭。", ZH),
        ("The war lasted until 1279 and ended in 1279.", "The war lasted until 1279 and ended with a treaty."),
    ],
)
def test_the_same_relation_in_other_words_is_supported(sentence: str, source: str) -> None:
    assert check_answer(sentence, [source]).sentences[0].supported


def test_a_letter_that_tells_things_apart_is_a_name() -> None:
    source = "DECnet Phase II was an open standard with published specifications. 方案A的总价最低。"
    assert check_answer("DECnet Phase II was an open standard with published specifications.", [source]).supported
    assert not check_answer("DECnet Phase I was an open standard with published specifications.", [source]).supported
    assert not check_answer("方案B的总价最低。", [source]).supported


def test_an_initial_behind_chinese_ends_no_sentence() -> None:
    assert len(check_answer("73岁的J. Frank Scrase来自维多利亚。", ["乘客名单"]).sentences) == 1
