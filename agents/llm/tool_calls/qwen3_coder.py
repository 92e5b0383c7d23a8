"""Qwen3-Coder and Qwen3.5: `<tool_call><function=NAME><parameter=KEY>value</parameter></function></tool_call>`.

The outer tags are often forgotten, the opening one above all; functionary writes JSON where the parameters are.
"""

from __future__ import annotations

import re

from agents.llm.tool_calls.calls import Call, Malformed, call_with
from agents.llm.tool_calls.family import Family

_OPEN, _CLOSE = "<tool_call>", "</tool_call>"
_FUNCTION = "<function="
_BETWEEN = re.compile(r"(?<=</function>)\s*(?=<function=)")
_PARAMETER = re.compile(r"<parameter=([^>]*)>(.*?)</parameter>", re.DOTALL)


def parse(block: str) -> list[Call | Malformed]:
    """The calls in one block; their arguments are texts."""
    if block == _CLOSE:
        return []  # its opening tag was forgotten, and the call is already read
    inside = block.removeprefix(_OPEN).removesuffix(_CLOSE).strip()
    return [_function(text.strip()) for text in _BETWEEN.split(inside)]


def _function(whole: str) -> Call | Malformed:
    if not whole.startswith(_FUNCTION):
        return Malformed(whole, "a call must begin with <function=NAME>")
    name, closed, body = whole.removeprefix(_FUNCTION).partition(">")
    if not closed or not name.strip():
        return Malformed(whole, "the name of the tool is missing or cut off")
    if not body.endswith("</function>"):
        return Malformed(whole, f"</function> is missing after the call of '{name}'")
    body = body.removesuffix("</function>").strip()
    if body.startswith("{"):
        return call_with(name.strip(), body, whole)
    # One line break after the opening tag and one before the closing one belong to the format.
    arguments = {key.strip(): value.removeprefix("\n").removesuffix("\n") for key, value in _PARAMETER.findall(body)}
    rest = _PARAMETER.sub("", body).strip()
    if rest:
        return Malformed(whole, f"not a <parameter=KEY>value</parameter>: {rest[:80]}")
    return Call(name.strip(), arguments)


QWEN3_CODER = Family(
    "qwen3-coder",
    (_FUNCTION,),
    {_OPEN: _CLOSE, _FUNCTION: "</function>", _CLOSE: _CLOSE},
    parse,
    textual=True,
)
