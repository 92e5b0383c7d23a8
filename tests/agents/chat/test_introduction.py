"""Greetings are answered; a question for the documents never is."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from agents.chat.chat import Chat
from agents.chat.introduction import Introduction
from agents.chat.writer import Writer
from agents.llm.scripted import ScriptedChat
from ingest.documents import Document
from ingest.embedders.factory import create
from ingest.settings import load_settings
from tests.agents.shelf import EN, Shelf

ROOT = Path(__file__).parents[3]


class _Titles:
    def __init__(self, *titles: str) -> None:
        self._titles = titles

    def documents(self, kb: str = "default") -> list[Document]:
        return [SimpleNamespace(title=t, chunks=n, path=t) for n, t in enumerate(self._titles)]  # type: ignore[misc]


@pytest.fixture(scope="module")
def introduction() -> Introduction:
    return Introduction(_Titles("Handbook", "员工手册", "Prices [1]"), create(load_settings()).embed_query)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("你好", "我是智库（Zhiku），根据知识库“staff”中的 3 份文档"),
        ("你好，你能做什么？", "我是智库"),
        ("請問你是誰？", "我是智庫"),
        ("谢谢！", "不客气"),
        (
            "Hello! What can you do?",
            "I am Zhiku. I answer questions from the 3 documents in the knowledge base “staff”",
        ),
        ("who are you", "I am Zhiku"),
        ("Thank you very much.", "You are welcome"),
    ],
)
def test_a_greeting_gets_a_fixed_answer_in_its_language(introduction: Introduction, said: str, answer: str) -> None:
    found = introduction.answer(said, "staff")
    assert found is not None
    assert found.startswith(answer)
    assert "[" not in found


def test_titles_of_the_language_asked_in_come_first(introduction: Introduction) -> None:
    assert "《员工手册》" in str(introduction.answer("你好", "staff")).split("《Prices")[0]
    assert "“Prices 1”, “Handbook” or “员工手册”" in str(introduction.answer("Hi", "staff"))
    assert "holds none yet" in str(Introduction(_Titles(), lambda _: None).answer("Hi", "new"))  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    "question",
    [
        "hello world 示例在哪里?", "你好，年假有几天？", "你好，公司的停车费是多少？", "谢谢，那病假呢？", "Hello, who founded the company?",
        "Which countries do you ship to?", "你们的产品保修多久？", "Can you tell me the warranty period?", "为什么？", "And abroad?",
        "help desk", "thank you letter", "人工智能", "帮助文档", "早班", "你好，李焕英的导演是谁？", "RAG", "...",
    ],
)  # fmt: skip
def test_a_question_is_left_to_the_documents(introduction: Introduction, question: str) -> None:
    assert introduction.answer(question, "staff") is None


def test_no_question_about_the_sample_corpus_is_taken(introduction: Introduction) -> None:
    lines = (ROOT / "data" / "questions.jsonl").read_text("utf-8").splitlines()
    lines += (ROOT / "tests" / "benchmarks" / "follow_ups.jsonl").read_text("utf-8").splitlines()
    for record in map(json.loads, lines):
        for question in (record["question"], record.get("first", record["question"])):
            assert introduction.answer(question, "staff") is None, question


def test_nothing_is_searched_and_no_model_is_asked(introduction: Introduction) -> None:
    shelf = Shelf(EN)
    model = ScriptedChat(replies=["No."])
    chat = Chat(shelf, Writer(lambda: model, "scripted"), introduction=introduction)
    answer = chat.ask("What can you do?", [("How many days of leave?", "15")])
    assert (answer.model, answer.abstained, answer.citations, answer.hits) == ("", False, (), ())
    assert (shelf.searched, model.received) == ([], [])


def test_a_greeting_is_not_what_a_later_question_means(introduction: Introduction) -> None:
    shelf = Shelf(EN)
    chat = Chat(shelf, Writer(lambda: ScriptedChat(), "small", small=lambda: True), introduction=introduction)
    history = [chat.ask("How many days of leave?"), chat.ask("What can you do?")]
    assert chat.ask("Can it be carried over?", history).standalone_question.startswith("How many days of leave?")
