"""The script Streamlit runs for every page: language, look, pages."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import address
from app.behaviour import behave
from app.state import session_language
from ingest import say, speak

FOLDER = Path(__file__).parent

address.restore()
speak(session_language())
st.set_page_config(page_title=say(en="Zhiku", zh="智库"), page_icon=FOLDER / "icon.png")
st.logo(str(FOLDER / "icon.png"), size="large")
st.html(FOLDER / "style.css")
if session_language() == "zh":
    st.html(FOLDER / "style.zh.css")
behave(key="page", data={"language": "zh-CN" if session_language() == "zh" else "en"}, height=0)
st.navigation(
    [
        st.Page(FOLDER / f"{name}_page.py", title=title, icon=icon, url_path=name, default=name == "chat")
        for name, title, icon in (
            ("chat", say(en="Chat", zh="问答"), ":material/forum:"),
            ("tasks", say(en="Tasks", zh="任务"), ":material/checklist:"),
            ("assistants", say(en="Assistants", zh="助手"), ":material/support_agent:"),
            ("library", say(en="Library", zh="文档"), ":material/folder_open:"),
            ("search", say(en="Search", zh="检索"), ":material/search:"),
            ("evaluation", say(en="Evaluation", zh="评测"), ":material/labs:"),
            ("activity", say(en="Activity", zh="使用情况"), ":material/monitoring:"),
            ("models", say(en="Models", zh="模型"), ":material/neurology:"),
            ("settings", say(en="Settings", zh="设置"), ":material/tune:"),
        )
    ]
).run()
