from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from streamlit.testing.v1 import AppTest

from agents import Answer
from app.background import Turn
from app.earlier import Entry, by_day
from ingest import speaking
from tests.app.conftest import MAIN, html_of

ANSWER = "Every employee has ten days of annual leave a year [1]. The moon is made of green cheese."
QUESTION = "How many days of annual leave does an employee have?"


def texts(tab):
    kinds = (tab.markdown, tab.caption, tab.error, tab.warning)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def ask(tab, question=QUESTION):
    tab.chat_input[0].set_value(question).run(timeout=120)
    assert not tab.exception, tab.exception[0].message
    return tab


@pytest.mark.parametrize(("language", "greeting"), [("en", "Ask your documents"), ("zh", "向您的文档提问")])
def test_an_empty_conversation_greets(filled, visit, language, greeting):
    tab = visit(filled(), "chat", language)
    assert tab.title[0].value == greeting
    assert "default" in texts(tab)


def key_of(tab, key):
    return next((one for one in tab.button if one.key == key), None)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_new_home_shows_what_it_lacks_and_ticks_it_off(open_platform_with, visit, language):
    tab = visit(open_platform_with(repeat=True), "chat", language)
    assert texts(tab).count("material/counter_") == 2, "a model of the user's own is there"
    key_of(tab, "load-samples").click().run()
    tab.session_state["work"].adds.latest.wait(60)
    tab.run()
    assert texts(tab).count("material/check_circle") == 2
    questions = [one for one in tab.button if (one.key or "").startswith("example-")]
    assert len(questions) == 4
    questions[0].click().run(timeout=60)
    assert tab.chat_message
    tab.button(key="new-conversation").click().run()
    assert "material/counter_" not in texts(tab)


def test_the_small_model_offers_a_better_one_until_that_is_declined(filled, visit):
    opened = filled()
    opened.language_model.__dict__["extractive"] = True
    opened.conversations.append(opened.conversations.create(), Answer("Hello?", "Hello?", "", abstained=True))
    tab = visit(opened)
    assert any((one.key or "").startswith("get-") for one in tab.button)
    key_of(tab, "notice-ok").click().run()
    assert not any((one.key or "").startswith("get-") for one in tab.button)


def test_own_documents_bring_their_own_questions(filled, visit):
    tab = visit(filled(ANSWER))
    asked = [one.label for one in tab.button if (one.key or "").startswith("example-")]
    assert any("Annual leave" in text for text in asked)


def test_what_is_offered_is_answered_from_where_it_is_asked_about(open_platform_with, visit, tmp_path):
    opened = open_platform_with(repeat=True)
    folder = tmp_path / "offers"
    folder.mkdir()
    text = "# Offer\n\n## Contents\n\n## Delivery\n\nDelivery takes two weeks.\n\n## Empty\n"
    (folder / "offer.md").write_text(text, "utf-8")
    (folder / "prices.md").write_text("# Prices\n\n| Pump | Price |\n|---|---|\n| Kestrel | 480 euros |\n", "utf-8")
    opened.library.add([folder])
    opened.language_model.__dict__["extractive"] = True
    tab = visit(opened)
    offered = [one.label.replace("\\", "") for one in tab.button if (one.key or "").startswith("example-")]
    assert sorted(offered) == ["Kestrel: Price?", "What does “Offer” say about “Delivery”?"]
    tab.button(key="example-0").click().run(timeout=60)
    tab.run()
    [answer] = [one for talk in opened.conversations.list() for one in opened.conversations.turns(talk.id)]
    assert not answer.abstained


def test_an_answer_comes_with_proof_and_unproven_sentences_are_marked(filled, visit):
    opened = filled(ANSWER)
    tab = ask(visit(opened))
    shown = html_of(tab)
    assert '<sup class="zk-n" role="button" tabindex="0">1</sup>' in shown
    assert '<span class="zk-unproven"' in shown
    assert (shown + texts(tab)).count("The moon is made of green cheese") == 1
    [stored] = [turn for talk in opened.conversations.list() for turn in opened.conversations.stored(talk.id)]
    chips = [button for button in tab.button if button.key.startswith("cite-")]
    assert chips
    assert len(chips) <= len(stored.answer.citations)


