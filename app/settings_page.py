"""The page that says what is in use, and changes it."""

from __future__ import annotations

import platform as machine
from importlib.metadata import PackageNotFoundError, version

import streamlit as st

from app.markup import plain
from app.state import library, platform, reload, session_language, show, spoken
from ingest import Language, Text, ZhikuError, change_settings, overridden, say, settings_path, speak

EMBEDDERS = ("bundled", "BAAI/bge-m3", "Qwen/Qwen3-Embedding-0.6B", "intfloat/multilingual-e5-base", "hashing")
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_NAMES: dict[str, str] = {"zh": "中文", "en": "English"}


@spoken
def draw() -> None:
    """Draw the page."""
    st.title(say(en="Settings", zh="设置"), anchor=False)
    _language()
    settings = library().settings
    if st.session_state.pop("saved", None):
        st.success(say(en="Saved and in force.", zh="已保存并生效。"), icon=":material/check:")

    with st.form("settings", border=True):
        st.markdown(say(en="##### Answers", zh="##### 回答"))
        model = st.text_input(
            say(en="Language model", zh="语言模型"),
            settings.model,
            key="set-model",
            disabled=overridden("model"),
            help=say(
                en="'bundled', the path of a GGUF file, 'owner/repo:quantisation', or an OpenAI-compatible address"
                " such as http://localhost:11434/v1#qwen3:4b",
                zh="“bundled”、GGUF 文件路径、“owner/repo:量化”，或 OpenAI 兼容地址，例如"
                " http://localhost:11434/v1#qwen3:4b",
            ),
        )
        k = st.slider(
            say(en="Passages read for an answer", zh="每次回答参考的片段数"),
            1,
            30,
            min(settings.k, 30),
            key="set-k",
            disabled=overridden("k"),
        )
        st.markdown(say(en="##### Finding", zh="##### 检索"))
        names = list(dict.fromkeys([settings.embedder, *EMBEDDERS]))
        embedder = st.selectbox(
            say(en="Embedder of new knowledge bases", zh="新知识库使用的嵌入模型"),
            names,
            accept_new_options=True,
            key="set-embedder",
            disabled=overridden("embedder"),
            help=say(
                en="A name from a model hub, or a folder. A knowledge base keeps the embedder it was made with; "
                "`ingest rebuild --embedder NAME` changes it.",
                zh="模型库中的名称，或本机文件夹。已有知识库沿用其原来的嵌入模型；"
                "可用 `ingest rebuild --embedder 名称` 更换。",
            ),
        )
        st.markdown(say(en="##### Start", zh="##### 启动"))
        choices = ["auto", "zh", "en"]
        language = st.selectbox(
            say(en="Language at start", zh="启动时的语言"),
            choices,
            index=choices.index(settings.language),
            format_func=lambda code: _NAMES.get(code, say(en="The browser's", zh="跟随浏览器")),
            key="set-language",
            disabled=overridden("language"),
        )
        if st.form_submit_button(say(en="Save", zh="保存"), type="primary", icon=":material/save:"):
            wanted: dict[str, str | int] = {
                "model": model.strip(),
                "k": k,
                "embedder": (embedder or "").strip(),
                "language": language,
            }
            _save({key: value for key, value in wanted.items() if value and value != getattr(settings, key)})
    _overridden()
    _in_use()


def _language() -> None:
    """The language of this tab; it changes at once, nothing is written."""
    chosen = st.segmented_control(
        say(en="Language of this tab", zh="本页语言"),
        LANGUAGES,
        default=session_language(),
        format_func=_NAMES.__getitem__,
        key="tab-language",
        required=True,
    )
    if chosen and chosen != session_language():
        st.session_state["language"] = chosen
        speak(chosen)
        st.rerun()


def _save(changed: dict[str, str | int]) -> None:
    if not changed:
        st.caption(say(en="Nothing changed.", zh="没有改动。"))
        return
    try:
        change_settings(settings_path(library().home), **changed)
    except ZhikuError as error:
        show(error)
        return
    st.session_state.pop("model", None)
    reload()
    st.session_state["saved"] = True
    st.rerun()


def _overridden() -> None:
    names = [key for key in ("model", "k", "embedder", "language") if overridden(key)]
    if names:
        st.caption(
            ":material/info: "
            + say(
                en=f"Set by the environment, so not to be changed here: {', '.join(names)}.",
                zh=f"由环境变量设定，无法在此修改：{'、'.join(names)}。",
            )
        )


def _in_use() -> None:
    st.markdown(say(en="##### In use", zh="##### 当前使用"))
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
        (Text(en="Embedder", zh="嵌入模型"), told),
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
