"""Where the rules of tables run, in drawn pictures: no models here."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the extra 'ocr' is not installed")

from PIL import Image, ImageDraw

from ingest.recognition.rules import frames_of, parted

ROWS, COLUMNS = (100, 160, 220, 280), (50, 300, 600)
TEXT = np.array(
    [[60 + 250 * c, 118 + 60 * r, 160 + 250 * c, 142 + 60 * r] for r in range(3) for c in range(2)], np.float32
)


def drawn(colour: int, paper: int, grain: float = 0.0, width: int = 2) -> np.ndarray:
    """A grid of three rows and two columns, words in its cells; the first cell of the last two rows is one."""
    sheet = Image.new("L", (700, 400), paper)
    draw = ImageDraw.Draw(sheet)
    for y in ROWS:
        draw.line((300 if y == 220 else 50, y, 600, y), colour, width)
    for x in COLUMNS:
        draw.line((x, 100, x, 280), colour, width)
    for left, top, right, bottom in TEXT.tolist():
        for x in range(int(left), int(right), 12):
            draw.line((x, top + 3, x, bottom - 3), 0 if paper > 128 else 255, 3)
    noise = np.random.default_rng(3).normal(0, grain, (400, 700)) if grain else 0
    grey = (np.asarray(sheet, np.float32) + noise).clip(0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


@pytest.mark.parametrize(
    "picture",
    [drawn(0, 255), drawn(150, 225, 12), drawn(200, 30)],
    ids=["black", "a grey hairline on grainy paper", "light on dark"],
)
def test_the_cells_of_a_grid_with_those_that_span(picture: np.ndarray) -> None:
    (frame,) = frames_of(picture, TEXT)
    assert frame.columns == pytest.approx(COLUMNS, abs=3)
    assert frame.rows == pytest.approx(ROWS, abs=3)
    assert set(frame.cells) == {(0, 0, 0, 0), (0, 1, 0, 1), (1, 0, 2, 0), (1, 1, 1, 1), (2, 1, 2, 1)}


def test_a_stroke_that_parts_no_cells_makes_no_row() -> None:
    picture = drawn(0, 255)
    picture[128:131, 0:52] = 0  # runs into the table from outside
    (frame,) = frames_of(picture, TEXT)
    assert frame.rows == pytest.approx(ROWS, abs=3)


def test_strokes_of_large_letters_and_lines_below_words_are_no_table() -> None:
    picture = np.full((300, 700, 3), 255, np.uint8)
    for x in (100, 150, 200):  # as the sign 田 of a large title
        picture[50:150, x : x + 6] = 0
    for y in (50, 100, 145):
        picture[y : y + 6, 100:206] = 0
    title, word = [90, 40, 216, 160], [60, 200, 400, 230]
    picture[228:231, 60:400] = 0
    assert frames_of(picture, np.array([title, word, word, word], np.float32)) == ()


def test_a_line_over_a_wall_is_cut_there() -> None:
    (frame,) = frames_of(drawn(0, 255), TEXT)
    over = np.array([[(200, 118), (420, 118), (420, 142), (200, 142)]], np.float32)
    pieces = parted(over, (frame,))
    assert [x for p in pieces for x in (p[0, 0], p[1, 0])] == pytest.approx([200, 300, 300, 420], abs=3)
    within = (over - (130, 0)).astype(np.float32)
    assert len(parted(within, (frame,))) == 1
