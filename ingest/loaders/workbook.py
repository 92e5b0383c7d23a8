"""Excel workbooks cell by cell: each text as it is shown, with what a sheet says about its rows, columns and cells.

Sheets are read as a stream. openpyxl and calamine were weighed (docs/decisions.md): neither gives values as they are
shown, and openpyxl refuses files whose styles Excel mends.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ingest.closing import Closing
from ingest.loaders.layout import MAX_CHARACTERS, too_long
from ingest.loaders.links import of_field
from ingest.loaders.number_format import BUILT_IN, formatted
from ingest.loaders.package import Package, R
from ingest.loaders.repair import repair
from ingest.loaders.scripts import lowered, raised
from ingest.loaders.sniff import damaged
from ingest.loaders.xml_trees import is_on, whole

_MOST_PLACES = 40_000_000
"""Cells of one sheet, empty ones to the left of others included, that fit into a reader's memory."""
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet's name, its part and whether it is hidden."""

    name: str
    part: str
    hidden: bool = False


@dataclass(slots=True)
class Cells:
    """What one sheet holds. Rows and columns are counted from 0."""

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    """Numbers and texts of the rows with any text, in order."""
    bold: set[int] = field(default_factory=set)
    """Rows with several cells, all of them bold."""
    strong: set[tuple[int, int]] = field(default_factory=set)
    """Rows and columns of single cells that are."""
    indents: dict[int, int] = field(default_factory=dict)
    """How far the first text of a row is set in, where it is."""
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Top, left, bottom, right."""
    filtered: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Ranges with buttons to filter by, whose first row is a header."""
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    links: dict[tuple[int, int], str] = field(default_factory=dict)
    """Where cells lead to, by row and column."""
    uncalculated: list[str] = field(default_factory=list)
    """Cells whose formula has no stored value."""


