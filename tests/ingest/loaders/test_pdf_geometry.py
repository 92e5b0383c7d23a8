"""PDF by geometry: what runs, reading order, raised characters, turned pages, fields and comments, attached files."""

from __future__ import annotations

import pytest
from pypdf import PdfWriter
from pypdf.annotations import FreeText, Text
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    RectangleObject,
    StreamObject,
    TextStringObject,
)

from ingest.language import speaking
from ingest.loaders.sniff import sniff
from tests.ingest.loaders.pdf_drawing import Drawn, field_, save

LETTER, SLIDE = (612, 792), (960, 540)
LEFT = [
    "The committee met on Monday and", "discussed the repair of the north", "bridge. It found that the deck must",
    "be renewed before the winter, and", "asked the engineer for a plan. The", "plan is due on the fifth of May.",
]  # fmt: skip
RIGHT = [
    "In other business the treasurer", "reported that the parking fees have", "risen to nine thousand francs. The",
    "surplus goes to the school library,", "which will open on Saturdays from", "September on, as the parents asked.",
]  # fmt: skip
THIRD = [
    "The harbour office reminds owners", "of boats that moorings are paid in", "advance. Whoever pays later than in",
    "March loses the place, which then", "goes to the first on the list that", "is kept by the harbour master.",
]  # fmt: skip


def text_of(parsed):
    return "\n\n".join(page.text for page in parsed.pages)


def flat(parsed):
    return " ".join(text_of(parsed).split())


# What runs


@pytest.mark.parametrize("size", [(595, 842), LETTER, SLIDE])
def test_rows_of_a_list_that_goes_on_are_no_running_lines(tmp_path, soundly, size):
    pages = []
    for number in range(4):
        page = Drawn(size).at(60, size[1] - 60, "Spare parts 2026").at(60, size[1] - 80, "Part Use Price")
        rows = int(size[1] - 170) // 20
        for n in range(rows):
            k = number * rows + n
            page.at(60, size[1] - 100 - 20 * n, f"P-{k}").at(200, size[1] - 100 - 20 * n, f"Valve {k}")
            page.at(400, size[1] - 100 - 20 * n, f"{20.5 + k:.2f}")
        pages.append(page.at(size[0] / 2, 30, f"Page {number + 1} of 4"))
    parsed = soundly(save(tmp_path / "parts.pdf", pages))
    text = text_of(parsed)
    assert all(f"P-{k} Valve {k} {20.5 + k:.2f}" in text for k in range(4 * rows))
    assert text.count("Spare parts 2026") == 1 == text.count("Part Use Price")
    assert "of 4" not in text


def test_numbers_of_forms_that_grow_page_by_page_stay(tmp_path, soundly):
    pages = [
        Drawn().at(60, 790, f"Permit No. {810 + n}").at(60, 770, f"Fee: {30 + n} francs").at(60, 750, f"Day {n + 1}")
        .at(60, 500, f"Holder {'ABCDE'[n]}").at(60, 60, f"Step {n + 1}").at(60, 40, "Issued by the harbour office")
        for n in range(5)
    ]  # fmt: skip
    parsed = soundly(save(tmp_path / "permits.pdf", pages))
    for n, page in enumerate(parsed.pages):
        for line in (f"Permit No. {810 + n}", f"Fee: {30 + n} francs", f"Day {n + 1}", f"Step {n + 1}"):
            assert line in page.text
    assert [page.text.count("Issued by") for page in parsed.pages] == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "footer", ["Page {n} of 9", "{n} / 9", "- {n} -", "{n}", "第{n}页", "第 {n} 页 共 9 页", "Seite {n} von 9"]
)
def test_page_numbers_go_and_become_labels(tmp_path, soundly, footer):
    pages = [
        Drawn().at(60, 700, f"Something about {word}.").at(280, 40, footer.format(n=n + 4))
        for n, word in enumerate(("apples", "pears", "plums", "figs"))
    ]
    parsed = soundly(save(tmp_path / "x.pdf", pages))
    assert [page.text for page in parsed.pages] == [
        f"Something about {w}." for w in ("apples", "pears", "plums", "figs")
    ]
    assert [page.label for page in parsed.pages] == ["4", "5", "6", "7"]


