"""The pages of what people make for others: assistants, kept answers, questions of their own; and what went on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents import Assistant, OwnQuestions, OwnRuns
from tests.app.test_chat_page import ANSWER, QUESTION, ask, key_of, texts

DESK = Assistant("Desk", "Hello from the desk.", "Be kind.", ("default",))


def keyed(elements, start):
    return next(one for one in elements if (one.key or "").startswith(start))


def save(tab):
    return next(one for one in tab.button if one.label in ("Save", "保存"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_assistant_is_made_changed_taken_back_copied_and_asked(filled, visit, language):
    opened = filled(ANSWER, repeat=True)
    tab = visit(opened, "assistants", language)
    keyed(tab.text_input, "a-name").set_value("Desk")
    keyed(tab.text_area, "a-greeting").set_value(DESK.greeting)
    keyed(tab.text_area, "a-instructions").set_value("Be kind.")
    save(tab).click().run()
    assert opened.assistants.get("Desk") == DESK
    keyed(tab.text_area, "a-instructions").set_value("Be brief.")
    save(tab).click().run()
    assert opened.assistants.get("Desk").instructions == "Be brief."
    key_of(tab, "assistant-back-1").click().run()
    assert opened.assistants.get("Desk") == DESK
    key_of(tab, "assistant-copy").click().run()
    assert [one.name for one in opened.assistants.list()] == ["Desk", "Desk 2"]
    keyed(tab.text_input, "a-name").set_value("Desk")
    save(tab).click().run()
    assert not tab.exception
    assert tab.error, "the name is taken"
    chat = visit(opened, "chat", language)
    keyed(chat.selectbox, "assistant-of").set_value("Desk").run()
    assert chat.title[0].value == "Desk"
    assert DESK.greeting in texts(chat)
    ask(chat)
    [talk] = opened.conversations.list()
    assert (talk.assistant, talk.kb) == ("Desk", "default")
    assert "Be kind." in str(opened.chat_model.received[-1][0].content)
    opened.assistants.remove("Desk")
    chat.run()
    assert "Desk" in texts(chat)
    ask(chat)
    assert "Be kind." not in str(opened.chat_model.received[-1][0].content)


def test_what_names_a_base_that_cannot_be_read_is_not_shown(filled, visit):
    opened = filled(repeat=True)
    opened.assistants.save(replace(DESK, name="Hidden", kbs=("default", "elsewhere")))
    assert "Hidden" not in str([one.options for one in visit(opened, "assistants").selectbox])
    assert not [one for one in visit(opened).selectbox if (one.key or "").startswith("assistant-of")]


def test_a_good_answer_is_kept_and_given_again(filled, visit):
    opened = filled(ANSWER, repeat=True)
    tab = ask(visit(opened))
    keyed(tab.text_area, "pair-answer-turn").set_value("Ten days, says the office.")
    keyed(tab.button, "FormSubmitter:pair-turn").click().run()
    [one] = opened.answers.list("default")
    assert (one.question, one.answer) == (QUESTION, "Ten days, says the office.")
    ask(tab)
    assert opened.conversations.turns(opened.conversations.list()[0].id)[-1].model == "curated"
    chip = [one for one in tab.button if (one.key or "").startswith("cite-")][-1]
    assert one.made[:10] in chip.label.replace("\\", "")
    chip.click().run()
    assert not tab.exception
    library = visit(opened, "library")
    assert "Ten days, says the office." in texts(library)
    keyed(library.text_area, f"pair-question-{one.id}").set_value("How much annual leave is there?")
    keyed(library.button, f"FormSubmitter:pair-{one.id}").click().run()
    [one] = opened.answers.list()
    assert one.question == "How much annual leave is there?"
    key_of(library, f"kept-remove-{one.id}").click().run()
    assert opened.answers.list() == []


def test_a_thumb_down_becomes_an_answer_or_a_question(filled, visit):
    opened = filled(ANSWER, repeat=True)
    talk = opened.conversations.create("default")
    for question in (QUESTION, "How much may a hotel in Shanghai cost?", "Who may park?"):
        opened.chat(conversation=talk).ask(question)
    for turn in opened.conversations.stored(talk):
        opened.conversations.rate(turn.id, "down")
    first, second, third = (turn.id for turn in opened.conversations.stored(talk))
    tab = visit(opened, "evaluation", "zh")
    keyed(tab.text_area, f"pair-answer-down-{first}").set_value("Ten.")
    keyed(tab.button, f"FormSubmitter:pair-down-{first}").click().run()
    assert [one.answer for one in opened.answers.list()] == ["Ten."]
    keyed(tab.text_input, f"right-{second}").set_value("650 yuan")
    keyed(tab.button, f"FormSubmitter:question-{second}").click().run()
    [own] = OwnQuestions(opened.home).list("default")
    assert own.question.answers == ("650 yuan",)
    key_of(tab, f"down-nothing-{third}").click().run()
    assert opened.conversations.disliked() == []


def test_a_file_of_questions_is_taken_in_once_and_one_that_is_none_says_so(filled, visit):
    opened = filled()
    tab = visit(opened, "evaluation")
    keyed(tab.file_uploader, "question-file").set_value(("own.csv", b"Who is Li?,The director\n", "text/csv")).run()
    tab.run()
    [own] = OwnQuestions(opened.home).list("default")
    assert own.question.answers == ("The director",)
    keyed(tab.file_uploader, "question-file").set_value(("own.jsonl", b"{broken", "text/plain")).run()
    assert tab.error
    assert len(OwnQuestions(opened.home).list("default")) == 1


def test_questions_are_measured_and_runs_compared(filled, visit):
    opened = filled(ANSWER, repeat=True)
    records = [
        {"question": QUESTION, "answers": ["ten"], "documents": ["handbook.md"]},
        {"question": "Who won the cup?", "answerable": False},
    ]
    OwnQuestions(opened.home).add("default", records)
    tab = visit(opened, "evaluation")
    for _ in range(2):
        key_of(tab, "measure").click().run(timeout=60)
        running = tab.session_state["work"].evaluations.latest
        assert running is None or running.wait(60)
        tab.run()
    assert not tab.exception
    assert [run.number for run in OwnRuns(opened.home).list("default")] == [2, 1]
    assert "Of 2 pairs: good in both 2" in texts(tab)
    assert [one.value for one in tab.subheader] == ["Search", "Answers", "Proof", "Question by question"]
    key_of(tab, "run-remove").click().run()
    assert [run.number for run in OwnRuns(opened.home).list("default")] == [1]


def test_activity_says_what_went_on_and_what_was_not_answered(filled, visit):
    opened = filled(ANSWER, repeat=True)
    assert visit(opened, "activity", "zh").info
    talk = opened.conversations.create("default")
    opened.chat(conversation=talk).ask("Who won the world cup in 1998?")
    tab = visit(opened, "activity", "zh")
    assert [one.value for one in tab.metric][:2] == ["1", "1"]
    assert "Who won the world cup in 1998?" in texts(tab)


def test_a_pinned_conversation_stays_on_top(filled, visit):
    opened = filled(ANSWER, repeat=True)
    tab = ask(visit(opened))
    key_of(tab, "talk-pin").click().run()
    assert [one.pinned for one in opened.conversations.list()] == [True]
    key_of(tab, "talk-pin").click().run()
    assert [one.pinned for one in opened.conversations.list()] == [False]
