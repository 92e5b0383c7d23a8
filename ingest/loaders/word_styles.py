"""What Word's styles say about a paragraph or a run, with what they take over from the styles they are based on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from ingest.loaders.xml_trees import is_on

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NAME = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
_LISTS = ("list bullet", "list number", "列表项目", "列表编号")
_DEEPEST = 20
"""Styles a style may be based on, one through the other."""


@dataclass(frozen=True, slots=True)
class Style:
    """One style. Everything is '' or 0 or False where nothing is said."""

    level: int = 0
    """Of a heading, 1 for the highest."""
    listed: bool = False
    title: bool = False
    list_id: str = ""
    list_level: int = 0
    list_style: str = ""
    """The style that names the list: a list's level may be bound to it."""
    hidden: bool = False
    shift: str = ""
    """'superscript' or 'subscript'."""
    bold: bool = False


class Styles:
    """The styles of a document by their ids."""

    def __init__(self, root: Any) -> None:  # noqa: ANN401 - lxml elements are untyped
        """`root`: of the part with the styles."""
        self._elements: dict[str, Any] = {}
        self._known: dict[str, Style] = {}
        self._default = ""
        for element in root.iterfind(f"{W}style"):
            name = element.get(f"{W}styleId", "")
            self._elements[name] = element
            if element.get(f"{W}type") == "paragraph" and is_on(element.get(f"{W}default")):
                self._default = name

    def of(self, properties: Any) -> Style:  # noqa: ANN401
        """The style that a paragraph's properties (`w:pPr`, None for none) name, else the default one."""
        named = value(properties, "pStyle")
        return self.named(self._default if named is None else named)

    def of_run(self, properties: Any) -> Style:  # noqa: ANN401
        """The style that a run's properties (`w:rPr`) name."""
        named = value(properties, "rStyle")
        return Style() if named is None else self.named(named)

    def named(self, name: str, depth: int = 0) -> Style:
        """The style with this id, an empty one when there is none."""
        if name not in self._known:
            element = self._elements.get(name)
            if element is None or depth > _DEEPEST:
                return Style()
            base = value(element, "basedOn")
            under = Style() if base is None else self.named(base, depth + 1)
            self._known[name] = _own(element, name, under)
        return self._known[name]


def value(properties: Any, name: str) -> str | None:  # noqa: ANN401
    """What the property of that name holds among those of a paragraph, a run, a cell or a list, '' where it says nothing;
    None where it is not there, or `properties` are not."""
    found = None if properties is None else properties.find(f"{W}{name}")
    return None if found is None else str(found.get(f"{W}val", ""))


def switched(properties: Any, name: str) -> bool | None:  # noqa: ANN401
    """Whether properties switch something on or off; None when they say nothing of it."""
    found = None if properties is None else properties.find(f"{W}{name}")
    return None if found is None else is_on(found.get(f"{W}val"), absent=True)


def outline_level(properties: Any) -> int:  # noqa: ANN401
    """Level of a heading from 1 that paragraph properties state, 0 for none."""
    text = value(properties, "outlineLvl") or "9"
    return int(text) + 1 if text.isdigit() and int(text) < 9 else 0


def _own(element: Any, name: str, under: Style) -> Style:  # noqa: ANN401
    called = (value(element, "name") or "").lower()
    properties, run = element.find(f"{W}pPr"), element.find(f"{W}rPr")
    match = _NAME.match(called)
    level = outline_level(properties) or (int(match[1]) if match else under.level)
    style = replace(
        under, level=level, listed=called.startswith(_LISTS) or under.listed, title=called in ("title", "标题", "標題")
    )
    numbered = None if properties is None else properties.find(f"{W}numPr")
    if numbered is not None:
        number, at = value(numbered, "numId"), int(value(numbered, "ilvl") or 0)
        style = replace(style, list_id=style.list_id if number is None else number, list_level=at, list_style=name)
    shift, hidden, bold = value(run, "vertAlign"), switched(run, "vanish"), switched(run, "b")
    return replace(
        style,
        hidden=under.hidden if hidden is None else hidden,
        bold=under.bold if bold is None else bold,
        shift=under.shift if shift is None else shift,
    )
