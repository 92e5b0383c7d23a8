"""The pages' own scripts, as components that Streamlit mounts: registered once in a process."""

from __future__ import annotations

from pathlib import Path

from streamlit.components.v2 import component

behave = component("zhiku_page", js=Path(__file__).with_name("page.js").read_text("utf-8"))
"""Drawn by every page with `data={"language": …}`."""

begin_at_top = component("zhiku_top", js=Path(__file__).with_name("top.js").read_text("utf-8"))
"""Drawn last by a page that is to be read from its beginning."""
