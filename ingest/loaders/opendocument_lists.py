"""The numbers that a program makes for lists and headings of an OpenDocument text: '1.', '2.1', '(a)', '第三条'.

OpenDocument 1.3, part 3, 16.30 (list styles) and 16.34 (the outline).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ingest.loaders.word_numbering import numeral
from ingest.loaders.xml_trees import whole

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
OUTLINE = ""
"""The name under which the numbers of headings are counted."""
_FORMS = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
    "①, ②, ③, ...": "decimalEnclosedCircle", "甲, 乙, 丙, ...": "ideographTraditional", "子, 丑, 寅, ...": "ideographZodiac",
    "壹, 贰, 叁, ...": "chineseLegalSimplified", "一, 二, 三, ...": "chineseCountingThousand",
}  # fmt: skip


class Lists:
    """Counts on as items are read in order."""

    def __init__(self, roots: Iterable[Any]) -> None:
        """`roots`: of the parts with styles."""
        self._levels: dict[str, dict[int, Any]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        for root in roots:
            for style in root.iter(f"{_TEXT}list-style", f"{_TEXT}outline-style"):
                name = OUTLINE if style.tag == f"{_TEXT}outline-style" else style.get(f"{_STYLE}name", "")
                self._levels[name] = {whole(level.get(f"{_TEXT}level"), 1) - 1: level for level in style}

    def begin(self, style: str, *, goes_on: bool) -> None:
        """A list at the top of the text; `goes_on`: with the numbers of the last one of that style."""
        if not goes_on:
            self._counts.pop(style, None)

    def label(self, style: str, depth: int, start: str | None = None) -> str:
        """The number of the next item `depth` levels (from 0) down, '' for a bullet or none; `start`: what it is to be."""
        levels, counts = self._levels.get(style, {}), self._counts.setdefault(style, {})
        level = levels.get(depth)
        for deeper in [known for known in counts if known > depth]:
            del counts[deeper]
        first = whole(level.get(f"{_TEXT}start-value"), 1) if level is not None else 1
        counts[depth] = whole(start, counts.get(depth, first - 1) + 1, 10**9)
        if level is None or not level.get(f"{_STYLE}num-format"):
            return ""
        above = range(max(0, depth + 1 - whole(level.get(f"{_TEXT}display-levels"), 1)), depth + 1)
        shown = [
            numeral(counts.get(n, 1), _FORMS.get(levels[n].get(f"{_STYLE}num-format") or "", "decimal"))
            for n in above
            if n in levels and levels[n].get(f"{_STYLE}num-format")
        ]
        return (
            f"{level.get(f'{_STYLE}num-prefix') or ''}{'.'.join(shown)}{level.get(f'{_STYLE}num-suffix') or ''}".strip()
        )
