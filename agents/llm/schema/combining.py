"""`allOf` of objects as one object, so that it can be closed: pydantic and OpenAPI write inheritance that way. And whether
the forms of a `oneOf` shut each other out: then it says no more than `anyOf`, which a grammar can say."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.json_schema import resolved, target_of

_PLAIN = {"type", "properties", "required", "additionalProperties"}
_WORDS = {"title", "description", "default", "examples", "$schema", "$id", "$defs", "definitions", "$comment"}


def merged(schema: dict[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """`schema` with its `allOf` taken in where that is plain; else as it is, and the grammar intersects.

    References are into `root`. Raises `NoTarget`.
    """
    parts = [{key: value for key, value in schema.items() if key != "allOf"}, *schema["allOf"]]
    parts = [_looked_up(part, root) for part in parts if part is not True]
    parts = [{key: value for key, value in part.items() if key not in _WORDS} for part in parts if part]
    parts = [part for part in parts if part]
    if len(parts) == 1:
        only: dict[str, Any] = parts[0]
        return only
    if not all(set(part) <= _PLAIN and part.get("type", "object") == "object" for part in parts):
        return schema
    if any("additionalProperties" in part for part in parts):
        return schema  # it speaks of what its own part names, not of the others'
    properties: dict[str, Any] = {}
    required: list[str] = []
    for part in parts:
        for name, value in (part.get("properties") or {}).items():
            properties[name] = {"allOf": [properties[name], value]} if name in properties else value
        required += [name for name in part.get("required") or [] if name not in required]
    return {"type": "object", "properties": properties, "required": required}


def _looked_up(part: Any, root: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    seen: set[object] = set()
    while isinstance(part, dict) and "$ref" in part and set(part) <= {"$ref", *_WORDS} and part["$ref"] not in seen:
        seen.add(part["$ref"])
        part = target_of(root, part["$ref"])
    if isinstance(part, dict) and part.get("allOf") and "$ref" not in part:
        return merged(part, root)
    return part if isinstance(part, dict) else {"enum": []}


_TYPES = frozenset({"object", "array", "string", "number", "boolean", "null"})


def disjoint(forms: Sequence[Any], root: Mapping[str, Any]) -> bool:
    """True when no value can follow two of `forms`, whose references are into `root`. Raises `NoTarget`."""
    found = [resolved(form, root, strict=True) for form in forms]
    return all(_apart(a, b, root) for a, b in itertools.combinations(found, 2))


def _apart(a: dict[str, Any], b: dict[str, Any], root: Mapping[str, Any]) -> bool:
    if _apart_plainly(a, b):
        return True
    if _types(a) | _types(b) != {"object"}:
        return False
    both = set(a.get("required") or ()) & set(b.get("required") or ())
    mine, other = a.get("properties") or {}, b.get("properties") or {}
    return any(
        name in mine
        and name in other
        and _apart_plainly(resolved(mine[name], root, strict=True), resolved(other[name], root, strict=True))
        for name in both
    )


def _apart_plainly(a: dict[str, Any], b: dict[str, Any]) -> bool:
    mine, other = _values(a), _values(b)
    return not (_types(a) & _types(b)) or (mine is not None and other is not None and not mine & other)


def _values(schema: dict[str, Any]) -> set[str] | None:
    """The values a schema lists, as JSON; None when it lists none."""
    if "const" in schema:
        return {json.dumps(schema["const"], sort_keys=True)}
    if isinstance(schema.get("enum"), list):
        return {json.dumps(value, sort_keys=True) for value in schema["enum"]}
    return None


def _types(schema: dict[str, Any]) -> frozenset[str]:
    kinds = schema.get("type")
    named = [kinds] if isinstance(kinds, str) else kinds
    if not isinstance(named, list):
        return _TYPES
    return frozenset("number" if kind == "integer" else str(kind) for kind in named)
