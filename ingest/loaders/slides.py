"""PowerPoint: a page for each slide, with its tables, charts, diagrams, notes and comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.documents import Page, Parsed
from ingest.language import say
from ingest.loaders.drawings import A, add_figures, alternative, is_decorative, paragraph_text, shown_in
from ingest.loaders.grid import Cell, Grid, placed
from ingest.loaders.layout import Composer, listed, one_line
from ingest.loaders.links import behind
from ingest.loaders.package import Package, R
from ingest.loaders.properties import of_office, sensible
from ingest.loaders.repair import repair
from ingest.loaders.slide_shapes import Box, P, children, placeholder, placeholders, shapes
from ingest.loaders.table_pages import add_tables
from ingest.loaders.within import Within
from ingest.loaders.word_numbering import numeral
from ingest.loaders.xml_trees import is_on, whole
from ingest.recognition import Recogniser

_FORMS = {
    "arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman",
    "romanUc": "upperRoman", "ea1Chs": "chineseCounting", "ea1Cht": "taiwaneseCounting", "ea1JpnKor": "japaneseCounting",
    "circleNum": "decimalEnclosedCircle",
}  # fmt: skip
_AUTOMATIC = re.compile(rf"({'|'.join(_FORMS)})\w*?(Period|ParenR|ParenBoth|Plain|Minus)?\Z")
_RUNNING = ("ftr", "hdr", "dt")
"""Kinds of placeholders that say the same on every slide."""


def load_pptx(path: Path, load: Callable[[Path], Parsed], recogniser: Recogniser) -> Parsed:
    """Slides in order; hidden ones too, named in a note. One with pictures and no text is named in `needs_ocr`.

    What every slide shows (footers, texts of the layout) stands once, on the first slide that shows it.
    """
    with Package(path, "pptx") as package:
        references = package.xml(package.main).iterfind(f"{P}sldIdLst/{P}sldId")
        parts = [package.target(package.main, reference.get(f"{R}id", "")) for reference in references]
        reader = _Reader(package, Within(load, recogniser, package.open))
        pages = tuple(reader.page(number, part) for number, part in enumerate(filter(None, parts), 1))
        details = of_office(package.core)
        title = sensible(package.title) or next((page.label for page in pages if page.label), "") or path.stem
    kind = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    only, attached = tuple(reader.pictures_only), reader.within.documents
    return Parsed(title, kind, pages, reader.notes(), only, details=details, attached=attached)


class _Reader:
    def __init__(self, package: Package, within: Within) -> None:
        self.within = within
        self.pictures_only: list[int] = []
        self._package = package
        self._running: set[str] = set()
        self._hidden: list[int] = []

    def notes(self) -> tuple[str, ...]:
        notes = []
        if self._hidden:
            shown = listed(self._hidden)
            notes.append(say(f"Hidden slides were read: {shown}.", f"已读取隐藏的幻灯片：{shown}。"))
        if self.pictures_only:
            shown = listed(self.pictures_only)
            notes.append(
                say(
                    f"Slides with pictures but no text: {shown}. They need text recognition (OCR).",
                    f"只有图片而没有文本的幻灯片：{shown}。需要文字识别（OCR）。",
                )
            )
        return (*notes, *self.within.notes)

    def page(self, number: int, part: str) -> Page:
        root = self._package.xml(part)
        _say_addresses(self._package, part, root)
        page = Composer()
        if root.get("show") in ("0", "false"):
            self._hidden.append(number)
        name = say(f"slide {number}", f"第 {number} 张")
        slide = _Slide(self._package, part, page, name, self.within)
        heading = slide.read(root.find(f"{P}cSld/{P}spTree"), self._running)
        if slide.unread_pictures and not page.text:
            self.pictures_only.append(number)
        elif slide.unread_pictures:
            self.within.miss("picture", name, slide.unread_pictures)
        return Page(number, page.text, page.blocks, (), heading)


class _Slide:
    """One slide, written into `page`."""

    def __init__(self, package: Package, part: str, page: Composer, name: str, within: Within) -> None:
        self.unread_pictures = 0
        self._package, self._part, self._page, self._name, self._within = package, part, page, name, within

    def read(self, tree: Any, running: set[str]) -> str:  # noqa: ANN401 - lxml elements are untyped
        """Everything; the slide's title. `running`: what earlier slides have shown and this one repeats."""
        if tree is None:
            return ""
        layout = next(self._package.related(self._part, "slideLayout"), "")
        master = next(self._package.related(layout, "slideMaster"), "")
        above = [_tree(self._package, layout), _tree(self._package, master)]
        boxes = shapes(tree, placeholders(*above))
        title = next((box for box in boxes if _kind(box.element) in ("title", "ctrTitle")), None)
        heading = "" if title is None else one_line(" ".join(text for _, text in _texts(title.element)))
        self._page.add("heading", heading, 1)
        for box in boxes:
            if title is None or box.element is not title.element:
                self._shape(box, running)
        for note in self._package.related(self._part, "notesSlide"):
            for element in children(_tree(self._package, note)):
                if _kind(element) == "body":
                    self._page.add("paragraph", "\n".join(text for _, text in _texts(element)))
        deck = self._package.main
        for author, text in comments(self._package, self._part, deck):
            self._page.add("paragraph", say(f"Comment by {author}: {text}", f"{author} 的批注：{text}"))
        for shared in above:
            for element in children(shared) if shared is not None else ():
                if placeholder(element) is None:
                    self._once([text for _, text in _texts(element)], running)
        return heading

    def _shape(self, box: Box, running: set[str]) -> None:
        element = box.element
        if box.kind == "grpSp":
            for inner in shapes(element, {}):
                self._shape(inner, running)
        elif box.kind == "graphicFrame":
            self._frame(element)
        elif box.kind == "pic":
            self._picture(element)
        elif _kind(element) in _RUNNING:
            self._once([text for _, text in _texts(element)], running)
        elif _kind(element) != "sldNum":
            self._text(element)
            filled = element.find(f"{P}spPr/{A}blipFill") is not None  # by a picture
            self._page.add("paragraph", alternative(_properties(element)) if filled else "")

    def _text(self, element: Any) -> None:  # noqa: ANN401
        lines = [(depth, " ".join(text.split("\n"))) for depth, text in _texts(element)]
        if len(lines) > 1 and placeholder(element) is not None:
            self._page.add("list", "\n".join(f"{'  ' * depth}{_bullet(text)}{text}" for depth, text in lines))
        else:
            self._page.add("paragraph", "\n".join(text for _, text in lines))

    def _once(self, lines: Sequence[str], running: set[str]) -> None:
        self._page.add("paragraph", "\n".join(line for line in lines if line not in running))
        running.update(lines)

    def _picture(self, element: Any) -> None:  # noqa: ANN401
        properties = _properties(element)
        said = alternative(properties)
        self._page.add("paragraph", said)
        if any(element.find(f"{P}nvPicPr/{P}nvPr/{A}{kind}File") is not None for kind in ("video", "audio")):
            self._within.miss("media", self._name)
        elif not is_decorative(element):
            shown = shown_in(self._package, self._part, element)
            self.unread_pictures += not self._within.picture(shown, self._page, said, None)

    def _frame(self, element: Any) -> None:  # noqa: ANN401
        """A table, a chart, a diagram, or an embedded file."""
        if (table := element.find(f".//{A}tbl")) is not None:
            add_tables(self._page, table_grid(table))
        elif (embedded := element.find(f".//{P}oleObj")) is not None:
            self._within.file(self._package.target(self._part, embedded.get(f"{R}id", "")), self._name)
        else:
            add_figures(self._package, self._part, element, self._page, self._within, self._name)
        self._page.add("paragraph", alternative(_properties(element)))


