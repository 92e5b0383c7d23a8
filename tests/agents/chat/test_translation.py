"""A question in another language than the documents is asked of them in theirs."""

from __future__ import annotations

import pytest

from agents.chat.chat import Chat
from agents.chat.lookup import Lookup
from agents.chat.translation import documents_language, translation
from agents.chat.writer import Writer
from agents.llm.scripted import ScriptedChat
from agents.proof.answering import AnswerCheck
from agents.proof.similarity import Closeness
from agents.proof.statements import Statement
from ingest.documents import Hit, LegScore
from ingest.embedders.factory import create
from ingest.settings import load_settings
from tests.agents.shelf import CANTEEN, EN, ZH, Shelf

ASKED = "年假有几天？"
IN_ENGLISH = "How many days of annual leave are there?"


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        (IN_ENGLISH, IN_ENGLISH),
        (f'\n"{IN_ENGLISH}"\n', IN_ENGLISH),
        ("年假一共有多少天？", ""),
        (f"{IN_ENGLISH}\nAnswer: 15 days.", ""),
        ("Leave?" * 30, ""),
        ("There are 15 days of annual leave.", ""),
        ("", ""),
    ],
)
def test_what_is_no_translation_is_left_out(reply: str, kept: str) -> None:
    assert translation(reply, ASKED, "en") == kept


def test_a_translation_keeps_every_number() -> None:
    asked = "What may 2 nights in room 41 cost?"
    assert translation("41 号房住 2 晚要多少钱？", asked, "zh")
    assert not translation("14 号房住 2 晚要多少钱？", asked, "zh")
    assert translation("Who taught there in 1620-21?", "1620-21年间谁在那里任教？", "en")
    assert not translation("Did 40,000 people come?", "3万人来了吗？", "en")


def test_statements_in_the_other_language_are_held_against_the_question_in_it() -> None:
    text = "Employees get ten days of sick leave a year."
    plain, read = AnswerCheck(ASKED, [EN, text]), AnswerCheck(ASKED, [EN, text], translated=IN_ENGLISH)
    same = AnswerCheck(IN_ENGLISH, [EN, text])
    for line in (text, "15 days of paid annual leave after one year."):
        statement = Statement(((0, len(line)),), line)
        assert read.judge(statement) == same.judge(statement) != plain.judge(statement)


def test_the_search_is_made_in_both_languages() -> None:
    class ByLanguage(Shelf):
        def search(self, query: str, kb: str = "default", k: int | None = None):  # type: ignore[no-untyped-def]
            found = super().search(query, kb, k)
            return found if query == ASKED else found[::-1]

    looked = Lookup(ByLanguage(EN, ZH, CANTEEN), "default", 2).joined(ASKED, IN_ENGLISH)
    assert len(looked.hits) == 2
    assert [hit.rank for hit in looked.hits] == [1, 2]
    assert looked.hits[0].text != looked.hits[1].text


def _chat(*replies: object, small: bool = False, pages: tuple[str, ...] = (EN, CANTEEN)) -> tuple[Chat, ScriptedChat]:
    model = ScriptedChat(replies=list(replies))
    return Chat(Shelf(*pages), Writer(lambda: model, "scripted", small=lambda: small)), model


def test_the_model_answers_in_the_documents_language_and_says_it_again_in_the_askers() -> None:
    chat, model = _chat("How many days off?", IN_ENGLISH, "15 days of annual leave.", "年假有 15 天。")
    answer = chat.ask(ASKED)
    free, among, asked, again = ([str(message.content) for message in received] for received in model.received)
    assert ASKED in free[-1]
    assert among[-1].startswith("[1] ")
    assert ASKED in among[-1]
    assert among[-1].partition("\n\nQuestion: ")[0] == asked[-1].partition("\n\nQuestion: ")[0]
    assert IN_ENGLISH in asked[-1]
    assert again[:2] == asked
    assert again[2] == "15 days of annual leave."
    assert answer.text.startswith("年假有 15 天")
    assert "15 days" in " ".join(citation.quote for citation in answer.citations)


