"""One document of the Library page read again from its file, with text recognition set otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import streamlit as st

from app.background import AddJob
from app.state import library, work
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
