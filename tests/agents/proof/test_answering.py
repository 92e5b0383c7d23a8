"""Does it answer? The three ways in which a true statement doesn't."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from agents.proof.alignment import alignment, words
from agents.proof.answering import AnswerCheck
from agents.proof.asked import asked_for, subjects, wants_yes_or_no
from agents.proof.relevance import Question
from agents.proof.similarity import Closeness
from agents.proof.sources import Citation
from agents.proof.statements import Statement
from ingest.documents import Hit
from ingest.units import MONEY

PAGE = "入职满一年后每年享有 12 天带薪年假。每年有 10 天全薪病假。公司于 2009 年创立。"


def _judged(question: str, text: str) -> tuple[bool, str]:
    found = AnswerCheck(question, [PAGE]).judge(Statement(((0, len(text)),), text))
    return found.answers, found.reason


@pytest.mark.parametrize(("question", "text", "reason"), [
    ("年假有几天？", "入职满一年后每年享有 12 天带薪年假。", ""),
    ("年假有几天？", "年假须提前申请。", "kind"),
    ("公司在 2015 年的员工有多少人？", "公司在 2009 年有 30 名员工。", "condition"),
    ("停车费是多少？", "公司于 2009 年有 30 名员工。", "kind"),
    ("停车费是多少？", "门卫电话 0717-4420118，负责停车。", "kind"),
    ("停车场怎么收费？", "停车场每小时 3 元。", ""),
    ("年假手续费是多少？", "年假须提前三日申请。", "kind"),
    ("What is the charge for a locker?", "A locker costs 50 cents.", ""),
    ("年假热线的电话是多少？", "年假热线：0717-4420118。", ""),
    ("年假热线的电话是多少？", "年假热线每天 9:00 至 17:00 开通。", "kind"),
    ("公司是哪一年创立的？", "公司创立时有 30 名员工。", "kind"),
    ("What does a night in July cost?", "From: 27 Jun; To: 5 Sep; A night costs: 134 pounds", ""),
    ("What does a night cost in December?", "From: 27 Jun; To: 5 Sep; A night costs: 134 pounds", "condition"),
    ("一月份的门票多少钱？", "11月至2月的门票 20 元。", ""),
    ("七月份的门票多少钱？", "11月至2月的门票 20 元。", "condition"),
    ("七月份的门票多少钱？", "6月和9月的门票 20 元。", "condition"),
    ("In which year did the thaw begin?", "The thaw began about 13,000 BP.", ""),
    ("周末晚上打球一小时多少钱？", "时段：周末；时间：17:00–22:00；打球一小时：60 元", ""),
    ("周末晚上打球一小时多少钱？", "时段：周末；时间：9:00–17:00；打球一小时：40 元", "condition"),
    ("周末下午打球一小时多少钱？", "时段：周末；时间：17:00–22:00；打球一小时：60 元", "condition"),
    ("What does an hour of badminton cost in the evening?", "From 5 pm to 10 pm an hour of badminton costs 18 euros.", ""),
    ("What does an hour of badminton cost in the morning?", "From 5 pm to 10 pm an hour of badminton costs 18 euros.", "condition"),
    ("What does an hour of badminton cost in the evening?", "From 8:00 to 20:00 an hour of badminton costs 12 euros.", ""),
    ("公司周几休息？", "公司周日休息。", ""),
    ("Which day is the annual inspection?", "The annual inspection is on Tuesdays.", ""),
    ("What does the parking cost?", "A hotel may cost 650 yuan.", "subject"),
    ("How many metres does the parking climb?", "The parking has 3,200 places, and it climbs.", "kind"),
    ("How many metres does the parking climb?", "What the parking climbs, in metres: 32.", ""),
    ("What did each of the boxes cost?", "Each of the boxes stands dry, most often in a hole.", "kind"),
    ("How much do children pay?", "Children pay half.", ""),
    ("租一顶帐篷多少钱？", "租帐篷的人里，许多是新会员。", "kind"),
    ("儿童票多少钱？", "儿童票半价。", ""),
    ("How old was the founder when he died?", "The founder died at 38.", ""),
    ("How often is the pump oiled?", "The pump is oiled every 30 days.", ""),
    ("How often is the pump oiled?", "The pump holds 30 litres.", "kind"),
    ("水泵多久检修一次？", "水泵每 90 天检修。", ""),
    ("水泵多久检修一次？", "水泵的检修要 2 小时。", "kind"),
    ("What time does the pool close?", "The pool closes 30 minutes before the hall.", ""),
    ("How long is the warranty of the RS-300?", "The RS-200 has a warranty of 36 months.", "condition"),
    ("How long is the warranty of the RS300?", "The RS 200 has a warranty of 36 months.", "condition"),
    ("70 岁的员工有几天年假？", "65 岁以上的员工有 15 天年假。", ""),
    ("60 岁的员工有几天年假？", "65 岁以上的员工有 15 天年假。", "condition"),
    ("9 岁的孩子几点上课？", "8—12 岁的孩子 10:30 上课。", ""),
    ("13 岁的孩子几点上课？", "8—12 岁的孩子 10:30 上课。", "condition"),
    ("How long may children of 6 years stay?", "Children of 5 to 7 years may stay for 40 minutes.", ""),
    ("How long may children of 9 years stay?", "Children of 5 to 7 years may stay for 40 minutes.", "condition"),
    ("工作 8 年的员工有几天年假？", "满五年的员工有 15 天年假。", ""),
    ("How many days of leave after eight months?", "Employees get 5 days of leave after six months.", ""),
    ("How many days of leave after four months?", "Employees get 5 days of leave after six months.", "condition"),
    ("What does parking a car of 4.2 metres cost?", "The parking of a car costs 3 euros, 5 after 26 cm.", "condition"),
    ("住六楼的员工停车费多少钱？", "四楼以上的员工停车费 20 元。", ""),
    ("住三楼的员工停车费多少钱？", "四楼的员工停车费 20 元。", "condition"),
    ("What does the parking cost in January?", "In December, January and May the parking costs 3 euros.", ""),
    ("How many days of leave does an employee aged 20 years get?", "Leave under 18 years: 25 days.", "condition"),
    ("年假从 2010 年到 2015 年增加了多少天，与 2005 年相比？", "2010 年至 2015 年，年假增加 3 天。", ""),
    ("Can students pay the junior fee?", "Students pay the junior fee until they are 25.", ""),
    ("How far ahead must I book the kiln?", "Book the kiln five days ahead.", ""),
])  # fmt: skip
def test_why_it_does_not_answer(question: str, text: str, reason: str) -> None:
    assert _judged(question, text) == (not reason, reason)


class _Alike(Closeness):
    """Everything is as near: words decide."""

    def __init__(self) -> None:
        pass

    def answers(self, question: str, texts: Sequence[str]) -> list[float]:
        return [0.5] * len(texts)


def test_what_a_statement_is_about_may_stand_beside_it() -> None:
    page = "Two thirds of the owners must sign for the new lift. Ruth Amsel sees to it. The pool opens in June."
    hit = Hit(1, 1.0, "minutes", "/m.md", 1, (), 0, len(page), page, 1, 1)
    check = AnswerCheck("Who makes the owners sign for the new lift?", [page, page], _Alike())
    start, end = page.index("Ruth"), page.index(" The pool")
    alone = Statement(((start, end),), page[start:end])
    told, found = check.read(alone, hit)
    assert not check.judge(alone, "minutes", page).answers
    assert found.answers
    assert told.text.startswith("Two thirds")
    assert page[slice(*told.spans[0])] == told.text
    assert check.read(told, hit)[0] == told


def test_the_score_is_higher_the_more_of_the_subject_is_there() -> None:
    check = AnswerCheck("陪产假有多少天？", [PAGE])
    near, far = (check.judge(Statement(((0, 9),), text)).score for text in ("陪产假 20 天。", "病假 10 天。"))
    assert 0 < far < near < 1


def test_a_model_s_sentence_answers_when_its_source_does() -> None:
    hits = [Hit(1, 1.0, "手册", "/m.md", 1, (), 0, len(PAGE), PAGE, 1, 1)]

    def cited(sentence: str, quoted: str) -> Citation:
        start = PAGE.index(quoted)
        return Citation(1, "手册", "/m.md", 1, start, start + len(quoted), quoted, True, 1, "1", sentence)

    leave = "每年有 12 天年假。"
    check = AnswerCheck("年假有几天？", [PAGE])
    assert check.sentence(leave, [cited(leave, "入职满一年后每年享有 12 天带薪年假。")], hits).answers
    founded = "公司于 2009 年创立。"
    assert not check.sentence(founded, [cited(founded, founded)], hits).answers
    vague = "员工享有带薪年假。"  # true, and not what was asked for
    assert check.sentence(vague, [cited(vague, "入职满一年后每年享有 12 天带薪年假。")], hits).reason == "kind"
    assert not check.sentence(leave, [], hits).answers


def test_a_model_s_sentence_may_name_what_its_source_is_about() -> None:
    page = "体长，银色，有五条黑纹，尾鳍分叉。"
    hits = [Hit(1, 1.0, "鱼类手册", "/f.md", 1, (), 0, len(page), page, 1, 1)]
    check = AnswerCheck("条纹丽鱼是什么样子？", [page, "条纹丽鱼分布于南方。", "丽鱼有很多种。"])
    for said, answers in (("条纹丽鱼体长，银色，有五条黑纹，尾鳍分叉。", True), (page, False)):
        cited = Citation(1, "鱼类手册", "/f.md", 1, 0, len(page), page, True, 1, "1", said)
        assert check.sentence(said, [cited], hits).answers is answers


def test_what_a_model_s_sentence_leaves_out_the_section_may_name() -> None:
    page, said = "费用为每晚 14 元。", "北岸草地费用为每晚 14 元。"
    others = ["The meadow is wet.", "Tents are dried.", "A night is long.", "草地很湿。", "帐篷要晾干。"]
    check = AnswerCheck("夏季周末在北岸河边草地自带帐篷露营一晚要多少钱？", [page, *others])
    cited = Citation(1, "Rules", "/f.md", 1, 0, len(page), page, True, 1, "1", said)
    for section, answers in ((("自带帐篷",), True), ((), False)):
        hits = [Hit(1, 1.0, "Rules", "/f.md", 1, section, 0, len(page), page, 1, 1)]
        assert check.sentence(said, [cited], hits).answers is answers


@pytest.mark.parametrize(("question", "about"), [
    ("公司的停车费是多少？", ["公司", "停车费"]),
    ("年假有几天？", ["年假"]),
    ("谁担任总经理？", ["担任总经理"]),
    ("How many days of annual leave do I get?", ["annual", "leave", "get"]),
    ("How heavy is the RS-200?", ["rs-200"]),
])  # fmt: skip
def test_what_a_question_is_about(question: str, about: list[str]) -> None:
    assert [subject.surface for subject in subjects(question, f"公司概况 {PAGE}")] == about


@pytest.mark.parametrize(
    ("question", "contact"),
    [
        ("What number should I call to report a leak?", True),
        ("Which number do we ring at night?", True),
        ("晚上漏水打哪个电话？", True),
        ("报修拨什么号码", True),
        ("What number of guests can I bring?", False),
        ("Should I call a number of shops?", False),
        ("打电话要多少钱？", False),
    ],
)
def test_a_number_to_turn_to_is_asked_for_in_many_ways(question, contact) -> None:
    assert asked_for(question).contact is contact


def test_the_last_asking_word_says_what_is_asked_for() -> None:
    assert asked_for("专家分成几类，其中存储知识的叫什么？").wants_number is False
    assert asked_for("专家分成几类？").wants_number is True
    assert asked_for("How high is the deposit for a locker?").units == frozenset(MONEY)
    assert asked_for("这台仪器的重量是多少？").units == frozenset({"grams"})


class Dictionary:
    """Words of one meaning have one vector."""

    MEANINGS = (("annual", "年假"), ("sick", "病假"))

    def vectors(self, texts):
        found = np.zeros((len(texts), 3), np.float32)
        for row, text in zip(found, texts, strict=True):
            row[next((at for at, alike in enumerate(self.MEANINGS) if text in alike), 2)] = 1
        return found


def test_words_of_another_language_are_aligned_by_meaning() -> None:
    leave, sick = alignment(Dictionary(), ["annual"], ["每年 12 天年假", "每年 10 天病假"])
    assert leave > sick
    assert alignment(Dictionary(), [], ["年假"]) == [0.0]
    assert "年假" in words("12 天年假")
    assert "annual leave" in words("the annual leave")


@pytest.mark.parametrize(
    ("question", "shares", "money"),
    [
        ("What part of the money would we have to give back?", True, False),
        ("能退几成？", True, False),
        ("How much of the price is paid back?", True, True),
        ("How much do I get back if I cancel?", True, True),
        ("押金能退多少？", True, True),
        ("How much is the deposit?", False, True),
        ("What part of the pump wears out?", False, False),
    ],
)
def test_what_is_paid_back_may_be_told_as_a_share(question, shares, money) -> None:
    units = asked_for(question).units
    assert ("percent" in units, bool(units & MONEY)) == (shares, money)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("Called off in time, all of it is paid back.", 1.0),
        ("提前五天退，全退。", 1.0),
        ("Called off in time, sixty per cent is paid back.", 1.0),
        ("Called off in time, the office has to be told.", 0.0),
    ],
)
def test_the_whole_and_none_of_it_are_shares_too(statement, kind) -> None:
    asked = Question("How much of the price is paid back?", [statement])
    assert asked.view(Statement(((0, len(statement)),), statement)).kind == kind


@pytest.mark.parametrize(
    ("question", "polar", "date", "number"),
    [
        ("带进蜂场行不", True, False, False),
        ("狗可以带么？", True, False, False),
        ("开门了没有", True, False, False),
        ("你在做什么", False, False, False),
        ("哪个月检修？", False, True, False),
        ("哪几天开门？", False, True, False),
        ("从哪个月台出发？", False, False, False),
        ("哪几种可以借？", False, False, False),
        ("有几种可以借？", False, False, True),
        ("废料啥时候清理", False, True, False),
    ],
)
def test_everyday_chinese_ways_of_asking(question: str, polar: bool, date: bool, number: bool) -> None:
    asked = asked_for(question)
    assert (wants_yes_or_no(question), asked.date, asked.number) == (polar, date, number)


def test_whoever_is_in_charge_costs_nothing() -> None:
    assert not asked_for("Who is in charge of the garden?").units
    assert asked_for("What is the charge for the garden?").units


@pytest.mark.parametrize(
    ("question", "told", "named", "near"),
    [
        (
            "What colour is the big garden gate in winter?",
            "In January the garden gate stays locked.",
            "The bins are of a dark colour.",
            0.8,
        ),
        ("三号门冬天是什么颜色？", "三号门下班后锁上。", "垃圾桶颜色很深。", 0.6),
    ],
)
def test_where_nothing_names_the_kind_that_is_asked_for_more_must_speak_for_a_statement(question, told, named, near):
    statement = Statement(((0, len(told)),), told)

    def reason(*among: str) -> str:
        wording = AnswerCheck(question, among).wording(told)
        return wording.weigh(wording.question.view(statement), statement, near, 0.0).reason

    assert reason(told, "x y z") == "subject"
    assert reason(told, named) == ""
