"""Questions of several parts: what counts as one, and that each part gets its answer, or is said to have none."""

from __future__ import annotations

import pytest

from agents.chat.answers import Answer
from agents.chat.chat import Chat
from agents.chat.parts import questions
from agents.chat.writer import Writer
from agents.llm.scripted import ScriptedChat
from tests.agents.shelf import EN, Shelf

POOL = (
    "Harbour pool\n\nA single ticket costs 6 euros for adults. The pool opens at 7 in the morning on weekdays. "
    "Swimmers have to wear a bathing cap."
)
BATHS = "海湾游泳馆\n\n成人单次票价 60 元。工作日早上七点开门。进馆必须戴泳帽。团体票须提前三天预约。"


def _ask(question: str, *pages: str, reply: str = "") -> Answer:
    model = ScriptedChat(replies=[reply])
    return Chat(Shelf(*pages), Writer(lambda: model, "scripted", small=lambda: not reply)).ask(question)


@pytest.mark.parametrize(
    ("text", "each"),
    [
        ("What does a ticket cost? how tall are the walls?", ["What does a ticket cost?", "how tall are the walls?"]),
        ("How many days are paid and do I need a certificate?", ["How many days are paid", "do I need a certificate?"]),
        ("年假有几天，能不能结转？", ["年假有几天", "能不能结转？"]),
        ("有没有停车位，收不收费？", ["有没有停车位", "收不收费？"]),
        ("婚宴为啥没选贵的？余款还差多少？", ["婚宴为啥没选贵的？", "余款还差多少？"]),
        ("Can my son row alone, and do you take dogs?", ["Can my son row alone", "do you take dogs?"]),
        ("学费多少，可以退吗？", ["学费多少", "可以退吗？"]),
    ],
)
def test_questions_are_told_apart(text: str, each: list[str]) -> None:
    assert questions(text) == each


@pytest.mark.parametrize(
    "text",
    [
        "Which form is signed and is the longest?",
        "What is the difference between a day pass and a week pass?",
        "几类专家网络里，负责存储知识的叫什么？",
        "I threw up last night. When may I come back?",
        "What is asked in “Who goes there?” by Campbell?",
    ],
)
def test_one_question_stays_whole(text: str) -> None:
    assert questions(text) == [text]


@pytest.mark.parametrize(
    ("question", "page", "told"),
    [
        ("What does a ticket cost for adults, and when does the pool open?", POOL, ("6 euros", "7 in the morning")),
        ("成人票价多少钱，工作日几点开门？", BATHS, ("60 元", "七点开门")),
    ],
)
def test_each_part_is_answered_by_its_own_quote(question: str, page: str, told: tuple[str, str]) -> None:
    answer = _ask(question, page, EN)
    assert answer.extractive
    assert all(words in answer.text for words in told), answer.text


def test_a_part_that_nothing_answers_is_said() -> None:
    answer = _ask("What does a ticket cost for adults? Who designed the mosaic?", POOL, EN)
    assert "6 euros" in answer.text
    assert answer.text.endswith("I can't find in the documents: “Who designed the mosaic?”")
    assert not answer.abstained
    assert _ask("Who designed the mosaic? What did the sauna burn down of?", POOL, EN).abstained


def test_of_a_row_that_answers_both_parts_each_gets_its_own_cell() -> None:
    page = "| What | Who repairs it | Usual wait |\n|---|---|---|\n| Kettles | Idris | 20 minutes |\n| Bags | Rita | 45 minutes |"
    answer = _ask("Who repairs kettles, and how long until he has it?", page)
    assert "Idris" in answer.text
    assert "20 minutes" in answer.text


def test_what_answers_another_part_better_is_no_answer_to_one_that_it_hardly_mentions() -> None:
    page = "The workshop takes old bicycles as gifts, but no electric bikes."
    answer = _ask("Can my daughter of ten repair a bike alone, and do you take electric bikes?", page)
    assert "no electric bikes" in answer.text
    assert answer.text.endswith("I can't find in the documents: “Can my daughter of ten repair a bike alone”")


def test_what_the_model_leaves_out_is_quoted_below_its_words() -> None:
    question = "What does a ticket cost for adults, and when does the pool open?"
    answer = _ask(question, POOL, EN, reply="A single ticket costs 6 euros for adults [1].")
    said, quoted = answer.text.split("\n\n", 1)
    assert said == "A single ticket costs 6 euros for adults [1]."
    assert quoted.startswith("> ")
    assert "7 in the morning" in quoted
    assert "6 euros" not in quoted
    whole = "A single ticket costs 6 euros for adults [1]. The pool opens at 7 in the morning on weekdays [1]."
    assert "\n" not in _ask(question, POOL, EN, reply=whole).text


@pytest.mark.parametrize(("page", "told"), [
    ("送餐须前一天 16:00 前打 0571-8802 6631 登记。食堂周日不开门。", True),
    ("送餐须前一天 16:00 前登记。食堂周日不开门。", False),
])  # fmt: skip
def test_a_number_to_ring_that_stands_in_the_quote_is_not_said_to_be_missing(page: str, *, told: bool) -> None:
    answer = _ask("送餐要在几点前登记，打哪个电话？", page)
    assert "16:00" in answer.text
    assert ("文档中没有找到" not in answer.text) is told
