"""Whether the forms of a `oneOf` shut each other out: then it says no more than `anyOf`, which a grammar can say."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.json_schema import resolved

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
