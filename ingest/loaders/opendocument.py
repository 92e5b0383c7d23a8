"""OpenDocument (ODT, ODS, ODP, ODG): text, sheets, slides and drawings in order, from the package's own XML."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

from ingest.documents import Page, Parsed
from ingest.language import say
from ingest.loaders.equations import mathml
from ingest.loaders.grid import Cell, Grid, placed
from ingest.loaders.layout import Composer, one_line, sections
from ingest.loaders.links import put_behind
from ingest.loaders.properties import of_opendocument, sensible
from ingest.loaders.repair import repair
from ingest.loaders.scripts import lowered, raised
from ingest.loaders.slide_shapes import Box, ordered
from ingest.loaders.sniff import damaged, encrypted
from ingest.loaders.table_finding import tables
from ingest.loaders.table_pages import add_tables, table_pages
from ingest.loaders.within import Within
from ingest.loaders.word_numbering import ITEM, numeral
from ingest.loaders.xml_trees import tree, whole
from ingest.recognition import Recogniser

OUTLINE = ""
"""The name under which the numbers of headings are counted."""
_FORMS = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
    "①, ②, ③, ...": "decimalEnclosedCircle", "甲, 乙, 丙, ...": "ideographTraditional", "子, 丑, 寅, ...": "ideographZodiac",
    "壹, 贰, 叁, ...": "chineseLegalSimplified", "一, 二, 三, ...": "chineseCountingThousand",
}  # fmt: skip
_O = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _OFFICE, _DRAW, _STYLE = (
    f"{{{_O}{name}:1.0}}" for name in ("text", "table", "office", "drawing", "style")
)
_PRESENTATION = f"{{{_O}presentation:1.0}}"
_LEFT_OUT = {
    f"{_TEXT}tracked-changes",
    f"{_OFFICE}annotation-end",
    f"{_TEXT}ruby-text",
    f"{_TEXT}note-citation",
    f"{_TEXT}page-number",
}
_SVG, _HREF = f"{{{_O}svg-compatible:1.0}}", "{http://www.w3.org/1999/xlink}href"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_SHOWN = (f"{_TABLE}table", f"{_DRAW}object", f"{_DRAW}object-ole")
"""What a picture beside it in its frame shows: a table, a chart or the like as a part of its own, a file."""
_LENGTH = re.compile(r"-?[0-9.]+")
_SCRIPT = re.compile(r"(super|sub|-?\d+%)")


_PARTS = ("content.xml", "styles.xml", "meta.xml")
_Part = Callable[[str], Any]
"""The root of a part by its name, None where there is none."""


def load_opendocument(path: Path, load: Callable[[Path], Parsed], recogniser: Recogniser) -> Parsed:
    """A text by its sections, a workbook by its sheets, a presentation by its slides."""
    if not zipfile.is_zipfile(path):  # "flat": all in one file
        root = tree(path.read_bytes(), "odf")
        parts = dict.fromkeys(_PARTS, root)
        return _read(path, parts.get, root.get(f"{_OFFICE}mimetype", ""), Within(load, recogniser, _nothing))
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if "content.xml" not in names:
            raise damaged("odf")
        if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise encrypted()
        kind = archive.read("mimetype").decode("ascii", "replace").strip() if "mimetype" in names else ""

        def part(name: str) -> Any:  # noqa: ANN401
            if name not in names:
                return None
            names.remove(name)  # each once: one may hold itself
            return tree(archive.read(name), "odf")

        return _read(path, part, kind, Within(load, recogniser, archive.open))


def _nothing(name: str) -> IO[bytes]:
    raise KeyError(name)


def _read(path: Path, part: _Part, kind: str, within: Within) -> Parsed:
    content, styles, meta = map(part, _PARTS)
    _cut(content)
    put_behind([*content.iter(f"{_TEXT}a")], _HREF, "".join(content.itertext(f"{{{_O}text:1.0}}*")))
    body = content.find(f"{_OFFICE}body")
    if body is None or not len(body):
        raise damaged("odf")
    parts = [part for part in (styles, content) if part is not None]
    reading = _Reading(_scripts(content), Lists(parts), within, part)
    inside = body[0]
    if inside.tag == f"{_OFFICE}spreadsheet":
        pages = reading.sheets(inside)
    elif inside.tag in (f"{_OFFICE}presentation", f"{_OFFICE}drawing"):
        pages = reading.slides(inside)
    else:
        page = Composer()
        for edge in styles.iter(f"{_STYLE}header", f"{_STYLE}footer") if styles is not None else ():
            reading.blocks(edge, page)  # what runs at the top and the bottom, once
        reading.blocks(inside, page)
        pages = list(sections(page.text, page.blocks))
    named = meta.findtext(".//{http://purl.org/dc/elements/1.1/}title") if meta is not None else ""
    heading = next((one_line(p.text[b.start : b.end]) for p in pages for b in p.blocks if b.kind == "heading"), "")
    count = reading.uncalculated
    notes = [say(f"Formulas without a stored value: {count}. Open the file, save it and add it again.",
                 f"{count} 个公式没有存储结果。请打开文件并保存后重新添加。")] if count else []  # fmt: skip
    title = sensible(named) or (heading if inside.tag != f"{_OFFICE}spreadsheet" else "") or path.stem
    return Parsed(
        title,
        kind or "application/vnd.oasis.opendocument",
        tuple(pages),
        (*notes, *within.notes),
        details=of_opendocument(meta),
        attached=within.documents,
    )


class _Reading:
    """What is found on the way: raised text by its style, pictures that say nothing."""

    def __init__(
        self, scripts: dict[str, Callable[[str, str], str]], lists: Lists, within: Within, part: _Part
    ) -> None:
        self._scripts, self._lists, self._within, self._part = scripts, lists, within, part
        self.uncalculated = 0
        """Cells whose formula has no stored value."""

    def blocks(self, element: Any, page: Composer) -> None:  # noqa: ANN401 - lxml is untyped
        """Add what stands within an element, block by block."""
        for child in element:
            tag = child.tag
            if tag in _LEFT_OUT or not isinstance(tag, str):
                pass
            elif tag == f"{_DRAW}image":
                if all(child.getparent().find(tag) is None for tag in _SHOWN):  # else a preview of that
                    self._picture(child, page)
            elif tag in _SHOWN[1:] and (name := child.get(_HREF, "").removeprefix("./")):
                if (inner := self._part(f"{name}/content.xml")) is not None:
                    self.blocks(inner, page)
                    page.add("paragraph", mathml(inner) if inner.tag.endswith("}math") else "")
                else:
                    self._within.file(name)
            elif tag == f"{_TEXT}h":
                depth = whole(child.get(f"{_TEXT}outline-level"), 1)
                page.add("heading", f"{self._lists.label(OUTLINE, depth - 1)} {self._said(child)}", depth)
            elif tag == f"{_TEXT}p":
                page.add("paragraph", self._said(child))
                self._boxes(child, page)
            elif tag == f"{_TEXT}list":
                self._list(child, page)
            elif tag == f"{_TABLE}table":
                add_tables(page, self._grid(child))
            else:
                self.blocks(child, page)

    def sheets(self, body: Any) -> list[Page]:  # noqa: ANN401
        """Pages of each sheet's rows."""
        pages: list[Page] = []
        for sheet in body.iterchildren(f"{_TABLE}table"):
            name = repair(sheet.get(f"{_TABLE}name") or "")
            pages += table_pages(tables(self._grid(sheet)), len(pages) + 1, (name,), name)
        return pages

    def slides(self, body: Any) -> list[Page]:  # noqa: ANN401
        """A page for each slide with text, its notes at the end."""
        pages: list[Page] = []
        for slide in body.iterchildren(f"{_DRAW}page"):
            page = Composer()
            for box in ordered([_box(shape) for shape in slide if shape.tag != f"{_PRESENTATION}notes"]):
                self.blocks([box.element], page)
            for note in slide.iterfind(f"{_PRESENTATION}notes/{_DRAW}frame"):
                if note.get(f"{_PRESENTATION}class") == "notes":
                    self.blocks(note, page)
            pages.append(Page(len(pages) + 1, page.text, page.blocks))
        return pages

    def _boxes(self, paragraph: Any, page: Composer) -> None:  # noqa: ANN401
        """Text boxes, shapes and pictures that hang on a paragraph."""
        for shape in paragraph.iter(f"{_DRAW}*"):
            above = takewhile(lambda other: other is not paragraph, shape.iterancestors())
            if not any(other.tag.startswith(_DRAW) for other in above):
                self.blocks([shape], page)

    def _picture(self, image: Any, page: Composer) -> None:  # noqa: ANN401
        """What a picture is said to show, and what is written in it."""
        frame = image.getparent()
        said = " ".join(repair(" ".join(frame.itertext(f"{_SVG}title", f"{_SVG}desc"))).split())
        page.add("paragraph", said)
        self._within.picture([image.get(_HREF) or ""], page, said)

    def _list(self, element: Any, page: Composer) -> None:  # noqa: ANN401
        """Items as a list, those whose number is a clause's as paragraphs; headings among them."""
        lines: list[str] = []
        for depth, label, child in self._entries(element, 0, ""):
            text = " ".join(self._said(child).split())
            heading = child.tag == f"{_TEXT}h"
            if text and (heading or (label and not ITEM.fullmatch(label))):
                page.add("list", "\n".join(lines))
                lines.clear()
                page.add("heading" if heading else "paragraph", f"{label} {text}", depth + 1 if heading else 0)
            elif text:
                lines.append(f"{'  ' * depth}{label or '-'} {text}")
        page.add("list", "\n".join(lines))

    def _entries(self, element: Any, depth: int, style: str) -> Iterator[tuple[int, str, Any]]:  # noqa: ANN401
        """Depth from 0, number and paragraph of what stands in a list."""
        style = element.get(f"{_TEXT}style-name") or style
        if not depth:
            self._lists.begin(
                style, goes_on=bool({f"{_TEXT}continue-numbering", f"{_TEXT}continue-list"} & {*element.attrib})
            )
        for item in element:
            label = ""
            if len(item) and item[0].tag != f"{_TEXT}list" and item.tag == f"{_TEXT}list-item":
                named = OUTLINE if item[0].tag == f"{_TEXT}h" and not style else style
                label = self._lists.label(named, depth, item.get(f"{_TEXT}start-value"))
            for child in item:
                if child.tag == f"{_TEXT}list":
                    yield from self._entries(child, depth + 1, style)
                elif isinstance(child.tag, str):
                    yield depth, label, child
                    label = ""

    def _grid(self, table: Any) -> Grid:  # noqa: ANN401
        rows: list[list[Cell]] = []
        for row in table.iter(f"{_TABLE}table-row"):
            if next(row.iterancestors(f"{_TABLE}table")) is not table:
                continue
            cells: list[Cell] = []
            for cell in row:
                if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                    continue
                text = self._cell(cell)
                if cell.tag == f"{_TABLE}covered-table-cell":
                    continue  # the cell that covers it pushes the others on
                made = Cell(
                    text,
                    _count(cell.get(f"{_TABLE}number-rows-spanned")),
                    _count(cell.get(f"{_TABLE}number-columns-spanned")),
                )
                cells += [made] * _count(cell.get(f"{_TABLE}number-columns-repeated"))
            while cells and not cells[-1].text:
                cells.pop()
            repeated = _count(row.get(f"{_TABLE}number-rows-repeated"))
            rows += [cells] * (repeated if cells else min(repeated, 2))
        return placed(rows)

    def _cell(self, cell: Any) -> str:  # noqa: ANN401
        """The text of a cell, with the notes on it behind."""
        holders = (f"{_OFFICE}annotation", f"{_TABLE}table-cell")
        said = [self._said(part) for part in cell.iter(f"{_TEXT}p", f"{_TEXT}h")
                if next(part.iterancestors(*holders)).tag == holders[1]]  # fmt: skip
        day = cell.get(f"{_OFFICE}date-value", "")
        if day and len(said) == 1 and any(char.isdigit() for char in said[0]):
            # '3/4/26' means different days in different places.
            said = [day.removesuffix("T00:00:00").replace("T", " ")]
        formula = cell.get(f"{_TABLE}formula", "").partition("=")[2]
        if formula and not any(said) and f"{_OFFICE}value-type" not in cell.attrib:
            said = [f"={formula}"]
            self.uncalculated += 1
        notes = (f"[{note}]" for one in cell.iterfind(holders[0]) if (note := self._note(one)))
        return " ".join(("\n".join(said), *notes)).strip()

    def _note(self, annotation: Any) -> str:  # noqa: ANN401
        """A comment, behind the name of who wrote it."""
        author = repair(annotation.findtext(_CREATOR) or "").strip()
        said = " ".join(filter(None, map(self._said, annotation.iter(f"{_TEXT}p"))))
        return f"{author}: {said}" if author and said else said

    def _said(self, element: Any) -> str:  # noqa: ANN401
        return repair(self._text(element, "")).strip()

    def _text(self, element: Any, before: str) -> str:  # noqa: ANN401
        out = element.text or ""
        for child in element:
            tag = child.tag if isinstance(child.tag, str) else ""
            if tag == f"{_TEXT}s":
                out += " " * _count(child.get(f"{_TEXT}c"))
            elif tag == f"{_TEXT}tab":
                out += "\t"
            elif tag == f"{_TEXT}line-break":
                out += "\n"
            elif tag == f"{_TEXT}note":
                mark = child.findtext(f"{_TEXT}note-citation") or "*"
                body = child.find(f"{_TEXT}note-body")
                out += raised(before + out, mark, note=True) + (f" [{self._said(body)}]" if body is not None else "")
            elif tag == f"{_OFFICE}annotation":
                out += f" [{self._note(child)}]"
            elif tag in _LEFT_OUT or not tag or tag.startswith(_DRAW):
                pass
            else:
                inner = self._text(child, before + out)
                script = self._scripts.get(child.get(f"{_TEXT}style-name") or "")
                out += script(before + out, inner) if script else inner
            out += child.tail or ""
        return out


