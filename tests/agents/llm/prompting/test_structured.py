from __future__ import annotations

import json

import pytest
from langchain_core.exceptions import OutputParserException
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessage
from pydantic import BaseModel

from agents.llm.prompting.prompting import Prompt
from agents.llm.prompting.reply import Reply
from agents.llm.prompting.wishes import Wishes
from agents.llm.schema.refusals import SchemaRefused
from agents.llm.streaming import last_chunk
from ingest.errors import ModelError

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@pytest.mark.parametrize(
    ("written", "schema"),
    [
        ({"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA, "strict": True}}, SCHEMA),
        ({"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}, SCHEMA),
        ({"type": "json_schema", "schema": SCHEMA}, SCHEMA),
        ({"type": "json_object", "schema": SCHEMA}, SCHEMA),
        ({"type": "json_object"}, {"type": "object"}),
        ({"type": "text"}, None),
        (None, None),
    ],
)
def test_both_spellings_of_response_format_mean_the_same(written, schema) -> None:
    assert Wishes.of({"response_format": written}).schema == schema


@pytest.mark.parametrize(
    "written", [{"type": "json_schema"}, {"type": "xml"}, "json", {"type": "json_schema", "json_schema": {"schema": 3}}]
)
def test_a_response_format_that_cannot_be_read_is_an_error(written) -> None:
    with pytest.raises(ModelError, match="response_format"):
        Wishes.of({"response_format": written})


def test_a_tool_that_is_not_there_is_an_error() -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    with pytest.raises(ModelError, match="no tool called 'g'"):
        Wishes.of({"tools": tools, "tool_choice": "g"})
    wishes = Wishes.of({"tools": tools, "tool_choice": {"function": {"name": "f"}}})
    assert [tool["function"]["name"] for tool in wishes.chosen] == ["f"]


@pytest.mark.parametrize(
    ("written", "chosen", "several"),
    [
        (["f", "g"], ["f", "g"], True),
        (("g",), ["g"], False),
        ([{"type": "function", "function": {"name": "h"}}, "f"], ["f", "h"], True),
        ({"type": "function", "name": "g"}, ["g"], False),
        ({"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "g"}]}, ["g"], False),
        ("required", ["f", "g", "h"], True),
        (True, ["f", "g", "h"], True),
    ],
)
def test_a_forced_call_may_be_of_one_of_several_tools(written, chosen, several) -> None:
    tools = [{"type": "function", "function": {"name": name}} for name in "fgh"]
    wishes = Wishes.of({"tools": tools, "tool_choice": written, "parallel_tool_calls": True})
    assert wishes.forces_call
    assert [tool["function"]["name"] for tool in wishes.chosen] == chosen
    assert wishes.several is several
    assert not Wishes.of({"tools": tools, "tool_choice": written}).several


@pytest.mark.parametrize("written", ["auto", None, [], {"type": "allowed_tools", "mode": "auto", "tools": ["f"]}])
def test_what_leaves_the_choice_to_the_model_forces_nothing(written) -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    assert not Wishes.of({"tools": tools, "tool_choice": written}).forces_call


def test_a_list_with_a_tool_that_is_none_names_it() -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    with pytest.raises(ModelError, match="no tool called 'x' to choose"):
        Wishes.of({"tools": tools, "tool_choice": ["f", "x"]})


def _said(prompt: Prompt, text: str, reason: str = "stop") -> AIMessage:
    reply = Reply(prompt, [])
    raw = text.encode()
    chunks = [chunk for i in range(0, len(raw), 7) for chunk in reply.feed(raw[i : i + 7])]
    chunks += reply.finish(reason)
    chunks.append(last_chunk("m", asked=1, cached=0, said=1, reason=reply.reason, problem=reply.problem))
    return generate_from_stream(iter(chunks)).generations[0].message


def test_a_reply_is_checked_by_its_schema_when_it_is_there() -> None:
    prompt = Prompt([], schema=SCHEMA)
    good = _said(prompt, '{"name": "Ann", "age": 3}')
    assert (json.loads(good.content), "structure_problem" in good.response_metadata) == (
        {"name": "Ann", "age": 3},
        False,
    )
    assert "no JSON" in _said(prompt, "Ann is three.").response_metadata["structure_problem"]
    assert "'age' is a required" in _said(prompt, '{"name": "Ann"}').response_metadata["structure_problem"]


@pytest.mark.parametrize(
    ("reason", "words"), [("length", "cut off by max_tokens"), ("cancelled", "cancelled"), ("repetition", "in circles")]
)
def test_a_reply_that_did_not_come_to_its_end_is_never_whole(reason, words) -> None:
    message = _said(Prompt([], schema=SCHEMA), '{"name": "Ann", "age": 3}', reason)
    assert words in message.response_metadata["structure_problem"]
    assert message.response_metadata["finish_reason"] == reason


def test_a_cut_off_object_is_an_error_and_never_half_of_one(bundled) -> None:
    with pytest.raises(OutputParserException, match="cut off by max_tokens"):
        bundled.with_structured_output(Person, max_tokens=5).invoke("Ann is three.")
    found = bundled.with_structured_output(Person, include_raw=True, max_tokens=5).invoke("Ann is three.")
    assert found["parsed"] is None
    assert "cut off" in str(found["parsing_error"])
    assert found["raw"].response_metadata["finish_reason"] == "length"
    with pytest.raises(OutputParserException, match="cut off by max_tokens"):
        list(bundled.with_structured_output({**SCHEMA, "title": "person"}, max_tokens=5).stream("Ann is three."))


def test_a_schema_is_enforced_at_once(bundled) -> None:
    wanted = {"type": "object", "properties": {"n": {"enum": [17, 71]}}, "required": ["n"]}
    message = bundled.invoke(
        "Which is larger?", response_format={"type": "json_object", "schema": wanted}, max_tokens=100
    )
    assert json.loads(message.content)["n"] in (17, 71)
    assert not message.additional_kwargs.get("reasoning_content")


def test_a_schema_that_cannot_be_enforced_is_refused_before_anything_is_written(bundled) -> None:
    with pytest.raises(SchemaRefused, match="'uniqueItems' at #/uniqueItems"):
        bundled.invoke("x", response_format={"type": "json_object", "schema": {"type": "array", "uniqueItems": True}})
