from __future__ import annotations

import threading

import pytest
from langchain_core.messages import AIMessage

from agents.llm.scripted import ScriptedChat, ScriptExhausted


def test_replays_in_order_and_remembers_what_it_was_asked() -> None:
    model = ScriptedChat(replies=["one", lambda messages: f"you said {messages[-1].content}"])
    assert [model.invoke("a").text, model.invoke("b").text] == ["one", "you said b"]
    assert [asked[-1].content for asked in model.received] == ["a", "b"]
    with pytest.raises(ScriptExhausted):
        model.invoke("c")


def test_streams_tokens_thoughts_usage() -> None:
    model = ScriptedChat(replies=["<think>let me see</think>\n\nPaid leave: 5 天。"])
    chunks = list(model.stream("?"))
    assert "".join(c.text for c in chunks) == "Paid leave: 5 天。"
    assert "".join(c.additional_kwargs.get("reasoning_content", "") for c in chunks) == "let me see"
    assert len(chunks) > 6
    assert chunks[-1].response_metadata["finish_reason"] == "stop"
    assert sum(c.usage_metadata["output_tokens"] for c in chunks if c.usage_metadata) > 5


def test_tool_calls_and_errors() -> None:
    call = AIMessage(content="", tool_calls=[{"name": "f", "args": {"q": "年假"}, "id": "1"}])
    model = ScriptedChat(replies=[call, ValueError("no")])
    answer = model.bind_tools([{"name": "f", "description": "", "parameters": {}}]).invoke("x")
    assert answer.tool_calls == [{"name": "f", "args": {"q": "年假"}, "id": "1", "type": "tool_call"}]
    assert answer.response_metadata["finish_reason"] == "tool_calls"
    assert model.options[0]["tools"][0]["function"]["name"] == "f"
    with pytest.raises(ValueError, match="no"):
        model.invoke("y")


def test_cancel_stop_and_length() -> None:
    cancel = threading.Event()
    model = ScriptedChat(replies=["a b c d e"], repeat=True)
    text = ""
    for chunk in model.stream("x", cancel=cancel):
        text += chunk.text
        cancel.set()
    assert text == "a"
    assert chunk.response_metadata["finish_reason"] == "cancelled"
    assert model.invoke("x", stop=["c"]).text == "a b "
    short = model.invoke("x", max_tokens=2)
    assert (short.text, short.response_metadata["finish_reason"]) == ("a b", "length")
