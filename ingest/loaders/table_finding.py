"""The tables of a grid, each with its own header, and the lines that stand above and below them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.language import is_cjk
from ingest.loaders.grid import Grid, table
from ingest.loaders.header_rows import Places, certain, column_names, header_depth, is_figure
from ingest.loaders.table_parts import Part, parts

_COLONS = (":", "\uff1a")
_PAIR = re.compile(r"[^\d:\uff1a]{1,20}[:\uff1a](?!//)\s*[^\s:\uff1a].*", re.DOTALL)
"""A name and its value in one cell."""
_DAY = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d")
_DEEPEST_FORM = 8
"""Rows of a form that may stand above a list."""
_LONGEST_FORM = 40
"""Rows up to which names with values of different kinds are taken for a form rather than for a list."""
_SAMPLE = 200
"""Rows of a table that are held against what comes below it."""
_WIDEST = 1_200
"""Characters of all names of columns above which no passage holds them together with a row."""
_LONGEST_NAME = 40
"""Characters of a name in a form; longer ones are sentences."""


@dataclass(slots=True)
class Table:
    """One table. `above` and `below` are lines of text: titles, 'Account: DE00 1234', notes."""

    above: list[str] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    """Names of the columns, '' where there is none; empty for lines without a table."""
    rows: list[list[str]] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    columns: tuple[int, ...] = ()
    """Where the columns stand in the grid, from 0."""

    @property
    def wide(self) -> bool:
        """Whether there are so many columns that a row is read as a record: its names and values, line by line."""
        return sum(map(len, self.header)) > _WIDEST

    @property
    def text(self) -> str:
        """The table alone as Markdown, '' for lines without one."""
        return table([self.header, *self.rows]) if self.header else ""

    def records(self) -> list[str]:
        """A wide table's rows as lines 'name: value'."""
        named = [[(name, text) for name, text in zip(self.header, row, strict=False) if text] for row in self.rows]
        return ["\n".join(f"{name}: {text}" if name else text for name, text in record) for record in named]


def tables(grid: Grid) -> Iterator[Table]:
    """The tables in order, parted by empty rows and columns.

    Rows after a gap go on with the table above unless something shows a new one: a title, a header above values, other
    columns. Forms (names with values beside them) become lines; any other table without names of columns has ''.
    """
    current: Table | None = None
    lead: list[str] = []
    listed = all(sum(bool(text.strip()) for text in row) < 2 for row in grid.rows)
    for part in parts(grid):
        above, places = _lines_above(part.places, alone=not listed)
        lead += above
        if not places.rows:
            continue
        found = _table(places, part.columns)
        if current and not lead and _goes_on(current, found, part, places):
            _append(current, found, places, part.columns)
            continue
        if current:
            yield current
        found.above[:0] = lead
        current, lead = found, []
    if current:
        current.below += lead
        yield current
    elif lead:
        yield Table(lead)


def _lines_above(places: Places, *, alone: bool) -> tuple[list[str], Places]:
    """What stands before the header: titles, and names with their values in a table that has more columns.

    `alone`: whether a single column is lines of text, as it is beside tables, and no table of one column.
    """
    width = len(places.rows[0])
    filled = [[n for n, text in enumerate(own) if text.strip()] for own in places.own]
    usual = Counter(map(len, filled)).most_common(1)[0][0]
    at = 0
    while (width > 1 or alone) and at < len(filled):
        after = filled[at + 1] if at + 1 < len(filled) else [0]
        pair = filled[at] == [0, 1] and usual > 2 and 0 in after and not places.heads[at]
        if len(filled[at]) != 1 and not pair and not _colons(places.own[at]):
            break
        at += 1
    at += _form_above(_from(places, at))
    return [_line(own) for own in places.own[:at]], _from(places, at)


def _from(places: Places, at: int) -> Places:
    return Places(
        places.rows[at:], places.own[at:], places.heads[at:], places.grouped[at:], places.below[at:], places.names[at:]
    )


def _form_above(places: Places) -> int:
    """How many rows of names with values beside them stand above a list's header; 0 where the first row names columns."""
    if not places.rows or header_depth(places):
        return 0
    for at in range(1, min(_DEEPEST_FORM, len(places.rows) - 1)):
        if any(is_figure(text) for text in places.own[at - 1][::2]) or len(places.own[at]) % 2:
            return 0
        rest = _from(places, at)
        names = all(text.strip() for text in rest.own[0]) and any(map(is_figure, rest.own[1]))
        if names and certain(rest, header_depth(rest)):
            return at
    return 0


def _table(places: Places, columns: tuple[int, ...]) -> Table:
    depth = header_depth(places)
    width = len(columns)
    body = [list(shown) for shown in places.rows[depth:]]
    if form := _form(places, depth):
        return Table([_line(cells) for cells in form], columns=columns)
    below = _notes(body)
    return Table([], column_names(places, depth) if depth else [""] * width, body, below, columns)


def _notes(rows: list[list[str]]) -> list[str]:
    """Takes from the end of `rows` those of one cell, the first, out of three and more: notes below a table."""
    found: list[str] = []
    while len(rows) > 1 and len(rows[-1]) > 2 and rows[-1][0].strip() and not any(map(str.strip, rows[-1][1:])):
        found.insert(0, rows.pop()[0].strip())
    return found


