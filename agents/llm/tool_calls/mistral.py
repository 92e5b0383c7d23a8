"""Mistral: `[TOOL_CALLS][{"name": …, "arguments": …}]`, or newer `[TOOL_CALLS]NAME[ARGS]{…}`, once per call.

In between, `NAME[CALL_ID]ID[ARGS]{…}` and `NAME{…}` were in use. The rest of the reply is calls.
"""

from __future__ import annotations

import re

from agents.llm.tool_calls.calls import Call, Found, Malformed, call_with, json_calls
from agents.llm.tool_calls.family import Family
from agents.llm.tool_calls.plain_json import begins, read

_MARK, _ID, _ARGS = "[TOOL_CALLS]", "[CALL_ID]", "[ARGS]"
_NAMED = re.compile(r"([^\[{\s]*)\s*(?:\[CALL_ID\][^\[{]*)?(?:\[ARGS\])?(.*)", re.DOTALL)


def parse(block: str) -> list[Found]:
    """The calls in one block, one `[TOOL_CALLS]` or several."""
    if not block.startswith(_MARK):
        return read(block)
    return [call for part in block.split(_MARK)[1:] for call in _calls(part.strip())]


def _calls(text: str) -> list[Call | Malformed]:
    if text[:1] in ("[", "{", "") and not text.startswith((_ARGS, _ID)):
        return json_calls(text)
    name, arguments = _NAMED.match(text).groups()  # type: ignore[union-attr]  # matches anything
    if not arguments.strip():
        return [Malformed(text, f"the arguments of '{name}' are missing")]
    return [call_with(name, arguments, text)]


MISTRAL = Family("mistral", (_MARK,), {_MARK: ""}, parse, begins, inner=(_ID, _ARGS))
