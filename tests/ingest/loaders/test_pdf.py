"""PDF: sections, running lines, joined paragraphs, rows of figures, and files that are not as they should be."""

from __future__ import annotations

from collections import Counter

import pypdf
import pytest

from ingest.errors import LoadError, Skipped
from ingest.language import speaking
from ingest.loaders.pdf_lines import hyphen, is_row, join
from ingest.loaders.quality import GOOD, USELESS, quality
from ingest.loaders.repair import repair
from tests.ingest.loaders.conftest import write_pdf


def test_outline_gives_sections_headings_and_title(tmp_path, soundly, pdf, blocks):
    path = pdf(
        tmp_path / "x.pdf",
        [
            ["1 Leave", "Everyone has fifteen days."],
            ["They can be carried over."],
            ["2 Pay", "Paid on the 15th.", "2.1 Bonus"],
        ],
        outline=[(0, 1, "1 Leave"), (2, 1, "2 Pay"), (2, 2, "2.1 Bonus")],
        info="Staff handbook",
    )
    parsed = soundly(path)
    assert parsed.title == "Staff handbook"
    assert parsed.media_type == "application/pdf"
    assert [page.section for page in parsed.pages] == [(), ("1 Leave",), ("1 Leave",)]
    assert blocks(parsed.pages[0])[0] == ("heading1", "1 Leave")
    assert blocks(parsed.pages[2])[-1] == ("heading2", "2.1 Bonus")


def test_an_entry_whose_heading_is_not_on_the_page_is_its_section(tmp_path, soundly, pdf):
    parsed = soundly(pdf(tmp_path / "x.pdf", [["Some text."], ["More text."]], outline=[(1, 1, "Afterword")]))
    assert [page.section for page in parsed.pages] == [(), ("Afterword",)]


def test_chinese_lines_are_joined_without_blanks(tmp_path, soundly, pdf):
    lines = ["第一章 年假", "员工每年享有十五天带薪年假,满十年者另加五天,合计二十天,以入职日期为准计", "算,不得折现。"]
    page = soundly(pdf(tmp_path / "x.pdf", [lines])).pages[0]
    assert "为准计算,不得折现。" in page.text
    assert page.text.startswith("第一章 年假\n")


def test_english_lines_are_joined_with_blanks_and_hyphens_are_mended(tmp_path, soundly, pdf):
    lines = [
        "The committee meets every month and decides by a simple majority about every appli-",
        "cation that has reached the office before the first day of the month. Late ones are",
        "put off until the next meeting.",
    ]
    page = soundly(pdf(tmp_path / "x.pdf", [lines])).pages[0]
    assert "every application that" in page.text
    assert "ones are put off" in page.text
    assert len(page.blocks) == 1


def test_a_table_of_contents_opens_no_sections(tmp_path, soundly, pdf):
    contents = ["PART I", "Item 1. Business 2", "Item 2. Properties 3", "PART II", "Item 7. Discussion 4"]
    pages = [
        contents,
        ["PART I", "Item 1. Business", "We make things."],
        ["NOTE 5", "INCOME TAXES", "We pay them."],
        ["More."],
    ]
    parsed = soundly(pdf(tmp_path / "x.pdf", pages))
    sections = [page.section for page in parsed.pages]
    assert sections == [(), (), ("PART I", "Item 1. Business"), ("PART I", "Item 1. Business", "NOTE 5 INCOME TAXES")]
    assert "Item 1. Business 2" in parsed.pages[0].text


def test_rows_of_figures_stay_lines(tmp_path, soundly, pdf, blocks):
    lines = [
        "Consolidated Statements of Income", "(in millions) 2022 2021 2020", "Net sales $ 34,229 $ 35,355 $ 32,184",
        "Operating expenses", "Cost of sales 19,232 18,795 16,605", "Gain on divestitures (2,724) - (389)",
        "The accompanying notes are an integral part of these consolidated financial statements and this one.",
    ]  # fmt: skip
    page = soundly(pdf(tmp_path / "x.pdf", [lines])).pages[0]
    assert "\nNet sales $ 34,229 $ 35,355 $ 32,184\n" in page.text
    assert [kind for kind, _ in blocks(page)] == ["table", "paragraph"]
    assert "Operating expenses\nCost of sales 19,232 18,795 16,605" in page.text


def test_running_lines_go_and_printed_page_numbers_become_labels(tmp_path, soundly, pdf):
    bodies = ["apples", "pears", "plums", "quinces", "figs", "dates"]
    pages = [
        ["ACME Annual Report 2022", f"This page is about {body}.", "It says little.", str(n + 11)]
        for n, body in enumerate(bodies)
    ]
    parsed = soundly(pdf(tmp_path / "x.pdf", pages))
    assert [page.text.count("ACME") for page in parsed.pages] == [1, 0, 0, 0, 0, 0]
    assert all(body in page.text for page, body in zip(parsed.pages, bodies, strict=True))
    assert [page.label for page in parsed.pages] == ["11", "12", "13", "14", "15", "16"]
    assert not any(str(n) in page.text for page, n in zip(parsed.pages, range(11, 17), strict=True))


def test_what_repeats_in_the_middle_stays(tmp_path, soundly, pdf):
    pages = [
        [f"Top {word}", "a", "b", "Yours sincerely", "c", "d", f"Bottom {word}"]
        for word in ("one", "two", "three", "four", "five")
    ]
    parsed = soundly(pdf(tmp_path / "x.pdf", pages))
    assert all("Yours sincerely" in page.text for page in parsed.pages)


