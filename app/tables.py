"""A document's text as HTML: rows with bars between cells become a table, headings lose their signs, and what is marked is
marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from app.markup import highlighted

Span = tuple[int, int]
_LINE = re.compile(r"[^\n]*\n?")
_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\s*\|?(\s*:?-{2,}:?\s*\|)*\s*:?-{2,}:?\s*\|?\s*")
"""Below the names of the columns."""
_SIGNS = re.compile(r"#{2,6}[ \t]+(?=\S)")
_BELOW_FIRST = re.compile(rf"^{_SIGNS.pattern}", re.MULTILINE)
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
    signs = _SIGNS.match(line) or (_FIRST_SIGN.match(text[start:]) if first else None)
    drawn = _marked(text, start + (signs.end() if signs else 0), start + len(line), spans, name)
    return f"<strong>{drawn}</strong>" if signs else drawn


def is_row(line: str) -> bool:
    """Whether it has cells."""
    bars = len(_BAR.findall(line))
    return bars >= 2 or (bars == 1 and line.strip().startswith("|"))


def _table(rows: Sequence[tuple[int, str]], spans: Sequence[Span], name: str, said: str, head: str) -> str:
    ruled = len(rows) > 1 and bool(_RULE.fullmatch(rows[1][1].strip("\n")))
    drawn = [f"<thead>{_row(head, 0, (), name, '', 'th')}</thead>"] if head else []
    for number, (start, line) in enumerate(rows):
        if _RULE.fullmatch(line.strip("\n")):
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
