"""What a person sees of stored answers: the states of their sentences, refusals, quotes, what the model wrote."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from agents import Answer
from agents.proof.checking import CheckedSentence
from agents.proof.sources import Citation
from app.proof_drawing import _about_quotes
from tests.app.conftest import html_of

LEAVE = "Every employee has ten days of annual leave a year."
TRAVEL = "A hotel in Shanghai may cost 650 yuan per night."
WRONG = "A hotel in Shanghai may cost 900 yuan per night."


def chips(tab):
    return [button for button in tab.button if button.key.startswith("cite-")]


def said(text, verdict="supported", marks=(1,), reason="", instead=""):
    return CheckedSentence(text, marks, verdict, reason, instead)


@pytest.fixture
def look(filled, visit):
    """Store an answer in a conversation of its own and look at it. `quotes`: (sentence, quote, verified)."""

    def draw(text, *, quotes=(), language="en", **more):
        opened = filled()
        hits = tuple(opened.library.search("annual leave hotel", k=8))
        citations = []
        for sentence, quote, verified in quotes:
            hit = next(hit for hit in hits if quote in hit.text)
            start = hit.start + hit.text.index(quote)
            citations.append(
                Citation(
                    1, hit.document, hit.path, hit.page, start, start + len(quote), quote, verified, hit.document_id
                )
            )
            citations[-1] = replace(citations[-1], sentence=sentence)
        answer = Answer(
            "What?", "What?", text, **{"abstained": False, "hits": hits, "citations": tuple(citations)} | more
        )
        conversation = opened.conversations.create("default")
        opened.conversations.append(conversation, answer)
        tab = visit(opened, "chat", language)
        tab.button(key=f"talk-{conversation}").click().run()
        assert not tab.exception, tab.exception[0].message
        return tab

    return draw


@pytest.mark.parametrize(("language", "why"), [("en", "the passage says 650"), ("zh", "原文为 650")])
def test_what_differs_says_so_in_its_place_and_on_its_chip(look, language, why):
    sentences = (said(LEAVE), said(WRONG, "differs", reason="number", instead="650"))
    quotes = ((LEAVE, LEAVE, True), (WRONG, TRAVEL, False))
    text = (
        "Every employee has ten days of annual leave a year [1]. A hotel in Shanghai may cost 900 yuan per night [1]."
    )
    tab = look(text, quotes=quotes, sentences=sentences, language=language)
    assert f'<span class="zk-differs" title="{why}" tabindex="0">A hotel in Shanghai' in html_of(tab)
    proven, differing = chips(tab)
    assert why not in proven.label
    assert why in differing.label
    differing.click().run()
    assert f'<mark class="zk-quote">{TRAVEL}</mark>' in html_of(tab)
    assert [tab.button(key=f"place-{way}").disabled for way in ("Left", "Right")] == [False, True]


def walk():
    import streamlit as st

    from app.reader import Place, _places

    library = st.session_state["platform"].library
    st.session_state.setdefault("place-at", 0)
    _places([Place([hit]) for hit in library.search("annual leave hotel")[:2]])


def test_sources_are_gone_through_one_after_the_other(open_platform_with, handbook):
    (handbook.parent / "notes.md").write_text("# Notes\n\nAnnual leave is planned in January.\n", "utf-8")
    opened = open_platform_with()
    opened.library.add([handbook.parent])
    tab = AppTest.from_function(walk, default_timeout=60)  # a test's tab closes a dialog with every click
    tab.session_state["platform"] = opened
    first = html_of(tab.run())
    second = html_of(tab.button(key="place-Right").click().run())
    assert not tab.exception
    assert first != second
    assert tab.button(key="place-Right").disabled
    assert html_of(tab.button(key="place-Left").click().run()) == first


def test_a_phrase_is_marked_as_a_quote_alone(look):
    tab = look("Annual leave [1].", sentences=(said("Annual leave.", "quote", reason="phrase"),))
    assert 'title="only the phrase is in the passage"' in html_of(tab)
    assert '<sup class="zk-sign">○</sup>' in html_of(tab)


def test_answers_of_earlier_versions_show_what_is_not_proven(look):
    tab = look(f"{LEAVE} {WRONG}", unsupported_sentences=(WRONG,))
    assert html_of(tab).count('class="zk-unproven"') == 2  # the sentence, and what the mark means


def test_a_citation_without_a_quote_opens_the_passage_it_names(look):
    [chip] = chips(
        tab := look(f"{WRONG[:-1]} [1].", quotes=((WRONG, "", False),), sentences=(said(WRONG, "unsupported"),))
    )
    chip.click().run()
    marked = html_of(tab).split('<mark class="zk-quote">')[1].split("</mark>")[0]
    assert marked.strip()


@pytest.mark.parametrize(
    ("language", "verdict", "label"),
    [
        ("en", "unsupported", "What the model wrote, without proof"),
        ("zh", "unsupported", "模型写的内容（未经证实）"),
        ("en", "supported", "What the model wrote; it does not answer the question"),
    ],
)
def test_a_refusal_comes_first_then_quotes_and_the_models_words_lie_folded(look, language, verdict, label):
    tab = look(
        "The documents do not say.",
        abstained=True,
        quotes=(("", TRAVEL, True),),
        written=WRONG,
        sentences=(said(WRONG, verdict, reason="words"),),
        language=language,
    )
    shown = html_of(tab)
    assert shown.index("The documents do not say.") < shown.index(TRAVEL) < shown.index("900 yuan")
    [folded] = [part for part in tab.expander if part.label == label]
    assert not folded.proto.expanded
    assert "900 yuan" in html_of(folded)
    assert ("zk-unproven" in html_of(folded)) == (verdict != "supported")
    assert not chips(tab)
    next(button for button in tab.button if button.key.startswith("near-")).click().run()
    assert f'<mark class="zk-quote">{TRAVEL}</mark>' in html_of(tab)


def test_quotes_in_the_place_of_unproven_words_are_not_drawn_as_proof_of_them(look):
    quotes = ((TRAVEL, TRAVEL, True),)
    judged = (said(WRONG, "unsupported", reason="words"),)
    tab = look(f"{TRAVEL[:-1]} [1].", extractive=True, quotes=quotes, written=WRONG, sentences=judged)
    told = "\n".join(str(part.value) for part in tab.markdown).replace("\\", "")
    assert "Closest quotes – judge for yourself. Quoted from the documents, word for word." in told
    assert '<sup class="zk-n"' not in html_of(tab)
    assert next(part.label for part in tab.expander) == "What the model wrote, without proof"


def test_only_what_is_word_for_word_is_called_so():
    def cited(quote, sentence, start=0, document=1):
        return Citation(1, "Rates", "/r.md", 1, start, start + len(quote), quote, True, document, sentence=sentence)

    row = "City: Shanghai; Hotel: 650 yuan"
    table = [cited("| City | Hotel |", row), cited("| Shanghai | 650 yuan |", row, 40)]
    assert "word for word" in _about_quotes([cited(TRAVEL, TRAVEL)])
    assert "table" in _about_quotes(table)
    assert "table" in _about_quotes([*table, cited(TRAVEL, TRAVEL)])
    assert "word for word" not in _about_quotes([*table, cited(TRAVEL, TRAVEL)])
    conflict = [cited("650 yuan", "A says 650, B says 480."), cited("480 yuan", "A says 650, B says 480.", document=2)]
    assert "table" not in _about_quotes([cited(TRAVEL, TRAVEL), *conflict])
