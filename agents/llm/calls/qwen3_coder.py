"""Qwen3-Coder and Qwen3.5: `<tool_call><function=NAME><parameter=KEY>value</parameter></function></tool_call>`.

The outer tags are often forgotten, the opening one above all; functionary writes JSON where the parameters are.
"""

from __future__ import annotations

import re

from agents.llm.calls.family import Call, Family, Found, Malformed
from agents.llm.calls.hermes import CLOSE, OPEN
from agents.llm.calls.json_calls import call_with
from agents.llm.calls.lark import BLANKS, Lark, either
from agents.llm.calls.writing import Tool, Way, tagged

_FUNCTION = "<function="
_BETWEEN = re.compile(r"(?<=</function>)\s*(?=<function=)")
_PARAMETER = re.compile(r"<parameter=([^>]*)>(.*?)</parameter>", re.DOTALL)


def parse(block: str) -> list[Found]:
    """The calls in one block; their arguments are texts."""
    inside = block.removeprefix(OPEN).removesuffix(CLOSE).strip()
    return [_function(text.strip()) for text in _BETWEEN.split(inside)]


def _function(whole: str) -> Found:
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


def write(lark: Lark, tools: list[Tool], template: str) -> list[Way]:  # noqa: ARG001  # one form for all
    """Arguments in the schema's order; with the outer tags, or without where the model forgets them."""
    calls = either(
        [
            tagged(lark, tool, f"{tool.name}>\n", ("<parameter={}>\n", "\n</parameter>\n"), "</function>")
            for tool in tools
        ]
    )
    closing = lark.text(CLOSE)
    return [
        Way(OPEN, f"{lark.text(_FUNCTION)} {calls} {BLANKS} {closing}", lead="\n"),
        Way(_FUNCTION, f"{calls} ({BLANKS} {closing})?"),
    ]


QWEN3_CODER = Family(
    "qwen3-coder",
    (_FUNCTION,),
    {OPEN: CLOSE, _FUNCTION: "</function>", CLOSE: CLOSE},
    parse,
    textual=True,
    write=write,
)
