"""Calls as a Python list, `[f(a=1)]`: Gemma 3 and Llama 4 by itself, LFM2 between marks, Gemma also as `tool_code`."""

from __future__ import annotations

import re

from agents.llm.tool_calls.calls import Call, Malformed, unfenced
from agents.llm.tool_calls.family import Family
from agents.llm.tool_calls.python_calls import python_calls

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


def parse(block: str) -> list[Call | Malformed]:
    """The calls in one block."""
    return python_calls(unfenced(block.removeprefix(_OPEN).removesuffix(_CLOSE)))


PYTHONIC = Family("pythonic", (_OPEN, "<|tool_list_start|>", "func_name1(params_name1"), {_OPEN: _CLOSE}, parse, begins)
