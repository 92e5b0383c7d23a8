"""Which sentences a passage supports, in Chinese and English, and how an answer's markers come out."""

from __future__ import annotations

import pytest

from agents.proof.checking import check_answer
from agents.proof.citations import CitationChecker, Proof
from agents.proof.claims import makes_no_claim
from agents.proof.numbers import agrees, claimed, stated
from agents.proof.phrases import is_phrase
from agents.proof.spans import windows
from agents.proof.support import SupportChecker
from agents.proof.verdicts import Passage
from ingest.sentences import sentences
from tests.agents.shelf import CANTEEN, EN, ZH, Shelf

HOURS = "The hall is open from 7 am to 9 pm. It is closed on Mondays and on public holidays."
DAILY = "The shop is open daily except on Sundays. It takes cards."
MOVED = "The library moved from Mill Lane to Park Road in 2020."
PAID = "Tenants pay for electricity and water; heating is paid by the landlord."
TRUE = [
    ("年假有几天?", "员工每年有15天带薪年假。", ZH),
    ("年假有几天?", "员工每年有十五天带薪年假。", ZH),
    ("總部在哪?", "公司總部位於北京。", ZH),
    ("总部在哪?", "公司总部坐落在北京。", ZH),
    ("试用期有年假吗?", "试用期员工没有年假。", ZH),
    ("可以结转吗", "未休年假最多可结转5天，至次年3月底。", ZH),
    ("How many days?", "Employees get 15 days of annual leave per year.", EN),
    ("How many days?", "Employees get fifteen days of annual leave.", EN),
    ("Who is CEO?", "The CEO is Anna Schmidt.", EN),
    ("Where?", "The company's headquarters are located in Berlin.", EN),
    ("游泳要预约吗？", "游泳无须登记。", "游泳池 8:00–20:00 开放，游泳无须登记。"),
    ("Open on Mondays?", "The hall is closed on Mondays.", "On Mondays the hall is closed; we open from Tuesday on."),
    ("Open on Mondays?", "The hall is closed on Mondays.", HOURS),
    ("May I row at night?", "You cannot row after dark.", "Eights need a cox. Nobody rows after dark."),
    (
        "Do I need a helmet?",
        "You don't need a helmet.",
        "Riders do not need a helmet. Bells are fitted to all bicycles.",
    ),
    ("Open on Sundays?", "The shop isn't open on Sundays.", DAILY),
    ("Where is it?", "The library moved to Park Road in 2020.", MOVED),
    ("Who pays?", "The landlord pays for heating.", PAID),
    ("Who pays?", "Tenants pay for water.", PAID),
    ("Who runs it?", "Anna's brother runs the bakery.", "Anna's brother Tom runs the bakery. It opens at six."),
    ("周日营业吗？", "周日不营业。", "除周日外，每天营业。店里可以刷卡。"),
    ("周六休息吗？", "周日休息。", "除周日外，周六也休息。"),
    ("Dogs?", "Dogs aren't allowed.", "Neither dogs nor cats are allowed. Bicycles stay outside."),
    ("How many boats?", "The juniors have two boats.", "Each team has three boats; the juniors have two."),
    ("How old?", "Elena Brandt won the 23rd Harbour Race at age 38.", "Elena Brandt won Harbour Race XXIII at age 38."),
    ("carry over?", "You can carry over up to five days of unused leave until the end of March.", EN),
]
PLURALS = [
    ("A company has to register with several agencies.", "Companies have to register with an agency."),
    ("Every facility has a policy on penalties.", "All facilities have policies on a penalty."),
    ("The organization studies liabilities.", "They organize a study of each liability."),
]
FALSE = [
    ("年假有几天?", "员工每年有20天带薪年假。", ZH),
    ("年假有几天?", "员工每年有15周带薪年假。", ZH),
    ("总部在哪?", "公司总部位于上海。", ZH),
    ("试用期有年假吗?", "试用期员工享受年假。", ZH),
    ("可以结转吗", "未休完的年假不可以结转至次年。", ZH),
    ("法国首都?", "巴黎是法国的首都。", ZH),
    ("How many days?", "Employees get 25 days of annual leave.", EN),
    ("Open on Mondays?", "The hall is open on Mondays.", HOURS),
    ("May I row at night?", "You can row after dark.", "Eights need a cox. Nobody rows after dark."),
    ("Open on Sundays?", "The shop is open on Sundays.", DAILY),
    ("周日营业吗？", "周日营业。", "除周日外，每天营业。店里可以刷卡。"),
    ("How many boats?", "The juniors have three boats.", "Each team has three boats; the juniors have two."),
    (
        "How many boats?",
        "The juniors have three boats.",
        "Each team has three boats, the juniors two. Oars are oiled in May.",
    ),
    ("Do I need a helmet?", "You don't need a helmet.", "Riders need a helmet. Bells are fitted to all bicycles."),
    ("Who pays?", "Tenants pay for heating.", PAID),
    ("Who pays?", "The landlord pays for water.", PAID),
    ("Dogs?", "Dogs can’t come in.", "Dogs can come in. Bicycles can't."),
    ("周一开门吗？", "图书馆周一开放。", "图书馆早上 9 点开放。周一和法定节假日闭馆。"),
    ("Who is CEO?", "The CEO is Peter Schmidt.", EN),
    (
        "How many days?",
        "Employees in Marburg are entitled to 15 days of paid annual leave after one year of service.",
        EN,
    ),
    ("Where?", "Headquarters are in Munich.", EN),
    ("carry over?", "Unused leave may not be carried over.", EN),
    ("carry over?", "Unused leave may be carried over until the end of April.", EN),
    ("capital?", "Paris is the capital of France.", EN),
    ("How old?", "Elena Brandt won the 24th Harbour Race at age 38.", "Elena Brandt won Harbour Race XXIII at age 38."),
    ("游泳要预约吗？", "游泳要预约。", "游泳池 8:00–20:00 开放，无须登记。"),  # the question's own words, said again
    ("Open on Mondays?", "The hall is open on Mondays.", "On Mondays the hall is closed; we open from Tuesday on."),
    ("Was the fee raised?", "The fee was raised to 7 euros.", "The proposal to raise the fee to 7 euros was rejected."),
]


