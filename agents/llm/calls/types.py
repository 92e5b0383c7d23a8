"""Arguments that were written as bare text, in the types the tool's schema asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.llm.calls.parsed import Call
from ingest.json_schema import kinds_of
from ingest.lenient_json import value_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def typed(call: Call, schema: Mapping[str, Any]) -> Call:
    """`call` with each text that stands for a number, list and so on replaced by it.

    A text that is no such value stays text: whoever checks the arguments against the schema says so.
    """
    properties = schema.get("properties") or {}
    return Call(call.name, {key: _value(value, properties.get(key), schema) for key, value in call.arguments.items()})


def _value(value: object, schema: object, root: Mapping[str, Any]) -> object:
    if not isinstance(value, str):
        return value
    kinds = kinds_of(schema, root)
    if not kinds or "string" in kinds:
        return value
    return value_of({"True": "true", "False": "false", "None": "null"}.get(value, value), value)
