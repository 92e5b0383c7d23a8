"""The menu of language models at the head of a page, and how one is chosen for good."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from agents import Models, shown_model
from app.caller import may
from app.opening import reload
from app.state import models, platform
from ingest import change_settings, say, settings_path

MODELS_PAGE = "models_page.py"
_MORE = "…"


def draw_model_menu(key: str) -> None:
    """What is on this machine or behind servers; the choice holds for this tab. The last entry leads to more. Nothing for
    who does not administer the server: its model answers."""
    if not may("admin"):
        return
    used = platform().model_name
    named = models().names()
    named.setdefault(used, model_title(used))

    def chosen() -> None:
        if st.session_state[key] == _MORE:
            st.session_state["more-models"] = True
            st.session_state[key] = used
        else:
            st.session_state["model"] = st.session_state[key]

    st.selectbox(
        say("Model", "模型"),
        [*named, _MORE],
        index=list(named).index(used),
        key=key,
        on_change=chosen,
        label_visibility="collapsed",
        format_func=lambda name: say("Get a better model…", "获取更好的模型…") if name == _MORE else model_title(name),
    )
    if st.session_state.pop("more-models", False):
        st.switch_page(MODELS_PAGE)


def model_title(name: str) -> str:
    """What people call the model that the settings call `name`."""
    return say("Small built-in model", "自带小模型") if name == "bundled" else shown_model(name)


def use_model(known: Models, home: Path, name: str) -> None:
    """Let the model `name` answer from now on, in every tab that has not chosen another; also from a thread. Raises
    `ZhikuError` for one that can't."""
    change_settings(settings_path(home), model=known.check(name))
    reload()
