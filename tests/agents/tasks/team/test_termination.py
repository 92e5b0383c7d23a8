"""Conditions by themselves and combined."""

from __future__ import annotations

import pytest

from agents import (
    ApprovalTermination,
    ExternalTermination,
    FunctionCallTermination,
    HandoffTermination,
    MaxMessageTermination,
    Message,
    Observation,
    SourceMatchTermination,
    TextMentionTermination,
    Thread,
    TimeoutTermination,
    TokenUsageTermination,
)
from agents.llm.usage import Usage
from agents.tasks.events import Call, StepRecord
from ingest.language import speaking


def thread(*messages: Message, seconds: float = 0.0) -> Thread:
    return Thread("t", messages, seconds)


def said(text: str, by: str = "a", **more) -> Message:
    return Message(by, text, **more)


def called(tool: str, error: str = "") -> Message:
    record = StepRecord(Call("1", tool, {}, "read", 0, "k"), Observation("x", error=error))
    return Message("a", "", (record,))


@pytest.mark.parametrize(("condition", "before", "after", "ending"), [
    (MaxMessageTermination(2), thread(said("x")), thread(said("x"), said("y")), "limit"),
    (TextMentionTermination("Approve"), thread(said("no")), thread(said("I APPROVE this")), "done"),
    (TextMentionTermination("ok", sources=["critic"]), thread(said("ok")), thread(said("ok", "critic")), "done"),
    (TokenUsageTermination(10), thread(said("x", usage=Usage(5, 0, 4))), thread(said("x", usage=Usage(5, 0, 5))), "limit"),
    (TokenUsageTermination(max_completion_token=3), thread(said("x", usage=Usage(50, 0, 2))), thread(said("x", usage=Usage(0, 0, 3))), "limit"),
    (TimeoutTermination(2), thread(seconds=1.9), thread(seconds=2), "limit"),
    (FunctionCallTermination("save"), thread(called("save", "failed")), thread(called("save")), "done"),
    (HandoffTermination("user"), thread(said("x", to="b")), thread(said("x", to="user")), "done"),
    (SourceMatchTermination(["b"]), thread(said("x")), thread(said("x"), said("y", "b")), "done"),
    (ApprovalTermination(["b"]), thread(said("x", approved=True)), thread(said("x", "b", approved=True)), "done"),
])  # fmt: skip
def test_each_is_met_when_it_says(condition, before, after, ending):
    assert condition.met(before) is None
    stop = condition.met(after)
    assert stop.ending == ending
    assert stop.reason


def test_either_and_both():
    either = MaxMessageTermination(3) | TextMentionTermination("done")
    both = MaxMessageTermination(2) & TextMentionTermination("done")
    assert either.met(thread(said("done"))).ending == "done"
    assert either.met(thread(said("x"), said("y"))) is None
    assert both.met(thread(said("done"))) is None
    assert both.met(thread(said("x"), said("y"))) is None
    # What was said earlier counts, as AutoGen's `&` remembers it.
    assert both.met(thread(said("done"), said("y"))).ending == "limit"


def test_work_that_is_done_goes_before_a_spent_budget():
    condition = MaxMessageTermination(1) | TextMentionTermination("done") | TimeoutTermination(0)
    assert condition.met(thread(said("done"), seconds=5)).ending == "done"
    assert len(condition.conditions) == 3


def test_a_condition_serves_again_and_speaks_chinese():
    condition = TextMentionTermination("完成")
    assert condition.met(thread(said("完成")))
    assert condition.met(thread(said("x"))) is None
    with speaking("zh"):
        assert "说了" in condition.met(thread(said("完成"))).reason


def test_a_stop_from_outside():
    condition = ExternalTermination()
    assert (condition | MaxMessageTermination(9)).met(thread()) is None
    condition.set()
    assert (condition | MaxMessageTermination(9)).met(thread()).ending == "cancelled"


def test_and_remembers_what_only_the_last_message_shows():
    handed_over = HandoffTermination("user") & MaxMessageTermination(3)
    early = thread(said("x"), said("over to you", to="user"))
    assert handed_over.met(early) is None
    assert handed_over.met(thread(*early.messages, said("y"))).ending == "limit"
    assert handed_over.met(thread(said("x"), said("y"), said("z"))) is None
