"""Below the last answer: ask it again, ask it otherwise, ask on; and what helps where the documents had no answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import streamlit as st

from agents import Answer, Chat, StoredTurn
from app.attaching import File
from app.buttons import draw_button
from app.caller import may
from app.conversations import at_hand, branch
from app.markup import plain
from app.model_menu import model_title
from app.state import callback, library, models, platform
from app.suggestions import next_questions
from ingest import say


class Ask(Protocol):
    """Begins to answer a question in the conversation at hand."""

    def __call__(self, question: str, model: str = "", files: Sequence[File] = ()) -> None:
        """`model` '': the tab's; `files`: to be read for the conversation first."""


SEARCH, LIBRARY = "search_page.py", "library_page.py"


def draw_next(exchanges: Sequence[StoredTurn], ask: Ask) -> None:
    """What can be done next, for the last of `exchanges`."""
    last = exchanges[-1]
    if last.answer.abstained:
        _what_helps(last.answer)
    with st.container(horizontal=True, vertical_alignment="center", key="zk-next"):
        if may("admin"):
            _again(last, ask)
        _otherwise(last, ask)
    asked = {exchange.answer.question for exchange in exchanges}
    with st.container(gap=None, key="zk-follow"):
        for number, text in enumerate(
            text for text in next_questions(last.answer, _chat, last.id) if text not in asked
        ):
            draw_button(plain(text), f"next-{last.id}-{number}", "subdirectory_arrow_right", ask, text)


def _chat() -> Chat:
    """On what the conversation at hand is about."""
    talk = at_hand()
    return platform().chat(talk.kbs if talk else "default", talk.id if talk else None)


def _again(last: StoredTurn, ask: Ask) -> None:
    """The same question, with any of the models; both answers stay to be compared."""
    names = models().names()

    @callback
    def chosen() -> None:
        ask(last.answer.question, str(st.session_state[f"again-{last.id}"]))

    st.menu_button(
        say("Ask again with", "换模型再问"),
        list(names),
        format_func=model_title,
        key=f"again-{last.id}",
        icon=":material/refresh:",
        type="tertiary",
        on_click=chosen,
    )


def _otherwise(last: StoredTurn, ask: Ask) -> None:
    """The question in other words, in a conversation that knows only what came before it."""

    @callback
    def changed() -> None:
        question = str(st.session_state[f"edited-{last.id}"]).strip()
        if question:
            ask(question, files=[(path.name, path.open("rb")) for path in branch(last)])

    with (
        st.popover(say("Edit question", "修改问题"), icon=":material/edit:", type="tertiary", key=f"edit-{last.id}"),
        st.form(f"edit-form-{last.id}", border=False),
    ):
        st.text_area(say("Question", "问题"), last.answer.question, key=f"edited-{last.id}", max_chars=20_000)
        st.form_submit_button(say("Ask", "提问"), type="primary", on_click=changed)


def _what_helps(answer: Answer) -> None:
    """Where an answer may be found: by searching oneself, in another knowledge base, in a document that is not here yet."""
    with st.container(horizontal=True, vertical_alignment="center", key="zk-helps"):
        st.page_link(
            SEARCH,
            label=say("Search for it", "自行检索"),
            icon=":material/search:",
            query_params={"search-query": answer.question},
        )
        st.page_link(LIBRARY, label=say("Add a document", "添加文档"), icon=":material/upload_file:")
        if len(library().kbs()) > 1:
            st.caption(say("Or choose another knowledge base above.", "也可在上方选择其他知识库。"), width="content")
