"""JSON that a model wrote: in a fence, among words, with a comma too many, comments, or quotes that are not JSON's.

Two strengths: `leading_values` takes JSON itself (and real line breaks in its texts), for marked calls of a family whose
form is known; everything else also takes what is nearly JSON. Read is only what can mean one thing. What is cut off is
never completed: a completed call is a wrong one. Numbers that JSON has none of (NaN, Infinity) are none here either.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

_LONGEST = 100_000
"""Characters looked at for JSON: what is longer is no call."""
_LONGEST_PYTHON = 20_000
"""Characters that Python's own parser gets: it is not made for what strangers write at any length."""
_MOST_LOOKED_AT = 500_000
"""Characters gone through, all braces together, for values that then were none."""
_FENCE = re.compile(r"```[\w-]*")
_FENCED = re.compile(r"```[\w-]*\s*\n?(.*?)(?:```|\Z)", re.DOTALL)
_QUOTE = re.compile(r"(?<!\\)((?:\\\\)*)\"")
"""One that has no backslash of its own."""
_BRACE = re.compile(r"[{\[]")
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|'(?P<single>(?:[^'\\]|\\.)*)'|[“”](?P<curly>(?:[^“”\\]|\\.)*)[“”]"""
    r"""|(?P<note>//[^\n]*|\#[^\n]*|/\*.*?\*/)|(?P<mark>[{}\[\],:，：])|(?P<word>(?!/\*)[^\s{}\[\],:，："'“”]+))""",
    re.DOTALL,
)
_PLAIN = {"，": ",", "：": ":", "True": "true", "False": "false", "None": "null"}


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


# strict=False: models put real line breaks into JSON strings
_DECODER = json.JSONDecoder(strict=False, parse_constant=_refuse)


def unfenced(text: str) -> str:
    """`text` without the Markdown fence around it and blanks at its ends."""
    text = text.strip()
    fence = _FENCE.match(text)
    return text[fence.end() :].strip().removesuffix("```").strip() if fence else text


def leading_values(text: str) -> tuple[list[Any], str, str]:
    """The JSON values `text` begins with, one after another, with blanks, commas or semicolons between.

    Also what is left of `text` behind them, and why that is no JSON value ('' when nothing is left).
    """
    values: list[Any] = []
    rest = text.strip()
    while rest:
        try:
            value, end = _DECODER.raw_decode(rest)
        except (ValueError, RecursionError) as error:
            return values, rest, f"not valid JSON: {error}"
        values.append(value)
        rest = rest[end:].lstrip(" \t\r\n,;")
    return values, "", ""


def value_of(text: str, otherwise: object = None) -> Any:  # noqa: ANN401 - JSON
    """The one value that the whole of `text` is; `otherwise` when it is none."""
    text = text.strip()
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        if text[:1] not in ("{", "[") or len(text) > _LONGEST:
            return otherwise
        value, end = _nearly(text, 0)
        return value if value is not None and end == len(text) else otherwise


def decoded(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The object or list whose JSON `value` is the text of, once or twice over; else `value` itself."""
    found = value
    for _ in range(2):
        if isinstance(found, str):
            found = value_of(found)
    return found if isinstance(found, (dict, list)) else value


def objects_in(text: str) -> list[Any]:
    """Every object, or list with an object in it, that stands in `text`, outermost and in order. When a fence or the
    whole of it is one object or list, just that."""
    text = text[:_LONGEST]
    for candidate in (*_FENCED.findall(text), text):
        whole = value_of(candidate)
        if isinstance(whole, dict | list):
            return [whole]
    return list(_scan(text))


def python_value(node: ast.expr) -> Any:  # noqa: ANN401 - JSON
    """A literal of Python's as the JSON value it stands for, words also spelt as in JSON. Raises `ValueError` for
    anything else."""
    if isinstance(node, ast.Name) and node.id in ("true", "false", "null"):
        return json.loads(node.id)
    if isinstance(node, (ast.List, ast.Tuple)):
        return [python_value(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        if not all(isinstance(key, ast.Constant) and isinstance(key.value, str) for key in node.keys):
            raise ValueError("the keys of an object must be texts")
        keys = [ast.literal_eval(key) for key in node.keys if key]
        return dict(zip(keys, map(python_value, node.values), strict=True))
    value = ast.literal_eval(node)
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise ValueError(f"{ast.unparse(node)[:80]} has no place in JSON")


def _scan(text: str) -> Iterator[Any]:
    """Values that begin at each brace not inside an earlier one."""
    at, looked = 0, 0
    while looked < _MOST_LOOKED_AT and (found := _BRACE.search(text, at)):
        at = found.start()
        try:
            value, end = _DECODER.raw_decode(text, at)
        except RecursionError:
            return
        except ValueError:
            value, end = _nearly(text, at)
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
            yield value
            at = end
        else:
            looked += end - at + len(text) // 200
            at += 1


def _nearly(text: str, start: int) -> tuple[Any, int]:
    """The value that begins with the brace at `start`, None when it is none, and where in `text` its end was sought."""
    spelt, end = _respelt(text, start)
    try:
        return _DECODER.decode(spelt), end
    except (ValueError, RecursionError):
        pass
    if spelt and len(spelt) <= _LONGEST_PYTHON:
        try:
            return python_value(ast.parse(text[start:end], mode="eval").body), end
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            pass
    return None, end


def _respelt(text: str, start: int) -> tuple[str, int]:
    """From the brace at `start` to the one that closes it, in JSON's own spelling, '' when none closes it; and the end."""
    parts: list[str] = []
    depth, at = 0, start
    while token := _TOKEN.match(text, at):
        at = token.end()
        kind, found = str(token.lastgroup), token[str(token.lastgroup)]
        if kind == "note":
            continue
        if kind in ("single", "curly"):
            inner = found.replace("\\'", "'") if kind == "single" else found
            found = '"' + _QUOTE.sub(r"\1\"", inner) + '"'
        found = _PLAIN.get(found, found)
        if kind == "mark":
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(found, 0)
            if found in "}]" and parts[-1] == ",":
                parts.pop()
        parts.append(found)
        if not depth:
            return " ".join(parts), at
    return "", at