def test_a_number_far_beside_the_title_is_the_pages(tmp_path, soundly):
    words = ("apples", "pears", "plums", "figs")
    pages = [
        Drawn().at(60, 800, "Orchard report").at(520, 800, f"{n + 7}").at(60, 600, f"About {word}.")
        for n, word in enumerate(words)
    ]
    parsed = soundly(save(tmp_path / "x.pdf", pages))
    assert [page.text.count("Orchard report") for page in parsed.pages] == [1, 0, 0, 0]
    assert [page.label for page in parsed.pages] == ["7", "8", "9", "10"]


def test_the_number_of_a_form_beside_its_label_is_not_the_pages(tmp_path, soundly):
    pages = [
        Drawn().at(60, 800, "Certificate No.").at(300, 800, f"{2041 + n}").at(60, 600, f"About {word}.")
        for n, word in enumerate(("apples", "pears", "plums"))
    ]
    parsed = soundly(save(tmp_path / "x.pdf", pages))
    assert all(f"Certificate No. {2041 + n}" in page.text for n, page in enumerate(parsed.pages))


def test_footers_with_a_text_of_their_own_stay_and_left_and_right_headers_leave_one_copy_each(tmp_path, soundly):
    words = ("apples", "pears", "plums", "figs", "dates", "limes", "kiwis", "melons")
    pages = [
        Drawn().at(60 if n % 2 else 400, 800, "Orchard report" if n % 2 else "Third volume")
        .at(60, 500, f"All about {word}.").at(60, 40, f"Written by {word}' friends")
        for n, word in enumerate(words)
    ]  # fmt: skip
    text = text_of(soundly(save(tmp_path / "x.pdf", pages)))
    assert text.count("Orchard report") == text.count("Third volume") == 1
    assert all(f"Written by {word}" in text for word in words)


def test_the_same_line_at_different_heights_or_in_the_text_stays(tmp_path, soundly):
    pages = [
        Drawn().at(60, 800 - 17 * n, "Result: passed").at(60, 500, f"Sample {word}").at(60, 300, "Signed: A. Weber")
        for n, word in enumerate(("one", "two", "three", "four"))
    ]
    text = text_of(soundly(save(tmp_path / "x.pdf", pages)))
    assert text.count("Result: passed") == text.count("Signed: A. Weber") == 4


def test_a_header_that_stays_is_not_run_into_the_text(tmp_path, soundly, blocks):
    header = "Rules of the committee on the award of moorings, berths and other places in the old harbour"
    body = "The committee meets every month and decides by a simple majority about each application that"
    pages = [Drawn().at(60, 800, header).at(60, 700, body).at(60, 685, f"has come in. {w}") for w in "abcd"]
    page = soundly(save(tmp_path / "x.pdf", pages)).pages[0]
    assert (header, f"{body} has come in. a") == tuple(text for _, text in blocks(page))


# Raised and lowered characters


def test_raised_and_lowered_figures_keep_what_they_say(tmp_path, soundly):
    page = Drawn().run(
        60, 700, [("at least 10", 12, 0), ("6", 7, 5), (" ohm and 10", 12, 0), ("-3", 7, 5), (" bar", 12, 0)]
    )
    page.run(60, 660, [("H", 12, 0), ("2", 7, -3), ("O over 5 m", 12, 0), ("2", 7, 5), (", see the tide table", 12, 0)])
    page.run(60, 620, [("The tide table", 12, 0), ("1", 7, 5), (" holds, and CO", 12, 0), ("2", 7, -3), (".", 12, 0)])
    text = flat(soundly(save(tmp_path / "x.pdf", [page])))
    assert "at least 10^6 ohm and 10^-3 bar" in text
    assert "H₂O over 5 m², see" in text
    assert "The tide table ¹ holds, and CO₂." in text


