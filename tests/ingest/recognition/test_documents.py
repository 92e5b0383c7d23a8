"""Pictures, scans and pictures within documents, with a reader that is told what it sees."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import docx
import numpy as np
import openpyxl
import pptx
import pytest
from PIL import Image

from ingest.errors import LoadError, Skipped
from ingest.language import Text
from ingest.loaders import load
from ingest.loaders.pictures import pixels_of
from ingest.recognition import RecognitionError
from tests.ingest.loaders.conftest import write_epub, write_pdf
from tests.ingest.loaders.office_files import parts_of, write_parts
from tests.ingest.recognition.conftest import lines_of, page_of

SEEN = page_of(*lines_of("The pump was replaced.", "It moves 35 litres."))
NOTHING = page_of()


def saved(path, mode: str = "RGB", size: tuple[int, int] = (60, 40), **more):
    Image.new(mode, size, 200 if mode in ("L", "I;16") else "white").save(path, **more)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.gif", "a.bmp", "photo.txt"])
def test_a_picture_is_a_document_of_its_lines(tmp_path, scripted, name) -> None:
    recogniser, reader = scripted(SEEN)
    saved(tmp_path / name, **({"format": "PNG"} if name.endswith("txt") else {}))
    parsed = load(tmp_path / name, recogniser=recogniser)
    assert parsed.pages[0].text == "The pump was replaced.\n\nIt moves 35 litres."
    assert parsed.media_type.startswith("image/")
    assert [place.text for place in parsed.pages[0].places] == ["The pump was replaced.", "It moves 35 litres."]
    assert any("recognised" in note for note in parsed.notes)
    assert reader.seen == [(40, 60, 3)]


def test_a_tiff_has_a_page_for_each_of_its_pictures(tmp_path, scripted) -> None:
    recogniser, _ = scripted(SEEN, page_of(*lines_of("Second page")))
    saved(tmp_path / "a.tif", save_all=True, append_images=[Image.new("RGB", (50, 70))])
    assert [page.number for page in load(tmp_path / "a.tif", recogniser=recogniser).pages] == [1, 2]


def test_pixels_are_those_that_are_shown() -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held sideways
    Image.new("RGB", (60, 40), "white").save(file, "JPEG", exif=exif)
    assert pixels_of(Image.open(file)).shape == (60, 40, 3)
    clear = Image.new("RGBA", (30, 30), (0, 0, 0, 0))
    assert pixels_of(clear).min() == 255, "what is transparent is paper"
    deep = Image.fromarray(np.full((20, 20), 60000, np.uint16))
    assert pixels_of(deep).min() > 200


def test_pictures_without_text_damaged_and_huge_ones_are_told_apart(tmp_path, scripted, monkeypatch) -> None:
    recogniser, _ = scripted(NOTHING)
    with pytest.raises(Skipped, match="No text was recognised"):
        load(saved(tmp_path / "a.png"), recogniser=recogniser)
    whole = saved(tmp_path / "whole.png", size=(600, 400)).read_bytes()
    (tmp_path / "short.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LoadError, match="damaged"):
        load(tmp_path / "short.png", recogniser=recogniser)
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(LoadError, match="damaged"):
        load(tmp_path / "b.png", recogniser=recogniser)
    monkeypatch.setattr("ingest.loaders.pictures.MAX_PIXELS", 1000)
    with pytest.raises(LoadError, match="pixels"):
        load(saved(tmp_path / "c.png"), recogniser=recogniser)
    with pytest.raises(Skipped, match="is off") as caught:
        load(saved(tmp_path / "a.png"))
    assert "ocr" in caught.value.hint.en


def test_pages_of_a_pdf_are_read_where_they_hold_no_usable_text(tmp_path, scripted) -> None:
    garbled = "\ue001\ue002\ue003 \ue004\ue005\ue006"
    path = write_pdf(tmp_path / "a.pdf", [["A page of text that can be read."], None, [garbled]])
    recogniser, reader = scripted(SEEN)
    parsed = load(path, recogniser=recogniser)
    assert len(reader.seen) == 2
    assert parsed.pages[0].text == "A page of text that can be read."
    assert "35 litres" in parsed.pages[1].text
    assert "35 litres" in parsed.pages[2].text
    assert parsed.needs_ocr == ()
    assert any("2, 3" in note and "recognised" in note for note in parsed.notes)
    assert not parsed.pages[0].places
    assert len(parsed.pages[1].places) == 2


def test_a_stamp_beside_a_scan_is_no_text_of_the_page(tmp_path, scripted) -> None:
    recogniser, _ = scripted(SEEN)
    path = tmp_path / "a.pdf"
    write_pdf(path, [["Page 7"]])
    # The same page with a picture over most of it: what `write_pdf` draws on a page of its own.
    data = path.read_bytes().replace(b"BT 12 TL", b"q 590 0 0 800 0 0 cm /Im Do Q BT 12 TL")
    path.write_bytes(data)
    assert "35 litres" in load(path, recogniser=recogniser).pages[0].text


def test_force_reads_every_page_and_off_says_what_to_do(tmp_path, scripted) -> None:
    path = write_pdf(tmp_path / "a.pdf", [["A page of text that can be read."], None])
    recogniser, reader = scripted(SEEN, mode="force")
    assert "35 litres" in load(path, recogniser=recogniser).pages[0].text
    assert len(reader.seen) == 2
    parsed = load(path)
    assert parsed.needs_ocr == (2,)
    assert any('ocr = "auto"' in note for note in parsed.notes)


def test_a_page_nobody_could_read_keeps_the_others(tmp_path, scripted) -> None:
    failed = RecognitionError(Text(en="The server is gone.", zh="服务不可用。"))
    recogniser, _ = scripted(failed)
    parsed = load(write_pdf(tmp_path / "a.pdf", [["Some text."], None, None]), recogniser=recogniser)
    assert parsed.needs_ocr == (2, 3)
    assert any("The server is gone." in note for note in parsed.notes)
    empty, _ = scripted(NOTHING)
    parsed = load(write_pdf(tmp_path / "a.pdf", [["Some text."], None]), recogniser=empty)
    assert parsed.needs_ocr == ()
    assert any("no text was recognised: 2" in note for note in parsed.notes)


@pytest.fixture
def picture() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(file, "PNG")
    return file


def test_a_picture_in_a_word_file_is_read_where_it_stands_and_once(tmp_path, scripted, picture) -> None:
    document = docx.Document()
    document.add_paragraph("Before.")
    document.add_picture(picture)
    document.add_paragraph("Between.")
    document.add_picture(picture)
    document.save(str(tmp_path / "a.docx"))
    recogniser, reader = scripted(SEEN)
    parsed = load(tmp_path / "a.docx", recogniser=recogniser)
    assert parsed.pages[0].text == "Before.\n\nThe pump was replaced.\n\nIt moves 35 litres.\n\nBetween."
    assert len(reader.seen) == 1
    assert not parsed.notes
    off = load(tmp_path / "a.docx")
    assert any("Pictures without" in note for note in off.notes)
    assert any('ocr = "auto"' in note for note in off.notes)


def odt(path: Path, picture: io.BytesIO) -> Path:
    names = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (("office", "office"), ("text", "text"), ("draw", "drawing"), ("svg", "svg-compatible"))
    )
    frame = '<draw:frame>{}<draw:image xlink:href="Pictures/{}"/></draw:frame>'
    content = (
        f'<office:document-content {names} xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:text>'
        f"<text:p>Before.</text:p><text:p>{frame.format('', 'a.png')}</text:p>"
        f"<text:p>{frame.format('<svg:desc>The harbour</svg:desc>', 'none.png')}</text:p>"
        "</office:text></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content)
        archive.writestr("Pictures/a.png", picture.getvalue())
    return path


def test_a_picture_in_a_text_of_opendocument(tmp_path, scripted, picture) -> None:
    path = odt(tmp_path / "a.odt", picture)
    recogniser, reader = scripted(SEEN)
    parsed = load(path, recogniser=recogniser)
    assert parsed.pages[0].text == "Before.\n\nThe pump was replaced.\n\nIt moves 35 litres.\n\nThe harbour"
    assert (len(reader.seen), parsed.notes) == (1, ())
    assert any("Pictures without" in note for note in load(path).notes)


def test_a_picture_on_a_sheet(tmp_path, scripted, picture) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, 2])
    book.active.add_image(openpyxl.drawing.image.Image(picture), "D1")
    book.save(tmp_path / "a.xlsx")
    parts = parts_of(tmp_path / "a.xlsx")
    bare = {name: re.sub(rb' descr="[^"]*"', b"", data) for name, data in parts.items()}
    recogniser, _ = scripted(SEEN)
    parsed = load(write_parts(tmp_path / "a.xlsx", bare), recogniser=recogniser)
    assert parsed.pages[0].text.endswith("The pump was replaced.\n\nIt moves 35 litres.")
    assert not parsed.notes


def test_a_page_of_a_book_that_is_a_picture(tmp_path, scripted, picture) -> None:
    pages = ["<p>Cover</p>", "<p><img src='../p%201.png'/></p>", "<p>Text <img src='x.png' alt=''/> and more.</p>"]
    write_epub(tmp_path / "a.epub", pages)
    with zipfile.ZipFile(tmp_path / "a.epub", "a") as book:
        book.writestr("OEBPS/p 1.png", picture.getvalue())
    recogniser, _ = scripted(SEEN)
    parsed = load(tmp_path / "a.epub", recogniser=recogniser)
    assert "35 litres" in parsed.pages[1].text
    (note,) = parsed.notes
    assert "beside the text" in note
    assert any("Pages of pictures" in note for note in load(tmp_path / "a.epub").notes)


def test_a_slide_that_is_a_picture(tmp_path, scripted, picture) -> None:
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_picture(picture, 0, 0)
    deck.save(str(tmp_path / "a.pptx"))
    recogniser, _ = scripted(SEEN)
    parsed = load(tmp_path / "a.pptx", recogniser=recogniser)
    assert "35 litres" in parsed.pages[0].text
    assert parsed.needs_ocr == ()
