"""Every format, written by the library its users would use, read back."""

from __future__ import annotations

import datetime as dt
import json

import docx
import openpyxl
import pptx
import pytest
from docx.oxml import OxmlElement
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from ingest.errors import Skipped


def test_docx(tmp_path, soundly, blocks):
    document = docx.Document()
    document.core_properties.title = "Employee handbook"
    document.add_heading("年假", 1)
    document.add_paragraph("员工每年有 15 天年假。")
    document.add_paragraph("first", style="List Bullet")
    document.add_paragraph("second", style="List Bullet")
    document.add_heading("Details", 2)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip((c for row in table.rows for c in row.cells), ("Years", "Days", "10", "20|25"), strict=True):
        cell.text = text
    document.add_heading("Pay", 1)
    struck = document.add_paragraph("Paid monthly.")
    deletion = OxmlElement("w:del")
    deletion.append(struck.add_run(" Never.")._r)
    struck._p.append(deletion)
    document.save(tmp_path / "x.docx")
    parsed = soundly(tmp_path / "x.docx")
    assert parsed.title == "Employee handbook"
    assert [page.label for page in parsed.pages] == ["年假", "Pay"]
    assert blocks(parsed.pages[0]) == [
        ("heading1", "年假"), ("paragraph", "员工每年有 15 天年假。"), ("list", "- first\n- second"), ("heading2", "Details"),
        ("table", "| Years | Days |\n| --- | --- |\n| 10 | 20\\|25 |"),
    ]  # fmt: skip
    assert parsed.pages[1].text == "Pay\n\nPaid monthly."
    assert parsed.pages[1].section == ("年假", "Details")


def test_pptx(tmp_path, soundly, blocks):
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "季度总结"
    slide.placeholders[1].text = "Sales up\nCosts down"
    slide.notes_slide.notes_text_frame.text = "Do not forget to thank the team."
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "Figures"
    cells = second.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for (r, c), text in {(0, 0): "Year", (0, 1): "Sales", (1, 0): "2022", (1, 1): "34"}.items():
        cells.cell(r, c).text = text
    data = CategoryChartData()
    data.categories = ["East", "West"]
    data.add_series("Sales", (19.2, 21))
    second.shapes.add_chart(XL_CHART_TYPE.PIE, Inches(1), Inches(4), Inches(4), Inches(2), data)
    deck.save(tmp_path / "x.pptx")
    parsed = soundly(tmp_path / "x.pptx")
    assert parsed.title == "季度总结"
    assert blocks(parsed.pages[0]) == [
        ("heading1", "季度总结"), ("list", "- Sales up\n- Costs down"), ("paragraph", "Do not forget to thank the team."),
    ]  # fmt: skip
    assert "| 2022 | 34 |" in parsed.pages[1].text
    assert "| East | 19.2 |" in parsed.pages[1].text


def test_xlsx(tmp_path, soundly):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "员工"
    sheet.append(["Staff list"])
    sheet.append(["Name", "Since", "Share", "Salary", "Active"])
    for n in range(250):
        sheet.append([f"员工{n}", dt.datetime(2020, 1, 1 + n % 28, tzinfo=None), 0.125, 1234567, True])
    sheet["C3"].number_format = "0.0%"
    sheet["D3"].number_format = "#,##0"
    other = book.create_sheet("Other")
    other["A1"], other["B1"], other["A2"], other["B2"] = "k", "v", 3.0, 0.1 + 0.2
    book.create_sheet("Empty")
    book.save(tmp_path / "x.xlsx")
    parsed = soundly(tmp_path / "x.xlsx")
    assert [page.label for page in parsed.pages] == ["员工 1–100", "员工 101–200", "员工 201–250", "Other"]
    assert [page.section for page in parsed.pages] == [("员工",)] * 3 + [("Other",)]
    assert parsed.pages[0].text.startswith("Staff list\n\n| Name | Since | Share | Salary | Active |\n| --- |")
    assert "| 员工0 | 2020-01-01 | 12.5% | 1,234,567 | TRUE |" in parsed.pages[0].text
    assert parsed.pages[2].text.startswith("| Name | Since |")
    assert "员工249" in parsed.pages[2].text
    assert parsed.pages[3].text.endswith("| 3 | 0.3 |")