def _supported(question: str, sentence: str, text: str) -> bool:
    passage = Passage(text)
    return SupportChecker(question, [passage]).judge(sentence, passage).supported


@pytest.mark.parametrize(("question", "sentence", "text"), TRUE)
def test_what_a_passage_says_is_supported(question: str, sentence: str, text: str) -> None:
    assert _supported(question, sentence, text)


@pytest.mark.parametrize(("sentence", "text"), PLURALS)
def test_a_plural_meets_its_singular(sentence: str, text: str) -> None:
    assert _supported("?", sentence, text)


def test_a_name_typed_without_its_accents_is_the_same() -> None:
    text = "The mayor of Rivas, Andrés Núñez, opened the library."
    assert _supported("Who opened the library?", "The library was opened by Andres Nunez.", text)
    assert not _supported("Who opened the library?", "The library was opened by Andres Nunez-Mora.", text)


def test_an_ordinary_word_that_begins_a_sentence_is_no_name() -> None:
    text = "Staff get 15 days of annual leave. The canteen opens at eight, and guests pay twice the price."
    assert _supported("?", "Employees get 15 days of annual leave.", text)
    assert _supported("?", "Guests pay twice the price.", text)
    assert not _supported("?", "Anna gets 15 days of annual leave.", text)


@pytest.mark.parametrize(("question", "sentence", "text"), FALSE)
def test_what_a_passage_does_not_say_is_not(question: str, sentence: str, text: str) -> None:
    assert not _supported(question, sentence, text)


@pytest.mark.parametrize(
    ("claim", "source", "same"),
    [
        ("十五天", "15 days", True),
        ("3.5亿元", "350 million yuan", True),
        ("百分之五", "5%", True),
        ("5%", "5", False),
        ("2021年3月5日", "2021-03-05", True),
        ("March 5, 2021", "2021年3月5日", True),
        ("1,234,567人", "一百二十三万四千五百六十七人", True),
        ("two years", "24 months", True),
        ("about 3.4 billion", "$3.42 billion", True),
        ("3.4 billion", "$3.42 billion", False),
        ("$5", "5元", False),
        ("二〇二一年", "2021", True),
        ("持续三十分钟", "30分钟", True),
        ("持续五十分钟", "30分钟", False),
        ("工期三百年", "300年", True),
        ("3千克", "3 kg", True),
        ("85公顷", "850,000 square metres", True),
        ("85公顷", "8.5公顷", False),
        ("15亩", "1 hectare", True),
        ("22 km²", "22平方公里", True),
        ("22平方公里", "22公里", False),
        ("three working days", "3个工作日", True),
        ("廿八天", "28 days", True),
        ("on 5 Jan they met", "January 5", True),
        ("3.0级", "一场2.0级地震", False),
        ("三间客房", "3 间客房", True),
        ("两件行李", "一件行李", False),
        ("三瓶酒", "五瓶酒", False),
    ],
)
def test_numbers_are_compared_by_value_and_unit(claim: str, source: str, same: bool) -> None:
    quantities = claimed(claim)
    assert quantities
    assert all(agrees(quantity, stated(source)) for quantity in quantities) is same