class Workbook(Closing):
    """An open workbook. Use it as a context manager."""

    def __init__(self, file: Path | IO[bytes]) -> None:
        """Raises `LoadError` for a damaged archive."""
        self.package = Package(file, "xlsx")
        self.main = self.package.main
        root = self.package.xml(self.main)
        if not root.tag.endswith("workbook"):
            raise damaged("xlsx")
        properties = root.find("{*}workbookPr")
        self._since_1904 = properties is not None and is_on(properties.get("date1904"))
        self.sheets = tuple(self._sheets(root))
        self._strings: list[str] | None = None
        self._formats, self._bold, self._indents = self._styles()

    def close(self) -> None:
        """Close the archive."""
        self.package.close()

    def _sheets(self, root: Any) -> Iterator[Sheet]:  # noqa: ANN401 - lxml elements are untyped
        for sheet in root.iterfind("{*}sheets/{*}sheet"):
            part = self.package.target(self.main, sheet.get(f"{R}id", ""))
            # Sheets of charts and of macros have parts of other kinds.
            if part and part in set(self.package.related(self.main, "worksheet")):
                yield Sheet(repair(sheet.get("name", "")), part, sheet.get("state", "visible") != "visible")

    def _styles(self) -> tuple[list[str], list[bool], list[int]]:
        """The format code, the boldness and the indent of each style of cells."""
        root = self.package.xml(next(self.package.related(self.main, "styles"), ""))
        codes = dict(BUILT_IN)
        for own in root.iterfind("{*}numFmts/{*}numFmt"):
            codes[int(own.get("numFmtId", "0"))] = own.get("formatCode", "")
        fonts = [(bold := font.find("{*}b")) is not None and is_on(bold.get("val", "1"))
                 for font in root.iterfind("{*}fonts/{*}font")]  # fmt: skip
        formats, bolds, indents = [], [], []
        for style in root.iterfind("{*}cellXfs/{*}xf"):
            formats.append(codes.get(int(style.get("numFmtId", "0")), "General"))
            font = int(style.get("fontId", "0"))
            bolds.append(font < len(fonts) and fonts[font])
            alignment = style.find("{*}alignment")
            indents.append(whole(alignment.get("indent"), 0) if alignment is not None else 0)
        return formats, bolds, indents

    def cells(self, sheet: Sheet, *, formulas: bool = True) -> Cells:
        """The cells of a sheet. `formulas`: show a formula that has no stored value, rather than nothing.

        Raises `LoadError` when they are more than a document may have.
        """
        found = Cells()
        at = length = places = 0
        for element in self._streamed(sheet.part, "row", "mergeCell", "autoFilter", "col", "hyperlink"):
            kind = element.tag.rpartition("}")[2]
            if kind == "row":
                at = int(element.get("r", at + 1))
                texts = self._row(element, at - 1, found, formulas=formulas)
                length += sum(map(len, texts))
                places += len(texts)
                if length > MAX_CHARACTERS or places > _MOST_PLACES:
                    raise too_long()
            elif kind == "col":
                if is_on(element.get("hidden")):
                    found.hidden_columns.append((int(element.get("min", "1")) - 1, int(element.get("max", "1")) - 1))
            elif (bounds := area(element.get("ref", ""))) is None:
                pass
            elif kind == "hyperlink":
                found.links[bounds[:2]] = self.package.link(sheet.part, element.get(f"{R}id", ""))
            else:
                (found.merged if kind == "mergeCell" else found.filtered).append(bounds)
        return found

    def _streamed(self, part: str, *names: str) -> Iterator[Any]:
        """The elements of these names one by one, each forgotten when the next is asked for."""
        from lxml import etree

        tags = [f"{{*}}{name}" for name in names]
        with self.package.open(part) as file:
            for _, element in etree.iterparse(
                file, tag=tags, resolve_entities=False, no_network=True, huge_tree=True, recover=True
            ):
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]

    def _row(self, row: Any, at: int, found: Cells, *, formulas: bool) -> list[str]:  # noqa: ANN401
        texts: list[str] = []
        bold = filled = 0
        for cell in row:
            if not isinstance(cell.tag, str):
                continue
            place = _REFERENCE.fullmatch(cell.get("r", ""))
            column = _column(place[1]) if place else len(texts)
            text = self._text(cell)
            formula = cell.find("{*}f")
            if formula is not None and (link := of_field(formula.text or "")):
                found.links[at, column] = link
            # A stored result that is a text may be empty.
            if (
                not text
                and formula is not None
                and cell.get("t") != "str"
                and not (cell.findtext("{*}v") or "").strip()
            ):
                found.uncalculated.append(f"{column_name(column)}{at + 1}")
                text = f"={formula.text or '…'}" if formulas else ""
            if text:
                texts += [""] * (column - len(texts))
                texts.append(text)
                filled += 1
                style = int(cell.get("s", "0"))
                if style < len(self._bold) and self._bold[style]:
                    bold += 1
                    found.strong.add((at, column))
                if filled == 1 and style < len(self._indents) and self._indents[style]:
                    found.indents[at] = self._indents[style]
        if filled:
            found.rows.append((at, texts))
            if is_on(row.get("hidden")):
                found.hidden_rows.append(at)
            if bold == filled > 1:
                found.bold.add(at)
        return texts

    def _text(self, cell: Any) -> str:  # noqa: ANN401
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = cell.find("{*}is")
            return "" if inline is None else rich_text(inline)
        value = cell.findtext("{*}v")
        if value is None or not value.strip():
            return ""
        if kind == "s":
            strings = self._shared()
            return strings[int(value)] if value.strip().isdigit() and int(value) < len(strings) else ""
        if kind in ("str", "e"):
            return repair(value).strip()
        if kind == "b":
            return "TRUE" if is_on(value) else "FALSE"
        if kind == "d":
            return _iso(value)
        style = int(cell.get("s", "0"))
        code = self._formats[style] if style < len(self._formats) else "General"
        try:
            number = float(value) if any(char in value for char in ".eEnN") else int(value)
        except ValueError:
            return repair(value).strip()
        return repair(formatted(number, code, since_1904=self._since_1904))

    def _shared(self) -> list[str]:
        """The texts that cells refer to by number."""
        if self._strings is None:
            part = next(self.package.related(self.main, "sharedStrings"), "")
            self._strings = [rich_text(item) for item in self._streamed(part, "si")] if part else []
        return self._strings


def rich_text(item: Any) -> str:  # noqa: ANN401
    """The text of a string with formats, without the phonetic guides; raised and lowered characters kept as such."""
    text = ""
    for piece in item:
        kind = piece.tag.rpartition("}")[2] if isinstance(piece.tag, str) else ""
        if kind == "t":
            text += piece.text or ""
        elif kind == "r":
            said = "".join(t.text or "" for t in piece.iterfind("{*}t"))
            shift = piece.find("{*}rPr/{*}vertAlign")
            how = shift.get("val") if shift is not None else ""
            text += raised(text, said) if how == "superscript" else lowered(text, said) if how == "subscript" else said
    return repair(text).strip()


def area(reference: str) -> tuple[int, int, int, int] | None:
    """Top, left, bottom and right of 'A2:C3' (or 'A2'), counted from 0; None for anything else."""
    first, _, last = reference.partition(":")
    start, end = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last or first)
    if not start or not end:
        return None
    return int(start[2]) - 1, _column(start[1]), int(end[2]) - 1, _column(end[1])


def column_name(column: int) -> str:
    """The letters of a column counted from 0."""
    name, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        name = chr(65 + letter) + name
    return name


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _iso(value: str) -> str:
    """A date that is written out, without a time of midnight."""
    try:
        moment = dt.datetime.fromisoformat(value.strip().removesuffix("Z"))
    except ValueError:
        return repair(value).strip()
    return moment.strftime("%Y-%m-%d" if moment.time() == dt.time() else "%Y-%m-%d %H:%M:%S")
