"""Where the links of office files lead is read behind their words."""

from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from docx.oxml import parse_xml

from tests.ingest.loaders.office_files import NAMESPACES
from tests.ingest.loaders.test_word import run

FIRST = "The desk is open from 8 to 5 from April on, on Fridays until noon and never on holidays. Please register "
PLACE = "https://example.org/r?id=5"


def word(path: Path, place: str) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph(FIRST)
    name = document.part.relate_to(
        place, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink", is_external=True
    )
    link = f'<w:hyperlink r:id="{name}" {NAMESPACES}>{run("he")}{run("re")}</w:hyperlink>'
    paragraph._p.append(parse_xml(link))
    document.save(str(path))


def field(path: Path, place: str) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph(FIRST)
    codes = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
        "<w:r><w:instrText> HYPER</w:instrText></w:r>",
        f'<w:r><w:instrText>LINK "{place}" \\o "a tip"</w:instrText></w:r>',
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
        run("here"),
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
    )
    for code in codes:
        paragraph._p.append(parse_xml(code.replace("<w:r>", f"<w:r {NAMESPACES}>", 1)))
    document.save(str(path))


def rich(path: Path, place: str) -> None:
    path.write_text(rf'{{\rtf1 {FIRST}{{\field{{\*\fldinst{{HYPERLINK "{place}"}}}}{{\fldrslt{{\ul here}}}}}}\par}}')


def open_text(path: Path, place: str) -> None:
    spaces = "urn:oasis:names:tc:opendocument:xmlns:"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml",
            f'<o:document-content xmlns:o="{spaces}office:1.0" xmlns:t="{spaces}text:1.0" '
            'xmlns:x="http://www.w3.org/1999/xlink"><o:body><o:text>'
            f'<t:p>{FIRST}<t:a x:href="{place}"><t:span>here</t:span></t:a></t:p></o:text></o:body></o:document-content>',
        )


def slides(path: Path, place: str) -> None:
    deck = pptx.Presentation()
    frame = deck.slides.add_slide(deck.slide_layouts[1]).placeholders[1].text_frame
    frame.text = FIRST
    for words in ("he", "re"):
        piece = frame.paragraphs[0].add_run()
        piece.text, piece.hyperlink.address = words, place
    deck.save(str(path))


@pytest.mark.parametrize(
    ("write", "kind"), [(word, "docx"), (field, "docx"), (rich, "rtf"), (open_text, "odt"), (slides, "pptx")]
)
def test_an_address_stands_behind_the_words_that_lead_there(tmp_path, soundly, write, kind):
    def text(place: str) -> str:
        write(tmp_path / f"x.{kind}", place)
        return "\n".join(page.text for page in soundly(tmp_path / f"x.{kind}").pages).strip()

    assert text(PLACE) == f"{FIRST}here ({PLACE})"
    assert text("mailto:anna@example.org?subject=x") == f"{FIRST}here (anna@example.org)"
    assert text(f"{PLACE}/{'x' * 200}") == f"{FIRST}here"  # longer than what it says
    assert text("#below") == f"{FIRST}here"


def test_where_a_cell_leads_stands_in_it(tmp_path, soundly):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ("Course", "Places", "Register"),
        ("Pottery for beginners in the old mill", 12, "here"),
        (FIRST, 8, "-"),
    ):
        sheet.append(row)
    sheet["C2"].hyperlink = PLACE
    sheet["B2"].hyperlink = "tel:0228-1234"
    book.save(tmp_path / "x.xlsx")
    text = soundly(tmp_path / "x.xlsx").pages[0].text
    assert f"| Pottery for beginners in the old mill | 12 [0228-1234] | here [{PLACE}] |" in text


def test_an_address_that_is_said_is_not_said_again(tmp_path, soundly):
    rich(tmp_path / "x.rtf", "https://www.example.org/")
    data = (tmp_path / "x.rtf").read_text().replace(r"\ul here", r"\ul www.example.org")
    (tmp_path / "x.rtf").write_text(data)
    assert soundly(tmp_path / "x.rtf").pages[0].text == f"{FIRST}www.example.org"
