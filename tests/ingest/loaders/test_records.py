"""Records of JSON, of `Key: value` blocks and of CSV: rows with their names; what is damaged costs itself alone."""

from __future__ import annotations

import json

import pytest


def test_a_list_of_records_is_a_table(tmp_path, soundly, blocks):
    (tmp_path / "x.json").write_text(
        json.dumps([{"no": f"article {n}", "place": f"rack {n // 7}"} for n in range(1, 31)])
    )
    ((kind, text),) = blocks(soundly(tmp_path / "x.json").pages[0])
    assert kind == "table"
    assert text.startswith("| no | place |\n| --- | --- |\n| article 1 | rack 0 |")
    assert "| article 30 | rack 4 |" in text


@pytest.mark.parametrize(("value", "rows"), [
    ({"people": [{"n": "A", "at": {"city": "Rom"}}, {"n": "B", "at": {"city": "Oslo"}, "tags": ["x", "y"]}], "year": 2026},
     ("year: 2026", "people", "| n | at.city | tags |", "| B | Oslo | x; y |")),
    ({"anna": {"phone": 1}, "bela": {"phone": 2, "desk": "b"}}, ("|  | phone | desk |", "| bela | 2 | b |")),
    ([{"a": "张三", "b": True}, {"a": "李四", "b": None}], ("| 张三 | true |", "| 李四 | null |")),
])  # fmt: skip
def test_other_shapes_of_records(tmp_path, soundly, value, rows):
    (tmp_path / "x.json").write_text(json.dumps(value))
    text = soundly(tmp_path / "x.json").pages[0].text
    for row in rows:
        assert row in text


@pytest.mark.parametrize(("text", "said"), [
    (r'{"from": "Zo\u00c3\u00ab", "says": "18:30 w \u00c5\u0081odzi, \u00e6\u0099\u009a\u00e4\u00b8\u008a\u00e8\u00a7\u0081"}', "from: Zoë\nsays: 18:30 w Łodzi, 晚上见"),
    (r'{"from": "Zo\u00eb", "says": "Stra\u00dfe \u2013 \u65e9"}', "from: Zoë\nsays: Straße – 早"),
    (r'{"name": "x", "path": "C:\\u00c3\u00ab"}', "name: x\npath: C:\\u00c3«"),
])  # fmt: skip
def test_letters_that_an_export_spells_by_their_bytes_are_letters(tmp_path, soundly, text, said):
    (tmp_path / "message_1.json").write_text(text)
    assert soundly(tmp_path / "message_1.json").pages[0].text == said


def test_one_bad_line_costs_one_line_and_is_named_as_an_editor_counts(tmp_path, soundly):
    rows = [json.dumps({"id": n, "text": f"ticket {n} is open"}) for n in range(1, 51)]
    rows[6] = '{"id": 7, "text": "cut'
    rows.insert(3, "")
    rows.insert(5, "")
    (tmp_path / "x.jsonl").write_text("\n".join(rows) + "\n")
    parsed = soundly(tmp_path / "x.jsonl")
    (note,) = parsed.notes
    assert "9" in note
    assert "| 8 | ticket 8 is open |" in parsed.pages[0].text
    assert "| 50 | ticket 50 is open |" in parsed.pages[-1].text


@pytest.mark.parametrize("text", [
    '{\n  // font size for the projector\n  "editor.fontSize": 18,\n}\n',
    '/* of the hall */\n{"url": "http://x/#a", "list": [1, 2,],}\n', '# yaml-like\n{"a": 1}',
])  # fmt: skip
def test_json_with_comments_is_read_with_them(tmp_path, soundly, text):
    (tmp_path / "settings.json").write_text(text)
    parsed = soundly(tmp_path / "settings.json")
    assert parsed.pages[0].text == text.strip()
    assert not parsed.notes


