"""Models worth fetching: the one for this machine, the whole table, and the download at hand."""

from __future__ import annotations

from functools import partial

import streamlit as st

from agents import Advice, gigabytes
from app.buttons import draw_button
from app.live import draw_box, draw_stop
from app.markup import plain
from app.model_menu import use_model
from app.model_rows import choose
from app.model_work import PullWork
from app.state import callback, library, models, platform, show, work
from ingest import overridden, say


def draw_recommended(*, border: bool = True) -> None:
    """The best for this machine, with the one click that fetches it and lets it answer; nothing where it is here."""
    best = next(one for one in models().advice() if one.best)
    if best.here and best.model.name == platform().model_name:
        return
    with st.container(border=border, key="zk-advised"):
        st.markdown(
            ":material/recommend: "
            + say(f"Recommended here: **{best.model.title}**", f"推荐本机使用：**{best.model.title}**")
        )
        st.caption(_about(best))
        _get(best, primary=True)


def draw_table() -> None:
    """The whole table, folded."""
    with st.expander(say("Other sizes", "其他规模"), icon=":material/stacks:"):
        st.caption(
            say(
                f"As of {models().dated}; Chinese and English, with tool calls. Bigger is better and slower.",
                f"截至 {models().dated}；支持中英文与工具调用。模型越大越好，也越慢。",
            )
        )
        for one in models().advice():
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{one.model.title}** · {_about(one)}", width="stretch")
                _get(one)


def _about(one: Advice) -> str:
    fits = {
        "well": say("fits well", "适合"),
        "tight": say("tight or slow here", "本机较勉强"),
        "no": say("too large here", "本机放不下"),
    }
    speed = ""
    if one.speed is not None:
        how = say("by a trial here", "据本机试用") if one.measured else say("estimated", "估计")
        speed = say(f" · about {one.speed:.1f} tokens/s ({how})", f" · 约 {one.speed:.1f} 词元/秒（{how}）")
    return f"{gigabytes(one.model.bytes)} · {one.model.licence} · {fits[one.fit]}{speed}"


def _get(one: Advice, *, primary: bool = False) -> None:
    used = overridden("model") or one.model.name == platform().model_name
    draw_button(
        say("Use", "使用") if one.here else say("Download and use", "下载并使用"),
        f"get-{one.model.name}{'-best' if primary else ''}",
        "check" if one.here else "download",
        choose if one.here else pull,
        one.model.name,
        weight="primary" if primary else "secondary",
        disabled=used if one.here else work().pulls.busy or one.fit == "no",
    )


@callback
def pull(name: str) -> None:
    """Begin to fetch a model from a hub; it answers as soon as it is here."""
    known, home = models(), library().home
    st.session_state.pop("model", None)
    work().pulls.start(lambda: PullWork(known, name, partial(use_model, known, home)))


def draw_transfer() -> None:
    """The download at hand: how far it is, or how it ended."""
    draw_box(lambda: work().pulls.latest, _running, _ended, key="zk-pull")


def _running(pulling: PullWork) -> None:
    done, total = pulling.progress
    if pulling.offer is None or not total:
        st.progress(0.0, say("Asking the hubs…", "正在询问模型站点…"))
    else:
        licence = pulling.offer.plan.repository.licence or say("not stated", "未注明")
        left = ""
        if rate := pulling.speed:
            to_go = (total - done) / rate
            left = f" · {rate / 1e6:.1f} MB/s" + say(f" · {to_go:.0f} s to go", f" · 约剩 {to_go:.0f} 秒")
        st.progress(min(1.0, done / total), plain(f"{pulling.name} · {gigabytes(done)} / {gigabytes(total)}{left}"))
        host = pulling.offer.host
        st.caption(plain(say(f"From {host}. Licence: {licence}", f"来自 {host}。许可证：{licence}")))
    draw_stop(pulling, "pull-pause", pauses=True)


def _ended(pulled: PullWork) -> None:
    name = f"**{plain(pulled.name)}**"
    with st.container(border=True, key="zk-pulled"):
        if pulled.error is not None:
            show(pulled.error)
        elif pulled.paused:
            st.markdown(":material/pause_circle: " + say(f"Paused: {name}", f"已暂停：{name}"))
        else:
            st.markdown(
                ":material/task_alt: "
                + say(f"{name} is here, checked, and answers from now on.", f"{name} 已下载并校验，今后由它回答。")
            )
        with st.container(horizontal=True):
            if pulled.error is not None or pulled.paused:
                go_on = say("Go on", "继续")
                st.button(go_on, key="pull-on", icon=":material/play_arrow:", on_click=pull, args=(pulled.name,))
            st.button(say("Close", "关闭"), key="pull-close", type="tertiary", on_click=work().pulls.dismiss)
