"""Calls as a Python list, `[f(a=1)]`: Gemma 3 and Llama 4 by itself, LFM2 between marks, Gemma also as `tool_code`.

Calls written in Python's syntax are read, never run.
"""

from __future__ import annotations

import ast
import re

from agents.llm.calls.family import Call, Family, Found, Malformed
from agents.llm.calls.lark import Lark, either, quoted
from agents.llm.calls.writing import Tool, Way, unmarked, with_definitions
from ingest.lenient_json import python_value, unfenced

_OPEN, _CLOSE = "<|tool_call_start|>", "<|tool_call_end|>"
_FENCE = "```tool_code"
_BEGUN = re.compile(r"\[\s*[A-Za-z_][\w.]*\(")
_BEGINNING = re.compile(r"\[\s*([A-Za-z_][\w.]*)?")


def begins(text: str) -> bool | None:
    """Whether a reply that begins so is a list of calls: `[1]`, `[note]` and `[a link](…)` are none."""
    text = text.lstrip()
    if _BEGUN.match(text) or text.startswith(_FENCE):
        return True
    return None if _BEGINNING.fullmatch(text) or _FENCE.startswith(text) else False


def parse(block: str) -> list[Found]:
    """The calls in one block."""
    return python_calls(unfenced(block.removeprefix(_OPEN).removesuffix(_CLOSE)))


def write(lark: Lark, tools: list[Tool], template: str) -> list[Way]:
    """A list of calls, in LFM2's marks where the template has them.

    Values are written as JSON, which the parser reads in Python's place. Python can't name everything JSON can: for
    a tool or an argument called `a-b` there is no form.
    """
    if not all(name.isidentifier() for tool in tools for name in (*tool.name.split("."), *tool.properties)):
        return []
    arguments = [_arguments(lark, tool) for tool in tools]
    pairs = zip(tools, arguments, strict=True)
    calls = either([lark.rule(f"{quoted(tool.name + '(')} {inside} {quoted(')')}") for tool, inside in pairs])
    more = f"({quoted(', ')} {calls})* {quoted(']')}"
    heads = [rf"\s*\[{re.escape(tool.name)}\(" for tool in tools]
    whole = f"{quoted('[')} {calls} {quoted(']')}"
    several = f"{quoted('[')} {calls} {more}"
    bare = unmarked(whole, heads, [f"{inside} {quoted(')')} {more}" for inside in arguments], several)
    marked = Way(_OPEN, f"{whole} {lark.text(_CLOSE)}", several=f"{several} {lark.text(_CLOSE)}")
    return [marked, *bare] if _OPEN in template else [*bare, marked]


def _arguments(lark: Lark, tool: Tool) -> str:
    items = [
        (f"{quoted(name + '=')} {lark.json(with_definitions(schema, tool.parameters))}", name in tool.required)
        for name, schema in tool.properties.items()
    ]
    return lark.listed(items, quoted(", "))


PYTHONIC = Family(
    "pythonic", (_OPEN, "<|tool_list_start|>", "func_name1(params_name1"), {_OPEN: _CLOSE}, parse, begins, write=write
)


_LONGEST = 100_000
"""Characters: Python's own parser is not made for what strangers write at any length."""


def python_calls(text: str) -> list[Found]:
    """The calls in `[f(a=1), g(b="x")]`, or in lines of `f(a=1)`, also inside `print(…)` and as `f.call(…)`."""
    if len(text) > _LONGEST:
        return [Malformed(text, f"longer than {_LONGEST} characters")]
    try:
        body = ast.parse(text.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return [Malformed(text, f"not a list of calls in Python's syntax: {error}")]
    found: list[Found] = []
    for line in body:
        value = line.value if isinstance(line, (ast.Expr, ast.Assign)) else None
        items = value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]
        found += [_call(item, text) for item in items]
    return found or [Malformed(text, "no call where one began")]


def _call(node: ast.expr | None, text: str) -> Found:
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
        and len(node.args) == 1
    ):
        node = node.args[0]
    if not isinstance(node, ast.Call):
        return Malformed(text, "a call must look like NAME(KEY=VALUE, …)")
    name = ast.unparse(node.func).removesuffix(".call")
    if not all(part.isidentifier() for part in name.split(".")):
        return Malformed(text, f"'{name}' is no name of a tool")
    if node.args or any(keyword.arg is None for keyword in node.keywords):
        return Malformed(text, f"every argument of '{name}' needs its name: KEY=VALUE")
    try:
        arguments = {str(keyword.arg): python_value(keyword.value) for keyword in node.keywords}
    except (ValueError, RecursionError) as error:
        return Malformed(text, f"the arguments of '{name}' must be plain values: {error}")
    return Call(name, arguments)
