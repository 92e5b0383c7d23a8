"""The page where language models are got, chosen, tried, and let go."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from agents import gigabytes
from app.buttons import draw_button
from app.embedders_part import draw_embedders
from app.markup import plain
from app.model_menu import model_title
from app.model_offers import draw_recommended, draw_table, draw_transfer, pull
from app.model_rows import choose, draw_choice, draw_file, draw_trial
from app.state import callback, library, models, on_this_machine, platform, show_trouble, spoken
from ingest import counted, overridden, say


@spoken
def draw() -> None:
    """Draw the page."""
    st.title(say("Models", "模型"), anchor=False)
    show_trouble()
    memory, gpu = models().memory
    st.markdown(
        say(
            f"**{plain(model_title(platform().model_name))}** answers. This machine has {gigabytes(memory)} of memory and "
            + (f"a GPU with {gigabytes(gpu)}." if gpu else "no GPU that this build uses."),
            f"当前由 **{plain(model_title(platform().model_name))}** 回答。本机有 {gigabytes(memory)} 内存，"
            + (f"GPU 显存 {gigabytes(gpu)}。" if gpu else "当前构建未使用 GPU。"),
        )
    )
    if overridden("model"):
        st.caption(say("ZHIKU_MODEL decides which model answers.", "由环境变量 ZHIKU_MODEL 决定使用的模型。"))
    draw_transfer()
    draw_recommended()
    draw_table()
    files = models().here()
    st.header(say("On this machine", "本机已有"), anchor=False)
    for number, file in enumerate(files):
        draw_file(file, number)
    _servers()
    _loaded()
    _more()
    draw_embedders()


def _servers() -> None:
    """Those that were added, with their models."""
    for number, (url, names) in enumerate(models().servers().items()):
        with st.container(border=True, key=f"zk-server-{number}"):
            st.markdown(f":material/dns: **{plain(url)}**")
            for each, name in enumerate(names):
                full = f"{url}#{name}"
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(plain(name), width="stretch")
                    draw_choice(full, used=platform().model_name == full, key=f"{number}-{each}")
                draw_trial(full)
            with st.container(horizontal=True):
                draw_button(say("Test", "测试"), f"test-{number}", "network_check", _add, url, weight="secondary")
                draw_button(say("Remove", "移除"), f"forget-{number}", "", models().forget_server, url)


def _loaded() -> None:
    """What takes memory now."""
    held = models().loaded()
    if not held:
        return
    st.header(say("In memory now", "当前占用内存"), anchor=False)
    for number, one in enumerate(held):  # one file may be loaded twice, with another context
        with st.container(horizontal=True, vertical_alignment="center"):
            minutes = one.unused / 60
            when = say(f"asked {minutes:.0f} min ago", f"{minutes:.0f} 分钟前使用")
            st.markdown(f"**{plain(model_title(one.name))}** · {gigabytes(one.bytes)} · {when}", width="stretch")
            label, key = say("Unload", "卸载"), f"unload-{number}-{one.path}"
            draw_button(label, key, "eject", models().unload, one.path, weight="secondary", disabled=one.busy)


def _more() -> None:
    """Whatever is not in the table: a name on a hub, a file, a server."""
    st.header(say("Another model", "其他模型"), anchor=False)
    with st.form("more-models", border=False, clear_on_submit=False):
        st.text_input(
            say(
                "OWNER/REPO:Q4_K_M on a hub, the path of a GGUF file, or the address of a server",
                "模型站点上的 OWNER/REPO:Q4_K_M、GGUF 文件路径，或服务器地址",
            ),
            placeholder="http://127.0.0.1:11434/v1",
            key="model-typed",
            max_chars=1000,
        )
        st.form_submit_button(say("Add", "添加"), icon=":material/add:", on_click=_typed)
    st.caption(
        say(
            f"Without a connection: put GGUF files into {plain(str(library().home / 'models'))}; they are listed here.",
            f"无法联网时，把 GGUF 文件放入 {plain(str(library().home / 'models'))}，会自动列在这里。",
        )
    )
    if told := st.session_state.pop("models-told", None):
        st.toast(told)


@callback
def _typed() -> None:
    typed = str(st.session_state.get("model-typed", "")).strip()
    if not typed:
        return
    if typed.startswith(("http://", "https://")):
        _add(typed)
    elif on_this_machine() and Path(typed).expanduser().is_file():
        choose(typed)
    else:
        pull(typed)


@callback
def _add(url: str) -> None:
    names = models().add_server(url)
    st.session_state["models-told"] = say(
        f"It answers, with {counted(len(names), 'model')}.", f"服务器有应答，共 {len(names)} 个模型。"
    )


if __name__ == "__main__":  # run by Streamlit as a page
    draw()
