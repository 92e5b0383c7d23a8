"""Word, Excel and PowerPoint files of the kinds that readers get wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
from docx.oxml import parse_xml
from lxml import etree
from openpyxl.comments import Comment
from pptx.util import Inches

from tests.benchmarks.reading.cases import Case, cell, line, noted, says
from tests.ingest.loaders.office_files import NAMESPACES, parts_of, related, strict, write_parts

WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SLIDES = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
TABLE = (("Hall", "Turn", "Bonus"), ("Foundry", "Early", "25"), ("", "Late", "60"), ("Yard", "Any", "5"))


def _book(path: Path, rows: Sequence[Sequence[Any]], *merged: str) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    book.save(path)
    return path


def _letter(path: Path, *xml: str, text: str = "") -> Path:
    document = docx.Document()
    for element in xml:
        body = document.element.body
        body.insert(len(body) - 1, parse_xml(element.replace(">", f" {NAMESPACES}>", 1)))
    if text:
        document.add_paragraph(text)
    document.save(str(path))
    return path


def _deck(path: Path, title: str) -> Path:
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = title
    deck.save(str(path))
    return path


def _run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def merged_sheet(folder: Path) -> Path:
    rows = [
        ["Land", "Town", "Shops"],
        ["West", "Brest", 14],
        [None, "Nantes", 8],
        ["East", "Metz", 3],
        [None, "Nancy", 6],
    ]
    return _book(folder / "shops.xlsx", rows, "A2:A3", "A4:A5")


def merged_letter(folder: Path) -> Path:
    document = docx.Document()
    _filled(document.add_table(4, 3))
    document.save(str(folder / "turns.docx"))
    return folder / "turns.docx"


def merged_slide(folder: Path) -> Path:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    _filled(slide.shapes.add_table(4, 3, Inches(1), Inches(1), Inches(6), Inches(2)).table)
    deck.save(str(folder / "turns.pptx"))
    return folder / "turns.pptx"


def _filled(table: Any) -> None:
    for r, row in enumerate(TABLE):
        for c, text in enumerate(row):
            table.cell(r, c).text = text
    table.cell(1, 0).merge(table.cell(2, 0))


def powers(folder: Path) -> Path:
    up = '<w:vertAlign w:val="superscript"/>'
    return _letter(folder / "hose.docx", f"<w:p>{_run('The hose holds 10')}{_run('5', up)}{_run(' pascal.')}</w:p>")


def everything(folder: Path) -> Path:
    """Header, comment, text box, equation, ticks and a footnote in one letter."""
    path = folder / "instruction.docx"
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Instruction ZB-77"
    paragraph = document.add_paragraph("Oil the gate every month.")
    document.add_comment(paragraph.runs, text="Agreed with the warden.", author="A. Frei")
    box = "<w:txbxContent><w:p><w:r><w:t>Never lift gate 5 alone.</w:t></w:r></w:p></w:txbxContent>"
    symbol = '<w:r><w:sym w:font="Wingdings" w:char="{}"/></w:r>'
    for xml in (
        f"<w:p><w:r><w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict></w:r></w:p>",
        f"<w:p>{_run('The rent is ')}<m:oMath><m:r><m:t>R=Agt/12</m:t></m:r></m:oMath></w:p>",
        f"<w:p>{symbol.format('F0FE')}{_run(' Wood ')}{symbol.format('F06F')}{_run(' Coal')}</w:p>",
        f'<w:p>{_run("The toll is 6 percent.")}<w:r><w:footnoteReference w:id="2"/></w:r></w:p>',
    ):
        body = document.element.body
        body.insert(len(body) - 1, parse_xml(xml.replace(">", f" {NAMESPACES}>", 1)))
    document.save(str(path))
    parts = parts_of(path)
    note = '<w:footnote w:id="2"><w:p><w:r><w:t>Halved for schools.</w:t></w:r></w:p></w:footnote>'
    parts["word/footnotes.xml"] = f"<w:footnotes {NAMESPACES}>{note}</w:footnotes>".encode()
    kind = b"application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>", b'<Override PartName="/word/footnotes.xml" ContentType="' + kind + b'"/></Types>'
    )
    related(parts, "word/document.xml", "footnotes", "footnotes.xml", "rF")
    return write_parts(path, parts)


def numbered(folder: Path) -> Path:
    document = docx.Document()
    numbers = document.part.numbering_part.element
    level = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="第%1条"/></w:lvl>'
    numbers.insert(0, parse_xml(f'<w:abstractNum {NAMESPACES} w:abstractNumId="91">{level}</w:abstractNum>'))
    numbers.append(parse_xml(f'<w:num {NAMESPACES} w:numId="91"><w:abstractNumId w:val="91"/></w:num>'))
    for text in ("甲方应当按时供货。", "乙方应当在收货后十日内付款。", "违反第二条的，应当支付利息。"):
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {NAMESPACES}><w:ilvl w:val="0"/><w:numId w:val="91"/></w:numPr>'))
    document.save(str(folder / "supply.docx"))
    return folder / "supply.docx"


def two_tables(folder: Path) -> Path:
    rows = [
        ["Part", "Stock"],
        *([f"Bolt B-{n}", n * 4] for n in range(1, 4)),
        [],
        [],
        ["Guard", "Phone"],
        ["Vera", 3381],
    ]
    return _book(folder / "store.xlsx", rows)


def two_headers(folder: Path) -> Path:
    rows = [["Goods", 2026, None, 2027, None], [None, "Q1", "Q2", "Q1", "Q2"], ["Saw S", 91, 203, 317, 428]]
    return _book(folder / "sales.xlsx", rows, "B1:C1", "D1:E1")


def bare_fill(folder: Path) -> Path:
    path = _book(folder / "export.xlsx", [["Paper", "Sum"], ["Bill 7731", 690]])
    parts = parts_of(path)
    parts["xl/styles.xml"] = re.sub(rb"<fill>.*?</fill>", b"<fill/>", parts["xl/styles.xml"])
    return write_parts(path, parts)


def lost_part(folder: Path) -> Path:
    path = _letter(folder / "limit.docx", text="The limit of the deposit is 300,000 yuan.")
    parts = parts_of(path)
    related(parts, "word/document.xml", "image", "NULL", "rId901")
    return write_parts(path, parts)


def recast(path: Path, old: bytes, new: bytes, ending: str) -> Path:
    parts = {name: data.replace(old, new) for name, data in parts_of(path).items()}
    path.unlink()
    return write_parts(path.with_suffix(ending), parts)


def diagram(folder: Path) -> Path:
    path = folder / "steps.pptx"
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Casting"
    slide.shapes._spTree.append(etree.fromstring(
        f'<p:graphicFrame {NAMESPACES}><p:nvGraphicFramePr><p:cNvPr id="9" name="D"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><p:xfrm><a:off x="0" y="0"/><a:ext cx="9" cy="9"/></p:xfrm><a:graphic><a:graphicData '
        'uri="http://schemas.openxmlformats.org/drawingml/2006/diagram"><dgm:relIds r:dm="rD"/></a:graphicData></a:graphic>'
        "</p:graphicFrame>"))  # fmt: skip
    deck.save(str(path))
    parts = parts_of(path)
    point = "<dgm:pt modelId='1'><dgm:t><a:p><a:r><a:t>Pour the metal slowly</a:t></a:r></a:p></dgm:t></dgm:pt>"
    parts["ppt/diagrams/data1.xml"] = (
        f"<dgm:dataModel {NAMESPACES}><dgm:ptLst>{point}</dgm:ptLst></dgm:dataModel>".encode()
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Override PartName="/ppt/diagrams/data1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawingml.'
        b'diagramData+xml"/></Types>',
    )
    related(parts, "ppt/slides/slide1.xml", "diagramData", "../diagrams/data1.xml", "rD")
    return write_parts(path, parts)


def formats(folder: Path) -> Path:
    """Values as Excel shows them, a note on a cell, a hidden sheet, a far column, a row below a gap."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Field", "Value"])
    for n, (name, value, form) in enumerate(
        (("Fee", 1349.5, "[$€-407]#,##0.00"), ("Member", 519, "00000"),
         ("Overtime", dt.timedelta(hours=31, minutes=15), "[h]:mm"), ("Way", 7.5, '0.0" km"')), 2,
    ):  # fmt: skip
        sheet.cell(n, 1, name)
        sheet.cell(n, 2, value).number_format = form
    sheet["B2"].comment = Comment("Only with a stamp", "A")
    wide = book.create_sheet("Wide")
    wide.append([f"c{n}" for n in range(1, 521)])
    wide.append([f"value {n}" if n in (1, 507) else None for n in range(1, 521)])
    wide.cell(1300, 1, "below the gap")
    hidden = book.create_sheet("Pay")
    hidden.append(["Name", "Pay"])
    hidden.append(["S. Sample", 60_412])
    hidden.sheet_state = "hidden"
    book.save(folder / "formats.xlsx")
    return folder / "formats.xlsx"


