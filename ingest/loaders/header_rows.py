"""Which rows at the top of a table name its columns: by what the file says, by its spans, by what stands below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_FIGURE = re.compile(
    r"[-+−(]?\s*(?:[A-Z]{0,3}[$€£¥￥₩₹฿]\s*)?[-+−]?\d[\d.,'’ /:-]*(?:\s*[%‰°)]|\s?[^\W\d_]{1,3}[.²³]?|\s?[€£¥￥元])?\)?|"
    r"(?:\d{2,4}年)?\d{1,2}月\d{1,2}[日号]|\d{4}年\d{1,2}月|TRUE|FALSE|=.+"
)
"""A number with its sign, currency and unit, a date or a time, a truth value: what cells hold, not what they are
called."""
_NOTE = re.compile(r"\s\[[^\]]*\]\Z")
"""A note on the cell, which `ingest.loaders.sheets` puts behind its value."""
_YEAR = re.compile(r"(?:19|20)\d\d\s?年?")
_SAMPLE = 200
"""Rows below the header that are looked at."""
_DEEPEST = 4
"""Header rows that are believed; printed statistics have three at most."""


@dataclass(frozen=True, slots=True)
class Places:
    """A table's rows as shown (`rows`, spans carried) and as written (`own`), with what is known of each row."""

    rows: Sequence[Sequence[str]]
    own: Sequence[Sequence[str]]
    heads: Sequence[bool]
    """Whether the file itself calls the row a header."""
    grouped: Sequence[Sequence[tuple[int, int]]]
    """For each row the (left, right) of the cells over several columns that begin in it, counted as in `rows`."""
    below: Sequence[int]
    """For each row how many more rows the longest cell that begins in it reaches down."""
    names: Sequence[frozenset[int]]
    """For each row the cells that the file itself sets apart as names of something, counted as in `rows`."""


def is_figure(text: str) -> bool:
    """Whether a cell holds a value (a number, a date, a truth value) and no name."""
    return _FIGURE.fullmatch(_NOTE.sub("", text.strip())) is not None


def header_depth(places: Places) -> int:
    """How many rows at the top name the columns; 0 when the first one holds values like the others."""
    if not places.rows:
        return 0
    declared = 0
    while declared < min(len(places.heads), len(places.rows) - 1, _DEEPEST) and places.heads[declared]:
        declared += 1
    if declared:
        return max(declared, _deepened(places, declared))
    if not _names(places.rows, 0, 1):
        return 0
    if places.below[0] and not places.grouped[0]:
        # A cell that reaches down beside others that don't and group nothing: the first column of a form.
        return 0
    return _deepened(places, 1)


def certain(places: Places, depth: int) -> bool:
    """Whether the first `depth` rows are a header beyond doubt: declared, or names above a column of values."""
    if not depth:
        return False
    counted = any(map(is_figure, places.rows[0]))  # years, months: `header_depth` has seen that they are names
    return counted or any(places.heads[:depth]) or depth > 1 or bool(_valued(places.rows, 0, depth))


def column_names(places: Places, depth: int) -> list[str]:
    """One name for each column: the header rows from top to bottom, each text once."""
    rows = [list(row) for row in places.rows[:depth]]
    for at in range(depth - 1):
        _fill(rows[at], rows[at + 1])
    names = []
    for column in range(len(rows[0]) if rows else 0):
        parts = dict.fromkeys(text for row in rows if (text := " ".join(row[column].split())))
        names.append(" ".join(parts))
    return names


def _fill(upper: list[str], lower: Sequence[str]) -> None:
    """A name without a span stands above the columns to its right that have none, as far as the row below goes on."""
    last = ""
    for column, text in enumerate(upper):
        if text.strip():
            last = text if lower[column].strip() else ""
        elif lower[column].strip():
            upper[column] = last
        else:
            last = ""


def _deepened(places: Places, depth: int) -> int:
    """`depth`, with the rows below it that go on naming columns."""
    rows = places.rows
    while depth < min(_DEEPEST, len(rows) - 1):
        reach = max(at + places.below[at] for at in range(depth)) + 1
        grouped = any(places.grouped[at] for at in range(depth))
        if grouped and depth < reach < len(rows) and reach <= _DEEPEST:
            depth = reach
        elif _goes_on(places, depth):
            depth += 1
        else:
            break
    return depth


def _goes_on(places: Places, at: int) -> bool:
    """Whether row `at`, below a header row, names columns too: parts of a group, or what a name leaves open."""
    above, row = places.own[at - 1], places.own[at]
    if not _names(places.rows, at, at + 1) or not any(text.strip() for text in row):
        return False
    if places.grouped[at - 1]:
        return all(any(row[n].strip() for n in range(left, right + 1)) for left, right in places.grouped[at - 1])
    open_below = any(above[n].strip() and not row[n].strip() for n in range(len(row)))
    open_above = any(row[n].strip() and not above[n].strip() for n in range(len(row)))
    if open_below and open_above:
        return True
    filled = {n for n in range(len(row)) if row[n].strip()}
    # Units under the names: nothing under the first, values below each of the others.
    return open_below and not row[0].strip() and filled <= _valued(places.rows, at, at + 1)


def _names(rows: Sequence[Sequence[str]], at: int, body: int) -> bool:
    """Whether a row can name columns: no values, or years, numbers and dates that count on from column to column."""
    cells = [text.strip() for text in rows[at] if text.strip()]
    figures = list(dict.fromkeys(text for text in cells if is_figure(text)))
    if not cells or not figures:
        return bool(cells)
    if _YEAR.fullmatch(figures[0]):
        named = len(figures) < len(cells) or (len(figures) > 1 and not rows[at][0].strip())
        counted = named and all(map(_YEAR.fullmatch, figures))
        return counted and not _alike(rows, at, body)
    if len(figures) > 2 and not is_figure(cells[0]) and _counts(figures):
        return not all(_counts([text for text in row if is_figure(text)]) for row in rows[body : body + _SAMPLE])
    dated = len(figures) > 1 and all(re.match(r"\d{1,4}[-/.年月]\d{1,2}", text) for text in figures)
    return dated and figures in (sorted(figures), sorted(figures, reverse=True)) and not _alike(rows, at, body)


def _counts(figures: Sequence[str]) -> bool:
    """Whether numbers go up by one."""
    numbers = [int(match[1]) for text in figures if (match := re.fullmatch(r"(\d{1,4})\D?", text.strip()))]
    return len(numbers) == len(figures) > 1 and all(b - a == 1 for a, b in pairwise(numbers))


def _alike(rows: Sequence[Sequence[str]], at: int, body: int) -> bool:
    """Whether the years or dates of a row go on below it in some column: then they are values."""
    for column, text in enumerate(rows[at]):
        if is_figure(text):
            like = (
                _YEAR
                if _YEAR.fullmatch(text.strip())
                else re.compile(re.sub(r"\\?\d", r"\\d", re.escape(text.strip())))
            )
            below = [row[column].strip() for row in rows[body : body + _SAMPLE] if row[column].strip()]
            if below and sum(like.fullmatch(t) is not None for t in below) * 2 > len(below):
                return True
    return False


def _valued(rows: Sequence[Sequence[str]], at: int, body: int) -> set[int]:
    """Columns that row `at` names and that mostly hold values below it."""
    found = set()
    sample = rows[body : body + _SAMPLE]
    for column, text in enumerate(rows[at]):
        if text.strip() and not is_figure(text):
            below = [row[column] for row in sample if row[column].strip()]
            if below and sum(map(is_figure, below)) * 2 > len(below):
                found.add(column)
    return found
