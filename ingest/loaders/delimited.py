"""CSV and TSV."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ingest.documents import Parsed
from ingest.errors import LoadError
from ingest.language import Text, say
from ingest.loaders.grid import Grid
from ingest.loaders.repair import repair
from ingest.loaders.table_finding import tables
from ingest.loaders.table_pages import table_pages

_DELIMITERS = ",\t;|"
_SEPARATOR = re.compile(r"\A\ufeff?sep=(.)[ \t]*\n", re.IGNORECASE)
"""Excel's own line about the file, no row of it."""
_KEPT_AS_TEXT = re.compile(r'(?<![^\n,\t;|])(?:="([^"\n]*)"|"=""([^"\n]*)""")')
"""A long number as programs write it so that Excel keeps each digit: ="6225880123456789"."""
_LONGEST_CELL = 2_000
"""Lines after which a quote is taken to be open for good."""


def load_csv(text: str, path: Path) -> Parsed:
    """The tables as Markdown, so many rows a page. Rows behind a quote that is never closed are rows all the same."""
    text = repair(text)
    delimiter = delimiter_of(text, path)
    text, said = _SEPARATOR.subn("", text)
    text = _KEPT_AS_TEXT.sub(r'"\1\2"', text)
    try:
        rows = list(read_rows(text, delimiter))
        open_quotes: list[int] = []
        if any("\n" in cell for row in rows for cell in row):
            rows, open_quotes = _closed(text, delimiter, _usual(rows))
    except csv.Error as error:
        raise LoadError(
            Text(f"The table cannot be read: {error}.", f"无法读取表格：{error}。"),
            Text("Open it in a spreadsheet and save it as XLSX.", "请用电子表格软件打开并另存为 XLSX。"),
        ) from error
    pages = tuple(table_pages(tables(Grid(rows)), first=1, section=(), name=""))
    notes = (
        say(
            f"The quotation mark in line {line + said} is never closed; the line was read without it.",
            f"第 {line + said} 行的引号没有闭合，已忽略该引号读取此行。",
        )
        for line in open_quotes[:10]
    )
    return Parsed(path.stem, "text/csv", pages, tuple(notes))


def read_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows as the cells' texts. Raises `csv.Error`."""
    csv.field_size_limit(10_000_000)
    return iter(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _closed(text: str, delimiter: str, width: int) -> tuple[list[list[str]], list[int]]:
    """The rows, and the lines (from 1) whose quote nothing closes: they are read without it.

    A row over several lines is sound when its quotes close and it is as wide as the others, or when no line within it
    could be a row of its own.
    """
    lines = text.splitlines(keepends=True)
    rows: list[list[str]] = []
    found: list[int] = []
    at = 0
    while at < len(lines):
        last = at
        quotes = lines[at].count('"')
        while quotes % 2 and last + 1 < min(len(lines), at + _LONGEST_CELL):
            last += 1
            quotes += lines[last].count('"')
        row = _row("".join(lines[at : last + 1]), delimiter)
        alone = any(len(_row(line, delimiter)) == width for line in lines[at + 1 : last + 1])
        if last > at and alone and (quotes % 2 or len(row) != width):
            found.append(at + 1)
            last = at
            row = [cell.removeprefix('"') for cell in lines[at].rstrip("\n").split(delimiter)]
        rows.append(row)
        at = last + 1
    return rows, found


def _row(text: str, delimiter: str) -> list[str]:
    return next(read_rows(text, delimiter), [])


def _usual(rows: list[list[str]]) -> int:
    """Cells that most rows have, those of two lines and more not counted."""
    widths = Counter(len(row) for row in rows if row and not any("\n" in cell for cell in row))
    return widths.most_common(1)[0][0] if widths else 0


def delimiter_of(text: str, path: Path) -> str:
    """The delimiter that splits the first lines into the same number of fields, more than one, most often."""
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    sample = text[:20_000]
    if match := _SEPARATOR.match(sample):
        return match[1]

    def steadiness(delimiter: str) -> tuple[float, int]:
        widths = [len(fields) for fields in read_rows(sample, delimiter) if fields][:50]
        common = max(set(widths), key=widths.count, default=1)
        return (widths.count(common) / len(widths), common) if common > 1 else (0.0, 0)

    try:
        return max(_DELIMITERS, key=steadiness)
    except csv.Error:
        return ","
