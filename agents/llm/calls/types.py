"""Arguments that were written as bare text, in the types the tool's schema asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.llm.calls.parsed import Call
from agents.llm.schema.prepare import target_of
from agents.llm.schema.refusals import SchemaRefused
from ingest.lenient_json import value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEEPEST = 16


def typed(call: Call, schema: Mapping[str, Any]) -> Call:
    """`call` with each text that stands for a number, list and so on replaced by it.

    A text that is no such value stays text: whoever checks the arguments against the schema says so.
    """
    properties = schema.get("properties") or {}
    return Call(call.name, {key: _value(value, properties.get(key), schema) for key, value in call.arguments.items()})


def _value(value: object, schema: object, root: Mapping[str, Any]) -> object:
    if not isinstance(value, str) or not isinstance(schema, dict):
        return value
    kinds = _kinds(schema, root)
    if not kinds or "string" in kinds:
        return value
    return value_of({"True": "true", "False": "false", "None": "null"}.get(value, value), value)


def _kinds(schema: dict[str, Any], root: Mapping[str, Any], depth: int = 0) -> set[str]:
    """The JSON types a schema names; empty when it names none."""
    if depth > _DEEPEST:
        return set()
    if "$ref" in schema:
        try:
            target = target_of(root, schema["$ref"])
        except SchemaRefused:
            return set()
        return _kinds(target, root, depth + 1) if isinstance(target, dict) else set()
    kind = schema.get("type")
    kinds = {kind} if isinstance(kind, str) else set(kind or ())
    for key in ("anyOf", "oneOf", "allOf"):
        for choice in schema.get(key) or ():
            kinds |= _kinds(choice, root, depth + 1) if isinstance(choice, dict) else set()
    values = [schema["const"]] if "const" in schema else schema.get("enum") or ()
    if any(isinstance(value, str) for value in values):
        kinds.add("string")
    return kinds
