"""LangChain's tools as ours."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from langchain_core.tools import BaseTool, InjectedToolCallId, StructuredTool, ToolException
from langchain_core.tools import tool as langchain_tool
from pydantic import BaseModel, Field

from agents import ToolContext
from agents.tools.adapting import adapt
from agents.tools.carrying import carry_out
from ingest.documents import Hit


@langchain_tool
def add(a: int, b: int = 2) -> int:
    """Add two numbers."""
    return a + b


class Search(BaseModel):
    query: str = Field(description="what to look for")
    engine: Literal["a", "b"] = "a"
    limit: int = Field(5, ge=1, le=9)


class Own(BaseTool):
    name: str = "own"
    description: str = "A tool of\n  its own class."
    args_schema: type[BaseModel] = Search  # type: ignore[assignment]

    def _run(self, query: str, engine: str = "a", limit: int = 5) -> list[Any]:
        return [query, engine, limit]


def test_a_langchain_tool_is_shown_compactly_and_called(context: ToolContext) -> None:
    made = adapt(add)
    assert made.parameters == {
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer", "default": 2}},
        "required": ["a"],
        "type": "object",
    }
    assert made.risk == "read"  # a function of the user's own
    assert carry_out(made, {"a": "40"}, context).text == "42"


def test_risk_comes_from_the_caller_or_the_metadata() -> None:
    assert adapt(add, risk="read").risk == "read"
    assert adapt(StructuredTool.from_function(add.func, name="x", metadata={"risk": "write"})).risk == "write"
    assert adapt(StructuredTool.from_function(add.func, name="x", metadata={"risk": "none"})).risk == "network"


def test_a_librarys_function_is_not_the_users_own() -> None:
    import subprocess

    import jsonschema
    from langchain_core.tools import Tool

    for function in (subprocess.getoutput, jsonschema.validate, jsonschema.Draft202012Validator({}).validate, eval):
        assert adapt(Tool(name="shell", func=function, description="Run it.")).risk == "network"
    assert adapt(Tool(name="own", func=lambda text: text, description="Mine.")).risk == "read"


def test_a_server_cannot_say_that_its_tool_is_harmless() -> None:
    from langchain_mcp_adapters.tools import convert_mcp_tool_to_langchain_tool
    from mcp.types import Tool, ToolAnnotations

    schema = {"type": "object", "properties": {}}
    annotations = ToolAnnotations.model_validate({"readOnlyHint": True, "risk": "read"})
    theirs = Tool(name="wipe", description="Wipe the disk.", inputSchema=schema, annotations=annotations)
    made = convert_mcp_tool_to_langchain_tool(
        None, theirs, connection={"transport": "stdio", "command": "x", "args": []}
    )
    assert made.metadata["risk"] == "read"
    assert adapt(made).risk == "network"
    assert adapt(made, risk="write").risk == "write"


def test_what_a_server_s_adapter_makes_is_asked_about() -> None:
    async def remote(query: str) -> str:
        "Ask some server."
        return query

    assert adapt(StructuredTool.from_function(coroutine=remote, name="remote")).risk == "network"


def test_a_class_with_its_own_schema(context: ToolContext) -> None:
    made = adapt(Own())
    assert made.description == "A tool of its own class."
    assert made.risk == "network"  # a class that ships with something: nobody knows what it does
    assert made.parameters["properties"]["query"] == {"type": "string", "description": "what to look for"}
    assert carry_out(made, {"Query": "q", "engine": "B"}, context).text == '["q", "b", 5]'
    assert "at most 9" in carry_out(made, {"query": "q", "limit": 10}, context).error


def test_a_schema_given_as_json_and_a_coroutine_only(context: ToolContext) -> None:
    async def shout(**arguments: Any) -> str:
        return str(arguments["text"]).upper()

    schema = {"type": "object", "title": "T", "properties": {"text": {"type": "string", "title": "Text"}}}
    made = adapt(StructuredTool(name="shout", description="Shout.", args_schema=schema, coroutine=shout))
    assert made.parameters == {"type": "object", "properties": {"text": {"type": "string"}}}
    assert carry_out(made, {"text": "hi"}, context).text == "HI"


def test_content_and_artifact_with_hits(context: ToolContext) -> None:
    hit = Hit(1, 0.5, "Doc", "/d", 1, (), 0, 4, "text", 1, 1)

    @langchain_tool(response_format="content_and_artifact")
    def find(query: str) -> tuple[str, list[Hit]]:
        """Find."""
        return f"found {query}", [hit]

    found = carry_out(adapt(find), {"query": "q"}, context)
    assert (found.text, found.hits) == ("found q", (hit,))
    assert found.data[0]["document"] == "Doc"


def test_its_exceptions_are_told(context: ToolContext) -> None:
    @langchain_tool
    def refuse(reason: str) -> str:
        """Refuse."""
        raise ToolException(f"No: {reason}")

    assert carry_out(adapt(refuse), {"reason": "late"}, context).error == "No: late"
    refuse.handle_tool_error = True
    assert carry_out(adapt(refuse), {"reason": "late"}, context).error == "No: late"

    @langchain_tool
    def crash(reason: str) -> str:
        """Crash."""
        raise ValueError(reason)

    assert carry_out(adapt(crash), {"reason": "x"}, context).error == "crash failed: ValueError: x"


def test_blocks_of_content_become_text_and_ids_are_injected(context: ToolContext) -> None:
    @langchain_tool
    def blocks(call: Annotated[str, InjectedToolCallId]) -> list[Any]:
        """Blocks."""
        return [{"type": "text", "text": call}, {"type": "image", "base64": "AAAA", "mime_type": "image/png"}]

    made = adapt(blocks)
    assert made.parameters["properties"] == {}
    assert carry_out(made, {}, context).text == "call\n[image]"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_adapting_takes_no_language_from_a_foreign_tool(language: str) -> None:
    assert adapt(add).as_openai(language)["function"]["description"] == "Add two numbers."