@pytest.mark.parametrize(("name", "text"), [
    ("x.csv", "name,note\n张三,\"says \"\"hi\"\", twice\"\n李四,b\n"), ("x.tsv", "name\tnote\n张三\tsays \"hi\", twice\n李四\tb\n"),
    ("y.csv", "name;note\n张三;\"says \"\"hi\"\", twice\"\n李四;b\n"),
])  # fmt: skip
def test_csv(tmp_path, soundly, name, text):
    (tmp_path / name).write_text(text)
    page = soundly(tmp_path / name).pages[0]
    assert page.text.startswith("| name | note |\n| --- | --- |\n| 张三 | says")
    assert page.text.endswith("| 李四 | b |")
    assert "hi" in page.text
    assert page.blocks[0].kind == "table"


def test_csv_of_many_rows_carries_its_header(tmp_path, soundly):
    (tmp_path / "x.csv").write_text("id,word\n" + "".join(f"{n},w{n}\n" for n in range(1000)), encoding="utf-16")
    parsed = soundly(tmp_path / "x.csv")
    assert len(parsed.pages) == 10
    assert all(page.text.startswith("| id | word |\n") for page in parsed.pages)
    assert parsed.pages[9].label == "901–1000"


HTML = """<!DOCTYPE html><html><head><title>How to brew tea</title><script>alert('no')</script></head><body>
<nav><a href="/">Home</a> <a href="/shop">Shop our deals</a></nav>
<article><h1>How to brew tea</h1><p>Tea is made from leaves. Boil the water first, then wait
until it has cooled to eighty degrees, which takes about five minutes in a cold room.</p>
<h2>Steps</h2><ul><li>Warm the pot</li><li>Add leaves<ul><li>green</li></ul></li></ul>
<p>茶叶要放在
干燥的地方,避免阳光直射,也不要和气味重的东西放在一起。好的茶叶可以保存一年以上。</p>
<table><tr><th>Tea</th><th>Minutes</th></tr><tr><td>Green</td><td>2</td></tr><tr><td>Black</td><td>4</td></tr></table>
</article><footer>Copyright, cookie settings, imprint</footer></body></html>"""


@pytest.mark.parametrize("name", ["x.html", "x.txt", "x"])
def test_html(tmp_path, soundly, blocks, name):
    (tmp_path / name).write_text(HTML)
    parsed = soundly(tmp_path / name)
    page = parsed.pages[0]
    assert parsed.title == "How to brew tea"
    assert parsed.media_type == "text/html"
    for noise in ("alert", "Shop", "cookie"):
        assert noise not in page.text
    found = blocks(page)
    assert ("heading2", "Steps") in found
    assert any(kind == "list" and "Warm the pot" in text and "green" in text for kind, text in found)
    assert any(kind == "table" and "| Green | 2 |" in text for kind, text in found)
    assert "茶叶要放在干燥的地方" in page.text


def test_html_in_gb2312_without_anything_to_extract(tmp_path, soundly):
    text = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>通知</title></head><body>放假三天</body></html>'
    (tmp_path / "x.htm").write_bytes(text.encode("gb18030"))
    parsed = soundly(tmp_path / "x.htm")
    assert parsed.title == "通知"
    assert parsed.pages[0].text == "放假三天"


MARKDOWN = """---
title: 年假制度
---
# Leave

Some *text* that
goes on.

- one
- two

  with more

| a | b |
|---|---|
| 1 | 2 |

```python
x = 1

y = 2
```

[ref]: http://example.com

Setext
------
> quoted
"""


def test_markdown(tmp_path, soundly, blocks):
    (tmp_path / "x.md").write_text(MARKDOWN)
    parsed = soundly(tmp_path / "x.md")
    page = parsed.pages[0]
    assert parsed.title == "年假制度"
    assert page.text == MARKDOWN.strip()
    assert [kind for kind, _ in blocks(page)] == [
        "code", "heading1", "paragraph", "list", "table", "code", "paragraph", "heading2", "paragraph",
    ]  # fmt: skip
    assert ("list", "- one\n- two\n\n  with more") in blocks(page)