@pytest.mark.parametrize(
    ("again", "stands"), [("年假有 15 天。", True), ("小红在唱歌。", False), ("The pump is blue.", False)]
)
def test_what_says_something_else_is_no_answer_said_again(again: str, stands: bool) -> None:
    model = ScriptedChat(replies=["How many days off?", IN_ENGLISH, "15 days of annual leave.", again])
    near = Closeness(create(load_settings()))
    answer = Chat(Shelf(EN, CANTEEN), Writer(lambda: model, "scripted"), closeness=near).ask(ASKED)
    assert answer.text.startswith(again if stands else "文档中是这样写的：")
    assert "> Employees are entitled to 15 days" in answer.text


def test_a_table_is_in_no_language() -> None:
    table = "Model | Memory (GB)\n---|---|\n7B | 4.2 |"
    assert documents_language(ASKED, [table, EN]) == "en"
    assert documents_language(ASKED, [table, ZH]) is None
    assert documents_language(ASKED, [table]) is None


@pytest.mark.parametrize(("question", "pages"), [(ASKED, (ZH,)), (IN_ENGLISH, (EN, ZH))])
def test_nothing_is_translated_where_the_documents_speak_the_questions_language(
    question: str, pages: tuple[str, ...]
) -> None:
    chat, model = _chat("15.", pages=pages)
    chat.ask(question)
    assert len(model.received) == 1


def test_documents_in_both_languages_are_asked_in_the_other_where_none_in_the_askers_answers() -> None:
    asked = "谁是 CEO？"
    chat, model = _chat("Who is the CEO?", "The CEO is Anna Schmidt.", "CEO 是 Anna Schmidt。", pages=(ZH, EN))
    answer = chat.ask(asked)
    assert asked in str(model.received[0][-1].content)
    assert "Who is the CEO?" in chat._sources.searched  # type: ignore[attr-defined]
    assert "Anna Schmidt" in answer.text
    assert not answer.abstained


def test_beyond_the_first_five_the_nearest_in_another_language_come_first() -> None:
    def hit(n: int, text: str, nearness: float) -> Hit:
        return Hit(n, 1 / n, f"d{n}", f"/d{n}.txt", 1, (), 0, len(text), text, n, n, LegScore(n, nearness))

    class Mixed(Shelf):
        def search(self, query: str, kb: str = "default", k: int | None = None) -> list[Hit]:
            own = [hit(n, f"{ZH}{n}", 0.9) for n in range(1, 10)]
            return [*own, hit(10, EN, 0.5), hit(11, CANTEEN, 0.7), hit(12, f"{EN} {EN}", 0.6)][: k or 8]

    found = Lookup(Mixed(), "default", 8, mixed=True)(ASKED).hits
    assert [one.document for one in found] == ["d1", "d2", "d3", "d4", "d5", "d10", "d11", "d12"]
    assert [one.rank for one in found] == list(range(1, 9))
    assert [one.document for one in Lookup(Mixed(), "default", 6, mixed=True)(ASKED).hits][5:] == ["d11"]
    assert [one.document for one in Lookup(Mixed(), "default", 3, mixed=True)(ASKED).hits] == ["d1", "d2", "d3"]
    assert [one.document for one in Lookup(Mixed(), "default", 8)(ASKED).hits] == [f"d{n}" for n in range(1, 9)]


def test_a_small_model_translates_nothing() -> None:
    chat, model = _chat(small=True)
    assert chat.ask(ASKED).hits
    assert not model.received


def test_a_model_that_fails_at_it_leaves_the_question_as_it_is() -> None:
    chat, model = _chat(RuntimeError("gone"), IN_ENGLISH, "15 days of annual leave.", RuntimeError("gone"))
    answer = chat.ask(ASKED)
    assert IN_ENGLISH in str(model.received[2][-1].content)
    assert answer.text.startswith("文档中是这样写的：\n\n> ")
    assert not answer.error


@pytest.mark.parametrize("second", ["", "There are 15 days."])
def test_the_first_translation_is_answered_where_the_second_is_none(second: str) -> None:
    chat, model = _chat(IN_ENGLISH, second, "There are 15 days.", "年假有 15 天。")
    chat.ask(ASKED)
    written = str(model.received[2][-1].content)
    assert IN_ENGLISH in written
    assert ASKED not in written
