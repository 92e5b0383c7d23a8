"""Pages made of tables: so many rows each, every one below the names of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest.documents import Page
from ingest.loaders.grid import Grid
from ingest.loaders.layout import Composer
from ingest.loaders.table_finding import Table, tables

ROWS = 100
"""Rows on one page."""
_LONGEST = 20_000
"""Characters of a row after which a page is full."""


def add_table(page: Composer, table: Table) -> None:
    """The lines above, the table, the lines below, as blocks of a page that holds other things too."""
    page.add("paragraph", "\n".join(table.above))
    if table.wide:
        for record in table.records():
            page.add("paragraph", record)
    else:
        page.add("table", table.text)
    page.add("paragraph", "\n".join(table.below))


def add_tables(page: Composer, grid: Grid) -> None:
    """The tables of a grid, on such a page."""
    for table in tables(grid):
        add_table(page, table)


def table_pages(found: Iterable[Table], first: int, section: tuple[str, ...], name: str) -> Iterator[Page]:
    """Pages numbered from `first`, in `section`, labelled `name` and, where there are several, with their rows, which are
    counted through all tables."""
    pages = _Pages(first, section, name)
    for table in found:
        pages.page.add("paragraph", "\n".join(table.above))
        group: list[list[str]] = []
        for cells in table.rows:
            group.append(cells)
            if pages.rows + len(group) >= ROWS or sum(map(len, cells)) > _LONGEST:
                add_table(pages.page, Table([], table.header, group))
                yield pages.close(len(group))
                group = []
        if group or not table.rows:
            add_table(pages.page, Table([], table.header, group))
            pages.rows += len(group)
        pages.page.add("paragraph", "\n".join(table.below))
    if pages.page.text:
        yield pages.close(0, last=True)


class _Pages:
    def __init__(self, first: int, section: tuple[str, ...], name: str) -> None:
        self.page = Composer()
        self.rows = 0
        self._first = self._number = first
        self._section, self._name = section, name
        self._done = 0

    def close(self, added: int, *, last: bool = False) -> Page:
        """The page that ends here, `added` rows after those counted."""
        rows = self.rows + added
        whole = last and self._number == self._first
        label = self._name if whole or not rows else f"{self._name} {self._done + 1}–{self._done + rows}".strip()
        page = Page(self._number, self.page.text, self.page.blocks, self._section, label)
        self.page, self.rows, self._done, self._number = Composer(), 0, self._done + rows, self._number + 1
        return page