def test_small_and_large_letters_on_one_line_are_neither(tmp_path, soundly):
    page = Drawn().run(60, 700, [("W", 12, 0), ("INTER", 8, 0), (" 10", 12, 0), ("25", 8, 0)])
    page.run(60, 600, [("O", 30, 0), ("nce upon a time", 11, 0)])
    assert flat(soundly(save(tmp_path / "x.pdf", [page]))) == "WINTER 1025 Once upon a time"


# Columns


def across(columns, *, size=(595, 842), left=60, step=15, offset=0, font=11):
    page = Drawn(size)
    width = (size[0] - 2 * left) / len(columns)
    for lines in zip(*columns, strict=True):
        for n, line in enumerate(lines):
            row = columns[n].index(line)
            page.at(left + n * width, size[1] - 130 - step * row - offset * n, line, size=font)
    return page


@pytest.mark.parametrize(("columns", "size", "offset", "font"), [
    ([LEFT, RIGHT], (595, 842), 0, 11), ([LEFT, RIGHT], LETTER, 4, 12), ([LEFT, RIGHT, THIRD], (842, 595), 0, 11),
    ([LEFT, RIGHT, THIRD], (595, 842), 0, 8), ([LEFT, THIRD], (420, 595), 7, 8),
])  # fmt: skip
def test_columns_drawn_line_by_line_are_read_one_after_the_other(tmp_path, soundly, columns, size, offset, font):
    page = across(columns, size=size, offset=offset, font=font)
    page.at(60, size[1] - 100, "Minutes of the meeting of the town council, which was held in the old hall", size=font)
    page.at(size[0] / 2, 40, "7")
    text = flat(soundly(save(tmp_path / "x.pdf", [page])))
    places = [text.index(" ".join(lines)) for lines in columns]
    assert places == sorted(places)
    assert text.startswith("Minutes of the meeting")


def test_chinese_columns_drawn_line_by_line(tmp_path, soundly):
    left = [
        "委员会于星期一召开会议讨论北桥的",
        "维修问题认为桥面必须在冬季之前更",
        "换并请工程师提出方案该方案应于五",
        "月五日之前提交。",
    ]
    right = [
        "财务主管报告停车费已经上涨至九千",
        "元盈余将用于学校图书馆该馆自九月",
        "起每逢星期六开放这是家长们的要求",
        "已经讨论多次。",
    ]
    page = across([left, right])
    text = text_of(soundly(save(tmp_path / "x.pdf", [page])))
    assert "该方案应于五月五日之前提交。" in text
    assert "".join(right) in text


@pytest.mark.parametrize("order", ["names first", "texts first", "side by side"])
def test_a_name_set_downwards_stands_before_what_it_names(tmp_path, soundly, order):
    page = Drawn().at(250, 790, "电子发票", size=18)
    sides = [
        (35, "购买方信息", ["名称：上海某某贸易公司", "税号：甲一"]),
        (305, "销售方信息", ["名称：杭州示例科技公司", "税号：乙二"]),
    ]
    names = [(x, 747 - 12 * n, char) for x, name, _ in sides for n, char in enumerate(name)]
    texts = [(x + 21, 740 - 35 * n, line) for x, _, lines in sides for n, line in enumerate(lines)]
    if order == "side by side":
        texts.sort(key=lambda text: -text[1])
    for x, y, text in texts + names if order == "texts first" else names + texts:
        page.at(x, y, text, size=9)
    page.at(40, 660, "项目", size=9).at(230, 660, "单位", size=9).at(40, 645, "打印纸", size=9).at(
        230, 645, "箱", size=9
    )
    text = text_of(soundly(save(tmp_path / "x.pdf", [page])))
    assert text.split() == [
        "电子发票", "购买方信息", "名称：上海某某贸易公司", "税号：甲一", "销售方信息", "名称：杭州示例科技公司", "税号：乙二",
        "项目", "单位", "打印纸", "箱",
    ]  # fmt: skip


