"""A call that is nothing but JSON: what a reply to 'answer with a JSON object' looks like, marks or none.

Only a whole reply counts. JSON later in a reply is an example or an answer, and a wrong call is worse than none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agents.llm.calls.family import Family, Found, Malformed
from agents.llm.calls.hermes import CLOSE, OPEN
from agents.llm.calls.hermes import parse as parse_tagged
from agents.llm.calls.hermes import write as write_tagged
from agents.llm.calls.json_calls import call_of
from agents.llm.calls.writing import Tool, Way, bare_json
from ingest.lenient_json import leading_values, unfenced

if TYPE_CHECKING:
    from agents.llm.calls.lark import Lark

_STARTS = tuple(
    f"{bracket}{{{quote}{key}{quote}:"
    for bracket in ("", "[")
    for quote in ('"', "'")
    for key in ("name", "type", "function", "parameters", "arguments", "id")
)
_MEANT = re.compile(r"""["'](arguments|parameters)["']\s*:|^\W*["']name["']\s*:""")
"""Broken JSON with one of these in it was to be a call."""


def begins(text: str) -> bool | None:
    """Whether a reply that begins so may be a call."""
    fence, rest = re.match(r"\s*(`{0,3})(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]  # matches all
    if fence:
        if len(fence) < 3:
            return None if not rest else False
        rest = re.sub(r"^[a-z_]*", "", rest)
    squeezed = "".join(rest[:200].split())
    if squeezed.startswith(_STARTS):
        return True
    return None if any(start.startswith(squeezed) for start in _STARTS) else False


def read(text: str) -> list[Found]:
    """The calls of a reply that begins like one, or the reply itself when it is none."""
    inside = unfenced(text)
    values, rest, problem = leading_values(inside)
    items = [item for value in values for item in (value if isinstance(value, list) else [value])]
    if not items:
        return [Malformed(inside, problem or "no call where one began") if _MEANT.search(inside) else text]
    if not any(_is_call(item) for item in items):
        return [text]
    found: list[Found] = [call_of(item) for item in items]
    rest = rest.removeprefix("```").strip()
    if rest:
        found.append(Malformed(rest, problem) if rest[0] in "[{" else rest)
    return found


def _is_call(item: object) -> bool:
    if not isinstance(item, dict):
        return False
    return isinstance(item.get("function"), dict) or ("name" in item and ("arguments" in item or "parameters" in item))


def parse(block: str) -> list[Found]:
    """The calls in one block: in Hermes' tags, as a model of an unknown family may well write them, or bare."""
    return parse_tagged(block) if block.startswith(OPEN) else read(block)


def write(lark: Lark, tools: list[Tool], template: str) -> list[Way]:
    """A bare object: of a family nobody knows, JSON is what its models have seen most."""
    return [*bare_json(lark, tools, "arguments"), *write_tagged(lark, tools, template)]


JSON = Family("json", ("tools",), {OPEN: CLOSE}, parse, begins, write=write)