def test_a_chip_opens_the_quote_marked_in_its_passage(filled, visit):
    tab = ask(visit(filled(ANSWER)))
    next(button for button in tab.button if button.key.startswith("cite-")).click().run()
    assert '<mark class="zk-quote">' in html_of(tab)
    marked = html_of(tab).split('<mark class="zk-quote">')[1].split("</mark>")[0]
    assert "ten days" in marked


def test_hostile_answers_are_shown_as_text(filled, visit):
    hostile = "<script>alert(1)</script> ![x](http://evil.example/p.png) $a$ :red[b] [1]"
    tab = ask(visit(filled(hostile)))
    shown = html_of(tab)
    assert "<script" not in shown
    assert "<img" not in shown
    for element in (*tab.markdown, *tab.caption):
        assert "![x](" not in element.value
        assert ":red[" not in element.value


def test_hostile_file_names_are_escaped_where_streamlit_reads_markdown(filled, visit, handbook):
    text = handbook.read_text("utf-8").replace("# Handbook", "# ![x](http://evil.example/p.png) :red[b] $a$ <b>")
    handbook.write_text(text, "utf-8")
    opened = filled(ANSWER)
    opened.library.add([handbook])
    tab = ask(visit(opened))
    for label in [button.label for button in tab.button] + [caption.value for caption in tab.caption]:
        assert "![x](" not in label
        assert ":red[" not in label


def test_conversations_can_be_continued_renamed_and_deleted(filled, visit):
    opened = filled(ANSWER, "Receipts are handed in within 60 days [1].")
    tab = ask(visit(opened))
    [talk] = opened.conversations.list()
    tab.button(key="new-conversation").click().run()
    assert not tab.chat_message
    tab.button(key=f"talk-{talk.id}").click().run()
    assert len(tab.chat_message) == 2
    ask(tab, "Within how many days are receipts handed in?")
    assert len(opened.conversations.turns(talk.id)) == 2
    tab.text_input(key=f"title-{talk.id}").set_value("Leave & travel")
    next(button for button in tab.button if button.label == "Rename").click().run()
    assert opened.conversations.get(talk.id).title == "Leave & travel"
    tab.button(key="delete-talk").click().run()
    tab.button(key="delete-talk-yes").click().run()
    assert opened.conversations.list() == []
    assert not tab.chat_message


def test_a_conversation_brings_its_knowledge_base_along(filled, visit):
    opened = filled(ANSWER)
    opened.library.create_kb("other")
    tab = ask(visit(opened))
    talk = opened.conversations.list()[0].id
    tab.button(key="new-conversation").click().run()
    tab.selectbox(key="chat-kb").set_value("other").run()
    tab.button(key=f"talk-{talk}").click().run()
    assert tab.selectbox(key="chat-kb").value == "default"
    assert len(tab.chat_message) == 2


def test_a_conversation_deleted_in_another_tab_leaves_an_empty_page(filled, visit):
    opened = filled(ANSWER)
    tab = ask(visit(opened))
    opened.conversations.delete(opened.conversations.list()[0].id)
    tab.run()
    assert not tab.exception
    assert not tab.chat_message


def test_a_thumb_and_its_note_are_kept(filled, visit):
    opened = filled(ANSWER)
    tab = ask(visit(opened))
    talk = opened.conversations.list()[0].id
    tab.feedback[0].set_value(0).run()
    [turn] = opened.conversations.stored(talk)
    assert turn.feedback.thumb == "down"
    tab.text_area(key=f"note-{turn.id}").set_value("wrong page").run()
    [turn] = opened.conversations.stored(talk)
    assert (turn.feedback.thumb, turn.feedback.note) == ("down", "wrong page")


def test_nothing_in_the_documents_is_said_calmly_with_the_nearest_passages(filled, visit):
    tab = ask(visit(filled(), "chat", "zh"), "量子色动力学的渐近自由是谁发现的？")
    assert [key for key in tab.session_state if key.startswith("near-")]
    assert not [button for button in tab.button if button.key.startswith("cite-")]


def test_thoughts_are_folded_beside_the_answer(filled, visit):
    tab = ask(visit(filled(f"<think>Let me see the handbook.</think>{ANSWER}")))
    folded = next(part for part in tab.expander if part.label == "Thoughts")
    assert not folded.proto.expanded
    assert "Let me see the handbook." in html_of(tab)


