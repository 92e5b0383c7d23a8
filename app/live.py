"""Work as it goes on: drawn by a page that keeps looking at it until any click ends that run of the page (the next goes on),
or in a box that is drawn again by itself while everything else on the page can be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from app.state import spoken
from ingest import say

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from app.background import Background

W = TypeVar("W", bound="Background[Any]")
LEFTOVERS = 16
"""Elements of the last run below the work, and in what stood in its place, that are overwritten at once: Streamlit takes away
what is not drawn again only when a run ends, which here is when the work does."""


def draw_status(work: Background[Any], key: str) -> DeltaGenerator:
    """Where it says how far the work is, and a button that stops it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        status = st.empty()
        draw_stop(work, key, shortcut="Esc")
        _overwrite()
    return status


def draw_stop(work: Background[Any], key: str, *, pauses: bool = False, shortcut: str | None = None) -> None:
    """A button that stops the work; `pauses`: what has come is kept, and it can go on from there."""
    st.button(
        say("Pause", "暂停") if pauses else say("Stop", "停止"),
        on_click=work.stop,
        icon=":material/pause:" if pauses else ":material/stop_circle:",
        key=key,
        shortcut=shortcut,
        type="tertiary",
        disabled=work.stopping,
    )


def looks(work: W, status: DeltaGenerator, tell: Callable[[W], tuple[str, str]], *, every: float) -> Iterator[None]:
    """Once for each look at the work, `every` so many seconds until it has ended; to be begun when all else is drawn.

    `tell` says what it is doing, and what comes behind the seconds.
    """
    _overwrite()
    while not work.wait(every):
        # Every look draws something, because Streamlit ends an overtaken run only when it draws.
        doing, more = tell(work)
        if work.stopping:
            doing = say("Stopping", "正在停止")
        if work.preparing:
            doing = work.preparing.rstrip(" …")
        status.caption(f"{doing}… {work.seconds:.0f} s{more}")
        yield


def _overwrite() -> None:
    for _ in range(LEFTOVERS):
        st.empty()


def draw_box(
    latest: Callable[[], W | None], running: Callable[[W], None], ended: Callable[[W], None], *, key: str
) -> None:
    """What `latest` gives: while it runs, a box that `running` draws twice a second; then what `ended` draws, by a new run of
    the page. Nothing where there is no such work."""
    work = latest()
    if work is not None:
        _looked_at(latest, running, key) if work.running else ended(work)


@st.fragment(run_every=0.5)
@spoken
def _looked_at(latest: Callable[[], W | None], running: Callable[[W], None], key: str) -> None:
    work = latest()
    if work is None or not work.running:
        st.rerun()
    with st.container(border=True, key=key):
        running(work)
