"""Arguments that were written as bare text, in the types the tool's schema asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agents.llm.tool_calls.calls import Call

if TYPE_CHECKING:
    from collections.abc import Mapping


def typed(call: Call, schema: Mapping[str, Any]) -> Call:
    """`call` with each text that stands for a number, list and so on replaced by it.

    A text that is no such value stays text: whoever checks the arguments against the schema says so.
    """
    properties = schema.get("properties") or {}
    return Call(call.name, {key: _value(value, properties.get(key)) for key, value in call.arguments.items()})


def _value(value: object, schema: object) -> object:
    if not isinstance(value, str) or not isinstance(schema, dict):
        return value
    kinds = _kinds(schema)
    if not kinds or "string" in kinds:
        return value
    try:
        found = json.loads({"True": "true", "False": "false", "None": "null"}.get(value, value), strict=False)
    except (ValueError, RecursionError):
        return value
    return found


def _kinds(schema: dict[str, Any]) -> set[str]:
    """The JSON types a schema names; empty when it names none."""
    kind = schema.get("type")
    kinds = {kind} if isinstance(kind, str) else set(kind or ())
    for choice in (*(schema.get("anyOf") or ()), *(schema.get("oneOf") or ())):
        kinds |= _kinds(choice) if isinstance(choice, dict) else set()
    if any(isinstance(value, str) for value in schema.get("enum") or ()):
        kinds.add("string")
    return kinds