def _form(places: Places, depth: int) -> list[list[str]]:
    """The cells of each row of a form, in which names and values take turns, names short and each but once; [] for
    anything else. It is one where the file sets every name apart and no value, where several values reach over the columns
    of others, where every column of values has several kinds of them, or one has both numbers and days, as no column of a
    list has. What stands alone in the last column (the place of a photograph)
    is the first row's."""
    width = len(places.rows[0])
    last = [own[-1] for own in places.own if own[-1].strip()]
    alone = width % 2 == 1 and len(last) == 1
    rows: list[list[str]] = []
    wide: set[str] = set()
    apart = width % 2 == 0
    for own, spans, marked in zip(places.own, places.grouped, places.names, strict=True):
        ends = dict(spans)
        starts = [n for n in range(width - alone) if not any(left < n <= right for left, right in spans)]
        wide.update(own[n] for n in starts[1::2] if own[n].strip() and ends.get(n, n) > n + 1)
        rows.append([own[n] for n in starts])
        apart = apart and all((n in marked) == (at % 2 == 0) for at, n in enumerate(starts) if own[n].strip())
    if apart and any(map(len, places.names)) and len(rows) <= _LONGEST_FORM:
        return rows
    names = [name.strip() for cells in rows for name in cells[::2] if name.strip()]
    if len(rows) > _LONGEST_FORM or any(len(cells) % 2 for cells in rows) or len(set(names)) < len(names):
        return []
    if any(is_figure(name) or len(name) > _LONGEST_NAME for name in names):
        return []
    named = all(n % 2 == 0 or cells[n - 1].strip() for cells in rows for n, text in enumerate(cells) if text.strip())
    if len(wide) > 1 and named:
        return [rows[0] + last * alone, *rows[1:]]
    if alone or any(places.heads[:depth]) or depth > 1:
        return []
    if width == 2 and (not depth or any(char.isdigit() for char in rows[0][1])):
        return rows
    first = 1 if certain(places, depth) else 0  # the name of a column is no value
    if any({"day", "number"} <= {_kind(own[n].strip()) for own in places.own[depth:]} for n in range(1, width, 2)):
        return rows
    kinds = [{_kind(text) for own in places.own[first:] if (text := own[n].strip())} for n in range(1, width, 2)]
    return rows if (width == 2 or not first) and all(len(found) > 1 for found in kinds) else []


def _kind(text: str) -> str:
    if not is_figure(text):
        return "words"
    return (
        "day"
        if _DAY.fullmatch(text)
        else "date or time"
        if re.match(r"\d+[-/:.]\d+[-/:.\d]*$", text) and not re.match(r"\d+\.\d+$", text)
        else "number"
    )


def _goes_on(current: Table, found: Table, part: Part, places: Places) -> bool:
    """Whether a part below a table, without a title, is more of it."""
    if not current.header or not set(part.columns) <= set(current.columns):
        return False
    depth, rows = header_depth(places), [list(own) for own in places.own]
    _notes(rows)  # a sum with a note below it is no header with its rows
    if not depth or len(rows) <= depth or found.header == current.header:
        return True
    if certain(places, depth):
        return False
    if part.gap > 1:
        # Short words without figures may be names of columns; anything else is a row after a pause.
        return any(len(name) > _LONGEST_NAME or any(map(str.isdigit, name)) for name in found.header)
    # Words in a column of values are another table's.
    at = {column: n for n, column in enumerate(current.columns)}
    old = {
        column: [row[at[column]] for row in current.rows[-_SAMPLE:] if row[at[column]].strip()]
        for column in part.columns
    }
    return not any(
        old[column] and all(map(is_figure, old[column])) and not any(is_figure(shown[n]) for shown in places.rows)
        for n, column in enumerate(part.columns)
    )


def _append(current: Table, found: Table, places: Places, columns: Sequence[int]) -> None:
    rows = found.rows if found.header == current.header else places.rows
    current.rows += [
        [line, *[""] * (len(current.columns) - 1)] for line in current.below
    ]  # more rows follow: it was one
    current.below = []
    place = {column: n for n, column in enumerate(columns)}
    current.rows += [[shown[place[c]] if c in place else "" for c in current.columns] for shown in rows]
    current.below = _notes(current.rows)


def _colons(cells: Sequence[str]) -> bool:
    """Whether a row is names, each with a colon and its value behind it, in the next cell or in the same."""
    said = [text.strip() for text in cells if text.strip()]
    if len(said) > 1 and all(map(_PAIR.fullmatch, said)):
        return True
    return len(said) > 1 and all(text.endswith(_COLONS) for text in said[::2]) and not said[1].endswith(_COLONS)


def _line(cells: Sequence[str]) -> str:
    """A row of names and values as text: 'Account: DE00 1234; Owner: Example Ltd'."""
    said = [" ".join(text.split()) for text in cells]
    if any(text.endswith(_COLONS) for text in said):
        pairs: list[list[str]] = []
        for text in filter(None, said):
            if text.endswith(_COLONS) or not pairs:
                pairs.append([])
            pairs[-1].append(text)
        named = [(pair[0].rstrip("".join(_COLONS)).rstrip(), " ".join(pair[1:])) for pair in pairs]
    elif all(_PAIR.fullmatch(text) for text in said if text):
        named = [(text, "") for text in said]
    else:
        named = list(zip(said[::2], [*said[1::2], ""], strict=False))
    chinese = any(map(is_cjk, "".join(said)))
    colon, semicolon = ("\uff1a", "\uff1b") if chinese else (": ", "; ")
    return semicolon.join(colon.join(filter(None, pair)) for pair in named if any(pair))
