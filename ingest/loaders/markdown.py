"""Markdown: the source is the page's text; markdown-it finds its structure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ingest.documents import Block, BlockKind, Parsed
from ingest.errors import LoadError
from ingest.labels import described
from ingest.loaders.layout import bare, covering, one_line, whole
from ingest.loaders.repair import repair, without_embedded
from ingest.loaders.scripts import lowered, raised
from ingest.loaders.web import compose_html

_FENCED = re.compile(
    r"(^ {0,3}(?:`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}(?:`{3,}|~{3,})[ \t]*$|\Z))", re.MULTILINE | re.DOTALL
)
_TABLE = re.compile(r"<table\b(?:(?!<table\b).)*?</table\s*>", re.IGNORECASE | re.DOTALL)
_RAISED = re.compile(r"(`+[^`\n]*`+)|<(su[pb])\b[^>]*>(.{0,80}?)</\2\s*>", re.IGNORECASE | re.DOTALL)

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
    """One page with the source as it stands (parts at headings, when it is long); HTML within it is read as what it
    shows."""
    text, notes = without_embedded(repair(text, entities=False))
    front, said = _front_matter(text)
    text = text[:front] + without_html(text[front:])
    blocks = blocks_of(text, front)
    headings = [b for b in blocks if b.kind == "heading"]
    top = min(headings, key=lambda b: (b.level, b.start), default=None)
    title = one_line(said["title"]) if isinstance(said.get("title"), str) else ""
    title = title or (bare(text[top.start : top.end]) if top else "") or path.stem
    return Parsed(title, "text/markdown", whole(text, blocks), notes, details=tuple(described(said)))


def _front_matter(text: str) -> tuple[int, dict[str, Any]]:
    """Where the text begins after the block of names and values that it may open with, in YAML (`---`) or TOML (`+++`),
    and what that says; (0, {}) for none."""
    mark = text[:3]
    if mark not in ("---", "+++") or text[3:4] != "\n" or (end := text.find(f"\n{mark}\n", 3)) == -1:
        return 0, {}
    import tomllib

    import yaml

    try:
        values = yaml.safe_load(text[4:end]) if mark == "---" else tomllib.loads(text[4:end])
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError):  # a date that is none is a ValueError of YAML's
        return 0, {}
    return (end + 5, values) if isinstance(values, dict) else (0, {})


def without_html(text: str) -> str:
    """Markdown with its blocks of HTML as Markdown, and raised and lowered characters as `scripts` writes them."""
    if "<" not in text:
        return text
    parts: list[str] = []
    for n, part in enumerate(_FENCED.split(text)):
        if n % 2:  # code, as it stands
            parts.append(part)
            continue
        if "<table" in part.lower():
            part = _TABLE.sub(lambda match: f"\n\n{_shown(match[0])}\n\n", part)  # noqa: PLW2901 - on its way through
        parts.append(_RAISED.sub(_script, part))
    return _blocks_shown("".join(parts))


def _script(match: re.Match[str]) -> str:
    if match[1]:
        return match[1]
    before = match.string[max(0, match.start() - 20) : match.start()]
    inner = re.sub(r"<[^>]*>", "", match[3])
    return raised(before, inner) if match[2].lower() == "sup" else lowered(before, inner)


def _blocks_shown(text: str) -> str:
    from markdown_it import MarkdownIt

    lines = text.split("\n")
    for token in reversed(MarkdownIt("commonmark").enable("table").parse(text)):
        if token.type == "html_block" and not token.level and token.map is not None:
            lines[slice(*token.map)] = [_shown("\n".join(lines[slice(*token.map)])), ""]
    return "\n".join(lines)


def _shown(source: str) -> str:
    """What a piece of HTML shows, '' for a comment or a lone tag."""
    try:
        return compose_html(source).text
    except LoadError:
        return ""


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
