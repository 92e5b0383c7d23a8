"""A page taken apart into units: the smallest pieces that packing keeps together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

from ingest.chunking.breaks import clauses, last_resort, lines, paragraphs, sentences, settled
from ingest.documents import Block, BlockKind, Page
from ingest.sentences import trimmed

_HEADING_CHARS = 120
"""A longer heading is shortened in the section path (never in the text)."""
_COLUMN_MARKS = "|\t"
"""Tables with marks between their columns have one row of headings; printed ones have captions above it."""
_CAPTION_LINES = 4
_FIGURE_AT_END = re.compile(r"(?:^|[\s$¥\uffe5€£(\uff08—–-])\d[\d,.]*[)\uff09]?\s?[%\uff05]?$|[—–]\s?%?$")
_YEAR_AT_END = re.compile(r"\b(?:19|20)\d\d$")
_DAY_AT_END = re.compile(r"\b[^\W\d_]{3,} \d\d?$")


@dataclass(frozen=True, slots=True)
class Unit:
    """A span of the page that stays in one piece."""

    kind: BlockKind
    start: int
    end: int
    tokens: int
    section: tuple[str, ...]
    aim: int
    """Tokens a passage that ends in this unit should have: even parts of a block that had to be split."""
    leads: bool = False
    """True when it belongs to what follows: a heading, or a sentence that ends in a colon."""
    header: tuple[int, int] | None = None
    """Span of the header row, for rows of a table that was split."""

    @property
    def heading(self) -> bool:
        """True for a heading."""
        return self.kind == "heading"


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in tokens: what packing aims at, what a paragraph may reach unsplit, what nothing may exceed."""

    target: int
    paragraph: int
    whole: int


def blocks_of(page: Page) -> list[Block]:
    """The blocks of a page, trimmed and complete: gaps become paragraphs, no block begins with a closing mark."""
    text, found, at = page.text, list[Block](), 0
    for block in sorted(page.blocks, key=lambda block: block.start):
        start, end = max(block.start, at), min(block.end, len(text))
        if start >= end:
            continue
        found += (Block("paragraph", *span) for span in paragraphs(text, at, start))
        found.append(Block(block.kind, start, end, block.level))
        at = end
    found += (Block("paragraph", *span) for span in paragraphs(text, at, len(text)))

    whole: list[Block] = []
    for block in found:
        start = settled(text, block.start, block.end) if whole else block.start
        if start > block.start and whole:
            last = whole[-1]
            whole[-1] = Block(last.kind, last.start, trimmed(text, last.start, start)[1], last.level)
        start, end = trimmed(text, start, block.end)
        if start < end:
            whole.append(Block(block.kind, start, end, block.level))
    return whole


def heading_text(text: str) -> str:
    """A heading as it is shown in a path: one line without Markdown's marks."""
    return " ".join(text.strip().strip("#").split())[:_HEADING_CHARS]


class Outline:
    """The section path while reading a page from top to bottom."""

    def __init__(self, section: tuple[str, ...]) -> None:
        """Begin with the path in force at the top of the page."""
        self._stack = [(level, name) for level, name in enumerate(section, 1)]

    @property
    def path(self) -> tuple[str, ...]:
        """The path in force."""
        return tuple(name for _, name in self._stack)

    def enter(self, name: str, level: int) -> None:
        """A heading closes those as deep as itself. One that repeats a part of the path leads back to that part."""
        if name in self.path:
            del self._stack[self.path.index(name) + 1 :]
            return
        while self._stack and self._stack[-1][0] >= level:
            self._stack.pop()
        if name:
            self._stack.append((level, name))