def _cut(content: Any) -> None:  # noqa: ANN401
    """Take out what was deleted with changes tracked and still stands where it stood."""
    regions = content.iter(f"{_TEXT}changed-region")
    gone = {region.get(f"{_TEXT}id") for region in regions if region.find(f"{_TEXT}deletion") is not None}
    for start in [*content.iter(f"{_TEXT}change-start")]:
        if start.get(f"{_TEXT}change-id") in gone:
            start.tail = ""
            for node in takewhile(lambda one: one.tag != f"{_TEXT}change-end", [*start.itersiblings()]):
                start.getparent().remove(node)


def _box(shape: Any) -> Box:  # noqa: ANN401
    """Where a shape stands on its slide, in centimetres or whatever its program measures in."""
    sides = (_LENGTH.match(shape.get(f"{_SVG}{name}") or "") for name in ("x", "y", "width", "height"))
    return Box(shape, *(float(side[0]) if side else 0.0 for side in sides))


def _scripts(content: Any) -> dict[str, Callable[[str, str], str]]:  # noqa: ANN401
    """How text is written by the names of the styles that raise or lower it."""
    found: dict[str, Callable[[str, str], str]] = {}
    for style in content.iter(f"{_STYLE}style"):
        for properties in style.iter(f"{_STYLE}text-properties"):
            position = _SCRIPT.match(properties.get(f"{_STYLE}text-position") or "")
            if position and position[1] != "0%":
                found[style.get(f"{_STYLE}name", "")] = lowered if position[1].startswith(("sub", "-")) else raised
    return found


