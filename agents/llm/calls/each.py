"""A call that was given a list where one value belongs is a call for each: `get_price(stock=["ACME", "Ida"])`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.llm.calls.family import Call
from agents.llm.schema.validating import problem_of
from ingest.json_schema import kinds_of

_MOST = 20


def for_each(call: Call, schema: Mapping[str, Any]) -> list[Call]:
    """The calls that `call`, which does not keep to `schema`, stands for: one for each item of its lists of one length; none
    where these don't keep to it either."""
    properties = schema.get("properties") or {}
    lists = {
        name: value
        for name, value in call.arguments.items()
        if isinstance(value, list) and (kinds := kinds_of(properties.get(name), schema)) and "array" not in kinds
    }
    counts = {len(value) for value in lists.values()}
    if len(counts) != 1 or not 1 <= (count := counts.pop()) <= _MOST:
        return []
    calls = [
        Call(call.name, {**call.arguments, **{name: value[n] for name, value in lists.items()}}) for n in range(count)
    ]
    return [] if any(problem_of(one.arguments, schema) for one in calls) else calls
