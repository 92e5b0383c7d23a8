"""One question and its answer, with the proof, as it is drawn in the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.conversations import rate
from app.markup import answer_html, plain, shorten
from app.passages import excerpt, text_html
from app.reader import open_place
from app.state import callback
from ingest import counted, page_name, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents import Answer, Citation, Result, StoredTurn
    from ingest import Hit

NEAREST = 3
"""Passages shown when nothing answers the question."""


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
                ":material/search: "
                + plain(say(en="Searched for: ", zh="检索：") + shorten(answer.standalone_question, 300))
            )
        if answer.thoughts:
            draw_thoughts(answer.thoughts)
        if answer.abstained:
            _abstained(answer, name)
        else:
            draw_proven(answer, name, extractive=answer.extractive)
        for note in answer.notes:
            st.caption(f":material/info: {plain(note)}")
        if answer.error:
            st.warning(plain(answer.error), icon=":material/warning:")
        if answer.stopped:
            st.caption(":material/stop_circle: " + say(en="Stopped by you.", zh="已按您的要求停止。"))
        _hits(answer.hits, name)
        _actions(exchange)


def draw_thoughts(thoughts: str, *, open_now: bool = False) -> None:
    """What a reasoning model said to itself, folded."""
    with st.expander(say(en="Thoughts", zh="思考过程"), icon=":material/psychology:", expanded=open_now):
        st.html(text_html(thoughts))


def draw_evidence(hits: Sequence[Hit], quotes: Sequence[Citation]) -> None:
    """What was found, while the answer is still being written."""
    count = len(hits)
    with st.container(border=True, key="zk-evidence"):
        st.caption(
            say(en=f"{counted(count, 'passage')} found. Closest so far:", zh=f"找到 {count} 个片段。最接近的内容：")
            if count
            else say(en="No passage found.", zh="没有找到片段。")
        )
        for cited in quotes[:NEAREST]:
            st.html(text_html(excerpt(cited.quote, 400)))
            st.caption(plain(f"{cited.document} · {cited.source!s}"))
        if not quotes:
            for hit in hits[:NEAREST]:
                st.html(text_html(excerpt(hit.text, 240)))
                st.caption(plain(f"{hit.document} · {page_name(hit.page, hit.label)}"))


def draw_proven(said: Answer | Result, name: str, *, extractive: bool = False) -> None:
    """A text, a chip for each quote that proves it, and what nothing proves."""
    verified = {cited.n for cited in said.citations if cited.verified}
    hint = say(en="Not proven by the documents", zh="文档未能证实")
    st.html(answer_html(said.text, said.unsupported_sentences, verified, hint))
    if extractive:
        st.caption(
            ":material/format_quote: " + say(en="Quoted from the documents, word for word.", zh="原文摘录，未经改写。")
        )
    _citations(said.citations, name)
    _unproven(said.unsupported_sentences, name)


def _abstained(answer: Answer, name: str) -> None:
    with st.container(key=f"zk-calm-{name}"):
        st.html(answer_html(answer.text))
        for hit in answer.hits[:NEAREST]:
            _passage(hit, 240, f"near-{name}")


def _citations(citations: Sequence[Citation], name: str) -> None:
    """One chip for each quote; clicking it opens the quote where it stands."""
    if not citations:
        return
    seen: set[tuple[int, int, int, int]] = set()
    with st.container(horizontal=True, key=f"zk-chips-{name}", gap="small"):
        for cited in citations:
            mark = (cited.document_id, cited.page, cited.start, cited.end)
            if mark in seen:
                continue
            seen.add(mark)
            proven = (
                say(en="Verified quote", zh="已核实的引文") if cited.verified else say(en="Not proven", zh="未能证实")
            )
            if st.button(
                f"{cited.n} · {_chip(cited.document, str(cited.source))}",
                key=f"cite-{name}-{len(seen)}",
                icon=":material/verified:" if cited.verified else ":material/help:",
                help=f"{proven}: {plain(shorten(cited.quote, 160))}" if cited.quote else proven,
            ):
                open_place(cited)


def _unproven(sentences: Sequence[str], name: str) -> None:
    """The sentences that nothing proves."""
    if not sentences:
        return
    with st.container(key=f"zk-unproven-{name}"):
        st.caption(
            ":material/rule: "
            + say(en="Not proven by the documents (dotted above):", zh="文档未能证实（上文以虚线标出）：")
        )
        for sentence in sentences[:12]:
            st.caption(f"– {plain(shorten(sentence, 240))}")


def _hits(hits: Sequence[Hit], name: str) -> None:
    if not hits:
        return
    with st.expander(
        say(en=f"Passages read ({len(hits)})", zh=f"参考的片段（{len(hits)}）"), icon=":material/article:"
    ):
        for hit in hits:
            _passage(hit, 280, f"hit-{name}", f"{hit.rank} · ")


def _passage(hit: Hit, limit: int, key: str, before: str = "") -> None:
    """The beginning of a passage, and a chip that opens it where it stands."""
    st.html(text_html(excerpt(hit.text, limit)))
    if st.button(
        f"{before}{_chip(hit.document, page_name(hit.page, hit.label))}",
        key=f"{key}-{hit.chunk_id}",
        icon=":material/open_in_full:",
        type="tertiary",
    ):
        open_place(hit)


def _chip(document: str, page: str) -> str:
    # The page first: a narrow window cuts the end off.
    return plain(f"{page} · {shorten(document, 60)}")


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
            with st.popover(say(en="Note", zh="备注"), icon=":material/edit_note:", type="tertiary"):
                st.text_area(
                    say(en="What was good or wrong?", zh="哪里好，或哪里不对？"),
                    exchange.feedback.note,
                    key=f"note-{name}",
                    on_change=_rated,
                    args=(exchange,),
                    max_chars=2000,
                )
                st.caption(say(en="Kept on this machine.", zh="仅保存在本机。"))
        with st.popover(say(en="Copy", zh="复制"), icon=":material/content_copy:", type="tertiary"):
            st.code(answer.text, language=None, wrap_lines=True)
        st.caption(plain(_about(answer)))


@callback
def _rated(exchange: StoredTurn) -> None:
    rating = st.session_state.get(f"rate-{exchange.id}")
    note = st.session_state.get(f"note-{exchange.id}", exchange.feedback.note)
    rate(exchange, up=None if rating is None else bool(rating), note=note or "")


def _about(answer: Answer) -> str:
    parts = [answer.model] if answer.model and not answer.extractive else []
    if total := answer.timings.get("total"):
        parts.append(f"{total:.1f} s")
    return " · ".join(parts)