def _count(value: str | None) -> int:
    """How often something is repeated, or how many places it spans; formats are repeated to the end of the sheet."""
    return max(1, whole(value, 1))


class Lists:
    """The numbers that a program makes for lists and headings: '1.', '2.1', '(a)', '第三条'. Counts on as items are read in order.

    OpenDocument 1.3, part 3, 16.30 (list styles) and 16.34 (the outline).
    """

    def __init__(self, roots: Iterable[Any]) -> None:
        """`roots`: of the parts with styles."""
        self._levels: dict[str, dict[int, Any]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        for root in roots:
            for style in root.iter(f"{_TEXT}list-style", f"{_TEXT}outline-style"):
                name = OUTLINE if style.tag == f"{_TEXT}outline-style" else style.get(f"{_STYLE}name", "")
                self._levels[name] = {whole(level.get(f"{_TEXT}level"), 1) - 1: level for level in style}

    def begin(self, style: str, *, goes_on: bool) -> None:
        """A list at the top of the text; `goes_on`: with the numbers of the last one of that style."""
        if not goes_on:
            self._counts.pop(style, None)

    def label(self, style: str, depth: int, start: str | None = None) -> str:
        """The number of the next item `depth` levels (from 0) down, '' for a bullet or none; `start`: what it is to be."""
        levels, counts = self._levels.get(style, {}), self._counts.setdefault(style, {})
        level = levels.get(depth)
        for deeper in [known for known in counts if known > depth]:
            del counts[deeper]
        first = whole(level.get(f"{_TEXT}start-value"), 1) if level is not None else 1
        counts[depth] = whole(start, counts.get(depth, first - 1) + 1, 10**9)
        if level is None or not level.get(f"{_STYLE}num-format"):
            return ""
        above = range(max(0, depth + 1 - whole(level.get(f"{_TEXT}display-levels"), 1)), depth + 1)
        shown = [
            numeral(counts.get(n, 1), _FORMS.get(levels[n].get(f"{_STYLE}num-format") or "", "decimal"))
            for n in above
            if n in levels and levels[n].get(f"{_STYLE}num-format")
        ]
        return (
            f"{level.get(f'{_STYLE}num-prefix') or ''}{'.'.join(shown)}{level.get(f'{_STYLE}num-suffix') or ''}".strip()
        )
