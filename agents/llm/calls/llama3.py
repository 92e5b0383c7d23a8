"""Llama 3.1 to 3.3: `{"name": …, "parameters": …}`, by itself or after `<|python_tag|>`.

Built-in tools come as `<|python_tag|>NAME.call(KEY="value")`.
"""

from __future__ import annotations

from agents.llm.calls.family import Family, Found, Malformed
from agents.llm.calls.json_calls import json_calls
from agents.llm.calls.lark import Lark
from agents.llm.calls.pythonic import python_calls
from agents.llm.calls.writing import Tool, Way, bare_json

_TAG = "<|python_tag|>"


def parse(block: str) -> list[Found]:
    """The calls in one block."""
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


def write(lark: Lark, tools: list[Tool], template: str) -> list[Way]:  # noqa: ARG001  # one form for all
    """Bare JSON, as the template shows calls of a user's tools; the tag is read, and the same comes after it."""
    bare = bare_json(lark, tools, "parameters", several=False)
    return [*bare, Way(_TAG, bare[0].rest)]


LLAMA3 = Family("llama3", (_TAG, "Environment: ipython"), {_TAG: ""}, parse, bare=True, alone=True, write=write)
