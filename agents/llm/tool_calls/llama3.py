"""Llama 3.1 to 3.3: `{"name": …, "parameters": …}`, by itself or after `<|python_tag|>`.

Built-in tools come as `<|python_tag|>NAME.call(KEY="value")`.
"""

from __future__ import annotations

from agents.llm.tool_calls.calls import Found, Malformed, json_calls
from agents.llm.tool_calls.family import Family
from agents.llm.tool_calls.plain_json import begins, read
from agents.llm.tool_calls.python_calls import python_calls

_TAG = "<|python_tag|>"


def parse(block: str) -> list[Found]:
    """The calls in one block."""
    if not block.startswith(_TAG):
        return read(block)
    found: list[Found] = []
    for part in block.split(_TAG)[1:]:
        text = part.strip()
        if text[:1] in ("{", "[", "`", ""):
            found += json_calls(text)
            continue
        calls = python_calls(text)
        if any(isinstance(call, Malformed) for call in calls):
            calls = [Malformed(text, "neither a JSON object with 'name' and 'parameters' nor NAME.call(…)")]
        found += calls
    return found


LLAMA3 = Family("llama3", (_TAG, "Environment: ipython"), {_TAG: ""}, parse, begins)
