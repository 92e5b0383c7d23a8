"""What an empty conversation or task shows: what this is, and what to begin with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from agents import Assistant
from app.adding import draw_job, draw_upload, start
from app.behaviour import begin_at_top
from app.caller import may
from app.markup import plain
from app.model_menu import MODELS_PAGE
from app.model_offers import draw_recommended, draw_transfer
from app.state import library, models, platform, spoken, work
from app.suggestions import first_questions
from ingest import KnowledgeBase, counted, say

_ABLE = 3.5
"""Billions of parameters from which a model plans and calls tools without detours, as the small ones tried (1.5B) do not."""
LIBRARY = Path(__file__).with_name("library_page.py")
SAMPLES = Path(__file__).parents[1] / "data" / "documents"
"""An imaginary company's, as they come with the source; a package alone has none."""


def draw_welcome(base: KnowledgeBase, ask: Callable[[str], None], who: Assistant | None = None) -> None:
    """A line of greeting, which an assistant has of its own, what a new home still lacks, and questions to click."""
    st.space("small")
    st.title(plain(who.name) if who else say("Ask your documents", "向您的文档提问"), anchor=False)
    if who and who.greeting:
        st.markdown(plain(who.greeting))
    elif base.documents:
        st.markdown(
            say(
                f"Answers come from {counted(base.documents, 'document')} in **{plain(base.name)}**, each with the quote"
                " that proves it. What they do not say is not answered.",
                f"回答均来自 **{plain(base.name)}** 的 {base.documents:,} 个文档，并附上可以佐证的原文。"
                "文档里没有的，不会作答。",
            )
        )
    else:
        st.markdown(
            say(
                f"**{plain(base.name)}** holds no documents yet. Add some, then ask here.",
                f"**{plain(base.name)}** 还没有文档。先添加文档，再来提问。",
            )
        )
        if may("write", base.name) and any(one.documents for one in library().kbs()):  # else a card has the upload area
            st.page_link(LIBRARY, label=say("Add documents", "添加文档"), icon=":material/upload_file:")
    _draw_cards(base, _questions(base), ask)
    begin_at_top()


def draw_task_welcome(base: KnowledgeBase, begin: Callable[[str], None]) -> None:
    """What a task is, and one or two to begin with."""
    begin_at_top()
    st.space("medium")
    st.title(say("Have a task carried out", "交办一项任务"), anchor=False)
    st.markdown(
        say(
            "A task is planned, worked off step by step with tools, and written up with its proof. Every call is"
            " shown; nothing is changed, run or sent without your leave. It can be stopped and resumed at any time.",
            "任务会先制定计划，再逐步调用工具完成，最后带出处写出结果。每次调用都会显示；未经您同意，不会修改、运行或发送任何内容。"
            "可以随时停止和继续。",
        )
    )
    if limit := _limit():
        with st.container(horizontal=True, vertical_alignment="center", key="zk-note-model"):
            st.markdown(f":material/info: {plain(limit)}", width="stretch")
            if may("admin"):
                st.page_link(MODELS_PAGE, label=say("Other models", "其他模型"), icon=":material/neurology:")
    if not base.documents:
        st.page_link(LIBRARY, label=say("Add documents", "添加文档"), icon=":material/upload_file:")
        return
    joined = "\n".join(_questions(base)[:2])
    examples = [*filter(None, [joined]), say("Compute 12480 * 17.5% + 360", "计算 12480 * 17.5% + 360")]
    for number, text in enumerate(examples):
        st.button(
            plain(text),
            key=f"task-example-{number}",
            on_click=spoken(begin),
            args=(text,),
            icon=":material/checklist:",
            width="stretch" if len(text) > 60 else "content",
        )


def _limit() -> str:
    """What the model in use can't do in a task; '' for one that can."""
    if platform().extractive:
        return say(
            "With this model tasks are done by rule: quotes and arithmetic, no plan or tools of its own choice.",
            "使用该模型时，任务按规则完成：摘录原文与计算，不会自行规划或选用工具。",
        )
    billions = models().billions(platform().model_name)
    if billions and billions < _ABLE:
        return say(
            f"A model of {billions:.1f}B takes detours with tools; 4B or more is advised for tasks.",
            f"{billions:.1f}B 的模型使用工具时常走弯路；任务建议使用 4B 以上的模型。",
        )
    return ""


def _questions(base: KnowledgeBase) -> tuple[str, ...]:
    return first_questions(
        lambda: library().documents(base.name),
        lambda: platform().chat(base.name),
        *(base.name, base.id, base.generation, base.documents),
    )


def _draw_cards(base: KnowledgeBase, questions: Sequence[str], ask: Callable[[str], None]) -> None:
    """The steps, and a card for each that is open; where only a better model is, that card until it is dismissed. What is
    done is read from the home, so that every tab and every start agree."""
    documents = any(one.documents for one in library().kbs())
    model = not platform().extractive or not may("admin")  # whose is another's to choose
    asked = any(talk.turns for talk in platform().conversations.list())
    if documents and asked:
        _draw_questions(questions, ask)
        if not model and not st.session_state.get("notice-read"):
            with st.container(border=True, key="zk-notice"):
                _model()
                if st.button(say("Not now", "以后再说"), key="notice-ok", type="tertiary"):
                    st.session_state["notice-read"] = True
                    st.rerun()
        return
    steps = {
        say("Documents", "文档"): documents,
        say("Model", "模型"): model,
        say("First question", "第一个问题"): asked,
    }
    with st.container(horizontal=True, key="zk-steps"):
        for number, (title, done) in enumerate(steps.items(), 1):
            icon = ":material/check_circle:" if done else f":material/counter_{number}:"
            st.markdown(f"{icon} **{title}**", width="content")
    draw_job(brief=True)
    if not documents and may("write", base.name):
        with st.container(border=True, key="zk-card-documents"):
            _documents(base)
    _draw_questions(questions, ask)
    if not model:
        with st.container(border=True, key="zk-card-model"):
            _model()


def _documents(base: KnowledgeBase) -> None:
    draw_upload(base)
    if SAMPLES.is_dir() and may("admin"):
        st.button(
            say("Load the sample company", "载入示例公司"),
            key="load-samples",
            icon=":material/apartment:",
            on_click=spoken(start),
            args=(base, [SAMPLES]),
            disabled=work().adds.busy,
            help=say(
                "A staff handbook, manuals, price lists of an imaginary company, half of them Chinese.",
                "一家虚构公司的员工手册、说明书和价目表，中英文各半。",
            ),
        )


def _model() -> None:
    st.caption(
        say(
            "The small model in use only quotes: it does not write answers, compare or plan.",
            "当前的小模型只能摘录原文，不能撰写回答、比较或规划。",
        )
    )
    draw_transfer()
    draw_recommended(border=False)
    st.page_link(MODELS_PAGE, label=say("Other models", "其他模型"), icon=":material/neurology:")


def _draw_questions(questions: Sequence[str], ask: Callable[[str], None]) -> None:
    for number, text in enumerate(questions):
        st.button(
            plain(text), key=f"example-{number}", on_click=spoken(ask), args=(text,), icon=":material/chat_bubble:"
        )