class Splitter:
    """Takes blocks apart where they do not fit."""

    def __init__(self, text: str, count: Callable[[str], int]) -> None:
        """`count` gives the tokens of a text."""
        self._text, self._count = text, count

    def units(self, block: Block, section: tuple[str, ...], limits: Limits) -> Iterator[Unit]:
        """The units of a block, in order."""
        tokens = self.tokens(block.start, block.end)
        # Headings come in one piece unless they are none: half a passage of 'heading' is a paragraph.
        heading = block.kind == "heading" and tokens <= limits.whole // 2
        kind = "paragraph" if block.kind == "heading" and not heading else block.kind
        fits = tokens <= (limits.paragraph if kind == "paragraph" else limits.whole)
        if fits:
            introduces = self._text[block.end - 1] in ":：" and tokens <= limits.target // 3
            leads = heading or (kind == "paragraph" and introduces)
            yield Unit(kind, block.start, block.end, tokens, section, limits.target, leads)
            return
        header = self._header(block) if kind == "table" else None
        room = limits.whole - (self.tokens(*header) if header else 0)
        aim = ceil(tokens / ceil(tokens / limits.target))
        first, *rest = (
            (paragraphs, sentences, lines, clauses) if kind == "paragraph" else (paragraphs, lines, sentences, clauses)
        )
        pieces = list(self._pieces(block.start, block.end, room, [first, *rest]))
        # A short piece alone counts a token or two more than inside its block.
        scale = min(1.0, tokens / sum(size for _, _, size in pieces)) if pieces else 1.0
        for start, end, size in pieces:
            above = header if header and start > header[0] else None
            yield Unit(kind, start, end, max(1, round(size * scale)), section, aim, header=above)

    def tokens(self, start: int, end: int) -> int:
        """Tokens of a span."""
        return self._count(self._text[start:end])

    def fit(self, start: int, end: int, limit: int) -> int:
        """The largest end of a beginning of the span with at most `limit` tokens, at least one character long."""
        # No tokenizer in use has pieces that average more than 16 characters.
        low, high = start + 1, min(end, start + 16 * limit)
        if self.tokens(start, high) <= limit:
            return high
        while low < high - 1:
            middle = (low + high) // 2
            if self.tokens(start, middle) <= limit:
                low = middle
            else:
                high = middle
        return low

    def hard(self, start: int, end: int, limit: int) -> Iterator[tuple[int, int, int]]:
        """Cut a span without structure into (start, end, tokens) that fit."""
        while start < end:
            at = self.fit(start, end, limit)
            if at < end:
                at = last_resort(self._text, start, at)
            first, last = trimmed(self._text, start, at)
            if first < last:
                yield first, last, self.tokens(first, last)
            start = at

    def _pieces(
        self, start: int, end: int, limit: int, ways: list[Callable[[str, int, int], list[tuple[int, int]]]]
    ) -> Iterator[tuple[int, int, int]]:
        """(start, end, tokens) of the parts, cut by the first of `ways` and, where too long, by the next ones."""
        if not ways:
            yield from self.hard(start, end, limit)
            return
        way, *finer = ways
        spans = way(self._text, start, end)
        if len(spans) == 1:
            yield from self._pieces(start, end, limit, finer)
            return
        for first, last in spans:
            tokens = self.tokens(first, last)
            # Paragraphs inside a block are only a first cut: packing wants their sentences.
            if tokens <= limit and way is not paragraphs:
                yield first, last, tokens
            else:
                yield from self._pieces(first, last, limit, finer)

    def _header(self, block: Block) -> tuple[int, int] | None:
        """What names the columns of a table: its first row, or the caption, units and years of a printed one."""
        rows = lines(self._text, block.start, block.end)
        first = rows[0]
        if not any(mark in self._text[slice(*first)] for mark in _COLUMN_MARKS):
            above = self._caption(rows[: _CAPTION_LINES + 1])
            if not above:
                return None
            first = first[0], above[-1][1]
        return first if first[1] < block.end else None

    def _caption(self, rows: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Those of `rows` that stand above a table's figures: up to the row of years, else all before the first."""
        said = [self._text[slice(*row)] for row in rows]
        for n, row in enumerate(said):
            if _YEAR_AT_END.search(row):
                return rows[: n + 1]
            if _FIGURE_AT_END.search(row) and not _DAY_AT_END.search(row):
                return rows[:n]
        return rows[:1]
