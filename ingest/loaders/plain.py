"""Plain text: paragraphs, lists and headings found in the lines, the text itself left as it is. Those of
reStructuredText, AsciiDoc and Org are marked as no other plain text marks them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.documents import Block, Parsed
from ingest.language import columns
from ingest.loaders.delimited import load_csv
from ingest.loaders.drawn_tables import drawn_tables
from ingest.loaders.fields import record_tables, tabbed
from ingest.loaders.headings import heading_level
from ingest.loaders.layout import Composer, bare, whole
from ingest.loaders.repair import repair, without_embedded

BULLET = re.compile(
    r"\s*(?:[-*+•·▪◦●○■□◆–—]\s+|\d{1,3}[.)、\uff0e]\s*\D|[(\uff08]\d{1,3}[)\uff09]|[a-zA-Z](?:[.)]\s+|\uff0e)|[①-⑳])"
)
"""The beginning of a list item."""
WRAPPED_COLUMNS = (40, 120)
"""Widths between which an editor or mail program breaks lines by itself."""
_TITLE = 80
_FIELD = re.compile(r"([\w-]{1,30})\s*[:\uff1a]\s*(\S.*)")
_STAMP = re.compile(
    r"\W{0,2}(?:\d{4}[-/]\d\d[-/]\d\d|\d\d?[:.]\d\d[:.]\d\d|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:|<\d+>|"
    r"(?:\d{1,3}\.){3}\d{1,3}\b)|\W{0,2}(?:DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL)\b"
)
"""What lines of logs begin with."""
_NAMING = ("title", "subject", "name", "标题", "题目", "主题", "名称")
"""Fields of a header that name the text, the best first."""


def load_text(text: str, path: Path) -> Parsed:
    """One page with the text as it stands (parts, when it is long); only records become tables, see `fields`."""
    text, notes = without_embedded(repair(text))
    if (outline := pieces(text, path.suffix)) and any(level for level, _ in outline):
        return _outlined(outline, path, notes)
    if tabbed(text):
        return load_csv(text, path.with_suffix(".tsv"))
    title = _title(text, tuple(scan(text)))
    text, blocks = with_tables(text)
    return Parsed(title or path.stem, "text/plain", whole(text, blocks), notes)


def _outlined(outline: list[Piece], path: Path, notes: tuple[str, ...]) -> Parsed:
    page = Composer()
    for level, piece in outline:
        if level:
            page.add("heading", piece, level)
            continue
        body, blocks = with_tables(piece)
        for block in blocks:
            kind = "paragraph" if block.kind == "heading" else block.kind  # this format says itself what is one
            page.add(kind, body[block.start : block.end])
    return Parsed(page.first_heading() or path.stem, "text/plain", whole(page.text, page.blocks), notes)


def with_tables(text: str) -> tuple[str, tuple[Block, ...]]:
    """The text with records and drawn tables as tables in Markdown, and its blocks."""
    parts: list[str] = []
    blocks: list[Block] = []
    at = length = 0
    for (start, end), made in (*sorted((*record_tables(text), *drawn_tables(text))), ((len(text), len(text)), "")):
        if start < at:
            continue
        before = text[at:start]
        blocks += (Block(b.kind, b.start + length, b.end + length, b.level) for b in scan(before))
        length += len(before)
        if made:
            blocks.append(Block("table", length, length + len(made)))
        parts += (before, made)
        length += len(made)
        at = end
    return "".join(parts), tuple(blocks)


def _title(text: str, blocks: tuple[Block, ...]) -> str:
    """What the text calls itself, '' when it doesn't."""
    fields = _header(text)
    if any(start == 0 for (start, _), _ in record_tables(text.lstrip())):
        return ""
    if fields:
        return next((fields[name] for name in _NAMING if name in fields), "")
    if blocks and blocks[0].kind == "heading" and (heading := bare(text[blocks[0].start : blocks[0].end])):
        return heading
    lines = (line.strip() for line in text.splitlines() if line.strip())
    first, second = next(lines, ""), next(lines, "")
    if _STAMP.match(first) or "\t" in first or _shape(first) == _shape(second) or not any(map(str.isalpha, first)):
        return ""  # the first record of many
    short = columns(first) <= _TITLE and not first.endswith(tuple("。.,\uff0c;\uff1b!\uff01"))
    # A short first line with a blank line or much longer lines below it is a title; in a log or a poem it is not.
    return first if short and len(text) > 4 * len(first) and not BULLET.match(first) else ""


def _shape(line: str) -> str:
    """A line without its figures: records that a program writes are alike but for them."""
    return re.sub(r"\d+", "0", line)


def _header(text: str) -> dict[str, str]:
    """The `Key: value` lines a text opens with, as mail and package metadata do; a single one is a title with a colon."""
    found: dict[str, str] = {}
    for line in text.lstrip().splitlines():
        field = _FIELD.fullmatch(line.strip())
        if not field:
            break
        found.setdefault(field[1].lower(), field[2][:_TITLE])
    return found if len(found) > 1 else {}


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


_MARKED = {"org": re.compile(r"(\*{1,6}) +(\S.*)"), "adoc": re.compile(r"(={1,6}) +(\S.*)")}
_SUFFIXES = {".org": "org", ".adoc": "adoc", ".asciidoc": "adoc", ".rst": "rst"}
_LINE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*")
"""What stands below a title of reStructuredText, and above some: one sign of punctuation again and again."""
_FENCE = {"adoc": re.compile(r"(?:-{4,}|\.{4,})\s*"), "org": re.compile(r"#\+(?:begin|end)_\w+.*", re.IGNORECASE)}
"""Where text begins and ends that is shown as it stands."""

Piece = tuple[int, str]
"""Level (0 for text, from 1 for a heading) and the text."""


def pieces(text: str, suffix: str) -> list[Piece] | None:
    """The text between headings, and the headings without their marks; None for other kinds of file."""
    kind = _SUFFIXES.get(suffix.lower())
    if kind is None:
        return None
    found: list[Piece] = []
    for level, line in _underlined(text) if kind == "rst" else _marked(text, kind):
        if level or not found or found[-1][0]:
            found.append((level, line))
        else:
            found[-1] = (0, f"{found[-1][1]}\n{line}")
    return found


def _marked(text: str, kind: str) -> Iterator[Piece]:
    verbatim = False
    for line in text.split("\n"):
        if _FENCE[kind].fullmatch(line):
            verbatim = not verbatim
        match = None if verbatim else _MARKED[kind].fullmatch(line)
        yield (len(match[1]), match[2].strip()) if match else (0, line)


def _underlined(text: str) -> Iterator[Piece]:
    """Levels in the order in which the styles of lines come up, as the format has it."""
    lines = text.split("\n")
    styles: list[tuple[str, bool]] = []
    at = 0
    while at < len(lines):
        over = bool(_LINE.fullmatch(lines[at])) and at + 2 < len(lines) and lines[at + 2].strip() == lines[at].strip()
        title = at + over
        below = lines[title + 1] if title + 1 < len(lines) else ""
        name = lines[title].strip()
        plain = over or not lines[title][:1].isspace()
        if (
            name
            and plain
            and not _LINE.fullmatch(lines[title])
            and _LINE.fullmatch(below)
            and len(below.strip()) >= len(name)
        ):
            style = (below[0], over)
            if style not in styles:
                styles.append(style)
            yield min(6, styles.index(style) + 1), name
            at = title + 2
        else:
            yield 0, lines[at]
            at += 1
