"""What a person would expect of the passages of a document."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from ingest.chunking import Chunker
from ingest.chunking.breaks import sentences
from ingest.documents import Block, Chunk, Page, Parsed
from ingest.embedders.hashing import HashingEmbedder

count = HashingEmbedder().count_tokens


def markdown(text: str, **page: object) -> Page:
    """A page with the blocks that a loader would find."""
    blocks = []
    for match in re.finditer(r"(?:[^\n]+\n?)+", text):
        part = match.group()
        level = len(part) - len(part.lstrip("#"))
        kind = "heading" if level else "table" if part.startswith("|") else "list" if part[:2] == "- " else "paragraph"
        blocks.append(Block(kind, match.start(), match.end(), level))
    return Page(1, text, tuple(blocks), **page)  # type: ignore[arg-type]


def split(page: Page, title: str = "", target: int = 60, limit: int = 120) -> list[Chunk]:
    return Chunker(count, limit, target).split(Parsed(title, "text/markdown", (page,)))


def texts(text: str, **kwargs: int) -> list[str]:
    return [chunk.text for chunk in split(Page(1, text), **kwargs)]


def test_a_short_text_is_one_passage() -> None:
    (chunk,) = split(Page(3, "\n 年假有五天。\n"), "手册")
    assert (chunk.page, chunk.text, chunk.start, chunk.end) == (3, "年假有五天。", 2, 8)
    assert chunk.context == "手册"
    assert chunk.tokens == count("手册\n年假有五天。")


def test_nothing_comes_of_nothing() -> None:
    assert split(Page(1, "")) == []
    assert split(Page(1, " \n\t\u3000\n")) == []
    assert Chunker(count, 100).split(Parsed("x", "text/plain", ())) == []


def test_chinese_is_cut_after_sentences_and_never_before_a_closing_mark() -> None:
    text = "他说：“量化以后只要四GB。”这是真的吗？！（是的。）" * 12
    parts = texts(text)
    assert len(parts) > 2
    assert all(part[-1] in "”。！？）" and part[0] in "他这（" for part in parts)
    assert "".join(parts) == text


def test_english_is_cut_after_sentences_not_after_abbreviations() -> None:
    text = "Dr. Smith of Acme Inc. saw 3.5 GB. It was enough (see Fig. 2)! Was it? Yes."
    assert [text[a:b] for a, b in sentences(text)] == [
        "Dr. Smith of Acme Inc. saw 3.5 GB.",
        "It was enough (see Fig. 2)!",
        "Was it?",
        "Yes.",
    ]


def test_a_word_that_begins_with_a_dot_stays_whole() -> None:
    text = "It runs on many. .NET is one of them."
    assert [text[a:b] for a, b in sentences(text)] == ["It runs on many. .NET", "is one of them."]


def test_parts_of_a_long_paragraph_are_about_even() -> None:
    parts = split(Page(1, "这个句子一共有十二个字长。" * 25))  # 325 tokens, target 60
    sizes = [chunk.tokens for chunk in parts]
    assert len(sizes) in {5, 6}
    assert max(sizes) <= 1.5 * min(sizes)


def test_a_heading_goes_with_what_follows() -> None:
    sections = "\n\n".join(f"## 第{n}节\n\n" + "这一节讲了一些事情，也讲了另一些。" * 3 for n in range(6))
    chunks = split(markdown(f"# 手册\n\n{sections}"))
    assert not any(re.search(r"#+ [^\n]*$", chunk.text) for chunk in chunks)
    assert all(chunk.text.startswith("#") for chunk in chunks)
    assert chunks[0].text.startswith("# 手册\n\n## 第0节\n\n这一节")


def test_headings_give_the_section_path_and_its_unsaid_part_is_context() -> None:
    body = "这一段很长，需要分成几块来放。" * 10
    chunks = split(markdown(f"# 指南\n\n## 内存\n\n{body}\n\n## 磁盘\n\n{body}"), "手册")
    assert {chunk.section for chunk in chunks} == {("指南", "内存"), ("指南", "磁盘")}
    assert chunks[0].context == "手册"  # both headings stand in the text
    assert chunks[1].context == "手册 › 指南 › 内存"
    assert next(chunk for chunk in chunks if chunk.text.startswith("## 磁盘")).context == "手册 › 指南"


def test_a_heading_closes_deeper_ones_and_the_path_of_the_page_stands_above() -> None:
    text = "## 乙\n\n" + "甲乙丙丁戊己庚辛。" * 5 + "\n\n### 丙\n\n" + "子丑寅卯辰巳午未。" * 5 + "\n\n## 丁\n\n完了。"
    chunks = split(markdown(text, section=("甲",)))
    assert [chunk.section for chunk in chunks] == [("甲", "乙"), ("甲", "乙", "丙"), ("甲", "丁")]


def test_a_table_that_fits_stays_whole() -> None:
    table = "| 名称 | 数量 |\n|---|---|\n" + "".join(f"| 项 {n} | {n} |\n" for n in range(9))
    text = "前面有一段话，说明一些事情。" * 4 + f"\n\n{table}\n" + "后面也有一段话，说明一些事情。" * 4
    assert sum(table.strip() in chunk.text for chunk in split(markdown(text))) == 1


def test_a_split_table_carries_its_header_row_as_context() -> None:
    table = "| 名称 | 数量 |\n|---|---|\n" + "".join(f"| 项目 {n} | {n} |\n" for n in range(80))
    chunks = split(markdown(f"# 库存\n\n{table}"), "仓库")
    assert len(chunks) > 3
    assert "| 名称" not in chunks[0].context
    for chunk in chunks[1:]:
        assert chunk.context == "仓库 › 库存\n| 名称 | 数量 |"
        assert chunk.text.startswith("| 项目")
        assert chunk.text.endswith("|")


def test_a_list_is_cut_between_its_items() -> None:
    items = "".join(f"- 第 {n} 项，写得稍微长一点。还有第二句。\n" for n in range(20))
    chunks = split(markdown(f"步骤如下：\n\n{items}"))
    assert chunks[0].text.startswith("步骤如下：\n\n- 第 0 项")
    assert all(chunk.text.startswith("- ") for chunk in chunks[1:])


def test_small_rest_joins_the_passage_before_it() -> None:
    text = "这是一个有十三个字的句子呢。" * 4 + "\n\n" + "这是一个有十三个字的句子呢。" * 4 + "\n\n完。"
    assert [part.endswith("完。") for part in texts(text)] == [False, True]


def test_long_words_and_texts_without_any_break_are_cut_too() -> None:
    for text in ("x" * 5000, "汉" * 1000, "。" * 1000, "（" * 500, "👩‍👩‍👧‍👦" * 300, "a\u0301" * 2000):
        chunks = split(Page(1, text))
        assert "".join(chunk.text for chunk in chunks) == text
        assert all(chunk.tokens <= 120 for chunk in chunks)
    assert not any(part.startswith("\u0301") for part in texts("a\u0301" * 2000))


def test_a_very_long_title_or_heading_leaves_room_for_the_text() -> None:
    page = markdown(f"# {'标题' * 200}\n\n" + "正文在这里。" * 50)
    chunks = Chunker(count, 64, 40).split(Parsed("题目" * 300, "text/plain", (page,)))
    assert all(chunk.tokens <= 64 and count(chunk.context) <= 16 for chunk in chunks)


def test_a_passage_never_crosses_a_page() -> None:
    pages = (Page(1, "第一页没有说完"), Page(2, "的话在第二页。"))
    assert [chunk.page for chunk in Chunker(count, 100).split(Parsed("t", "x", pages))] == [1, 2]


def test_overlapping_wrong_or_missing_blocks_lose_nothing() -> None:
    text = "开头。\n\n中间一段。\n\n结尾。"
    blocks = (Block("paragraph", 4, 11), Block("list", 6, 900), Block("table", 3, 3))
    chunks = split(Page(1, text, blocks))
    covered = {at for chunk in chunks for at in range(chunk.start, chunk.end)}
    assert {at for at, char in enumerate(text) if not char.isspace()} <= covered


def test_a_limit_that_fits_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        Chunker(count, 8)


def test_passages_are_in_order_and_do_not_overlap() -> None:
    chunks = split(markdown("# a\n\n" + "Some words here. And some more, too. " * 60))
    assert all(one.end <= two.start for one, two in pairwise(chunks))


def test_a_title_that_says_nothing_is_no_context() -> None:
    for title, context in (("zh-001", ""), ("3f2a_scan07", ""), ("Annual report 2022", "Annual report 2022")):
        assert split(Page(1, "年假有五天。"), title)[0].context == context


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("ACME_2022_10K", "ACME 2022 10K"),
        ("员工手册_v2", "员工手册 v2"),
        ("Notes_2024", "Notes 2024"),
        ("scan_0042", ""),
        ("zh-001", ""),
        ("003_98bad4735303fb66", ""),
    ],
)
def test_file_names_are_put_before_passages_where_they_say_something(title: str, said: str) -> None:
    assert split(Page(1, "Net sales rose."), title)[0].context == said


@pytest.mark.parametrize(
    ("caption", "rows_above"),
    [
        ("Acme and Subsidiaries\nConsolidated Balance Sheets\nAs of June 30, 2023 2022", 3),
        ("Statement of Income\nYears ended December 31\n(Millions) 2022 2021 2020", 3),
        ("Sales by region\n(in millions)", 2),
        ("Item Price", 1),
    ],
)
def test_the_rows_of_a_printed_table_keep_its_whole_caption(caption: str, rows_above: int) -> None:
    text = caption + "".join(f"\nLong label of row {n} {n}00 {n}50" for n in range(3, 40))
    first, *rest = split(Page(1, text, (Block("table", 0, len(text)),)), target=40)
    assert first.context == ""
    assert len(rest) > 2
    assert {chunk.context for chunk in rest} == {" ".join(caption.split("\n")[:rows_above])}


def test_a_table_without_a_caption_lends_its_rows_none() -> None:
    text = "\n".join(f"Label {n} {n}00 {n}50" for n in range(1, 60))
    assert {chunk.context for chunk in split(Page(1, text, (Block("table", 0, len(text)),)), target=40)} == {""}
