"""FunctionGemma `<start_function_call>call:NAME{key:<escape>text<escape>}<end_function_call>`; Gemma 4 the same in other marks.

https://ai.google.dev/gemma/docs/functiongemma/formatting-and-best-practices
"""

from __future__ import annotations

import functools
import json
import re

from agents.llm.calls.family import Call, Family, Found, Malformed
from agents.llm.calls.gemma_writing import write

_OLD, _OLD_END = "<start_function_call>", "<end_function_call>"
_NEW, _NEW_END = "<|tool_call>", "<tool_call|>"
_QUOTES = ("<escape>", '<|"|>')
_CALL = re.compile(r"\s*call:\s*([^\s{]+)\s*(?=\{)")
_TOKEN = re.compile(
    r"\s*(?:(?P<quote><escape>|<\|\"\|>)(?P<text>.*?)(?P=quote)|(?P<json>\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<mark>[{}\[\]:,])|(?P<word>[^\s{}\[\]:,<\"][^{}\[\]:,<\"]*))",
    re.DOTALL,
)
_WORDS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}


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
        reader = _Reader(rest, begun.end())
        try:
            found.append(Call(begun[1], reader.value()))  # type: ignore[arg-type]  # begins with a brace
        except (ValueError, RecursionError) as error:
            return [*found, Malformed(rest, f"the arguments of '{begun[1]}': {error}")]
        rest = rest[reader.at :].strip()
    return found


class _Reader:
    """Reads values: objects whose keys need no quotes, lists, quoted texts, numbers, true, false and null."""

    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self.at = at

    def value(self) -> object:
        """The value that begins here. Raises `ValueError`."""
        kind, text = self._next()
        if kind == "mark" and text == "{":
            return self._object()
        if kind == "mark" and text == "[":
            return self._list()
        if kind in ("text", "json"):
            return text
        if kind == "word" and text in _WORDS:
            return _WORDS[text]
        if kind == "word":
            try:
                return json.loads(text)
            except ValueError:
                pass
            message = f"'{text[:80]}' is neither quoted text nor a number, true, false or null"
            raise ValueError(message)
        message = f"a value is missing before '{text}'"
        raise ValueError(message)

    def _object(self) -> dict[str, object]:
        found: dict[str, object] = {}
        kind, key = self._next()
        while (kind, key) != ("mark", "}"):
            if kind == "mark":
                message = f"a key is missing before '{key}'"
                raise ValueError(message)
            self._expect(":")
            found[key] = self.value()
            if self._expect(",", "}") == "}":
                break
            kind, key = self._next()
        return found

    def _list(self) -> list[object]:
        found: list[object] = []
        start = self.at
        if self._next() == ("mark", "]"):
            return found
        self.at = start
        while True:
            found.append(self.value())
            if self._expect(",", "]") == "]":
                return found

    def _expect(self, *marks: str) -> str:
        kind, text = self._next()
        if kind != "mark" or text not in marks:
            message = f"'{text[:80]}' where {' or '.join(marks)} belongs"
            raise ValueError(message)
        return text

    def _next(self) -> tuple[str, str]:
        token = _TOKEN.match(self._text, self.at)
        if not token:
            left = self._text[self.at :].strip()[:80]
            message = f"can't be read from '{left}' on" if left else "it ends too early"
            raise ValueError(message)
        self.at = token.end()
        if token["quote"]:
            return "text", token["text"]
        if token["json"]:
            return "json", str(json.loads(token["json"], strict=False))
        return ("mark", token["mark"]) if token["mark"] else ("word", token["word"].strip())


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
