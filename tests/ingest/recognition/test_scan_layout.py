"""From lines with places to a page: no recognition here."""

from __future__ import annotations

from ingest.loaders.pdf_pages import pages_of
from ingest.loaders.scan_layout import leaf_of
from ingest.recognition import Frame, TextLine
from tests.ingest.recognition.conftest import lines_of, page_of


def page(found):
    (made,) = pages_of([leaf_of(found)], [()], [], [""])
    assert all(made.text[block.start : block.end].strip() for block in made.blocks)
    return made


def cell(text: str, left: float, top: float, right: float | None = None) -> TextLine:
    right = left + 10 * len(text) if right is None else right
    return TextLine(text, (left, top, right, top + 20), (0.0,) * 8)


def test_what_the_gap_of_a_line_has_parted_is_one_line_again() -> None:
    made = page(page_of(cell("Name", 50, 100), cell("Ada", 110, 103), cell("born in 1815", 50, 130)))
    assert made.text.split("\n")[0] == "Name Ada"


def test_columns_without_rules_are_a_table_with_empty_cells_and_figures_set_to_the_right() -> None:
    rows = [("Item", "Number", "Price"), ("Valve", "12", "845.50"), ("Filter", "", "73.25"), ("Pump", "3", "12,000.00")]
    lines = [
        cell(text, 50 if not c else 200 + 150 * c - 10 * len(text), 100 + 40 * r)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
        if text
    ]
    made = page(page_of(cell("Stock in March", 50, 50), *lines, cell("Counted by hand.", 50, 400)))
    assert "| Item | Number | Price |\n| --- | --- | --- |\n| Valve | 12 | 845.50 |\n| Filter |  | 73.25 |" in made.text
    assert made.text.startswith("Stock in March")
    assert made.text.endswith("Counted by hand.")
    assert [place.text for place in made.places][:4] == ["Stock in March", "Item", "Number", "Price"]


def test_two_columns_of_prose_are_read_one_after_the_other() -> None:
    left = [
        "the rain came late that year and",
        "the fields were dry until the end",
        "of june when a storm from the",
        "west broke over the valley and",
    ]
    right = [
        "nobody had seen the river so high",
        "since the bridge was built by the",
        "miners who came from the north",
        "with their carts and their dogs",
    ]
    lines = [
        line
        for n in range(4)
        for line in (cell(left[n], 50, 100 + 30 * n, 440), cell(right[n], 520, 100 + 30 * n, 910))
    ]
    made = page(page_of(*lines))
    assert made.text.index(left[3]) < made.text.index(right[0])
    assert [place.text for place in made.places] == left + right


def test_a_ruled_table_with_a_wrapped_cell() -> None:
    frame = Frame((50, 300, 600), (100, 160, 260), ((0, 0, 0, 0), (0, 1, 0, 1), (1, 0, 1, 0), (1, 1, 1, 1)))
    made = page(
        page_of(
            cell("Part", 60, 120), cell("Remark", 310, 120), cell("Seal", 60, 170), cell("replaced", 310, 170), cell("in May", 310, 200),
            frames=(frame,),
        )
    )  # fmt: skip
    assert "| Seal | replaced in May |" in made.text


def test_a_frame_around_prose_is_no_table() -> None:
    frame = Frame((40, 700), (90, 400), ((0, 0, 0, 0),))
    made = page(page_of(*lines_of("Only a box", "around two lines"), frames=(frame,)))
    assert "|" not in made.text


def test_what_a_server_wrote_keeps_its_headings_and_tables() -> None:
    made = page(page_of(markdown="# Report\n\nAll is well.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n"))
    assert [block.kind for block in made.blocks] == ["heading", "paragraph", "table"]
    assert made.places == ()