def test_long_markdown_is_paged_at_headings_with_sections(tmp_path, soundly):
    (tmp_path / "x.md").write_text("# Top\n\n" + "".join(f"## Part {n}\n\n{'word ' * 1500}\n\n" for n in range(10)))
    parsed = soundly(tmp_path / "x.md")
    assert len(parsed.pages) > 2
    assert parsed.title == "Top"
    assert all(len(page.text) <= 30_000 for page in parsed.pages)
    assert parsed.pages[1].section[0] == "Top"


def test_epub(tmp_path, soundly, epub):
    path = epub(
        tmp_path / "x.epub",
        ["<h1>Loomings</h1><p>Call me Ishmael.</p>", "<img src='x.png'/>", "<h1>第二章</h1><p>天亮了。</p>"],
        title="Moby Dick",
    )
    parsed = soundly(path)
    assert parsed.title == "Moby Dick"
    assert [page.label for page in parsed.pages] == ["Loomings", "第二章"]
    assert parsed.pages[0].text == "Loomings\n\nCall me Ishmael."


def test_json_and_lines(tmp_path, soundly):
    records = [
        {
            "name": "张三",
            "tags": ["a", "b"],
            "address": {"city": "北京", "floors": [{"n": 1}]},
            "x": None,
            "t": "w " * 300,
        }
        for _ in range(20)
    ]
    (tmp_path / "x.json").write_text(json.dumps(records))
    (tmp_path / "x.jsonl").write_text("\n".join(json.dumps(record) for record in records))
    for name in ("x.json", "x.jsonl"):
        parsed = soundly(tmp_path / name)
        assert 2 <= len(parsed.pages) <= 4
        assert "name: 张三\ntags: a, b\naddress:\n  city: 北京\n  floors:\n    - n: 1\nx: null" in parsed.pages[0].text


def test_bad_json_names_the_line_and_is_read_as_text(tmp_path, soundly):
    (tmp_path / "x.json").write_text('{\n"a": 1,\n"b": }\n')
    parsed = soundly(tmp_path / "x.json")
    assert "line 3" in parsed.notes[0]
    assert '"a": 1,' in parsed.pages[0].text


def test_notebook(tmp_path, soundly, blocks):
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "\n", "Text"]},
        {"cell_type": "code", "source": "x = 1", "outputs": [1]},
    ]
    (tmp_path / "x.ipynb").write_text(json.dumps({"nbformat": 4, "cells": cells}))
    parsed = soundly(tmp_path / "x.ipynb")
    assert parsed.title == "Title"
    assert [kind for kind, _ in blocks(parsed.pages[0])] == ["heading1", "paragraph", "code"]


def test_source_code_keeps_its_layout(tmp_path, soundly):
    source = "import os\n\n\ndef first():\n" + "    x = 1\n" * 40 + "\n\ndef second():\n    return '&nbsp;'\n"
    (tmp_path / "x.py").write_text(source)
    page = soundly(tmp_path / "x.py").pages[0]
    assert page.text == source.strip()
    assert page.text[page.blocks[-1].start :].startswith("def second")


def test_plain_text(tmp_path, soundly, blocks):
    text = "年假制度\n\n一、总则\n本制度适用于全体员工。\n第二条 员工享有年假。\n二、细则\n- 甲\n- 乙\n结束。\n"
    (tmp_path / "x.txt").write_text(text)
    page = soundly(tmp_path / "x.txt").pages[0]
    assert page.text == text.strip()
    assert ("heading3", "一、总则") in blocks(page)
    assert ("list", "- 甲\n- 乙") in blocks(page)
    assert ("paragraph", "本制度适用于全体员工。") in blocks(page)


def test_hard_wrapped_text_is_one_paragraph(tmp_path, soundly):
    (tmp_path / "x.txt").write_text(
        "This line was broken by an editor at sixty columns, as in mail\n"
        "and this one too, so that the three of them make a paragraph\nall together.\n\nAnother.\n"
    )
    assert len(soundly(tmp_path / "x.txt").pages[0].blocks) == 2


def test_a_file_of_blanks_is_skipped(tmp_path, soundly):
    (tmp_path / "x.txt").write_text(" \n\t\n\u3000\n")
    with pytest.raises(Skipped):
        soundly(tmp_path / "x.txt")
