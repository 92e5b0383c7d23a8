"""Web pages: their own structure, tables with spans, raised characters, ruby, and encodings as browsers read them."""

from __future__ import annotations

import pytest

PROSE = (
    "The harbour office runs the ferries between the islands and the mainland, and has done so for many years. "
    "Ferry {n} leaves pier {n} at {n}:30 and passengers are asked to arrive twenty minutes before its departure."
)
LONG = "".join(f"<h2>Line {n}</h2><p>{PROSE.format(n=n)}</p>" for n in range(1, 12))


@pytest.fixture
def page(tmp_path, soundly):
    def read(body: str, head: str = "<meta charset='utf-8'>", name: str = "x.html"):
        (tmp_path / name).write_text(f"<html><head>{head}</head><body>{body}</body></html>", "utf-8")
        return soundly(tmp_path / name)

    return read


def test_a_short_page_keeps_heading_list_and_address_and_loses_its_navigation(page, blocks):
    items = "".join(f"<li><a href='f{n}.pdf'>Form F-{n}</a></li>" for n in (11, 12, 17))
    parsed = page(
        f"<header><nav><ul><li><a href='/'>Home</a></li></ul></nav></header><main><h1>Forms</h1><p>Choose one.</p>"
        f"<ul>{items}</ul></main><footer>© imprint<address>Quay 4. Call 555 0147.</address></footer>"
    )
    assert blocks(parsed.pages[0]) == [
        ("heading1", "Forms"), ("paragraph", "Choose one."), ("list", "- Form F-11\n- Form F-12\n- Form F-17"),
        ("paragraph", "Quay 4. Call 555 0147."),
    ]  # fmt: skip


def test_a_long_page_without_semantic_elements(page, blocks):
    parsed = page(
        "<div id='top'><a href=/>Home</a> <a href=/a>About</a> <a href=/b>Contact</a></div>"
        "<div class='cookie-banner'>We use cookies, accept them.</div>"
        f"<div class='wrap'><div class='col'><h1>Ferry lines</h1>{LONG}<table><caption>Fares in francs</caption>"
        "<tr><th>Line</th><th>Fare</th></tr><tr><td>1</td><td>4.50</td></tr></table><ul><li>Dogs travel free</li></ul>"
        "<figure><img src=a.png alt='Pier at low tide'><figcaption>Figure 1: the pier</figcaption></figure></div>"
        "<div class='sidebar'><ul><li><a href=1>Ten beaches</a></li><li><a href=2>Our hotels</a></li></ul></div></div>"
        "<div class='footer'>All rights reserved</div>",
        "<meta charset='utf-8'><title>Ferries</title>",
    )
    found = blocks(parsed.pages[0])
    assert found[0] == ("heading1", "Ferry lines")
    assert [text for kind, text in found if kind == "heading2"] == [f"Line {n}" for n in range(1, 12)]
    assert ("table", "| Line | Fare |\n| --- | --- |\n| 1 | 4.50 |") in found
    for kept in ("Fares in francs", "- Dogs travel free", "[Pier at low tide]", "Figure 1: the pier"):
        assert kept in parsed.pages[0].text
    for noise in ("About", "cookies", "beaches", "rights"):
        assert noise not in parsed.pages[0].text


def test_what_stands_beside_the_main_text_in_it_is_content(page):
    text = (
        page(
            f"<main><h1>Pump</h1>{LONG}<aside class='note'><p>Never run it dry.</p></aside>"
            "<dl><dt>Office</dt><dd>Room 4</dd><dt>Telephone:</dt><dd>4471</dd></dl>"
            "<details><summary>Warranty?</summary><p>Two years.</p></details></main>"
        )
        .pages[-1]
        .text
    )
    for kept in ("Never run it dry.", "Office: Room 4\nTelephone: 4471", "Warranty?", "Two years."):
        assert kept in text


def test_a_page_within_one_form(page):
    text = (
        page(
            "<form id='aspnetForm'><input type=hidden value=abc><h1>Permit</h1><p>It costs 80.</p>"
            "<input type=checkbox checked> Diesel <input type=checkbox> Petrol <button>Send</button></form>"
        )
        .pages[0]
        .text
    )
    assert text == "Permit\n\nIt costs 80.\n\n☑ Diesel ☐ Petrol"


