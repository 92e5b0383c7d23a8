"""What Word shows and does not write as plain text: numbers, notes, boxes, ticks, equations, merged cells."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import PIL.Image
import pytest
from docx.oxml import parse_xml
from docx.shared import Inches

from ingest.documents import Parsed
from ingest.loaders import load
from tests.ingest.loaders.conftest import assert_sound
from tests.ingest.loaders.office_files import NAMESPACES, parts_of, related, strict, write_parts

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f0003860180 5a34 7d6b0000000049454e44ae426082".replace(" ", "")
)


def blank_picture(size: int = 40) -> io.BytesIO:
    """A picture large enough to hold text, without any."""
    file = io.BytesIO()
    PIL.Image.new("RGB", (size, size), "white").save(file, "PNG")
    return file


def read(document: docx.document.Document, path: Path) -> Parsed:
    document.save(str(path))
    parsed = load(path)
    assert_sound(parsed)
    return parsed


def body(path: Path, *xml: str) -> Parsed:
    """A document of these elements."""
    document = docx.Document()
    for element in xml:
        root = document.element.body
        root.insert(len(root) - 1, parse_xml(element.replace(">", f" {NAMESPACES}>", 1)))
    return read(document, path)


def text_of(path: Path, *xml: str) -> str:
    return "\n".join(page.text for page in body(path, *xml).pages)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "x.docx"


def numbered(path: Path, levels: str, items: list[tuple[str, int, str]], nums: str = "") -> list[str]:
    """Lines of a list: (text, level, id of the list) each, `levels` of its abstract definition."""
    document = docx.Document()
    definitions = document.part.numbering_part.element
    definitions.insert(0, parse_xml(f'<w:abstractNum {NAMESPACES} w:abstractNumId="91">{levels}</w:abstractNum>'))
    for element in (f'<w:num {NAMESPACES} w:numId="91"><w:abstractNumId w:val="91"/></w:num>', nums):
        if element:
            definitions.append(parse_xml(element))
    for text, level, number in items:
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        properties.append(
            parse_xml(f'<w:numPr {NAMESPACES}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')
        )
    return [line.strip() for line in read(document, path).pages[0].text.split("\n") if line.strip()]


def level(at: int, form: str, text: str, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'
    )


@pytest.mark.parametrize(("form", "text", "lines"), [
    ("chineseCountingThousand", "第%1条", ["第一条 a", "第二条 b"]), ("decimal", "%1.", ["1. a", "2. b"]),
    ("lowerLetter", "(%1)", ["(a) a", "(b) b"]), ("upperRoman", "%1.", ["I. a", "II. b"]),
    ("ideographTraditional", "%1、", ["甲、 a", "乙、 b"]), ("decimalEnclosedCircle", "%1", ["① a", "② b"]),
    ("chineseLegalSimplified", "%1、", ["壹、 a", "贰、 b"]), ("bullet", "·", ["- a", "- b"]), ("none", "§", ["§ a", "§ b"]),
])  # fmt: skip
def test_numbers_that_word_makes(file: Path, form: str, text: str, lines: list[str]) -> None:
    assert numbered(file, level(0, form, text), [("a", 0, "91"), ("b", 0, "91")]) == lines


def test_levels_count_below_one_another_and_begin_anew(file: Path) -> None:
    levels = (
        level(0, "chineseCounting", "第%1章")
        + level(1, "decimal", "%1.%2", "<w:isLgl/>")
        + level(2, "lowerLetter", "%3)")
    )
    items = [("A", 0), ("B", 1), ("C", 2), ("D", 2), ("E", 1), ("F", 2), ("G", 0), ("H", 1)]
    lines = numbered(file, levels, [(text, at, "91") for text, at in items])
    assert lines == ["第一章 A", "1.1 B", "a) C", "b) D", "1.2 E", "a) F", "第二章 G", "2.1 H"]


def test_lists_go_on_across_paragraphs_unless_told_to_start_anew(file: Path) -> None:
    again = (
        f'<w:num {NAMESPACES} w:numId="92"><w:abstractNumId w:val="91"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    items = [("a", 0, "91"), ("b", 0, "91"), ("c", 0, "92"), ("d", 0, "92"), ("plain", 0, "0"), ("e", 0, "92")]
    lines = numbered(file, level(0, "decimal", "%1."), items, again)
    assert lines == ["1. a", "2. b", "5. c", "6. d", "plain", "7. e"]


def test_a_level_that_never_begins_anew_counts_on(file: Path) -> None:
    levels = level(0, "decimal", "Part %1") + level(1, "decimal", "Art. %2", '<w:lvlRestart w:val="0"/>')
    lines = numbered(file, levels, [("A", 0, "91"), ("x", 1, "91"), ("B", 0, "91"), ("y", 1, "91")])
    assert lines == ["Part 1 A", "Art. 1 x", "Part 2 B", "Art. 2 y"]


def test_headings_numbered_by_their_style(file: Path) -> None:
    document = docx.Document()
    definitions = document.part.numbering_part.element
    levels = (
        '<w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:pStyle w:val="Heading1"/><w:lvlText w:val="%1"/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/><w:pStyle w:val="Heading2"/><w:lvlText w:val="%1.%2"/></w:lvl>'
    )
    definitions.insert(0, parse_xml(f'<w:abstractNum {NAMESPACES} w:abstractNumId="91">{levels}</w:abstractNum>'))
    definitions.append(parse_xml(f'<w:num {NAMESPACES} w:numId="91"><w:abstractNumId w:val="91"/></w:num>'))
    for name in ("Heading 1", "Heading 2"):
        properties = document.styles[name].element.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {NAMESPACES}><w:numId w:val="91"/></w:numPr>'))
    for text, depth in (("Scope", 1), ("Terms", 2), ("Limits", 2), ("Duties", 1)):
        document.add_heading(text, depth)
        document.add_paragraph("Text.")
    parsed = read(document, file)
    assert [page.label for page in parsed.pages] == ["1 Scope", "2 Duties"]
    assert "1.2 Limits" in parsed.pages[0].text


def test_deleted_items_are_not_counted(file: Path) -> None:
    document = docx.Document()
    for text in ("one", "two", "three"):
        document.add_paragraph(text, style="List Number")
    struck = document.paragraphs[1]._p
    struck.get_or_add_pPr().append(parse_xml(f'<w:rPr {NAMESPACES}><w:del w:id="1" w:author="A"/></w:rPr>'))
    deletion = parse_xml(f'<w:del {NAMESPACES} w:id="2" w:author="A"/>')
    deletion.append(document.paragraphs[1].runs[0]._r)
    struck.append(deletion)
    assert read(document, file).pages[0].text == "1. one\n2. three"


def test_raised_and_lowered_characters(file: Path) -> None:
    up, down = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
    assert "10^6 ohm, H₂O, 5 m²" in text_of(
        file,
        f"<w:p>{run('10')}{run('6', up)}{run(' ohm, H')}{run('2', down)}{run('O, 5 m')}{run('2', up)}</w:p>",
    )


def test_text_boxes_stand_behind_their_paragraph_once(file: Path) -> None:
    inside = "<w:txbxContent><w:p><w:r><w:t>Never open valve 3.</w:t></w:r></w:p></w:txbxContent>"
    old = f"<w:pict><v:shape><v:textbox>{inside}</v:textbox></v:shape></w:pict>"
    new = (
        '<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wps:wsp><wps:txbx>'
        f"{inside}</wps:txbx></wps:wsp></wp:anchor></w:drawing></mc:Choice><mc:Fallback>{old}</mc:Fallback>"
        "</mc:AlternateContent>"
    )
    for drawn in (old, new):
        text = text_of(
            file, f"<w:p><w:r><w:t>Before.</w:t></w:r><w:r>{drawn}</w:r></w:p>", f"<w:p>{run('After.')}</w:p>"
        )
        assert text == "Before.\n\nNever open valve 3.\n\nAfter."


def test_words_drawn_as_a_picture_are_read(file: Path) -> None:
    assert "DRAFT 7" in text_of(
        file, '<w:p><w:r><w:pict><v:shape><v:textpath string="DRAFT 7"/></v:shape></w:pict></w:r></w:p>'
    )


@pytest.mark.parametrize(("kind", "mark"), [("footnote", "¹"), ("endnote", "ⁱ")])
def test_notes_stand_behind_their_paragraph(file: Path, kind: str, mark: str) -> None:
    document = docx.Document()
    reference = f'<w:r {NAMESPACES}><w:{kind}Reference w:id="2"/></w:r>'
    document.add_paragraph("The levy is 4 percent.")._p.append(parse_xml(reference))
    document.add_paragraph("It is due in May.")
    document.save(str(file))
    parts = parts_of(file)
    separator = f'<w:{kind} w:type="separator" w:id="0"><w:p><w:r><w:t>---</w:t></w:r></w:p></w:{kind}>'
    note = f'<w:{kind} w:id="2"><w:p><w:r><w:{kind}Ref/></w:r><w:r><w:t> Reduced for charities.</w:t></w:r></w:p></w:{kind}>'
    parts[f"word/{kind}s.xml"] = f"<w:{kind}s {NAMESPACES}>{separator}{note}</w:{kind}s>".encode()
    related(parts, "word/document.xml", f"{kind}s", f"{kind}s.xml")
    text = load(write_parts(file, parts)).pages[0].text
    assert text == f"The levy is 4 percent. {mark}\n\n{mark} Reduced for charities.\n\nIt is due in May."


def test_comments_carry_their_author(file: Path) -> None:
    document = docx.Document()
    cell = document.add_table(1, 2).cell(0, 0).paragraphs[0]
    document.add_comment(cell.add_run("400 litres"), "Checked.", author="A. Berg")
    paragraph = document.add_paragraph("Clean it.")
    document.add_comment(paragraph.runs, text="Ask the insurer.", author="C. Doe")
    text = read(document, file).pages[0].text
    assert "Comment by A. Berg: Checked." in text
    assert text.endswith("Clean it.\n\nComment by C. Doe: Ask the insurer.")


def test_equations_are_typed_out(file: Path) -> None:
    r = "<m:r><m:t>{}</m:t></m:r>".format
    fraction = f"<m:f><m:num>{r('a+b')}</m:num><m:den>{r('2')}</m:den></m:f>"
    root = f"<m:rad><m:deg/><m:e><m:sSup><m:e>{r('x')}</m:e><m:sup>{r('n+1')}</m:sup></m:sSup></m:e></m:rad>"
    total = (
        f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{r("i=1")}</m:sub><m:sup>{r("n")}</m:sup>'
        f"<m:e><m:sSub><m:e>{r('x')}</m:e><m:sub>{r('i')}</m:sub></m:sSub></m:e></m:nary>"
    )
    equation = f"<m:oMathPara><m:oMath>{r('y=')}{fraction}{r('+')}{root}{r('-')}{total}</m:oMath></m:oMathPara>"
    assert text_of(file, f"<w:p>{run('So ')}{equation}</w:p>") == "So y=(a+b)/2+√(x^(n+1))-∑_(i=1)^n x_i"


def test_ticks_and_boxes(file: Path) -> None:
    old = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/>{}</w:checkBox></w:ffData>'
        '</w:fldChar></w:r><w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    control = (
        '<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="{}"/></w14:checkbox></w:sdtPr>'
        "<w:sdtContent><w:r><w:t>?</w:t></w:r></w:sdtContent></w:sdt>"
    )
    pieces = [
        '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', run(" a "), '<w:r><w:sym w:font="Wingdings 2" w:char="F0A3"/></w:r>',
        run(" b "), old.format("<w:checked/>"), run(" c "), old.format(""), run(" d "), control.format(1), run(" e "),
        control.format(0), run(" f "), run("þ", '<w:rFonts w:ascii="Wingdings"/>'), run(" g"),
    ]  # fmt: skip
    assert text_of(file, f"<w:p>{''.join(pieces)}</w:p>") == "☑ a ☐ b ☑ c ☐ d ☑ e ☐ f ☑ g"


def test_a_choice_from_a_list_is_its_entry(file: Path) -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="red"/>'
        '<w:listEntry w:val="green"/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:instrText>FORMDROPDOWN</w:instrText>'
        '</w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    prompt = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Click here</w:t></w:r></w:sdtContent></w:sdt>"
    assert text_of(file, f"<w:p>{run('Colour: ')}{field}{prompt}</w:p>") == "Colour: green"


def test_headers_and_footers_are_said_once(file: Path) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Instruction QM-114"
    document.add_paragraph("Body.")
    document.add_section().header.is_linked_to_previous = False
    document.sections[1].header.paragraphs[0].text = "Instruction QM-114"
    footer = document.sections[0].footer
    footer.paragraphs[0].text = "Valid from May"
    footer.add_paragraph("Page ")._p.append(
        parse_xml(f'<w:fldSimple {NAMESPACES} w:instr=" PAGE "><w:r><w:t>7</w:t></w:r></w:fldSimple>')
    )
    assert read(document, file).pages[0].text == "Instruction QM-114\n\nBody.\n\nValid from May"


def test_hidden_text_is_left_out_and_said(file: Path) -> None:
    parsed = body(
        file,
        f"<w:p>{run('Shown.')}{run(' Secret.', '<w:vanish/>')}{run(' Not.', '<w:vanish w:val=`0`/>')}</w:p>".replace(
            "`", '"'
        ),
    )
    assert parsed.pages[0].text == "Shown. Not."
    assert any("Hidden text" in note for note in parsed.notes)


def test_tracked_changes_count_as_accepted(file: Path) -> None:
    end = '<w:pPr><w:rPr><w:del w:id="3" w:author="A"/></w:rPr></w:pPr>'
    moved = '<w:moveFrom w:id="4" w:author="A"><w:r><w:t>gone</w:t></w:r></w:moveFrom>'
    assert text_of(
        file,
        f'<w:p>{end}{run("The fee is ")}<w:del w:id="1" w:author="A"><w:r><w:delText>300</w:delText></w:r></w:del>{moved}</w:p>',
        f'<w:p><w:ins w:id="2" w:author="A">{run("250")}</w:ins>{run(" euros.")}</w:p>',
    ) == "The fee is\n250 euros.".replace("\n", "")


def test_what_is_crossed_out_is_marked(file: Path) -> None:
    strike = "<w:strike/>"
    meeting = f"{run('We meet on ')}{run('Satur', strike)}{run('day', strike)}{run(' Sunday.')}"
    assert text_of(file, f"<w:p>{meeting}</w:p>") == "We meet on ~~Saturday~~ Sunday."


def test_guides_to_pronunciation_are_left_out(file: Path) -> None:
    ruby = "<w:r><w:ruby><w:rt><w:r><w:t>chóng</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>重</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>EQ \\* jc2 \\o\\ad(\\s\\up 9(</w:instrText></w:r>'
        "<w:r><w:instrText>qìng</w:instrText></w:r><w:r><w:instrText>),庆)</w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    assert text_of(file, f"<w:p>{ruby}{field}{run('火锅店')}</w:p>") == "重庆火锅店"


def test_merged_cells_reach_every_row_and_column(file: Path) -> None:
    document = docx.Document()
    table = document.add_table(5, 4)
    rows = [
        ("Department", "Staff", "", "Note"), ("", "Men", "Women", ""), ("Stores", "3", "4", "open"), ("", "5", "6", "shut"),
        ("Office", "7", "8", "open"),
    ]  # fmt: skip
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            table.cell(r, c).text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(2, 0).merge(table.cell(3, 0))
    text = read(document, file).pages[0].text
    assert text.startswith("| Department | Staff Men | Staff Women | Note |")
    assert "| Stores | 5 | 6 | shut |" in text


def test_a_frame_of_one_cell_is_read_as_text(file: Path) -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "Warning."
    cell.add_paragraph("Wear gloves.")
    inner = cell.add_table(2, 2)
    for n, text in enumerate(("Tool", "Size", "Saw", "12")):
        inner.cell(n // 2, n % 2).text = text
    text = read(document, file).pages[0].text
    assert text == "Warning.\n\nWear gloves.\n\n| Tool | Size |\n| --- | --- |\n| Saw | 12 |"


def test_one_row_of_addresses_is_read_as_text(file: Path) -> None:
    document = docx.Document()
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Bill to:\nHarbour Cafe", "Due: 3 April"
    assert read(document, file).pages[0].text == "Bill to:\nHarbour Cafe\n\nDue: 3 April"


def test_pictures_are_their_alternative_text_or_a_note(file: Path) -> None:
    document = docx.Document()
    document.add_heading("Pump", 1)
    document.add_picture(blank_picture(), Inches(1))
    parsed = read(document, file)
    assert any("Pictures without an alternative text" in note and "Pump" in note for note in parsed.notes)
    document.inline_shapes[0]._inline.docPr.set("descr", "Section through the pump, seal in red")
    parsed = read(document, file)
    assert "Section through the pump, seal in red" in parsed.pages[0].text
    assert not parsed.notes


def test_diagrams_are_lists_of_their_texts_or_a_note(file: Path) -> None:
    point = "<dgm:pt><dgm:t><a:p><a:r><a:t>{}</a:t></a:r></a:p></dgm:t></dgm:pt>"
    drawn = '<w:p><w:r><w:drawing><wp:inline><dgm:relIds r:dm="rD"/></wp:inline></w:drawing></w:r></w:p>'
    parsed = body(file, f"<w:p>{run('Steps')}</w:p>", drawn)
    assert any("Diagrams" in note for note in parsed.notes)
    parts = parts_of(file)
    parts["word/diagrams/data1.xml"] = (
        f"<dgm:dataModel {NAMESPACES}><dgm:ptLst>{point.format('Weigh')}{point.format('Mix')}</dgm:ptLst></dgm:dataModel>"
    )
    related(parts, "word/document.xml", "diagramData", "diagrams/data1.xml", "rD")
    parsed = load(write_parts(file, parts))
    assert parsed.pages[0].text == "Steps\n\n- Weigh\n- Mix"
    assert not parsed.notes


@pytest.mark.parametrize(("name", "data", "shown"), [
    ("a.html", b"<html><body><p>The clause from the web page says ninety days.</p></body></html>", "ninety days"),
    ("a.txt", b"A plain clause.", "A plain clause."), ("a.bin", b"\0\1\2", ""),
])  # fmt: skip
def test_documents_inserted_as_they_are(file: Path, name: str, data: bytes, shown: str) -> None:
    body(file, f"<w:p>{run('Before.')}</w:p>", '<w:altChunk r:id="rX"></w:altChunk>')
    parts = parts_of(file)
    parts[f"word/{name}"] = data
    related(parts, "word/document.xml", "aFChunk", name)
    parsed = load(write_parts(file, parts))
    assert shown in parsed.pages[0].text
    assert bool(parsed.notes) is not bool(shown)


def test_files_that_libraries_refuse(file: Path) -> None:
    document = docx.Document()
    document.add_paragraph("The limit is 500,000 yuan.")
    document.save(str(file))
    whole = parts_of(file)
    related(whole, "word/document.xml", "image", "NULL")
    assert "500,000" in load(write_parts(file, whole)).pages[0].text
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    for kind in (
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
        main.replace(b"document.main", b"template.main"),
    ):
        parts = {name: data.replace(main, kind) for name, data in parts_of(file).items()}
        assert "500,000" in load(write_parts(file.with_suffix(".docm"), parts)).pages[0].text
    for lost in ("word/styles.xml", "word/numbering.xml", "docProps/core.xml", "word/_rels/document.xml.rels"):
        parts = {name: data for name, data in parts_of(file).items() if name != lost}
        assert "500,000" in load(write_parts(file.with_suffix(".dotx"), parts)).pages[0].text
    assert "500,000" in load(strict(file)).pages[0].text


def test_a_field_that_never_ends_swallows_nothing(file: Path) -> None:
    begun = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF x</w:instrText></w:r>'
    assert text_of(file, f"<w:p>{run('One.')}{begun}</w:p>", f"<w:p>{run('Two.')}</w:p>") == "One.\n\nTwo."


def test_embedded_files_are_said(file: Path) -> None:
    parsed = body(file, f"<w:p>{run('See the sheet.')}<w:r><w:object><o:OLEObject/></w:object></w:r></w:p>")
    assert any("Embedded objects" in note for note in parsed.notes)
