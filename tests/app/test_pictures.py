from __future__ import annotations

import io

from PIL import Image

from app.page_drawing import COLOUR, folded
from app.pictures import page_picture

LINES = [
    "Employee handbook",
    "Every employee has ten days of annual",
    "leave a year. Unused days expire in March.",
    "End.",
]


def marked_rows(png: bytes) -> list[int]:
    picture = Image.open(io.BytesIO(png))
    width, height = picture.size
    pixels = picture.load()
    return [y for y in range(height) if any(pixels[x, y] == COLOUR for x in range(0, width, 3))]


def test_the_quote_is_marked_across_two_lines_and_nowhere_else(tmp_path, write_pdf):
    path = write_pdf(tmp_path / "a.pdf", [["first page"], LINES])
    picture = page_picture(path, 2, "ten days of annual leave a year.", width=612)
    assert picture is not None
    assert (picture.marks, picture.exact) == (2, True)
    rows = marked_rows(picture.png)
    # Lines are set at 792-720=72 with 18 of leading: the second and third baseline lie at 90 and 108.
    assert 75 <= min(rows) <= 82
    assert 108 <= max(rows) <= 116


def test_a_quote_that_differs_a_little_is_marked_as_near(tmp_path, write_pdf):
    path = write_pdf(tmp_path / "a.pdf", [LINES])
    picture = page_picture(path, 1, "Every employee has ten day of annual leave a year")
    assert picture is not None
    assert picture.marks == 2
    assert not picture.exact


def test_a_quote_not_on_the_page_gives_the_page_without_a_mark(tmp_path, write_pdf):
    path = write_pdf(tmp_path / "a.pdf", [LINES])
    picture = page_picture(path, 1, "量子色动力学 entirely something else")
    assert picture is not None
    assert picture.marks == 0
    assert marked_rows(picture.png) == []


def test_no_picture_of_what_is_missing_broken_or_too_short(tmp_path, write_pdf):
    assert page_picture(tmp_path / "gone.pdf", 1) is None
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 nonsense")
    assert page_picture(broken, 1) is None
    assert page_picture(write_pdf(tmp_path / "a.pdf", [LINES]), 2) is None


def test_folding_ignores_what_two_extractions_differ_in():
    assert folded("Ｆull-\nwidth ﬁne，年 假。") == folded("full width fine,年假")
