"""The page where assistants are made, changed, copied, taken back, exchanged as files, and tried."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import streamlit as st

from agents import Assistant, Version, exported
from app.assistant_menu import CHOSEN, visible
from app.bringing import draw_bringing
from app.buttons import draw_button, draw_download
from app.confirming import draw_confirmed
from app.conversations import TALKS
from app.markup import plain
from app.model_menu import model_title
from app.run_list import EFFORTS
from app.state import errors_shown, library, models, platform, show_trouble, shown_time, spoken
from ingest import safe_name, say

CHAT = "chat_page.py"
_AT = "assistant-at"
"""The tab's state that holds the name of the one at hand; '' for a new one."""


@spoken
def draw() -> None:
    """Draw the page."""
    st.title(say("Assistants", "助手"), anchor=False)
    st.markdown(
        say(
            "An assistant answers from knowledge bases of its own, in its own manner: here, over the API and in the widget."
            " Its instructions say how it speaks; what proves an answer stays as strict.",
            "助手以自己的方式、依据指定的知识库回答问题，可用于本应用、API 和网页小组件。指令决定它如何表达；对回答的核实同样严格。",
        )
    )
    show_trouble()
    for note in st.session_state.pop("assistant-notes", ()):
        st.info(plain(note), icon=":material/info:")
    found = {one.name: one for one in visible()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = ["", *found]
        at = st.session_state.get(_AT, next(iter(found), ""))
        new = say("New assistant", "新助手")
        name = st.selectbox(
            say("Assistant", "助手"),
            names,
            index=names.index(at) if at in names else 0,
            format_func=lambda one: one or new,
            key=f"assistants-{at}-{len(names)}",
        )
        with st.popover(say("Import", "导入"), icon=":material/upload_file:"):
            label = say("A file that was exported", "导出得到的文件")
            draw_bringing(label, ("toml", "json"), _bring, key="assistant-file")
    st.session_state[_AT] = name
    one = found.get(name)
    if one is not None:
        _actions(one)
    _form(one)


def _actions(one: Assistant) -> None:
    versions = platform().assistants.versions(one.name)
    with st.container(horizontal=True, key="zk-actions-assistant"):
        if st.button(say("Try", "试用"), icon=":material/forum:", type="primary", key="assistant-try"):
            TALKS.select(None)
            st.session_state[CHOSEN] = one.name
            st.switch_page(CHAT)
        copied = replace(one, name=platform().assistants.free(one.name))
        label = say("Copy", "复制")
        draw_button(label, "assistant-copy", "content_copy", _keep, copied, "", weight="secondary")
        label, name = say("Export", "导出"), f"{safe_name(one.name)}.toml"
        draw_download(label, "assistant-export", lambda: exported(one), name, weight="secondary")
        with st.popover(say(f"Versions ({len(versions)})", f"版本（{len(versions)}）"), icon=":material/history:"):
            for version in versions:
                _version(one, version, latest=version is versions[0])
        draw_confirmed(
            say("Remove assistant", "删除助手"),
            say(
                f"Remove **{plain(one.name)}** with all its versions? Conversations with it stay.",
                f"删除 **{plain(one.name)}** 及其全部版本？与它的对话会保留。",
            ),
            lambda: _remove(one.name),
            key="assistant-remove",
        )


def _version(one: Assistant, version: Version, *, latest: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{version.n}** · {shown_time(version.made)}")
        if not latest:
            label, revert = say("Go back to it", "恢复此版"), platform().assistants.revert
            draw_button(label, f"assistant-back-{version.n}", "", revert, one.name, version.n, weight="secondary")
    st.code(version.assistant.instructions or "–", language=None, wrap_lines=True)


def _form(one: Assistant | None) -> None:
    """What it consists of, to be changed and saved."""
    now = one or Assistant(name="", kbs=(st.session_state.get("kb", "default"),))
    key = f"{now.name}-{len(platform().assistants.versions(one.name)) if one else 0}"
    bases = [kb.name for kb in library().kbs()]
    as_configured = say("As configured", "沿用设置")
    known = {"": as_configured, **{name: model_title(name) for name in models().names()}}
    efforts: list[Literal["", "quick", "normal", "thorough"]] = ["", *EFFORTS]
    with st.form(f"assistant-{key}", border=True):
        name = st.text_input(say("Name", "名称"), now.name, max_chars=80, key=f"a-name-{key}")
        greeting = st.text_area(
            say("Greeting", "问候语"), now.greeting, max_chars=1000, height=80, key=f"a-greeting-{key}"
        )
        instructions = st.text_area(
            say("Instructions", "指令"),
            now.instructions,
            max_chars=8000,
            height=160,
            key=f"a-instructions-{key}",
            placeholder=say(
                "Speak warmly and briefly; address readers as customers of the shop.",
                "语气亲切、简短，把提问者当作本店顾客。",
            ),
        )
        kbs = st.multiselect(
            say("Knowledge bases", "知识库"),
            bases,
            [kb for kb in now.kbs if kb in bases],
            key=f"a-kbs-{key}",
            placeholder=say("Choose", "请选择"),
        )
        where = st.text_input(
            say("Only documents that fit", "仅限符合条件的文档"),
            now.where,
            key=f"a-where-{key}",
            placeholder=say("tag=public kind=pdf", "标签=公开 类型=pdf"),
        )
        with st.expander(say("Model and tasks", "模型与任务")):
            model = st.selectbox(
                say("Model", "模型"),
                list(known),
                index=list(known).index(now.model) if now.model in known else 0,
                format_func=lambda one: known[one],
                key=f"a-model-{key}",
            )
            label = say("Temperature", "温度")
            temperature = st.number_input(label, 0.0, 2.0, now.temperature, 0.1, key=f"a-temperature-{key}")
            label = say("Longest answer in tokens (0: as configured)", "回答最多 token 数（0：沿用设置）")
            most = st.number_input(label, 0, 100_000, now.max_tokens, key=f"a-most-{key}")
            label = say("Passages to look at (0: as configured)", "参考的片段数（0：沿用设置）")
            k = st.number_input(label, 0, 100, now.k, key=f"a-k-{key}")
            effort = st.selectbox(
                say("Effort in tasks", "任务投入程度"),
                efforts,
                index=efforts.index(now.effort),
                format_func=lambda one: str(EFFORTS[one]) if one else as_configured,
                key=f"a-effort-{key}",
            )
            every = st.checkbox(
                say("All tools that the settings allow", "允许设置中开放的全部工具"),
                now.tools is None,
                key=f"a-every-{key}",
            )
            at_hand = list(platform().assistants.tools())
            tools = st.multiselect(
                say("Otherwise only these", "否则仅限"),
                at_hand,
                [tool for tool in now.tools or () if tool in at_hand],
                key=f"a-tools-{key}",
                placeholder=say("Choose", "请选择"),
            )
        if st.form_submit_button(say("Save", "保存"), type="primary", icon=":material/save:"):
            made = Assistant(
                name=name.strip(),
                greeting=greeting.strip(),
                instructions=instructions.strip(),
                kbs=tuple(kbs),
                where=where.strip(),
                model=model,
                temperature=temperature,
                max_tokens=most,
                k=k,
                tools=None if every else tuple(tools),
                effort=effort,
            )
            with errors_shown():
                _keep(made, one.name if one else "")
                st.rerun()


def _keep(made: Assistant, former: str) -> None:
    """Save, and stay with it. A new one takes nobody's name."""
    kept = platform().assistants
    kept.save(made, former) if former else kept.create(made)
    st.session_state[_AT] = made.name


def _remove(name: str) -> None:
    platform().assistants.remove(name)
    st.session_state.pop(_AT, None)


def _bring(_: str, content: bytes) -> None:
    found, st.session_state["assistant-notes"] = platform().assistants.read(content.decode("utf-8", "replace"))
    _keep(replace(found, name=platform().assistants.free(found.name)), "")


if __name__ == "__main__":  # run by Streamlit as a page
    draw()
