"""A prepared schema inside a grammar of llguidance's, and llguidance's refusals with the place they are about."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from agents.llm.schema.narrowing import anything
from agents.llm.schema.prepare import prepare
from agents.llm.schema.refusals import SchemaRefused, broken, refused
from ingest.language import Text

OPTIONS = {
    "whitespace_flexible": False,  # a weak model writes blanks for ever
    "item_separator": ", ",
    "key_separator": ": ",  # as templates show JSON to models
    "json_allowed_escapes": 'nrbtf\\"',  # \u… would let half a surrogate pair through
}


def json_rule(schema: Mapping[str, Any]) -> str:
    """`%json {…}`: the JSON texts that follow `schema`, as a part of a Lark grammar. Raises `SchemaRefused`."""
    return embedded(enforced(schema))


def enforced(schema: Mapping[str, Any], *, strict: bool = True) -> dict[str, Any]:
    """The schema as a grammar can enforce it. Raises `SchemaRefused`; without `strict`, what can't be is left out."""
    return _enforced(json.dumps(schema, ensure_ascii=False), strict)


@functools.lru_cache(maxsize=256)
def _enforced(text: str, strict: bool) -> dict[str, Any]:  # noqa: FBT001  # a cache's key
    schema = json.loads(text)
    prepared = prepare(schema, strict=strict)
    if strict:
        if problem := _problem(prepared):
            raise _located(schema, problem)
        return prepared
    kept = _widened(prepared, prepared.get("$defs", {}))
    return kept if not _problem(kept) else anything() if schema.get("type", "object") != "object" else _ANY_OBJECT


_ANY_OBJECT = {"type": "object", "additionalProperties": anything()}


def _widened(part: dict[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """`part` with those of its properties that nothing can follow, or that are no schema, open to any value.

    Each by itself, for families write arguments one by one: one that no value can follow takes the grammar of all tools
    with it, even where it may be left out.
    """
    found = dict(part)
    for key in ("properties", "$defs"):
        if key in found:
            found[key] = {
                name: _widened(below, definitions) for name, below in found[key].items() if below is not False
            }
    if "properties" not in found and "$defs" not in found and _problem({**found, "$defs": definitions}):
        return anything()
    return found


def embedded(prepared: Mapping[str, Any]) -> str:
    """A prepared schema as a part of a Lark grammar."""
    return "%json " + json.dumps({"x-guidance": OPTIONS, **prepared}, ensure_ascii=False)


def _problem(prepared: Mapping[str, Any]) -> str:
    from llguidance import LLMatcher

    grammar = LLMatcher.grammar_from_lark("start: " + embedded(prepared))
    said = LLMatcher.validate_grammar(grammar)
    if not said or said.startswith("WARNING"):
        return ""
    # What comes before is where in the grammar it stands, what follows is a picture of the grammar.
    return " ".join(said.partition("JSON schema:")[2].partition("\n")[0].split())[:200] or said[:200]


def _located(schema: dict[str, Any], problem: str) -> SchemaRefused:
    """The smallest part of `schema` that is refused by itself."""
    path, part, said = "#", schema, problem
    found = True
    while found:
        found = False
        for step, below in _below(part):
            shared: dict[str, Any] = {key: schema[key] for key in ("$defs", "definitions") if key in schema}
            try:
                prepared = prepare({**shared, **below})
                trouble = _problem(prepared)
            except SchemaRefused:
                continue  # a reference that means nothing from here
            if trouble:
                path, part, said, found = f"{path}/{step}", below, trouble, True
                break
    if "nsatisfiable" in said:
        return broken(path, Text(f"nothing can follow it ({said})", f"没有任何值能满足它（{said}）"))
    keyword = next((key for key in ("oneOf", "allOf", "pattern", "format", "multipleOf") if key in part), "type")
    return refused(keyword, path, Text(said, said))


def _below(part: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key in ("$defs", "definitions", "properties", "patternProperties"):
        for name, below in (part.get(key) or {}).items():
            if isinstance(below, dict):
                yield f"{key}/{name}", below
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for i, below in enumerate(part.get(key) or ()):
            if isinstance(below, dict):
                yield f"{key}/{i}", below
    for key in ("items", "additionalProperties"):
        if isinstance(part.get(key), dict):
            yield key, part[key]
