"""A question in another language than the documents is asked of them in theirs."""

from __future__ import annotations

import pytest
from agents_shelf import CANTEEN, EN, ZH, Shelf

from agents.chat.chat import Chat
from agents.chat.lookup import Lookup
from agents.chat.translation import translated
from agents.chat.writer import Writer
from agents.llm.scripted import ScriptedChat
from agents.proof.answering import AnswerCheck
from agents.proof.statements import Statement

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
        ("", ""),
    ],
)
def test_what_is_no_translation_is_left_out(reply: str, kept: str) -> None:
    assert translated(ASKED, "en", lambda _: reply) == kept


def test_a_translation_keeps_every_number() -> None:
    assert translated("What may 2 nights in room 41 cost?", "zh", lambda _: "41 号房住 2 晚要多少钱？")
    assert not translated("What may 2 nights in room 41 cost?", "zh", lambda _: "14 号房住 2 晚要多少钱？")


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


def test_the_model_is_asked_once_for_the_question_in_the_documents_language() -> None:
    chat, model = _chat(IN_ENGLISH, "年假有 15 天。")
    answer = chat.ask(ASKED)
    assert len(model.received) == 2
    assert ASKED in str(model.received[0][-1].content)
    assert not answer.abstained
    assert "15 days" in " ".join(citation.quote for citation in answer.citations)


@pytest.mark.parametrize(("question", "pages"), [(ASKED, (ZH,)), (IN_ENGLISH, (EN, ZH))])
def test_nothing_is_translated_where_the_documents_speak_the_questions_language(
    question: str, pages: tuple[str, ...]
) -> None:
    chat, model = _chat("15.", pages=pages)
    chat.ask(question)
    assert len(model.received) == 1


def test_a_small_model_translates_nothing() -> None:
    chat, model = _chat(small=True)
    assert chat.ask(ASKED).hits
    assert not model.received


def test_a_model_that_fails_at_it_leaves_the_question_as_it_is() -> None:
    chat, model = _chat(RuntimeError("gone"), "年假有 15 天。")
    answer = chat.ask(ASKED)
    assert len(model.received) == 2
    assert not answer.error
