"""The page where language models are got, chosen, tried, and let go."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.markup import plain
from app.model_menu import model_title, use_model
from app.model_rows import choose, draw_choice, draw_file, draw_trial, gigabytes
from app.model_work import PullWork
from app.state import callback, library, models, on_this_machine, platform, show, show_trouble, spoken, work
from ingest import counted, overridden, say

if TYPE_CHECKING:
    from agents import Advice


@spoken
def draw() -> None:
    """Draw the page."""
    st.title(say(en="Models", zh="模型"), anchor=False)
    show_trouble()
    memory, gpu = models().memory
    st.markdown(
        say(
            en=f"**{plain(model_title(platform().model_name))}** answers. This machine has {gigabytes(memory)} of memory and "
            + (f"a GPU with {gigabytes(gpu)}." if gpu else "no GPU that this build uses."),
            zh=f"当前由 **{plain(model_title(platform().model_name))}** 回答。本机有 {gigabytes(memory)} 内存，"
            + (f"GPU 显存 {gigabytes(gpu)}。" if gpu else "当前构建未使用 GPU。"),
        )
    )
    if overridden("model"):
        st.caption(say(en="ZHIKU_MODEL decides which model answers.", zh="由环境变量 ZHIKU_MODEL 决定使用的模型。"))
    _transfer()
    _advised()
    files = models().here()
    st.subheader(say(en="On this machine", zh="本机已有"), anchor=False)
    for number, file in enumerate(files):
        draw_file(file, number)
    _servers()
    _loaded()
    _more()


def _advised() -> None:
    """The one for this machine, and the others folded."""
    advice = models().advice()
    best = next(one for one in advice if one.best)
    if not best.here:
        with st.container(border=True, key="zk-advised"):
            st.markdown(
                ":material/recommend: "
                + say(en=f"Recommended here: **{best.model.title}**", zh=f"推荐本机使用：**{best.model.title}**")
            )
            st.caption(_about(best))
            _get(best, primary=True)
    with st.expander(say(en="Other sizes", zh="其他规模"), icon=":material/stacks:"):
        st.caption(
            say(
                en=f"As of {models().dated}; Chinese and English, with tool calls. Bigger is better and slower.",
                zh=f"截至 {models().dated}；支持中英文与工具调用。模型越大越好，也越慢。",
            )
        )
        for one in advice:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{one.model.title}** · {_about(one)}", width="stretch")
                _get(one)


def _about(one: Advice) -> str:
    fits = {
        "well": say(en="fits well", zh="适合"),
        "tight": say(en="tight or slow here", zh="本机较勉强"),
        "no": say(en="too large here", zh="本机放不下"),
    }
    speed = ""
    if one.speed is not None:
        how = say(en="by a trial here", zh="据本机试用") if one.measured else say(en="estimated", zh="估计")
        speed = say(en=f" · about {one.speed:.1f} tokens/s ({how})", zh=f" · 约 {one.speed:.1f} 词元/秒（{how}）")
    return f"{gigabytes(one.model.bytes)} · {one.model.licence} · {fits[one.fit]}{speed}"


def _get(one: Advice, *, primary: bool = False) -> None:
    if one.here:
        st.caption(say(en="here already", zh="本机已有"))
        return
    st.button(
        say(en="Download and use", zh="下载并使用"),
        key=f"get-{one.model.name}{'-best' if primary else ''}",
        icon=":material/download:",
        type="primary" if primary else "secondary",
        disabled=_pulling() or one.fit == "no",
        on_click=pull,
        args=(one.model.name,),
    )


@callback
def pull(name: str) -> None:
    """Begin to fetch a model from a hub; it answers as soon as it is here."""
    known, home = models(), library().home
    st.session_state.pop("model", None)
    work().pulls.start(lambda: PullWork(known, name, partial(use_model, known, home)))


def _pulling() -> bool:
    latest = work().pulls.latest
    return latest is not None and latest.running


def _transfer() -> None:
    """The download at hand: how far it is, or how it ended."""
    latest = work().pulls.latest
    if latest is None:
        return
    if latest.running:
        _running()
        return
    with st.container(border=True, key="zk-pulled"):
        if latest.error is not None:
            show(latest.error)
        elif latest.stopping:
            st.markdown(
                ":material/pause_circle: "
                + say(en=f"Paused: **{plain(latest.name)}**", zh=f"已暂停：**{plain(latest.name)}**")
            )
        else:
            st.markdown(
                ":material/task_alt: "
                + say(
                    en=f"**{plain(latest.name)}** is here, checked, and answers from now on.",
                    zh=f"**{plain(latest.name)}** 已下载并校验，今后由它回答。",
                )
            )
        with st.container(horizontal=True):
            if latest.error is not None or latest.stopping:
                st.button(
                    say(en="Go on", zh="继续"), key="pull-on", icon=":material/play_arrow:", on_click=pull,
                    args=(latest.name,),
                )  # fmt: skip
            st.button(say(en="Close", zh="关闭"), key="pull-close", type="tertiary", on_click=work().pulls.dismiss)


@st.fragment(run_every=0.5)
@spoken
def _running() -> None:
    latest = work().pulls.latest
    if latest is None or not latest.running:
        st.rerun()
    with st.container(border=True, key="zk-pull"):
        done, total = latest.progress
        if latest.offer is None or not total:
            st.progress(0.0, say(en="Asking the hubs…", zh="正在询问模型站点…"))
        else:
            licence = latest.offer.plan.repository.licence or say(en="not stated", zh="未注明")
            rate = latest.speed
            left = f" · {rate / 1e6:.1f} MB/s" if rate else ""
            left += (
                say(en=f" · {(total - done) / rate:.0f} s to go", zh=f" · 约剩 {(total - done) / rate:.0f} 秒")
                if rate
                else ""
            )
            st.progress(
                min(1.0, done / total),
                plain(f"{latest.name} · {gigabytes(done)} / {gigabytes(total)}{left}"),
            )
            st.caption(
                plain(
                    say(
                        en=f"From {latest.offer.host}. Licence: {licence}",
                        zh=f"来自 {latest.offer.host}。许可证：{licence}",
                    )
                )
            )
        if latest.stopping:
            st.caption(say(en="Stopping…", zh="正在停止…"))
        else:
            st.button(say(en="Pause", zh="暂停"), key="pull-pause", icon=":material/pause:", on_click=latest.stop)


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
                st.button(
                    say(en="Test", zh="测试"), key=f"test-{number}", icon=":material/network_check:", on_click=_add,
                    args=(url,),
                )  # fmt: skip
                st.button(
                    say(en="Remove", zh="移除"), key=f"forget-{number}", type="tertiary",
                    on_click=callback(models().forget_server), args=(url,),
                )  # fmt: skip


def _loaded() -> None:
    """What takes memory now."""
    held = models().loaded()
    if not held:
        return
    st.subheader(say(en="In memory now", zh="当前占用内存"), anchor=False)
    for one in held:
        with st.container(horizontal=True, vertical_alignment="center"):
            minutes = one.unused / 60
            when = say(en=f"asked {minutes:.0f} min ago", zh=f"{minutes:.0f} 分钟前使用")
            st.markdown(f"**{plain(model_title(one.name))}** · {gigabytes(one.bytes)} · {when}", width="stretch")
            st.button(
                say(en="Unload", zh="卸载"),
                key=f"unload-{one.path}",
                icon=":material/eject:",
                disabled=one.busy,
                on_click=callback(models().unload),
                args=(one.path,),
            )


def _more() -> None:
    """Whatever is not in the table: a name on a hub, a file, a server."""
    st.subheader(say(en="Another model", zh="其他模型"), anchor=False)
    with st.form("more-models", border=False, clear_on_submit=False):
        st.text_input(
            say(
                en="OWNER/REPO:Q4_K_M on a hub, the path of a GGUF file, or the address of a server",
                zh="模型站点上的 OWNER/REPO:Q4_K_M、GGUF 文件路径，或服务器地址",
            ),
            placeholder="http://127.0.0.1:11434/v1",
            key="model-typed",
            max_chars=1000,
        )
        st.form_submit_button(say(en="Add", zh="添加"), icon=":material/add:", on_click=_typed)
    st.caption(
        say(
            en=f"Without a connection: put GGUF files into {plain(str(library().home / 'models'))}; they are listed here.",
            zh=f"无法联网时，把 GGUF 文件放入 {plain(str(library().home / 'models'))}，会自动列在这里。",
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
        en=f"It answers, with {counted(len(names), 'model')}.", zh=f"服务器有应答，共 {len(names)} 个模型。"
    )


if __name__ == "__main__":  # run by Streamlit as a page
    draw()
