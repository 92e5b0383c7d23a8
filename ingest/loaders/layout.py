"""Page text put together from pieces, each piece remembered as a block with exact offsets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.documents import Block, BlockKind, Page
from ingest.errors import LoadError
from ingest.language import Text, say

MAX_PAGES = 20_000
MAX_CHARACTERS = 50_000_000
"""Bounds of one document: ten times the largest book; beyond it the file is data, not something to read."""

WHOLE = 30_000
"""Characters up to which a text without pages of its own stays one page."""
PART = 20_000
"""Characters such a text is cut into beyond that, at the end of a block."""


class Composer:
    """Collects blocks and lays them out as one text, a blank line between two of them."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0

    def add(self, kind: BlockKind, text: str, level: int = 0) -> None:
        """Append one block; blank text is ignored. `level` counts from 1 for headings."""
        text = text.strip("\n") if kind in ("code", "table") else text.strip()
        if not text.strip():
            return
        if self._parts:
            self._parts.append("\n\n")
            self._length += 2
        self._blocks.append(Block(kind, self._length, self._length + len(text), level))
        self._parts.append(text)
        self._length += len(text)
        if self._length > MAX_CHARACTERS:
            raise too_long()

    def take(self, text: str, blocks: Iterable[Block]) -> None:
        """Append the blocks of another text."""
        for block in blocks:
            self.add(block.kind, text[block.start : block.end], block.level)

    @property
    def text(self) -> str:
        """Everything so far."""
        return "".join(self._parts)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Where the blocks lie in `text`."""
        return tuple(self._blocks)

    def first_heading(self) -> str:
        """The text of the first heading, or ''."""
        text = self.text
        return next((one_line(text[b.start : b.end]) for b in self._blocks if b.kind == "heading"), "")


def too_long() -> LoadError:
    """The error for a document beyond `MAX_CHARACTERS` or `MAX_PAGES`."""
    return LoadError(
        Text(
            f"The document has more than {MAX_CHARACTERS:,} characters or {MAX_PAGES:,} pages.",
            f"文档超过 {MAX_CHARACTERS:,} 个字符或 {MAX_PAGES:,} 页。",
        ),
        Text("Split it into smaller files.", "请拆分为较小的文件。"),
    )


def one_line(text: str, limit: int = 200) -> str:
    """The text without line breaks, at most `limit` characters."""
    return " ".join(text.split())[:limit].strip()


def bare(heading: str) -> str:
    """A heading's words without the marks Markdown puts around them."""
    return one_line(heading.strip().strip("#").replace("**", "").replace("__", "").rstrip("=-").strip())


def descend(
    path: tuple[str, ...], levels: tuple[int, ...], level: int, title: str
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The section path after a heading of `level`: everything as deep or deeper gives way to it."""
    keep = sum(1 for known in levels if known < level)
    return (*path[:keep], title), (*levels[:keep], level)


def whole(text: str, blocks: Sequence[Block]) -> tuple[Page, ...]:
    """A text without pages of its own: one page, or for a long one parts of about `PART` characters."""
    return paginate(text, blocks, WHOLE, split_level=0)


def sections(text: str, blocks: Sequence[Block]) -> tuple[Page, ...]:
    """A text whose top-level sections are what a reader would cite: a page each, labelled with its heading.

    The level cut at is the highest one with at least two headings. Without such a level, see `whole`.
    """
    counts: dict[int, int] = {}
    for block in blocks:
        if block.kind == "heading":
            counts[block.level] = counts.get(block.level, 0) + 1
    level = min((known for known, count in counts.items() if count > 1), default=0)
    return paginate(text, blocks, WHOLE if level else PART // 4, split_level=level)


def paginate(text: str, blocks: Sequence[Block], limit: int, split_level: int) -> tuple[Page, ...]:
    """Cut before each heading of at most `split_level` and where a page would pass its size.

    A heading directly under another stays with it. Blocks are never cut, so a page can be longer than asked.
    """
    size = limit if len(text) <= limit else min(limit, PART)
    groups: list[list[Block]] = []
    alone = False  # whether there are nothing but headings in the last one
    for block in blocks:
        opens = block.kind == "heading" and block.level <= split_level
        full = bool(groups) and block.end - groups[-1][0].start > size
        if not groups or (not alone and (opens or full)):
            groups.append([])
            alone = True
        groups[-1].append(block)
        alone &= block.kind == "heading"
    pages: list[Page] = []
    path: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    for group in groups:
        first, last = group[0].start, group[-1].end
        at_start = path
        for block in group:
            if block.kind == "heading":
                path, levels = descend(path, levels, block.level, bare(text[block.start : block.end]))
        opening = group[0]
        label = bare(text[opening.start : opening.end]) if split_level and opening.kind == "heading" else ""
        moved = tuple(replace(b, start=b.start - first, end=b.end - first) for b in group)
        pages.append(Page(len(pages) + 1, text[first:last], moved, at_start, label))
    return tuple(pages)


def covering(text: str, blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks with every stretch of text between them that is not blank made a paragraph."""
    result: list[Block] = []
    at = 0
    for block in blocks:
        result += _gap(text, at, block.start)
        result.append(block)
        at = block.end
    return (*result, *_gap(text, at, len(text)))


def _gap(text: str, start: int, end: int) -> list[Block]:
    gap = text[start:end]
    if not gap.strip():
        return []
    lead = len(gap) - len(gap.lstrip())
    return [Block("paragraph", start + lead, start + len(gap.rstrip()))]


LISTED = 12
"""Things named in a note; of more it ends in '…'."""


def listed(things: Sequence[object], most: int = LISTED) -> str:
    """The first of them on one line, for a note."""
    return say(", ", "、").join(map(str, things[:most])) + ("…" if len(things) > most else "")