def test_what_is_chosen_in_a_form_is_read_and_what_may_be_is_not(page):
    menu = "<select><option>北京</option><option {}>成都</option></select>"
    text = page(
        f"<h1>报名</h1><p>{menu.format('selected')}</p><form><table><tr><td>城市</td><td>{menu.format('selected')}</td></tr>"
        f"<tr><td>备选</td><td>{menu.format('')}</td></tr></table></form>"
    )
    assert text.pages[0].text == "报名\n\n| 城市 | 成都 |\n| --- | --- |\n| 备选 |  |"


def test_the_addresses_of_a_browsers_bookmarks_are_read(page):
    text = page(
        "<!DOCTYPE NETSCAPE-Bookmark-file-1><H1>Bookmarks</H1><DL><p><DT><H3>Wohnen</H3><DL><p>"
        '<DT><A HREF="https://mieter.example.org/rat" ADD_DATE="1">Mieterrat</A></DL><p></DL>'
    )
    assert "Mieterrat (https://mieter.example.org/rat)" in text.pages[0].text


@pytest.mark.parametrize(("cells", "rows"), [
    (("<tr><th>Day</th><th>Time</th><th>Desk</th></tr><tr><td rowspan=2>Monday</td><td>Morning</td><td>Anna</td></tr>"
     "<tr><td>Evening</td><td>Carla</td></tr>"), ("| Monday | Morning | Anna |", "| Monday | Evening | Carla |")),
    (("<tr><th rowspan=2>级别</th><th colspan=2>标准</th></tr><tr><th>住宿</th><th>伙食</th></tr>"
     "<tr><td>一级</td><td>500</td><td>120</td></tr><tr><td>二级</td><td>380</td><td>100</td></tr>"),
     ("| 级别 | 标准 住宿 | 标准 伙食 |", "| 一级 | 500 | 120 |")),
    (("<thead><tr><th>Ward</th><th>Bed</th><th>Nurse</th></tr></thead><tbody><tr><td rowspan=3>North</td><td>1</td>"
     "<td>Ada</td></tr><tr><td>2</td><td rowspan=2>Bo</td></tr><tr><td>3</td></tr></tbody>"),
     ("| North | 2 | Bo |", "| North | 3 | Bo |")),
])  # fmt: skip
def test_cells_that_span(page, cells, rows):
    text = page(f"<h1>Plan</h1><p>Valid for March.</p><table>{cells}</table>").pages[0].text
    for row in rows:
        assert row in text


@pytest.mark.parametrize(("source", "text"), [
    ("at least 10<sup>6</sup> ohm", "at least 10^6 ohm"), ("below 10<sup>-3</sup> bar", "below 10^-3 bar"),
    ("10<sup>−19</sup> C", "10^-19 C"), ("the tide table<sup>1</sup> of", "the tide table ¹ of"),
    ("the table<sup><a href='#n1'>[1]</a></sup>.", "the table ¹."), ("12 m<sup>2</sup>", "12 m²"),
    ("H<sub>2</sub>O and v<sub>max</sub>", "H₂O and v_max"), ("the 3<sup>rd</sup> time", "the 3rd time"),
    ("E = mc<sup>2</sup>", "E = mc²"), ("价格<sup>1</sup>上涨", "价格 ¹上涨"), ("2<sup>n+1</sup>", "2^(n+1)"),
    ("a word<a href='#fn3' role='doc-noteref'>3</a> more", "a word ³ more"),
])  # fmt: skip
def test_raised_and_lowered(page, source, text):
    assert page(f"<article><p>{source}</p></article>").pages[0].text == text


def test_what_is_crossed_out_is_marked(page):
    text = (
        page("<article><p>A ticket is <del>30</del> <ins>25</ins> euros, <s> till May </s>.</p></article>")
        .pages[0]
        .text
    )
    assert text == "A ticket is ~~30~~ 25 euros, ~~till May~~ ."


