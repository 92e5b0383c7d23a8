"""Small tasks with one right answer each, in both languages: what a model must manage to be of use with schemas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Task:
    """A prompt, the shape of the reply, and what must be in it."""

    prompt: str
    properties: dict[str, Any]
    """Of the object asked for, or of the arguments of the tool `tool`."""
    expected: dict[str, Any]
    """Texts count as equal if one holds the other, whatever their case."""
    tool: str = ""
    more_tools: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Tools that would be wrong, with the properties of their arguments."""


_TEXT, _WHOLE, _TRUTH = {"type": "string", "maxLength": 40}, {"type": "integer"}, {"type": "boolean"}
_MOOD = {"enum": ["positive", "negative"]}
_MATHS = {"multiply": {"a": _WHOLE, "b": _WHOLE}, "add": {"a": _WHOLE, "b": _WHOLE}}
_DESK = {"search_library": {"query": _TEXT}, "send_mail": {"to": _TEXT, "text": _TEXT}}


def _pick(group: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    others = {other: properties for other, properties in group.items() if other != name}
    return {"properties": group[name], "tool": name, "more_tools": others}


TASKS: tuple[Task, ...] = (
    Task("Maria Lopez is 34 years old.", {"name": _TEXT, "age": _WHOLE}, {"name": "Maria", "age": 34}),
    Task("张伟今年 28 岁。", {"name": _TEXT, "age": _WHOLE}, {"name": "张伟", "age": 28}),
    Task("The parcel weighs 12 kg and goes to Oslo.", {"city": _TEXT, "kilograms": _WHOLE}, {"city": "Oslo", "kilograms": 12}),
    Task("会议室 305 可容纳 20 人。", {"room": _WHOLE, "seats": _WHOLE}, {"room": 305, "seats": 20}),
    Task("Invoice 7781 is due on 2026-03-31.", {"number": _WHOLE, "due": {"type": "string", "format": "date"}}, {"number": 7781, "due": "2026-03-31"}),
    Task("合同于 2025-09-01 生效。", {"date": {"type": "string", "format": "date"}}, {"date": "2025-09-01"}),
    Task("I love this bike, it rides beautifully!", {"mood": _MOOD}, {"mood": "positive"}),
    Task("The soup was cold and the waiter was rude.", {"mood": _MOOD}, {"mood": "negative"}),
    Task("这家酒店又脏又吵，再也不来了。", {"mood": _MOOD}, {"mood": "negative"}),
    Task("What is the capital of France?", {"capital": _TEXT}, {"capital": "Paris"}),
    Task("Which is larger, 17 or 71?", {"larger": _WHOLE}, {"larger": 71}),
    Task("How many legs do a spider and a dog have together?", {"legs": _WHOLE}, {"legs": 12}),
    Task("Is 15 an even number?", {"even": _TRUTH}, {"even": False}),
    Task("一本书 30 元，买 4 本共多少元？", {"total": _WHOLE}, {"total": 120}),
    Task("List the two colours in: a red car and a blue house.", {"colours": {"type": "array", "items": _TEXT, "maxItems": 3}}, {"colours": ["red", "blue"]}),
    Task("Which language is this text in: 'Guten Morgen, wie geht es dir?'", {"language": {"enum": ["English", "German", "French"]}}, {"language": "German"}),
    Task("What is 6 times 7? Use a tool.", expected={"a": 6, "b": 7}, **_pick(_MATHS, "multiply")),
    Task("Add 19 and 4 with a tool.", expected={"a": 19, "b": 4}, **_pick(_MATHS, "add")),
    Task("Find the paragraph about parental leave.", expected={"query": "parental leave"}, **_pick(_DESK, "search_library")),
    Task("查找关于报销的规定。", expected={"query": "报销"}, **_pick(_DESK, "search_library")),
    Task("Write to anna@example.org: the meeting is at noon.", expected={"to": "anna@example.org", "text": "noon"}, **_pick(_DESK, "send_mail")),
    Task("Look up travel costs in the library.", expected={"query": "travel costs"}, **_pick(_DESK, "search_library")),
    Task("用工具计算 8 乘以 9。", expected={"a": 8, "b": 9}, **_pick(_MATHS, "multiply")),
    Task("Tom has 3 apples and buys 5 more. How many has he?", {"apples": _WHOLE}, {"apples": 8}),
)  # fmt: skip
