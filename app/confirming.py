"""What can't be undone, asked first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.state import callback, spoken
from ingest import say


def draw_confirmed(
    label: str,
    question: str,
    then: Callable[[], object],
    *,
    key: str,
    icon: str = ":material/delete:",
    disabled: bool = False,
    among: Sequence[str] = (),
) -> None:
    """A button `label…`; a click opens a dialog that asks `question`, names what it is about, and does `then` for who presses
    `label` again."""

    @spoken
    def ask() -> None:
        st.markdown(question)
        for one in among:
            st.text(one)
        with st.container(horizontal=True):
            agreed = st.button(label, type="primary", key=f"{key}-yes", on_click=callback(then))
            if st.button(say("Cancel", "取消"), key=f"{key}-no") or agreed:
                st.rerun()

    if st.button(f"{label}…", icon=icon, key=key, type="tertiary", disabled=disabled):
        st.dialog(label, width="small")(ask)()
