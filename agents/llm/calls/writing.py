"""How calls are written so that a grammar can hold a model to it: what the families' own ways are made of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.llm.calls.lark import BLANKS, Lark, either, quoted, regex
from agents.llm.schema.compiling import enforced
from ingest.json_schema import resolved


@dataclass(frozen=True)
class Tool:
    """A tool as calls of it are constrained."""

    name: str
    parameters: Mapping[str, Any]
    """Prepared: what a grammar can enforce of its schema, with all references in `$defs`."""

    @property
    def properties(self) -> dict[str, dict[str, Any]]:
        """Each argument's schema, references resolved."""
        found = self.parameters.get("properties") or {}
        return {name: resolved(schema, self.parameters) for name, schema in found.items()}

    @property
    def required(self) -> frozenset[str]:
        """Names of the arguments that must be there."""
        return frozenset(self.parameters.get("required") or ())


@dataclass(frozen=True)
class Way:
    """One way to write calls, from its first character to its last."""

    opening: str
    """The mark it begins with; '' when it has none and can only begin a reply."""
    rest: str
    """The grammar of what follows the opening, with its closing mark: one call."""
    several: str = ""
    """The same for one call or more, where the mark opens a block of them."""
    lead: str = ""
    """What follows the opening first; a model that is not forced may leave it out."""
    head: str = ""
    """Without a mark: a regex of the beginning by which such a call is known, the tool's name in it."""
    after_head: str = ""
    """The grammar of what follows the head."""


def tools_of(tools: Sequence[Mapping[str, Any]]) -> list[Tool]:
    """Tools in OpenAI's form. What of a schema no grammar can enforce is left to whoever validates the arguments."""
    found = []
    for tool in tools:
        function = tool["function"]
        schema = function.get("parameters") or {}
        if not schema.get("properties") and not any(key in schema for key in ("$ref", "anyOf", "oneOf", "allOf")):
            schema = {
                "type": "object",
                "properties": {},
                "additionalProperties": schema.get("additionalProperties", False),
            }
        found.append(Tool(function["name"], enforced(schema, strict=False)))
    return found


def with_definitions(schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """A part of a prepared `root` by itself."""
    return {**schema, "$defs": root["$defs"]} if "$defs" in root else dict(schema)


def json_call(
    lark: Lark, tool: Tool, key: str, extra: Mapping[str, Any] | None = None, *, name_key: str = "name"
) -> str:
    """`{"name": NAME, KEY: {…}}`, and what is `extra`."""
    inner = {name: value for name, value in tool.parameters.items() if name != "$defs"}
    properties = {name_key: {"const": tool.name}, key: inner, **(extra or {})}
    call = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return lark.json(with_definitions(call, tool.parameters))


def bare_json(lark: Lark, tools: list[Tool], key: str, *, several: bool = True) -> list[Way]:
    """Calls that are nothing but JSON: an object, in a fence or not, and where the family knows `several` also a list or
    more objects. One way per tool and beginning; the first is for all of them."""
    calls = either([json_call(lark, tool, key) for tool in tools])
    begin, between = r"\s*(```[a-z_]*\s*)?", quoted(f", {json.dumps(key)}: ")
    lines = lark.rule(rf"({_APART} {calls})*") if several else '""'
    items = lark.rule(rf"(/,[ \n]{{0,6}}/ {calls})* {BLANKS} {quoted(']')}") if several else quoted("]")
    heads, after = [], []
    for tool in tools:
        name = re.escape(json.dumps(tool.name, ensure_ascii=False)).replace("/", r"\/")
        rest = lark.rule(f"{between} {lark.json(tool.parameters)} {quoted('}')}")
        heads += [rf'{begin}\{{\s*"name"\s*:\s*{name}', rf'{begin}\[\s*\{{\s*"name"\s*:\s*{name}']
        after += [f"{rest} {lines} {_FENCE_END}", f"{rest} {items} {_FENCE_END}"]
    return unmarked(calls, heads, after, f"{calls} {lines}" if several else "")


_FENCE_END = r"/(\n?```)?/"
_APART = r"/[,;]?[ \n]{1,2}(```\n{1,2}```[a-z]*\n)?/"
"""Between two objects, in one fence or each in its own."""


def unmarked(whole: str, heads: Sequence[str], after: Sequence[str], several: str = "") -> list[Way]:
    """Calls without a mark, one way for each head and what comes after it; the first has the grammar of `whole` calls."""
    pairs = enumerate(zip(heads, after, strict=True))
    return [
        Way("", "" if i else whole, several="" if i else several, head=head, after_head=rest)
        for i, (head, rest) in pairs
    ]


def raw_value(lark: Lark, schema: Mapping[str, Any], closing: str, root: Mapping[str, Any]) -> str:
    """An argument as bare text and the mark behind it; anything but text is written as JSON. `root` has the `$defs`."""
    if not _may_be_text(schema):
        return f"{lark.json(with_definitions(schema, root))} {lark.text(closing)}"
    forms = [form for form in schema.get("anyOf") or [schema] if _may_be_text(form)]
    return either([_raw_text(lark, form, closing) for form in forms])


def tagged(lark: Lark, tool: Tool, head: str, argument: tuple[str, str], tail: str) -> str:
    """Between `head` and `tail` the arguments in the schema's order, each as bare text between two tags; `{}` in the
    first of them is its name."""
    parts = [lark.text(head)]
    for name, schema in tool.properties.items():
        written = f"{lark.text(argument[0].format(name))} {raw_value(lark, schema, argument[1], tool.parameters)}"
        parts.append(written if name in tool.required else f"({written})?")
    return lark.rule(" ".join([*parts, lark.text(tail)]))


def _raw_text(lark: Lark, form: Mapping[str, Any], closing: str) -> str:
    listed = [form["const"]] if "const" in form else form.get("enum")
    if listed is not None:
        return f"{either([quoted(value) for value in listed if isinstance(value, str)])} {lark.text(closing)}"
    least, most = form.get("minLength", 0), form.get("maxLength", "")
    pattern = str(form.get("pattern", ""))
    if pattern.startswith("^") and pattern.endswith("$") and "|" not in _outside_groups(pattern):
        return lark.until(regex(pattern[1:-1]), closing)
    return lark.until(f"/(?s:.{{{least},{most}}})/", closing)


def _may_be_text(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    if "enum" in schema or "const" in schema:
        return any(isinstance(value, str) for value in schema.get("enum") or [schema.get("const")])
    if kinds is not None:
        return "string" in ([kinds] if isinstance(kinds, str) else kinds)
    return any(_may_be_text(form) for form in schema.get("anyOf") or ())


def _outside_groups(pattern: str) -> str:
    depth, found = 0, []
    for character in pattern.replace("\\(", "").replace("\\)", ""):
        depth += (character == "(") - (character == ")")
        if not depth:
            found.append(character)
    return "".join(found)