def test_a_model_that_fails_leaves_the_evidence_and_a_sentence(filled, visit):
    tab = ask(visit(filled(RuntimeError("boom"))))
    assert "boom" in texts(tab)
    assert "ten days" in html_of(tab)


def test_a_question_without_end_is_one_sentence_and_can_be_asked_again(filled, visit):
    tab = ask(visit(filled(ANSWER)), "why " * 3000)
    assert len(tab.error) == 1
    assert "10,000" in tab.error[0].value.replace("\\", "")


def test_two_tabs_see_one_library_and_keep_their_own_conversation(filled, visit):
    opened = filled(ANSWER)
    first, second = visit(opened), visit(opened, "chat", "zh")
    ask(first)
    second.run()
    assert len(first.chat_message) == 2
    assert not second.chat_message
    assert any(button.key.startswith("talk-") for button in second.button)


def test_every_word_of_the_page_is_in_the_language_chosen(filled, visit):
    tab = ask(visit(filled(ANSWER), "chat", "zh"))
    ours = [button.label for button in tab.button if not button.key.startswith(("talk-", "cite-", "hit-"))]
    for label in ours + [part.label for part in tab.expander]:
        assert any("\u4e00" <= char <= "\u9fff" for char in label) or not label.strip(), label


def test_the_address_brings_conversation_language_and_model_back(filled, visit):
    opened = filled(ANSWER)
    tab = ask(visit(opened))
    [talk] = opened.conversations.list()
    assert tab.query_params["talk"] == talk.id
    again = AppTest.from_file(str(MAIN), default_timeout=60)
    again.session_state["platform"] = opened
    again.query_params["talk"] = talk.id
    again.query_params["language"] = "zh"
    again.query_params["model"] = "http://192.0.2.1/v1#spy"
    again.run()
    assert len(again.chat_message) == 2
    assert again.chat_input[0].placeholder.startswith("向您的文档提问")
    assert "model" not in again.session_state, "a link can't bring a model that nobody has added"
    again.button(key="new-conversation").click().run()
    assert "talk" not in again.query_params
    assert not again.chat_message


def test_an_answer_being_written_is_found_again_after_a_refresh(filled, visit):
    opened = filled(ANSWER)
    tab = visit(opened)
    talk = opened.conversations.create()
    [turn] = [Turn(opened.chat(conversation=talk), QUESTION)]
    tab.session_state["work"].turns[talk] = turn
    tab.query_params["talk"] = talk
    tab.run(timeout=60)
    assert len(tab.chat_message) == 2
    assert not tab.session_state["work"].turns


def test_a_conversation_whose_base_is_gone_asks_before_it_goes_on(filled, visit):
    opened = filled(ANSWER, ANSWER)
    opened.library.create_kb("other")
    tab = ask(visit(opened))
    opened.library.rename_kb("default", "moved")
    tab.run()
    assert not tab.chat_input[0].disabled
    opened.library.remove_kb("moved")
    tab.run()
    assert "moved" in texts(tab)
    assert tab.chat_input[0].disabled
    tab.button(key="kb-agree").click().run()
    assert not tab.chat_input[0].disabled


def test_a_question_is_edited_in_a_branch_and_asked_again_with_another_model(filled, visit):
    opened = filled(ANSWER, "Receipts are handed in within 60 days [1].", ANSWER)
    tab = ask(visit(opened))
    ask(tab, "Within how many days are receipts handed in?")
    [talk] = opened.conversations.list()
    last = opened.conversations.stored(talk.id)[-1]
    tab.text_area(key=f"edited-{last.id}").set_value("How many days of leave?")
    next(button for button in tab.button if button.label == "Ask").click().run(timeout=60)
    assert not tab.exception
    newest, first = opened.conversations.list()
    assert first.turns == newest.turns == 2
    assert [answer.question for answer in opened.conversations.turns(newest.id)] == [
        QUESTION,
        "How many days of leave?",
    ]


def test_a_question_asked_again_has_its_answers_side_by_side(filled, visit):
    opened = filled()
    talk = opened.conversations.create()
    for text in ("Ten days.", "Ten days a year.", "Ten."):
        opened.conversations.append(talk, Answer(QUESTION, QUESTION, text, abstained=False, model="m"))
    tab = visit(opened)
    tab.button(key=f"talk-{talk}").click().run()
    assert [len(column.chat_message) for column in tab.columns] == [1, 1, 1]
    assert [column.proto.weight for column in tab.columns if column.proto.weight] == [0.5, 0.5, 1.0]
    assert len(tab.chat_message) == 4, "the question stands once"


