"""Frozen dataclasses as JSON, and back: for what is kept in a file, traced, printed or sent."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

T = TypeVar("T")
_LEAVES = {"bool", "float", "int", "literal", "str"}


def to_json(value: object) -> Any:  # noqa: ANN401 - JSON
    """Dataclasses as objects, tuples as lists; what is no JSON as its text."""
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value, fallback=str, bytes_mode="base64")


def picked(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Those fields, in that order."""
    return {name: data[name] for name in names}


def from_json(cls: type[T], data: Mapping[str, Any]) -> T:
    """The dataclass that `to_json` wrote; unknown fields are ignored, absent ones get their defaults.

    The module of `cls` must hold the names in its annotations at run time. Raises `ValueError` when a field without
    default is absent, or holds no object or list where one belongs.
    """
    found: T = _reader(cls).validate_python(data)  # type: ignore[arg-type] # mypy takes a class for no key
    return found


@cache
def _reader(cls: type) -> SchemaValidator:
    from pydantic import TypeAdapter
    from pydantic_core import SchemaValidator

    return SchemaValidator(_shape(TypeAdapter(cls).core_schema))


def _shape(schema: Any) -> Any:  # noqa: ANN401 - pydantic's own form
    """What pydantic made of the annotations, without its opinion on single values: another version may have written a
    word that is none of today's, and what it wrote is to come back as it is."""
    if isinstance(schema, dict):
        if schema.get("type") in _LEAVES:
            return {"type": "any"}
        return {key: _shape(value) for key, value in schema.items()}
    return [_shape(value) for value in schema] if isinstance(schema, list) else schema