def test_words_with_numerals_in_them_are_no_numbers() -> None:
    assert claimed("一些人统一认为这十分重要，千万不要大意") == ()
    assert claimed("He may be one of them") == ()


def test_sentences_of_both_languages() -> None:
    def split(text: str) -> list[str]:
        return [text[a:b] for a, b in sentences(text)]

    assert split("Mr. Smith paid $3.5 million. It rained.") == ["Mr. Smith paid $3.5 million.", "It rained."]
    assert split("他说：“好的。”然后离开了。价格为3.5元。") == ["他说：“好的。”", "然后离开了。", "价格为3.5元。"]
    assert split("- 第一项\n- 第二项") == ["- 第一项", "- 第二项"]
    assert split("```\nx = 1. y\n```\nEnd.") == ["```\nx = 1. y\n```", "End."]


def _check(text: str, question: str = "How many days?") -> Proof:
    shelf = Shelf(ZH, EN, CANTEEN)
    return CitationChecker(question, shelf.hits(), shelf).check(text)


def test_a_quote_is_the_exact_stretch_of_the_stored_page() -> None:
    checked = _check("Employees get 15 days of annual leave [2].")
    (citation,) = checked.citations
    assert citation.verified
    assert citation.quote == EN[citation.start : citation.end]
    assert citation.quote.startswith("Employees are entitled to 15 days")
    assert (citation.n, citation.document, citation.page) == (2, "Document 2", 1)


def test_unknown_markers_go_and_wrong_ones_are_corrected() -> None:
    checked = _check("The CEO is Anna Schmidt [9]. The canteen opens at 8 am [1]. 年假为15天【1，7】。")
    assert "[9]" not in checked.text
    assert "[7]" not in checked.text
    assert "Anna Schmidt [2]." in checked.text
    assert "8 am [3]." in checked.text
    assert checked.unsupported == ()


def test_missing_markers_are_added() -> None:
    assert _check("Headquarters are in Berlin.").text == "Headquarters are in Berlin [2]."


def test_what_nothing_supports_is_listed_and_not_verified() -> None:
    checked = _check("Employees get 25 days of annual leave [2]. Dogs are welcome in the office.")
    assert checked.unsupported == ("Employees get 25 days of annual leave.", "Dogs are welcome in the office.")
    assert [citation.verified for citation in checked.citations] == [False]


def test_two_facts_of_two_passages_keep_both_markers() -> None:
    checked = _check("Headquarters are in Berlin, and the canteen opens at 8 am [2][3].")
    assert checked.unsupported == ()
    assert {citation.n for citation in checked.citations} == {2, 3}


def test_a_page_that_changed_since_verifies_nothing() -> None:
    shelf = Shelf(EN)
    hits = shelf.hits()
    shelf.pages = ("Something else entirely stands here now. " * 5,)
    checked = CitationChecker("How many days?", hits, shelf).check("Employees get 15 days of annual leave [1].")
    assert [citation.verified for citation in checked.citations] == [False]


@pytest.mark.parametrize(
    "sentence",
    [
        "The passages do not mention parental leave.",
        "文档中没有提到产假。",
        "Here is what I found:",
        "## Leave",
        "Hope this helps!",
    ],
)
def test_some_sentences_claim_nothing(sentence: str) -> None:
    assert makes_no_claim(sentence, "How long is parental leave? 产假多长?")


def test_a_claim_hidden_behind_not_mentioned_is_a_claim() -> None:
    assert not makes_no_claim("The passages do not say, but it is 45 days.", "How long is parental leave?")


