"""A call that is nothing but JSON: what a reply to 'answer with a JSON object' looks like, marks or none.

A wrong call is worse than none: JSON counts that begins a reply, or a line after what was said before it, and names a
known tool; followed by a paragraph or more it is an example. Families that have no other form want no known tool.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from agents.llm.calls.family import Family, Found, Malformed
from agents.llm.calls.json_calls import call_of, name_of
from agents.llm.calls.lark import Lark
from agents.llm.calls.marked_json import CLOSE, HERMES, OPEN
from agents.llm.calls.writing import Tool, Way, bare_json
from ingest.lenient_json import leading_values, unfenced

_STARTS = tuple(
    f"{bracket}{{{quote}{key}{quote}:"
    for bracket in ("", "[")
    for quote in ('"', "'")
    for key in ("name", "type", "function", "tool_name", "parameters", "arguments", "id")
)
_MEANT = re.compile(r"""["'](arguments|parameters)["']\s*:|^\W*["'](tool_)?name["']\s*:""")
"""Broken JSON with one of these in it was to be a call."""
_FIRST = re.compile(r"\A\s*(?=[`\[{])")
_LINE = re.compile(r"\n[ \t]*(?=[`\[{])")


def place(text: str, *, first: bool) -> tuple[int, bool] | None:
    """Where in `text` a call may begin, and whether one does; None where none can. `first`: `text` begins the reply."""
    for pattern in (_FIRST, _LINE) if first else (_LINE,):
        for line in pattern.finditer(text):
            if (begun := begins(text[line.end() :])) is not False:
                return line.start(), bool(begun)
    return None


def begins(text: str) -> bool | None:
    """Whether what begins so may be a call; None while that can't be told."""
    fence, rest = re.match(r"\s*(`{0,3})(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]  # matches all
    if fence:
        if len(fence) < 3:
            return None if not rest else False
        rest = re.sub(r"^[a-z_]*", "", rest)
    squeezed = "".join(rest[:200].split())
    if squeezed.startswith(_STARTS):
        return True
    return None if any(start.startswith(squeezed) for start in _STARTS) else False


def read(text: str, known: Iterable[str], *, first: bool = True, own: bool = True) -> list[Found]:
    """The calls of a text that begins like one, or just the text when it is none.

    `known` tools; `first`: nothing was said before; `own`: the family writes calls so.
    """
    known, own = set(known), own and first
    found: list[Found] = []
    rest = text
    while rest and begins(rest):
        inside = unfenced(rest)
        values, rest, problem = leading_values(inside)
        items = [item for value in values for item in (value if isinstance(value, list) else [value])]
        if not items:
            meant = _MEANT.search(inside) and (own or any(f'"{name}"' in inside for name in known))
            found += [Malformed(inside, problem or "no call where one began")] if meant else [inside]
            rest = ""
        elif _meant(items, known, own=own):
            found += [call_of(item) for item in items]
        else:
            return [text]
        rest = rest.removeprefix("```").strip()
        if rest[:1] in ("[", "{") and not begins(rest):
            found.append(Malformed(rest, problem))
            rest = ""
    if not any(not isinstance(item, str) for item in found) or (not first and "\n\n" in rest):
        return [text]
    return [*found, rest] if rest else found


def _meant(items: list[object], known: Container[str], *, own: bool) -> bool:
    return any(_is_call(item) if own else name_of(item) in known and _is_call(item) for item in items)


def _is_call(item: object) -> bool:
    if not isinstance(item, dict):
        return False
    named = "name" in item or "tool_name" in item
    return isinstance(item.get("function"), dict) or (named and ("arguments" in item or "parameters" in item))


def write(lark: Lark, tools: list[Tool], template: str) -> list[Way]:
    """A bare object: of a family nobody knows, JSON is what its models have seen most."""
    return [*bare_json(lark, tools, "arguments"), *(HERMES.write(lark, tools, template) if HERMES.write else [])]


JSON = Family("json", ("tools",), {OPEN: CLOSE}, HERMES.parse, bare=True, write=write)