def test_columns_of_single_characters_stay_in_their_rows(tmp_path, soundly):
    rows = [("王芳", "女", "甲"), ("李雷", "男", "乙"), ("赵敏", "女", "丙"), ("钱进", "男", "丁")]
    page = Drawn()
    for n, row in enumerate(rows):
        for x, text in zip((60, 200, 260), row, strict=True):
            page.at(x, 700 - 14 * n, text, size=9)
    text = text_of(soundly(save(tmp_path / "x.pdf", [page])))
    assert [tuple(line.split()) for line in text.split("\n") if line] == rows


def test_rows_of_a_table_stay_rows(tmp_path, soundly):
    rows = [
        ("Inspection of the boiler in the cellar", "every twenty-four months", "120"),
        ("Change of the filter in the kitchen", "every six months", "35"),
        ("Test of the lift by an engineer", "every twelve months", "410"),
        ("Cleaning of the chimney", "every year in autumn", "75"),
    ]
    page = Drawn()
    for n, cells in enumerate(rows):
        for x, cell in zip((60, 300, 480), cells, strict=True):
            page.at(x, 700 - 18 * n, cell)
    text = text_of(soundly(save(tmp_path / "x.pdf", [page])))
    assert all(" ".join(cells) in text for cells in rows)


def test_cells_that_are_wrapped_stay_with_their_row(tmp_path, soundly):
    page = Drawn()
    for n in range(3):
        for row, (a, b) in enumerate(zip(LEFT[2 * n : 2 * n + 2], RIGHT[2 * n : 2 * n + 2], strict=True)):
            page.at(60, 700 - 38 * n - 14 * row, a).at(320, 700 - 38 * n - 14 * row, b)
    text = flat(soundly(save(tmp_path / "x.pdf", [page])))
    for n in range(3):
        assert " ".join([*LEFT[2 * n : 2 * n + 2], *RIGHT[2 * n : 2 * n + 2]]) in text


CODES = [
    ("E01", ["The valve makes a noise", "after it was cleaned"], ["Loosen the left screw by", "two turns"], "3.50"),
    ("E02", ["The pump is loud"], ["Oil the bearing, wait for", "ten minutes, then start it", "again"], "6.50"),
    ("E03", ["The fan stands still", "in the morning"], ["Clean it"], "9.50"),
]


@pytest.mark.parametrize("row_by_row", [True, False])
def test_a_row_whose_cells_are_drawn_one_after_the_other_is_one_line(tmp_path, soundly, row_by_row):
    page = Drawn()
    for x, name in zip((60, 110, 270, 460), ("Code", "Defect", "Remedy", "Cost"), strict=True):
        page.at(x, 740, name)
    for n, (code, defect, remedy, cost) in enumerate(CODES):
        top = 715 - 50 * n
        page.at(60, top, code)
        for x, lines in ((110, defect), (270, remedy)):
            for row, line in enumerate(lines):
                page.at(x, top - 14 * row, line)
        if row_by_row:
            page.at(460, top, cost)
    text = text_of(soundly(save(tmp_path / "x.pdf", [page])))
    for code, defect, remedy, cost in CODES:
        cells = [code, " ".join(defect), " ".join(remedy)]
        row = f"| {' | '.join([*cells, cost])} |" if row_by_row else " ".join(cells)
        assert row in text.split("\n")
    if row_by_row:
        assert text.startswith("| Code | Defect | Remedy | Cost |\n| --- | --- | --- | --- |\n")


