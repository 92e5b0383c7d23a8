"""Nothing that a person wrote is cut without a word when a prompt is larger than the model's context."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from langchain_core.language_models import BaseChatModel

from agents.chat.chat import Chat
from agents.chat.rewrite import Turn
from agents.chat.writer import Writer
from agents.llm import open_model
from agents.llm.errors import PromptTooLong
from ingest.settings import Settings
from tests.agents.shelf import CANTEEN, EN, Shelf

QUESTION = "When does the canteen open?"


@pytest.fixture(scope="module")
def model() -> Iterator[BaseChatModel]:
    """The real bundled model with a context of 768 tokens."""
    small = open_model("bundled", Settings(context=768, max_tokens=32))
    yield small
    small.engine.close()  # type: ignore[attr-defined]


@pytest.fixture
def writer(model: BaseChatModel) -> Writer:
    return Writer(lambda: model, "small", context=768, max_tokens=32)


def test_the_oldest_turns_go_first_and_the_question_stays_whole(writer: Writer, model: BaseChatModel) -> None:
    turns = [Turn(f"Question number {n}? " + "word " * 12, f"Answer number {n}. " + "word " * 12) for n in range(6)]
    request = writer.request(QUESTION, Shelf(CANTEEN).hits(), turns, "en")
    text = "\n".join(content for _, content in request.messages)
    assert QUESTION in text
    assert CANTEEN in text
    assert "Question number 5" in text
    assert "Question number 0" not in text
    assert list(writer.stream(request, threading.Event()))  # and the model takes it


def test_passages_that_do_not_fit_are_left_out_and_counted(writer: Writer) -> None:
    request = writer.request(QUESTION, Shelf(CANTEEN, *[EN * 4] * 8).hits(), [], "en")
    text = "\n".join(content for _, content in request.messages)
    assert QUESTION in text
    assert CANTEEN in text  # the best one is whole
    assert 1 <= request.passages < 9
    assert list(writer.stream(request, threading.Event()))


def test_a_question_longer_than_the_context_is_an_error_and_the_quotes_stand(writer: Writer) -> None:
    question = "When does the canteen open, " + "given all that was said before, " * 200 + "on Mondays?"
    request = writer.request(question, Shelf(CANTEEN).hits(), [], "en")
    assert question in request.messages[-1][1]
    with pytest.raises(PromptTooLong) as caught:
        list(writer.stream(request, threading.Event()))
    assert caught.value.tokens > caught.value.limit

    answer = Chat(Shelf(CANTEEN), writer).ask(question)
    assert "context holds" in answer.error
    assert CANTEEN.rstrip(".") in answer.text
