"""The platform put together: hashing embedder, scripted model, real library, real store."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from agents import open_platform
from agents.chat.answers import Answered, Token
from agents.llm.scripted import ScriptedChat
from ingest.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agents.platform import Platform

TEXT = "# Leave\n\nEmployees get 15 days of annual leave.\n\nUnused leave may be carried over until March."
REPLY = "Employees get 15 days of annual leave [1]."
QUESTION = "How many days of annual leave do employees get?"


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    (tmp_path / "leave.md").write_text(TEXT, "utf-8")
    settings = dataclasses.replace(load_settings(tmp_path / "home"), embedder="hashing")
    model = ScriptedChat(replies=[REPLY] * 3, token_seconds=0.001)
    with open_platform(tmp_path / "home", model=model, settings=settings) as opened:
        opened.library.add([tmp_path / "leave.md"])
        yield opened


def test_a_question_goes_all_the_way(platform: Platform) -> None:
    answer = platform.chat().ask(QUESTION)
    assert answer.text == REPLY
    (citation,) = answer.citations
    assert citation.verified
    assert (
        platform.library.page_text(citation.document_id, citation.page)[citation.start : citation.end] == citation.quote
    )
    assert not platform.extractive


def test_a_conversation_is_kept(platform: Platform) -> None:
    conversation = platform.conversations.create()
    platform.chat(conversation=conversation).ask(QUESTION)
    assert [turn.text for turn in platform.conversations.turns(conversation)] == [REPLY]


def test_a_reader_who_leaves_stops_the_model_and_the_turn_is_kept(platform: Platform) -> None:
    conversation = platform.conversations.create()
    stream = platform.chat(conversation=conversation).stream(QUESTION)
    seen = 0
    for event in stream:
        assert not isinstance(event, Answered)
        seen += isinstance(event, Token)
        if seen == 3:
            break
    stream.close()  # type: ignore[attr-defined]
    (turn,) = platform.conversations.turns(conversation)
    assert turn.stopped
    assert 0 < len(turn.text) < len(REPLY)
    assert turn.hits


def test_langchain_gets_the_parts(platform: Platform) -> None:
    assert len(platform.embeddings.embed_query("leave")) > 0
    assert platform.chat_model.invoke("hello").content == REPLY


class _Judges:
    """Opened for each answer; says yes."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, float]] = []

    def entailment(self, question, seconds, cancel):
        self.opened.append((question, seconds))
        return lambda sentence, sources, /: [1.0] * len(sources)

    def close(self) -> None:
        self.opened.clear()


def test_a_judge_has_its_vote_on_an_answer_and_a_share_of_its_time(platform: Platform) -> None:
    claim = "雇员每年享有十五天年假 [1]。"
    platform.language_model.__dict__["chat"] = ScriptedChat(replies=[claim, claim], token_seconds=0.001)
    platform.language_model.__dict__["judges"] = None
    assert not any(sentence.supported for sentence in platform.chat().ask(QUESTION).sentences)
    judges = platform.language_model.__dict__["judges"] = _Judges()
    answer = platform.chat().ask(QUESTION)
    assert [sentence.verdict for sentence in answer.sentences] == ["supported"]
    ((question, seconds),) = judges.opened
    assert question == QUESTION
    assert 0 < seconds <= 0.16 * answer.timings["total"]


def test_the_verifier_is_the_one_that_the_settings_name(platform: Platform, tmp_path: Path) -> None:
    from ingest.errors import ModelError

    def judges(verifier: str):
        settings = dataclasses.replace(platform.settings, verifier=verifier)
        opened = open_platform(tmp_path / "home", model=ScriptedChat(replies=[]), settings=settings)
        try:
            return opened.language_model.judges
        finally:
            opened.close()

    assert judges("off") is None
    assert judges("auto") is not None
    with pytest.raises(ModelError, match="There is no folder"):
        judges(str(tmp_path / "nowhere"))
