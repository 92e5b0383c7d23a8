"""What a new home still lacks, as three steps that tick themselves off: documents, a model, a first question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from app.adding import draw_job, draw_upload, start
from app.markup import plain
from app.model_menu import MODELS_PAGE
from app.model_offers import draw_recommended, draw_transfer
from app.state import library, platform, spoken
from ingest import KnowledgeBase, say

SAMPLES = Path(__file__).parents[1] / "data" / "documents"
"""An imaginary company's, as they come with the source; a package alone has none."""


def draw_cards(base: KnowledgeBase, questions: Sequence[str], ask: Callable[[str], None]) -> None:
    """The steps, and a card for each that is open; where only a better model is, that card until it is dismissed. What is
    done is read from the home, so that every tab and every start agree."""
    documents = any(one.documents for one in library().kbs())
    model = not platform().extractive
    asked = any(talk.turns for talk in platform().conversations.list())
    if documents and asked:
        _draw_questions(questions, ask)
        if not model and not st.session_state.get("notice-read"):
            _model_notice()
        return
    steps = {
        say(en="Documents", zh="文档"): documents,
        say(en="Model", zh="模型"): model,
        say(en="First question", zh="第一个问题"): asked,
    }
    with st.container(horizontal=True, key="zk-steps"):
        for number, (title, done) in enumerate(steps.items(), 1):
            icon = ":material/check_circle:" if done else f":material/counter_{number}:"
            st.markdown(f"{icon} **{title}**", width="content")
    draw_job(brief=True)
    if not documents:
        with st.container(border=True, key="zk-card-documents"):
            _documents(base)
    _draw_questions(questions, ask)
    if not model:
        with st.container(border=True, key="zk-card-model"):
            _model()


def _documents(base: KnowledgeBase) -> None:
    draw_upload(base)
    if SAMPLES.is_dir():
        st.button(
            say(en="Load the sample company", zh="载入示例公司"),
            key="load-samples",
            icon=":material/apartment:",
            on_click=spoken(start),
            args=(base, [SAMPLES]),
            help=say(
                en="A staff handbook, manuals, price lists of an imaginary company, half of them Chinese.",
                zh="一家虚构公司的员工手册、说明书和价目表，中英文各半。",
            ),
        )


def _model() -> None:
    st.caption(
        say(
            en="The small built-in model only quotes: it does not write answers, compare or plan.",
            zh="自带小模型只能摘录原文，不能撰写回答、比较或规划。",
        )
    )
    draw_transfer()
    draw_recommended(border=False)
    st.page_link(MODELS_PAGE, label=say(en="Other models", zh="其他模型"), icon=":material/neurology:")


def _model_notice() -> None:
    with st.container(border=True, key="zk-notice"):
        _model()
        if st.button(say(en="Not now", zh="以后再说"), key="notice-ok", type="tertiary"):
            st.session_state["notice-read"] = True
            st.rerun()


def _draw_questions(questions: Sequence[str], ask: Callable[[str], None]) -> None:
    for number, text in enumerate(questions):
        st.button(
            plain(text), key=f"example-{number}", on_click=spoken(ask), args=(text,), icon=":material/chat_bubble:"
        )
