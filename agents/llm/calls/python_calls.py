"""Calls written in Python's syntax. They are read, never run."""

from __future__ import annotations

import ast

from agents.llm.calls.family import Call, Found, Malformed
from ingest.lenient_json import python_value

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
