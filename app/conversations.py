"""Conversations: the list in the sidebar, and what can be done with the one at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.markup import plain, shorten
from app.state import choose_kb, platform, spoken, trouble_shown
from app.uploads import safe_name
from ingest.errors import UsageError
from ingest.language import say

if TYPE_CHECKING:
    from agents.chat.conversation import Conversation, StoredTurn

LISTED = 40
"""Conversations in the sidebar, newest first; older ones are behind a button."""


def exchanges() -> list[StoredTurn]:
    """Questions and answers of the conversation at hand, oldest first."""
    conversation = st.session_state.get("conversation")
    if conversation is None:
        return []
    try:
        return platform().conversations.stored(conversation)
    except UsageError:
        # Deleted in another tab.
        st.session_state.pop("conversation", None)
        return []


def current_or_new(kb: str) -> str:
    """The conversation at hand, or one begun now and named after its first question."""
    conversation = st.session_state.get("conversation")
    if conversation is None:
        conversation = platform().conversations.create(kb)
        st.session_state["conversation"] = conversation
    return str(conversation)


def rate(exchange: StoredTurn, *, up: bool | None, note: str) -> None:
    """Keep what the person thinks of an answer; None takes the thumb back."""
    platform().conversations.rate(exchange.id, None if up is None else "up" if up else "down", note)


def draw_sidebar() -> None:
    """New conversation, and the earlier ones."""
    with st.sidebar:
        st.button(
            say(en="New conversation", zh="新对话"),
            on_click=_select,
            args=(None,),
            icon=":material/add_comment:",
            width="stretch",
            key="new-conversation",
        )
        talks = [talk for talk in platform().conversations.list() if talk.turns]
        everything = st.session_state.get("all-conversations", False)
        if talks:
            st.caption(say(en="Earlier", zh="历史对话"))
        with st.container(key="zk-talks", gap=None):
            for talk in talks if everything else talks[:LISTED]:
                current = talk.id == st.session_state.get("conversation")
                st.button(
                    plain(shorten(_title(talk), 60)),
                    key=f"talk-{talk.id}",
                    on_click=_select,
                    args=(talk.id, talk.kb),
                    type="secondary" if current else "tertiary",
                    width="stretch",
                )
        if len(talks) > LISTED and not everything:
            st.button(
                say(en=f"Show all {len(talks)}", zh=f"显示全部 {len(talks)} 个"),
                on_click=lambda: st.session_state.update({"all-conversations": True}),
                type="tertiary",
            )


def draw_menu() -> None:
    """Rename, export, delete the conversation at hand."""
    conversation = st.session_state.get("conversation")
    if conversation is None:
        return
    talk = next((one for one in platform().conversations.list() if one.id == conversation), None)
    if talk is None:
        return
    with st.popover("", icon=":material/more_horiz:", help=say(en="This conversation", zh="当前对话"), key="talk-menu"):
        with st.form(f"rename-{conversation}", border=False):
            title = st.text_input(say(en="Title", zh="标题"), talk.title, max_chars=200, key=f"title-{conversation}")
            if st.form_submit_button(say(en="Rename", zh="重命名")) and title.strip():
                platform().conversations.rename(conversation, title.strip())
                st.rerun()
        st.download_button(
            say(en="Export Markdown", zh="导出 Markdown"),
            lambda: platform().conversations.export(conversation),
            file_name=f"{safe_name(shorten(_title(talk), 60))}.md",
            mime="text/markdown",
            icon=":material/download:",
            on_click="ignore",
            key="export",
            type="tertiary",
        )
        if st.button(say(en="Delete…", zh="删除…"), icon=":material/delete:", key="delete-talk", type="tertiary"):
            st.dialog(say(en="Delete conversation", zh="删除对话"), width="small")(_confirm)(conversation, talk.title)


@spoken
def _confirm(conversation: str, title: str) -> None:
    st.markdown(
        say(
            en=f"Delete **{plain(shorten(title, 80))}**? This cannot be undone.",
            zh=f"删除 **{plain(shorten(title, 80))}**？此操作无法撤销。",
        )
    )
    with st.container(horizontal=True):
        yes = st.button(
            say(en="Delete", zh="删除"), type="primary", key="delete-talk-yes", on_click=_delete, args=(conversation,)
        )
        if st.button(say(en="Cancel", zh="取消"), key="delete-talk-no") or yes:
            st.rerun()


@spoken
def _delete(conversation: str) -> None:
    with trouble_shown():
        platform().conversations.delete(conversation)
        _select(None)


def _title(talk: Conversation) -> str:
    from agents.chat.history import untitled

    return talk.title or untitled()


def _select(conversation: str | None, kb: str | None = None) -> None:
    """Go to a conversation, and to the knowledge base it was about; None begins a new one."""
    st.session_state.pop("failed", None)
    if conversation is None:
        st.session_state.pop("conversation", None)
    else:
        st.session_state["conversation"] = conversation
    if kb is not None:
        choose_kb(kb)