@pytest.mark.parametrize(
    ("false", "source"),
    [
        ("The awards took place on May 5, 2020.", "The awards took place on January 5, 2020."),
        ("电影《我不是药神》的导演是吴京，于2018年上映。", "电影《我不是药神》的导演是文牧野，于2018年上映。"),
    ],
)
def test_similarity_does_not_vouch_for_a_copy_with_something_exchanged(false: str, source: str) -> None:
    """The similarity here is the most generous there can be; a line in another script must not open the door."""
    passage = Passage(f"Sep 13, 2016 - www.example.com\n\n{source}")
    checker = SupportChecker("?", [passage], lambda _, others: [0.99] * len(others))
    assert not checker.judge(false, passage).supported
    assert checker.judge(source, passage).supported


class _Judge:
    """Says yes to everything, or no; remembers what it was asked."""

    def __init__(self, margin: float) -> None:
        self.margin = margin
        self.asked: list[tuple[str, str]] = []

    def __call__(self, sentence, sources, /):
        self.asked += [(sentence, source) for source in sources]
        return [self.margin] * len(sources)


CROSS = "入职未满一年的员工没有年假。满一年以后，年假为十五天。"


@pytest.mark.parametrize(("margin", "supported"), [(0.0, True), (2.5, True), (-0.1, False), (float("-inf"), False)])
def test_a_judge_decides_where_words_can_not(margin: float, supported: bool) -> None:
    passage = Passage(CROSS)
    judge = _Judge(margin)
    verdict = SupportChecker("?", [passage], None, judge).judge("After a year one gets 15 days off.", passage)
    assert verdict.supported is supported
    assert 1 <= len(judge.asked) <= 2
    assert "十五天" in (CROSS[verdict.start : verdict.end] if supported else judge.asked[0][1])


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("After a year one gets 20 days off.", CROSS),  # a number
        ("After a year one gets 15 days off at the Zenith Group.", EN),  # a name
        ("Unused leave may not be carried over.", EN),  # a denial
        ("电影《我不是药神》的导演是吴京，于2018年上映。", "电影《我不是药神》的导演是文牧野，于2018年上映。"),
    ],
)
def test_a_judge_is_not_asked_against_a_rule(sentence: str, text: str) -> None:
    passage = Passage(text)
    judge = _Judge(9.0)
    assert not SupportChecker("?", [passage], None, judge).judge(sentence, passage).supported
    assert all("15" in source or "十五" in source for _, source in judge.asked) or not judge.asked


def test_a_judge_is_not_asked_what_rules_have_answered() -> None:
    judge = _Judge(-1.0)
    for question, sentence, text in TRUE:
        assert SupportChecker(question, [Passage(text)], None, judge).judge(sentence, Passage(text)).supported
    assert judge.asked == []


def test_no_quote_reaches_across_the_edge_of_a_table() -> None:
    text = "| Ward | Beds |\n| --- | --- |\n| Surgery | 28 |\n\nParking costs 2 euros an hour.\n\nDogs stay outside."
    spans = windows(text, 0)
    assert all(text[start:end].count("|") == 0 or "Parking" not in text[start:end] for start, end in spans)
    assert any(text[start:end].startswith("Parking") and "Dogs" in text[start:end] for start, end in spans)


def test_two_facts_of_two_passages_are_no_reason_for_each_other() -> None:
    facts = ["The bridge was repainted.", "The ferry was sold."]
    assert check_answer("The bridge was repainted, and the ferry was sold.", facts).supported
    assert not check_answer("The bridge was repainted, because the ferry was sold.", facts).supported


@pytest.mark.parametrize(
    "text",
    ["90 minutes", "two minutes", "the yellow boxes", "Members' fee 40%", "Rooms 3 and 4", "prices", "晚上八点半"],
)
def test_what_predicates_nothing_is_a_phrase(text: str) -> None:
    assert is_phrase(text)


@pytest.mark.parametrize("text", [
    "The walk takes two hours.", "The fee rises to 5 pounds.", "The shop closes at six.",
    "The large hall seats 240 people.", "On weekdays breakfast starts at 6:30.", "Members pay 40% of the fee.", "上午的班车 9:15 发车。", "市内运费 12 元。",
])  # fmt: skip
def test_a_short_sentence_with_a_verb_is_none(text: str) -> None:
    assert not is_phrase(text)
