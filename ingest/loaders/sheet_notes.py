"""What stands beside the cells of a sheet: notes on cells, headers that tables declare, text boxes and pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest.loaders.drawings import add_figures, alternative, chart, shape_texts, shown_in
from ingest.loaders.layout import Composer
from ingest.loaders.package import Package
from ingest.loaders.repair import repair
from ingest.loaders.within import Within
from ingest.loaders.workbook import area, rich_text

_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_COPY = re.compile(r"\[[^\]]{3,40}\]\s*\n")
"""How Excel begins the note that it writes for old programs beside a conversation."""


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
