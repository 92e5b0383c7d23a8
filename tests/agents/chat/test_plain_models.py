"""The chat with models at LangChain's own interface, which keep no thoughts apart and know no cancel."""

from __future__ import annotations

import threading

import pytest

from agents.chat.answers import Answer, Answered, Event, Thought, Token, Withdrawn
from agents.chat.chat import Chat
from agents.chat.history import Conversations
from agents.chat.writer import Writer
from agents.llm.scripted import ScriptedChat
from ingest.errors import UsageError
from tests.agents.plain import ANSWER, THOUGHT, WAYS, Streamed, Whole
from tests.agents.shelf import EN, Shelf

QUESTION = "How many days of annual leave?"
PAGE = "Employees get ten days of annual leave."


def asked(model: Whole, page: str = PAGE) -> tuple[Answer, list[Event]]:
    events = list(Chat(Shelf(page), Writer(lambda: model, "plain")).stream(QUESTION))
    assert isinstance(events[-1], Answered)
    return events[-1].answer, events


def shown(events: list[Event]) -> str:
    """What a reader has before them when the last token has come."""
    text = ""
    for event in events:
        text = "" if isinstance(event, Withdrawn) else text + event.text if isinstance(event, Token) else text
    return text


@pytest.mark.parametrize("kind", [Whole, Streamed])
@pytest.mark.parametrize("way", WAYS)
def test_a_thought_is_neither_shown_nor_checked_nor_kept_as_the_answer(way: str, kind: type[Whole]) -> None:
    answer, events = asked(kind(replies=[WAYS[way]]))
    assert answer.text == f"{ANSWER}\n\n> {PAGE} [1]"
    assert answer.thoughts.strip() == THOUGHT
    assert answer.unsupported_sentences == ()
    assert [citation.sentence for citation in answer.citations] == ["Ten days.", PAGE]
    assert "".join(event.text for event in events if isinstance(event, Thought)).strip() == THOUGHT
    assert shown(events).strip() == ANSWER


def test_only_what_was_shown_is_withdrawn() -> None:
    _, events = asked(Streamed(replies=[WAYS["a closer that nothing opened"]]))
    kinds = [type(event) for event in events if isinstance(event, Token | Withdrawn | Thought)]
    assert kinds == [Token, Token, Withdrawn, Thought, Token, Token]
    for way in ("tags", "an opener over three deltas", "the same in one line"):
        assert Withdrawn not in map(type, asked(Streamed(replies=[WAYS[way]]))[1])


@pytest.mark.parametrize(
    "text",
    [
        "Write `</think>` after ten days of annual leave [1].",
        "Ten days of annual leave, then <think> and </think> [1].",
        "Ten days of annual leave [1].\n\n```\n</think>\n```",
    ],
)
def test_an_answer_about_tags_is_an_answer(text: str) -> None:
    answer, _ = asked(Streamed(replies=[[text[:9], text[9:]]]), text)
    assert (answer.text, answer.thoughts) == (text, "")


def test_stopped_after_a_withdrawal_the_thought_is_not_the_answer() -> None:
    chat = Chat(Shelf(PAGE), Writer(lambda: Streamed(replies=[["Maybe 5.", "</think>", "Ten days", " [1]."]]), "plain"))
    for event in chat.stream(QUESTION):
        if isinstance(event, Withdrawn):
            chat.cancel()
        if isinstance(event, Answered):
            assert event.answer.stopped
            assert "Maybe" not in event.answer.text


class TestCancel:
    def chat(self, **more: object) -> tuple[Chat, Shelf, ScriptedChat]:
        shelf, model = Shelf(EN), ScriptedChat(replies=["Employees get 15 days of annual leave [1]."], repeat=True)
        return Chat(shelf, Writer(lambda: model, "scripted"), **more), shelf, model  # type: ignore[arg-type]

    def test_between_the_call_and_the_first_event(self) -> None:
        chat, shelf, model = self.chat()
        events = chat.stream(QUESTION)
        chat.cancel()
        (event,) = events
        assert isinstance(event, Answered)
        assert (event.answer.stopped, event.answer.text) == (True, "")
        assert shelf.searched == model.received == []
        assert chat.ask(QUESTION).text  # and the next question is none the worse

    def test_a_token_that_is_set_already(self) -> None:
        chat, shelf, model = self.chat()
        token = threading.Event()
        token.set()
        (event,) = chat.stream("And for how long?", [(QUESTION, "15 days.")], cancel=token)
        assert isinstance(event, Answered)
        assert event.answer.stopped
        assert shelf.searched == model.received == []

    def test_each_question_has_its_own(self) -> None:
        chat, _, _ = self.chat()
        token = threading.Event()
        first, second = chat.stream(QUESTION, cancel=token), chat.stream(QUESTION)
        chat.cancel()  # the latest
        answers = [event.answer for events in (first, second) for event in events if isinstance(event, Answered)]
        assert [answer.stopped for answer in answers] == [False, True]
        assert not token.is_set()

    def test_a_model_that_knows_no_cancel_is_left_alone(self) -> None:
        began, never = threading.Event(), threading.Event()

        class Deaf(Streamed):
            def _stream(self, *arguments: object, **options: object):  # type: ignore[no-untyped-def]
                began.set()
                never.wait(30)
                yield from super()._stream(*arguments, **options)

        chat = Chat(Shelf(EN), Writer(lambda: Deaf(replies=[["too late"]]), "deaf"))
        threading.Thread(target=lambda: (began.wait(), chat.cancel())).start()
        answer = chat.ask(QUESTION)
        never.set()
        assert (answer.stopped, answer.text) == (True, "")

    def test_a_turn_that_was_stopped_at_once_is_kept_as_one(self, tmp_path) -> None:
        store = Conversations(tmp_path)
        conversation = store.create("default")
        chat, _, _ = self.chat(memory=store, conversation=conversation)
        events = chat.stream(QUESTION)
        chat.cancel()
        list(events)
        assert [(turn.question, turn.stopped) for turn in store.turns(conversation)] == [(QUESTION, True)]

    def test_a_question_that_is_none_is_refused_at_once(self) -> None:
        with pytest.raises(UsageError):
            self.chat()[0].stream("  ")
