"""Excel workbooks: the tables of each sheet with the values as they are shown, a hundred rows a page."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any

from ingest.documents import Page, Parsed
from ingest.language import say
from ingest.loaders.drawings import add_figures, alternative, chart, shape_texts, shown_in
from ingest.loaders.grid import Grid, Span
from ingest.loaders.layout import Composer, listed
from ingest.loaders.links import unsaid
from ingest.loaders.package import Package
from ingest.loaders.properties import of_office, sensible
from ingest.loaders.repair import repair
from ingest.loaders.table_finding import Table, tables
from ingest.loaders.table_pages import table_pages
from ingest.loaders.within import Within
from ingest.loaders.workbook import Cells, Sheet, Workbook, area, column_name, rich_text
from ingest.pages import ranges
from ingest.recognition import Recogniser

_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_COPY = re.compile(r"\[[^\]]{3,40}\]\s*\n")
"""How Excel begins the note that it writes for old programs beside a conversation."""
_BESIDE = 160
"""Characters of a note that stays in its cell; a longer one stands below the tables, so that the row can be quoted."""


def load_xlsx(path: Path, load: Callable[[Path], Parsed], recogniser: Recogniser) -> Parsed:
    """Sheets in order, hidden ones marked as such; chart sheets are left out.

    Formulas show the value that was stored. What could not be read, and what is hidden, is said in the notes.
    """
    with Workbook(path) as book:
        within = Within(load, recogniser, book.package.open)
        notes: list[str] = []
        pages: list[Page] = []
        for sheet in book.sheets:
            name = say(f"{sheet.name} (hidden)", f"{sheet.name}（隐藏）") if sheet.hidden else sheet.name
            beside = (Table([line]) for line in drawn(book.package, sheet.part, sheet.name, within))
            found = chain(_tables(book, sheet, notes), beside)
            pages += table_pages(found, len(pages) + 1, (name,), name)
        if concealed := [sheet.name for sheet in book.sheets if sheet.hidden]:
            shown = listed(concealed)
            notes.insert(0, say(f"Hidden sheets were read: {shown}.", f"已读取隐藏的工作表：{shown}。"))
        title = sensible(book.package.title) or path.stem
        details = of_office(book.package.core)
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    said = (*notes, *within.notes)
    return Parsed(title, media_type, tuple(pages), said, details=details, attached=within.documents)


def sheet_rows(file: IO[bytes]) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """Name and rows of each sheet as texts, empty rows left out, merged cells in their first place alone."""
    with Workbook(file) as book:
        for sheet in book.sheets:
            yield sheet.name, (texts for _, texts in book.cells(sheet, formulas=False).rows)


def _tables(book: Workbook, sheet: Sheet, notes: list[str]) -> Iterator[Table]:
    cells = book.cells(sheet)
    _outline(cells)
    beside = cell_notes(book.package, sheet.part, book.main)
    for cell, address in _addresses(cells).items():
        beside[cell] = "; ".join(filter(None, (address, beside.get(cell))))
    long = _annotate(cells, beside)
    notes += _sheet_notes(sheet.name, cells)
    headers = {*declared_headers(book.package, sheet.part), *(bounds[0] for bounds in cells.filtered)}
    grid, columns = _grid(cells, headers)
    hidden = [column for left, right in cells.hidden_columns for column in range(left, min(right, 16_384) + 1)]
    for table in tables(grid):
        if table.header:
            for place, column in enumerate(table.columns):
                if columns[column] in hidden:
                    name = table.header[place]
                    table.header[place] = say(f"{name} (hidden)", f"{name}（隐藏）").strip()
        yield table
    if long:
        yield Table(long)


def _grid(cells: Cells, headers: set[int]) -> tuple[Grid, list[int]]:
    """The rows and columns with text, of each gap no more than two rows and one column, and which columns these are."""
    used: set[int] = set()
    for _, texts in cells.rows:
        used.update(n for n, text in enumerate(texts) if text)
    last = max(used, default=0)
    columns = sorted(used | {column + 1 for column in used if column < last})
    numbers: list[int] = []
    rows: list[list[str]] = []
    whole = columns == list(range(len(columns)))
    for number, texts in cells.rows:
        before = numbers[-1] if numbers else number - 1
        for missing in range(before + 1, min(number, before + 3)):
            numbers.append(missing)
            rows.append([])
        numbers.append(number)
        rows.append(texts if whole else [texts[column] if column < len(texts) else "" for column in columns])
    spans = []
    for top, left, bottom, right in cells.merged:
        span = Span(
            bisect_left(numbers, top), bisect_left(columns, left),
            bisect_right(numbers, bottom) - 1, bisect_right(columns, right) - 1,
        )  # fmt: skip
        if span.top < len(numbers) and numbers[span.top] == top and span.bottom >= span.top and span.right >= span.left:
            spans.append(span)
    heads = frozenset(n for n, number in enumerate(numbers) if number in headers)
    bold = frozenset(n for n, number in enumerate(numbers) if number in cells.bold)
    row_of, place_of = {number: n for n, number in enumerate(numbers)}, {column: n for n, column in enumerate(columns)}
    names = frozenset((row_of[at], place_of[column]) for at, column in cells.strong)
    return Grid(rows, tuple(spans), heads, bold if len(bold) * 2 < len(rows) else frozenset(), names), columns


def _outline(cells: Cells) -> None:
    """Names that are set in put behind those they stand under ('Costs › Staff'), where groups follow one another: a
    column that is set in as a whole, below its header, is none."""
    deep = [at in cells.indents for at, _ in cells.rows]
    if True not in deep or all(deep[deep.index(True) : len(deep) - deep[::-1].index(True)]):
        return
    above: list[tuple[int, int, str]] = []
    for at, texts in cells.rows:
        column, indent = next(n for n, text in enumerate(texts) if text), cells.indents.get(at, 0)
        while above and (above[-1][0] >= indent or above[-1][1] != column):
            above.pop()
        above.append((indent, column, texts[column]))
        texts[column] = " › ".join(name for *_, name in above)


def _addresses(cells: Cells) -> dict[tuple[int, int], str]:
    """Where cells with text lead to and don't say so, by row and column."""
    rows = dict(cells.rows)
    links = {
        place: link for place, link in cells.links.items() if "".join(rows.get(place[0], ())[place[1] : place[1] + 1])
    }
    said = unsaid("".join(chain.from_iterable(rows.values())), links.values()) if links else {}
    return {place: said[link] for place, link in links.items() if link in said}


