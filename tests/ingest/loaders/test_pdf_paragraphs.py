"""PDF: which lines are one paragraph, item or cell, where the column is narrow or the cells were drawn apart."""

from __future__ import annotations

import pytest

from tests.ingest.loaders.pdf_drawing import Drawn, save

COLUMNS = [
    ["Year 4 swims on Thursdays from", "16 April. Bring a towel, a cap and", "goggles. The coach leaves at 9.10", "and is back by noon. It costs 3.20",
     "a lesson, paid by ParentPay before", "10 April."],
    ["Do not stop on the zigzag lines", "between 8.30 and 9.15 or between", "3 and 3.45. The camera car of the", "council comes on Mondays and on",
     "Wednesdays."],
]  # fmt: skip


def paragraphs(parsed):
    return [part for page in parsed.pages for part in page.text.split("\n\n")]


def test_a_narrow_column_goes_on_in_capitals_and_figures(tmp_path, soundly):
    page = Drawn()
    for x, lines in zip((60, 320), COLUMNS, strict=True):
        for n, line in enumerate(lines):
            page.at(x, 740 - 14.7 * n, line)
    assert paragraphs(soundly(save(tmp_path / "x.pdf", [page]))) == [" ".join(lines) for lines in COLUMNS]


def test_in_a_narrow_column_more_space_ends_a_paragraph(tmp_path, soundly):
    page, y = Drawn(), 740.0
    dates = ["17 April: photographs of classes", "1 May: the school stays closed", "8 May: planetarium, Year 6 only"]
    for lines in (COLUMNS[0], *([date] for date in dates)):
        for line in lines:
            page.at(60, y, line)
            y -= 14.7
        y -= 4.5
    assert paragraphs(soundly(save(tmp_path / "x.pdf", [page]))) == [" ".join(COLUMNS[0]), *dates]


@pytest.mark.parametrize(
    "lines",
    [
        ["Ruth Amsel", "12 Mill Lane", "Ely CB7 4XX", "01353 555 0110"],
        ["Flour 500 g", "Butter 250 g", "Sugar 120 g", "Eggs 3", "Salt"],
        ["Mondays: Rowing", "Tuesdays: Chess", "Wednesdays: Choir", "Fridays: Film"],
    ],
)
def test_short_lines_are_no_column_of_prose(tmp_path, soundly, lines):
    page = Drawn()
    for n, line in enumerate(lines):
        page.at(60, 740 - 14.7 * n, line)
    text = "\n".join(paragraphs(soundly(save(tmp_path / "x.pdf", [page]))))
    assert [line for line in text.split("\n") if line] == lines


def test_choices_of_an_exam_are_items(tmp_path, soundly):
    lines = [
        "1．下列物体中属于光源的是哪一个",
        "A．月亮",
        "B．点燃的蜡烛",
        "2．声音在下列介质中传播最快的是哪一个",
        "A．空气",
        "B．钢",
    ]
    page = Drawn()
    for n, line in enumerate(lines):
        page.at(60, 740 - 18 * n, line)
    assert "\n".join(paragraphs(soundly(save(tmp_path / "x.pdf", [page])))) == "\n".join(lines)


@pytest.mark.parametrize(("name", "below"), [("适用面积", "价格"), ("Floor", "Price")])
def test_a_name_whose_cells_were_drawn_last_is_not_run_into_the_next(tmp_path, soundly, name, below):
    page = Drawn()
    for n, row in enumerate([["Model", "ZX-100", "ZX-200"], ["Power", "750 W", "900 W"], ["Noise", "52 dB", "55 dB"], [name],
                             [below, "2,399", "3,199"], ["Weight", "12 kg", "15 kg"]]):  # fmt: skip
        for x, cell in zip((60, 160, 260), row, strict=False):
            page.at(x, 740 - 15 * n, cell)
    for x, cell in ((160, "20-30"), (260, "30-45")):
        page.at(x, 740 - 15 * 3, cell)
    text = "\n".join(paragraphs(soundly(save(tmp_path / "x.pdf", [page]))))
    assert f"{name}{below}" not in text
    assert f"{name} {below}" not in text
