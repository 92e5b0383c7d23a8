"""A document's text as HTML (rows with bars between cells become a table, headings lose their signs, what is marked is marked), and
a quote in its passage: the stretch of the page around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, chain, groupby

from app.markup import highlighted
from ingest import is_cjk, shorten

Span = tuple[int, int]
_LINE = re.compile(r"[^\n]*\n?")
_BAR = re.compile(r"(?<!\\)\|")
_RULED = re.compile(r"\s*\|?(\s*:?-{2,}:?\s*\|)*\s*:?-{2,}:?\s*\|?\s*")
"""Below the names of the columns."""
_HEADING_SIGNS = re.compile(r"#{2,6}[ \t]+(?=\S)")
_BELOW_FIRST = re.compile(rf"^{_HEADING_SIGNS.pattern}", re.MULTILINE)
_FIRST_SIGN = re.compile(r"#[ \t]+(?=\S[^\n]*\n[ \t]*(?:\n|\Z))")
"""Of the heading at the head of a text that has others below it: anywhere else a line with one sign may as well be a comment
in some code."""


def document_html(
    text: str, spans: Sequence[Span] = (), name: str = "zk-quote", cells: str = "", head: str = ""
) -> str:
    """`text` with the ranges in `spans` marked. In a row of a table that is marked whole, only the cells whose content
    stands in `cells` are, where there are such. `head`: the names of the columns where the text begins within a table."""
    lines = [(found.start(), found.group()) for found in _LINE.finditer(text) if found.group()]
    parts: list[str] = []
    for is_table, run in groupby(lines, lambda line: is_row(line[1])):
        rows = list(run)
        if is_table and len(rows) + bool(head) > 1:
            parts.append(_table(rows, spans, name, cells, head if rows[0][0] == 0 else ""))
        else:
            parts += [_line(text, start, line, spans, name) for start, line in rows]
    return "".join(parts)


def head_above(text: str, start: int) -> str:
    """The line that names the columns of the table which `start`, the beginning of a line, lies within; '' where it begins
    there, or is in none."""
    above = text[:start].split("\n")[:-1]
    if not (start and is_row(text[start:].split("\n", 1)[0])):
        return ""
    found = ""
    for line in reversed(above):
        if not is_row(line):
            break
        found = line
    return found


def _line(text: str, start: int, line: str, spans: Sequence[Span], name: str) -> str:
    """One of running text; a heading without the signs that make it one."""
    first = not text[:start].strip() and bool(_BELOW_FIRST.search(text))
    signs = _HEADING_SIGNS.match(line) or (_FIRST_SIGN.match(text[start:]) if first else None)
    drawn = _marked(text, start + (signs.end() if signs else 0), start + len(line), spans, name)
    return f"<strong>{drawn}</strong>" if signs else drawn


def is_row(line: str) -> bool:
    """Whether it has cells."""
    bars = len(_BAR.findall(line))
    return bars >= 2 or (bars == 1 and line.strip().startswith("|"))


def _table(rows: Sequence[tuple[int, str]], spans: Sequence[Span], name: str, said: str, head: str) -> str:
    ruled = len(rows) > 1 and bool(_RULED.fullmatch(rows[1][1].strip("\n")))
    drawn = [f"<thead>{_row(head, 0, (), name, '', 'th')}</thead>"] if head else []
    for number, (start, line) in enumerate(rows):
        if _RULED.fullmatch(line.strip("\n")):
            continue
        top = number == 0 and ruled and not head
        row = _row(line, start, spans, name, said, "th" if top else "td")
        drawn.append(f"<thead>{row}</thead>" if top else row)
    # One that is wider than the window is scrolled, also by keys.
    return f'<table tabindex="0">{"".join(drawn)}</table>'


def _row(line: str, start: int, spans: Sequence[Span], name: str, said: str, tag: str) -> str:
    bare = line.rstrip("\n")
    edges = [0, *(bar.end() for bar in _BAR.finditer(bare))]
    places = list(zip(edges, [*(edge - 1 for edge in edges[1:]), len(bare)], strict=True))
    places = places[not bare[: places[0][1]].strip() : len(places) - (not bare[places[-1][0] :].strip())]
    end = start + len(bare.rstrip(" |"))
    whole = bool(places) and any(a <= start + places[0][0] + 1 and end <= b for a, b in spans)
    texts = [bare[a:b].strip() for a, b in places]
    asked = [bool(text) and text in said for text in texts]
    some = whole and any(asked) and not all(asked)
    cells = [
        _marked(line, a, b, [(x - start, y - start) for x, y in spans] if not some or wanted else (), name).strip()
        for (a, b), wanted in zip(places, asked, strict=True)
    ]
    row = ' class="zk-row"' if whole else ""
    return f"<tr{row}>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


def _marked(text: str, start: int, end: int, spans: Sequence[Span], name: str) -> str:
    """`text[start:end]`, where no mark begins or ends in blanks."""
    piece = text[start:end]
    a, b = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
    cut = [(max(x, a) - start, min(y, b) - start) for x, y in spans if x < b and y > a]
    return highlighted(piece, cut, name)


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
