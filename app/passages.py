"""A quote in its passage: the stretch of the page around it, with the quote marked."""

from __future__ import annotations

import re

from app.markup import highlighted, shorten
from ingest import is_cjk

_SIGNS = re.compile(r"^\s*(#{1,6}|[-*+]|>)\s+")
_RULE = re.compile(r"[\s|:*_=-]*")
_CELLS = re.compile(r"\s*\|\s*")

BEFORE = 500
AFTER = 1200
"""Characters of the page shown before and after the quote: about a screenful, the quote near its top."""


def window(text: str, start: int, end: int, before: int = BEFORE, after: int = AFTER) -> tuple[int, int]:
    """The range of `text` to show around `[start, end)`, moved out to the edge of a line where one is near."""
    first = max(0, start - before)
    last = min(len(text), end + after)
    if first:
        line = text.find("\n", first, start)
        first = line + 1 if line >= 0 else first
    if last < len(text):
        line = text.rfind("\n", end, last)
        last = line if line >= 0 else last
    return first, last


def quote_html(text: str, start: int, end: int, *, around: tuple[int, int] | None = None) -> str:
    """HTML of the page's text around the quote `text[start:end]`, which is inside `<mark>`.

    `around` widens what is shown to a passage's range. Offsets outside the text are clipped, so a page that changed
    since shows without a mark rather than not at all.
    """
    start, end = max(0, min(start, len(text))), max(0, min(end, len(text)))
    first, last = window(text, min(start, around[0]) if around else start, max(end, around[1]) if around else end)
    body = highlighted(text[first:last], [(start - first, end - first)])
    earlier = '<span class="zk-more">… </span>' if first else ""
    later = '<span class="zk-more"> …</span>' if last < len(text) else ""
    return f'<div class="zk-passage">{earlier}{body}{later}</div>'


def excerpt(text: str, limit: int) -> str:
    """At most `limit` characters of a passage as running text: without the signs that make headings, lists and tables
    of it. For a first look only; whatever proves something is shown as it stands."""
    said, after_sign = "", True
    for line in text.splitlines():
        if not _RULE.fullmatch(line):
            bare = _CELLS.sub(" · ", _SIGNS.sub("", line).strip(" |"))
            sign = bare != line.strip()
            # Lines that only wrap belong together, in Chinese without a space.
            wrapped = "" if said and is_cjk(said[-1]) and is_cjk(bare[:1] or " ") else " "
            said += (" · " if sign or after_sign else wrapped) + bare if said else bare
            after_sign = sign
    return shorten(said, limit)


def text_html(text: str, spans: list[tuple[int, int]] | None = None, name: str = "zk-term") -> str:
    """HTML of a whole text with `spans` marked."""
    return f'<div class="zk-passage">{highlighted(text, spans or [], name)}</div>'
