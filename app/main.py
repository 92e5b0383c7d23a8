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
st.set_page_config(page_title=say("Zhiku", "智库"), page_icon=FOLDER / "icon.png")
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
                ("chat", say("Chat", "问答"), "forum", True),
                ("tasks", say("Tasks", "任务"), "checklist", True),
                ("assistants", say("Assistants", "助手"), "support_agent", True),
                ("library", say("Library", "文档"), "folder_open", True),
                ("search", say("Search", "检索"), "search", True),
                ("evaluation", say("Evaluation", "评测"), "labs", True),
                ("activity", say("Activity", "使用情况"), "monitoring", True),
                ("models", say("Models", "模型"), "neurology", True),
                ("settings", say("Settings", "设置"), "tune", True),
                ("administration", say("Administration", "管理"), "group", people_kept(home())),
            )
            if name not in ADMINISTERING or who.may("admin")
        ]
    ).run()