@pytest.mark.parametrize(("text", "row"), [
    ("Door: D-1\nKey: blue 11\n\nDoor: D-2\nKey: green 12\nKeeper: Jana\n", "| D-2 | green 12 | Jana |"),
    ("钥匙清单\n\n门：一号门\n钥匙：蓝色\n---\n门：二号门\n钥匙：绿色\n\n以上每月更新。", "| 二号门 | 绿色 |"),
    ("Name: Anna\nPhone: 4471\nName: Ben\nPhone: 4482\n", "| Ben | 4482 |"),
])  # fmt: skip
def test_blocks_of_fields_are_rows(tmp_path, soundly, blocks, text, row):
    (tmp_path / "x.txt").write_text(text)
    page = soundly(tmp_path / "x.txt").pages[0]
    assert [row in text for kind, text in blocks(page) if kind == "table"] == [True]
    for line in text.splitlines():
        assert line.rpartition("：" if "：" in line else ":")[2].strip("- ") in page.text


@pytest.mark.parametrize("text", [
    "Q: How many days?\nA: Ten.\n\nQ: How many hours?\nA: Forty.\n", "Name: Widget\nVersion: 6\n\nA library.\n",
    "Anna: I think that we should go home now.\nBen: Yes.\nAnna: And where is the key of the house?\nBen: Here.\n",
])  # fmt: skip
def test_questions_talk_and_headers_are_no_records(tmp_path, soundly, text):
    (tmp_path / "x.txt").write_text(text)
    assert soundly(tmp_path / "x.txt").pages[0].text == text.strip()


def test_a_block_above_the_table_and_a_second_table(tmp_path, soundly):
    (tmp_path / "x.csv").write_text(
        '"Account:","DE00 1234"\n"Owner:","Example Ltd"\n\n"Date","Text","Amount"\n"2026-02-01","Rent","-900.00"\n'
        '"2026-02-03","Power","-84.20"\n\n\n"Clerk","Extension"\n"Nadia","4471"\n"Olaf","4472"\n'
    )
    text = soundly(tmp_path / "x.csv").pages[0].text
    assert "Account: DE00 1234" in text
    assert "| Date | Text | Amount |\n| --- | --- | --- |\n| 2026-02-01 | Rent | -900.00 |" in text
    assert "| Clerk | Extension |\n| --- | --- |\n| Nadia | 4471 |" in text


@pytest.mark.parametrize(("bad", "row"), [
    ('3,"Hose 3 inch,33', "| 3 | Hose 3 inch | 33 |"), ('3,"Tape 5"" wide,12', '| 3 | Tape 5"" wide | 12 |'),
])  # fmt: skip
def test_an_unclosed_quote_costs_a_quote(tmp_path, soundly, bad, row):
    rows = [f"{n},Item {n},{n * 11}" for n in range(1, 41)]
    rows[2] = bad
    rows[20] = '21,"Bolt ""M8"", long",99'
    (tmp_path / "x.csv").write_text("No,Name,Price\n" + "\n".join(rows) + "\n")
    parsed = soundly(tmp_path / "x.csv")
    assert "4" in parsed.notes[0]
    assert row in parsed.pages[0].text
    assert parsed.pages[0].text.count("\n") == 41
    assert '| 21 | Bolt "M8", long | 99 |' in parsed.pages[0].text


def test_cells_of_several_lines_are_sound(tmp_path, soundly):
    (tmp_path / "x.csv").write_text('sep=;\nname;note\nAnna;"one; two\nthree"\nBen;z\n')
    parsed = soundly(tmp_path / "x.csv")
    assert not parsed.notes
    assert parsed.pages[0].text.startswith("| name | note |\n| --- | --- |\n| Anna | one; two three |")


def test_long_numbers_written_for_excel_are_numbers(tmp_path, soundly):
    (tmp_path / "x.csv").write_text('no,sum,formula\n="6225880123456789",35,=A1\n"=""0012,5""",36,x="1"\n')
    text = soundly(tmp_path / "x.csv").pages[0].text
    assert "| 6225880123456789 | 35 | =A1 |" in text
    assert '| 0012,5 | 36 | x="1" |' in text


@pytest.mark.parametrize("name", ["export.xls", "export.txt"])
def test_columns_parted_by_tabs_are_a_table(tmp_path, soundly, name):
    (tmp_path / name).write_text("Cost\tSum\nCustoms\t75\nStamp duty\t12\n")
    parsed = soundly(tmp_path / name)
    assert parsed.title == "export"
    assert "| Stamp duty | 12 |" in parsed.pages[0].text


