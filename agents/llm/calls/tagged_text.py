"""Families that write arguments as bare text between tags; their types, only the tool's schema knows.

Qwen3-Coder and Qwen3.5 `<tool_call><function=NAME><parameter=KEY>value</parameter></function></tool_call>`; MiniMax M2
`<minimax:tool_call><invoke name="NAME"><parameter name="KEY">value</parameter></invoke></minimax:tool_call>`; GLM 4.5 and
later `<tool_call>NAME<arg_key>KEY</arg_key><arg_value>value</arg_value></tool_call>`.

The outer tags are often forgotten, the opening one above all; functionary writes JSON where the parameters are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.llm.calls.family import Call, Family, Found, Malformed
from agents.llm.calls.json_calls import call_with
from agents.llm.calls.lark import BLANKS, Lark, either
from agents.llm.calls.marked_json import CLOSE, OPEN
from agents.llm.calls.writing import Tool, Way, tagged


@dataclass(frozen=True)
class TagForm:
    """The tags; `{}` in one stands for a name."""

    opening: str
    closing: str
    function: str
    parameter: str
    end: str
    break_values: bool
    """A line break after the opening tag of a value and one before its closing tag belong to the format."""

    @property
    def _begin(self) -> str:
        return self.function.partition("{}")[0]

    def parse(self, block: str) -> list[Found]:
        """The calls in one block; their arguments are texts."""
        inside = block.removeprefix(self.opening).removesuffix(self.closing).strip()
        between = rf"(?<={re.escape(self.end)})\s*(?={re.escape(self._begin)})"
        return [self._function(text.strip()) for text in re.split(between, inside)]

    def _function(self, whole: str) -> Found:
        if not whole.startswith(self._begin):
            return Malformed(whole, f"a call must begin with {self.function.format('NAME')}")
        name, closed, body = whole.removeprefix(self._begin).partition(">")
        name = name.strip().strip('"')
        if not closed or not name:
            return Malformed(whole, "the name of the tool is missing or cut off")
        if not body.endswith(self.end):
            return Malformed(whole, f"{self.end} is missing after the call of '{name}'")
        body = body.removesuffix(self.end).strip()
        if body.startswith("{"):
            return call_with(name, body, whole)
        first = re.escape(self.parameter.partition("{}")[0])
        pattern = re.compile(rf"{first}([^>]*?)\"?>(.*?)</parameter>", re.DOTALL)
        arguments = {key.strip(): value.removeprefix("\n").removesuffix("\n") for key, value in pattern.findall(body)}
        rest = pattern.sub("", body).strip()
        if rest:
            return Malformed(whole, f"not a {self.parameter.format('KEY')}value</parameter>: {rest[:80]}")
        return Call(name, arguments)

    def write(self, lark: Lark, tools: list[Tool], template: str) -> list[Way]:  # noqa: ARG002  # one form for all
        """Arguments in the schema's order; with the outer tags, or without where the model forgets them."""
        line = "\n" if self.break_values else ""
        argument = (f"{self.parameter}{line}", f"{line}</parameter>\n")
        tail = self.function.partition("{}")[2]
        calls = either([tagged(lark, tool, f"{tool.name}{tail}\n", argument, self.end) for tool in tools])
        closing, begin = lark.text(self.closing), lark.text(self._begin)
        ways = [Way(self._begin, f"{calls} ({BLANKS} {closing})?")]
        more = rf"({BLANKS} {begin} {calls})*"
        one = f"{begin} {calls} {BLANKS} {closing}"
        return [Way(self.opening, one, several=f"{begin} {calls} {more} {BLANKS} {closing}", lead="\n"), *ways]

    def family(self, name: str, marker: str) -> Family:
        """The family that writes so."""
        blocks = {self.opening: self.closing, self._begin: self.end, self.closing: self.closing}
        return Family(name, (marker,), blocks, self.parse, textual=True, write=self.write)


QWEN3_CODER = TagForm(OPEN, CLOSE, "<function={}>", "<parameter={}>", "</function>", break_values=True).family(
    "qwen3-coder", "<function="
)
MINIMAX_M2 = TagForm(
    "<minimax:tool_call>",
    "</minimax:tool_call>",
    '<invoke name="{}">',
    '<parameter name="{}">',
    "</invoke>",
    break_values=False,
).family("minimax-m2", "<minimax:tool_call>")

_KEY, _VALUE = "<arg_key>", "<arg_value>"
_PAIR = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>", re.DOTALL)


def _parse_glm(block: str) -> list[Found]:
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


def _write_glm(lark: Lark, tools: list[Tool], template: str) -> list[Way]:  # noqa: ARG001  # one form for all
    """Arguments in the schema's order."""
    argument = (f"{_KEY}{{}}</arg_key>\n{_VALUE}", "</arg_value>\n")
    return [Way(OPEN, either([tagged(lark, tool, f"{tool.name}\n", argument, CLOSE) for tool in tools]))]


GLM = Family(
    "glm",
    (_KEY,),
    {OPEN: CLOSE},
    _parse_glm,
    inner=(_KEY, "</arg_key>", _VALUE, "</arg_value>"),
    textual=True,
    write=_write_glm,
)
