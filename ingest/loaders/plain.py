"""Plain text: paragraphs, lists and headings found in the lines, the text itself left as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingest.documents import Block, Parsed
from ingest.loaders.headings import columns, heading_level
from ingest.loaders.layout import MAX_CHARACTERS, bare, too_long, whole
from ingest.loaders.repair import repair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BULLET = re.compile(r"\s*(?:[-*+•·▪◦●○■□◆–—]\s+|\d{1,3}[.)、]\s*\D|[(\uff08]\d{1,3}[)\uff09]|[a-zA-Z][.)]\s+|[①-⑳])")
"""The beginning of a list item."""
WRAPPED_COLUMNS = (40, 120)
"""Widths between which an editor or mail program breaks lines by itself."""
_TITLE = 80


def load_text(text: str, path: Path) -> Parsed:
    """One page with the text as it stands (parts, when it is long)."""
    text = repair(text)
    if len(text) > MAX_CHARACTERS:
        raise too_long()
    blocks = tuple(scan(text))
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    heading = next((bare(text[b.start : b.end]) for b in blocks[:1] if b.kind == "heading"), "")
    short = first if columns(first) <= _TITLE and not first.endswith(tuple("。.,\uff0c;\uff1b!\uff01")) else ""
    # A short first line with a blank line or much longer lines below it is a title; in a log or a poem it is not.
    alone = short and len(text) > 4 * len(short)
    title = heading or (short if alone and not BULLET.match(short) else "") or path.stem
    return Parsed(title, "text/plain", whole(text, blocks))


def scan(text: str) -> Iterator[Block]:
    """The blocks of a text in order; together they cover everything that is not blank."""
    group: list[tuple[int, int]] = []
    at = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            start = at + len(line) - len(line.lstrip())
            group.append((start, at + len(line.rstrip())))
        elif group:
            yield from _group(text, group)
            group = []
        at += len(line)
    if group:
        yield from _group(text, group)


def _group(text: str, spans: list[tuple[int, int]]) -> Iterator[Block]:
    """Blocks of consecutive lines without a blank one between them."""
    lines = [text[start:end] for start, end in spans]
    if _hard_wrapped(lines):
        yield Block("paragraph", spans[0][0], spans[-1][1])
        return
    items: list[tuple[int, int]] = []
    for n, (line, span) in enumerate(zip(lines, spans, strict=True)):
        level = heading_level(line, lines[n - 1] if n else "", lines[n + 1] if n + 1 < len(lines) else "")
        if not level and BULLET.match(line):
            items.append(span)
            continue
        if items:
            yield Block("list", items[0][0], items[-1][1])
            items = []
        yield Block("heading" if level else "paragraph", *span, level)
    if items:
        yield Block("list", items[0][0], items[-1][1])


def _hard_wrapped(lines: list[str]) -> bool:
    """True when the lines were broken by width, not by meaning: all but the last nearly fill the same width."""
    if len(lines) < 2 or any(BULLET.match(line) for line in lines[1:]):
        return False
    widths = [columns(line) for line in lines[:-1]]
    widest = max(widths)
    low, high = WRAPPED_COLUMNS
    return low <= widest <= high and min(widths) >= 0.7 * widest and columns(lines[-1]) <= widest + 4