def test_outputs_of_a_notebook(tmp_path, soundly):
    table = "<table><thead><tr><th>name</th><th>price</th></tr></thead><tr><td>Pump</td><td>14</td></tr></table>"
    outputs = [
        {"output_type": "execute_result", "data": {"text/plain": ["..."], "text/html": [table]}},
        {"output_type": "stream", "text": ["R2 = \x1b[31m0.93\x1b[0m\n"]},
        {"output_type": "display_data", "data": {"image/png": "iVBO", "text/plain": "<Figure>"}},
    ]
    cells = [{"cell_type": "code", "source": "df", "outputs": outputs}]
    (tmp_path / "x.ipynb").write_text(json.dumps({"nbformat": 4, "cells": cells}))
    parsed = soundly(tmp_path / "x.ipynb")
    assert "| Pump | 14 |" in parsed.pages[0].text
    assert "R2 = 0.93" in parsed.pages[0].text
    assert len(parsed.notes) == 1


def test_messages_with_a_type_and_a_text_are_no_pieces_of_one(tmp_path, soundly):
    said = [("U01", "Standup at 9:15"), ("U02", "I'm late")]
    messages = [{"type": "message", "user": user, "text": text, "ts": "1772438400.0002"} for user, text in said]
    for value in (messages, {"channel": "general", "messages": messages}):
        (tmp_path / "x.json").write_text(json.dumps(value))
        text = soundly(tmp_path / "x.json").pages[0].text
        assert "| message | U01 | Standup at 9:15 | 1772438400.0002 |" in text
        assert "| message | U02 | I'm late |" in text
    linked = [
        {"text": ["See ", {"type": "text_link", "text": "the plan", "href": "https://x.example/p"}, "."], "id": n}
        for n in (1, 2)
    ]
    (tmp_path / "x.json").write_text(json.dumps(linked))
    assert "See the plan (https://x.example/p)." in soundly(tmp_path / "x.json").pages[0].text


def test_text_in_pieces_is_one_text_and_its_copy_is_left_out(tmp_path, soundly):
    pieces = ["The gate code is ", {"type": "bold", "text": "5521"}, ", don't share it."]
    entities = [{"type": "plain", "text": text if isinstance(text, str) else text["text"]} for text in pieces]
    messages = [
        {"id": 1, "from": "Anna", "text": pieces, "text_entities": entities},
        {"id": 2, "from": "Bob", "text": "Thanks", "text_entities": []},
    ]
    (tmp_path / "result.json").write_text(json.dumps({"name": "Boat club", "messages": messages}))
    text = soundly(tmp_path / "result.json").pages[0].text
    assert text.endswith(
        "| id | from | text |\n| --- | --- | --- |\n| 1 | Anna | The gate code is 5521, don't share it. |\n| 2 | Bob | Thanks |"
    )


@pytest.mark.parametrize(("xml", "rows"), [
    ('<?xml version="1.0" encoding="gb2312"?><名单><学生 学号="1"><姓名>李雷</姓名></学生><学生 学号="2"><姓名>韩梅梅</姓名></学生></名单>',
     ("| 学号 | 姓名 |", "| 2 | 韩梅梅 |")),
    (('<shop><name>Reed</name><book id="b1"><price currency="EUR">19.90</price></book><book id="b2">'
     '<price currency="GBP">8.50</price><author>A</author><author>B</author></book></shop>'),
     ("name: Reed", "| id | price.currency | price.value | author |", "| b2 | GBP | 8.50 | A; B |")),
])  # fmt: skip
def test_records_of_xml_are_read_under_the_names_of_their_elements(tmp_path, soundly, xml, rows):
    (tmp_path / "x.xml").write_bytes(xml.encode("gb18030"))
    text = soundly(tmp_path / "x.xml").pages[0].text
    for row in rows:
        assert row in text


@pytest.mark.parametrize("xml", [
    "<doc><p>Some <b>bold</b> text</p><p>More</p></doc>",
    "<a><b><c>1</c><d>2</d></b><!-- out of print --><b><c>3</c><d>4</d></b></a>",
    "<a><b><c>1</c></b>", "<a/>",
])  # fmt: skip
def test_other_xml_stays_as_it_is_written(tmp_path, soundly, xml):
    (tmp_path / "x.xml").write_text(xml)
    assert soundly(tmp_path / "x.xml").pages[0].text == xml
