"""A Markdown document that opens nothing: no raw HTML, no picture that is fetched when somebody looks at it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_PICTURE = re.compile(r"!(?=\[)")
_ROUNDS = 8
"""What was raw HTML can hold pictures, and a picture's words HTML; each round takes one layer off."""


def inert(document: str) -> str:
    """`document` with what a reader's program would take for HTML shown as its characters, and pictures as links. Code stays
    as it is, as a reader's program understands what is code: in the whole document, not in the pieces it was made of."""
    lines = document.split("\n")
    for _ in range(_ROUNDS):
        found = sorted(set(_alive("\n".join(lines))))
        if not found:
            return "\n".join(lines)
        for number in found:
            lines[number] = _dead(lines[number])
    return "\n".join(map(_dead, lines))


def _alive(document: str) -> Iterator[int]:
    """The numbers of lines in which there is HTML or a picture."""
    for token in _markdown().parse(document):
        children = token.children or ()
        if token.map and (
            token.type == "html_block" or any(child.type in {"html_inline", "image"} for child in children)
        ):
            yield from range(*token.map)


def _dead(line: str) -> str:
    return _PICTURE.sub(r"\\!", _TAG.sub("&lt;", line))


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
