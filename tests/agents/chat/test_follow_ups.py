"""Which questions lean on the one before, what is searched for then, and how a rewriting is judged."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agents.chat.chat import Chat
from agents.chat.lookup import Lookup
from agents.chat.rewrite import Turn, by_model, by_rule
from agents.chat.signs import content, has_topic, leans_back
from agents.chat.writer import Writer
from agents.llm.scripted import ScriptedChat
from ingest.documents import Hit
from tests.agents.shelf import EN, ZH, Shelf, Verdict


@pytest.mark.parametrize(
    "question",
    [
        "它什么时候发布？", "他们多久谈一次？", "谁负责登记它们？", "那病假呢？", "還有幾台？", "其保证水位是多少？", "该产品多少钱？",
        "上述规定从哪天起施行？", "这需要证明吗？", "在此之后呢？", "为什么？", "具体多少钱", "每月多少？", "都在哪几个月？", "中级的呢？",
        "这期间怎么付款？", "難產的話它會延長幾天？", "And abroad?", "What about business class?", "How about meals?", "Why?", "How many?",
        "How long does that take?", "Is it waterproof?", "What is their policy number?", "What happens if it is lost?",
        "How many samples are in there?", "How do I fix this?", "Where did they hang it?", "What else is covered?",
    ],
)  # fmt: skip
def test_a_sign_that_needs_an_antecedent(question: str) -> None:
    assert leans_back(question)


@pytest.mark.parametrize(
    "question",
    [
        "年假有几天？", "病假有几天？", "谁是总经理？", "公司的停车费是多少？", "其他费用有哪些？", "此外还有什么补贴？", "应该怎样申请？",
        "这家公司是谁创立的？", "这个月的例会在哪天？", "员工生病时他们需要交什么证明？", "公司如何在它的网站上公布价格？", "要求是什么？",
        "成都是谁负责？", "土耳其的首都在哪里？", "因此造成的损失由谁承担？", "河水为什么是浑的呢？", "公司的年假有几天？ 它可以结转吗？",
        "Who founded the company?", "Does the policy say that receipts are needed?", "Is there a canteen?", "How many are there in stock?",
        "When is the salary paid this year?", "Is it possible to work from home?", "How long does it take to charge a battery?",
        "Does the company insure its staff?", "When an employee resigns, what must they return?", "Which sensor that failed was replaced?",
        "What is the one-way fare?", "How many days of leave? Can it be carried over?",
    ],
)  # fmt: skip
def test_a_complete_question_has_none(question: str) -> None:
    assert not leans_back(question)


def test_content_is_what_is_left_without_asking() -> None:
    assert [content(q) for q in ("为什么？", "多久？", "年假有几天？", "停车费多少？", "How much?", "How much is parking?")] == [
        0, 0, 1, 2, 0, 1,
    ]  # fmt: skip
    assert has_topic("宿舍有几间？")
    assert has_topic("谁是总经理？")
    assert not has_topic("几点关门？")
    assert not has_topic("On antennas?")


class _Judging(Shelf):
    """A shelf on which some wordings find evidence and others don't."""

    def __init__(self, *pages: str, enough: Sequence[str]) -> None:
        super().__init__(*pages)
        self._enough = enough

    def evidence(self, query: str, hits: Sequence[Hit], kb: str = "default") -> Verdict:
        return Verdict(sufficient=query in self._enough)


@pytest.mark.parametrize(
    ("question", "first", "enough", "joined"),
    [
        ("公司的停车费是多少？", "年假有几天？", "both", False),
        ("公司的停车费是多少？", "年假有几天？", "joined", False),
        ("总部是谁？", "年假有几天？", "joined", True),
        ("总部是谁？", "年假有几天？", "both", False),
        ("几点关门？", "健身房几点开门？", "both", True),
        ("宿舍有几间？", "食堂午餐多少钱？", "both", False),
        ("总部是谁？", "年假有几天？", "neither", False),
    ],
)
def test_without_a_sign_the_question_alone_wins_unless_the_other_is_better(
    question: str, first: str, enough: str, joined: bool
) -> None:
    both = f"{first} {question}"
    shelf = _Judging(ZH, enough={"both": [question, both], "joined": [both], "neither": []}[enough])
    lookup = Lookup(shelf, "default", 8)
    assert lookup.better(question, both) == (both if joined else question)
    lookup(question)
    assert shelf.searched == [question, both]


def test_one_more_search_and_no_call_of_the_model_where_no_sign_is() -> None:
    shelf = Shelf(EN)
    model = ScriptedChat(replies=["The CEO is Anna Schmidt [1]."])
    answer = Chat(shelf, Writer(lambda: model, "scripted")).ask(
        "Who is the CEO?", [("How much annual leave is there?", "")]
    )
    assert answer.standalone_question == "Who is the CEO?"
    assert len(shelf.searched) == 2
    assert len(model.received) == 1


@pytest.mark.parametrize(
    "written",
    [
        "病假有十天。",  # an answer
        "那病假呢？",  # as it was: what the 1.5B model writes most often
        "How many days of sick leave are there?",  # another language
        "公司食堂的午餐多少钱？",  # another question
    ],
)
def test_a_rewriting_that_is_none_is_refused(written: str) -> None:
    history = [Turn("年假有几天？", "十二天，另有病假。")]
    assert by_model("那病假呢？", history, lambda _: written) == by_rule("那病假呢？", history)


def test_a_rewriting_is_taken() -> None:
    assert by_model("那病假呢？", [Turn("年假有几天？")], lambda _: "改写后的问题：病假有几天？") == "病假有几天？"
