"""The page that says what is in use, and changes it."""

from __future__ import annotations

import platform as machine
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import streamlit as st

from agents import LOCAL
from app.caller import caller
from app.embedders_part import EMBEDDERS
from app.markup import plain
from app.model_menu import MODELS_PAGE, model_title
from app.opening import reload
from app.state import library, models, platform, show, spoken
from app.way_in import ADMINISTRATION_PAGE, LANGUAGES, draw_language
from ingest import Text, ZhikuError, change_settings, check_embedder, overridden, say, settings_path

if TYPE_CHECKING:
    from ingest import Settings


@spoken
def draw() -> None:
    """Draw the page."""
    st.title(say(en="Settings", zh="设置"), anchor=False)
    if caller() is LOCAL:  # who has signed in finds it at the head of the sidebar
        draw_language()
    if st.session_state.pop("saved", None):
        st.success(say(en="Saved and in force.", zh="已保存并生效。"), icon=":material/check:")
    _usual(library().settings)
    _every(library().settings)
    st.page_link(ADMINISTRATION_PAGE, label=say(en="Users and keys", zh="用户与密钥"), icon=":material/group:")
    _in_use()


def _usual(settings: Settings) -> None:
    """What people change most; the model has a page of its own."""
    with st.form("settings", border=True):
        st.markdown(f"**{plain(say(en='Language model', zh='语言模型'))}** · {plain(model_title(settings.model))}")
        st.page_link(MODELS_PAGE, label=say(en="Choose a model", zh="选择模型"), icon=":material/neurology:")
        k = st.slider(
            say(en="Passages read for an answer", zh="每次回答参考的片段数"),
            1,
            30,
            min(settings.k, 30),
            key="set-k",
            disabled=overridden("k"),
        )
        embedder = st.selectbox(
            say(en="Embedder of new knowledge bases", zh="新知识库使用的向量模型"),
            list(dict.fromkeys([settings.embedder, *EMBEDDERS])),
            accept_new_options=True,
            key="set-embedder",
            disabled=overridden("embedder"),
            help=say(
                en="A name from a model hub, or a folder; it is loaded once before it is saved. A knowledge base keeps the"
                " embedder it was made with.",
                zh="模型库中的名称，或本机文件夹；保存前会先载入一次。已有知识库沿用其原来的向量模型。",
            ),
        )
        choices = ["auto", "zh", "en"]
        language = st.selectbox(
            say(en="Language at start", zh="启动时的语言"),
            choices,
            index=choices.index(settings.language),
            format_func=lambda code: LANGUAGES.get(code, say(en="The browser's", zh="跟随浏览器")),
            key="set-language",
            disabled=overridden("language"),
        )
        if st.form_submit_button(say(en="Save", zh="保存"), type="primary", icon=":material/save:"):
            wanted: dict[str, str | int] = {"k": k, "embedder": (embedder or "").strip(), "language": language}
            _save({key: value for key, value in wanted.items() if value and value != getattr(settings, key)})


def _every(settings: Settings) -> None:
    """All settings, what is in force and from where; any can be changed."""
    secret = {one.name for one in fields(settings) if one.metadata.get("secret")}
    named = {one.name: getattr(settings, one.name) for one in fields(settings)}
    with st.expander(say(en="All settings", zh="全部设置"), icon=":material/tune:"):
        st.dataframe(
            {
                say(en="Setting", zh="设置项"): list(named),
                say(en="In force", zh="当前值"): [
                    "•••" if name in secret and value else str(value) for name, value in named.items()
                ],
                say(en="From", zh="来源"): [_from(one.name, named[one.name], one.default) for one in fields(settings)],
            },
            hide_index=True,
            height=320,
        )
        with st.form("any-setting", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox(
                say(en="Setting", zh="设置项"), [one for one in named if not overridden(one)], key="any-name"
            )
            value = st.text_input(
                say(en="New value", zh="新值"), key="any-value", type="password" if name in secret else "default"
            )
            if st.form_submit_button(say(en="Save", zh="保存")):
                _save({name: value.strip()})
        st.caption(
            say(
                en="What each means: docs/settings.md. The address and port are taken up at the next start.",
                zh="各项含义见 docs/settings.zh.md。地址与端口在下次启动时生效。",
            )
        )


def _from(name: str, value: object, default: object) -> str:
    if overridden(name):
        return f"ZHIKU_{name.upper()}"
    return say(en="default", zh="默认") if value == default else "settings.toml"


def _save(changed: dict[str, str | int]) -> None:
    """Write what changed, once it is known to work."""
    if not changed:
        st.caption(say(en="Nothing changed.", zh="没有改动。"))
        return
    try:
        if model := str(changed.get("model", "")):
            changed["model"] = models().check(model)
        if embedder := str(changed.get("embedder", "")):
            with st.spinner(say(en="Loading it once…", zh="正在试载入…")):
                check_embedder(embedder, library().settings)
        change_settings(settings_path(library().home), **changed)
    except ZhikuError as error:
        show(error)
        return
    st.session_state.pop("model", None)
    reload()
    st.session_state["saved"] = True
    st.rerun()


def _in_use() -> None:
    st.header(say(en="In use", zh="当前使用"), anchor=False)
    shared = platform()
    try:
        embedder = shared.library.embedder.identity
        told = say(
            en=f"{embedder.name} · {embedder.dimensions} dimensions · {embedder.max_tokens} tokens",
            zh=f"{embedder.name} · {embedder.dimensions} 维 · {embedder.max_tokens} 个词元",
        )
    except ZhikuError as error:
        told = str(error)
    rows = [
        (Text(en="Language model", zh="语言模型"), str(shared.model_name)),
        (Text(en="Embedder", zh="向量模型"), told),
        (Text(en="Home folder", zh="数据文件夹"), str(shared.library.home)),
        (Text(en="Settings file", zh="设置文件"), str(settings_path(shared.library.home))),
        (Text(en="Zhiku", zh="智库"), _version("zhiku")),
        (
            Text(en="Built on", zh="基于"),
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
