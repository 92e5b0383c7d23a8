"""Hermes, Qwen 2.5 and 3, SmolLM: `<tool_call>{"name": …, "arguments": …}</tool_call>`."""

from __future__ import annotations

from agents.llm.tool_calls.calls import Call, Malformed, json_calls
from agents.llm.tool_calls.family import Family

OPEN, CLOSE = "<tool_call>", "</tool_call>"


def parse(block: str) -> list[Call | Malformed]:
    """The calls in one block: an object, or a list of them as SmolLM2 writes it."""
    return json_calls(block.removeprefix(OPEN).removesuffix(CLOSE))


HERMES = Family("hermes", (OPEN,), {OPEN: CLOSE}, parse)
