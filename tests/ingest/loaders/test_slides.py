"""Slides as they are seen: order by place, spans, numbers, diagrams, comments, and what is not read said."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pptx
import pytest
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from ingest.documents import Parsed
from ingest.loaders import load
from tests.ingest.loaders.conftest import assert_sound
from tests.ingest.loaders.office_files import NAMESPACES, parts_of, related, strict, write_parts
from tests.ingest.loaders.test_word import blank_picture

BLANK, TITLE_ONLY, TITLE_AND_TEXT = 6, 5, 1


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "x.pptx"


def read(deck: pptx.presentation.Presentation, path: Path) -> Parsed:
    deck.save(str(path))
    parsed = load(path)
    assert_sound(parsed)
    return parsed


def boxes(path: Path, *placed: tuple[float, float, float, float, str]) -> list[str]:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    for x, y, width, height, text in placed:
        slide.shapes.add_textbox(Inches(x), Inches(y), Inches(width), Inches(height)).text_frame.text = text
    return read(deck, path).pages[0].text.split("\n\n")


def test_boxes_nearly_level_are_a_row(file: Path) -> None:
    level = [(5, 2, 4, 0.6, "b"), (0.5, 2.05, 4, 0.6, "a"), (5, 3, 4, 0.6, "d"), (0.5, 3.05, 4, 0.6, "c")]
    assert boxes(file, *level) == ["a", "b", "c", "d"]
    three = [
        (6.5, 1.9, 3, 1, "c"),
        (3.3, 2, 3, 1, "b"),
        (0.2, 2.1, 3, 1, "a"),
        (0.2, 0.5, 9, 1, "top"),
        (0.2, 5, 9, 1, "end"),
    ]
    assert boxes(file, *three) == ["top", "a", "b", "c", "end"]


def test_a_tall_box_beside_others_is_a_column(file: Path) -> None:
    assert boxes(file, (5, 2, 4, 1, "b"), (5, 3.5, 4, 1, "c"), (0.5, 2.1, 4, 3, "a")) == ["a", "b", "c"]


def test_boxes_larger_than_their_text_may_overlap(file: Path) -> None:
    assert boxes(file, (0.5, 1.8, 8, 1, "b"), (0.5, 1, 8, 1, "a"), (0.5, 2.65, 8, 1, "c")) == ["a", "b", "c"]


def test_groups_stay_together(file: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    slide.shapes.add_textbox(Inches(1), Inches(3), Inches(3), Inches(1)).text_frame.text = "below"
    group = slide.shapes.add_group_shape()
    for x, text in ((4, "right"), (1, "left")):
        group.shapes.add_textbox(Inches(x), Inches(1), Inches(2), Inches(1)).text_frame.text = text
    assert read(deck, file).pages[0].text == "left\n\nright\n\nbelow"


def test_merged_cells_reach_every_row_and_column(file: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    table = slide.shapes.add_table(4, 3, Inches(1), Inches(1), Inches(6), Inches(2)).table
    rows = [("Area", "Staff", ""), ("", "Men", "Women"), ("North", "3", "4"), ("", "5", "6")]
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            table.cell(r, c).text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(2, 0).merge(table.cell(3, 0))
    text = read(deck, file).pages[0].text
    assert text == "| Area | Staff Men | Staff Women |\n| --- | --- | --- |\n| North | 3 | 4 |\n| North | 5 | 6 |"


def test_numbers_that_powerpoint_makes(file: Path) -> None:
    deck = pptx.Presentation()
    frame = deck.slides.add_slide(deck.slide_layouts[TITLE_AND_TEXT]).placeholders[1].text_frame
    frame.text = "Boil\nCool\nServe\nLater"
    for paragraph, kind in zip(frame.paragraphs, ("arabicPeriod", "arabicPeriod", "alphaLcParenR", ""), strict=True):
        if kind:
            properties = paragraph._p.get_or_add_pPr()
            properties.append(etree.fromstring(f'<a:buAutoNum {NAMESPACES} type="{kind}"/>'))
    assert read(deck, file).pages[0].text == "1. Boil\n2. Cool\na) Serve\n- Later"


def test_raised_characters(file: Path) -> None:
    deck = pptx.Presentation()
    box = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes.add_textbox(0, 0, Inches(3), Inches(1))
    paragraph = box.text_frame.paragraphs[0]
    paragraph.add_run().text = "At least 10"
    power = paragraph.add_run()
    power.text = "6"
    power.font._element.set("baseline", "30000")
    paragraph.add_run().text = " ohm"
    assert read(deck, file).pages[0].text == "At least 10^6 ohm"


def test_diagrams_are_lists_or_a_note(file: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    slide.shapes.title.text = "Sampling"
    slide.shapes._spTree.append(
        etree.fromstring(
            f'<p:graphicFrame {NAMESPACES}><p:nvGraphicFramePr><p:cNvPr id="9" name="D"/><p:cNvGraphicFramePr/><p:nvPr/>'
            '</p:nvGraphicFramePr><p:xfrm/><a:graphic><a:graphicData><dgm:relIds r:dm="rD"/></a:graphicData></a:graphic>'
            "</p:graphicFrame>"
        )
    )
    assert any("Diagrams" in note and "slide 1" in note for note in read(deck, file).notes)
    parts = parts_of(file)
    point = "<dgm:pt><dgm:t><a:p><a:r><a:t>{}</a:t></a:r></a:p></dgm:t></dgm:pt>"
    parts["ppt/diagrams/data1.xml"] = (
        f"<dgm:dataModel {NAMESPACES}><dgm:ptLst>{point.format('Weigh')}{point.format('Mix')}</dgm:ptLst></dgm:dataModel>"
    )
    related(parts, "ppt/slides/slide1.xml", "diagramData", "../diagrams/data1.xml", "rD")
    parsed = load(write_parts(file, parts))
    assert parsed.pages[0].text == "Sampling\n\n- Weigh\n- Mix"
    assert not parsed.notes


def test_comments_of_both_kinds(file: Path) -> None:
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY]).shapes.title.text = "Plan"
    deck.save(str(file))
    whole = parts_of(file)
    old = dict(whole)
    old["ppt/commentAuthors.xml"] = f'<p:cmAuthorLst {NAMESPACES}><p:cmAuthor id="0" name="A. Berg"/></p:cmAuthorLst>'
    old["ppt/comments/c.xml"] = f'<p:cmLst {NAMESPACES}><p:cm authorId="0"><p:text>Too early.</p:text></p:cm></p:cmLst>'
    related(old, "ppt/presentation.xml", "commentAuthors", "commentAuthors.xml", "rA")
    related(old, "ppt/slides/slide1.xml", "comments", "../comments/c.xml", "rC")
    assert load(write_parts(file, old)).pages[0].text == "Plan\n\nComment by A. Berg: Too early."
    new, ns = dict(whole), f'{NAMESPACES} xmlns:q="http://schemas.microsoft.com/office/powerpoint/2018/8/main"'
    said = "<q:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></q:txBody>"
    new["ppt/authors.xml"] = f'<q:authorLst {ns}><q:author id="{{1}}" name="C. Doe"/></q:authorLst>'
    new["ppt/comments/c.xml"] = (
        f'<q:cmLst {ns}><q:cm authorId="{{1}}"><q:replyLst><q:reply authorId="{{1}}">{said.format("Moved.")}</q:reply>'
        f"</q:replyLst>{said.format('Too late.')}</q:cm></q:cmLst>"
    )
    related(new, "ppt/presentation.xml", "authors", "authors.xml", "rA")
    related(new, "ppt/slides/slide1.xml", "comments", "../comments/c.xml", "rC")
    text = load(write_parts(file, new)).pages[0].text
    assert "Comment by C. Doe: Too late." in text
    assert "Comment by C. Doe: Moved." in text


def test_pictures_beside_text_are_said_and_those_alone_need_ocr(file: Path) -> None:
    deck = pptx.Presentation()
    for layout in (TITLE_ONLY, BLANK, BLANK):
        deck.slides.add_slide(deck.slide_layouts[layout]).shapes.add_picture(blank_picture(), 0, 0)
    deck.slides[0].shapes.title.text = "Map"
    deck.slides[2].shapes[0]._element._nvXxPr.cNvPr.set("descr", "The harbour from the north")
    parsed = read(deck, file)
    assert parsed.needs_ocr == (2,)
    assert any("Pictures without" in note and "slide 1" in note and "slide 2" not in note for note in parsed.notes)
    assert parsed.pages[2].text == "The harbour from the north"


def test_hidden_slides_and_embedded_files_are_said(file: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    slide.shapes.title.text = "Budget"
    slide._element.set("show", "0")
    slide.shapes.add_ole_object(io.BytesIO(b"PK\3\4"), "Excel.Sheet.12", 0, 0, Inches(1), Inches(1))
    notes = read(deck, file).notes
    assert any("Hidden slides" in note for note in notes)
    assert any("The attachment" in note for note in notes)


def test_what_every_slide_shows_is_said_once(file: Path) -> None:
    deck = pptx.Presentation()
    layout = deck.slide_layouts[TITLE_ONLY]
    layout.shapes._spTree.append(
        etree.fromstring(
            f'<p:sp {NAMESPACES}><p:nvSpPr><p:cNvPr id="90" name="x"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/>'
            "<p:txBody><a:bodyPr/><a:p><a:r><a:t>Confidential</a:t></a:r></a:p></p:txBody></p:sp>"
        )
    )
    for title in ("One", "Two"):
        deck.slides.add_slide(layout).shapes.title.text = title
    pages = read(deck, file).pages
    assert [page.text for page in pages] == ["One\n\nConfidential", "Two"]


def test_a_chart_of_two_series(file: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    data = CategoryChartData()
    data.categories = ["East", "West"]
    data.add_series("2024", (19.25, None))
    data.add_series("2025", (3, 4))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(4), Inches(2), data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Sales"
    text = read(deck, file).pages[0].text
    assert text == "| Sales | 2024 | 2025 |\n| --- | --- | --- |\n| East | 19.25 | 3 |\n| West |  | 4 |"


def test_figures_of_a_chart_as_its_axis_shows_them(file: Path) -> None:
    deck = pptx.Presentation()
    data = CategoryChartData(number_format="0%")
    data.categories = [dt.date(2026, 3, 1), dt.date(2026, 4, 1)]
    data.add_series("Share", (0.35, 0.425))
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    slide.shapes.add_chart(XL_CHART_TYPE.LINE, 0, 0, Inches(4), Inches(2), data)
    assert read(deck, file).pages[0].text == "|  | Share |\n| --- | --- |\n| 2026-03-01 | 35% |\n| 2026-04-01 | 43% |"


def test_files_that_libraries_refuse(file: Path) -> None:
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY]).shapes.title.text = "A slide"
    deck.save(str(file))
    main = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    for name in (b"slideshow", b"template"):
        parts = {
            part: data.replace(main, main.replace(b"presentation.main", name + b".main"))
            for part, data in parts_of(file).items()
        }
        assert load(write_parts(file.with_suffix(".ppsx"), parts)).pages[0].text == "A slide"
    lost = {name: data for name, data in parts_of(file).items() if "slideLayout" not in name and "theme" not in name}
    assert load(write_parts(file.with_suffix(".potx"), lost)).pages[0].text == "A slide"
    assert load(strict(file)).pages[0].text == "A slide"
