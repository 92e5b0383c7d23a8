"""Filters, tags and several knowledge bases in the application."""

from __future__ import annotations

import pytest

ANSWER = "Every employee has ten days of annual leave a year [1]."
QUESTION = "How many days of annual leave does an employee have?"


@pytest.fixture
def platform(open_platform_with, handbook):
    """'default' holds the handbook and another document, 'second' a third."""
    opened = open_platform_with(ANSWER)
    other = handbook.with_name("other.txt")
    other.write_text("Annual leave of contractors is settled by contract.", "utf-8")
    third = handbook.with_name("third.txt")
    third.write_text("In the second base annual leave is twelve days.", "utf-8")
    opened.library.add([handbook], tags=["staff", "owner=Li"])
    opened.library.add([other])
    opened.library.add([third], kb="second")
    return opened


def test_the_search_page_keeps_to_tags_conditions_and_bases(platform, visit):
    tab = visit(platform, "search")
    base = platform.library.kb("default").id
    tab.text_input(key="search-query").set_value("annual leave").run()

    def shown():
        assert not tab.exception, tab.exception[0].message
        return {name.split(" · ")[0] for name in tab.dataframe[0].value["Passage"]}

    assert shown() == {"Handbook", "other"}
    tab.multiselect(key=f"search-where-{base}").set_value(["tag=staff"]).run()
    assert shown() == {"Handbook"}
    tab.multiselect(key=f"search-where-{base}").set_value([]).run()
    tab.multiselect(key=f"search-kbs-{base}").set_value(["second"]).run()
    tab.multiselect(key=f"search-where-{base}").set_value(["kind=txt"]).run()
    assert shown() == {"other", "third"}
    assert any("second" in name for name in tab.dataframe[0].value["Passage"])
    tab.multiselect(key=f"search-where-{base}").set_value(["tgg=1"]).run()
    assert "A filter knows no" in tab.error[0].value
    tab.multiselect(key=f"search-where-{base}").set_value(["tag=nix"]).run()
    assert "No document fits" in tab.info[0].value


def test_the_chat_answers_from_what_the_filter_lets_through(platform, visit):
    tab = visit(platform)
    base = platform.library.kb("default").id
    tab.multiselect(key=f"chat-where-{base}").set_value(["field:owner=li"]).run()
    tab.chat_input[0].set_value(QUESTION).run(timeout=120)
    assert not tab.exception, tab.exception[0].message
    (stored,) = [turn for talk in platform.conversations.list() for turn in platform.conversations.stored(talk.id)]
    assert {hit.document for hit in stored.answer.hits} == {"Handbook"}
    assert {cited.kb for cited in stored.answer.citations} == {"default"}


def test_the_library_page_filters_and_tags(platform, visit):
    tab = visit(platform, "library")
    assert [list(tags) for tags in tab.dataframe[0].value["Tags"]] == [["staff"], []]
    assert list(tab.dataframe[0].value["Fields"]) == ["owner: Li", ""]
    tab.text_input(key="document-filter").set_value("tag=staff").run()
    assert list(tab.dataframe[0].value["Document"]) == ["Handbook"]
    tab.text_input(key="document-filter").set_value("tag=").run()
    assert tab.error
    tab.text_input(key="document-filter").set_value("oth").run()
    assert list(tab.dataframe[0].value["Document"]) == ["other"]
    assert not tab.exception
