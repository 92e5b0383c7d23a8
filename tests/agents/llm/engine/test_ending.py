"""A constrained reply that nears its limit is brought to its end instead of being cut off in the middle of a value."""

from __future__ import annotations

import json
from typing import Any

import pytest

SCHEMAS: dict[str, dict[str, Any]] = {
    "a string": {"type": "object", "properties": {"story": {"type": "string"}}, "required": ["story"]},
    "a list": {
        "type": "object",
        "properties": {"numbers": {"type": "array", "items": {"type": "integer"}, "minItems": 3}},
        "required": ["numbers"],
    },
    "a list of strings": {
        "type": "object",
        "properties": {"words": {"type": "array", "items": {"type": "string"}}, "last": {"type": "string"}},
        "required": ["words", "last"],
    },
}
ASKED = "Write a very long story about a river, with all the numbers from 1 to 1000 and all the words you know."


@pytest.mark.parametrize("limit", [60, 90])
@pytest.mark.parametrize("name", SCHEMAS)
def test_a_reply_at_its_limit_is_whole(bundled, name: str, limit: int) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMAS[name]}}
    reply = bundled.invoke(ASKED, response_format=form, max_tokens=limit)
    assert set(SCHEMAS[name]["required"]) <= set(json.loads(reply.text))
    # Whole as JSON, and yet not what the model had to say: whoever reads it must be able to tell.
    told = reply.response_metadata
    cut = "max_tokens" in told.get("structure_problem", "")
    assert cut == (told["finish_reason"] == "length")
    assert cut or name == "a string"  # which the model brings to its end by itself, in four words


def test_a_call_at_its_limit_is_whole(bundled) -> None:
    parameters = SCHEMAS["a string"]
    tool = {"type": "function", "function": {"name": "tell", "description": "Tell it.", "parameters": parameters}}
    reply = bundled.bind_tools([tool], tool_choice="any").invoke(ASKED, max_tokens=60)
    assert [call["name"] for call in reply.tool_calls] == ["tell"]
    assert reply.invalid_tool_calls == []


def test_free_text_is_not_brought_to_anything(bundled) -> None:
    tool = {"type": "function", "function": {"name": "tell", "parameters": SCHEMAS["a string"]}}
    plain = bundled.invoke(ASKED, max_tokens=30)
    offered = bundled.bind_tools([tool]).invoke([("user", ASKED)], max_tokens=30)
    assert '"""' not in plain.text + offered.text


def test_a_list_that_runs_in_circles_is_ended(bundled) -> None:
    """The same number over and over: long before the limit, the call is brought to its end."""
    parameters = {
        "type": "object",
        "properties": {"data": {"type": "array", "items": {"type": "integer"}}},
        "required": ["data"],
    }
    tool = {"type": "function", "function": {"name": "plot", "description": "Plot data.", "parameters": parameters}}
    asked = "Plot 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91."
    reply = bundled.bind_tools([tool], tool_choice="any").invoke(asked, max_tokens=1000)
    assert [call["name"] for call in reply.tool_calls] == ["plot"]
    assert reply.usage_metadata["output_tokens"] < 900