def ruby(folder: Path) -> Path:
    one = "<w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>{}</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>{}</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    return _letter(
        folder / "tea.docx",
        f"<w:p>{one.format('háng', '杭')}{one.format('zhōu', '州')}{_run('茶馆每天九点开门。')}</w:p>",
    )


def level_boxes(folder: Path) -> Path:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    for x, y, text in ((5, 2, "East one"), (0.5, 2.05, "West one"), (5, 3, "East two"), (0.5, 3.05, "West two")):
        slide.shapes.add_textbox(Inches(x), Inches(y), Inches(4), Inches(0.6)).text_frame.text = text
    deck.save(str(folder / "boxes.pptx"))
    return folder / "boxes.pptx"


MACROS = b"application/vnd.ms-word.document.macroEnabled.main+xml"
CASES = (
    Case("A2", "XLSX", merged_sheet, (line("West", "Nantes", "8"), line("East", "Nancy", "6"))),
    Case("A2", "DOCX", merged_letter, (line("Foundry", "Late", "60"),)),
    Case("A2", "PPTX", merged_slide, (line("Foundry", "Late", "60"),)),
    Case("A4", "DOCX", powers, (says("10^5 pascal"),), (says("105 pascal"),)),
    Case("A5", "DOCX", everything, (
        says("Instruction ZB-77"), says("Agreed with the warden."), says("Never lift gate 5 alone."), says("R=Agt/12"),
        says("☑ Wood ☐ Coal"), says("Halved for schools."))),
    Case("A6", "DOCX", numbered, (says("第一条 甲方应当按时供货。", "第二条 乙方应当在收货后十日内付款。"),)),
    Case("A10", "a second table", two_tables, (cell("Vera", "Phone", "3381"),), (cell("Vera", "Stock", "3381"),)),
    Case("A10", "a header of two rows", two_headers, (cell("Saw S", "2027 Q1", "317"),)),
    Case("B1", "empty fill", bare_fill, (line("Bill 7731", "690"),)),
    Case("B2", "strict XLSX", lambda f: strict(_book(f / "strict.xlsx", [["Head", "Value"], ["one", 41]])), (line("one", "41"),)),
    Case("B2", "strict DOCX", lambda f: strict(_letter(f / "strict.docx", text="A plain line.")), (says("A plain line."),)),
    Case("B2", "strict PPTX", lambda f: strict(_deck(f / "strict.pptx", "A plain slide")), (says("A plain slide"),)),
    Case("B3", "a part that is missing", lost_part, (says("The limit of the deposit is 300,000 yuan."),)),
    Case("B4", "DOCM", lambda f: recast(_letter(f / "form.docx", text="A form."), WORD, MACROS, ".docm"), (says("A form."),)),
    Case("B4", "DOTX", lambda f: recast(_letter(f / "form.docx", text="A form."), WORD, WORD.replace(b"document.main", b"template.main"), ".dotx"), (says("A form."),)),
    Case("B4", "PPSX", lambda f: recast(_deck(f / "show.pptx", "A show"), SLIDES, SLIDES.replace(b"presentation.main", b"slideshow.main"), ".ppsx"), (says("A show"),)),
    Case("B4", "POTX", lambda f: recast(_deck(f / "show.pptx", "A show"), SLIDES, SLIDES.replace(b"presentation.main", b"template.main"), ".potx"), (says("A show"),)),
    Case("B8", "SmartArt", diagram, (says("Pour the metal slowly"),)),
    Case("C1", "XLSX", formats, (
        lambda r: (line("Fee", "€")(r) and line("Fee", "1,349.50")(r)) or line("Fee", "1349.5", "€")(r), line("Member", "00519"),
        line("Overtime", "31:15"), line("Way", "7.5 km"), says("Only with a stamp"), says("value 507"), says("below the gap"),
        noted("hidden"))),
    Case("C3", "DOCX", ruby, (says("杭州茶馆每天九点开门。"),)),
    Case("C4", "boxes nearly level", level_boxes, (says("West one East one West two East two"),)),
)  # fmt: skip
