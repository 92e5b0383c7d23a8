"""Word documents: body text in order with its numbers, notes and text boxes; headings by outline level; tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ingest.documents import Parsed
from ingest.language import say
from ingest.loaders.drawings import shape_texts
from ingest.loaders.layout import Composer, bare, sections
from ingest.loaders.package import Package, R
from ingest.loaders.properties import of_office, sensible
from ingest.loaders.scripts import raised
from ingest.loaders.table_pages import add_tables
from ingest.loaders.within import Within
from ingest.loaders.word_attached import add_drawing, inserted, linked, note_texts
from ingest.loaders.word_numbering import ITEM, Numbering, numeral
from ingest.loaders.word_styles import Styles, W, outline_level
from ingest.loaders.word_tables import WRAPPERS, cells_of, is_frame, rows_of, word_grid
from ingest.loaders.word_text import Attached, Inline
from ingest.recognition import Recogniser

_FOLIO = 15
"""Letters beside the number of a page up to which a line of a header says nothing else: 'Page 3 of 12'."""


def load_docx(path: Path, load: Callable[[Path], Parsed], recogniser: Recogniser) -> Parsed:
    """A page for each top-level section, labelled with its heading; see `layout.sections`.

    `load` reads files within this one. Headers stand once before the text and footers behind it, notes and comments behind the paragraph they belong to.
    """
    with Package(path, "docx") as package:
        reader = _Reader(package, load, recogniser)
        reader.document()
        details = of_office(package.core)
        title = sensible(package.title) or reader.title or reader.page.first_heading() or path.stem
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    pages, attached = sections(reader.page.text, reader.page.blocks), reader.within.documents
    return Parsed(title, kind, pages, reader.notes(), details=details, attached=attached)


class _Reader:
    def __init__(self, package: Package, load: Callable[[Path], Parsed], recogniser: Recogniser) -> None:
        self.page = Composer()
        self.title = ""
        self._package, self._load = package, load
        self._part = package.main
        self._styles = Styles(package.xml(next(package.related(self._part, "styles"), "")))
        self._numbering = Numbering(package.xml(next(package.related(self._part, "numbering"), "")), self._styles)
        self._inline = Inline(self._styles, self._mark)
        self._notes = {kind: note_texts(package, self._part, kind) for kind in ("footnote", "endnote", "comment")}
        self._marks: dict[tuple[str, str], str] = {}
        self._items: list[str] = []
        self._carried = ""
        self._heading = ""
        self.within = Within(load, recogniser, package.open)
        self._hidden = False

    def notes(self) -> tuple[str, ...]:
        hidden = say("Hidden text was left out.", "隐藏的文字未读取。")
        return (*([hidden] if self._hidden else []), *self.within.notes)

    def document(self) -> None:
        """Everything, into `page`."""
        root = linked(self._package, self._part)
        headers, footers = self._running(root, "headerReference"), self._running(root, "footerReference")
        self.page.add("paragraph", "\n".join(headers))
        for body in root.iterfind(f"{W}body"):
            self._blocks(body)
        self._close_list()
        self.page.add("paragraph", self._carried)
        self.page.add("paragraph", "\n".join(line for line in footers if line not in headers))

    def _blocks(self, container: Any) -> None:  # noqa: ANN401 - lxml elements are untyped
        for child in container:
            if child.tag == f"{W}p":
                self._paragraph(child)
            elif child.tag == f"{W}tbl":
                self._close_list()
                self._table(child)
            elif child.tag == f"{W}altChunk":
                self._close_list()
                if not inserted(self._package, self._part, child.get(f"{R}id", ""), self.page, self._load):
                    self.within.miss("part", self._heading)
            elif child.tag in WRAPPERS:
                self._blocks(child)

    def _paragraph(self, paragraph: Any) -> None:  # noqa: ANN401
        text, attached = self._inline.read(paragraph)
        properties = paragraph.find(f"{W}pPr")
        self._hidden |= attached.hidden
        # Where the end of a paragraph is deleted on record, the next one goes on in it.
        if properties is not None and properties.find(f"{W}rPr/{W}del") is not None:
            self._carried += text
            self._attached(attached)
            return
        text, self._carried = self._carried + text, ""
        label = None if attached.hidden and not text else self._numbering.label(paragraph)
        style = self._styles.of(properties)
        level = outline_level(properties) or style.level
        if style.title and text and not self.title:
            self.title, level = bare(text), level or 1
        if label and label.text and text:
            text = f"{label.text}{label.between}{text}"
        item = label is None or label.bullet or not label.text or ITEM.fullmatch(label.text) is not None
        if text and not level and (label or style.listed) and item:
            depth = label.depth if label else 1
            bullet = "" if label and label.text else "- "
            self._items.append("  " * (depth - 1) + bullet + " ".join(text.split("\n")))
        else:
            self._close_list()
            self.page.add("heading" if level else "paragraph", text, level)
            self._heading = bare(text) if level and text else self._heading
        self._attached(attached)

    def _close_list(self) -> None:
        self.page.add("list", "\n".join(self._items))
        self._items.clear()

    def _table(self, table: Any) -> None:  # noqa: ANN401
        if is_frame(table):
            for row in rows_of(table):
                for cell in cells_of(row):
                    self._blocks(cell)
                    self._close_list()
            return
        attached: list[Attached] = []
        add_tables(self.page, word_grid(table, lambda cell: self._cell(cell, attached)))
        for one in attached:
            self._attached(one)

    def _cell(self, cell: Any, attached: list[Attached]) -> tuple[str, bool]:  # noqa: ANN401
        """The text of a cell, a table inside it as lines, and whether it is all bold."""
        lines = []
        bold = True
        for child in _inside(cell):
            if child.tag == f"{W}tbl":
                rows = ([self._cell(inner, attached)[0] for inner in cells_of(row)] for row in rows_of(child))
                lines.append("; ".join(", ".join(filter(None, row)) for row in rows))
                bold = False
                continue
            text, one = self._inline.read(child)
            self._hidden |= one.hidden
            label = self._numbering.label(child)
            if text:
                lines.append(f"{label.text}{label.between}{text}" if label and label.text else text)
                bold &= one.bold
            attached.append(one)
        return "\n".join(lines), bold

    def _attached(self, attached: Attached) -> None:
        if attached.notes or attached.comments or attached.boxes or attached.drawings:
            self._close_list()
        for box in attached.boxes:
            self._box(box)
        for drawing in attached.drawings:
            add_drawing(self._package, self._part, drawing, self.page, self.within, self._heading)
        for kind, name in attached.notes:
            if (element := self._notes[kind].pop(name, None)) is not None:
                mark = raised("", self._mark(kind, name), note=True)
                self.page.add("paragraph", f"{mark} {self._plain(element)}")
        for name in attached.comments:
            if (element := self._notes["comment"].pop(name, None)) is not None:
                author, text = element.get(f"{W}author", ""), self._plain(element)
                self.page.add("paragraph", say(f"Comment by {author}: {text}", f"{author} 的批注：{text}"))

    def _box(self, box: Any) -> None:  # noqa: ANN401
        """A text box: its own paragraphs, or those of a shape drawn in it."""
        if box.tag == f"{W}txbxContent":
            self._blocks(box)
            self._close_list()
        else:
            self.page.add("paragraph", "\n".join(shape_texts(box)))

    def _mark(self, kind: str, name: str) -> str:
        """The sign of a note: figures for footnotes, small Roman numerals for endnotes, as Word has it."""
        if (kind, name) not in self._marks:
            count = sum(known == kind for known, _ in self._marks) + 1
            self._marks[kind, name] = numeral(count, "decimal" if kind == "footnote" else "lowerRoman")
        return self._marks[kind, name]

    def _running(self, root: Any, name: str) -> list[str]:  # noqa: ANN401
        """The lines of all headers or footers, each once."""
        lines: dict[str, None] = {}
        for reference in root.iter(f"{W}{name}"):
            part = linked(self._package, self._package.target(self._part, reference.get(f"{R}id", "")))
            lines |= dict.fromkeys(self._lines(part))
        return list(lines)

    def _plain(self, container: Any) -> str:  # noqa: ANN401
        return " ".join(" ".join(self._lines(container)).split())

    def _lines(self, container: Any) -> Iterator[str]:  # noqa: ANN401
        """The texts of paragraphs, cells and boxes without any layout; lines that only number pages left out."""
        for child in container.iter(f"{W}p"):
            if next(child.iterancestors(f"{W}txbxContent"), None) is not None and container.tag != f"{W}txbxContent":
                continue  # comes with the paragraph its box hangs on
            text, attached = self._inline.read(child)
            folio = attached.paged and sum(map(str.isalpha, text)) <= _FOLIO
            if text and not folio:
                yield " ".join(text.split())
            for box in attached.boxes:
                if box.tag == f"{W}txbxContent":
                    yield from self._lines(box)


def _inside(cell: Any) -> Iterator[Any]:  # noqa: ANN401
    """Paragraphs and tables of a cell in order."""
    for child in cell:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in WRAPPERS:
            yield from _inside(child)
