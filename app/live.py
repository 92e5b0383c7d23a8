"""Work as it goes on, drawn by a page that keeps looking at it. Any click ends that run of the page; the next goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from ingest import say

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from app.background import Background

W = TypeVar("W", bound="Background[Any]")
LEFTOVERS = 16
"""Elements of the last run below the work, overwritten at once: Streamlit takes away what is not drawn again only when a
run ends, which here is when the work does."""


def draw_status(work: Background[Any], key: str) -> DeltaGenerator:
    """Where it says how far the work is, and a button that stops it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        status = st.empty()
        st.button(
            say(en="Stop", zh="停止"),
            on_click=work.stop,
            icon=":material/stop_circle:",
            key=key,
            shortcut="Esc",
            type="tertiary",
            disabled=work.stopping,
        )
    return status


def looks(work: W, status: DeltaGenerator, tell: Callable[[W], tuple[str, str]], *, every: float) -> Iterator[None]:
    """Once for each look at the work, `every` so many seconds until it has ended; to be begun when all else is drawn.

    `tell` says what it is doing, and what comes behind the seconds.
    """
    for _ in range(LEFTOVERS):
        st.empty()
    while not work.wait(every):
        # Every look draws something, because Streamlit ends an overtaken run only when it draws.
        doing, more = tell(work)
        if work.stopping:
            doing = say(en="Stopping", zh="正在停止")
        if work.preparing:
            doing = work.preparing.rstrip(" …")
        status.caption(f"{doing}… {work.seconds:.0f} s{more}")
        yield
