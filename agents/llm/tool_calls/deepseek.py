"""DeepSeek, between marks of its own: V3.1 `NAME<｜tool▁sep｜>{…}`, R1 and V3 `function<｜tool▁sep｜>NAME` and a JSON fence.

Distilled models often forget the outer marks, or leave the last ones off.
"""

from __future__ import annotations

import re

from agents.llm.tool_calls.calls import Call, Malformed, call_with
from agents.llm.tool_calls.family import Family

_OPEN, _CLOSE = "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"
_BEGIN, _SEPARATOR, _END = "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"
_FENCED = re.compile(r"([^\n`]*)\n\s*(```.*)", re.DOTALL)


def parse(block: str) -> list[Call | Malformed]:
    """The calls in one block."""
    if block == _CLOSE:
        return []  # its opening mark was forgotten, and the calls are already read
    inside = block.removeprefix(_OPEN).removesuffix(_CLOSE)
    before, *calls = inside.split(_BEGIN)
    found = [_call(text.strip().removesuffix(_END).strip()) for text in calls]
    if before.strip() or not calls:
        found.insert(0, Malformed(before.strip(), f"a call must begin with {_BEGIN}"))
    return found


def _call(text: str) -> Call | Malformed:
    name, separated, rest = text.partition(_SEPARATOR)
    if not separated:
        return Malformed(text, f"{_SEPARATOR} is missing between the name and the arguments")
    fenced = _FENCED.fullmatch(rest.strip())
    if fenced:
        name, rest = fenced.groups()
    return call_with(name.strip(), rest, text)


DEEPSEEK = Family("deepseek", (_OPEN,), {_OPEN: _CLOSE, _BEGIN: _END, _CLOSE: _CLOSE}, parse, inner=(_SEPARATOR,))
