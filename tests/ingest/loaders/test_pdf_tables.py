"""Tables of PDF pages: rows with bars under the names of their columns, drawn with rules or without."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ingest.documents import Parsed
from tests.ingest.loaders.pdf_drawing import Drawn, field_, save

COLUMNS = (60, 160, 240, 460)
PRICES = [
    (["品名"], ["单价"], ["说明"]),
    (["红富士苹果"], ["68元"], ["产地烟台，冷库存放，售出后", "三日内可换"]),
    (["砂糖橘"], [], ["临时缺货"]),
    (["火龙果"], ["6元"], ["红心"]),
]


def pages_of(parsed: Parsed) -> list[str]:
    return [page.text for page in parsed.pages]


def drawn(
    cells: Sequence[Sequence[Sequence[str]]], top: float = 700, step: float = 40, *, bold: bool = False, title: str = ""
) -> Drawn:
    """Cell by cell, as browsers and office programs draw, below a title; `bold`: the first row is."""
    page = Drawn().at(60, 800, title) if title else Drawn()
    for n, row in enumerate(cells):
        for x, cell in zip(COLUMNS, row, strict=False):
            for at, line in enumerate(cell):
                page.at(x + 5, top - 14 - step * n - 13 * at, line, bold=bold and not n)
    return page


def ruled(
    cells: Sequence[Sequence[Sequence[str]]], top: float = 700, step: float = 40, *, bold: bool = False, title: str = ""
) -> Drawn:
    page = drawn(cells, top, step, bold=bold, title=title)
    return page.rules(COLUMNS, [top - step * n for n in range(len(cells) + 1)])


def test_cells_between_rules_are_rows_under_their_names(tmp_path, soundly, blocks):
    page = ruled(PRICES, title="水果店价目表").at(60, 500, "本店自一九九八年开业以来，一直从产地直接进货。")
    parsed = soundly(save(tmp_path / "x.pdf", [page]))
    assert parsed.pages[0].text.split("\n\n")[1] == (
        "| 品名 | 单价 | 说明 |\n| --- | --- | --- |\n"
        "| 红富士苹果 | 68元 | 产地烟台，冷库存放，售出后三日内可换 |\n| 砂糖橘 |  | 临时缺货 |\n| 火龙果 | 6元 | 红心 |"
    )
    assert [kind for kind, _ in blocks(parsed.pages[0])] == ["paragraph", "table", "paragraph"]


def test_a_table_goes_on_under_its_names_on_the_next_page(tmp_path, soundly):
    more = [(["香梨"], ["散装"], ["9元"]), (["榴莲"], ["金枕头"], ["128元"])]
    first = ruled(PRICES, top=240, title="水果店价目表")
    text = pages_of(soundly(save(tmp_path / "x.pdf", [first, ruled(more, top=800).at(60, 400, "完")])))[1]
    assert text.startswith("| 品名 | 单价 | 说明 |\n| --- | --- | --- |\n| 香梨 | 散装 | 9元 |\n")


def test_names_in_a_type_of_their_own_are_names_though_they_look_like_values(tmp_path, soundly):
    cells = [([], ["500 g"], ["750 g"]), (["Water"], ["190 ml"], ["270 ml"]), (["Oil"], ["1 tbsp"], ["2 tbsp"])]
    texts = [pages_of(soundly(save(tmp_path / "x.pdf", [ruled(cells, bold=bold)])))[0] for bold in (True, False)]
    assert texts[0].startswith("|  | 500 g | 750 g |\n| --- |")
    assert texts[1].startswith("|  |  |  |\n| --- |")


def test_a_row_for_each_line_where_rules_stand_between_the_columns_alone(tmp_path, soundly):
    page = Drawn().rules(COLUMNS, (700, 680, 600))
    lines = [
        ("Name", "Stock", "Where"),
        ("Clamp", "12", "Shelf 1"),
        ("Hinge", "7", "Shelf 4"),
        ("Bolt", "310", "Cellar"),
    ]
    for n, line in enumerate(lines):
        for x, text in zip(COLUMNS, line, strict=False):
            page.at(x + 5, 686 - 22 * n, text)
    text = pages_of(soundly(save(tmp_path / "x.pdf", [page])))[0]
    assert text.split("\n")[2:] == ["| Clamp | 12 | Shelf 1 |", "| Hinge | 7 | Shelf 4 |", "| Bolt | 310 | Cellar |"]


@pytest.mark.parametrize("bold", [True, False])
def test_without_rules_columns_need_names_beyond_doubt(tmp_path, soundly, bold):
    cells = [(["Day"], ["Early"], ["Late"]), (["Monday"], ["Ann"], ["Bob"]), (["Tuesday"], ["Cecil"], ["Dora"])]
    text = pages_of(soundly(save(tmp_path / "x.pdf", [drawn(cells, bold=bold)])))[0]
    assert ("| Monday | Ann | Bob |" in text) == bold
    assert ("Monday Ann Bob" in text) != bold


def test_a_frame_around_prose_and_a_drawing_are_no_tables(tmp_path, soundly):
    page = Drawn().rules((50, 300, 550), (780, 760, 500)).at(60, 765, "Left").at(310, 765, "Right")
    for n in range(14):
        page.at(60, 740 - 15 * n, f"This is line {n} of a column that says something").at(
            310, 740 - 15 * n, f"and that is line {n} of what stands beside it"
        )
    page.rules(range(100, 501, 20), range(420, 99, -20)).at(105, 85, "Jan").at(205, 305, "Peak")
    assert "|" not in pages_of(soundly(save(tmp_path / "x.pdf", [page])))[0]


def test_a_field_in_a_cell_is_what_the_cell_says(tmp_path, soundly):
    page = ruled([(["Item"], ["Size"], ["Remark"]), (["Coat"], [], ["warm"]), (["Shoes"], ["41"], ["old"])], bold=True)
    page.annotations.append(field_("size", "Tx", (165, 640, 230, 655), "XL"))
    assert "| Coat | XL | warm |" in pages_of(soundly(save(tmp_path / "x.pdf", [page])))[0]


def test_a_table_within_a_drawing_placed_on_the_page_is_one(tmp_path, soundly):
    import pypdf
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, RectangleObject

    book = pypdf.PdfWriter(clone_from=save(tmp_path / "x.pdf", [ruled(PRICES)]))
    page, form = book.pages[0], DecodedStreamObject()
    form.set_data(page.get_contents().get_data())
    form.update({
        NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form"),
        NameObject("/BBox"): RectangleObject(page.mediabox), NameObject("/Resources"): page["/Resources"],
    })  # fmt: skip
    held, content = DictionaryObject({NameObject("/Placed"): book._add_object(form)}), DecodedStreamObject()
    content.set_data(b"q .8 0 0 .8 20 120 cm /Placed Do Q")
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): held})
    page[NameObject("/Contents")] = book._add_object(content)
    book.write(tmp_path / "placed.pdf")
    text = soundly(tmp_path / "placed.pdf").pages[0].text
    assert text.startswith("| 品名 | 单价 | 说明 |\n| --- | --- | --- |\n| 红富士苹果 | 68元 |")
    assert "| 砂糖橘 |  | 临时缺货 |" in text
