"""CSV and TSV, and how rows of any table become pages."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from ingest.documents import Block, Page, Parsed
from ingest.errors import LoadError
from ingest.language import Text
from ingest.loaders.layout import MAX_CHARACTERS, MAX_PAGES, too_long
from ingest.loaders.repair import repair
from ingest.loaders.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

ROWS = 100
"""Rows of a table on one page; the header row is repeated on each."""
_DELIMITERS = ",\t;|"


def load_csv(text: str, path: Path) -> Parsed:
    """The table as Markdown, `ROWS` rows a page."""
    text = repair(text)
    rows = read_rows(text, delimiter_of(text, path))
    try:
        pages = tuple(table_pages(rows, first=1, section=(), name=""))
    except csv.Error as error:
        raise LoadError(
            Text(en=f"The table cannot be read: {error}.", zh=f"无法读取表格：{error}。"),
            Text(en="Open it in a spreadsheet and save it as XLSX.", zh="请用电子表格软件打开并另存为 XLSX。"),
        ) from error
    return Parsed(path.stem, "text/csv", pages)


def read_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows as the cells' texts. Raises `csv.Error`."""
    csv.field_size_limit(10_000_000)
    return iter(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def delimiter_of(text: str, path: Path) -> str:
    """The delimiter that splits the first lines into the same number of fields, more than one, most often."""
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    sample = text[:20_000]

    def steadiness(delimiter: str) -> tuple[float, int]:
        widths = [len(fields) for fields in read_rows(sample, delimiter) if fields][:50]
        common = max(set(widths), key=widths.count, default=1)
        return (widths.count(common) / len(widths), common) if common > 1 else (0.0, 0)

    try:
        return max(_DELIMITERS, key=steadiness)
    except csv.Error:
        return ","


def table_pages(rows: Iterable[Sequence[str]], first: int, section: tuple[str, ...], name: str) -> Iterator[Page]:
    """Pages of `ROWS` rows each, numbered from `first`, every one with the header row.

    The header is the first row with text in at least two cells (or in its only one); rows above it, usually a
    title, stand before the table on the first page.
    """
    above: list[str] = []
    header: list[str] | None = None
    group: list[Sequence[str]] = []
    number, done, length = first, 0, 0
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            if sum(bool(cell.strip()) for cell in cells) == 1 and len(cells) > 1 and len(above) < 5:
                above.append(next(cell.strip() for cell in cells if cell.strip()))
                continue
            header = list(cells)
            continue
        group.append(cells)
        length += sum(map(len, cells))
        if len(group) >= ROWS or sum(map(len, group[-1])) > 20_000:
            yield _table_page(number, above, header, group, done, section, name)
            above, number, done, group = [], number + 1, done + len(group), []
        if length > MAX_CHARACTERS or number - first >= MAX_PAGES:
            raise too_long()
    if group or above or (header is not None and number == first):
        yield _table_page(number, above, header, group, done, section, name)


def _table_page(
    number: int,
    above: list[str],
    header: list[str] | None,
    group: Sequence[Sequence[str]],
    done: int,
    section: tuple[str, ...],
    name: str,
) -> Page:
    label = name if not done and len(group) < ROWS else f"{name} {done + 1}–{done + len(group)}".strip()
    body = table([header, *group]) if header is not None else ""
    lead = "\n".join(above)
    text = "\n\n".join(filter(None, (lead, body)))
    blocks = []
    if lead:
        blocks.append(Block("paragraph", 0, len(lead)))
    if body:
        blocks.append(Block("table", len(text) - len(body), len(text)))
    return Page(number, text, tuple(blocks), section, label)