def _annotate(cells: Cells, notes: dict[tuple[int, int], str]) -> list[str]:
    """Notes put into their cells; the lines for those that are long or stand on an empty cell."""
    rows = dict(cells.rows)
    lines = []
    for (row, column), note in sorted(notes.items()):
        texts = rows.get(row, [])
        text = texts[column] if column < len(texts) else ""
        if text and len(note) <= _BESIDE:
            texts[column] = f"{text} [{note}]"
        else:
            named = next((t for t in texts if t), "")
            about = ", ".join(dict.fromkeys(filter(None, (f"{column_name(column)}{row + 1}", named, text))))
            lines.append(f"{about}: {repair(note)}")
    return lines


def _sheet_notes(name: str, cells: Cells) -> list[str]:
    notes = []
    if cells.uncalculated:
        shown, count = listed(cells.uncalculated), len(cells.uncalculated)
        notes.append(
            say(
                f"{name}: formulas without a stored value: {count} ({shown}). Open the file in Excel, save it and "
                "add it again.",
                f"{name}：{count} 个公式没有存储结果（{shown}）。请在 Excel 中打开并保存后重新添加。",
            )
        )
    if cells.hidden_rows:
        shown = listed(ranges([row + 1 for row in cells.hidden_rows]))
        notes.append(say(f"{name}: hidden rows were read: {shown}.", f"{name}：已读取隐藏的行：{shown}。"))
    filled = max((len(texts) for _, texts in cells.rows), default=0)
    if hidden := [(left, min(right, filled - 1)) for left, right in cells.hidden_columns if left < filled]:
        names = (column_name(a) if a == b else f"{column_name(a)}–{column_name(b)}" for a, b in hidden)
        shown = listed(list(names))
        notes.append(say(f"{name}: hidden columns were read: {shown}.", f"{name}：已读取隐藏的列：{shown}。"))
    return notes