def _say_addresses(package: Package, part: str, root: Any) -> None:  # noqa: ANN401
    """Put behind each link the address that it leads to and doesn't say."""
    links: list[tuple[Any, str]] = []
    for click in root.iter(f"{A}hlinkClick"):
        text, target = click.getparent().getnext(), package.link(part, click.get(f"{R}id", ""))
        links[-1:] = [link for link in links[-1:] if link[1] != target]  # words in several types
        links += [(text, target)] if text is not None and text.tag == f"{A}t" else []
    said = behind("".join(root.itertext(f"{A}t")), [target for _, target in links])
    for text, target in links:
        text.text = f"{text.text or ''}{said.get(target, '')}"


def _tree(package: Package, part: str) -> Any:  # noqa: ANN401
    return package.xml(part).find(f"{P}cSld/{P}spTree")


def _kind(element: Any) -> str:  # noqa: ANN401
    """The kind of a placeholder, '' for a shape that is none."""
    found = placeholder(element)
    return "" if found is None else str(found.get("type", "body"))


def _properties(element: Any) -> Any:  # noqa: ANN401
    return element.find(f"*/{P}cNvPr")


def _texts(element: Any) -> Iterator[tuple[int, str]]:  # noqa: ANN401
    body = element.find(f"{P}txBody")
    return paragraphs(body) if body is not None else iter(())


def _bullet(text: str) -> str:
    head = text.split(" ", 1)[0]
    return "" if head[-1:] in ".)" and len(head) <= 5 and any(map(str.isalnum, head)) and head != text else "- "


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
