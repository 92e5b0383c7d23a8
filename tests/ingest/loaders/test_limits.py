"""Misnamed, foreign, encrypted and hostile files."""

from __future__ import annotations

import zipfile

import docx
import openpyxl
import pytest

from ingest.errors import LoadError, Skipped
from ingest.loaders import load


def test_a_pdf_called_text_is_read_as_pdf(tmp_path, soundly, pdf):
    assert soundly(pdf(tmp_path / "x.txt", [["Hello there"]])).media_type == "application/pdf"


def test_a_docx_called_pdf_is_read_as_docx(tmp_path, soundly):
    document = docx.Document()
    document.add_paragraph("Hello")
    document.save(tmp_path / "x.docx")
    (tmp_path / "x.docx").rename(tmp_path / "x.pdf")
    assert soundly(tmp_path / "x.pdf").pages[0].text == "Hello"


def test_text_called_pdf_is_read_as_text(tmp_path, soundly):
    (tmp_path / "x.pdf").write_text("Only text.")
    assert soundly(tmp_path / "x.pdf").media_type == "text/plain"


@pytest.mark.parametrize(("name", "data", "word"), [
    ("x.pdf", b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"), ("x.txt", b"\xff\xd8\xff\xe0" + bytes(50), "picture"),
    ("x.md", b"\x7fELF\x02\x01\x01" + bytes(50), "program"), ("x", b"SQLite format 3\0" + bytes(90), "database"),
    ("x.csv", b"\x1f\x8b\x08\0" + bytes(30), "compressed"), ("x.gguf", b"GGUF\x03\0\0\0" + bytes(30), "model"),
    ("x.heic", b"\0\0\0\x18ftypheic" + bytes(40), "photo"), ("x.mp4", b"\0\0\0\x18ftypisom" + bytes(40), "video"),
])  # fmt: skip
def test_foreign_files_are_skipped_by_what_they_are(tmp_path, name, data, word):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Skipped, match=word) as caught:
        load(tmp_path / name)
    assert caught.value.hint.zh


def test_letters_that_begin_a_binary_format_are_still_text(tmp_path, soundly):
    (tmp_path / "x.txt").write_text("BMW and MZ are makers of motorcycles.")
    assert soundly(tmp_path / "x.txt").pages[0].text.startswith("BMW")


def test_an_archive_is_skipped(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.pdf", "w") as archive:
        archive.writestr("a.txt", "hello")
    with pytest.raises(Skipped, match="archive"):
        load(tmp_path / "x.pdf")


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_truncated_office_file(tmp_path, share):
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.save(tmp_path / "x.xlsx")
    data = (tmp_path / "x.xlsx").read_bytes()
    (tmp_path / "x.xlsx").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(LoadError, match="cut short"):
        load(tmp_path / "x.xlsx")


def test_random_bytes_called_docx(tmp_path):
    (tmp_path / "x.docx").write_bytes(bytes(range(256)) * 10)
    with pytest.raises(LoadError, match="DOCX"):
        load(tmp_path / "x.docx")


def test_a_decompression_bomb(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as part:
            for _ in range(60):
                part.write(bytes(1 << 20))
    with pytest.raises(LoadError, match="bomb"):
        load(tmp_path / "x.docx")


def test_entities_that_multiply(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>')
    with pytest.raises(LoadError, match="DOCX"):
        load(tmp_path / "x.docx")


def test_an_epub_with_an_external_entity_reads_nothing_outside(tmp_path, epub):
    (tmp_path / "secret").write_text("the secret")
    path = epub(tmp_path / "x.epub", [f'<!DOCTYPE x [<!ENTITY s SYSTEM "file://{tmp_path}/secret">]><p>Tale &s;</p>'])
    assert "the secret" not in load(path).pages[0].text


def test_too_large(tmp_path):
    (tmp_path / "x.txt").write_text("x" * 100)
    with pytest.raises(Skipped, match="limit"):
        load(tmp_path / "x.txt", max_bytes=99)


@pytest.mark.parametrize("name", ["formats.md", "sniff.py", "notes.txt", "x.html", "mail.log", "t.json"])
@pytest.mark.parametrize("text", ["It begins with %PDF-1.7, a PNG with others.", "%PDF-1.4 is the mark of a PDF."])
def test_a_text_about_pdf_is_text(tmp_path, soundly, name, text):
    (tmp_path / name).write_text(text)
    assert "%PDF-1" in soundly(tmp_path / name).pages[0].text


def test_a_pdf_behind_some_rubbish_is_a_pdf(tmp_path, soundly, pdf):
    data = pdf(tmp_path / "x.pdf", [["Hello there"]]).read_bytes()
    (tmp_path / "y.pdf").write_bytes(b"HTTP/1.1 200 OK\r\n\r\n" + data)
    assert soundly(tmp_path / "y.pdf").media_type == "application/pdf"


@pytest.mark.parametrize(("name", "member", "said", "todo"), [
    ("a.pages", "Index/Document.iwa", "Pages", "PDF"), ("a.numbers", "Index/Document.iwa", "Numbers", "PDF"),
    ("a.key", "Index/Presentation.iwa", "Keynote", "PDF"), ("a.ofd", "OFD.xml", "OFD", "PDF"),
    ("a.vsdx", "visio/document.xml", "Visio", "PDF"), ("a.xps", "Documents/1/Pages/1.fpage", "XPS", "PDF"),
    ("a.oxps", "FixedDocumentSequence.fdseq", "XPS", "PDF"), ("a.xmind", "content.json", "XMind", "PDF"),
    ("a.kmz", "doc.kml", "KMZ", "KML"), ("a.zip", "letter.txt", "archive", "Unpack"),
])  # fmt: skip
def test_what_is_packed_in_a_zip_is_named_with_advice_that_works(tmp_path, name, member, said, todo):
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr(member, "x")
    with pytest.raises(LoadError, match=said) as caught:
        load(tmp_path / name)
    assert todo in caught.value.hint.en
    assert caught.value.hint.zh


@pytest.mark.parametrize(("data", "said", "todo"), [
    (b"A Novel\0" + bytes(52) + b"BOOKMOBI" + bytes(range(256)), "Kindle", "EPUB"),
    (b"AT&TFORM\0\0" + bytes(range(256)), "DjVu", "OCR"),
    (bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + bytes(99), "OneNote", "PDF"),
    (b"CAJ\0" + bytes(range(256)), "CAJ", "PDF"), (b"%!PS-Adobe-3.0\n", "PostScript", "PDF"),
])  # fmt: skip
def test_documents_of_other_programs_are_named_with_advice_that_works(tmp_path, data, said, todo):
    (tmp_path / "x.bin").write_bytes(data)
    with pytest.raises(LoadError, match=said) as caught:
        load(tmp_path / "x.bin")
    assert not isinstance(caught.value, Skipped)
    assert todo in caught.value.hint.en


def test_nothing_but_blanks_needs_no_ocr(tmp_path):
    (tmp_path / "blank.txt").write_text(" \n\n")
    with pytest.raises(Skipped) as caught:
        load(tmp_path / "blank.txt")
    assert "OCR" not in caught.value.hint.en


@pytest.mark.parametrize("name", ["manual.pdf", "letter.doc", "table.xlsx", "deck.pptx"])
def test_a_name_that_promises_another_kind_is_said(tmp_path, soundly, name):
    (tmp_path / name).write_text("<html><body><p>Please log in to download.</p></body></html>")
    (note,) = soundly(tmp_path / name).notes
    assert "HTML" in note
    assert "." + name.partition(".")[2] in note
