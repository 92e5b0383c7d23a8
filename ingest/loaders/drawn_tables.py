"""Tables in plain text that are drawn with characters: bars and rules, or columns that blanks keep apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.language import columns
from ingest.loaders.grid import Grid, table
from ingest.loaders.table_finding import tables
from ingest.sentences import Span

_BOX = str.maketrans("│┃║┌┬┐├┼┤└┴┘╔╦╗╠╬╣╚╩╝╒╤╕╞╪╡╘╧╛╭╮╰╯─━═", "|||" + "+" * 31 + "---")
_BARS = re.compile(r"[|+]?\s*:?[-=]{2,}:?\s*(?:[|+]\s*:?[-=]{2,}:?\s*)+[|+]?|[|+]\s*:?[-=]{2,}:?\s*[|+]")
_BAR = re.compile(r"(?<!\\)\|")
_RULES = re.compile(r"[-=]{2,}(?: +[-=]{2,})+")
"""A rule for each column."""
_DRAWN = re.compile(r"[|│┃║]|\S {2}|\t|[-=]{2}")
"""What every such table has, and prose has not: a look that spares many."""
_WIDE = "\0"
"""Stands behind a character that is two columns wide."""
_GAP = 2
"""Blanks between columns where nothing is drawn."""
_FEWEST = 3
"""Columns that blanks have to keep apart on as many lines: two may be text beside text."""
_LONGEST = 1_000
"""Lines; more are a log, and a table is not cut into pages here."""

_Found = tuple[list[list[str]], int, int]
"""Rows without the rules, how many of them are above the first rule, and how many lines that is."""
_NONE: _Found = ([], 0, 0)


def drawn_tables(text: str) -> Iterator[tuple[Span, str]]:
    """Where tables stand among the lines between blank ones, up to three lines of text above, and each in Markdown."""
    at = 0
    block: list[str] = []
    for line in [*text.splitlines(keepends=True), "\n"]:
        if line.strip():
            block.append(line)
        elif block:
            begin = at - sum(map(len, block))
            drawn = 2 < len(block) <= _LONGEST and _DRAWN.search("".join(block))
            for first in range(min(4, len(block) - 1) if drawn else 0):
                rows, heads, count = _barred(block[first:])
                if not rows:
                    rows, heads, count = _columns(block[first:])
                if rows and (made := _table(rows, heads)):
                    start = begin + len("".join(block[:first]))
                    yield (start, start + len("".join(block[first : first + count]).rstrip())), made
                    break
            block = []
        at += len(line)


def _table(rows: list[list[str]], heads: int) -> str:
    if heads:
        return table([[" ".join(filter(None, names)) for names in zip(*rows[:heads], strict=True)], *rows[heads:]])
    found = list(tables(Grid(rows)))
    return found[0].text if len(found) == 1 and not found[0].above and not found[0].below else ""


def _barred(block: Sequence[str]) -> _Found:
    """Cells between bars; those of several lines where a rule stands between any two rows."""
    lines = [line.translate(_BOX).strip() for line in block]
    rows: list[list[str]] = []
    heads, fresh, end = 0, True, 0
    rules = [line for line in lines if _BARS.fullmatch(line)]
    apart = len(rules) > 3 or any("=" in rule for rule in rules)
    for line in lines:
        cells = [cell.strip() for cell in _BAR.split(line.removeprefix("|").removesuffix("|"))]
        if line in rules:
            heads, fresh = heads or len(rows), True
        elif "|" not in line or (rows and len(cells) != len(rows[0])):
            break
        elif apart and not fresh:
            rows[-1] = [f"{above} {below}".strip() for above, below in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
            fresh = False
        end += 1
    drawn = 0 < heads < len(rows) or (not rules and all(line[0] == "|" for line in lines[:end]))
    return (rows, heads, end) if drawn and len(rows) > 1 and len(rows[0]) > 1 else _NONE


def _columns(block: Sequence[str]) -> _Found:
    """Cells below the rules that each column has, or where blanks keep columns apart on every line."""
    lines = [line.rstrip().expandtabs() for line in block]
    rules = [n for n, line in enumerate(lines) if _RULES.fullmatch(line.strip())]
    if not rules and not all(" " * _GAP in line.strip() for line in lines):
        return _NONE
    wide = [re.sub(r"[^\x00-\x7f]", lambda m: m[0] + _WIDE * (columns(m[0]) - 1), line) for line in lines]
    body = [line for n, line in enumerate(wide) if n not in rules]
    if rules:
        starts = [match.start() for match in re.finditer(r"[-=]+", lines[rules[0]])]
    else:
        used = {at for line in body for at, char in enumerate(line) if char != " "}
        starts = [at for before, at in pairwise([-9, *sorted(used)]) if at - before > _GAP]
    fewest = 2 if rules else _FEWEST
    if (
        len(body) < fewest
        or len(starts) < fewest
        or any(line[at - 1 : at].strip() for line in body for at in starts[1:])
    ):
        return _NONE
    rows = [[line[a:b].strip().replace(_WIDE, "") for a, b in pairwise([0, *starts[1:], None])] for line in body]
    if not rules and any(" " * _GAP in cell for row in rows for cell in row):
        return _NONE
    # The header stands above the first rule, or between that and the second.
    heads = rules[0] or (rules[1] - 1 if len(rules) > 1 else 0) if rules else 0
    return (rows, heads, len(block)) if heads < len(rows) else _NONE
