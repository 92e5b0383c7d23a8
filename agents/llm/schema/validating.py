"""Whether a value follows a JSON schema, for what no grammar has enforced."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ingest.json_schema import validator_of


def problem_of(value: object, schema: Mapping[str, Any]) -> str:
    """What is wrong with `value`, in English (a model reads it); '' when nothing is, or the schema is no schema.

    Where a part of the schema is none (a reference to nowhere, a type or a pattern that isn't one), the other arguments
    are checked all the same.
    """
    found = _problem(value, schema)
    if found is not None:
        return found
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not isinstance(value, dict):
        return ""
    rest = {key: part for key, part in schema.items() if key in ("$defs", "definitions")}
    whole = _problem(value, {**schema, "properties": dict.fromkeys(properties, True)})
    each = (
        _problem({name: value[name]}, {"properties": {name: part}, **rest})
        for name, part in properties.items()
        if name in value
    )
    return next((problem for problem in (whole, *each) if problem), "")


def _problem(value: object, schema: Mapping[str, Any]) -> str | None:
    """As `problem_of`; None when the schema is none."""
    from jsonschema.exceptions import UnknownType, best_match
    from referencing.exceptions import Unresolvable

    try:
        error = best_match(validator_of(schema).iter_errors(value))
    except (Unresolvable, UnknownType, re.error, TypeError, ValueError, KeyError, AttributeError, RecursionError):
        return None
    if error is None:
        return ""
    place = "/".join(map(str, error.absolute_path))
    return f"{place}: {error.message}"[:300] if place else error.message[:300]
