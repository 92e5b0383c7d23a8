"""The pages' own scripts, as components that Streamlit mounts: registered once in a process."""

from __future__ import annotations

from pathlib import Path

from streamlit.components.v2 import component

behave = component("zhiku_page", js=Path(__file__).with_name("page.js").read_text("utf-8"))
"""Drawn by every page with `data={"language": …}`."""

_top = component("zhiku_top", js=Path(__file__).with_name("top.js").read_text("utf-8"))


def begin_at_top() -> None:
    """Drawn by a page that is to be read from its beginning."""
    _top(key="top", data={"looks": 20}, height=0)


def begin_at(key: str) -> None:
    """Drawn by a page that grows below the container of this key, which is to stay at its head meanwhile."""
    _top(key="top-of-work", data={"looks": -1, "from": f".st-key-{key}"}, height=0)