def cell_notes(package: Package, sheet: str, workbook: str) -> dict[tuple[int, int], str]:
    """For each (row, column) with notes the texts 'Author: note', replies behind what they answer."""
    notes: dict[tuple[int, int], list[str]] = {}
    people = {
        person.get("id"): repair(person.get("displayName", ""))
        for part in package.related(workbook, "person")
        for person in package.xml(part).iter("{*}person")
    }
    for part in package.related(sheet, "threadedComment"):
        for comment in package.xml(part).iter("{*}threadedComment"):
            said = " ".join(repair(comment.findtext("{*}text") or "").split())
            _add(notes, comment, people.get(comment.get("personId"), ""), said)
    told = set(notes)
    for part in package.related(sheet, "comments"):
        root = package.xml(part)
        authors = [repair(author.text or "") for author in root.iter("{*}author")]
        for comment in root.iter("{*}comment"):
            if (text := comment.find("{*}text")) is None:
                continue
            number = comment.get("authorId", "")
            author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
            said = rich_text(text)
            bounds = area(comment.get("ref", ""))
            if (bounds and bounds[:2] in told) or (author.startswith("tc=") and _COPY.match(said)):
                continue
            # Excel writes the author into the note as well, as its first line.
            said = " ".join(said.removeprefix(f"{author}:").split())
            _add(notes, comment, author, said)
    return {place: "; ".join(said) for place, said in notes.items()}


def declared_headers(package: Package, sheet: str) -> Iterator[int]:
    """Rows (from 0) that name the columns of a table by the workbook's own word."""
    for part in package.related(sheet, "table"):
        root = package.xml(part)
        bounds = area(root.get("ref", ""))
        if bounds and root.get("headerRowCount", "1") != "0":
            yield bounds[0]


def drawn(package: Package, sheet: str, name: str, within: Within) -> list[str]:
    """The lines of text boxes, diagrams, pictures and alternative texts on a sheet; other files go to `within`.

    Of charts the title is enough: their figures are cells.
    """
    page = Composer()
    for part in package.related(sheet, "drawing"):
        for element in package.xml(part).iter(f"{_XDR}sp", f"{_XDR}pic", f"{_XDR}graphicFrame"):
            said = alternative(element.find(f".//{_XDR}cNvPr"))
            if element.tag == f"{_XDR}sp":
                page.add("paragraph", "\n".join(shape_texts(element)))
            elif element.tag == f"{_XDR}pic":
                page.add("paragraph", said)
                within.picture(shown_in(package, part, element), page, said, name)
            elif (rows := chart(package, part, element)) is not None:
                page.add("paragraph", " ".join(filter(None, (*(rows[0][:1] if rows else ()), said))))
            else:
                add_figures(package, part, element, page, within, name)
    for part in dict.fromkeys((*package.related(sheet, "oleObject"), *package.related(sheet, "package"))):
        within.file(part, name)
    return list(filter(None, page.text.split("\n")))


def _add(notes: dict[tuple[int, int], list[str]], comment: Any, author: str, said: str) -> None:  # noqa: ANN401
    bounds = area(comment.get("ref", ""))
    if bounds and said:
        notes.setdefault(bounds[:2], []).append(f"{author}: {said}" if author else said)
