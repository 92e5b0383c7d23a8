"""What a caller wants of a reply: tools and whether one must be called, and a schema."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from agents.llm.schema.narrowing import COMBINING
from ingest.errors import ModelError
from ingest.language import Text


@dataclass(frozen=True, slots=True)
class Wishes:
    """Options of one request, in one spelling."""

    tools: list[dict[str, Any]]
    choice: str | tuple[str, ...] = "auto"
    """'auto', 'any', or the names of the tools to choose from; with 'none' there are no tools."""
    several: bool = True
    """A reply may hold more than one call: one that calls of itself, and a forced one on `parallel_tool_calls=True`."""
    schema: dict[str, Any] | None = None
    """What the reply must follow, from its first token; None for text."""

    @classmethod
    def of(cls, options: dict[str, Any]) -> Wishes:
        """Raises `ModelError`: no such tool or response format."""
        choice = _choice(options.get("tool_choice"))
        tools = [] if choice == "none" else [_sound(tool) for tool in options.get("tools") or []]
        # A call that must be made is one call, unless the caller says otherwise: a small model goes on until it is cut off.
        several = bool(options.get("parallel_tool_calls", choice == "auto")) and (
            choice in ("auto", "any") or len(choice) > 1
        )
        wishes = cls(tools, choice, several, _schema(options.get("response_format")))
        missing = [name for name in choice if name not in wishes.names] if isinstance(choice, tuple) else []
        if tools and missing:
            names = ", ".join(wishes.names)
            named = ", ".join(missing)
            raise ModelError(
                Text(f"There is no tool called '{named}' to choose.", f"没有可选的工具 “{named}”。"),
                Text(f"Tools given: {names or 'none'}.", f"已提供的工具：{names or '无'}。"),
            )
        return wishes

    @property
    def forces_call(self) -> bool:
        """The reply must be a call."""
        return bool(self.tools) and self.choice not in ("auto", "none")

    @property
    def names(self) -> list[str]:
        """Of the tools."""
        return [tool["function"]["name"] for tool in self.tools]

    @property
    def chosen(self) -> list[dict[str, Any]]:
        """The tools that a forced call may be of."""
        return [tool for tool in self.tools if self.choice == "any" or tool["function"]["name"] in self.choice]

    @property
    def constrained(self) -> bool:
        """The reply as a whole must look like something."""
        return self.forces_call or self.schema is not None

    @property
    def instruction(self) -> str:
        """The schema in words: a model writes better what it was told than what it is merely held to."""
        if not self.schema or not any(key in self.schema for key in ("properties", "anyOf", "$ref", "allOf", "items")):
            return "Reply with one JSON object and nothing else."
        text = json.dumps(self.schema, ensure_ascii=False)
        return f"Reply with one JSON object that follows this JSON schema, and nothing else:\n{text}"


def _sound(tool: dict[str, Any]) -> dict[str, Any]:
    """The tool with an object of properties, each of them an object: templates loop over them, and one tool without would
    be an error for all."""
    schema = tool["function"].get("parameters")
    schema = dict(schema) if isinstance(schema, dict) else {}
    named = schema.get("properties")
    if not isinstance(named, dict):
        if "properties" in schema or not any(key in schema for key in COMBINING):
            schema["properties"] = {}
    elif not all(isinstance(part, dict) for part in named.values()):
        schema["properties"] = {name: part if isinstance(part, dict) else {} for name, part in named.items()}
    if not any(key in schema for key in COMBINING):
        schema.setdefault("type", "object")
    return {**tool, "function": {**tool["function"], "parameters": schema}}


def _choice(choice: object) -> str | tuple[str, ...]:
    """'auto', 'none', 'any' or tools' names: one, a list, OpenAI's object for one or its 'allowed_tools' for several."""
    if isinstance(choice, dict):
        allowed = choice.get("allowed_tools") if choice.get("type") == "allowed_tools" else None
        if allowed is not None or choice.get("type") == "allowed_tools":
            allowed = allowed or choice
            return _choice(allowed.get("tools")) if allowed.get("mode") == "required" else "auto"
        named = choice.get("function") or choice.get("custom") or {}
        name = str(named.get("name") or choice.get("name") or "")
        return (name,) if name else "any"
    if isinstance(choice, list | tuple):
        names = dict.fromkeys(name for item in choice for name in _names(item))
        return tuple(names) or "auto"
    if choice in (None, False, "auto", ""):
        return "auto"
    if choice in (True, "any", "required"):
        return "any"
    return "none" if choice == "none" else (str(choice),)


def _names(item: object) -> tuple[str, ...]:
    found = _choice(item)
    return found if isinstance(found, tuple) else ()


def _schema(response_format: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """The schema of either spelling: OpenAI's json_schema and json_object, or llama.cpp's with `schema` inside.

    OpenAI's `strict` changes nothing: a schema always holds.
    """
    if not response_format:
        return None
    kind = response_format.get("type") if isinstance(response_format, dict) else None
    if kind == "text":
        return None
    schema: Any = None
    if kind == "json_schema":
        wrapped = response_format.get("json_schema")
        schema = wrapped.get("schema") if isinstance(wrapped, dict) else response_format.get("schema")
    elif kind == "json_object":
        schema = response_format.get("schema", {"type": "object"})
    if not isinstance(schema, dict):
        shown = json.dumps(response_format, ensure_ascii=False, default=str)[:200]
        raise ModelError(
            Text(f"This response_format can't be read: {shown}.", f"无法识别该 response_format：{shown}。"),
            Text(
                "Write {'type': 'json_schema', 'json_schema': {'name': …, 'schema': …}}, "
                "{'type': 'json_object', 'schema': …} or {'type': 'json_object'}.",
                "请写成 {'type': 'json_schema', 'json_schema': {'name': …, 'schema': …}}、"
                "{'type': 'json_object', 'schema': …} 或 {'type': 'json_object'}。",
            ),
        )
    return schema
