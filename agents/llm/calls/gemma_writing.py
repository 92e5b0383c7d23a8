"""The grammar of Gemma's calls: `call:NAME{key:value,…}`, texts in marks instead of quotes, keys without any."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from agents.llm.calls.lark import Lark, either, quoted
from agents.llm.calls.writing import Tool, Way, raw_value
from ingest.json_schema import resolved

_KEY = "/[A-Za-z_][A-Za-z0-9_]{0,31}/"
_NAME = re.compile(r"[^\s{}\[\]:,<\"]+")
"""What the parser reads as a name or key."""


def write(lark: Lark, tools: list[Tool], template: str, *, opening: str, closing: str, quote: str) -> list[Way]:
    """One call between the marks; none where a tool or an argument has a name that needs quotes."""
    del template  # one form for all
    writers = [_Writer(lark, tool.parameters, quote) for tool in tools]
    if not all(_NAME.fullmatch(name) for tool in tools for name in (tool.name, *tool.properties)):
        return []
    calls = [
        f"{quoted(f'call:{tool.name}')} {writer.value(tool.parameters)}"
        for tool, writer in zip(tools, writers, strict=True)
    ]
    return [Way(opening, f"{either([lark.rule(call) for call in calls])} {lark.text(closing)}")]


class _Writer:
    """Values of one tool's prepared schema."""

    def __init__(self, lark: Lark, root: Mapping[str, Any], quote: str) -> None:
        self._lark, self._root, self._quote = lark, root, quote
        self._named: dict[str, str] = {}

    def value(self, schema: Any) -> str:  # noqa: ANN401
        """The grammar of the values that follow `schema`."""
        pointer = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(pointer, str):
            return self._plain(schema if isinstance(schema, dict) else {"type": "null"})
        if pointer not in self._named:
            self._named[pointer], fill = self._lark.later()
            fill(self._plain(resolved(schema, self._root)))
        return self._named[pointer]

    def _plain(self, schema: Mapping[str, Any]) -> str:
        if "const" in schema or "enum" in schema:
            return either([self._constant(value) for value in schema.get("enum", [schema.get("const")])])
        if "anyOf" in schema:
            return either([self.value(form) for form in schema["anyOf"]])
        kinds = schema.get("type", "string")
        if not isinstance(kinds, str):
            return either([self.value({**schema, "type": kind}) for kind in kinds])
        if kinds == "string":
            return f"{self._lark.text(self._quote)} {raw_value(self._lark, {**schema, 'type': kinds}, self._quote, self._root)}"
        if kinds == "object":
            return self._object(schema)
        if kinds == "array":
            return self._array(schema)
        return self._lark.json({"type": kinds, **{k: v for k, v in schema.items() if k.startswith(("m", "ex"))}})

    def _object(self, schema: Mapping[str, Any]) -> str:
        required = schema.get("required") or ()
        items = [
            (f"{quoted(f'{name}:')} {self.value(below)}", name in required)
            for name, below in (schema.get("properties") or {}).items()
        ]
        rest = schema.get("additionalProperties", False)
        if not items and isinstance(rest, dict):
            pair = self._lark.rule(f"{_KEY} {quoted(':')} {self.value(rest)}")
            return self._lark.rule(f"{quoted('{')} ({pair} ({quoted(',')} {pair})*)? {quoted('}')}")
        return self._lark.rule(f"{quoted('{')} {self._lark.listed(items, quoted(','))} {quoted('}')}")

    def _array(self, schema: Mapping[str, Any]) -> str:
        least, most = int(schema.get("minItems", 0)), schema.get("maxItems")
        first = [self.value(item) for item in schema.get("prefixItems") or ()]
        rest = schema.get("items")
        if first:
            return self._in_brackets(first)
        item = self.value(rest if isinstance(rest, dict) else {"type": "null"})
        if most == 0:
            return quoted("[]")
        more = f"({quoted(',')} {item}){{{max(least - 1, 0)},{'' if most is None else most - 1}}}"
        full = f"{quoted('[')} {item} {more} {quoted(']')}"
        return self._lark.rule(full if least else f"{quoted('[]')} | {full}")

    def _in_brackets(self, items: Sequence[str]) -> str:
        return " ".join([quoted("["), f" {quoted(',')} ".join(items), quoted("]")])

    def _constant(self, value: object) -> str:
        if isinstance(value, str):
            return self._lark.text(f"{self._quote}{value}{self._quote}")
        if isinstance(value, dict):
            pairs = [f"{quoted(f'{key}:')} {self._constant(item)}" for key, item in value.items()]
            return " ".join([quoted("{"), f" {quoted(',')} ".join(pairs), quoted("}")])
        if isinstance(value, list):
            return self._in_brackets([self._constant(item) for item in value])
        return quoted(json.dumps(value))
