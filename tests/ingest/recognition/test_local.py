"""Recognition with the models that come with rapidocr, on pictures of a few lines: each costs tenths of a second."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

pytest.importorskip("rapidocr", reason="the extra 'ocr' is not installed")

from ingest.loaders.scan_layout import leaf_of
from ingest.recognition.local import LocalReader
from tests.benchmarks.scans import font, font_file
from tests.ingest.recognition.conftest import written

TEXT = ("Invoice 2048 of 17 March", "The pump moves 35 litres per minute.")


@pytest.fixture(scope="module")
def reader() -> LocalReader:
    return LocalReader(threads=1)


def read(reader: LocalReader, picture: Image.Image):
    return reader.read(np.asarray(picture))


def texts(found) -> list[str]:
    return [line.text for line in sorted(found.lines, key=lambda line: line.box[1])]


def test_lines_have_their_text_and_their_place(reader: LocalReader) -> None:
    found = read(reader, written(*TEXT))
    assert texts(found) == list(TEXT)
    first = min(found.lines, key=lambda line: line.box[1])
    left, top, right, bottom = first.corners[0], first.corners[1], first.corners[2], first.corners[5]
    assert left * 640 == pytest.approx(20, abs=8)
    assert top * 200 < 26 < bottom * 200 < 62
    assert 250 < right * 640 < 330


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_page_is_read_and_its_lines_found_where_they_stand(reader: LocalReader, quarters: int) -> None:
    upright = read(reader, written(*TEXT))
    found = read(reader, written(*TEXT).rotate(90 * quarters, expand=True))
    assert texts(found) == list(TEXT)
    begins = min(found.lines, key=lambda line: line.box[1]).corners[:2]
    x, y = min(upright.lines, key=lambda line: line.box[1]).corners[:2]
    for _ in range(quarters):  # a quarter turn counter-clockwise
        x, y = y, 1 - x
    assert begins == pytest.approx((x, y), abs=0.03)


def test_a_page_askew_is_level_again(reader: LocalReader) -> None:
    found = read(reader, written(*TEXT).rotate(6, Image.Resampling.BICUBIC, expand=True, fillcolor="white"))
    assert texts(found) == list(TEXT)
    for line in found.lines:
        assert line.box[3] - line.box[1] < 70, "the boxes are those of the page made level (here at twice its size)"


def test_a_ruled_table_has_its_cells_also_those_that_span(reader: LocalReader) -> None:
    sheet = Image.new("RGB", (900, 330), "white")
    draw, face = ImageDraw.Draw(sheet), ImageFont.load_default(22)
    rows = [("Item", "Size", "Price"), ("Valve", "12", "845.50"), ("", "15", "912.00"), ("Filter", "20", "73.25")]
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            left, top = 30 + c * 270, 30 + r * 65
            draw.text((left + 15, top + 18), text, "black", face)
            if (r, c) not in ((1, 0), (2, 0)):
                draw.rectangle((left, top, left + 270, top + 65), outline="black", width=2)
    draw.rectangle((30, 95, 300, 225), outline="black", width=2)
    text = leaf_of(read(reader, sheet)).text
    assert "| Item | Size | Price |" in text
    assert "| Valve | 12 | 845.50 |" in text
    assert "| Valve | 15 | 912.00 |" in text, "the label of a cell over two rows is carried into both"
    assert "| Filter | 20 | 73.25 |" in text


def test_chinese_with_figures(reader: LocalReader) -> None:
    if font_file(chinese=True) is None:
        pytest.skip("no font with Chinese characters on this machine")
    line = "承租人应在每月5日前支付租金3,850元。"
    found = read(reader, written(line, face=font(11, chinese=True)))
    assert texts(found) == [line.replace(",", found.lines[0].text[14])] or texts(found) == [line]


def test_noise_and_an_empty_page_hold_nothing(reader: LocalReader) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 300, 3)).astype(np.uint8)
    assert not reader.read(noise).lines
    assert not read(reader, Image.new("RGB", (300, 200), "white")).lines


def test_a_jpeg_of_poor_quality(reader: LocalReader) -> None:
    file = io.BytesIO()
    written(*TEXT).save(file, "JPEG", quality=20)
    assert texts(read(reader, Image.open(file).convert("RGB"))) == list(TEXT)
