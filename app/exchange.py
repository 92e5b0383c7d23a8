"""One question and its answer, with the proof, as it is drawn in the chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from agents import Answer, Citation, StoredTurn
from app.caller import may
from app.kept_answers import draw_keep
from app.markup import plain
from app.model_menu import model_title
from app.passages import excerpt_html, text_html
from app.proof_drawing import NEAREST, draw_note, draw_passage, draw_proven, draw_refusal, draw_written, numbered
from app.state import callback, elsewhere, platform
from ingest import Hit, counted, page_name, say, shorten


def draw_question(question: str, name: object) -> None:
    """What the person asked, exactly as typed."""
    with st.chat_message("user", avatar=":material/person:"), st.container(key=f"zk-ask-{name}"):
        st.html(text_html(shorten(question, 2000) if len(question) > 2000 else question))


def draw_answer(exchange: StoredTurn) -> None:
    """The answer, what proves it, and what can be done with it."""
    answer, name = exchange.answer, str(exchange.id)
    with st.chat_message("assistant", avatar=":material/auto_stories:"):
        if answer.standalone_question.strip() != answer.question.strip():
            st.caption(
                ":material/search: " + plain(say("Searched for: ", "检索：") + shorten(answer.standalone_question, 300))
            )
        if answer.thoughts:
            draw_thoughts(answer.thoughts)
        if answer.abstained:
            draw_refusal(answer, name)
        else:
            draw_proven(answer, name)
        for number, note in enumerate(answer.notes):
            draw_note(note, ":material/info:", f"{name}-{number}")
        draw_written(answer, name)
        if answer.error:
            st.warning(plain(answer.error), icon=":material/warning:")
        if answer.stopped:
            st.caption(":material/stop_circle: " + say("Stopped by you.", "已按您的要求停止。"))
        _hits(answer.hits, name)
        _actions(exchange)


def draw_thoughts(thoughts: str, *, open_now: bool = False) -> None:
    """What a reasoning model said to itself, folded."""
    with st.expander(say("Thoughts", "思考过程"), icon=":material/psychology:", expanded=open_now):
        st.html(text_html(thoughts))


def draw_evidence(hits: Sequence[Hit], quotes: Sequence[Citation]) -> None:
    """What was found, while the answer is still being written."""
    count = len(hits)
    with st.container(border=True, key="zk-evidence"):
        st.caption(
            say(f"{counted(count, 'passage')} found. Closest so far:", f"找到 {count} 个片段。最接近的内容：")
            if count
            else say("No passage found.", "没有找到片段。")
        )
        for cited in quotes[:NEAREST]:
            st.html(excerpt_html(cited.quote, 400))
            st.caption(plain(f"{cited.document} · {cited.source!s}{elsewhere(cited.kb)}"))
        if not quotes:
            for hit in hits[:NEAREST]:
                st.html(excerpt_html(hit.text, 240))
                st.caption(
                    plain(f"{hit.document} · {page_name(hit.page, hit.label, hit.corrected)}{elsewhere(hit.kb)}")
                )


def _hits(hits: Sequence[Hit], name: str) -> None:
    if not hits:
        return
    read = st.expander(
        say(f"Passages read ({len(hits)})", f"参考的片段（{len(hits)}）"),
        icon=":material/article:",
        key=f"read-{name}",
        on_change="rerun",  # drawn once it is open: of a long conversation they are most of the page
    )
    if read.open:
        with read:
            for hit in hits:
                draw_passage(hit, 280, f"hit-{name}", f"{hit.rank} · ")


def _actions(exchange: StoredTurn) -> None:
    answer, name = exchange.answer, str(exchange.id)
    with st.container(horizontal=True, vertical_alignment="center", key=f"zk-actions-{name}"):
        thumb = exchange.feedback.thumb
        st.feedback(
            "thumbs",
            key=f"rate-{name}",
            default=None if thumb is None else int(thumb == "up"),
            on_change=_rated,
            args=(exchange,),
        )
        if st.session_state.get(f"rate-{name}") is not None:
            with st.popover(say("Note", "备注"), icon=":material/edit_note:", type="tertiary"):
                st.text_area(
                    say("What was good or wrong?", "哪里好，或哪里不对？"),
                    exchange.feedback.note,
                    key=f"note-{name}",
                    on_change=_rated,
                    args=(exchange,),
                    max_chars=2000,
                )
                st.caption(say("Kept on this machine.", "仅保存在本机。"))
        with st.popover(say("Copy", "复制"), icon=":material/content_copy:", type="tertiary"):
            st.code(numbered(answer.text, [cited.n for cited in answer.citations])[0], language=None, wrap_lines=True)
        if not answer.abstained and answer.model != "curated" and may("write", st.session_state["kb"]):
            draw_keep(exchange, st.session_state["kb"])
        st.caption(plain(_about(answer)))


@callback
def _rated(exchange: StoredTurn) -> None:
    rating = st.session_state.get(f"rate-{exchange.id}")
    note = st.session_state.get(f"note-{exchange.id}", exchange.feedback.note)
    thumb: Literal["up", "down"] | None = None if rating is None else "up" if rating else "down"
    platform().conversations.rate(exchange.id, thumb, note or "")


def _about(answer: Answer) -> str:
    parts = [model_title(answer.model)] if answer.model not in ("", "curated") and not answer.extractive else []
    if total := answer.timings.get("total"):
        parts.append(say(f"{total:.1f} s", f"{total:.1f} 秒"))
    return " · ".join(parts)
