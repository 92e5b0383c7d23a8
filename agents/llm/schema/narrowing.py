"""What is added to a schema so that a weak model comes to an end. All of it only narrows."""

from __future__ import annotations

from typing import Any

from agents.llm.schema.keywords import COMBINING, HINTS, NATIVE, NUMBERS, OF_TYPE, PATTERNS

Schema = dict[str, Any]
MOST = 999_999_999_999_999
"""Beyond 2**53 numbers lose digits in most readers of JSON."""
_DEEPEST_ANY = 3


def modern(schema: Schema) -> Schema:
    """Older drafts' spellings in today's."""
    schema = dict(schema)
    items = schema.get("items")
    if isinstance(items, list):
        schema["prefixItems"] = items
        schema["items"] = schema.get("additionalItems", True)
    schema.pop("additionalItems", None)  # without a list of items it says nothing
    for limit in ("minimum", "maximum"):
        name = "exclusive" + limit.capitalize()
        if isinstance(schema.get(name), bool) and schema.pop(name) and limit in schema:
            schema[name] = schema.pop(limit)
    if schema.get("unevaluatedProperties") is False and not any(key in schema for key in COMBINING):
        schema.pop("unevaluatedProperties")
        schema.setdefault("additionalProperties", False)
    return schema


def name_type(schema: Schema) -> None:
    """Name the type that the keywords are about: a schema with nothing but a `pattern` also lets numbers pass."""
    if any(key in schema for key in ("type", "enum", "const", *COMBINING)):
        return
    meant = next((kind for kind, keys in OF_TYPE.items() if any(key in schema for key in keys)), None)
    if meant:
        schema["type"] = meant


def spell_format(schema: Schema) -> bool:
    """Replace `format` by a pattern or limits; false when it is not known here, and then it is left out."""
    name = schema.pop("format", None)
    if name is None or name in HINTS:
        return True
    if name in NUMBERS:
        low, high = NUMBERS[name] or (-MOST, MOST)
        schema["minimum"] = max(schema.get("minimum", low), low)
        schema["maximum"] = min(schema.get("maximum", high), high)
    elif name in NATIVE:
        schema["format"] = name
    elif name not in PATTERNS:
        return False
    elif "pattern" in schema:
        schema["allOf"] = [*schema.get("allOf", []), {"type": "string", "pattern": PATTERNS[name]}]
    else:
        schema["pattern"] = PATTERNS[name]
    return True


def narrow(schema: Schema) -> None:
    """Close objects and bound numbers."""
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds or ())
    if "object" in kinds and "additionalProperties" not in schema:
        named = schema.get("properties") or {}
        closed = schema.get("patternProperties") or (named and set(schema.get("required") or ()) <= set(named))
        schema["additionalProperties"] = False if closed else anything()
    if "array" in kinds and "items" not in schema:
        schema["items"] = "prefixItems" not in schema and anything()
    if ("integer" in kinds or "number" in kinds) and "enum" not in schema and "const" not in schema:
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        high = schema.get("maximum", schema.get("exclusiveMaximum"))
        if low is None:
            schema["minimum"] = min(-MOST, (high or 0) - MOST)
        if high is None:
            schema["maximum"] = max(MOST, (low or 0) + MOST)


def anything(depth: int = _DEEPEST_ANY) -> Schema:
    """Any JSON value, nested at most `depth` deep."""
    number = {"type": "number", "minimum": -MOST, "maximum": MOST}
    plain: list[Schema] = [{"type": "string"}, number, {"type": "boolean"}, {"type": "null"}]
    if depth <= 0:
        return {"anyOf": plain}
    inner = anything(depth - 1)
    nested = [{"type": "object", "additionalProperties": inner}, {"type": "array", "items": inner}]
    return {"anyOf": [*nested, *plain]}
