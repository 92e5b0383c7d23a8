"""Encodings, repair, and the properties that hold whatever the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.documents import Page
from ingest.errors import LoadError
from ingest.loaders.encoding import decode
from ingest.loaders.headings import heading_level
from ingest.loaders.layout import Composer, sections, whole
from ingest.loaders.markdown import blocks_of
from ingest.loaders.plain import load_text, scan
from ingest.loaders.properties import sensible
from ingest.loaders.repair import repair
from ingest.loaders.source import load_code

SIMPLIFIED = "员工每年享有十五天带薪年假,满十年者另加五天。"
TRADITIONAL = "員工每年享有十五天帶薪年假,滿十年者另加五天。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "utf-32"])
@pytest.mark.parametrize("text", [SIMPLIFIED, "中文", "年假有几天?", "RAG 系统 uses 检索", SIMPLIFIED * 200])
def test_simplified_chinese(text, encoding):
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "big5"])
@pytest.mark.parametrize("text", [TRADITIONAL, "繁體中文", TRADITIONAL * 200])
def test_traditional_chinese(text, encoding):
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize(("text", "encoding"), [
    ("Plain ASCII text.", "utf-16-le"), ("Plain ASCII text.", "utf-16-be"), ("Plain", "ascii"),
    ("Le café était fermé, à côté de la forêt. Déjà vu à Orléans, près du château.", "cp1252"), ("Café Müller", "cp1252"),
    ("Договор вступает в силу со дня подписания.", "cp1251"), ("Договор вступает в силу со дня подписания.", "koi8-r"),
    ("契約は署名の日から有効となる。", "euc-jp"), ("契約は署名の日から有効となる。", "cp932"), ("Η σύμβαση ισχύει από σήμερα.", "cp1253"),
])  # fmt: skip
def test_others(text, encoding):
    assert decode(text.encode(encoding))[0] == text


ROWS = "".join(f"{n},2026-0{n}-11,Rent of flat {n},{n}50.00,EUR\n" for n in range(1, 9))


@pytest.mark.parametrize(("text", "encoding"), [
    ("甲,房东\n" + ROWS, "gb18030"), (ROWS * 40 + "9,2026-09-11,王五的押金,1200.00,CNY\n", "gb18030"), (ROWS + "9,臺北\n", "big5"),
    ("The flat of Ms 黎明 is on the third floor. " * 6, "gb18030"), (ROWS * 800 + "总计,3 号楼\n", "gb18030"), ("Pump, 1200元\n" + ROWS, "gb18030"),
    (ROWS + "9,Öztürk\n10,Müller\n", "cp1252"), (ROWS + "9,Kraków\n", "cp1252"), (ROWS + "9,Иванов\n", "cp1251"), (ROWS + "9,Αθήνα\n", "cp1253"),
    ("".join(f'2026,{n}00,"1，00{n}.00",王{n}五\n' for n in range(1, 9)), "gb18030"), (ROWS + "9,월세\n10,보증금\n", "cp949"), (ROWS + "9,陈磊,广州\n", "gb18030"), ("Señales: n.º 3, 2.ª", "cp1252"),
    ("cost: 5 µg, α = 3", "utf-8"), ("ʱ and é", "utf-8"),
])  # fmt: skip
def test_a_few_words_among_much_ascii(text, encoding):
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize(("text", "encoding"), [
    ("Kwota została wpłacona", "cp1250"), ("Gdańsk;Łódź;Świętokrzyska 4", "iso8859-2"), ("Každý měsíc, Žižkova 8", "iso8859-2"),
    ("Schlüssel für die Wäscherei, Größe 5", "cp850"), ("Fällig am 3. März, Straße 7", "cp850"), ("Sección 3: año 1998, señal", "cp850"),
    ("Fermé le lundi, à côté de l’hôtel", "mac-roman"), ("Größe für Müller", "mac-roman"),
    # What has words that are none in every reading stays as it was, or is none: accents for apostrophes, quotes within Chinese, degrees, capitals.
    ("l´hôtel d´été, geht´s", "cp1252"), ("打印机“%s”目前脱机。", "gb18030"), ("½l Öl bei 20°c, £m, ¿Qué?", "cp1252"), ("iPhöne McÉwan", "cp1252"),
    ("用app下载a和b", "gb18030"), ("Mo–Fr: „Größe“", "cp1252"), ("Прибор IP-адрес, µm", "cp1251"),
])  # fmt: skip
def test_words_that_are_none_in_one_code_page_are_read_in_another(text, encoding):
    assert decode(text.encode(encoding))[0] == text


def test_a_few_damaged_bytes_do_not_change_the_encoding():
    data = bytearray((SIMPLIFIED * 100).encode())
    data[301:302] = b"\xff"
    text, name = decode(bytes(data))
    assert name == "utf-8"
    assert text.count("\ufffd") <= 3


def test_binary_is_no_text():
    with pytest.raises(LoadError):
        decode(bytes(range(256)) * 20)


@pytest.mark.parametrize(("before", "after"), [
    ("甲&#xff0c;乙#xff0c;丙", "甲\uff0c乙\uff0c丙"), ("a&nbsp;b", "a b"), ("AT&amp;T", "AT&T"), ("x&#65292;y", "x\uff0cy"),
    ("a\r\nb\rc", "a\nb\nc"), ("a\0b\x07c", "abc"), ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
    ("use &lt;b&gt; here", "use &lt;b&gt; here"), ("&#0; &#x110000;", "&#0; &#x110000;"), ("color #xface; and #fff;", "color \uface and #fff;"),
    ("ABC123,。", "ABC123,。"), ("👩\u200d🚀", "👩\u200d🚀"), ("abc\u202edef", "abcdef"), ("\u3000\u3000段落", "\u3000\u3000段落"),
])  # fmt: skip
def test_repair(before, after):
    assert repair(before) == after


@given(st.text())
def test_repair_is_done_once(text):
    once = repair(text, entities=False)
    assert repair(once, entities=False) == once


@pytest.mark.parametrize(("line", "level"), [
    ("第三章 附则", 2), ("第一部分 总则", 1), ("一、总则", 3), ("(二)范围", 4), ("1.2 Method", 5), ("Item 1A. Risk Factors", 2),
    ("PART II", 1), ("NOTE 5. Income taxes", 3), ("Item 7. Operations 27", 0), ("第三章 附则 ...... 12", 0),
    ("一、本制度适用于全体员工。", 0), ("1.5 billion", 5), ("3.2% of sales", 0), ("hello world", 0), ("第三章规定,员工享有年假,", 0),
])  # fmt: skip
def test_headings(line, level):
    assert heading_level(line) == level


def test_numbered_neighbours_are_a_list_not_headings():
    assert heading_level("1. Milk", "", "2. Eggs") == 0
    assert heading_level("1. Introduction", "", "This text is about") == 4


@pytest.mark.parametrize("title", ["Untitled", "Microsoft Word - a.doc", "report.docx", "0000012927-23-000007", "", None, "无标题",
                                   "\ufffd\ufffd\ufffd", "PowerPoint Presentation"])  # fmt: skip
def test_titles_nobody_gave(title):
    assert sensible(title) == ""


@pytest.mark.parametrize(("text", "title"), [
    ("Metadata-Version: 2.4\nName: hypothesis\nVersion: 6\n\nA library.", "hypothesis"),
    ("发件人：李雷\n主题：十月报销\n\n请各位于周五前提交。", "十月报销"),
    ("From: a@example.org\nDate: today\n\nHello.", "note"),
    ("Zhiku: a private knowledge base\n\n" + "It answers with proof. " * 9, "Zhiku: a private knowledge base"),
])  # fmt: skip
def test_a_header_names_its_text(text, title):
    assert load_text(text, Path("note.txt")).title == title


def covered(page: Page) -> None:
    at = 0
    for block in page.blocks:
        assert at <= block.start < block.end <= len(page.text)
        assert not page.text[at : block.start].strip()
        at = block.end
    assert not page.text[at:].strip()


LINES = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(["", " ", "# 标题", "- item", "  - nested", "```", "| a | b |", "|---|---|", "一、总则", "1. x", "> q", "---",
                         "    code", "<div>", "\u2028", "\x0c", "\x1c", "&nbsp;", "第一章", "===", "[a]: b", "\u3000"]),
    ),
    max_size=25,
).map("\n".join)  # fmt: skip


@settings(max_examples=150)
@given(LINES)
def test_blocks_cover_any_text(tmp_path_factory, text):
    from pathlib import Path

    clean = repair(text, entities=False)
    covered(Page(1, clean, blocks_of(clean)))
    covered(Page(1, clean, tuple(scan(clean))))
    for load in (load_text, load_code):
        for page in load(text, Path("x.py")).pages:
            covered(page)


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from(["heading", "paragraph", "table"]), st.text(min_size=1, max_size=9000)), max_size=20
    )
)
def test_paging_loses_nothing(pieces):
    page = Composer()
    for kind, text in pieces:
        page.add(kind, text, 1 if kind == "heading" else 0)
    for cut in (whole, sections):
        pages = cut(page.text, page.blocks)
        assert "".join("".join(p.text.split()) for p in pages) == "".join(page.text.split())
        for p in pages:
            covered(p)
