"""DeepSeek, between marks of its own: V3.1 `NAME<｜tool▁sep｜>{…}`, R1 and V3 `function<｜tool▁sep｜>NAME` and a JSON fence.

Distilled models often forget the outer marks, or leave the last ones off.
"""

from __future__ import annotations

import re

from agents.llm.calls.family import Family, Found, Malformed
from agents.llm.calls.json_calls import call_with
from agents.llm.calls.lark import Lark, either
from agents.llm.calls.writing import Tool, Way

_OPEN, _CLOSE = "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"
_BEGIN, _SEPARATOR, _END = "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"
_FENCED = re.compile(r"([^\n`]*)\n\s*(```.*)", re.DOTALL)


def parse(block: str) -> list[Found]:
    """The calls in one block."""
    inside = block.removeprefix(_OPEN).removesuffix(_CLOSE)
    before, *calls = inside.split(_BEGIN)
    found = [_call(text.strip().removesuffix(_END).strip()) for text in calls]
    if before.strip() or not calls:
        found.insert(0, Malformed(before.strip(), f"a call must begin with {_BEGIN}"))
    return found


def _call(text: str) -> Found:
    name, separated, rest = text.partition(_SEPARATOR)
    if not separated:
        return Malformed(text, f"{_SEPARATOR} is missing between the name and the arguments")
    fenced = _FENCED.fullmatch(rest.strip())
    if fenced:
        name, rest = fenced.groups()
    return call_with(name.strip(), rest, text)


def write(lark: Lark, tools: list[Tool], template: str) -> list[Way]:
    """As the template writes them: with a JSON fence up to R1 and V3, bare from V3.1 on."""
    calls = either([_written(lark, tool, fenced="```json" in template) for tool in tools])
    begin, end, close = (lark.text(mark) for mark in (_BEGIN, _END, _CLOSE))
    more = rf"(/\n?/ {begin} {calls} {end})*"
    one = f"{begin} {calls} {end} {close}"
    return [
        Way(_OPEN, one, several=f"{begin} {calls} {end} {more} {close}"),
        Way(_BEGIN, rf"{calls} {end} {more} (/\n?/ {close})?"),  # distilled models forget the outer marks
    ]


def _written(lark: Lark, tool: Tool, *, fenced: bool) -> str:
    arguments = lark.json(tool.parameters)
    if fenced:
        head = lark.text(f"function{_SEPARATOR}{tool.name}\n```json\n")
        return lark.rule(f"{head} {arguments} {lark.text(chr(10) + '```')}")
    return lark.rule(f"{lark.text(tool.name + _SEPARATOR)} {arguments}")


DEEPSEEK = Family(
    "deepseek",
    (_OPEN,),
    {_OPEN: _CLOSE, _BEGIN: _END, _CLOSE: _CLOSE},
    parse,
    inner=(_SEPARATOR,),
    write=write,
)
