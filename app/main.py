"""The script Streamlit runs for every page: language, look, pages."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import chat_page, library_page, search_page, settings_page
from app.state import session_language
from ingest.language import say, speak

FOLDER = Path(__file__).parent

speak(session_language())
st.set_page_config(page_title=say(en="Zhiku", zh="智库"), page_icon=FOLDER / "icon.png")
st.html(FOLDER / "style.css")
pages = {
    "chat": st.Page(
        chat_page.draw, title=say(en="Chat", zh="问答"), icon=":material/forum:", url_path="chat", default=True
    ),
    "library": st.Page(
        library_page.draw, title=say(en="Library", zh="文档"), icon=":material/folder_open:", url_path="library"
    ),
    "search": st.Page(search_page.draw, title=say(en="Search", zh="检索"), icon=":material/search:", url_path="search"),
    "settings": st.Page(
        settings_page.draw, title=say(en="Settings", zh="设置"), icon=":material/tune:", url_path="settings"
    ),
}
st.session_state["pages"] = pages
st.navigation(list(pages.values())).run()
