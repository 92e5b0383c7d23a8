"""Cells as they are shown, and what stands beside them on a sheet."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.table import Table

from ingest.documents import Parsed
from ingest.errors import LoadError
from ingest.loaders import load
from ingest.loaders.number_format import formatted
from ingest.loaders.workbook import Workbook
from tests.ingest.loaders.conftest import assert_sound
from tests.ingest.loaders.office_files import parts_of, related, strict, write_parts
from tests.ingest.loaders.test_word import blank_picture


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "x.xlsx"


def read(book: openpyxl.Workbook, path: Path) -> Parsed:
    book.save(path)
    parsed = load(path)
    assert_sound(parsed)
    return parsed


def sheet(*rows: list[object]) -> tuple[openpyxl.Workbook, openpyxl.worksheet.worksheet.Worksheet]:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book, book.active


@pytest.mark.parametrize(("value", "code", "shown"), [
    (712, "00000", "00712"), (1199.5, "[$€-407]#,##0.00", "€1,199.50"), (1234.5, "#,##0.00", "1,234.50"),
    (12.5, '0.0" km"', "12.5 km"), (5, '0"天"', "5天"), (1199.5, '"¥"#,##0.00', "¥1,199.50"), (27.5 / 24, "[h]:mm", "27:30"),
    (90061 / 86400, "[mm]:ss", "1501:01"), (-5, "$#,##0;($#,##0)", "($5)"), (-5, "$#,##0", "-$5"), (0.125, "0.0%", "12.5%"),
    (13800138000, "000-0000-0000", "138-0013-8000"), (75522468, "0000-0000", "7552-2468"), (1.5, "# ?/?", "1 1/2"),
    (12345678, '0.0,,"M"', "12.3M"), (123456, "0.00E+00", "1.23E+05"), (-1234.5, '_-* #,##0.00 "€"_-;-* #,##0.00 "€"_-', "-1,234.50 €"),
    (0.1 + 0.2, "General", "0.3"), (1234.5, 'General" kg"', "1234.5 kg"), (15, '[<10]"low";"high"', "high"),
    (3, '"No. "000', "No. 003"), (-0.001, "0.0", "0.0"), (12.345, "0.00", "12.35"), (38, "[Red]0;[Blue]-0", "38"),
    (46000, "yyyy/m/d", "2025-12-09"), (46000, 'yyyy"年"m"月"', "2025-12"), (46000.75, "d.m.yy h:mm", "2025-12-09 18:00:00"),
    (0.75, "h:mm AM/PM", "18:00"), (46000, "dddd", "2025-12-09"), (1e300, "0.00", "1e+300"), (-3, "yyyy-mm-dd", "-3"),
])  # fmt: skip
def test_numbers_as_they_are_shown(value: float, code: str, shown: str) -> None:
    assert formatted(value, code) == shown


def test_days_counted_from_1904() -> None:
    assert formatted(0, "yyyy-mm-dd", since_1904=True) == "1904-01-01"
    assert formatted(1, "yyyy-mm-dd") == "1900-01-01"


def test_values_in_a_sheet(file: Path) -> None:
    book, s = sheet(["No", "Left"], [7, dt.timedelta(hours=27, minutes=30)], [8, dt.time(9, 5)])
    s["A2"].number_format = s["A3"].number_format = "000"
    s["B2"].number_format = "[h]:mm"
    assert read(book, file).pages[0].text.endswith("| 007 | 27:30 |\n| 008 | 09:05 |")


def test_merged_cells_and_two_header_rows(file: Path) -> None:
    book, s = sheet(
        ["Region", 2024, None, "Note"], [None, "Q1", "Q2", None], ["North", 1, 2, "x"], [None, 3, 4, "closed"], ["South", "none", None, "y"],
    )  # fmt: skip
    for area in ("A1:A2", "B1:C1", "D1:D2", "A3:A4", "B5:C5", "G1:XFD1"):
        s.merge_cells(area)
    text = read(book, file).pages[0].text
    assert text.split("\n")[0] == "| Region | 2024 Q1 | 2024 Q2 | Note |"
    assert "| North | 3 | 4 | closed |\n| South | none | none | y |" in text


def test_a_table_that_the_workbook_declares_has_its_header(file: Path) -> None:
    book, s = sheet(["Remarks on this sheet", None], ["see below", "2"], ["Key", "Word"], ["a", "b"])
    s.add_table(Table(displayName="T", ref="A3:B4"))
    book.create_sheet("Filter").append(["Key", "Word"])
    parsed = read(book, file)
    assert "| Key | Word |\n| --- | --- |\n| a | b |" in parsed.pages[0].text
    book, s = sheet(["Word", "Sense"], ["a", "b"], [], ["Term", "Use"], ["c", "d"])
    for cell in (*s[1], *s[4]):
        cell.font = Font(bold=True)
    assert "| Term | Use |\n| --- | --- |" in read(book, file).pages[0].text


def test_notes_on_cells_stay_with_them(file: Path) -> None:
    book, s = sheet(["Item", "Fee"], ["Grave", 300], ["Urn", 90])
    s["B2"].comment = Comment("Only after approval", "A. Berg")
    s["B3"].comment = Comment("Reduced. " * 40, "B")
    s["D9"].comment = Comment("On an empty cell", "C")
    text = read(book, file).pages[0].text
    assert "| Grave | 300 [A. Berg: Only after approval] |" in text
    assert "| Urn | 90 |" in text
    assert "B3, Urn, 90: B: Reduced." in text
    assert "D9: C: On an empty cell" in text


def test_conversations_are_read_instead_of_their_copies(file: Path) -> None:
    book, s = sheet(["Item", "Fee"], ["Grave", 300])
    s["B2"].comment = Comment("[Threaded comment]\n\nYour version of Excel allows you to read this.", "tc={1}")
    book.save(file)
    parts = parts_of(file)
    ns = 'xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"'
    parts["xl/persons/p.xml"] = f'<personList {ns}><person id="{{9}}" displayName="A. Berg"/></personList>'
    parts["xl/threadedComments/t.xml"] = (
        f'<ThreadedComments {ns}><threadedComment ref="B2" personId="{{9}}"><text>Ask the board.</text></threadedComment>'
        f'<threadedComment ref="B2" personId="{{9}}"><text>It agrees.</text></threadedComment></ThreadedComments>'
    )
    related(parts, "xl/workbook.xml", "person", "persons/p.xml", "rP")
    related(parts, "xl/worksheets/sheet1.xml", "threadedComment", "../threadedComments/t.xml", "rT")
    text = load(write_parts(file, parts)).pages[0].text
    assert "300 [A. Berg: Ask the board.; A. Berg: It agrees.]" in text
    assert "Your version" not in text


def test_names_that_are_set_in_stand_under_their_group(file: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    rows = [("Item", 0, "Sum"), ("Revenue", 0, 300), ("Boats", 1, 280), ("Other", 1, 20), ("Costs", 0, 180), ("Staff", 1, 120),
            ("Skippers", 2, 90), ("Other", 1, 60), ("Profit", 0, 120)]  # fmt: skip
    for n, (name, indent, value) in enumerate(rows, 1):
        sheet.cell(n, 1, name).alignment = Alignment(indent=indent)
        sheet.cell(n, 2, value)
    aside = book.create_sheet("set in as a whole")
    for n, (name, value) in enumerate([("Name", "Sum"), ("Anna", 3), ("Ben", 4), ("Total", 7)], 1):
        aside.cell(n, 1, name).alignment = Alignment(indent=n in (2, 3))
        aside.cell(n, 2, value)
    first, second = read(book, file).pages
    names = [line.split(" | ")[0].strip("| ") for line in first.text.split("\n")[2:]]
    assert names == [
        "Revenue", "Revenue › Boats", "Revenue › Other", "Costs", "Costs › Staff", "Costs › Staff › Skippers", "Costs › Other", "Profit",
    ]  # fmt: skip
    assert second.text == "| Name | Sum |\n| --- | --- |\n| Anna | 3 |\n| Ben | 4 |\n| Total | 7 |"


def test_what_is_hidden_is_marked(file: Path) -> None:
    book, s = sheet(["Name", "Grade", "Phone"], ["Anna", 3, 11], ["Ben", 4, 12], ["Carl", 5, 13])
    s.column_dimensions["B"].hidden = True
    s.row_dimensions[3].hidden = s.row_dimensions[4].hidden = True
    for state in ("hidden", "veryHidden"):
        other = book.create_sheet(state)
        other.append(["k", "v"])
        other.sheet_state = state
    parsed = read(book, file)
    assert [page.label for page in parsed.pages] == ["Sheet", "hidden (hidden)", "veryHidden (hidden)"]
    assert parsed.pages[0].text.startswith("| Name | Grade (hidden) | Phone |")
    notes = "\n".join(parsed.notes)
    assert re.search("Hidden sheets.*hidden, veryHidden", notes)
    assert re.search("hidden rows.*3–4", notes)
    assert re.search("hidden columns.*B", notes)


def test_formulas_without_a_value_are_shown_and_said(file: Path) -> None:
    book, _ = sheet(["Item", "Sum"], ["a", 3], ["Total", "=SUM(B2:B2)"])
    parsed = read(book, file)
    assert "| Total | =SUM(B2:B2) |" in parsed.pages[0].text
    assert any("B3" in note and "formulas" in note for note in parsed.notes)
    parts = parts_of(file)
    name = "xl/worksheets/sheet1.xml"
    parts[name] = re.sub(rb"</f><v ?/>|</f><v></v>", b"</f><v>3</v>", parts[name])
    parsed = load(write_parts(file, parts))
    assert "| Total | 3 |" in parsed.pages[0].text
    assert not parsed.notes


def test_far_columns_and_rows_are_read(file: Path) -> None:
    book, _ = sheet([f"c{n}" for n in range(1, 521)], [f"value {n}" if n in (1, 510) else None for n in range(1, 521)])
    far = book.create_sheet("Far")
    far["A1"], far["B1"], far["A2"], far["B2"] = "Key", "Text", "a", "above"
    far["A1210"], far["B1210"] = "b", "below"
    far["XFD1048576"] = "corner"
    parsed = read(book, file)
    assert "c510: value 510" in parsed.pages[0].text
    assert "| b | below |" in parsed.pages[1].text
    assert "corner" in parsed.pages[1].text


def test_text_boxes_and_pictures(file: Path) -> None:
    book, s = sheet(["a", "b"], ["c", "d"])
    s.add_image(Image(blank_picture()), "D1")
    book.save(file)
    parts = parts_of(file)
    bare = {name: re.sub(rb' descr="[^"]*"', b"", data) for name, data in parts.items()}
    parsed = load(write_parts(file, bare))
    assert any("Pictures without" in note and "Sheet" in note for note in parsed.notes)
    a, x = (f"http://schemas.openxmlformats.org/drawingml/2006/{name}" for name in ("main", "spreadsheetDrawing"))
    parts["xl/drawings/drawing1.xml"] = (
        f'<x:wsDr xmlns:x="{x}" xmlns:a="{a}"><x:twoCellAnchor><x:sp><x:txBody><a:p><a:r><a:t>Valid from May</a:t></a:r></a:p>'
        '</x:txBody></x:sp><x:pic><x:nvPicPr><x:cNvPr id="1" name="P" descr="Plan of the hall"/></x:nvPicPr></x:pic>'
        "</x:twoCellAnchor></x:wsDr>"
    )
    parsed = load(write_parts(file, parts))
    assert parsed.pages[0].text.endswith("Valid from May\n\nPlan of the hall")
    assert not parsed.notes


def test_rich_text_and_guides_to_pronunciation(file: Path) -> None:
    book, _ = sheet(["x", "y"], ["@", "z"])
    book.save(file)
    parts = parts_of(file)
    rich = (
        b'<is><r><t xml:space="preserve">10</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>6</t></r><r><t> ohm</t></r>'
        b'<rPh sb="0" eb="1"><t>guide</t></rPh></is>'
    )
    name = "xl/worksheets/sheet1.xml"
    whole = parts[name]
    parts[name] = re.sub(rb"<is><t>@</t></is>", rich, whole)
    assert load(write_parts(file, parts)).pages[0].text.endswith("| 10^6 ohm | z |")
    # The same among the strings that cells share.
    parts[name] = re.sub(rb't="inlineStr">\s*<is><t>@</t></is>', b't="s"><v>1</v>', whole)
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts["xl/sharedStrings.xml"] = b"<sst " + main + b"><si><t>?</t></si>" + rich.replace(b"is>", b"si>") + b"</sst>"
    related(parts, "xl/workbook.xml", "sharedStrings", "sharedStrings.xml")
    assert load(write_parts(file, parts)).pages[0].text.endswith("| 10^6 ohm | z |")


def test_files_that_libraries_refuse(file: Path) -> None:
    book, _ = sheet(["Document", "Sum"], ["Invoice 5510", 480], [dt.date(2026, 3, 4), 5])
    book.save(file)
    whole = parts_of(file)
    empty = {n: re.sub(rb"<fill>.*?</fill>", b"<fill/>", d) if n == "xl/styles.xml" else d for n, d in whole.items()}
    assert "| Invoice 5510 | 480 |" in load(write_parts(file, empty)).pages[0].text
    for lost in ("xl/styles.xml", "xl/theme/theme1.xml", "docProps/core.xml"):
        kept = {name: data for name, data in whole.items() if name != lost}
        assert "| Invoice 5510 | 480 |" in load(write_parts(file, kept)).pages[0].text
    text = load(strict(write_parts(file, whole))).pages[0].text
    assert "| Invoice 5510 | 480 |\n| 2026-03-04 | 5 |" in text
    with pytest.raises(LoadError):
        load(write_parts(file, {name: data for name, data in whole.items() if name != "xl/workbook.xml"}))


def test_a_workbook_that_is_none_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<" + "a" * 1000)
    with pytest.raises(LoadError, match="damaged"):
        Workbook(path)
