"""Documents in XML of their own: SpreadsheetML 2003, as programs export it under the name .xls, FictionBook (FB2), drawings in SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest.documents import Page, Parsed
from ingest.language import say
from ingest.loaders.elements import add_blocks
from ingest.loaders.grid import Grid, Span
from ingest.loaders.layout import Composer, one_line, sections
from ingest.loaders.properties import sensible
from ingest.loaders.repair import repair
from ingest.loaders.table_finding import tables
from ingest.loaders.table_pages import table_pages
from ingest.loaders.xml_trees import tree

_S = "{urn:schemas-microsoft-com:office:spreadsheet}"
_WIDEST = 1_000
_HTML = {
    "section": "div", "subtitle": "h6", "v": "p", "stanza": "div", "poem": "div", "cite": "blockquote",
    "epigraph": "blockquote", "text-author": "p", "annotation": "div", "emphasis": "em", "strikethrough": "s",
}  # fmt: skip
"""FB2's elements as those of HTML; p, a, sup, sub, strong, code and tables have the same names."""


def load_spreadsheetml(data: bytes, path: Path) -> Parsed:
    """Sheets in order, as an Excel workbook is read."""
    root = tree(data, "xml", recover=True)
    pages: list[Page] = []
    hidden = 0
    for sheet in root.iter(f"{_S}Worksheet"):
        name = one_line(repair(sheet.get(f"{_S}Name") or ""))
        hidden += any("SheetHidden" in str(one.text) for one in sheet.iter() if str(one.tag).endswith("}Visible"))
        grid = _grid(sheet)
        pages += table_pages(tables(grid), len(pages) + 1, (name,) if name else (), name)
    note = say(f"Hidden sheets that were read too: {hidden}.", f"有 {hidden} 个隐藏工作表也已读取。")
    return Parsed(path.stem, "application/vnd.ms-excel", tuple(pages), (note,) if hidden else ())


def _grid(sheet: Any) -> Grid:  # noqa: ANN401 - lxml is untyped
    rows: list[list[str]] = []
    spans: list[Span] = []
    for row in sheet.iter(f"{_S}Row"):
        # A row or cell may say where it stands; else it follows the last.
        at = int(row.get(f"{_S}Index") or len(rows) + 1) - 1
        rows += [[] for _ in range(min(at - len(rows), 2))]
        cells: list[str] = []
        for cell in row.iterchildren(f"{_S}Cell"):
            index = int(cell.get(f"{_S}Index") or 0) - 1
            cells += [""] * (min(index, _WIDEST) - len(cells))
            right = int(cell.get(f"{_S}MergeAcross") or 0)
            below = int(cell.get(f"{_S}MergeDown") or 0)
            if right or below:
                spans.append(Span(len(rows), len(cells), len(rows) + below, len(cells) + right))
            cells += [_value(cell), *[""] * min(right, _WIDEST)]
        rows.append(cells)
    return Grid(rows, tuple(spans))


def _value(cell: Any) -> str:  # noqa: ANN401
    data = cell.find(f"{_S}Data")
    text = "".join(data.itertext()) if data is not None else ""
    if data is not None and data.get(f"{_S}Type") == "DateTime":
        text = text.removesuffix(".000").replace("T00:00:00", "").replace("T", " ")
    comment = cell.find(f"{_S}Comment")
    said = one_line("".join(comment.itertext()), 1_000) if comment is not None else ""
    return repair(f"{text} ({said})" if said else text).strip()


def load_fb2(data: bytes, path: Path) -> Parsed:
    """The book's bodies, the notes at the end among them; a page for each part."""
    root = tree(data, "xml", recover=True)
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
            for name, value in list(element.attrib.items()):
                if name.endswith("}href"):
                    element.set("href", value)
    title = sensible(one_line(repair("".join(root.xpath("string(.//title-info/book-title)")))))
    for element in root.xpath(".//body//*"):
        depth = sum(1 for one in element.iterancestors() if one.tag in ("section", "body"))
        if element.tag == "title":
            text = " ".join("".join(line.itertext()).strip() for line in element) or (element.text or "")
            element[:] = []
            element.tag, element.text = f"h{min(6, max(1, depth))}", text
        else:
            element.tag = _HTML.get(element.tag, element.tag)
    page = Composer()
    for body in root.iter("body"):
        if body.get("name") and body.find("h1") is None:  # the notes
            page.add("heading", say("Notes", "注释") if body.get("name") == "notes" else body.get("name"), 1)
        add_blocks(body, page)
    return Parsed(
        title or page.first_heading() or path.stem, "application/x-fictionbook+xml", sections(page.text, page.blocks)
    )


def load_svg(data: bytes, path: Path) -> Parsed:
    """What is written in a drawing, a paragraph each, in the order of the file; letters that were made shapes are none."""
    root = tree(data, "xml", recover=True)
    page = Composer()
    title = ""
    for element in root.iter("{*}title", "{*}desc", "{*}text"):
        lines = [tspan for tspan in element if tspan.get("y") or tspan.get("dy")] or [element]
        text = "\n".join(one_line(repair("".join(line.itertext())), 1_000) for line in lines)
        title = title or (sensible(text) if str(element.tag).endswith("}title") else "")
        page.add("paragraph", text)
    return Parsed(title or path.stem, "image/svg+xml", sections(page.text, page.blocks))
