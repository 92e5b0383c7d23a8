"""`allOf` of objects as one object, so that it can be closed: pydantic and OpenAPI write inheritance that way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.json_schema import target_of

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
