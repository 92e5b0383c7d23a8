"""Sentences as small models write them: right ones in other words, and ones about what no passage names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agents.proof.claims import claim_of
from agents.proof.numbers import claimed, stated
from agents.proof.similarity import Closeness
from agents.proof.support import SupportChecker
from agents.proof.verdicts import Passage, Verdict

STOCK = (
    "| 仓库 | 型号 | 品名 | 数量 | 安全库存 | 单位 |\n| --- | --- | --- | --- | --- | --- |\n"
    "| 北库 | LB-40 | 离心水泵 | 14 | 20 | 台 |\n| 南库 | QB-9 | 潜水泵 | 6 | 10 | 台 |"
)
BUDGET = "| 部门 | 设备（万元） | 差旅（万元） |\n| --- | --- | --- |\n| 市场部 | 310 | 52 |\n| 生产部 | 860 | 17 |"
PRICES = (
    "| Item | Name | Price (CNY) | Price (EUR) |\n| --- | --- | --- | --- |\n"
    "| LB-40 | Centrifugal pump | 5600 | 730 |\n| QB-9 | Submersible pump | 2400 | 310 |"
)
PAID_LEAVE = "入职满一年后每年享有 9 天带薪年假；满四年增至 13 天，满八年增至 18 天。"
LEAVE = "入职满一年后每年享有 9 天年假；满四年增至 13 天，满八年增至 18 天。"
FANS = "| 规格(kW) | 叶片数 | 重量(kg) |\n| --- | --- | --- |\n| 2.5 | 3 | 1.9 |\n| 2.5 | 6 | 3.8 |\n| 9 | 3 | 5.2 |"
MEMBERS = (
    "In business, notable members include Northgate CEO Ravi Desai, Larkfield Corporation founder and the second richest woman in "
    "Bergen Mia Brandt, Goldhill CEO as well as former mayor of Molde Jon Ek, Osprey & Company founder and author of the first "
    "Norwegian cookery book Tom O."
)
RIGHT = [
    ("", "The newsletter is taken over by Ines Roth.", "Ines Roth takes over the newsletter.", ""),
    ("", "Jars are sold at the market.", "Members sell jars at the market on Saturdays.", ""),
    ("没用完的补贴最多能留几个月？", "没用完的补贴最多能留3个月。", "未用完的补贴最多可留 3 个月，逾期作废。", ""),
    (
        "滤芯用满几个月就应该更换？",
        "滤芯用满18个月就应该更换。",
        "滤芯（L-2）的设计寿命为 20 个月，满 18 个月即应更换，不得等到报警。",
        "",
    ),
    ("北库还有多少台离心水泵？", "北库还有 14 台离心水泵。", STOCK, "库存"),
    ("市场部的差旅预算是多少万元？", "市场部的差旅预算是 52 万元。", BUDGET, "预算"),
    ("What is the price of an LB-40 in euros?", "The price of an LB-40 in euros is 730.", PRICES, "Prices"),
    (
        "What does fault code F7 on the LB-40 mean?",
        "Fault code F7 on the LB-40 means rotor blocked.",
        "5 Faults\n\nCode Meaning What to do\n\nF7 Rotor blocked\n\nOpen the lid; clean the rotor",
        "LB-40 Pump: Manual",
    ),
    (
        "2002年，莫城的居民总数大约是多少？",
        "2002年，莫城的居民总数大约是31200人。",
        "据2002年的普查，居民总数为31200人。",
        "莫城",
    ),
    (
        "为什么海外买不到48GX？",
        "因为销量太差，宏图公司没有在海外发行48GX。",
        "由于销量太差，宏图公司没有在海外发行。",
        "48GX",
    ),
    (
        "What is an Italian evening school called?",
        "An Italian evening school is called a civic school.",
        "In Italy, evening schools are called civic schools, and most are run by the town.",
        "",
    ),
    ("哪位画家提倡非正式写生？", "沈一白", "沈一白提倡非正式写生，门人众多。", ""),
    ("东河流向哪里？", "东河流向西海。", "枯水期内，东 河 流向 西 海 。", ""),
    ("入职满四年的员工有多少天年假？", "满四年后每年享有 13 天带薪年假。", PAID_LEAVE, "员工手册"),
    (
        "Who is the Gull Cup winner of 2019?",
        "Ines Roth is the Gull Cup winner of 2019.",
        "Ines Roth won the 2019 Gull Cup.",
        "",
    ),
    (
        "Which U.K. pier is the longest?",
        "The longest U.K. pier is at Southend.",
        "Southend has the longest pier in the UK.",
        "",
    ),
    (
        "When did the mill open?",
        "Passage 2 states that the mill opened in May 1904.",
        "The mill opened in May 1904.",
        "",
    ),
    ("Who is the director of the film?", "The director of the film is Lund.", "Lund directed the film in 1920.", ""),
    (
        "What is the nickname of the tower?",
        "The nickname of the tower is the Needle.",
        "The tower, also called the Needle, was built in 1920.",
        "",
    ),
    (
        "Who was the founder of the Larkfield Corporation?",
        "Mia Brandt was the founder of the Larkfield Corporation.",
        MEMBERS,
        "",
    ),
    ("她击败了谁？", "她击败了澳大利亚的科尔曼。", "她在决赛中击败了澳洲的科尔曼。", ""),
    ("这次地震有几级？", "7.5级", "当地发生7.5级强烈地震。", ""),
    ("这次地震有几级？", "7级", "当地发生7级强烈地震。", ""),
    (
        "The time required to print a page on a hand-fed Larch press is what?",
        "The time required to print a page on a hand-fed Larch press is the number of pulls the press makes before it stops.",
        "The time required by a hand-fed Larch press P is the number of pulls the press makes before it stops. A page is printed.",
        "",
    ),
]
WRONG = [
    ("", "Goldhill was taken over by Larkfield.", "Goldhill takes over Larkfield.", ""),
    ("", "Jars are sold by the warden.", "Members sell jars at the market on Saturdays.", ""),
    ("婚假可以请多少天？", "婚假可以请 8 天。", "每年有 8 天全薪病假。", "假期"),
    (
        "Who is the head of the marketing department?",
        "The head of the marketing department is Ines Roth.",
        "Trips need the approval of the finance department and of the head, Ines Roth.",
        "",
    ),
    (
        "What colour is the lid of the LB-40?",
        "The lid of the LB-40 is green.",
        "The light of the LB-40 blinks green.",
        "",
    ),
    ("北库的面积有多大？", "北库的面积是 14 平方米。", STOCK, "库存"),
    ("南库有多少台离心水泵？", "南库有 6 台离心水泵。", STOCK, "库存"),
    (
        "为什么海外买不到48GX？",
        "因为销量太差，宏图公司没有在海外发行49GX。",
        "由于销量太差，宏图公司没有在海外发行。",
        "48GX",
    ),
    (
        "What is an Italian evening school called?",
        "An Italian evening school is called a civic school.",
        "In Austria, evening schools are called civic schools.",
        "",
    ),
    ("What is the price of an LB-50 in euros?", "The price of an LB-50 in euros is 730.", PRICES, "Prices"),
    ("How deep is the LB-40?", "The LB-40 is 730 millimetres deep.", PRICES, "Prices"),
    ("雨季每隔几天清渠一次？", "雨季每隔 30 天清渠一次。", "非雨季每 30 天清渠一次，雨季每 7 天清渠一次。", ""),
    ("谁建了灯塔？", "建了灯塔的是卡尔·韦伯。", "但也有人说建灯塔是一个谜。灯塔也成了第一个石塔。 3、卡尔· ...", ""),
    ("灯塔的首府是哪里？", "灯塔在海角。", "Residential.", ""),
    ("这次地震有几级？", "7.5级", "当地发生5级强烈地震。", ""),
    ("2.5 kW 的小风机装 3 片叶片，大约重多少 kg？", "5.2 kg", FANS, ""),
    ("Who is the runner-up?", "The runner-up is Lund.", "Lund won the race in 1920.", ""),
    ("Who is the CEO of Northgate?", "Mia Brandt is the CEO of Northgate.", MEMBERS, ""),
    (
        "无人机巡查要飞多高？",
        "无人机巡查要飞到水深超过 2 米的作业必须两人同行。",
        "桥上及水深超过 2 米的作业必须两人同行。",
        "",
    ),
]


class _Near(Closeness):
    """As near to everything as it is told."""

    def __init__(self, value: float) -> None:
        self._value = value

    def __call__(self, text: str, others: Sequence[str]) -> list[float]:
        return [self._value] * len(others)

    answers = __call__


def _judge(question: str, sentence: str, text: str, context: str, closeness: float | None = None) -> Verdict:
    passage = Passage(text, context=context)
    near = None if closeness is None else _Near(closeness)
    return SupportChecker(question, [passage], near).judge(claim_of(sentence), passage)


@pytest.mark.parametrize(("question", "sentence", "text", "context"), RIGHT)
def test_what_is_said_in_other_words_is_supported(question: str, sentence: str, text: str, context: str) -> None:
    assert _judge(question, sentence, text, context).supported


@pytest.mark.parametrize(("question", "sentence", "text", "context"), WRONG)
def test_what_is_said_of_something_else_is_not(question: str, sentence: str, text: str, context: str) -> None:
    """However near it comes in meaning."""
    assert not _judge(question, sentence, text, context, 0.95).supported


def test_the_fewer_words_are_shared_the_nearer_a_paraphrase_must_be() -> None:
    text = "桥用木头搭成，后来被水冲走，工人又搭了一座。"
    assert not _judge("", "桥是村里的工人们在夏天用木头搭成的。", text, "", 0.55).supported
    assert _judge("", "桥是工人们用木头搭成的。", text, "", 0.55).supported


def test_a_value_and_its_condition_are_found_in_another_language() -> None:
    question = "How many days of annual leave do I get after eight years?"
    assert _judge(question, "After eight years, you get 18 days of annual leave.", LEAVE, "员工手册", 0.3).supported
    assert not _judge(question, "After eight years, you get 13 days of annual leave.", LEAVE, "员工手册", 0.9).supported
    assert not _judge(question, "You get 9 days off.", LEAVE, "员工手册", 0.3).supported


def test_what_a_passage_says_of_something_else_is_not_put_in_the_place_of_a_number() -> None:
    text = "Pumps leave the warehouse within two working days. In 2026 the house had a new roof."
    question = "How many days of leave do the apprentices of Heron get?"
    assert _judge(question, "The apprentices of Heron get 30 days of leave.", text, "").instead == ""
    assert _judge("How many people work at Heron?", "Heron has 1,000 employees.", text, "Heron").instead == ""


def test_figures_of_a_name_and_a_unit_alone_are_no_numbers() -> None:
    assert stated("货号：PS-30") == ()
    assert stated("差旅（万元）") == ()
    assert stated("5.5.1.2. 模型") == ()
    assert [q.value for q in claimed("in mid-1990")] == [1990]
    assert [q.value for q in stated("headcount: Sales\n14")] == [14]
    assert [q.kind for q in stated("2026 年 11 月")] == [q.kind for q in stated("2026年11月")] == ["", "month"]


def test_naming_the_passage_is_no_part_of_a_claim() -> None:
    assert claim_of("依据第2段，泵房在河东。") == "泵房在河东。"


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("财务部的差旅预算是多少？", "财务部的差旅预算是 900 万元。"),
        ("What is the price of an LB-50?", "The price of an LB-50 is 999 CNY."),
    ],
)
def test_a_row_about_something_else_has_nothing_instead(question: str, sentence: str) -> None:
    text, context = (BUDGET, "预算") if "财务部" in question else (PRICES, "Prices")
    assert _judge(question, sentence, text, context).instead == ""
