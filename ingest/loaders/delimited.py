"""CSV and TSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from ingest.documents import Parsed
from ingest.errors import LoadError
from ingest.language import Text
from ingest.loaders.grid import Grid
from ingest.loaders.repair import repair
from ingest.loaders.table_finding import tables
from ingest.loaders.table_pages import table_pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DELIMITERS = ",\t;|"


def load_csv(text: str, path: Path) -> Parsed:
    """The table as Markdown, so many rows a page."""
    text = repair(text)
    rows = read_rows(text, delimiter_of(text, path))
    try:
        pages = tuple(table_pages(tables(Grid(list(rows))), first=1, section=(), name=""))
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
