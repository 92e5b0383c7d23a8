"""RTF: code pages, tables, headings, notes, and what is not read."""

from __future__ import annotations

import contextlib
import random

import pytest

from ingest.errors import LoadError
from ingest.loaders import load


def gbk(text):
    return "".join(chr(b) if b < 128 else f"\\'{b:02x}" for b in text.encode("gbk"))


def read(tmp_path, body, head=r"\ansi\ansicpg936\deff0{\fonttbl{\f0\fcharset134 SimSun;}{\f1\fcharset0 Arial;}}"):
    (tmp_path / "x.rtf").write_bytes(b"{\\rtf1" + (head + body).encode("latin-1") + b"}")
    return load(tmp_path / "x.rtf")


def test_chinese_of_a_code_page_headings_and_a_table_with_its_headers(tmp_path, soundly):
    row = r"\trowd\cellx2000\cellx4000\pard\intbl %s\cell %s\cell\row"
    body = (
        r"{\stylesheet{\s0 Normal;}{\s1 heading 1;}}{\info{\title " + gbk("价格手册") + r"}}\pard\s1 " + gbk("第一章")
        + r"\par\pard\f0 " + gbk("下表有效。") + r"\par" + row % (gbk("品名"), gbk("价格")) + row % (gbk("镐头"), "1480")
        + r"\pard " + gbk("完") + r"\par"
    )  # fmt: skip
    read(tmp_path, body)
    parsed = soundly(tmp_path / "x.rtf")
    (page,) = parsed.pages
    assert (parsed.title, parsed.media_type) == ("价格手册", "application/rtf")
    assert [block.kind for block in page.blocks] == ["heading", "paragraph", "table", "paragraph"]
    assert page.text.startswith("第一章\n\n下表有效。")
    assert "| 品名 | 价格 |\n| --- | --- |\n| 镐头 | 1480 |" in page.text


def test_bytes_are_read_by_their_font_and_unicode_passes_over_its_stand_ins(tmp_path):
    body = r"\f1 caf\'e9 \f0 " + gbk("年假") + r" \u24180?\uc2\u20551\'d4\'bc\uc1 \u-10179?\u-8704?!\par"
    assert read(tmp_path, body).pages[0].text == "café 年假 年假😀!"


def test_the_second_byte_may_be_a_plain_letter(tmp_path):
    body = r"\f0 " + gbk("丂乗").replace("\\'40", "@") + r"\'81\{\par"  # 0x8140, 0x817b
    assert read(tmp_path, body).pages[0].text.startswith(b"\x81@".decode("gbk"))


def test_merged_cells_carry_their_label(tmp_path):
    body = (
        r"\trowd\clvmgf\cellx1000\cellx2000\cellx3000\pard\intbl City\cell Class\cell Rate\cell\row"
        r"\trowd\clvmgf\cellx1000\cellx2000\cellx3000\pard\intbl Paris\cell A\cell 180\cell\row"
        r"\trowd\clvmrg\cellx1000\cellx2000\cellx3000\pard\intbl\cell B\cell 140\cell\row\pard"
    )
    assert "| Paris | B | 140 |" in read(tmp_path, body).pages[0].text


@pytest.mark.parametrize(("body", "text"), [
    (r"10{\super 6} and H{\sub 2}O\par", "10^6 and H₂O"),
    (r"Ten days{\super\chftn{\footnote\pard{\super\chftn} From 2026.}}\par More.\par", "Ten days ¹\n\n¹ From 2026.\n\nMore."),
    (r"See {\field{\*\fldinst HYPERLINK \"http://x.example\"}{\fldrslt the rules}}.\par", "See the rules."),
    (r"Old {\deleted gone }new\par", "Old new"),
    (r"{\header Price list\par}{\footer Page \chpgn\par}Body\par", "Price list\n\nBody"),
    (r"{\*\generator Any 1.0;}{\*\unheard of}{\pict\bin4 }}}}}Body\par", "Body"),
])  # fmt: skip
def test_what_stands_in_a_text_and_what_does_not(tmp_path, body, text):
    assert read(tmp_path, body).pages[0].text == text


def test_pictures_comments_and_hidden_text_are_told(tmp_path):
    parsed = read(tmp_path, r"A{\v secret} b{\*\atnauthor Ann}{\*\annotation\pard Check}{\pict\wmetafile8 01}\par")
    assert any("Hidden" in note for note in parsed.notes)
    assert any("Pictures" in note for note in parsed.notes)
    assert "Comment by Ann: Check" in parsed.pages[0].text
    assert "secret" not in parsed.pages[0].text


def test_groups_nested_without_end_are_read(tmp_path):
    assert read(tmp_path, "{" * 50_000 + "deep" + "}" * 50_000).pages[0].text == "deep"


@pytest.mark.parametrize("seed", range(3))
def test_damage_anywhere_is_no_more_than_damage(tmp_path, seed):
    luck = random.Random(seed)
    row = r"\trowd\clvmgf\cellx1000\cellx2000\pard\intbl A{\footnote x}\cell 1\cell\row\pard "
    sound = (
        r"{\rtf1\ansicpg936{\fonttbl{\f0\fcharset134 S;}}\f0 " + gbk("年假十天") + r"\par " + row * 3 + "}"
    ).encode()
    parts = [
        b"{",
        b"}",
        b"\\",
        b"\\'",
        b"\\u-1",
        b"\\cell",
        b"\\trowd",
        b"\\bin9",
        b"\\footnote",
        b"\\*",
        b"\xff",
        b"\\ansicpg9",
    ]
    for _ in range(60):
        data = bytearray(sound)
        for _ in range(luck.randrange(1, 20)):
            at = luck.randrange(6, len(data))
            data[at : at + luck.randrange(3)] = luck.choice(parts)
        (tmp_path / "x.rtf").write_bytes(data)
        with contextlib.suppress(LoadError):
            load(tmp_path / "x.rtf")
