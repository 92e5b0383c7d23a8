"""What becomes of what a model wrote, and how much it is given to read. Replies are of the kinds that real models of 0.5B
and 1.5B gave."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from agents.chat.answers import Answer
from agents.chat.chat import Chat
from agents.chat.loops import Loops
from agents.chat.passages import fitting
from agents.chat.settling import Settling
from agents.chat.writer import LEAST_TOKENS, Writer
from agents.llm.abilities import SMALL, Abilities
from agents.llm.counting import estimate
from agents.llm.scripted import ScriptedChat
from agents.proof.answering import Answering
from agents.proof.quotes import nearest_statements
from agents.proof.similarity import Closeness
from ingest.embedders.factory import create
from ingest.settings import load_settings
from tests.agents.shelf import CANTEEN, EN, ZH, Shelf

DAYS = "How many days of annual leave do employees get?"
OLD = "Travel policy 2024\n\nA night in Shanghai may cost 480 yuan at most, breakfast included."
NEW = "Travel policy 2026\n\nA night in Shanghai may cost 650 yuan at most, breakfast included."


def _ask(
    question: str, reply: str, *pages: str, translation: str = "", again: str = "", headed: bool = False
) -> Answer:
    model = ScriptedChat(replies=[translation, translation, reply, again] if translation else [reply])
    return Chat(Shelf(*pages, headed=headed), Writer(lambda: model, "scripted")).ask(question)


def test_what_is_proven_and_answers_is_the_answer() -> None:
    answer = _ask(DAYS, "Employees get 15 days of annual leave. They also get a company car.", EN)
    assert answer.text.startswith("Employees get 15 days of annual leave [1].")
    assert [s.verdict for s in answer.sentences] == ["supported", "unsupported"]
    assert not answer.abstained
    assert not answer.written


def test_what_a_short_answer_leaves_out_is_quoted_below_it_once() -> None:
    answer = _ask(DAYS, "15 days of annual leave.", EN)
    said, quoted = answer.text.split("\n\n> ")
    assert said == "15 days of annual leave [1]."
    assert quoted == "Employees are entitled to 15 days of paid annual leave after one year of service. [1]"
    assert all(citation.verified for citation in answer.citations)
    assert "\n>" not in _ask(DAYS, quoted, EN).text


@pytest.mark.parametrize(
    ("words", "stands"),
    [
        ("员工入职满一年后有 15 天带薪年假。", True),
        ("员工入职满一年后有 20 天带薪年假。", False),
        ("员工入职满一年后有多少天带薪年假？", False),  # the question once more is no answer
    ],
)
def test_across_languages_words_stand_only_with_the_numbers_of_their_quote(words: str, stands: bool) -> None:
    asked = "How many days of paid leave after one year of service?"
    said = "Employees have 15 days of paid leave after one year of service."
    answer = _ask("员工入职满一年后有多少天带薪年假？", said, EN, translation=asked, again=words)
    assert answer.text.startswith(words if stands else "文档中是这样写的：")
    assert answer.extractive is not stands
    assert answer.text.endswith(
        "\n\n> Employees are entitled to 15 days of paid annual leave after one year of service. [1]"
    )


def test_across_languages_what_is_proven_is_said_again_above_its_quote() -> None:
    page = "The captain of the ferry is Ruth Amsel, who has been at sea for years."
    asked = "What is the name of the captain of the ferry?"
    again = "渡轮的船长叫 Ruth Amsel，她出海多年。"
    answer = _ask("渡轮的船长叫什么？", "Ruth Amsel is the captain of the ferry.", page, translation=asked, again=again)
    said, quoted = answer.text.split("\n\n> ")
    assert said == again
    assert quoted == f"{page} [1]"
    assert answer.unsupported_sentences == (said,)
    assert [c.quote for c in answer.citations if c.verified] == [page]
    assert answer.notes
    assert not answer.written
    wrong = _ask("渡轮的船长叫什么？", "The ferry is run by Ida Lund.", page, translation=asked, again=again)
    assert "Ida" not in wrong.text


def test_what_rests_on_an_older_version_alone_says_so_and_quotes_the_newer() -> None:
    old = "Club rules 2022\n\nA dog is allowed on the boat of the club in a basket."
    new = "Club rules 2024\n\nThe committee voted: well-behaved dogs come along on Sundays."
    asked = "Is a dog allowed on the boat?"
    answer = _ask(asked, "A dog is allowed on the boat in a basket.", old, new, headed=True)
    assert "basket" in answer.text
    assert answer.text.endswith("> The committee voted: well-behaved dogs come along on Sundays. [2]")
    assert answer.notes == (
        "This is from an older version (2022); there is a newer one (2024), and what is quoted last comes nearest in it.",
    )
    assert not _ask(f"{asked[:-1]} in 2022?", "A dog is allowed on the boat in a basket.", old, new, headed=True).notes
    soup = Shelf(old, "Club rules 2024\n\nSoup is sold in June. The committee voted for leek.", headed=True)
    model = ScriptedChat(replies=["A dog is allowed on the boat in a basket."])
    near = Closeness(create(load_settings()))
    nothing = Chat(soup, Writer(lambda: model, "scripted"), closeness=near).ask(asked)
    assert nothing.notes[0].endswith("and nothing about it was found there.")


def test_unproven_words_give_way_to_the_quotes_that_answer() -> None:
    question = "How many days of paid annual leave are employees entitled to after one year of service?"
    answer = _ask(question, "Employees get 90 days of annual leave.", EN)
    assert answer.extractive
    assert "15 days of paid annual leave" in answer.text
    assert "90" not in answer.text
    assert answer.written.startswith("Employees get 90 days")
    assert answer.notes
    assert all(citation.verified for citation in answer.citations)


def test_unproven_words_without_such_quotes_are_a_refusal() -> None:
    # Nothing in Chinese answers, and there is a page in English: the question is translated for a search.
    model = ScriptedChat(replies=["How much is the company's parking fee?", "公司的停车费是每月 300 元。"])
    answer = Chat(Shelf(ZH, CANTEEN), Writer(lambda: model, "scripted")).ask("公司的停车费是多少？")
    assert answer.abstained
    assert "300" not in answer.text
    assert answer.written == "公司的停车费是每月 300 元。"
    assert [s.verdict for s in answer.sentences] != ["supported"]


def test_a_true_sentence_that_does_not_answer_is_no_answer() -> None:
    answer = _ask("How many days of sick leave do employees get?", "The CEO is Anna Schmidt.", EN)
    assert answer.abstained
    assert answer.sentences[0].supported
    assert answer.written.startswith("The CEO is Anna Schmidt")


def test_what_only_says_the_question_again_is_no_answer() -> None:
    page = "Lunden has been a city for 800 years, longer than any town around it. Dogs may come along to the office."
    assert _ask("What sort of city has Lunden been?", "Lunden has been a city.", page).written
    assert not _ask("May dogs come along to the office?", "Dogs may come along to the office.", page).abstained


def test_a_clause_answers_with_what_its_sentence_is_about() -> None:
    page = "In 2016 the court of appeal in Tainan ruled that the notice was void, so the contract between both sides stands."
    answer = _ask(
        "What did the court of appeal in Tainan rule in 2016?", "The contract between both sides stands.", page
    )
    assert not answer.abstained


HENS = "Hens may be kept on every plot. No cockerels are allowed on any plot, whatever their breed."
TENANTS = "租客在屋里可以养一只猫，但是不得养狗。"


@pytest.mark.parametrize(
    ("question", "reply", "page"),
    [
        ("May I keep a cockerel on my plot?", "No.", HENS),
        ("May I keep a cockerel on my plot?", "You cannot.", HENS),
        ("租客能在屋里养狗吗？", "不可以。", TENANTS),
    ],
)
def test_a_bare_no_stands_above_the_statement_that_does_not_deny_it(question: str, reply: str, page: str) -> None:
    answer = _ask(question, reply, page)
    said, quoted = answer.text.split("\n\n> ", 1)
    assert said == reply
    assert quoted.startswith(page[:30])
    assert not any(sentence.supported for sentence in answer.sentences)
    assert answer.notes
    assert not answer.written


@pytest.mark.parametrize(
    ("question", "reply", "page"),
    [("May I keep a cockerel on my plot?", "Yes.", HENS), ("租客能在屋里养狗吗？", "可以", TENANTS)],
)
def test_a_bare_yes_gives_way_to_the_statement_that_denies_it(question: str, reply: str, page: str) -> None:
    answer = _ask(question, reply, page)
    assert answer.text.startswith(page[:30])
    assert answer.extractive
    assert answer.written == reply


@pytest.mark.parametrize(
    ("question", "reply", "page"),
    [
        (
            "May I take pictures with a flash?",
            "Yes, you may take pictures with a flash.",
            "Photographs of the rooms are allowed without flash.",
        ),
        ("小学生坐渡轮过河要付全价的票钱吗？", "小学生坐渡轮过河要付全价。", "老人凭证免费，中小学生半价。"),
    ],
)
def test_a_yes_that_nothing_proves_gives_way_to_what_answers_without_a_model(
    question: str, reply: str, page: str
) -> None:
    answer = _ask(question, reply, page)
    assert answer.text == f"{page} [1]"
    assert answer.written


def test_a_bare_no_without_such_a_statement_is_kept_beside_the_refusal() -> None:
    answer = _ask("租客能在屋里养狗吗？", "不能", "本月电费由物业代收。")
    assert answer.abstained
    assert answer.written == "不能"


def test_a_number_picks_the_statement_that_answers() -> None:
    page = "The stew is served with bread. It takes 110 minutes on the stove. It takes 35 minutes in a closed pot."
    question = "How many minutes does the pork belly with greens take in a pressure cooker, roughly speaking?"
    assert "35 minutes in a closed pot" in _ask(question, "35 minutes", page).text
    assert _ask(question, "90 minutes", page).abstained


def test_what_is_not_said_to_be_the_most_is_not_quoted_as_it() -> None:
    page = "上半年公共收入 21.4 万元，其中车位费 13.8 万元、游泳池 2.7 万元。支出 17.6 万元，最大的一笔是屋面防水。"
    answer = _ask("今年上半年小区花钱最多的是哪一项？", "今年上半年小区花钱最多的是游泳池。", page)
    assert answer.abstained
    assert [s.verdict for s in answer.sentences] == ["differs"]
    assert "游泳池" in answer.written


def test_a_row_of_another_table_does_not_say_what_is_the_most() -> None:
    prices = "Binding: spiral 3.20 euros, glue 5.50 euros, hardcover 24 euros."
    hours = "| Day | Opens |\n|---|---|\n| Monday | early |\n| Sunday | late |"
    answer = _ask("Which binding is the most expensive?", "The spiral binding is the most expensive.", prices, hours)
    assert "hardcover 24 euros" in answer.text


@pytest.mark.parametrize("reply", ["[1]", "[1] [2] [3]", " \n"])
def test_an_answer_is_never_empty(reply: str) -> None:
    answer = _ask(DAYS, reply, EN)
    assert "15 days" in answer.text
    assert answer.extractive


def test_a_question_about_nothing_in_particular_is_answered() -> None:
    assert not _ask("How many days?", "Employees get 15 days of annual leave [1].", EN).abstained


def test_two_versions_of_a_rule_are_both_named() -> None:
    answer = _ask(
        "What may a night in Shanghai cost at most?", "A night in Shanghai may cost 650 yuan at most.", NEW, OLD
    )
    assert "480 yuan" in answer.text
    assert "650 yuan" in answer.text
    assert {citation.n for citation in answer.citations if citation.verified} == {1, 2}


SHED_OLD = "Workshop rules 2023\n\nThe saw may be used after an induction, which lasts an hour and costs 10 euros."
SHED_NEW = "Workshop rules 2025\n\nAn induction takes 90 minutes and costs 15 euros, for pensioners nothing."


def test_what_an_older_version_says_gives_way_to_the_newer_one_in_whatever_words() -> None:
    answer = _ask("What does an induction cost?", "An induction costs 10 euros.", SHED_OLD, SHED_NEW, headed=True)
    quoted, told = answer.text.split("\n\n")
    assert quoted.startswith("An induction takes 90 minutes and costs 15 euros")
    assert "10 euros" in told
    assert told.index("2025") < told.index("2023")
    assert told.endswith("the first is newer. [2][1]")
    assert answer.written == "An induction costs 10 euros [1]."


def test_where_no_model_writes_the_newer_version_is_quoted_however_near_the_older_comes() -> None:
    old = "Pool rules 2022\n\nA guest of a member pays 6 euros."
    new = "Pool rules 2024\n\nUp to three guests can come along with a member; each is charged 8 euros, small children nothing."
    shelf = Shelf(old, new, headed=True)
    nearest = nearest_statements("What does a guest pay?", shelf.hits(), shelf)
    assert nearest.candidates[0].n == 1
    text = Settling(nearest, "en").quoted().proof.text
    assert text.startswith("Up to three guests")
    assert "6 euros" in text


def test_what_the_newer_version_says_stands_with_the_older_one_named() -> None:
    answer = _ask("What does an induction cost?", "An induction costs 15 euros.", SHED_OLD, SHED_NEW, headed=True)
    assert answer.text.startswith("An induction costs 15 euros [2].")
    assert "10 euros" in answer.text


def test_who_asks_about_an_earlier_time_is_told_what_held_then() -> None:
    answer = _ask(
        "What did an induction cost in 2023?", "An induction costs 10 euros.", SHED_OLD, SHED_NEW, headed=True
    )
    assert answer.text.startswith("An induction costs 10 euros [1].")
    asked = "What might a night in Shanghai cost at most in 2024?"
    answer = _ask(asked, "A night in Shanghai may cost 480 yuan at most.", NEW, OLD, headed=True)
    assert answer.text.startswith("A night in Shanghai may cost 480 yuan at most [2].")


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("What did an induction cost in 2024?", "10 euros"),
        ("What did an induction cost in 2025?", "15 euros"),
        ("What does an induction cost in 2027?", "15 euros"),
    ],
)
def test_a_year_that_no_document_names_is_that_of_the_version_in_force(question: str, told: str) -> None:
    shelf = Shelf(SHED_OLD, SHED_NEW, headed=True)
    assert (
        told in Settling(nearest_statements(question, shelf.hits(), shelf), "en").quoted().proof.text.split("\n\n")[0]
    )


TOUR = "Tour to Tartu\n\nDecided on 12 December 2025. The price is 310 euros, breakfast included."
TOUR_DRAFT = "Tour to Tartu, draft\n\nPlease comment. The price would be 275 euros, and we would leave on 3 July."


@pytest.mark.parametrize("pages", [(TOUR, TOUR_DRAFT), (TOUR_DRAFT, TOUR)])
def test_a_draft_answers_only_who_asks_for_it(pages: tuple[str, ...]) -> None:
    shelf = Shelf(*pages, headed=True)

    def told(question: str) -> str:
        return Settling(nearest_statements(question, shelf.hits(), shelf), "en").quoted().proof.text.split("\n\n")[0]

    assert "310" in told("What is the price of the tour?")
    assert "275" in told("What is the price of the tour in the draft?")


def test_what_rests_on_a_draft_alone_says_so() -> None:
    shelf = Shelf(TOUR, TOUR_DRAFT, headed=True)
    settled = Settling(nearest_statements("When would we leave?", shelf.hits(), shelf), "en").quoted()
    assert "3 July" in settled.proof.text
    assert settled.notes[0].startswith("This is from a draft; there is one that holds (2025-12-12)")


def test_a_number_that_was_not_asked_for_is_no_conflict() -> None:
    text = "House rules {}\n\nVisitors come from 9:00 to {}, for two hours at most."
    shelf = Shelf(text.format(2021, "17:00"), text.format(2025, "18:30"), headed=True)
    asked = {"For how many hours may visitors come?": False, "Until when may visitors come?": True}
    for question, conflict in asked.items():
        told = Settling(nearest_statements(question, shelf.hits(), shelf), "en").quoted().proof.text
        assert told.startswith("Visitors come from 9:00 to 18:30")
        assert ("17:00" in told) is conflict


def test_versions_that_differ_are_told_in_the_questions_language() -> None:
    old, new = "寄养须知 2023\n\n猫每天收 30 元。", "寄养须知 2025\n\n猫每天收 45 元。"
    shelf = Shelf(old, new, headed=True)
    text = Settling(nearest_statements("猫一天收多少钱？", shelf.hits(), shelf), "zh").quoted().proof.text
    assert "文档说法不一" in text
    assert text.index("45 元") < text.index("30 元")


def test_below_an_answer_stands_what_answers_best_not_what_comes_first() -> None:
    page = "City bikes are 12 euros a day, or 60 euros a week. E-bikes cost 25 euros a day and 120 euros a week."
    answer = _ask("How much is an e-bike for a week?", "120 euros a week [1].", page)
    assert answer.text.endswith("> E-bikes cost 25 euros a day and 120 euros a week. [1]")


@pytest.mark.parametrize(
    ("question", "reply", "pages"),
    [
        (
            "Why was the dearer menu of the wedding not chosen?",
            "Because several elders can't eat the lobster in it.",
            (
                "The wedding has a vegetarian menu, chosen by nine.",
                "Several elders can't eat the lobster in the dearer menu.",
            ),
        ),
        (
            "婚宴的贵菜单为什么没有选？",
            "因为贵菜单里面的龙虾好几位长辈吃不了。",
            ("婚宴的素食菜单有九位选了。", "贵菜单里面的龙虾好几位长辈吃不了。"),
        ),
    ],
)
def test_what_another_passage_may_say_is_not_quoted_below_an_answer(
    question: str, reply: str, pages: tuple[str, ...]
) -> None:
    assert _ask(question, reply, *pages).text == f"{reply[:-1]} [2]{reply[-1]}".replace(" [2]。", "[2]。")


def test_what_changes_a_price_stands_below_the_model_s_words_too() -> None:
    page = "A colour poster costs 14 euros. Express jobs cost half as much again. Posters are rolled."
    answer = _ask("How much is an express colour poster?", "A colour poster costs 14 euros.", page)
    assert answer.text == "A colour poster costs 14 euros [1].\n\n> Express jobs cost half as much again. [1]"


def test_the_highest_of_a_table_is_what_the_table_says() -> None:
    page = "| Room | Seats |\n|---|---|\n| Oak | 12 |\n| Elm | 40 |\n| Ash | 18 |"
    assert _ask("Which room has the most seats?", "Elm has the most seats, 40 [1].", page).text.startswith("Elm has")
    assert _ask("Which room has the most seats?", "Ash has 18 seats [1].", page).text == "Seats, for Elm: 40 [1]"


REGIONS = "| {} |\n|---|---|---|---|\n| {} | Oslo | 80 | 751 |\n| {} | Bergen | 141 | 723 |\n| South | Lund | 5 | 77 |"


@pytest.mark.parametrize(
    ("question", "page", "told"),
    [
        ("华东上半年合计是多少？", REGIONS.format("大区 | 城市 | 1月 | 合计", "华东", "华东"), ["大区：华东；城市：Oslo；", "大区：华东；城市：Bergen；"]),
        ("What is the total of North?", REGIONS.format("Region | Branch | May | Total", "North", "North"),
         ["Region: North; Branch: Oslo;", "Region: North; Branch: Bergen;"]),
        ("What is the total of North?", REGIONS.format("Region | Branch | May | Total", "North", "West"), ["Total, for North: 751"]),
        ("What is the total of South?", REGIONS.format("Region | Branch | May | Total", "North", "North"), ["Total, for South: 77"]),
    ],
)  # fmt: skip
def test_a_cell_is_told_alone_where_its_name_is_one_row_s(question: str, page: str, told: list[str]) -> None:
    lines = _ask(question, "I don't know.", page).text.split("\n\n")
    assert len(lines) == len(told)
    assert all(line.startswith(one) for line, one in zip(lines, told, strict=True))


def test_a_true_row_of_a_table_gives_way_to_the_highest_that_is_asked_for() -> None:
    page = "| 线路 | 起点 | 首班 | 票价（元） |\n|---|---|---|---|\n| 甲线 | 车站 | 6:00 | 2 |\n| 乙线 | 学院 | 5:30 | 10 |\n| 丙线 | 码头 | 7:00 | 5 |"
    answer = _ask("哪条线坐车最贵？", "甲线坐车最贵，票价为2元。", page)
    assert answer.text.startswith("线路：乙线")


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("Leave is 15 days [1]. Leave is 15 days [2]. Leave is", True),
        ("年假为十五天[1]。年假为十五天[2]。年假", True),
        ("[1] [2] [3] [4] [5", True),
        ("It is 5. It is 5.5 in summer. It is cold.", False),
        ("Yes. Yes. It rests on two passages [1][2][3].", False),
        ("- 周一：值班\n- 周二：值班\n- 周三：值班", False),
    ],
)
def test_a_model_that_goes_in_circles_is_stopped(text: str, *, stops: bool) -> None:
    loops = Loops()
    cuts = [cut for char in text if (cut := loops.feed(char)) >= 0]
    assert bool(cuts) is stops
    if stops:
        assert text[: cuts[0]].rstrip() in ("Leave is 15 days [1].", "年假为十五天[1]。", "")


def test_the_model_is_stopped_within_one_repetition() -> None:
    sentence = "Employees get 15 days of annual leave [1]. "
    answer = _ask(DAYS, sentence * 40, EN)
    assert answer.text == (
        "Employees get 15 days of annual leave [1].\n\n"
        "> Employees are entitled to 15 days of paid annual leave after one year of service. [1]"
    )
    assert answer.usage.completion_tokens < 60
    assert not answer.stopped


BIKES = "A tandem costs 34 pounds a day, and there is one size. Its deposit is 200 pounds."


def test_the_statement_that_words_differ_from_is_quoted_in_their_place() -> None:
    answer = _ask("How much is the deposit for a tandem?", "The deposit of a tandem is 70 pounds.", BIKES)
    assert [s.verdict for s in answer.sentences] == ["differs"]
    assert answer.extractive
    assert "200 pounds" in answer.text
    assert all(citation.verified for citation in answer.citations)


def test_a_quote_that_words_about_a_number_don_t_point_at_takes_more_to_stand_in_for_them() -> None:
    page = "The tandem is new. Deposits are kept in a safe, 200 pounds each, and bicycles are kept in the shed."
    assert _ask("How much is the rent of a helmet at the north gate in May?", "Jan asked 70 pounds.", page).abstained
    assert not _ask("Where are the bicycles kept?", "They hang on the wall.", page).abstained


# -- how much is read -------------------------------------------------------------------------------------------


def _hits() -> tuple[Shelf, list]:
    filler = " ".join(f"Paragraph {n} of the handbook is about rooms, keys and the archive." for n in range(30))
    shelf = Shelf(f"{filler} {EN} {filler}", filler, CANTEEN, filler, filler)
    return shelf, shelf.hits()


def test_where_everything_fits_passages_are_shown_whole() -> None:
    _, hits = _hits()
    assert [p.text for p in fitting(hits, 100_000, estimate)] == [hit.text for hit in hits]


def test_what_is_cut_keeps_the_statements_nearest_to_the_question_and_their_offsets() -> None:
    shelf, hits = _hits()
    shown = fitting(hits, 260, estimate, nearest_statements(DAYS, hits, shelf).candidates)
    assert "15 days of paid annual leave" in shown[0].text
    assert len(shown) >= 3
    assert sum(estimate(passage.text) for passage in shown) <= 300
    for passage in shown:
        text = hits[passage.n - 1].text
        assert passage.text == " … ".join(text[start:end] for start, end in passage.spans)


def test_what_stands_around_the_answer_is_read_before_other_passages_that_say_less() -> None:
    before = "Lin Yue joined in March. She came from the museum's archive. She runs the garden since then."
    others = [
        f"Garden number {n} lies behind the house and has a bench, a pond and an old pear tree." for n in (1, 2, 3)
    ]
    shelf = Shelf(*others, before)
    hits, question = shelf.hits(), "Who runs the garden?"
    found = nearest_statements(question, hits, shelf).candidates
    first = next(one for one in found if one.n == 4)
    shown = fitting(hits, 60, estimate, [first, *(one for one in found if one.n != 4)])
    assert "came from the museum's archive" in next(one.text for one in shown if one.n == 4)
    assert len(shown) >= 3


def test_where_a_statement_answers_nothing_from_farther_away_is_read() -> None:
    shelf, hits = _hits()
    found = nearest_statements(DAYS, hits, shelf).candidates
    found = [next(one for one in found if one.n == n) for n in dict.fromkeys(one.n for one in found)]

    def read(score: float) -> list[str]:
        nearest = [replace(found[0], answering=Answering(score, ""), answers=True), *found[1:]]
        return [passage.text for passage in fitting(hits, 500, estimate, nearest)]

    assert all("15 days of paid annual leave" in read(score)[0] for score in (0.5, 0.05))
    assert sum(map(estimate, read(0.5))) < 0.8 * sum(map(estimate, read(0.05)))


@pytest.mark.parametrize(("speed", "cut"), [(None, False), (1e6, False), (60.0, True), (1.0, True)])
def test_passages_fit_what_the_machine_reads_in_its_time(speed: float | None, *, cut: bool) -> None:
    shelf, hits = _hits()
    model = ScriptedChat(replies=["x"])
    model.__dict__["reading_speed"] = speed
    writer = Writer(lambda: model, "scripted", first_token_target=5.0)
    nearest = nearest_statements(DAYS, hits, shelf).candidates
    request = writer.request(DAYS, hits, [], "en", nearest)
    read = estimate(request.messages[-1][1])
    assert (read < estimate(" ".join(hit.text for hit in hits))) is cut
    if cut:
        assert read <= max(LEAST_TOKENS, 5 * (speed or 0)) + 120
        assert request.passages >= 3


def test_one_threshold_says_for_chats_and_tasks_what_is_too_small_to_write() -> None:
    from agents.tasks.effort import profile_of

    class Header:
        parameters = 0.49e9

    model = ScriptedChat(replies=["x"])
    assert not Abilities(model).small
    model.__dict__["header"] = Header()
    assert Abilities(model).parameters < SMALL
    assert Abilities(model).small
    assert profile_of(model).kind == "rule"


def test_a_stopped_answer_stays_as_it_was_written() -> None:
    model = ScriptedChat(replies=["Employees get 90 days of annual leave. " + "word " * 300], token_seconds=0.01)
    chat = Chat(Shelf(EN), Writer(lambda: model, "scripted"))
    threading.Timer(0.8, chat.cancel).start()
    answer = chat.ask(DAYS)
    assert answer.stopped
    assert answer.text.startswith("Employees get 90 days")
    assert answer.unsupported_sentences


@pytest.mark.parametrize(
    ("question", "written", "begins"),
    [
        (
            "Are employees entitled to annual leave?",
            "Yes, employees are entitled to 15 days of annual leave.",
            "Employees",
        ),
        (
            "Are employees entitled to annual leave?",
            "No. Employees are entitled to 15 days of annual leave.",
            "Employees",
        ),
        (DAYS, "Yes, employees are entitled to 15 days of annual leave.", "Yes, employees"),
    ],
)
def test_a_yes_before_what_is_proven_is_left_out_as_nothing_can_prove_it(
    question: str, written: str, begins: str
) -> None:
    assert _ask(question, written, EN).text.startswith(begins)