def test_numbered_paragraphs_and_columns_are_no_rows_of_cells(tmp_path, soundly):
    page = Drawn()
    for n in range(3):
        page.at(60, 740 - 60 * n, f"({n + 1})")
        for row, line in enumerate((LEFT, RIGHT, THIRD)[n][:4]):
            page.at(90, 740 - 60 * n - 14 * row, line)
    for x, lines in ((60, LEFT), (320, RIGHT)):
        for row, line in enumerate(lines):
            page.at(x, 520 - 14 * row, line)
    text = text_of(soundly(save(tmp_path / "x.pdf", [page])))
    assert " ".join(LEFT) in " ".join(text.split())
    assert " ".join(RIGHT) in " ".join(text.split())
    assert "(1) The committee met" in text


def test_what_stands_far_apart_is_no_paragraph(tmp_path, soundly):
    footer = "Timber Lang Ltd, Harbour Road 5, registered under no. 4711 at the district court of the town"
    terms = "Due within fourteen days, two per cent cash discount for whoever pays within seven days Sirs"
    page = Drawn().at(60, 30, footer).at(60, 790, "Invoice 2026").at(60, 760, terms)
    for n, cells in enumerate(
        [("Pos", "Article", "Amount"), ("1", "Oak board", "288.75"), ("2", "Ash board", "105.97")]
    ):
        for x, cell in zip((60, 200, 460), cells, strict=True):
            page.at(x, 742 - 16 * n, cell)
    page.at(60, 600, terms).at(60, 555, "Goods are ours until they are paid.").at(
        60, 541, "Returns with the note only."
    )
    text = text_of(soundly(save(tmp_path / "x.pdf", [page])))
    for line in (footer, "Invoice 2026", terms, "Pos Article Amount", "1 Oak board 288.75"):
        assert line in text.split("\n")
    assert text.split("\n").count(terms) == 2


# Turned pages and sideways text


@pytest.mark.parametrize(("turn", "rotate"), [(1, 90), (3, 270), (2, 180), (1, 0)])
def test_rows_of_a_turned_page_keep_their_ends(tmp_path, soundly, turn, rotate):
    rows = [("Task", "Interval"), ("Boiler inspection", "every 24 months"), ("Filter change", "every 6 months")]
    page = Drawn(rotate=rotate)
    for n, cells in enumerate(rows):
        for x, cell in zip((60, 300), cells, strict=True):
            place = {1: (100 + 20 * n, x), 2: (500 - x, 400 + 20 * n), 3: (400 - 20 * n, 700 - x)}[turn]
            page.at(*place, cell, turn=turn)
    lines = [line for line in text_of(soundly(save(tmp_path / "x.pdf", [page]))).split("\n") if line]
    assert lines == [" ".join(cells) for cells in rows]


def test_sideways_text_in_the_margin_does_not_mix_with_the_lines(tmp_path, soundly):
    page = Drawn()
    for n, line in enumerate(LEFT):
        page.at(60, 700 - 15 * n, line)
        if n == 2:
            page.at(40, 500, "Draft of the second of May", turn=1)
    text = flat(soundly(save(tmp_path / "x.pdf", [page])))
    assert " ".join(LEFT) in text
    assert text.endswith("Draft of the second of May")


# Fields, text boxes, comments, attached files


def test_values_of_fields_stand_where_they_are_shown(tmp_path, soundly):
    page = Drawn().at(60, 760, "Application").at(60, 720, "Applicant:").at(300, 720, "Born:").at(60, 690, "Shift:")
    page.at(80, 660, "Married").at(80, 640, "Retired").at(60, 600, "Password:")
    page.annotations = [
        field_("name", "Tx", (120, 715, 280, 733), "Maria Beispiel"), field_("born", "Tx", (340, 715, 450, 733), "1984"),
        field_("shift", "Ch", (120, 685, 280, 703), "Evening"), field_("married", "Btn", (60, 657, 74, 671), "Yes"),
        field_("retired", "Btn", (60, 637, 74, 651), "Off"), field_("secret", "Tx", (120, 595, 280, 613), "hush", 1 << 13),
    ]  # fmt: skip
    text = text_of(soundly(save(tmp_path / "x.pdf", [page])))
    assert "Applicant: Maria Beispiel Born: 1984" in text
    assert "Shift: Evening" in text
    assert "☑ Married" in text
    assert "☐ Retired" in text
    assert "hush" not in text


