"""Near copies with one thing changed, and true sentences in another form: each kind once, in Chinese and English."""

from __future__ import annotations

import pytest

from agents.proof.checking import check_answer
from agents.proof.support import SupportChecker
from agents.proof.verdicts import VETOES, Passage, Verdict

LEAVE = "入职满一年后每年享有 8 天年假；满四年增至 13 天，满九年增至 18 天。"
LEAVE_EN = "Drivers get 8 days off after one year, 13 days after four years and 18 days after nine years."
RATES = "私家车公用按每公里 0.9 元报销，停车费凭发票报销。"
HOTELS = (
    "A room in Lyon may cost 110 euros a night, at most. Alcohol is not reimbursed. A room in Oslo may cost 190 euros."
)
OFFICES = "Our offices:\n\n- Berlin: led by Anna Keller\n- Paris: led by Marc Petit\n- Madrid: led by Luis Blum"
MOUTHS = "The river Elbe flows into the North Sea and the Danube into the Black Sea."
DEPOTS = "北仓由王芳管理。南仓由李强管理。"
TABLE = "| 城市 | 里程(公里) | 餐补(元) |\n| --- | --- | --- |\n| 苏州 | 85 | 60 |\n| 常州 | 130 | 75 |\n"
CLUB = "由于并非由北岸唱片公司制作，这张专辑没有列入官方目录。"
MERGER = "Larkfield bought Osprey Foods in 2011 after long talks."


def _judge(sentence: str, source: str, question: str = "") -> Verdict:
    passage = Passage(source)
    return SupportChecker(question, [passage]).judge(sentence, passage)


@pytest.mark.parametrize(
    ("sentence", "source", "reason", "instead"),
    [
        ("入职满四年的员工有 18 天年假。", LEAVE, "number", "13 天"),
        ("After four years drivers get 18 days off.", LEAVE_EN, "number", "13 days"),
        ("公司的停车费是 0.9 元每公里。", RATES, "replaced", "凭发票报销"),
        ("A room in Lyon may cost 190 euros a night.", HOTELS, "number", "110 euros"),
        ("去常州的里程是 85 公里。", TABLE, "number", "130 公里"),
        ("去苏州的餐补是 85 元。", TABLE, "number", "60 元"),
        ("去苏州的里程是 85 英里。", TABLE, "unit", "85 公里"),
        ("这张专辑是由北岸唱片公司制作的。", CLUB, "denial", "由于并非由北岸唱片公司制作"),
        ("Alcohol is reimbursed.", HOTELS, "denial", "Alcohol is not reimbursed"),
        ("Osprey Foods bought Larkfield in 2011.", MERGER, "role", MERGER),
        ("Larkfield bought Osprey Foods in 2011 before long talks.", MERGER, "condition", "after"),
        ("Larkfield bought Heron Foods in 2011 after long talks.", MERGER, "name", "Osprey"),
        ("老师的教室是学生打扫的。", "学生的教室是老师打扫的。", "role", "学生的教室是老师打扫的。"),
        ("仓库至多要有 3 名员工值班。", "仓库至少要有 3 名员工值班。", "quantifier", "至少"),
        ("部分阀门都要每周检查。", "所有阀门都要每周检查。", "quantifier", "所有"),
        ("Some valves are checked every week.", "All valves are checked every week.", "quantifier", "All"),
        ("The warranty lasts 18 weeks.", "The warranty lasts 18 months.", "unit", "18 months"),
        ("这批水泵的保修期为 18 个周末。", "这批水泵的保修期为 18 天。", "unit", "18 天"),
        ("The office in Berlin is led by Marc Petit.", OFFICES, "name", "Anna Keller"),
        ("The Elbe flows into the Black Sea.", MOUTHS, "name", "North"),
        ("北仓由李强管理。", DEPOTS, "name", "王芳"),
        ("设备在工作日以内送达。", "设备在工作日以外送达。", "condition", "以外"),
    ],
)
def test_what_is_changed_is_named(sentence: str, source: str, reason: str, instead: str) -> None:
    verdict = _judge(sentence, source)
    assert not verdict.supported
    assert verdict.reason in VETOES
    assert (verdict.reason, verdict.instead) == (reason, instead)


