"""Hermes, Qwen 2.5 and 3, SmolLM: `<tool_call>{"name": …, "arguments": …}</tool_call>`."""

from __future__ import annotations

from agents.llm.calls.family import Family, Found
from agents.llm.calls.json_calls import json_calls
from agents.llm.calls.lark import BLANKS, Lark, either
from agents.llm.calls.writing import Tool, Way, json_call

OPEN, CLOSE = "<tool_call>", "</tool_call>"


def parse(block: str) -> list[Found]:
    """The calls in one block: an object, or a list of them as SmolLM2 writes it."""
    return json_calls(block.removeprefix(OPEN).removesuffix(CLOSE))


def write(lark: Lark, tools: list[Tool], template: str) -> list[Way]:  # noqa: ARG001  # one form for all
    """One call between the tags."""
    calls = either([json_call(lark, tool, "arguments") for tool in tools])
    return [Way(OPEN, f"{calls} {BLANKS} {lark.text(CLOSE)}", lead="\n")]


HERMES = Family("hermes", (OPEN,), {OPEN: CLOSE}, parse, write=write)
