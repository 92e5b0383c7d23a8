"""Days of the week are values: the same in both languages, and meant by 'Monday to Friday'."""

from __future__ import annotations

import pytest

from agents.proof.checking import check_answer
from agents.proof.numbers import claimed, stated
from agents.proof.relevance import Question
from agents.proof.statements import Statement

OPEN = "The clinic is open Monday to Saturday. Vaccinations are given on Wednesdays."
FOOD = "食堂周一、周三供应面条，周二、周四供应米饭，周五休息。"


def _days(text: str, *, strict: bool = False) -> set[int]:
    return {int(q.value) for q in (claimed if strict else stated)(text) if q.kind == "weekday"}


@pytest.mark.parametrize(
    ("text", "named", "meant"),
    [
        ("每周三上午接种疫苗", {2}, set()),
        ("星期天休息", {6}, set()),
        ("on Tuesdays and Fridays", {1, 4}, set()),
        ("周一至周五开放", {0, 4}, {1, 2, 3}),
        ("周一到五开放", {0}, {1, 2, 3, 4}),
        ("Mon–Wed 9 to 17", set(), {0, 1, 2}),
        ("Saturday to Monday", {5, 0}, {6}),
        ("open daily", set(), set(range(7))),
        ("工作日开放", set(), set(range(5))),
        ("每周三次，三周一次", set(), set()),
        ("the sun rose while he sat", set(), set()),
        ("Course: Yoga; Day: Mon 18:30; Room: B", {0}, set()),  # a cell has no room for the whole name
        ("44 | Sat | 08:30", {5}, set()),
        ("Shade: sun or half shade", set(), set()),
    ],
)
def test_days_that_are_named_and_days_that_are_meant(text: str, named: set[int], meant: set[int]) -> None:
    assert _days(text, strict=True) == named
    assert _days(text) == named | meant


@pytest.mark.parametrize(
    ("sentence", "source", "verdict"),
    [
        ("Vaccinations are given on Wednesday.", OPEN, "supported"),
        ("Vaccinations are given on Mondays.", OPEN, "differs"),
        ("Vaccinations are given on Thursdays.", OPEN, "differs"),
        ("The clinic is open on Friday.", OPEN, "supported"),
        ("The clinic is open on Sunday.", OPEN, "differs"),
        ("食堂星期三供应面条。", FOOD, "supported"),
        ("食堂周二供应面条。", FOOD, "differs"),
        ("食堂周四供应米饭。", FOOD, "supported"),
        ("Yoga is on Tuesday.", "| Day | Course |\n| --- | --- |\n| Monday | Yoga |\n| Tuesday | Boxing |", "differs"),
    ],
)
def test_a_sentence_has_the_days_of_its_source(sentence: str, source: str, verdict: str) -> None:
    [checked] = check_answer(sentence, [source]).sentences
    assert checked.verdict == verdict


def test_across_languages_another_day_is_no_paraphrase() -> None:
    class Near:
        def __call__(self, text: str, others: list[str]) -> list[float]:
            return [0.9] * len(others)

    source = "疫苗接种安排在每周三上午。"
    for day, told in (("Wednesday", True), ("Monday", False)):
        checked = check_answer(f"Vaccinations are given on {day} mornings.", [source], similarity=Near())  # type: ignore[arg-type]
        assert checked.supported is told


@pytest.mark.parametrize(
    ("question", "told", "beside"),
    [
        ("干洗店礼拜一开门吗？", "营业时间：周二至周日，周一休息。", "逾期不取的，干洗店每天收费一元。"),
        ("Is the library open on a Sunday?", "Library hours: Monday to Friday, 9 to 17.", "The library lends books."),
    ],
)
def test_what_names_days_tells_of_any_day(question: str, told: str, beside: str) -> None:
    asked = Question(question, [told, beside])
    views = [asked.view(Statement(((0, len(text)),), text)) for text in (told, beside)]
    assert views[0].kind == 1.0
    assert views[0].kind + views[0].words > views[1].kind + views[1].words


def test_whether_it_is_open_on_a_day_is_answered_by_the_days_it_is() -> None:
    line = Statement(((0, 30),), "The pool is open Monday to Friday.")
    assert Question("Is the pool open on Sunday?", [line.text]).view(line).conditions >= 0
    assert Question("When does the pool open on Sunday?", [line.text]).view(line).conditions < 0
