"""A quote in its passage: the stretch of the page around it, with the quote marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, chain, groupby

from app.markup import highlighted
from app.tables import document_html, head_above, is_row
from ingest import is_cjk, shorten

_SIGNS = re.compile(r"^\s*(#{1,6}|[-*+]|>)\s+")
_RULE = re.compile(r"[\s|:*_=-]*")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_CELLS = re.compile(r"\s*\|\s*")

BEFORE = 500
AFTER = 1200
"""Characters of the page shown before and after the quote: about a screenful, the quote near its top."""


def window(text: str, start: int, end: int) -> tuple[int, int]:
    """The range of `text` to show around `[start, end)`, moved out to the edge of a line where one is near."""
    first = max(0, start - BEFORE)
    last = min(len(text), end + AFTER)
    if first:
        line = text.find("\n", first, start)
        first = line + 1 if line >= 0 else first
    if last < len(text):
        line = text.rfind("\n", end, last)
        last = line if line >= 0 else last
    return first, last


def quote_html(text: str, quotes: Sequence[tuple[int, int]], cells: str = "") -> str:
    """HTML of the page's text around the ranges in `quotes`, which are marked; `cells` as `tables.document_html` has it.

    Offsets outside the text are clipped, so a page that changed since shows without a mark rather than not at all.
    """
    spans = [(max(0, min(a, len(text))), max(0, min(b, len(text)))) for a, b in quotes]
    first, last = window(text, min(a for a, _ in spans), max(b for _, b in spans))
    moved = [(a - first, b - first) for a, b in spans]
    body = document_html(text[first:last], moved, cells=cells, head=head_above(text, first))
    earlier = '<span class="zk-more">… </span>' if first else ""
    later = '<span class="zk-more"> …</span>' if last < len(text) else ""
    return f'<div class="zk-passage">{earlier}{body}{later}</div>'


def excerpt_html(text: str, limit: int) -> str:
    """HTML of about the first `limit` characters of a passage, its tables as tables, all else as running text: without the
    signs that make headings and lists of it. For a first look only; whatever proves something is shown as it stands."""
    parts: list[str] = []
    blocks = (groupby(block.splitlines(), is_row) for block in _PARAGRAPHS.split(text))
    for as_table, run in chain.from_iterable(blocks):
        lines, room = list(run), limit
        if as_table and len(lines) > 1:
            # The names of the columns and a row at the least.
            ends = [*accumulate(len(line) for line in lines)]
            shown = max(3, sum(end <= room for end in ends))
            limit -= ends[min(shown, len(lines)) - 1]
            parts.append(document_html("\n".join(lines[:shown])))
            if shown < len(lines):
                parts.append("…")
                break
        elif said := _running(lines):
            limit -= len(said)
            parts.append(f"<p>{highlighted(shorten(said, room), [])}</p>")
        if limit <= 0:
            break
    return f'<div class="zk-passage zk-excerpt">{"".join(parts)}</div>'


def _running(lines: Sequence[str]) -> str:
    said, after_sign = "", True
    for line in lines:
        if not _RULE.fullmatch(line):
            bare = _CELLS.sub(" · ", _SIGNS.sub("", line).strip(" |"))
            sign = bare != line.strip()
            # Lines that only wrap belong together, in Chinese without a space.
            wrapped = "" if said and is_cjk(said[-1]) and is_cjk(bare[:1] or " ") else " "
            said += (" · " if sign or after_sign else wrapped) + bare if said else bare
            # A short line that no mark ends, a title or an entry, is not wrapped.
            after_sign = sign or (said[-1:].isalnum() and 3 * len(line) < 2 * max(map(len, lines)))
    return said


def text_html(text: str) -> str:
    """HTML of what a person or a model wrote, as it stands."""
    return f'<div class="zk-passage">{highlighted(text, [])}</div>'


def page_html(text: str, spans: Sequence[tuple[int, int]] = ()) -> str:
    """HTML of a document's text with `spans` marked, its tables as tables."""
    return f'<div class="zk-passage">{document_html(text, spans, "zk-term")}</div>'