def test_a_refusal_offers_what_may_help(filled, visit):
    tab = ask(visit(filled()), "量子色动力学的渐近自由是谁发现的？")
    assert len(tab.get("page_link")) == 2


def test_files_dropped_into_a_chat_are_read_cited_and_taken_out_again(filled, visit):
    opened = filled("The Kestrel pump costs 480 euros [1].", repeat=True)
    tab = visit(opened)
    tab.chat_input[0].upload("offer.md", b"# Offer\n\n## Price\n\nThe Kestrel pump costs 480 euros.\n").upload(
        "broken.pdf", b"%PDF-1.4 broken"
    )
    ask(tab, "What does the Kestrel pump cost?")
    assert "broken.pdf" in texts(tab), "what was not read is said"
    chip = next(button for button in tab.button if button.key.startswith("cite-"))
    assert "· attached" in chip.label
    chip.click().run()
    assert '<mark class="zk-quote">' in html_of(tab)
    [talk] = opened.conversations.list()
    ask(tab, "What does the Kestrel pump weigh?")
    assert "broken.pdf" not in texts(tab)
    last = opened.conversations.stored(talk.id)[-1]
    tab.text_area(key=f"edited-{last.id}").set_value("What does the Kestrel pump cost today?")
    next(button for button in tab.button if button.label == "Ask").click().run(timeout=60)
    newest, _ = opened.conversations.list()
    assert [one.title for one in opened.attachments.documents(newest.id)] == ["Offer"], "a branch has the files too"
    tab.button(key=f"file-gone-{opened.attachments.documents(newest.id)[0].id}").click().run()
    assert not [button for button in tab.button if button.key.startswith("file-")]
    assert opened.attachments.documents(talk.id)


@pytest.mark.parametrize(("language", "word"), [("en", "could be read"), ("zh", "未能读取")])
def test_files_alone_bring_questions_and_one_that_cannot_be_read_says_so(filled, visit, language, word):
    tab = visit(filled(repeat=True), "chat", language)
    tab.chat_input[0].upload("offer.md", b"# Offer\n\n## Delivery\n\nDelivery takes two weeks.\n").set_value("")
    tab.run(timeout=60)
    assert not tab.exception
    assert any("Delivery" in button.label for button in tab.button if (button.key or "").startswith("ask-file-"))
    tab.chat_input[0].upload("broken.pdf", b"%PDF-1.4 broken")
    ask(tab, "What does it cost?")
    assert word in texts(tab)
    assert "broken.pdf" in texts(tab)
    assert key_of(tab, "ask-again") is not None


def test_conversations_stand_under_their_days_as_the_browser_has_them():
    # Half past eight in the morning of the 29th in Shanghai: still the 29th at 00:30 UTC.
    now = datetime(2026, 11, 29, 8, 30, tzinfo=timezone(timedelta(hours=8)))
    times = ["2026-11-29T00:10", "2026-11-28T16:00", "2026-11-28T15:59", "2026-11-22T16:00", "2026-11-22T15:59"]
    entries = [Entry(at, at, "default", f"{at}:00+00:00") for at in times]
    pinned = Entry("p", "p", "default", "2020-01-01T00:00:00+00:00", pinned=True)
    with speaking("zh"):
        groups = by_day([pinned, *entries], now)
    assert {heading: [one.id for one in group] for heading, group in groups.items()} == {
        "置顶": ["p"],
        "今天": times[:2],
        "昨天": times[2:3],
        "近 7 天": times[3:4],
        "更早": times[4:],
    }


def test_conversations_are_found_by_what_was_said_in_them(filled, visit):
    opened = filled()
    for number in range(9):
        text = "The 50%_mark is reached." if number == 3 else f"Nothing of it, number {number}."
        opened.conversations.append(
            opened.conversations.create(), Answer(f"Q{number}", f"Q{number}", text, abstained=True)
        )
    tab = visit(opened)
    tab.text_input(key="find-talk").set_value("50%_MARK").run()
    assert [one.label for one in tab.button if (one.key or "").startswith("talk-")] == ["Q3"]
    tab.text_input(key="find-talk").set_value("q7").run()
    assert [one.label for one in tab.button if (one.key or "").startswith("talk-")] == ["Q7"]