def test_a_text_box_stands_at_its_place_and_a_comment_at_the_end_with_its_author(tmp_path, soundly):
    page = Drawn().at(60, 720, "Decision of the board:").at(60, 690, "Date:").at(60, 660, "The end.")
    note = Text(text="Ask the auditors first", rect=(500, 700, 520, 720))
    note[NameObject("/T")] = TextStringObject("A. Weber")
    hidden = FreeText(text="Never shown", rect=(200, 655, 400, 672))
    hidden[NameObject("/F")] = NumberObject(2)
    page.annotations = [FreeText(text="Approved up to 15,000 francs", rect=(200, 715, 420, 733)), note, hidden]
    path = save(tmp_path / "x.pdf", [page])
    text = text_of(soundly(path))
    assert "Decision of the board: Approved up to 15,000 francs" in text
    assert text.endswith("Comment (A. Weber): Ask the auditors first")
    assert "Never shown" not in text
    with speaking("zh"):
        assert text_of(soundly(path)).endswith("批注 (A. Weber)：Ask the auditors first")


def test_a_form_without_any_text_of_its_own_shows_its_values(tmp_path, soundly):
    page = Drawn()
    page.annotations = [
        field_("a", "Tx", (60, 700, 200, 720), "first"),
        field_("b", "Tx", (60, 650, 200, 670), "second"),
    ]
    parsed = soundly(save(tmp_path / "x.pdf", [page]))
    assert text_of(parsed).split() == ["first", "second"]


@pytest.mark.parametrize(("flags", "read"), [(4, ["prices.csv"]), (2, [])])
def test_a_file_pinned_to_a_page_is_a_document_of_its_own_unless_it_is_hidden(tmp_path, soundly, flags, read):
    path = save(tmp_path / "x.pdf", [Drawn().at(60, 720, "The prices are attached.")])
    writer = PdfWriter(clone_from=path)
    content = StreamObject()
    content.set_data(b"Item,Price\nBoat,480\n")
    held = DictionaryObject({NameObject("/F"): writer._add_object(content)})
    name = TextStringObject("prices.csv")
    file = {"/Type": NameObject("/Filespec"), "/EF": held, "/F": name, "/UF": name}
    pin = {
        "/Type": NameObject("/Annot"),
        "/Subtype": NameObject("/FileAttachment"),
        "/F": NumberObject(flags),
        "/Rect": RectangleObject((500, 700, 520, 720)),
        "/Contents": TextStringObject("As of May"),
        "/FS": writer._add_object(_named(file)),
    }
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(_named(pin))])
    writer.write(path)
    parsed = soundly(path)
    assert [one.name for one in parsed.attached] == read, parsed.notes
    assert all("Boat" in one.parsed.pages[0].text for one in parsed.attached)
    assert ("Comment: As of May" in text_of(parsed)) == bool(read)


# What is a PDF at all


def test_a_text_that_speaks_of_the_mark_is_no_pdf(tmp_path):
    for name, kind in (("a.md", "markdown"), ("a.py", "code"), ("a.txt", "text"), ("a.csv", "csv"), ("a", "text")):
        for head in (b"# Formats\n\nIt begins with %PDF-1.7.\n", b"%PDF- is how it begins.\n"):
            assert sniff(tmp_path / name, head) == kind


def test_a_pdf_under_any_name_is_one(tmp_path):
    for name in ("a.pdf", "a.txt", "a"):
        for head in (
            b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n\0",
            b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.4\n\0\1\2",
            b"\n%PDF-1.4\n1 0 obj\n<<",
        ):
            assert sniff(tmp_path / name, head) == "pdf"


def _named(entries):
    return DictionaryObject({NameObject(key): value for key, value in entries.items()})
