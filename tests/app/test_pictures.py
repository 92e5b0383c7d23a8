from __future__ import annotations

import io

from PIL import Image

from app.page_drawing import COLOUR, folded
from app.pictures import page_picture
from ingest import PlacedLine

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


def test_a_quote_on_a_recognised_page_is_marked_by_its_lines(tmp_path):
    # Two lines of a picture, the quote from the middle of the first into the second; the second stands askew.
    path = tmp_path / "scan.png"
    Image.new("RGB", (600, 400), "white").save(path)
    places = (
        PlacedLine("ten days of leave", (0.1, 0.1, 0.9, 0.1, 0.9, 0.2, 0.1, 0.2)),
        PlacedLine("a year.", (0.1, 0.5, 0.5, 0.6, 0.5, 0.7, 0.1, 0.6)),
    )
    picture = page_picture(path, 1, "of leave a year", places=places, width=600)
    assert (picture.marks, picture.exact) == (2, True)
    drawn = Image.open(io.BytesIO(picture.png))
    assert drawn.size == (600, 400)
    assert drawn.getpixel((500, 60)) == COLOUR, "the end of the first line"
    assert drawn.getpixel((100, 60)) == (255, 255, 255), "its beginning is not in the quote"
    assert drawn.getpixel((180, 240)) == COLOUR
    assert drawn.getpixel((280, 205)) == (255, 255, 255), "above the line that falls"
    rows = marked_rows(picture.png)
    assert 38 <= min(rows) <= 42


def test_a_picture_turned_by_the_camera_and_a_page_of_a_tiff_are_drawn_as_shown(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (600, 400), "white").save(tmp_path / "a.jpg", exif=exif)
    assert Image.open(io.BytesIO(page_picture(tmp_path / "a.jpg", 1, width=400).png)).size == (400, 600)
    Image.new("RGB", (60, 40), "white").save(
        tmp_path / "a.tif", save_all=True, append_images=[Image.new("RGB", (40, 60), "red")]
    )
    assert Image.open(io.BytesIO(page_picture(tmp_path / "a.tif", 2, width=40).png)).size == (40, 60)
    assert page_picture(tmp_path / "a.tif", 3) is None
