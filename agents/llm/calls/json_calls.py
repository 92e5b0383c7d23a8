"""Calls written in JSON, as most families do, in what each wraps around it."""

from __future__ import annotations

import json

from agents.llm.calls.family import Call, Found, Malformed
from ingest.lenient_json import leading_values, unfenced


def json_calls(text: str) -> list[Found]:
    """The calls in `text`, which should be JSON: objects one after another, or lists of them."""
    text = unfenced(text)
    values, rest, problem = leading_values(text)
    found = [call_of(item) for value in values for item in (value if isinstance(value, list) else [value])]
    if rest:
        found.append(Malformed(rest, problem))
    return found or [Malformed(text, "a list of calls with no call in it" if values else "no call where one began")]


def call_of(item: object) -> Found:
    """An object with `name` (Command R: `tool_name`) and `arguments` (Llama: `parameters`), also inside `function` as
    OpenAI writes it."""
    whole = json.dumps(item, ensure_ascii=False)
    if isinstance(item, dict) and isinstance(item.get("function"), dict):
        item = item["function"]
    if not isinstance(item, dict):
        return Malformed(whole, "a call must be a JSON object")
    name = name_of(item)
    if not name:
        return Malformed(whole, "'name' must be the name of a tool")
    arguments = item.get("arguments", item.get("parameters"))
    if isinstance(arguments, str):
        return call_with(name, arguments or "{}", whole)
    if arguments is None:
        return Call(name, {})
    if not isinstance(arguments, dict):
        return Malformed(whole, "the arguments must be a JSON object")
    return Call(name, arguments)


def name_of(item: object) -> str:
    """The tool that such an object names; ''."""
    if isinstance(item, dict) and isinstance(item.get("function"), dict):
        item = item["function"]
    name = item.get("name", item.get("tool_name")) if isinstance(item, dict) else ""
    return name if isinstance(name, str) else ""


def call_with(name: str, arguments: str, whole: str) -> Found:
    """A call of `name` with arguments as JSON text; `whole` is what to show if that is no JSON object."""
    values, rest, problem = leading_values(unfenced(arguments))
    if len(values) == 1 and isinstance(values[0], str) and not rest:
        # an object inside a JSON string: what the templates of Mistral and DeepSeek make of OpenAI's form
        values, rest, problem = leading_values(values[0])
    if not name:
        return Malformed(whole, "the name of the tool is missing")
    if rest:
        return Malformed(whole, f"the arguments of '{name}' are {problem}")
    if len(values) != 1 or not isinstance(values[0], dict):
        return Malformed(whole, f"the arguments of '{name}' must be one JSON object")
    return Call(name, values[0])
