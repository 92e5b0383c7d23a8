"""Answers that people have kept: all of a knowledge base, and one made of what was just answered."""

from __future__ import annotations

from functools import partial

import streamlit as st

from agents import StoredTurn, pairs_of
from app.bringing import draw_bringing
from app.buttons import draw_button
from app.markup import plain
from app.state import errors_shown, platform
from ingest import counted, say

SHOWN = 20
"""At a time; more can be searched."""


def draw_kept(kb: str) -> None:
    """Those of a knowledge base: to be read, added, brought along from a table, removed."""
    kept = platform().answers.list(kb)
    with st.expander(say(f"Kept answers ({len(kept)})", f"精选答案（{len(kept)}）"), icon=":material/bookmark:"):
        st.caption(
            say(
                "Where somebody asks the same, in whatever words, the kept answer comes before the documents, and says so.",
                "提问意思相同时，优先给出精选答案并注明，不再从文档中作答。",
            )
        )
        with st.container(horizontal=True):
            with st.popover(say("Add", "添加"), icon=":material/add:"):
                draw_pair(kb, "", "", "new")
            with st.popover(say("Import a table", "导入表格"), icon=":material/upload_file:"):
                label = say("CSV or XLSX: question, answer", "CSV 或 XLSX：问题、答案")
                draw_bringing(label, ("csv", "tsv", "xlsx"), partial(_bring, kb), key="kept-file")
        if len(kept) > SHOWN:
            wanted = st.text_input(say("Search", "搜索"), key=f"kept-find-{kb}").casefold()
            kept = [one for one in kept if wanted in f"{one.question} {one.answer}".casefold()]
        for one in kept[:SHOWN]:
            with st.container(border=True, key=f"zk-kept-{one.id}"):
                st.markdown(f"**{plain(one.question)}**")
                st.markdown(plain(one.answer))
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.caption(one.made[:10])
                    with st.popover(say("Edit", "修改"), icon=":material/edit:", type="tertiary"):
                        draw_pair(kb, one.question, one.answer, str(one.id), former=one.id)
                    remove = platform().answers.remove
                    draw_button(say("Remove", "删除"), f"kept-remove-{one.id}", "delete", remove, one.id)


def draw_pair(
    kb: str, question: str, answer: str, key: str, turn: int | None = None, former: int | None = None
) -> None:
    """A form for a question and its answer; `turn` is what a reader did not like, and is dealt with by this; `former` is the
    kept answer that is changed."""
    with st.form(f"pair-{key}", border=False, clear_on_submit=key == "new"):
        asked = st.text_area(say("Question", "问题"), question, key=f"pair-question-{key}", height=80)
        told = st.text_area(say("Answer", "答案"), answer, key=f"pair-answer-{key}", height=160)
        if st.form_submit_button(say("Keep", "保留"), type="primary", icon=":material/bookmark_add:"):
            with errors_shown():
                platform().answers.add(kb, [(asked, told)])
                if former is not None and " ".join(asked.split()) != question:
                    platform().answers.remove(former)
                if turn is not None:
                    platform().conversations.handled(turn)
                st.toast(say("Kept.", "已保留。"), icon=":material/bookmark:")
                st.rerun()


def draw_keep(exchange: StoredTurn, kb: str) -> None:
    """A button that keeps the answer of an exchange, as it is or put better."""
    answer = exchange.answer
    with st.popover(say("Keep", "保留"), icon=":material/bookmark_add:", type="tertiary", key=f"keep-{exchange.id}"):
        draw_pair(kb, answer.standalone_question, answer.plain, f"turn-{exchange.id}")


def _bring(kb: str, name: str, content: bytes) -> None:
    kept = platform().answers.add(kb, pairs_of(name, content))
    st.toast(say(f"{counted(kept, 'answer')} kept.", f"已保留 {kept} 个答案。"), icon=":material/bookmark:")
