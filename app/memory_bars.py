"""The picture of a model in memory: a bar per device, against all that it has."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from agents import Preview, Share, preview
from app.markup import plain
from app.state import library, session_language, show
from ingest import Settings, ZhikuError, say

_SECONDS = 60
"""What is free changes; so long a picture may be kept."""
_COLOURS = {"others": "#9aa0a6", "weights": "#2f6fde", "cache": "#12a594", "compute": "#e5a000", "free": "transparent"}
"""Told apart by people who see no red or green, on light and on dark ground."""


def draw(path: Path) -> None:
    """How the model in this file would lie in memory; nothing is loaded."""
    try:
        with st.spinner(say("Working it out …", "正在计算……"), show_time=False):
            found = _preview(path, path.stat().st_mtime_ns, library().settings, session_language())
    except (ZhikuError, OSError) as error:
        show(error) if isinstance(error, ZhikuError) else st.caption(plain(str(error)))
        return
    for bar in found.plan.shares:
        st.html(bar_html(bar))
    st.html(_legend())
    st.caption(plain(_summary(found)))


@st.cache_data(ttl=_SECONDS, max_entries=32, show_spinner=False)
def _preview(path: Path, _changed: int, settings: Settings, language: str) -> Preview:  # noqa: ARG001  # the cache's key
    return preview(path, settings)


def bar_html(bar: Share) -> str:
    """One device as a bar: what others take, weights, cache, compute, free. Beyond the end when it does not fit."""
    scale = max(bar.total, bar.others + bar.needed, 1)
    sizes = {name: getattr(bar, name) for name in ("others", "weights", "cache", "compute")}
    sizes["free"] = max(bar.free, 0)
    names = labels()
    parts = "".join(
        f'<div title="{html.escape(names[name])}: {_size(size)}" style="width:{100 * size / scale:.3f}%;'
        f'background:{_COLOURS[name]};min-width:{2 if size and name != "free" else 0}px;height:100%"></div>'
        for name, size in sizes.items()
        if size
    )
    told = ", ".join(f"{names[name]} {_size(size)}" for name, size in sizes.items() if size)
    title = f"{bar.device} · {say(f'{bar.layers} layers', f'{bar.layers} 层')} · {_size(bar.total)}"
    state = (
        say(f"{_size(bar.free)} free", f"剩余 {_size(bar.free)}")
        if bar.free >= 0
        else say(f"{_size(-bar.free)} too much", f"超出 {_size(-bar.free)}")
    )
    figures = " · ".join(
        [*(f"{names[name]} {_size(sizes[name])}" for name in ("weights", "cache", "compute") if sizes[name]), state]
    )
    edge = "currentColor" if bar.free >= 0 else "#d93025"
    return (
        '<div style="margin:2px 0 6px">'
        '<div style="display:flex;justify-content:space-between;gap:1rem;font-size:.85rem">'
        f'<span>{html.escape(title)}</span><span style="color:{edge};text-align:right">{html.escape(figures)}</span></div>'
        f'<div role="img" aria-label="{html.escape(f"{title}: {told}")}" style="display:flex;height:22px;'
        f'border:1px solid {edge};border-radius:5px;overflow:hidden">{parts}</div></div>'
    )


def labels() -> Mapping[str, str]:
    """What the colours mean."""
    return {
        "others": say("in use and margin", "已占用与预留"),
        "weights": say("weights", "权重"),
        "cache": say("cache of conversations", "对话缓存"),
        "compute": say("compute buffers", "计算缓冲区"),
        "free": say("free", "剩余"),
    }


def _legend() -> str:
    marks = "".join(
        '<span style="white-space:nowrap"><span style="display:inline-block;width:.8em;height:.8em;margin-right:.35em;'
        f'border-radius:2px;border:1px solid currentColor;background:{_COLOURS[name]}"></span>{html.escape(text)}</span>'
        for name, text in labels().items()
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.8rem">{marks}</div>'


def _summary(found: Preview) -> str:
    plan = found.plan
    placed = (
        say(
            f"{plan.gpu_layers} of {plan.layers} layers on the GPU", f"{plan.layers} 层中 {plan.gpu_layers} 层在 GPU 上"
        )
        if len(plan.shares) > 1
        else say("everything on the CPU", "全部在 CPU 上运行")
    )
    head = say(
        f"{found.name}: {placed}, context {plan.use.cells:,}, cache {plan.use.cache}; up to {plan.largest_context:,}"
        " tokens would fit.",
        f"{found.name}：{placed}，上下文 {plan.use.cells:,}，缓存 {plan.use.cache}；上下文最多可达 {plan.largest_context:,}。",
    )
    return say(" ", "").join([head, *found.reasons])


def _size(size: int) -> str:
    return f"{size / 2**30:,.1f} GiB" if size >= 2**30 else f"{size / 2**20:,.0f} MiB"
