"""Which tool calls are right: BFCL's comparison of syntax trees, in the words of its own rules.

Written from the rules (https://gorilla.cs.berkeley.edu/leaderboard.html, "AST evaluation"), not from its code. The
two differ where that code depends on the order of calls: here calls and expected calls are paired as well as
possible.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.benchmarks.bfcl.records import Expected, Function

Made = tuple[str, "Mapping[str, Any]"]
"""A call as the model made it: the function's name as in the record, and the arguments."""

_IGNORED = re.compile(r"[\s,./\-_*^]")


def match(made: Sequence[Made], expected: Sequence[Expected], functions: Sequence[Function]) -> str:
    """'' when the calls are right, otherwise why they aren't, in a few words for a log."""
    if not expected:
        return f"{len(made)} calls where none is right" if made else ""
    if len(made) != len(expected):
        return f"{len(made)} calls, {len(expected)} expected"
    if len(expected) == 1:
        return mismatch(made[0], expected[0], functions)
    reasons = [[mismatch(call, wanted, functions) for wanted in expected] for call in made]
    if pairs(reasons) == len(expected):
        return ""
    alone = [min(row, key=len) for row in reasons if all(row)]
    return alone[0] if alone else "one expected call twice, another not at all"


def pairs(reasons: Sequence[Sequence[str]]) -> int:
    """How many rows can be paired with columns, each used once, where the reason against it is ''. (Kuhn 1955)"""
    taken: dict[int, int] = {}

    def placed(row: int, seen: set[int]) -> bool:
        for column, reason in enumerate(reasons[row]):
            if reason or column in seen:
                continue
            seen.add(column)
            if column not in taken or placed(taken[column], seen):
                taken[column] = row
                return True
        return False

    return sum(placed(row, set()) for row in range(len(reasons)))


def mismatch(made: Made, expected: Expected, functions: Sequence[Function]) -> str:
    """'' when this call is the expected one, otherwise the first rule it breaks."""
    name, arguments = made
    if name != expected.name:
        return f"{name} in place of {expected.name}"
    function = next(f for f in functions if f.name == name)
    known = function.parameters.get("properties") or {}
    for parameter in function.parameters.get("required") or ():
        if parameter not in arguments:
            return f"{parameter} is missing"
    for parameter, value in arguments.items():
        if parameter not in known or parameter not in expected.accepted:
            return f"{parameter} is unexpected"
        if not accepts(value, expected.accepted[parameter], known[parameter]):
            return f"{parameter} is {value!r}"
    for parameter, accepted in expected.accepted.items():
        if parameter not in arguments and "" not in accepted:
            return f"{parameter} is left out"
    return ""


def accepts(value: Any, accepted: Sequence[Any], schema: Mapping[str, Any]) -> bool:
    """Whether a value has the declared type and is one of the accepted ones.

    Where an accepted value is a string though the type is another, the name of a variable is meant: that very
    string is right, too.
    """
    declared = schema.get("type", "string")
    if isinstance(value, str) and declared != "string":
        return value != "" and value in [item for item in accepted if isinstance(item, str)]
    if not has_type(value, schema):
        return False
    return any(_equal(value, item) for item in accepted)


def has_type(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a value is of the declared type, and the items of a list of theirs. An integer will do as a number."""
    match schema.get("type", "string"):
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "object":
            return isinstance(value, dict)
        case "array":
            items = schema.get("items") or {}
            return isinstance(value, list) and all(_is_item(item, items) for item in value)
        case _:
            return True


def _is_item(value: Any, schema: Mapping[str, Any]) -> bool:
    """One level down only: what is inside an item is left to the comparison."""
    kind = schema.get("type")
    if kind is None:
        return True
    return isinstance(value, list) if kind == "array" else has_type(value, {"type": kind})


def _equal(value: Any, accepted: Any) -> bool:
    if isinstance(accepted, str):
        return isinstance(value, str) and folded(value) == folded(accepted)
    if isinstance(accepted, dict):
        return isinstance(value, dict) and _equal_objects(value, accepted)
    if isinstance(accepted, list):
        same = isinstance(value, list) and len(value) == len(accepted)
        return same and all(_equal(item, wanted) for item, wanted in zip(value, accepted, strict=True))
    return isinstance(value, bool) == isinstance(accepted, bool) and bool(value == accepted)


def _equal_objects(value: Mapping[str, Any], accepted: Mapping[str, Any]) -> bool:
    """Each key has a list of accepted values of its own."""
    for key, inner in value.items():
        if key not in accepted or not any(_equal(inner, item) for item in _listed(accepted[key])):
            return False
    return all(key in value or "" in _listed(accepted[key]) for key in accepted)


def _listed(accepted: Any) -> Sequence[Any]:
    return accepted if isinstance(accepted, list) else [accepted]


def folded(text: str) -> str:
    """A string as it is compared: without case, blanks and `, . / - _ * ^`, and with `'` read as `"`."""
    return _IGNORED.sub("", text).lower().replace("'", '"')
