from __future__ import annotations

from app.passages import excerpt_html, page_html, quote_html, window


def test_the_quote_is_marked_in_its_surroundings():
    text = "Before.\nThe leave is ten days.\nAfter."
    start = text.index("ten days")
    assert quote_html(text, [(start, start + 8)]) == (
        '<div class="zk-passage">Before.\nThe leave is <mark class="zk-quote">ten days</mark>.\nAfter.</div>'
    )


def test_a_long_page_is_cut_at_lines_and_says_so():
    lines = [f"line {n} of the page" for n in range(500)]
    text = "\n".join(lines)
    start = text.index("line 250")
    shown = quote_html(text, [(start, start + 8)])
    assert '<mark class="zk-quote">line 250</mark>' in shown
    assert shown.count("zk-more") == 2
    assert "line 0 " not in shown
    first, last = window(text, start, start + 8)
    assert text[first:last].split("\n")[0] in lines
    assert text[first:last].split("\n")[-1] in lines


def test_a_heading_is_shown_without_its_signs_and_a_comment_in_code_with_them():
    text = "## 2.1 Leave\nTen days.\n# a comment\n#hash"
    assert page_html(text, [(7, 12)]) == (
        '<div class="zk-passage"><strong>2.1 <mark class="zk-term">Leave</mark>\n</strong>Ten days.\n# a comment\n#hash</div>'
    )
    whole = quote_html("# Handbook\n\nVersion 4\n\n## 1 Hours\n\n# a comment\n", [(12, 21)])
    assert "<strong>Handbook" in whole
    assert "# a comment" in whole
    assert "# a comment" in quote_html("# a comment\n\nimport os\n", [(13, 19)])


def test_markup_in_a_document_is_shown_as_text():
    assert "&lt;script&gt;" in quote_html("a <script>alert(1)</script>", [(0, 1)])


def test_offsets_beyond_the_text_show_it_without_a_mark():
    assert quote_html("short", [(90, 99)]) == '<div class="zk-passage">short</div>'


def first_look(text: str, limit: int = 100) -> str:
    return excerpt_html(text, limit).removeprefix('<div class="zk-passage zk-excerpt">').removesuffix("</div>")


def test_an_excerpt_reads_as_running_text_with_its_tables():
    assert first_look("## 6 信息安全\n\n- 必须加密\n- 锁屏") == "<p>6 信息安全</p><p>必须加密 · 锁屏</p>"
    assert first_look("ten days of\nannual leave") == "<p>ten days of annual leave</p>"
    assert first_look("十天\n年假") == "<p>十天年假</p>"
    notice = "春游通知\n各位家长：\n学校定于四月十七日组织春游，早上七点\n二十分集合。"
    assert first_look(notice) == "<p>春游通知 · 各位家长：学校定于四月十七日组织春游，早上七点二十分集合。</p>"
    assert first_look("-5 degrees # 3 <b>") == "<p>-5 degrees # 3 &lt;b&gt;</p>"
    assert len(first_look("word " * 100, 50)) <= 57
    table = "| 部门 | 差旅 |\n| --- | --- |\n| 研发部 | 46 |\n| 运维部 | 128 |"
    assert first_look(f"预算\n{table}").startswith(
        '<p>预算</p><table tabindex="0"><thead><tr><th>部门</th><th>差旅</th></tr></thead>'
    )
    assert "运维部" in first_look(table)
    assert "研发部" in first_look(table, 10)
    assert "运维部" not in first_look(table, 10)
    assert first_look(table, 10).endswith("</table>…")
    assert first_look("| 研发部 | 46 |") == "<p>研发部 · 46</p>"


RATES = "Rates\n\n| City | Hotel |\n| --- | --- |\n| Shanghai | 650 yuan |\n| Chengdu | 480 <b>yuan</b> |\n\nEnd."


def test_a_table_is_a_table_with_the_row_and_the_cell_marked():
    start = RATES.index("| Shanghai")
    shown = quote_html(RATES, [(start, start + len("| Shanghai | 650 yuan |"))], "The hotel: 650 yuan")
    assert "<thead><tr><th>City</th><th>Hotel</th></tr></thead>" in shown
    assert '<tr class="zk-row"><td>Shanghai</td><td><mark class="zk-quote">650 yuan</mark></td></tr>' in shown
    assert "480 &lt;b&gt;yuan&lt;/b&gt;" in shown
    assert "---" not in shown
    assert "|" not in shown


def test_a_table_that_begins_above_what_is_shown_keeps_its_head():
    text = "| City | Hotel |\n| --- | --- |\n" + "".join(f"| town {n} | {n} yuan |\n" for n in range(200))
    start = text.index("| town 150 ")
    shown = quote_html(text, [(start, start + 10)])
    assert "<thead><tr><th>City</th><th>Hotel</th></tr></thead>" in shown
    assert "town 3 " not in shown


def test_a_table_printed_with_bars_is_a_table_and_a_lone_bar_is_not():
    assert "<td>7B</td><td>4</td><td>4.2</td>" in page_html("size | bits | GB |\n7B | 4 | 4.2 |\n")
    assert page_html("Qingshan | News\nand more") == '<div class="zk-passage">Qingshan | News\nand more</div>'


def test_rows_without_an_edge_bar_or_content_do_no_harm():
    for text in ("||\n||", "|\n|", "| a |\n|", "a || b\n c | d | e", "\\| a \\| b\n"):
        assert page_html(text, [(0, len(text))]).startswith('<div class="zk-passage">')
