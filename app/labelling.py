"""Tags and fields of the documents selected on the Library page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.state import errors_shown, library
from ingest import Document, say


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
