"""Markdown: the source is the page's text; markdown-it finds its structure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.documents import Block, Parsed
from ingest.loaders.layout import MAX_CHARACTERS, bare, covering, one_line, too_long, whole
from ingest.loaders.repair import repair

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.documents import BlockKind

_KINDS: dict[str, BlockKind] = {
    "paragraph_open": "paragraph",
    "blockquote_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
    "fence": "code",
    "code_block": "code",
    "html_block": "paragraph",
}


def load_markdown(text: str, path: Path) -> Parsed:
    """One page with the source as it stands (parts at headings, when it is long)."""
    text = repair(text, entities=False)
    if len(text) > MAX_CHARACTERS:
        raise too_long()
    front, title = _front_matter(text)
    blocks = blocks_of(text, front)
    headings = [b for b in blocks if b.kind == "heading"]
    top = min(headings, key=lambda b: (b.level, b.start), default=None)
    title = title or (bare(text[top.start : top.end]) if top else "") or path.stem
    return Parsed(title, "text/markdown", whole(text, blocks))


def blocks_of(text: str, start: int = 0) -> tuple[Block, ...]:
    """The top-level blocks of Markdown source from `start` on, at exact offsets; what lies before is code."""
    from markdown_it import MarkdownIt

    # Offsets of line starts as markdown-it counts lines: by LF alone, which `repair` has made sure of.
    starts = [start]
    while (newline := text.find("\n", starts[-1])) != -1:
        starts.append(newline + 1)
    starts.append(len(text) + 1)
    found: list[Block] = [Block("code", 0, len(text[:start].rstrip()))] if text[:start].strip() else []
    for token in MarkdownIt("commonmark").enable("table").parse(text[start:]):
        if token.level or token.map is None:
            continue
        kind = "heading" if token.type == "heading_open" else _KINDS.get(token.type)
        if kind is None:
            continue
        begin, end = starts[token.map[0]], min(starts[token.map[1]] - 1, len(text))
        piece = text[begin:end]
        begin, end = begin + len(piece) - len(piece.lstrip()), begin + len(piece.rstrip())
        if begin < end and (not found or begin >= found[-1].end):
            level = int(token.tag[1:]) if kind == "heading" else 0
            found.append(Block("heading" if level else kind, begin, end, level))
    return covering(text, found)


def _front_matter(text: str) -> tuple[int, str]:
    """Where the text begins after a YAML front matter, and the title given there."""
    if not text.startswith("---\n") or (end := text.find("\n---\n", 3)) == -1:
        return 0, ""
    import yaml

    try:
        values = yaml.safe_load(text[4:end])
    except yaml.YAMLError:
        return 0, ""
    if not isinstance(values, dict):
        return 0, ""
    title = values.get("title")
    return end + 5, one_line(title) if isinstance(title, str) else ""
