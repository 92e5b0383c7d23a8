"""Who answers: the assistants that this tab may know of, and the menu that chooses one for a new conversation."""

from __future__ import annotations

import streamlit as st

from agents import Assistant, Conversation
from app.markup import plain
from app.state import library, platform
from ingest import KnowledgeBase, say

CHOSEN = "assistant"
"""The tab's state that holds the name of the one chosen for new conversations."""


def visible() -> list[Assistant]:
    """Those whose knowledge bases can all be read here."""
    readable = {kb.name for kb in library().kbs()}
    return [one for one in platform().assistants.list() if one.readable(readable)]


def draw_assistant_menu(talk: Conversation | None) -> Assistant | None:
    """The assistant of the conversation at hand, or a menu of all for a new one; None where the knowledge base answers by
    itself. Draws nothing where there is none to choose."""
    known = {one.name: one for one in visible()}
    if talk is not None and talk.turns:
        found = known.get(talk.assistant)
        if found is not None:
            st.markdown(f":material/support_agent: **{plain(found.name)}**", width="content")
        elif talk.assistant:
            gone = say("is gone; the knowledge base answers", "已不存在，由知识库直接回答")
            st.markdown(f":material/person_off: {plain(talk.assistant)} {gone}", width="content")
        return found
    if not known:
        return None
    wanted = st.session_state.get(CHOSEN)
    names = ["", *known]
    nobody = say("No assistant", "不用助手")
    name = st.selectbox(
        say("Assistant", "助手"),
        names,
        index=names.index(wanted) if wanted in names else 0,
        format_func=lambda one: one or nobody,
        key=f"assistant-of-{wanted}",
        label_visibility="collapsed",
    )
    if name != (wanted or ""):
        st.session_state[CHOSEN] = name
        st.rerun()
    return known.get(name)


def base_of(assistant: Assistant) -> KnowledgeBase:
    """Its first knowledge base, which the tab then stands in."""
    base = next(kb for kb in library().kbs() if kb.name == assistant.kbs[0])
    st.session_state["kb"] = base.name
    return base
