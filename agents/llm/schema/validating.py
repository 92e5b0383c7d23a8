"""Whether a value follows a JSON schema, for what no grammar has enforced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.json_schema import validator_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def problem_of(value: object, schema: Mapping[str, Any]) -> str:
    """What is wrong with `value`, in English (a model reads it); '' when nothing is, or the schema is no schema."""
    from jsonschema.exceptions import best_match
    from referencing.exceptions import Unresolvable

    try:
        error = best_match(validator_of(schema).iter_errors(value))
    except (Unresolvable, TypeError, ValueError, KeyError, AttributeError, RecursionError):
        return ""
    if error is None:
        return ""
    place = "/".join(map(str, error.absolute_path))
    return f"{place}: {error.message}"[:300] if place else error.message[:300]
