"""What a tab looks at, in its address: a refresh, a link and a bookmark find it again."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

KEPT = ("language", "model", "kb")
"""What holds for a tab on whatever page, by its name in the state and in the address."""


def arrive(name: str, go: Callable[[str], object]) -> None:
    """Go where the address leads, if that is not where this tab has been: it was opened, or typed."""
    wanted = st.query_params.get(name, "")
    if wanted and wanted != st.session_state.get(f"at-{name}", ""):
        st.session_state[f"at-{name}"] = wanted
        go(wanted)


def leave(name: str, value: str | None) -> None:
    """Let the address say that this tab is at `value`; None takes it out."""
    st.session_state[f"at-{name}"] = value or ""
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def restore() -> None:
    """Take up what the address keeps for the tab, and keep what the tab has chosen: a page's address begins bare."""
    for name in KEPT:
        if name not in st.session_state and (given := st.query_params.get(name)):
            st.session_state[name] = given
        elif chosen := st.session_state.get(name):
            st.query_params[name] = chosen
