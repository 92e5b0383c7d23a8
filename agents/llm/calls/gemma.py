"""FunctionGemma `<start_function_call>call:NAME{key:<escape>text<escape>}<end_function_call>`; Gemma 4 the same in other marks.

https://ai.google.dev/gemma/docs/functiongemma/formatting-and-best-practices
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from agents.llm.calls.family import Call, Family, Found, Malformed
from agents.llm.calls.lark import Lark, either, quoted
from agents.llm.calls.writing import Tool, Way, raw_value
from ingest.json_schema import resolved

_OLD, _OLD_END = "<start_function_call>", "<end_function_call>"
_NEW, _NEW_END = "<|tool_call>", "<tool_call|>"
_QUOTES = ("<escape>", '<|"|>')
_CALL = re.compile(r"\s*call:\s*([^\s{]+)\s*(?=\{)")
_TOKEN = re.compile(
    r"\s*(?:(?P<quote><escape>|<\|\"\|>)(?P<text>.*?)(?P=quote)|(?P<json>\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<mark>[{}\[\]:,])|(?P<word>[^\s{}\[\]:,<\"][^{}\[\]:,<\"]*))",
    re.DOTALL,
)
_COLON = re.compile(r"\s*:")


def parse(block: str) -> list[Found]:
    """The calls in one block."""
    for opening, closing in ((_OLD, _OLD_END), (_NEW, _NEW_END)):
        block = block.removeprefix(opening).removesuffix(closing)
    found: list[Found] = []
    rest = block.strip()
    while rest or not found:
        begun = _CALL.match(rest)
        if not begun:
            return [*found, Malformed(rest, "a call must look like call:NAME{key:value}")]
        try:
            arguments, end = _object(rest, begun.end())
        except (ValueError, RecursionError) as error:
            return [*found, Malformed(rest, f"the arguments of '{begun[1]}': {error}")]
        found.append(Call(begun[1], arguments))
        rest = rest[end:].strip()
    return found


def _object(text: str, at: int) -> tuple[dict[str, Any], int]:
    """The object that begins at `at`, and where it ends: its tokens in JSON's writing, for JSON's own parser. Keys need no
    quotes, texts stand in the family's. Raises `ValueError`."""
    written: list[str] = []
    depth = 0
    while depth or not written:
        token = _TOKEN.match(text, at)
        if not token:
            left = text[at:].strip()[:80]
            raise ValueError(f"can't be read from '{left}' on" if left else "it ends too early")
        at = token.end()
        if token["quote"]:
            written.append(json.dumps(token["text"]))
        elif token["json"]:
            written.append(json.dumps(json.loads(token["json"], strict=False)))
        elif token["word"]:
            word = token["word"].strip()
            written.append(json.dumps(word) if _COLON.match(text, at) else _literal(word))
        else:
            depth += (token["mark"] in "{[") - (token["mark"] in "}]")
            if token["mark"] == "}" and written[-1] == ",":
                written.pop()
            written.append(token["mark"])
    try:
        return json.loads("".join(written)), at
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} before '{error.doc[error.pos : error.pos + 80]}'") from None


def _literal(word: str) -> str:
    """A number, true, false or null as JSON has it."""
    word = {"True": "true", "False": "false", "None": "null"}.get(word, word)
    try:
        json.loads(word)
    except ValueError:
        raise ValueError(f"'{word[:80]}' is neither quoted text nor a number, true, false or null") from None
    return word


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


FUNCTIONGEMMA = Family(
    "functiongemma",
    (_OLD,),
    {_OLD: _OLD_END},
    parse,
    inner=_QUOTES[:1],
    stops=("<start_function_response>",),
    write=functools.partial(write, opening=_OLD, closing=_OLD_END, quote=_QUOTES[0]),
)
GEMMA4 = Family(
    "gemma4",
    (_NEW,),
    {_NEW: _NEW_END},
    parse,
    inner=_QUOTES[1:],
    stops=("<|tool_response>",),
    write=functools.partial(write, opening=_NEW, closing=_NEW_END, quote=_QUOTES[1]),
)
