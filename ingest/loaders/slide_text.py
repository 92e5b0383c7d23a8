"""Text and tables of a slide's shapes: paragraphs with the numbers PowerPoint makes, tables with spans, comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ingest.loaders.drawings import A, paragraph_text
from ingest.loaders.grid import Cell, Grid, placed
from ingest.loaders.package import Package
from ingest.loaders.repair import repair
from ingest.loaders.word_numbering import numeral
from ingest.loaders.xml_trees import is_on, whole

_FORMS = {
    "arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman",
    "romanUc": "upperRoman", "ea1Chs": "chineseCounting", "ea1Cht": "taiwaneseCounting", "ea1JpnKor": "japaneseCounting",
    "circleNum": "decimalEnclosedCircle",
}  # fmt: skip
_AUTOMATIC = re.compile(rf"({'|'.join(_FORMS)})\w*?(Period|ParenR|ParenBoth|Plain|Minus)?\Z")


def paragraphs(body: Any) -> Iterator[tuple[int, str]]:  # noqa: ANN401 - lxml elements are untyped
    """Depth from 0 and text of the paragraphs of a text body that have any, with their automatic numbers."""
    counts: dict[int, tuple[str, int]] = {}
    for paragraph in body.iterfind(f"{A}p"):
        properties = paragraph.find(f"{A}pPr")
        depth = 0 if properties is None else whole(properties.get("lvl"), 0)
        text = paragraph_text(paragraph)
        if not text:
            continue
        counts = {level: count for level, count in counts.items() if level <= depth}
        automatic = None if properties is None else properties.find(f"{A}buAutoNum")
        if automatic is None:
            counts.pop(depth, None)
        else:
            kind = automatic.get("type", "arabicPeriod")
            known, count = counts.get(depth, ("", 0))
            count = count + 1 if known == kind else whole(automatic.get("startAt"), 1, 10**9)
            counts[depth] = kind, count
            text = f"{_numbered(kind, count)} {text}"
        yield depth, text


def table_grid(table: Any) -> Grid:  # noqa: ANN401
    """The grid of an `a:tbl`; its first row names the columns where the table's style marks it."""
    rows = [
        [
            Cell("\n".join(text for body in cell.iterfind(f"{A}txBody") for _, text in paragraphs(body)),
                 whole(cell.get("rowSpan"), 1), whole(cell.get("gridSpan"), 1))
            for cell in row.iterfind(f"{A}tc")
            if not (is_on(cell.get("hMerge")) or is_on(cell.get("vMerge")))  # the cell that covers it pushes the others on
        ]
        for row in table.iterfind(f"{A}tr")
    ]  # fmt: skip
    style = table.find(f"{A}tblPr")
    first = style is not None and is_on(style.get("firstRow"))
    return replace(placed(rows), heads=frozenset([0] if first else []))


def comments(package: Package, slide: str, deck: str) -> Iterator[tuple[str, str]]:
    """Author and text of each comment on a slide, replies behind what they answer."""
    authors = {}
    for kind in ("commentAuthors", "authors"):
        for part in package.related(deck, kind):
            for author in package.xml(part):
                authors[author.get("id")] = repair(author.get("name", ""))
    for part in package.related(slide, "comments"):
        for comment in package.xml(part).iter("{*}cm", "{*}reply"):
            old = comment.find("{*}text")
            body = comment.find("{*}txBody")
            text = repair(old.text or "") if old is not None else ""
            if body is not None:
                text = " ".join(text for _, text in paragraphs(body))
            if text.strip():
                yield authors.get(comment.get("authorId"), ""), " ".join(text.split())


def _numbered(kind: str, count: int) -> str:
    match = _AUTOMATIC.match(kind)
    shown = numeral(count, _FORMS[match[1]] if match else "decimal")
    end = (match[2] if match else "") or ("" if kind.startswith("circle") else "Period")
    return {"ParenR": f"{shown})", "ParenBoth": f"({shown})", "Period": f"{shown}."}.get(end, shown)
