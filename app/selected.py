"""What can be done with the documents selected on the Library page: tags and fields given and taken, one of them read again from
its file with text recognition set otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import streamlit as st

from app.background import AddJob
from app.state import errors_shown, library, work
from ingest import Document, Text, say

_MODES: dict[Literal["force", "auto", "off"], Text] = {
    "force": Text("Recognise every page", "识别每一页"),
    "auto": Text("Recognise what has no text", "仅识别没有文本的页面"),
    "off": Text("Recognise nothing", "不识别"),
}


def draw_rereading(kb: str, picked: Sequence[Document]) -> None:
    """A form that reads the one document `picked` again; how it was read is told where it is opened."""
    with (
        st.popover(
            say("Read again", "重新读取"), icon=":material/document_scanner:", disabled=len(picked) != 1, key="reread"
        ),
        st.form("reread-form", border=False),
    ):
        modes = {str(name): mode for mode, name in _MODES.items()}
        chosen = st.radio(
            say("Text recognition (OCR)", "文字识别（OCR）"),
            list(modes),
            help=say("Holds for this document until its file changes.", "对该文档有效，直到其文件发生变化。"),
            key="reread-ocr",
        )
        if st.form_submit_button(say("Read again", "重新读取"), type="primary") and picked:
            work().adds.start(partial(AddJob, library(), kb, [picked[0].path], ocr=modes[chosen]))
            st.rerun()


def draw_labelling(kb: str, picked: Sequence[Document]) -> None:
    """A form that adds tags and fields to `picked`, and takes them away."""
    with (
        st.popover(say("Tags", "标签"), icon=":material/label:", disabled=not picked),
        st.form("labels", border=False, clear_on_submit=True),
    ):
        typed = st.text_input(
            say("Tags and fields, with commas between", "标签与字段，用逗号分隔"),
            placeholder=say("contract, owner=Li", "合同, 负责人=李"),
            max_chars=1000,
            key="labels-typed",
        )
        with st.container(horizontal=True):
            add = st.form_submit_button(say("Add", "添加"), type="primary")
            remove = st.form_submit_button(say("Take away", "移除"))
    words = [word.strip() for word in typed.replace("，", ",").split(",") if word.strip()]
    if (add or remove) and words and picked:
        with errors_shown():
            library().tag([str(one.id) for one in picked], words, kb, remove=remove)
            st.rerun()
