"""Conversations: the list in the sidebar, and what can be done with the one at hand."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from agents import Conversation, StoredTurn
from app.earlier import Earlier, Entry
from app.markup import plain
from app.narrowing import narrow
from app.sharing import conversation_html
from app.state import library, platform
from ingest import KnowledgeBase, Scope, UsageError, say

TALKS = Earlier("talk", chosen="conversation", failed="failed")


def exchanges() -> list[StoredTurn]:
    """Questions and answers of the conversation at hand, oldest first."""
    if TALKS.current is None:
        return []
    try:
        return platform().conversations.stored(TALKS.current)
    except UsageError:
        # Deleted in another tab.
        st.session_state.pop(TALKS.chosen, None)
        return []


def current_or_new(scope: Scope, assistant: str) -> str:
    """The conversation at hand, or one begun now about `scope`, with an assistant or without (''), and named after its first
    question."""
    conversation = TALKS.current
    if conversation is None:
        conversation = platform().conversations.create(scope.kbs, assistant=assistant, where=scope.where)
        st.session_state[TALKS.chosen] = st.session_state["recalled"] = conversation
    return conversation


def recall(base: KnowledgeBase) -> None:
    """Ask what the conversation at hand was begun with, once it is gone to."""
    talk = at_hand()
    if talk is not None and st.session_state.get("recalled") != talk.id and talk.kb == base.name:
        st.session_state["recalled"] = talk.id
        narrow(base, Scope(talk.kbs, talk.where), "chat")


def branch(exchange: StoredTurn) -> list[Path]:
    """Go to a new conversation with what was said before this exchange; the one at hand stays as it is. Gives the files that
    were attached to that, which the new one lacks yet."""
    kept, talk = platform().conversations, at_hand()
    if talk is None:
        return []
    other = kept.create(talk.kbs, assistant=talk.assistant, where=talk.where)
    for earlier in kept.stored(talk.id):
        if earlier.id == exchange.id:
            break
        kept.append(other, earlier.answer)
    TALKS.select(other)
    return platform().attachments.copies(talk.id)


def draw_sidebar() -> None:
    """New conversation, and the earlier ones; the address is followed before."""
    talks = platform().conversations.list()
    TALKS.follow_address({talk.id: talk.kb for talk in talks})
    TALKS.draw_sidebar(
        [
            Entry(talk.id, _title(talk), talk.kb, talk.changed, pinned=talk.pinned)
            for talk in talks
            if talk.turns or platform().attachments.base(talk.id)
        ],
        begin=say("New conversation", "新对话"),
        icon=":material/add_comment:",
        key="new-conversation",
        find=platform().conversations.find,
    )


def missing_base() -> bool:
    """Whether the knowledge base of the conversation at hand is gone, and nobody has said with which to go on."""
    talk = at_hand()
    names = {base.name for base in library().kbs()}
    return talk is not None and talk.kb not in names and st.session_state.get("kb-agreed") != talk.id


def draw_missing_base(other: str) -> None:
    """Say so, and ask: an answer from another one without a word would be a wrong one."""
    talk = at_hand()
    if talk is None:
        return
    st.warning(
        say(
            f"The knowledge base **{plain(talk.kb)}**, which this conversation is about, is gone.",
            f"本对话所用的知识库 **{plain(talk.kb)}** 已不存在。",
        ),
        icon=":material/folder_off:",
    )
    st.button(
        say(f"Go on with {plain(other)}", f"改用 {plain(other)} 继续"),
        key="kb-agree",
        on_click=lambda: st.session_state.update({"kb-agreed": talk.id}),
    )


def at_hand() -> Conversation | None:
    """The conversation at hand."""
    return next((one for one in platform().conversations.list() if one.id == TALKS.current), None)


def draw_menu() -> None:
    """Rename, pin, export, delete the conversation at hand."""
    kept = platform().conversations
    talk = at_hand()
    if talk is None:
        return
    with st.popover(say("This conversation", "当前对话"), icon=":material/more_horiz:", key="talk-menu"):
        with st.form(f"rename-{talk.id}", border=False):
            title = st.text_input(say("Title", "标题"), talk.title, max_chars=200, key=f"title-{talk.id}")
            if st.form_submit_button(say("Rename", "重命名")) and title.strip():
                kept.rename(talk.id, title.strip())
                st.rerun()
        st.button(
            say("Unpin", "取消置顶") if talk.pinned else say("Pin", "置顶"),
            key="talk-pin",
            icon=":material/keep_off:" if talk.pinned else ":material/keep:",
            type="tertiary",
            on_click=lambda: kept.pin(talk.id, pinned=not talk.pinned),
        )
        title = _title(talk)
        TALKS.draw_export(title, lambda: kept.export(talk.id), lambda: conversation_html(title, kept.stored(talk.id)))
        TALKS.draw_delete(
            say("Delete conversation", "删除对话"), _title(talk), lambda: platform().conversations.delete(talk.id)
        )


def _title(talk: Conversation) -> str:
    return talk.title or say("New conversation", "新对话")
