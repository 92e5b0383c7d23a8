"""GLM 4.5 and later: `<tool_call>NAME<arg_key>KEY</arg_key><arg_value>value</arg_value></tool_call>`."""

from __future__ import annotations

import re

from agents.llm.calls.family import Call, Family, Found, Malformed
from agents.llm.calls.hermes import CLOSE, OPEN
from agents.llm.calls.lark import Lark, either
from agents.llm.calls.writing import Tool, Way, tagged

_KEY, _VALUE = "<arg_key>", "<arg_value>"
_PAIR = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>", re.DOTALL)


def parse(block: str) -> list[Found]:
    """The call in one block; its arguments are texts."""
    inside = block.removeprefix(OPEN).removesuffix(CLOSE).strip()
    name, key, pairs = inside.partition(_KEY)
    name = name.strip()
    rest = _PAIR.sub("", key + pairs).strip()
    if not name or len(name.split()) > 1 or name[0] in "{[<":
        return [Malformed(inside, "a call must begin with the name of the tool")]
    if rest:
        return [Malformed(inside, f"not an <arg_key>KEY</arg_key><arg_value>value</arg_value>: {rest[:80]}")]
    return [Call(name, {key.strip(): value.strip("\n") for key, value in _PAIR.findall(key + pairs)})]


def write(lark: Lark, tools: list[Tool], template: str) -> list[Way]:  # noqa: ARG001  # one form for all
    """Arguments in the schema's order."""
    argument = (f"{_KEY}{{}}</arg_key>\n{_VALUE}", "</arg_value>\n")
    return [Way(OPEN, either([tagged(lark, tool, f"{tool.name}\n", argument, CLOSE) for tool in tools]))]


GLM = Family(
    "glm",
    (_KEY,),
    {OPEN: CLOSE},
    parse,
    inner=(_KEY, "</arg_key>", _VALUE, "</arg_value>"),
    textual=True,
    write=write,
)
