"""The page's own script, as a component that Streamlit mounts: registered once in a process."""

from __future__ import annotations

from pathlib import Path

from streamlit.components.v2 import component

behave = component("zhiku_page", js=Path(__file__).with_name("page.js").read_text("utf-8"))
"""Drawn by every page with `data={"language": …}`."""
