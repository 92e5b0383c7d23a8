"""JSON schemas as a model reads them: the same meaning in as few tokens as it takes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ingest.json_schema import references

_NOISE = {"title", "$schema", "$id", "$comment", "examples", "discriminator", "readOnly", "writeOnly", "deprecated"}
"""Keywords that say nothing about which values are valid."""

_OF_NAMES = {"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"}
"""Keywords whose value maps names, not keywords: a parameter may well be called 'title'."""

_SMALL = 400
"""Characters of JSON up to which a definition used several times is written out at each place: a reference costs
a small model more than some forty tokens do."""


def compact(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`schema` of an object without titles and other noise, an optional value without its null, and definitions
    written out where they are used unless they are large or contain themselves."""
    definitions = {**schema.get("definitions", {}), **schema.get("$defs", {})}
    inlined = _Inlining(definitions, Counter(_names(dict(schema))))
    body = {key: value for key, value in schema.items() if key not in {"$defs", "definitions", "description"}}
    found = inlined.of(body)
    found.setdefault("type", "object")
    found.setdefault("properties", {})
    return {**found, "$defs": inlined.kept} if inlined.kept else found


class _Inlining:
    """Rewrites one schema; remembers which definitions have to stay."""

    def __init__(self, definitions: Mapping[str, Any], uses: Counter[str]) -> None:
        self._definitions, self._uses = definitions, uses
        self._open: list[str] = []
        self.kept: dict[str, Any] = {}
        """Definitions that stay, by name."""

    def of(self, schema: Any) -> Any:  # noqa: ANN401 - a piece of JSON
        if isinstance(schema, list):
            return [self.of(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        if isinstance(reference := schema.get("$ref"), str):
            return self._resolved(reference, {key: value for key, value in schema.items() if key != "$ref"})
        found: dict[str, Any] = {}
        for key, value in schema.items():
            if key in _NOISE or (key == "additionalProperties" and value is False):
                continue
            if key in _OF_NAMES and isinstance(value, dict):
                found[key] = {name: self.of(part) for name, part in value.items()}
            elif key in {"enum", "const", "default", "required"}:
                found[key] = value
            else:
                found[key] = self.of(value)
        return _simplified(found)

    def _resolved(self, reference: str, beside: dict[str, Any]) -> Any:  # noqa: ANN401
        name = _name(reference)
        definition = self._definitions.get(name)
        if definition is None:
            return {"$ref": reference, **self.of(beside)}
        if name in self._open or name in self.kept or self._stays(name):
            if name not in self.kept:
                self.kept[name] = {}  # its own uses inside itself become references
                self.kept[name] = self.of(definition)
            return {"$ref": f"#/$defs/{name}", **self.of(beside)}
        self._open.append(name)
        written = self.of(definition)
        self._open.pop()
        return _simplified({**written, **self.of(beside)})

    def _stays(self, name: str) -> bool:
        definition = self._definitions[name]
        large = self._uses[name] > 1 and len(json.dumps(definition, ensure_ascii=False)) > _SMALL
        return large or name in _reachable(definition, self._definitions)


def _simplified(schema: dict[str, Any]) -> dict[str, Any]:
    """An optional value is shown by its absence from `required`: its null and its null default go."""
    for key in ("anyOf", "oneOf", "allOf"):
        choices = schema.get(key)
        if not isinstance(choices, list):
            continue
        if key != "allOf" and "default" in schema and schema["default"] is None:
            choices = [choice for choice in choices if choice != {"type": "null"}]
            schema = {**schema, key: choices}
        if len(choices) == 1 and isinstance(choices[0], dict):
            schema = {**choices[0], **{name: value for name, value in schema.items() if name != key}}
    if "default" in schema and not _worth_showing(schema["default"]):
        schema = {name: value for name, value in schema.items() if name != "default"}
    return schema


def _worth_showing(default: object) -> bool:
    """Short scalars: that a list may be left out tells as much as that it is empty then."""
    return isinstance(default, (str, int, float)) and 0 < len(str(default)) <= 40


def _names(schema: object) -> list[str]:
    """Names of the definitions a piece of schema refers to, as often as it does."""
    return [_name(reference) for reference in references(schema)]


def _name(reference: str) -> str:
    return reference.removeprefix("#/$defs/").removeprefix("#/definitions/")


def _reachable(definition: Any, definitions: Mapping[str, Any]) -> set[str]:  # noqa: ANN401
    """Definitions that are met inside one, directly or further down."""
    found: set[str] = set()
    waiting = _names(definition)
    while waiting:
        name = waiting.pop()
        if name not in found and name in definitions:
            found.add(name)
            waiting += _names(definitions[name])
    return found