def test_a_page_with_a_picture_alone_needs_ocr(tmp_path, soundly, pdf):
    parsed = soundly(pdf(tmp_path / "x.pdf", [["Text."], None, []]))
    assert parsed.needs_ocr == (2,)
    assert "2" in parsed.notes[0]
    assert len(parsed.pages) == 3


def test_a_scan_is_reported_not_dropped(tmp_path, soundly, pdf):
    with speaking("zh"):
        parsed = soundly(pdf(tmp_path / "x.pdf", [None, None]))
    assert parsed.needs_ocr == (1, 2)
    assert "文字识别" in parsed.notes[0]


def test_page_labels(tmp_path, soundly, pdf):
    labels = "/PageLabels<</Nums[0<</S/r>>2<</S/D>>]>>"
    parsed = soundly(pdf(tmp_path / "x.pdf", [["a b c"], ["d e f"], ["g h i"]], extra=labels))
    assert [page.label for page in parsed.pages] == ["i", "ii", "1"]


def test_programs_titles_are_not_titles(tmp_path, soundly, pdf):
    assert soundly(pdf(tmp_path / "rules.pdf", [["text"]], info="Microsoft Word - rules_v3.doc")).title == "rules"


def test_encrypted(tmp_path, soundly, pdf):
    plain = pypdf.PdfReader(pdf(tmp_path / "plain.pdf", [["A secret."]]))
    for password, name in (("open sesame", "closed.pdf"), ("", "open.pdf")):
        writer = pypdf.PdfWriter(clone_from=plain)
        writer.encrypt(password, owner_password="owner", algorithm="RC4-128")
        writer.write(tmp_path / name)
    with pytest.raises(LoadError, match="password"):
        soundly(tmp_path / "closed.pdf")
    assert "A secret." in soundly(tmp_path / "open.pdf").pages[0].text


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_truncated(tmp_path, soundly, pdf, share):
    path = pdf(tmp_path / "x.pdf", [["a page"]] * 5)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(LoadError, match="cut short"):
        soundly(path)


def test_nonsense_in_a_pdf_wrapper(tmp_path, soundly):
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(32, 120)) * 20 + b"\n%%EOF")
    with pytest.raises(LoadError) as caught:
        soundly(tmp_path / "x.pdf")
    assert caught.value.hint


def test_an_empty_pdf_is_skipped(tmp_path, soundly, pdf):
    with pytest.raises(Skipped):
        soundly(pdf(tmp_path / "x.pdf", [[], []]))


@pytest.mark.parametrize("line", [
    "Net sales $ 34,229 $ 35,355", "Gain (2,724) — (389)", "2022 2021 2020", "Margin 33.9 % 33.9 %", "营业收入 1,234.56 987.65",
    "Total sales change 9.5 % 10.8 % 9.0 %", "48", "净利润 12.5% 11.3%",
])  # fmt: skip
def test_rows(line):
    assert is_row(line)


@pytest.mark.parametrize("line", [
    "sold in 2022", "the periods ended January 29, 2022.", "A line of prose", "Note 19", "see Table 3 and Table 4", "2022年营业收入增长",
])  # fmt: skip
def test_not_rows(line):
    assert not is_row(line)


def test_hyphens_follow_the_documents_own_spelling():
    words = Counter({"well-known": 2, "known": 3, "application": 1, "cost": 2, "effective": 2})
    assert hyphen("a well", "known man", words) == "-"
    assert hyphen("appli", "cation", words) == ""
    assert hyphen("Smith", "Jones", words) == "-"
    assert join("the unheard-", "of thing", Counter()) == "the unheardof thing"
    assert join("cost-", "effective", words) == "cost-effective"


@pytest.mark.parametrize("text", [
    "The committee meets every month.", "员工每年享有十五天带薪年假。", "Net sales 34,229 35,355 (3.2)% 1.0", "日本語のページです。",
    "1 Introduction ........................ 4", "Ответ: да",
])  # fmt: skip
def test_good_text_scores_well(text):
    assert quality(text) >= GOOD


@pytest.mark.parametrize("text", ["", "   ", "\ufffd\ufffd\ufffd", "\ue001\ue002\ue003\ue004", "(cid:12)(cid:34)(cid:7)",
                                  "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"])  # fmt: skip
def test_rubbish_scores_badly(text):
    assert quality(text) < USELESS


def test_letters_taken_apart_lose_against_words():
    assert quality("T h e c o m m i t t e e m e e t s") < quality("The committee meets") == 1.0


def test_an_article_begins_a_paragraph_and_signs_of_symbol_fonts_are_signs(tmp_path, soundly):
    lines = ["第一条 出租方应当按照合同的约定按时向承租方交付房屋以及房屋的全部钥匙。",
             "第二条 承租方应当在签约后七日内向出租方支付相当于两个月租金的押金。",
             "第三条 违反第二条的，应当支付违约金。"]  # fmt: skip
    page = soundly(write_pdf(tmp_path / "x.pdf", [lines])).pages[0]
    assert page.text.split("\n\n") == lines


def test_signs_of_symbol_fonts_are_signs():
    assert repair("\uf0b7 Point \uf0fe done") == "• Point ☑ done"
