"""Mistral: `[TOOL_CALLS][{"name": …, "arguments": …}]`, or newer `[TOOL_CALLS]NAME[ARGS]{…}`, once per call.

In between, `NAME[CALL_ID]ID[ARGS]{…}` and `NAME{…}` were in use. The rest of the reply is calls.
"""

from __future__ import annotations

import re

from agents.llm.calls.family import Family, Found, Malformed
from agents.llm.calls.json_calls import call_with, json_calls
from agents.llm.calls.lark import Lark, either, quoted
from agents.llm.calls.writing import Tool, Way, json_call

_MARK, _ID, _ARGS = "[TOOL_CALLS]", "[CALL_ID]", "[ARGS]"
_NAMED = re.compile(r"([^\[{\s]*)\s*(?:\[CALL_ID\][^\[{]*)?(?:\[ARGS\])?(.*)", re.DOTALL)


def parse(block: str) -> list[Found]:
    """The calls in one block, one `[TOOL_CALLS]` or several."""
    return [call for part in block.split(_MARK)[1:] for call in _calls(part.strip())]


def _calls(text: str) -> list[Found]:
    if text[:1] in ("[", "{", "") and not text.startswith((_ARGS, _ID)):
        return json_calls(text)
    name, arguments = _NAMED.match(text).groups()  # type: ignore[union-attr]  # matches anything
    if not arguments.strip():
        return [Malformed(text, f"the arguments of '{name}' are missing")]
    return [call_with(name, arguments, text)]


def write(lark: Lark, tools: list[Tool], template: str) -> list[Way]:
    """As the template writes them: `NAME[ARGS]{…}` if it has that mark, else a list of objects.

    Ids are nine letters and digits: the templates raise at any other.
    """
    nine = {"type": "string", "pattern": "^[a-zA-Z0-9]{9}$"}
    if _ARGS in template:
        between = f"{lark.text(_ID)} /[a-zA-Z0-9]{{9}}/ {lark.text(_ARGS)}" if _ID in template else lark.text(_ARGS)
        calls = [f"{quoted(tool.name)} {between} {lark.json(tool.parameters)}" for tool in tools]
        return [Way(_MARK, either([lark.rule(call) for call in calls]))]
    extra = {"id": nine} if '"id"' in template else None
    calls = [json_call(lark, tool, "arguments", extra) for tool in tools]
    more = f"({quoted(', ')} {either(calls)})*"
    one, several = (f"{quoted('[')} {either(calls)} {rest} {quoted(']')}" for rest in ("", more))
    return [Way(_MARK, one, several=several)]


MISTRAL = Family("mistral", (_MARK,), {_MARK: ""}, parse, bare=True, inner=(_ID, _ARGS), short_ids=True, write=write)