def test_the_condition_may_stand_in_the_question() -> None:
    wrong = _judge("有 18 天年假。", LEAVE, "入职满四年有多少天年假？")
    assert (wrong.supported, wrong.reason, wrong.instead) == (False, "number", "13 天")
    assert _judge("有 13 天年假。", LEAVE, "入职满四年有多少天年假？").supported


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("入职满四年有 13 天年假。", LEAVE),
        ("After nine years drivers get 18 days off.", LEAVE_EN),
        ("A room in Oslo may cost 190 euros.", HOTELS),
        ("常州的里程是 130 公里。", TABLE),
        ("The office in Paris is led by Marc Petit.", OFFICES),
        ("Anna Keller leads the Berlin office and Marc Petit the one in Paris.", OFFICES),
        ("The Danube flows into the Black Sea.", MOUTHS),
        ("南仓由李强管理。", DEPOTS),
        ("这张专辑并非由北岸唱片公司制作。", CLUB),
        ("Osprey Foods was bought by Larkfield in 2011.", MERGER),
        ("1980年代以来，这里一直产茶。", "自 20 世纪 80 年代以来，这里一直产茶。"),
        ("Tea has been grown here since the 1980s.", "Since the 1980s tea has been grown here."),
        ("Mara was 38 years old when she won the cup.", "Mara, who won the cup at age 38, now coaches."),
        ("一半的车间已经停工。", "50% 的车间已经停工。"),
        ("Two thirds of the members voted for it.", "The members voted for it by 2 to 1: two-thirds of them."),
        ("三分之二的会员投了赞成票。", "会员中有三分之二投了赞成票。"),
        ("Members pay 60 per cent of the fee.", "Members pay 60% of the fee."),
        ("水箱能装 1.5 升。", "水箱能装 1500 毫升。"),
    ],
)
def test_the_same_in_another_form_is_supported(sentence: str, source: str) -> None:
    assert _judge(sentence, source).supported


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        (
            "每个请求只用 37 亿参数,而不是全部 671 亿参数",
            "这个模型很大。每个请求只用 37 亿参数，而不是全部 671 亿参数。",
        ),
        ("Dogs are not allowed, except guide dogs.", "Rules: Dogs are not allowed, except guide dogs."),
        ("共有 1,204 人参加", "共有1204人参加。"),
        ("Ｑ3 的利润率为12％。", "Q3的利润率为 12%。"),
    ],
)
def test_a_copy_passes_whatever_its_signs(sentence: str, source: str) -> None:
    verdict = _judge(sentence, source)
    assert verdict.supported
    assert verdict.score == 1.0


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("The fee is refunded.", "If the course is cancelled by us, the fee is refunded."),
        ("有 18 天年假", "并非入职满四年的人都有 18 天年假。"),
        ("Guests may park in the yard.", "It is a rumour: guests may park in the yard."),
    ],
)
def test_a_copy_that_leaves_out_what_governs_it_is_none(sentence: str, source: str) -> None:
    from agents.proof.verbatim import copied

    assert copied(sentence, source) is None


@pytest.mark.parametrize(
    ("phrase", "question", "supported"),
    [
        ("南通", "公司的仓库在哪座城市？", True),
        ("南通", "谁负责采购？", False),
        ("南通", "", False),
        ("Larkfield", "Who bought Osprey Foods?", True),
        ("Larkfield", "How long does the warranty last?", False),
    ],
)
def test_a_phrase_is_proven_by_what_answers_the_question(phrase: str, question: str, supported: bool) -> None:
    passages = [
        Passage("公司的仓库位于南通，办公室在扬州。"),
        Passage(MERGER),
        Passage("采购由魏工负责。The warranty lasts 2 years."),
    ]
    checker = SupportChecker(question, passages)
    verdicts = [checker.judge(phrase, passage) for passage in passages]
    assert any(verdict.supported for verdict in verdicts) is supported
    assert supported or "phrase" in {verdict.reason for verdict in verdicts}


def test_a_subject_the_title_or_the_question_names_is_no_exchange() -> None:
    passage = Passage("动画在2014年3月8日于海滨电视台开始播放。", context="蓝色灯塔")
    checker = SupportChecker("《蓝色灯塔》何时开始播放？", [passage])
    assert checker.judge("《蓝色灯塔》在2014年3月8日于海滨电视台开始播放。", passage).supported


def test_words_alone_are_no_veto() -> None:
    verdict = _judge("员工可以带宠物上班。", LEAVE)
    assert (verdict.supported, verdict.reason, verdict.instead) == (False, "words", "")


@pytest.mark.parametrize(("sentence", "text"), [
    (
        "Oskar Lind had two more boats built, but sold neither of them.",
        "The yard went from Oskar Lind to his son. Harbour Works had two more boats built, but sold neither of them.",
    ),
    (
        "Route 168 comes into the valley from the coast in the south and then goes on to the lakes.",
        "Route 168 ends there. Route 41 comes into the valley from the coast in the south and then goes on to the lakes.",
    ),
])  # fmt: skip
def test_a_name_of_the_next_sentence_is_no_name_for_a_copy_of_this_one(sentence: str, text: str) -> None:
    passage = Passage(text)
    assert not SupportChecker("?", [passage]).judge(sentence, passage).supported


def test_no_passage_has_a_number_only_where_none_has_it() -> None:
    passages = ["The pool is 25 metres long and heated.", "Ann Lee led the choir until 1998, when it had 40 singers."]
    [checked] = check_answer("The pool's choir has 40 swimmers.", passages).sentences
    assert not checked.supported
    assert checked.reason != "number"
    [checked] = check_answer("The choir has 77 singers.", passages).sentences
    assert checked.verdict == "differs" or checked.reason == "number"
