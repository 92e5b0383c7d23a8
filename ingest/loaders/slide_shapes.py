"""Shapes of a slide where they stand, in the order in which a reader takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.loaders.drawings import A

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SHAPES = frozenset(f"{P}{name}" for name in ("sp", "grpSp", "graphicFrame", "pic", "cxnSp"))
_SLACK = 0.2
"""Share of a box's height or width at either end that may reach into its neighbour: boxes are larger than their text."""


@dataclass(frozen=True, slots=True)
class Box:
    """A shape and its rectangle, in any unit."""

    element: Any
    left: float = 0
    top: float = 0
    width: float = 0
    height: float = 0

    @property
    def kind(self) -> str:
        """'sp', 'grpSp', 'graphicFrame', 'pic' or 'cxnSp'."""
        return str(self.element.tag.rpartition("}")[2])


def shapes(tree: Any, inherited: dict[str, Any]) -> list[Box]:  # noqa: ANN401 - lxml elements are untyped
    """The shapes of a tree or a group in reading order: rows from top to bottom, from left to right in a row.

    `inherited`: what the layout has for a placeholder, see `placeholders`.
    """
    return ordered([_box(element, inherited) for element in children(tree)])


def children(tree: Any) -> Iterator[Any]:  # noqa: ANN401
    """The shapes directly below an element; of versions for several programs the first."""
    for element in tree:
        if element.tag in _SHAPES:
            yield element
        elif element.tag == f"{MC}AlternateContent":
            chosen = element.find(f"{MC}Choice")
            yield from children(chosen) if chosen is not None else ()


def placeholder(element: Any) -> Any:  # noqa: ANN401
    """The `p:ph` of a shape, None when it is none."""
    return element.find(f"*/{P}nvPr/{P}ph")


def placeholders(*trees: Any) -> dict[str, Any]:  # noqa: ANN401
    """Shapes of layout and master by their placeholder's 'idx' and type, those of the first tree before the others."""
    found: dict[str, Any] = {}
    for tree in trees:
        for element in children(tree) if tree is not None else ():
            if (ph := placeholder(element)) is not None:
                for key in (f"#{ph.get('idx')}", ph.get("type", "body")):
                    found.setdefault(key, element)
    return found


def ordered(boxes: Sequence[Box]) -> list[Box]:
    """Cut by the gaps between rows, else by those between columns, each part in turn."""
    if len(boxes) < 2:
        return list(boxes)
    for across in (True, False):
        groups = _cut(boxes, across=across)
        if len(groups) > 1:
            return [box for group in groups for box in ordered(group)]
    return sorted(boxes, key=lambda box: (box.top, box.left))


def _cut(boxes: Sequence[Box], *, across: bool) -> list[list[Box]]:
    def extent(box: Box) -> tuple[float, float]:
        start, size = (box.top, box.height) if across else (box.left, box.width)
        return start + size * _SLACK, start + size * (1 - _SLACK)

    groups: list[list[Box]] = []
    end = float("-inf")
    for box in sorted(boxes, key=extent):
        first, last = extent(box)
        if groups and first < end:
            groups[-1].append(box)
        else:
            groups.append([box])
        end = max(end, last)
    return groups


def _box(element: Any, inherited: dict[str, Any]) -> Box:  # noqa: ANN401
    place = _transform(element)
    if place is None and (ph := placeholder(element)) is not None:
        above = inherited.get(f"#{ph.get('idx')}") if ph.get("idx") else None
        above = inherited.get(ph.get("type", "body")) if above is None else above
        place = None if above is None else _transform(above)
    if place is None:
        return Box(element)
    offset, size = place.find(f"{A}off"), place.find(f"{A}ext")
    return Box(
        element, *(_number(offset, name) for name in ("x", "y")), *(_number(size, name) for name in ("cx", "cy"))
    )


def _transform(element: Any) -> Any:  # noqa: ANN401
    for path in (f"{P}spPr/{A}xfrm", f"{P}grpSpPr/{A}xfrm", f"{P}xfrm"):
        if (found := element.find(path)) is not None:
            return found
    return None


def _number(element: Any, name: str) -> float:  # noqa: ANN401
    try:
        return float(element.get(name, "0")) if element is not None else 0.0
    except ValueError:
        return 0.0
