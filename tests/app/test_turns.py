from __future__ import annotations

import threading

from agents.chat.answers import Answer, Answered, Found, Quoted, Standalone, Thought, Token
from app.turns import Turn
from ingest.errors import ModelError
from ingest.language import Text, say, speaking


class Chat:
    """Yields its events; waits before the one called 'wait' until it is cancelled or told to go on."""

    def __init__(self, *events) -> None:
        self.events = events
        self.go = threading.Event()
        self.cancelled = False
        self.language = ""

    def stream(self, question):
        self.language = say(en="en", zh="zh")
        for event in self.events:
            if event == "wait":
                assert self.go.wait(20)
            elif isinstance(event, Exception):
                raise event
            else:
                yield event

    def cancel(self):
        self.cancelled = True
        self.go.set()


def test_a_turn_collects_what_the_chat_yields():
    answer = Answer("q", "q2", "ab", abstained=False)
    thoughts, tokens = (Thought("h"), Thought("m")), (Token("a"), Token("b"))
    chat = Chat(Standalone("q2"), Found(()), Quoted(()), *thoughts, *tokens, Answered(answer))
    with speaking("zh"):
        turn = Turn(chat, "q", "7")
    assert turn.wait(20)
    assert (turn.standalone, turn.hits, turn.thoughts, turn.text, turn.answer) == ("q2", (), "hm", "ab", answer)
    assert not turn.running
    assert turn.error is None
    assert chat.language == "zh"


def test_evidence_can_be_read_before_the_first_token():
    chat = Chat(Found(()), "wait", Token("a"))
    turn = Turn(chat, "q")
    while turn.hits is None:
        assert not turn.wait(0.01)
    assert turn.text == ""
    assert turn.running
    chat.go.set()
    assert turn.wait(20)
    assert turn.text == "a"


def test_stop_cancels_the_chat():
    chat = Chat(Token("a"), "wait")
    turn = Turn(chat, "q")
    turn.stop()
    assert turn.wait(20)
    assert chat.cancelled
    assert turn.stopping


def test_errors_end_the_turn_with_a_sentence():
    ours = ModelError(Text(en="no model", zh="没有模型"))
    for error, expected in ((ours, "no model"), (ZeroDivisionError("boom"), "boom")):
        with speaking("en"):
            turn = Turn(Chat(Token("a"), error), "q")
            assert turn.wait(20)
            assert expected in str(turn.error)
