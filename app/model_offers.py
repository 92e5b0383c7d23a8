"""Models worth fetching: the one for this machine, the whole table, and the download at hand."""

from __future__ import annotations

from functools import partial
from typing import Literal

import streamlit as st

from agents import Advice
from app.markup import plain
from app.model_menu import use_model
from app.model_rows import choose, gigabytes
from app.model_work import PullWork
from app.state import callback, library, models, platform, show, spoken, work
from ingest import overridden, say


def draw_recommended(*, border: bool = True) -> None:
    """The best for this machine, with the one click that fetches it and lets it answer; nothing where it is here."""
    best = next(one for one in models().advice() if one.best)
    if best.here and best.model.name == platform().model_name:
        return
    with st.container(border=border, key="zk-advised"):
        st.markdown(
            ":material/recommend: "
            + say(en=f"Recommended here: **{best.model.title}**", zh=f"推荐本机使用：**{best.model.title}**")
        )
        st.caption(_about(best))
        _get(best, primary=True)


def draw_table() -> None:
    """The whole table, folded."""
    with st.expander(say(en="Other sizes", zh="其他规模"), icon=":material/stacks:"):
        st.caption(
            say(
                en=f"As of {models().dated}; Chinese and English, with tool calls. Bigger is better and slower.",
                zh=f"截至 {models().dated}；支持中英文与工具调用。模型越大越好，也越慢。",
            )
        )
        for one in models().advice():
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
    key = f"get-{one.model.name}{'-best' if primary else ''}"
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if one.here:
        st.button(
            say(en="Use", zh="使用"),
            key=key,
            icon=":material/check:",
            type=kind,
            disabled=overridden("model") or one.model.name == platform().model_name,
            on_click=choose,
            args=(one.model.name,),
        )
        return
    st.button(
        say(en="Download and use", zh="下载并使用"),
        key=key,
        icon=":material/download:",
        type=kind,
        disabled=_pulling() or one.fit == "no",
        on_click=pull,
        args=(one.model.name,),
    )


@callback
def pull(name: str) -> None:
    """Begin to fetch a model from a hub; it answers as soon as it is here."""
    known, home = models(), library().home
    if _pulling():
        return
    st.session_state.pop("model", None)
    work().pulls.start(lambda: PullWork(known, name, partial(use_model, known, home)))


def _pulling() -> bool:
    latest = work().pulls.latest
    return latest is not None and latest.running


def draw_transfer() -> None:
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
            st.progress(min(1.0, done / total), plain(f"{latest.name} · {gigabytes(done)} / {gigabytes(total)}{left}"))
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