def test_readings_are_no_part_of_the_words(page, blocks):
    ruby = "".join(f"<ruby>{b}<rp>(</rp><rt>{t}</rt><rp>)</rp></ruby>" for b, t in (("北", "běi"), ("京", "jīng")))
    parsed = page(f"<h1>菜单</h1><p>{ruby}烤鸭每只198元。<ruby><rb>漢字</rb><rtc><rt>かんじ</rt></rtc></ruby></p>")
    assert blocks(parsed.pages[0]) == [("heading1", "菜单"), ("paragraph", "北京烤鸭每只198元。漢字")]


@pytest.mark.parametrize("label", ["iso-8859-1", "ISO-8859-1", "latin1", "us-ascii", "windows-1252"])
def test_western_labels_mean_windows_1252(tmp_path, soundly, label):
    text = "Der Eintritt kostet 45 €. Kinder – bis 14 – zahlen nichts: the guide’s “phone”."
    source = f"<html><head><meta charset='{label}'></head><body><p>{text}</p></body></html>"
    (tmp_path / "x.html").write_bytes(source.encode("cp1252"))
    assert soundly(tmp_path / "x.html").pages[0].text == text


@pytest.mark.parametrize(("label", "codec", "text"), [
    ("gb2312", "gbk", "镕基先生收"), ("euc-kr", "cp949", "똠방각하 펲시콜라"), ("shift_jis", "cp932", "①髙橋"),
    ("iso-8859-9", "cp1254", "İstanbul – “köprü”"), ("big5", "big5hkscs", "香港地圖"),
])  # fmt: skip
def test_national_labels_mean_their_supersets(tmp_path, soundly, label, codec, text):
    source = f"<html><head><meta charset='{label}'></head><body><p>{text}</p></body></html>"
    (tmp_path / "x.html").write_bytes(source.encode(codec))
    assert soundly(tmp_path / "x.html").pages[0].text == text


def test_a_question_that_is_pressed_stands_with_its_answer(tmp_path, soundly):
    (tmp_path / "x.html").write_text(
        "<h1>Pump</h1><div><button>How long is the warranty?</button><div>Three years.</div></div><button>Buy</button>"
    )
    assert soundly(tmp_path / "x.html").pages[0].text == "Pump\n\nHow long is the warranty?\n\nThree years."


def test_terms_without_a_description_and_lists_in_one_are_read(tmp_path, soundly):
    (tmp_path / "x.html").write_text(
        "<h1>Links</h1><dl><dt>Dogs<dt>Cats<dd>free<ul><li>on a lead</ul><dt>Bicycles<dd>3 euro<dt>Wiki<dt>Payroll</dl>"
    )
    assert soundly(tmp_path / "x.html").pages[0].text == (
        "Links\n\nDogs, Cats: free\n  - on a lead\nBicycles: 3 euro\nWiki\nPayroll"
    )


@pytest.mark.parametrize(("markup", "text"), [
    ("<semantics><mrow><mi>E</mi><mo>=</mo><mi>m</mi><mo>&#x2062;</mo><msup><mi>c</mi><mn>2</mn></msup></mrow><annotation>c^{2}</annotation></semantics>",
     "E=mc^2"),
    ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>", "(a+b)/2"),
    ("<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover><msub><mi>x</mi><mi>i</mi></msub>", "∑_i^nx_i"),
    ("<mroot><mi>x</mi><mn>3</mn></mroot><mo>+</mo><msqrt><mi>y</mi></msqrt>", "√[3](x)+√(y)"),
    ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr></mtable>",
     "1, 2; 3, 4"),
])  # fmt: skip
def test_equations_keep_what_their_places_say(tmp_path, soundly, markup, text):
    (tmp_path / "x.html").write_text(f"<h1>Law</h1><p>It is <math>{markup}</math> here.</p>")
    assert soundly(tmp_path / "x.html").pages[0].text == f"Law\n\nIt is {text} here."


def test_one_row_of_blocks_places_them_and_is_no_table(tmp_path, soundly):
    (tmp_path / "x.html").write_text(
        "<h1>Bill</h1><table><tr><td><p>Bill to:</p><p>Harbour Cafe</p></td><td><p>Due: 3 April</p></td></tr></table>"
    )
    assert soundly(tmp_path / "x.html").pages[0].text == "Bill\n\nBill to:\n\nHarbour Cafe\n\nDue: 3 April"
