"""Two values of one kind beside each other: a sentence with the one is supported, with the other it is not, in prose and in tables."""

from __future__ import annotations

import pytest

from agents import check_answer

PAIRS = [
    ("adults", "children", "a single ticket for {} costs {}", "6 euros", "3 euros"),
    ("summer", "winter", "in {} the pool opens at {}", "8:00", "10:00"),
    ("the deposit", "the balance", "{} is due {} days before arrival", "30", "7"),
    ("the first trip", "the second trip", "{} leaves school at {}", "15:30", "16:45"),
    ("会员", "非会员", "{}每小时收费{}", "80 元", "140 元"),
    ("犬", "猫", "{}的疫苗每针{}", "68 元", "92 元"),
    ("周一", "周二", "{}闭馆时间为{}", "18:00", "20:00"),
    ("新机", "旧机", "{}的保修期为{}", "24 个月", "6 个月"),
]


def _sentence(form: str, about: str, value: str) -> str:
    said = form.format(about, value)
    return f"{said[0].upper()}{said[1:]}{'.' if said.isascii() else '。'}"


def _table(form: str, one: str, two: str, values: tuple[str, str]) -> str:
    head = " ".join(form.format("", "").split())
    return f"| item | {one} | {two} |\n|---|---|---|\n| {head} | {values[0]} | {values[1]} |\n"


@pytest.mark.parametrize(("one", "two", "form", "first", "second"), PAIRS)
def test_no_value_is_said_of_the_other(one: str, two: str, form: str, first: str, second: str) -> None:
    true = [_sentence(form, one, first), _sentence(form, two, second)]
    exchanged = [_sentence(form, one, second), _sentence(form, two, first)]
    comma = ", " if form.isascii() else "，"
    clauses = f"{true[0][:-1]}{comma}{form.format(two, second)}{true[1][-1]}"
    for source in (" ".join(true), clauses, _table(form, one, two, (first, second))):
        ticked = [sentence for sentence in exchanged if check_answer(sentence, [source]).sentences[0].supported]
        assert not ticked, source
    for source in (" ".join(true), clauses):
        lost = [sentence for sentence in true if not check_answer(sentence, [source]).sentences[0].supported]
        assert not lost, source


def test_a_copy_does_not_run_through_cells() -> None:
    table = "| 项目 | 成人 | 儿童 |\n|---|---|---|\n| 票每张 | 60 元 | 30 元 |\n"
    assert not check_answer("儿童票每张 60 元。", [table]).sentences[0].supported
    assert check_answer("儿童票每张 30 元。", [table]).sentences[0].supported


@pytest.mark.parametrize(
    ("false", "true", "source"),
    [
        (
            "The second trip leaves at 16:45.",
            "The first trip of the day leaves at 16:45.",
            "The first trip of the day leaves at 16:45 and the second at 18:10.",
        ),
        (
            "In the second year the fee is 120 euros.",
            "In the first year the fee is 120 euros.",
            "In the first year the fee is 120 euros, from the second year on 80 euros.",
        ),
    ],
)
def test_a_value_keeps_its_place_in_an_order(false: str, true: str, source: str) -> None:
    assert not check_answer(false, [source]).sentences[0].supported
    assert check_answer(true, [source]).sentences[0].supported
