"""Rows of tables with bars, each with the row that names its columns.

Lines of one pattern ('Eco 50: 195 minutes, 9.5 litres') are a table too, whose columns have no names but what stands beside the
numbers. A table's line has bars between its cells, with or without one at either end; a rule of dashes may stand below the
first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.language import is_cjk
from ingest.sentences import Span

_BAR = re.compile(r"(?<!\\)\|")
_SEPARATOR = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_LABELLED = re.compile(r"([^:\uff1a|]{1,30})[:\uff1a]\s*(\S[^\n]{0,150})$")
_LISTED = re.compile(r"[,;](?!\d)|[\uff0c\uff1b\u3001]")
_ENDS = "?\uff1f:\uff1a"
_LONGEST = 400
"""Characters of a line with bars that can be a row: in longer ones bars separate something else."""


def is_row(line: str) -> bool:
    """Whether a line has the form of a table's row: a bar at its beginning or end, or two within it.
    One bar alone separates as well a page's title from its site's name."""
    line = line.strip()
    bars = len(_BAR.findall(line))
    edges = line.startswith("|") + (line.endswith("|") and not line.endswith("\\|"))
    return bars > 0 and len(line) <= _LONGEST and "\n" not in line and (bars >= 2 or (edges > 0 and len(line) > 2))


def is_separator(line: str) -> bool:
    """Whether it is the line of dashes below the names of the columns."""
    return "|" in line and bool(_SEPARATOR.match(line))


def cells(line: str) -> list[str]:
    """The cells of a row with bars; the words of a line without."""
    line = line.strip()
    if _BAR.search(line):
        parts = _BAR.split(line)
        # A bar at an edge has nothing beyond it.
        return [part.strip() for part in parts[not parts[0].strip() : len(parts) - (not parts[-1].strip())]]
    return line.split()


def as_row(header: str, row: str) -> str:
    """A table's row in words: 'City group: Abroad; Meals per day: 55 euros'."""
    heads, values = cells(header), cells(row)
    chinese = any(map(is_cjk, header + row))
    colon, semicolon = ("\uff1a", "\uff1b") if chinese else (": ", "; ")
    if len(heads) < len(values):
        heads += [""] * (len(values) - len(heads))
    return semicolon.join(
        f"{head}{colon}{value}" if head else value for head, value in zip(heads, values, strict=False) if value
    )


def alike(page: str, start: int, end: int) -> list[Span]:
    """The lines around page[start:end], itself included, that have a label and as many parts as it has, blank ones between them
    aside; () where there are no others."""
    lines = [(match.start(), match.start() + len(match.group().rstrip())) for match in re.finditer(r"\S[^\n]*", page)]
    at = next((n for n, (left, right) in enumerate(lines) if left <= start and end <= right), None)
    if at is None or not any(form := _form(page[slice(*lines[at])])):
        return []
    first = last = at
    while first > 0 and _form(page[slice(*lines[first - 1])]) == form:
        first -= 1
    while last + 1 < len(lines) and _form(page[slice(*lines[last + 1])]) == form:
        last += 1
    return lines[first : last + 1] if last > first else []


def _form(line: str) -> tuple[bool, ...]:
    """Which of the parts of a line have a number."""
    return tuple(any(map(str.isdigit, part)) for part in parts(line)[1:])


def parts(line: str) -> list[str]:
    """The label of such a line and what it lists; () of any other."""
    found = _LABELLED.match(line.strip().lstrip("-*\u2022 "))
    if found is None or line.rstrip()[-1:] in _ENDS:
        return []
    return [found[1], *(part.strip() for part in _LISTED.split(found[2]))]


def header_above(page: str, row: int) -> Span | None:
    """The first line of the table that the row at `row` belongs to: where that names columns, its span; `row`'s own
    span when it is the first itself; None when the first line is a row like the others."""
    top = row
    while top > 0:
        begin = page.rfind("\n", 0, top - 1) + 1
        if not is_row(page[begin : top - 1]) and not is_separator(page[begin : top - 1]):
            break
        top = begin
    line, _, rest = page[top:].partition("\n")
    if not line.lstrip().startswith("|") and not is_separator(rest.partition("\n")[0]) and _has_figures(line):
        return None
    left = top + len(line) - len(line.lstrip())
    return left, top + len(line.rstrip())


def _has_figures(line: str) -> bool:
    """A cell that is nothing but a number names no column."""
    return any(re.fullmatch(r"[+-]?[\d.,]+\s*%?", cell) for cell in cells(line))


def rows_below(page: str, header: Span) -> Iterator[Span]:
    """The rows below the one that names the columns."""
    at = header[1]
    while at < len(page):
        end = page.find("\n", at + 1) if "\n" in page[at + 1 :] else len(page)
        line = page[at:end].strip()
        if not is_row(line):
            return
        if not is_separator(line):
            start = page.index(line, at)
            yield start, start + len(line)
        at = end
