"""Files within PDF and Office files are documents of their own, whatever Office packs them in."""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import closing
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from pptx.util import Inches
from pypdf import PdfWriter

from ingest import open_library
from ingest.loaders import load
from ingest.loaders.within import unpacked
from ingest.settings import Settings
from tests.ingest.loaders.conftest import write_pdf
from tests.ingest.loaders.ole_files import write_ole

OFFICE = 'xmlns:o="urn:schemas-microsoft-com:office:office"'


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (["Tool", "Price"], ["Crane", 1480]):
        book.active.append(row)
    book.save(out := io.BytesIO())
    return out.getvalue()


def native(name: str, content: bytes) -> bytes:
    """As Windows' packager writes it."""
    path = f"C:\\Users\\li\\{name}\0".encode()
    return (
        struct.pack("<IH", 0, 2) + f"{name}\0".encode() + path + struct.pack("<HHI", 0, 3, len(path)) + path
        + struct.pack("<I", len(content)) + content
    )  # fmt: skip


def word(path: Path, *objects: bytes) -> Path:
    """A document with objects in it, as Word embeds them."""
    document = docx.Document()
    document.add_paragraph("See the enclosed.")
    document.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    rels = "word/_rels/document.xml.rels"
    runs = ""
    for n, content in enumerate(objects):
        parts[f"word/embeddings/object{n}.bin"] = content
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/oleObject"
        one = f'<Relationship Id="rO{n}" Type="{kind}" Target="embeddings/object{n}.bin"/></Relationships>'
        parts[rels] = parts[rels].replace(b"</Relationships>", one.encode())
        runs += f'<w:p><w:r><w:object><o:OLEObject {OFFICE} r:id="rO{n}"/></w:object></w:r></w:p>'
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:sectPr", runs.encode() + b"<w:sectPr", 1)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_what_is_attached_to_a_pdf(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=write_pdf(tmp_path / "a.pdf", [["The tender."]]))
    writer.add_attachment("prices.txt", b"The excavator costs 300 a day.")
    writer.add_attachment("list.xlsx", workbook())
    writer.add_attachment("plan.dwg", b"AC10" + bytes(50))
    writer.write(tmp_path / "tender.pdf")
    parsed = load(tmp_path / "tender.pdf")
    found = {one.name: one.parsed.pages[0].text for one in parsed.attached}
    assert found["prices.txt"] == "The excavator costs 300 a day."
    assert "| Crane | 1480 |" in found["list.xlsx"]
    [note] = parsed.notes
    assert "plan.dwg" in note
    assert "DWG" in note


def test_what_is_embedded_in_word(tmp_path: Path, ole_bytes) -> None:
    objects = [
        ole_bytes({"\x01Ole10Native": native("terms.txt", b"Payment is due in 30 days.")}),
        ole_bytes({"Package": workbook()}),
        ole_bytes({"CONTENTS": write_pdf(tmp_path / "b.pdf", [["The plan of the hut."]]).read_bytes()}),
        ole_bytes({"Equation Native": bytes(40)}),
    ]
    parsed = load(word(tmp_path / "x.docx", *objects))
    assert [one.name for one in parsed.attached] == ["terms.txt", "object1.xlsx", "object2.pdf"]
    assert [one.parsed.pages[0].text for one in parsed.attached][::2] == [
        "Payment is due in 30 days.",
        "The plan of the hut.",
    ]
    [note] = parsed.notes
    assert "Embedded objects were not read: 1" in note


def test_what_is_embedded_in_slides_and_sheets(tmp_path: Path, ole_bytes) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Budget"
    slide.shapes.add_ole_object(io.BytesIO(workbook()), "Excel.Sheet.12", 0, 0, Inches(1), Inches(1))
    deck.save(tmp_path / "x.pptx")
    [sheet] = load(tmp_path / "x.pptx").attached
    assert "Crane" in sheet.parsed.pages[0].text
    (tmp_path / "x.xlsx").write_bytes(workbook())
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/oleObject"
    with zipfile.ZipFile(tmp_path / "x.xlsx", "a") as archive:
        archive.writestr(
            "xl/embeddings/o.bin", ole_bytes({"\x01Ole10Native": native("报价.txt", "吊车每天300元。".encode())})
        )
        archive.writestr(
            "xl/worksheets/_rels/sheet1.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r" Type="{kind}" Target="../embeddings/o.bin"/></Relationships>',
        )
    [text] = load(tmp_path / "x.xlsx").attached
    assert (text.name, text.parsed.pages[0].text) == ("报价.txt", "吊车每天300元。")


def test_files_within_files_end_somewhere(tmp_path: Path) -> None:
    inner = word(tmp_path / "0.docx").read_bytes()
    for n in range(1, 6):
        inner = word(tmp_path / f"{n}.docx", inner).read_bytes()
    parsed = load(tmp_path / "5.docx")
    assert [one.name.count("/") for one in parsed.attached] == [0, 1, 2]
    assert any("Too deep" in note for one in parsed.attached for note in one.parsed.notes)


@pytest.mark.parametrize(
    "data", [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(10), struct.pack("<IH", 9, 2) + b"x"]
)
def test_a_broken_object_is_said_and_costs_nothing_else(tmp_path: Path, data: bytes) -> None:
    parsed = load(word(tmp_path / "x.docx", data))
    assert parsed.pages[0].text == "See the enclosed."
    assert len(parsed.notes) == 1
    assert unpacked("x.bin", b"") is None


def test_they_are_found_and_go_with_their_file(tmp_path: Path, ole_bytes) -> None:
    (tmp_path / "docs").mkdir()
    path = word(
        tmp_path / "docs" / "offer.docx",
        ole_bytes({"\x01Ole10Native": native("terms.txt", b"Payment is due in 30 days.")}),
    )
    with closing(open_library(tmp_path / "home", Settings(embedder="hashing"))) as library:
        library.add([tmp_path / "docs"])
        (tmp_path / "docs" / "copy.docx").write_bytes(path.read_bytes())
        library.add([tmp_path / "docs"])
        names = sorted(str(Path(one.path).relative_to(tmp_path / "docs")) for one in library.documents())
        assert names == ["copy.docx", "copy.docx/terms.txt", "offer.docx", "offer.docx/terms.txt"]
        assert library.search("When is payment due?")[0].document == "terms"
        path.unlink()
        library.add([tmp_path / "docs"], prune=True, sure=True)
        assert len(library.documents()) == 2
        assert library.remove([str(tmp_path / "docs" / "copy.docx")]) == 2


@pytest.fixture
def ole_bytes(tmp_path: Path):
    return lambda streams: write_ole(tmp_path / "made.ole", streams).read_bytes()
