"""What goes back into the prompt is valid, whatever came before: half calls, results of nothing, calls without one."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from agents.llm.calls import FAMILIES
from agents.llm.prompting.messages import as_family, as_template_messages
from agents.llm.streaming import malformed_chunk

_FAMILIES = {family.name: family for family in FAMILIES}
_TWO = AIMessage(
    content="",
    tool_calls=[{"name": "f", "args": {"q": "年假"}, "id": "call_1"}, {"name": "g", "args": {}, "id": "call_2"}],
)


def _roles(messages: list[dict]) -> list[str]:
    return [message["role"] for message in messages]


def test_half_a_call_is_told_of_and_not_repeated() -> None:
    chunk = malformed_chunk(0, '{"name": "f", "arguments": {"q": "ab', "cut off before its end: not valid JSON", "x")
    told = as_template_messages([HumanMessage("?"), chunk.message, HumanMessage("Go on.")])[1]
    assert told == {
        "role": "assistant",
        "content": "(A call was begun here that was not carried out: cut off before its end: not valid JSON.)",
    }


def test_half_a_call_of_another_model_is_told_of_by_its_name() -> None:
    bad = {"type": "invalid_tool_call", "name": "f", "args": '{"q": "ab', "id": "1", "error": None}
    message = AIMessage(content="I look.", invalid_tool_calls=[bad])
    (told,) = as_template_messages([message])
    assert told["content"].startswith("I look.\n(A call of 'f' was begun here that was not carried out:")
    assert "ab" not in told["content"]
    assert "tool_calls" not in told


def test_a_call_that_was_never_answered_gets_a_result_that_says_so() -> None:
    told = as_template_messages(
        [HumanMessage("?"), _TWO, ToolMessage("5", tool_call_id="call_2"), HumanMessage("And?")]
    )
    assert _roles(told) == ["user", "assistant", "tool", "tool", "user"]
    assert (told[3]["tool_call_id"], told[3]["name"]) == ("call_1", "f")
    assert "not carried out" in told[3]["content"]


def test_a_result_of_no_call_is_told_in_words() -> None:
    told = as_template_messages([SystemMessage("s"), HumanMessage("?"), ToolMessage("5", tool_call_id="gone")])
    assert _roles(told) == ["system", "user", "user"]
    assert "5" in told[2]["content"]


def test_ids_are_what_the_familys_template_takes() -> None:
    told = as_template_messages(
        [_TWO, ToolMessage("5", tool_call_id="call_1"), ToolMessage("6", tool_call_id="call_2")]
    )
    kimi = as_family([*told, *told], _FAMILIES["kimi-k2"])
    assert [call["id"] for call in kimi[0]["tool_calls"]] == ["functions.f:0", "functions.g:1"]
    assert [message["tool_call_id"] for message in kimi[1:3]] == ["functions.f:0", "functions.g:1"]
    mistral = as_family(told, _FAMILIES["mistral"])
    assert all(len(call["id"]) == 9 and call["id"].isalnum() for call in mistral[0]["tool_calls"])
    assert mistral[1]["tool_call_id"] == mistral[0]["tool_calls"][0]["id"]
    assert as_family(told, _FAMILIES["hermes"]) == told


@pytest.mark.parametrize("name", ["harmony", "llama3"])
def test_parallel_calls_become_one_a_message_where_the_template_writes_one(name) -> None:
    told = as_template_messages(
        [_TWO, ToolMessage("6", tool_call_id="call_2"), ToolMessage("5", tool_call_id="call_1")]
    )
    split = as_family([{"role": "user", "content": "?"}, *told, {"role": "user", "content": "!"}], _FAMILIES[name])
    assert _roles(split) == ["user", "assistant", "tool", "assistant", "tool", "user"]
    assert [m["tool_calls"][0]["function"]["name"] for m in split if "tool_calls" in m] == ["f", "g"]
    assert [m["content"] for m in split if m["role"] == "tool"] == ["5", "6"]
