"""PDF pages drawn word by word for the tests: text at a place, in a size, turned; nothing but the standard fonts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdf
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, FloatObject, NameObject, TextStringObject

A4 = (595, 842)


@dataclass
class Drawn:
    """One page. `at` draws a text; Chinese and Latin may both be given, not mixed in one call."""

    size: tuple[float, float] = A4
    rotate: int = 0
    content: list[str] = field(default_factory=list)
    annotations: list[Any] = field(default_factory=list)

    def at(self, x: float, y: float, text: str, *, size: float = 11, turn: int = 0, bold: bool = False) -> Drawn:
        """Text with its baseline starting at (x, y) in points; `turn`: quarters anticlockwise; `bold`: Latin only."""
        a, b = {0: (1, 0), 1: (0, 1), 2: (-1, 0), 3: (0, -1)}[turn]
        font, coding = ("B" if bold else "L", "ascii") if text.isascii() else ("C", "utf-16-be")
        shown = f"<{text.encode(coding).hex()}>"
        self.content.append(f"BT /{font} {size} Tf {a} {b} {-b} {a} {x} {y} Tm {shown} Tj ET")
        return self

    def rules(self, columns: Sequence[float], rows: Sequence[float]) -> Drawn:
        """A level stroke at each y of `rows` and an upright one at each x of `columns`, from the first to the last."""
        level = [(columns[0], y, columns[-1], y) for y in rows]
        for a, b, c, d in (*level, *((x, rows[0], x, rows[-1]) for x in columns)):
            self.content.append(f"{a} {b} m {c} {d} l S")
        return self

    def run(self, x: float, y: float, parts: Sequence[tuple[str, float, float]]) -> Drawn:
        """Pieces of one line behind each other: text, size, rise, all in points."""
        shown = "".join(f"/L {size} Tf {rise} Ts ({text}) Tj " for text, size, rise in parts)
        self.content.append(f"BT {x} {y} Td {shown} ET")
        return self


def save(path: Path, pages: Sequence[Drawn], attachments: Sequence[tuple[str, bytes]] = ()) -> Path:
    """Write the pages as a PDF."""
    writer = pypdf.PdfWriter()
    latin = writer._add_object(_named(Type="Font", Subtype="Type1", BaseFont="Helvetica", Encoding="WinAnsiEncoding"))
    bold = writer._add_object(
        _named(Type="Font", Subtype="Type1", BaseFont="Helvetica-Bold", Encoding="WinAnsiEncoding")
    )
    system = DictionaryObject({
        NameObject("/Registry"): TextStringObject("Adobe"), NameObject("/Ordering"): TextStringObject("GB1"),
        NameObject("/Supplement"): FloatObject(2),
    })  # fmt: skip
    descriptor = _named(Type="FontDescriptor", FontName="STSong-Light")
    for name, value in (("Flags", 6), ("ItalicAngle", 0), ("Ascent", 752), ("Descent", -271), ("StemV", 58)):
        descriptor[NameObject(f"/{name}")] = FloatObject(value)
    descriptor[NameObject("/FontBBox")] = ArrayObject(map(FloatObject, (-25, -254, 1000, 880)))
    descendant = _named(Type="Font", Subtype="CIDFontType0", BaseFont="STSong-Light")
    descendant |= {NameObject("/CIDSystemInfo"): system, NameObject("/DW"): FloatObject(1000)}
    descendant[NameObject("/FontDescriptor")] = writer._add_object(descriptor)
    chinese = _named(Type="Font", Subtype="Type0", BaseFont="STSong-Light", Encoding="UniGB-UCS2-H")
    chinese[NameObject("/DescendantFonts")] = ArrayObject([writer._add_object(descendant)])
    chinese = writer._add_object(chinese)
    fonts = DictionaryObject({NameObject("/L"): latin, NameObject("/B"): bold, NameObject("/C"): chinese})
    for number, drawn in enumerate(pages):
        page = writer.add_blank_page(*drawn.size)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data("\n".join(drawn.content).encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(stream)
        if drawn.rotate:
            page.rotate(drawn.rotate)
        for annotation in drawn.annotations:
            writer.add_annotation(number, annotation)
    _register(writer)
    for name, data in attachments:
        writer.add_attachment(name, data)
    writer.write(path)
    return path


def field_(name: str, kind: str, rect: tuple[float, float, float, float], value: str, flags: int = 0) -> Any:
    """A form field: `kind` is 'Tx' (text), 'Btn' (check box: value 'Yes' or 'Off') or 'Ch' (choice)."""
    widget = _named(Type="Annot", Subtype="Widget", FT=kind)
    widget |= {NameObject("/T"): TextStringObject(name), NameObject("/Rect"): ArrayObject(map(FloatObject, rect))}
    widget[NameObject("/Ff")] = FloatObject(flags)
    if kind == "Btn":
        widget |= {NameObject("/V"): NameObject(f"/{value}"), NameObject("/AS"): NameObject(f"/{value}")}
        look = DictionaryObject({NameObject("/Yes"): DictionaryObject(), NameObject("/Off"): DictionaryObject()})
        widget[NameObject("/AP")] = DictionaryObject({NameObject("/N"): look})
    else:
        widget[NameObject("/V")] = TextStringObject(value)
    if kind == "Ch":
        widget[NameObject("/Opt")] = ArrayObject(map(TextStringObject, ("Day", "Night", value)))
    return widget


def _register(writer: pypdf.PdfWriter) -> None:
    """Name the form fields in the catalog, as every form has it."""
    fields = ArrayObject(
        reference
        for page in writer.pages
        for reference in page.get("/Annots", ())
        if reference.get_object().get("/Subtype") == "/Widget"
    )
    if fields:
        form = DictionaryObject({NameObject("/Fields"): fields})
        writer._root_object[NameObject("/AcroForm")] = writer._add_object(form)


def _named(**entries: str) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): NameObject(f"/{value}") for key, value in entries.items()})
