from __future__ import annotations

import pytest

from ingest.finding import reranked
from tests.app.conftest import html_of


@pytest.mark.parametrize(
    ("language", "title", "columns"),
    [("en", "Search", ("Together", "Meaning", "Words")), ("zh", "检索", ("融合", "语义", "词语"))],
)
def test_both_legs_stand_beside_the_fused_order(filled, visit, language, title, columns):
    platform = filled()
    tab = visit(platform, "search", language)
    assert tab.title[0].value == title
    tab.text_input(key="search-query").set_value("annual leave").run()
    assert not tab.exception
    table = tab.dataframe[0].value
    hits = platform.library.search("annual leave")
    assert len(table) == len(hits)
    for column in columns:
        assert column in table.columns
    assert [round(score, 6) for score in table[columns[0]]] == [round(hit.score, 6) for hit in hits]
    assert '<mark class="zk-term">annual</mark>' in html_of(tab)


def test_a_passage_opens_where_it_stands(filled, visit):
    platform = filled()
    tab = visit(platform, "search")
    tab.text_input(key="search-query").set_value("annual leave").run()
    tab.button(key="open-hit-1").click().run()
    assert '<mark class="zk-quote">' in html_of(tab)


def test_markup_in_documents_is_shown_as_text(filled, visit, handbook):
    handbook.write_text("Leave <script>alert(1)</script> ![x](http://evil.example/p.png) annual\n", "utf-8")
    platform = filled()
    platform.library.add([handbook])
    tab = visit(platform, "search")
    tab.text_input(key="search-query").set_value("annual <img src=x>").run()
    assert "<script" not in html_of(tab)
    assert "<img" not in html_of(tab)


def test_an_empty_library_and_an_endless_question_are_one_sentence(open_platform_with, visit):
    tab = visit(open_platform_with(), "search")
    tab.text_input(key="search-query").set_value("annual leave").run()
    assert len(tab.info) == 1
    tab.text_input(key="search-query").set_value("x" * 20_000).run()
    assert len(tab.error) == 1
    assert not tab.exception


def test_a_reranker_stands_beside_the_legs(filled, visit, monkeypatch):
    platform = filled()
    found = platform.library.search("annual leave")
    monkeypatch.setattr(type(platform.library), "search", lambda *_, **__: reranked(found, [0.25]))
    tab = visit(platform, "search")
    tab.text_input(key="search-query").set_value("annual leave").run()
    assert not tab.exception
    table = tab.dataframe[0].value
    assert list(table["Reranked"])[:1] == [0.25]
    assert list(table["Together"]) == pytest.approx([hit.score for hit in found])
    assert list(table["Together rank"]) == [str(hit.rank) for hit in found]
    assert any("reranked 0.250 (no. 1) · together" in caption.value for caption in tab.caption)
