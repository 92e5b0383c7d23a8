"""JSON schemas, whoever wrote them: where a reference points, which types are let in, whether a value follows one.

Nothing is fetched: a reference to another document points nowhere, for us and for the validator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

KINDS = ("string", "integer", "number", "boolean", "array", "object", "null")
"""JSON's types, by the schema's names for them."""
_MOST_HOPS = 16
"""References that lead to references; more are a circle."""


class NoTarget(LookupError):
    """A `$ref` that means nothing here."""

    def __init__(self, pointer: str, *, outside: bool) -> None:
        super().__init__(pointer)
        self.pointer = pointer
        self.outside = outside
        """True when it is about another document, false when there is no such place in this one."""


def target_of(root: Mapping[str, Any], pointer: object) -> dict[str, Any] | bool:
    """The schema that a `$ref` in `root` points at. Raises `NoTarget`."""
    from referencing import Registry
    from referencing.exceptions import NoSuchAnchor, PointerToNowhere, Unresolvable
    from referencing.jsonschema import DRAFT202012

    text = str(pointer)
    outside = not text.startswith("#")
    registry: Registry[Any] = Registry()
    try:
        target = registry.resolver_with_root(DRAFT202012.create_resource(dict(root))).lookup(text).contents
    except (NoSuchAnchor, PointerToNowhere) as error:
        raise NoTarget(text, outside=False) from error
    except (Unresolvable, AttributeError, TypeError, ValueError) as error:  # or the schema is none
        raise NoTarget(text, outside=outside) from error
    if not isinstance(target, (dict, bool)):
        raise NoTarget(text, outside=False)
    return target


def resolved(schema: object, root: Mapping[str, Any], *, strict: bool = False) -> dict[str, Any]:
    """`schema`, or what its `$ref` leads to in `root`; empty for one that says nothing.

    With `strict` a reference that means nothing raises `NoTarget`.
    """
    for _ in range(_MOST_HOPS):
        if not (isinstance(schema, dict) and "$ref" in schema):
            return schema if isinstance(schema, dict) else {}
        try:
            schema = target_of(root, schema["$ref"])
        except NoTarget:
            if strict:
                raise
            return {}
    return {}


def references(schema: object) -> Iterator[str]:
    """Every `$ref` in a piece of schema, as often as it is there."""
    if isinstance(schema, list):
        for part in schema:
            yield from references(part)
    elif isinstance(schema, dict):
        if isinstance(pointer := schema.get("$ref"), str):
            yield pointer
        for part in schema.values():
            yield from references(part)


def kinds_of(schema: object, root: Mapping[str, Any]) -> set[str]:
    """The JSON types that a schema in `root` names, in any of its forms; empty when it names none."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict) and isinstance(pointer := part.get("$ref"), str):
            if pointer in seen:
                continue
            seen.add(pointer)
        part = resolved(part, root)
        values = [part["const"]] if "const" in part else part.get("enum")
        if isinstance(values, list):
            found |= {kind for value in values for kind in KINDS if is_kind(value, kind)}
        else:
            kind = part.get("type")
            found |= {kind} if isinstance(kind, str) else set(kind or ())
        waiting += [form for key in ("anyOf", "oneOf", "allOf") for form in part.get(key) or ()]
    return found


def is_kind(value: object, kind: object) -> bool:
    """Whether `value` is of that type: 3.0 is an integer, true is no number. True for what is no type of JSON's."""
    from jsonschema import Draft202012Validator

    return kind not in KINDS or Draft202012Validator.TYPE_CHECKER.is_type(value, str(kind))


def validator_of(schema: Mapping[str, Any]) -> Draft202012Validator:
    """Checks values against `schema`. A schema that is none makes it raise anything when it is used."""
    from jsonschema import Draft202012Validator
    from referencing import Registry

    # An empty registry: without one, jsonschema fetches what a reference to an address names.
    return Draft202012Validator(schema, registry=Registry())


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
