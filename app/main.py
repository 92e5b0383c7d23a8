"""The script Streamlit runs for every page: language, look, pages."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import address
from app.behaviour import behave
from app.caller import caller
from app.opening import home
from app.state import session_language
from app.way_in import ADMINISTERING, draw_caller, draw_way_in
from ingest import people_kept, say, speak

FOLDER = Path(__file__).parent

address.restore()
speak(session_language())
st.set_page_config(page_title=say(en="Zhiku", zh="智库"), page_icon=FOLDER / "icon.png")
st.logo(str(FOLDER / "icon.png"), size="large")
st.html(FOLDER / "style.css")
if session_language() == "zh":
    st.html(FOLDER / "style.zh.css")
behave(key="page", data={"language": "zh-CN" if session_language() == "zh" else "en"}, height=0)
if (who := caller()) is None:
    draw_way_in()
else:
    draw_caller(who)
    st.navigation(
        [
            st.Page(
                FOLDER / f"{name}_page.py",
                title=title,
                icon=f":material/{icon}:",
                url_path=name,
                default=name == "chat",
                visibility="visible" if shown else "hidden",
            )
            for name, title, icon, shown in (
                ("chat", say(en="Chat", zh="问答"), "forum", True),
                ("tasks", say(en="Tasks", zh="任务"), "checklist", True),
                ("assistants", say(en="Assistants", zh="助手"), "support_agent", True),
                ("library", say(en="Library", zh="文档"), "folder_open", True),
                ("search", say(en="Search", zh="检索"), "search", True),
                ("evaluation", say(en="Evaluation", zh="评测"), "labs", True),
                ("activity", say(en="Activity", zh="使用情况"), "monitoring", True),
                ("models", say(en="Models", zh="模型"), "neurology", True),
                ("settings", say(en="Settings", zh="设置"), "tune", True),
                ("administration", say(en="Administration", zh="管理"), "group", people_kept(home())),
            )
            if name not in ADMINISTERING or who.may("admin")
        ]
    ).run()
