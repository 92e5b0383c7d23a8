"""The menu of language models at the head of a page; the choice holds for this tab."""

from __future__ import annotations

import streamlit as st

from agents import model_files
from app.state import library, platform
from ingest import say


def draw_model_menu(key: str) -> None:
    """What is on this machine, and whatever else is typed: a path, a hub name, a server's address."""
    used = platform().model_name
    names = list(dict.fromkeys([used, library().settings.model, "bundled", *model_files(library().home)]))

    def chosen() -> None:
        st.session_state["model"] = st.session_state[key]

    st.selectbox(
        say(en="Model", zh="模型"),
        names,
        index=0,
        key=key,
        on_change=chosen,
        label_visibility="collapsed",
        format_func=lambda name: say(en="Small built-in model", zh="自带小模型") if name == "bundled" else name,
        accept_new_options=True,
    )
