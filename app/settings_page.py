"""The page that says what is in use, and changes it."""

from __future__ import annotations

import platform as machine
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from typing import Literal, get_args, get_origin, get_type_hints

import streamlit as st

from agents import LOCAL
from app.caller import caller
from app.embedders_part import EMBEDDERS, shown_embedder
from app.markup import plain
from app.model_menu import MODELS_PAGE, model_title
from app.opening import reload
from app.state import errors_shown, library, models, platform, spoken
from app.way_in import ADMINISTRATION_PAGE, draw_language
from ingest import (
    Settings,
    Text,
    ZhikuError,
    change_settings,
    check_embedder,
    overridden,
    say,
    setting_meaning,
    settings_path,
)

GROUPS = {
    "language": Text("Language", "语言"),
    "embedder": Text("Embedder", "向量模型"),
    "model": Text("Language model", "语言模型"),
    "reranker": Text("Search and proof", "检索与核实"),
    "store": Text("Storage", "存储"),
    "workers": Text("Reading files", "读取文件"),
    "ocr": Text("Text recognition", "文字识别"),
    "tools_folder": Text("Tools", "工具"),
    "effort": Text("Tasks", "任务"),
    "keep_days": Text("Keeping", "保留期限"),
    "host": Text("Application", "本应用"),
    "serve_rate": Text("Server", "服务器"),
    "audit_days": Text("Audit", "审计"),
    "mcp_servers": Text("MCP", "MCP"),
}
"""What settings are about, by the first of each group in the order of `Settings`."""


@spoken
def draw() -> None:
    """Draw the page."""
    st.title(say("Settings", "设置"), anchor=False)
    if caller() is LOCAL:  # who has signed in finds it at the head of the sidebar
        draw_language()
    if st.session_state.pop("saved", None):
        st.success(say("Saved and in force.", "已保存并生效。"), icon=":material/check:")
    _model(library().settings.model)
    _every(library().settings)
    st.page_link(ADMINISTRATION_PAGE, label=say("Users and keys", "用户与密钥"), icon=":material/group:")
    _in_use()


def _model(name: str) -> None:
    """The model has a page of its own."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(say('Language model', '语言模型'))}** · {plain(model_title(name))}", width="content")
        st.page_link(MODELS_PAGE, label=say("Choose a model", "选择模型"), icon=":material/neurology:")


def _every(settings: Settings) -> None:
    """All settings, by what they are about, with what is in force and from where; any can be changed."""
    st.header(say("All settings", "全部设置"), anchor=False)
    wanted = st.text_input(
        say("Search", "搜索"), key="settings-find", icon=":material/search:", label_visibility="collapsed",
        placeholder=say("Part of a name, a value or what it means", "名称、取值或含义的一部分")).casefold()  # fmt: skip
    rows = [row for row in every_setting(settings) if wanted in "\n".join(row).casefold()]
    if not rows:
        st.caption(say("No setting is called so.", "没有这样的设置项。"))
        return
    titles = (
        say("Group", "分组"),
        say("Setting", "设置项"),
        say("In force", "当前值"),
        say("From", "来源"),
        say("Meaning", "含义"),
    )
    st.dataframe(dict(zip(titles, zip(*rows, strict=True), strict=True)), hide_index=True, height=320)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = [name for _, name, *_ in rows if not overridden(name)]
        name = st.selectbox(say("Setting", "设置项"), names, key="any-name")
        if name:
            _change(name, settings)
    if name:
        st.caption(plain(setting_meaning(name)))
    st.caption(say("The address and port are taken up at the next start.", "地址与端口在下次启动时生效。"))


def every_setting(settings: Settings) -> list[tuple[str, str, str, str, str]]:
    """Of each setting its group, its name, what is in force (a secret is not told), where that comes from, and what it means."""
    found, group = [], ""
    for one in fields(settings):
        group = str(GROUPS.get(one.name, group))
        value = getattr(settings, one.name)
        shown = "•••" if one.metadata.get("secret") and value else str(value)
        found.append((group, one.name, shown, _from(one.name, value, one.default), setting_meaning(one.name)))
    return found


def _change(name: str, settings: Settings) -> None:
    """A field for the new value of one setting: a choice where there are only some."""
    kind = get_type_hints(type(settings))[name]
    choices = ("true", "false") if kind is bool else get_args(kind) if get_origin(kind) is Literal else ()
    label, key = say("New value", "新值"), f"any-value-{name}"
    if name == "embedder":
        told = say(
            "A name from a model hub, or a folder; it is loaded once before it is saved. A knowledge base keeps the embedder"
            " it was made with.",
            "模型库中的名称，或本机文件夹；保存前会先载入一次。已有知识库沿用其原来的向量模型。",
        )
        value = st.selectbox(label, EMBEDDERS, key=key, accept_new_options=True, format_func=shown_embedder, help=told)
    elif choices:
        value = st.selectbox(label, choices, key=key)
    else:
        secret = any(one.metadata.get("secret") for one in fields(settings) if one.name == name)
        now = "" if secret else str(getattr(settings, name))
        value = st.text_input(label, key=key, type="password" if secret else "default", placeholder=now).strip()
    if st.button(say("Save", "保存"), key="any-save"):
        _save(name, value or "")


def _from(name: str, value: object, default: object) -> str:
    if overridden(name):
        return f"ZHIKU_{name.upper()}"
    return say("default", "默认") if value == default else "settings.toml"


def _save(name: str, value: str) -> None:
    """Write it, once it is known to work."""
    with errors_shown():
        if name == "model":
            value = models().check(value)
        if name == "embedder":
            with st.spinner(say("Loading it once…", "正在试载入…")):
                check_embedder(value, library().settings)
        change_settings(settings_path(library().home), **{name: value})
        st.session_state.pop("model", None)
        reload()
        st.session_state["saved"] = True
        st.rerun()


def _in_use() -> None:
    st.header(say("In use", "当前使用"), anchor=False)
    shared = platform()
    try:
        embedder = shared.library.embedder.identity
        name = shown_embedder(embedder.name)
        told = say(
            f"{name} · {embedder.dimensions} dimensions · {embedder.max_tokens} tokens",
            f"{name} · {embedder.dimensions} 维 · {embedder.max_tokens} 个词元",
        )
    except ZhikuError as error:
        told = str(error)
    rows = [
        (Text("Language model", "语言模型"), model_title(shared.model_name)),
        (Text("Embedder", "向量模型"), told),
        (Text("Home folder", "数据文件夹"), str(shared.library.home)),
        (Text("Settings file", "设置文件"), str(settings_path(shared.library.home))),
        (Text("Zhiku", "智库"), _version("zhiku")),
        (
            Text("Built on", "基于"),
            " · ".join(
                f"{name} {_version(name)}" for name in ("llama-cpp-python", "chromadb", "langchain", "streamlit")
            )
            + f" · Python {machine.python_version()}",
        ),
    ]
    for label, value in rows:
        left, right = st.columns([1, 3], gap="small")
        left.caption(plain(str(label)))
        right.text(value)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "–"


if __name__ == "__main__":  # run by Streamlit as a page
    draw()
