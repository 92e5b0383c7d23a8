"""The part of the Models page about embedders: which each knowledge base has, how good it is here, and the change to another."""

from __future__ import annotations

from functools import partial

import streamlit as st

from agents import OwnRuns
from app.live import draw_box, draw_stop
from app.markup import plain
from app.model_work import EmbedderWork
from app.state import callback, library, platform, show, work
from ingest import KnowledgeBase, counted, say

EMBEDDERS = ("bundled", "BAAI/bge-m3", "Qwen/Qwen3-Embedding-0.6B", "intfloat/multilingual-e5-base")
"""Those that are offered by name; any other can be typed."""
KNOWN = {"bundled": 0.93}
"""Recall@1 on the first 80 Chinese paragraphs of XQuAD, as `make bench only=embedders` measures it."""


def shown_embedder(name: str) -> str:
    """What people call it."""
    return say("built in (multilingual-e5-small)", "自带（multilingual-e5-small）") if name == "bundled" else name


def draw_embedders() -> None:
    """A row for each knowledge base that has documents."""
    bases = [kb for kb in library().kbs() if kb.documents]
    if not bases:
        return
    st.header(say("Embedders", "向量模型"), anchor=False)
    draw_box(lambda: work().embedders.latest, _running, _ended, key="zk-embedding")
    for kb in bases:
        with st.container(border=True, key=f"zk-embedder-{kb.id}"):
            st.markdown(f"**{plain(kb.name)}** · {plain(shown_embedder(kb.embedder))}")
            st.caption(_figures(kb))
            with st.container(horizontal=True, vertical_alignment="bottom"):
                _choice(kb, busy=work().embedders.busy)


def _figures(kb: KnowledgeBase) -> str:
    """Its size, the speed measured here, and its recall: on questions of one's own where that was measured, else as known."""
    parts = [say(counted(kb.chunks, "passage"), f"{kb.chunks:,} 个片段")]
    if speed := work().speeds.get(kb.embedder_key):
        parts.append(say(f"{speed:,.0f} passages/s here", f"本机每秒 {speed:,.0f} 个片段"))
    measured = next((run.retrieval for run in OwnRuns(platform().home).list(kb.name) if run.retrieval), None)
    if measured:
        parts.append(f"recall@5 {measured['recall@5']:.2f}" + say(" on your questions", "（您的评测问题）"))
    else:
        known = KNOWN.get(kb.embedder)
        parts += [f"recall@1 {known:.2f}" + say(" on XQuAD", "（XQuAD）")] if known else []
        parts.append(say("measure your own questions under Evaluation", "可在“评测”页用自己的问题测量"))
    return " · ".join(parts)


def _choice(kb: KnowledgeBase, *, busy: bool) -> None:
    wanted = st.selectbox(
        say("Change to", "更换为"),
        [name for name in EMBEDDERS if name != kb.embedder],
        index=None,
        accept_new_options=True,
        format_func=shown_embedder,
        placeholder=say("A name of the list or a hub, a folder", "列表中的名称、模型库名称或文件夹"),
        key=f"embedder-{kb.id}",
        disabled=busy,
    )
    st.button(
        say("Change", "更换"),
        key=f"re-embed-{kb.id}",
        icon=":material/sync_alt:",
        disabled=busy or not wanted,
        on_click=callback(_begin),
        args=(kb.name, (wanted or "").strip()),
        help=say(
            "It is loaded once first. All passages are embedded anew beside the old index, which answers until the end.",
            "先试载入一次，再在旧索引旁重新生成全部向量；完成之前由旧索引回答。",
        ),
    )
    st.button(
        say("Measure", "测速"),
        key=f"embed-speed-{kb.id}",
        icon=":material/speed:",
        disabled=busy,
        on_click=callback(_begin),
        args=(kb.name, ""),
        type="tertiary",
    )


def _begin(kb: str, wanted: str) -> None:
    work().embedders.start(partial(EmbedderWork, library(), kb, wanted, work().speeds))


def _running(latest: EmbedderWork) -> None:
    done, total = latest.progress
    told = say(f"{done:,} of {counted(total, 'document')}", f"{done:,} / {total:,} 个文档")
    told = told if total else say("Loading it once…", "正在试载入…")
    to = f" → {shown_embedder(latest.wanted)}" if latest.wanted else ""
    st.progress(done / total if total else 0.0, plain(f"{latest.kb}{to} · {told}"))
    draw_stop(latest, "embed-pause", pauses=True)


def _ended(latest: EmbedderWork) -> None:
    if latest.error is not None:
        show(latest.error)
    elif latest.paused:
        st.info(say("Paused; change to it again to go on from there.", "已暂停；再次更换即可从此处继续。"))
    elif latest.wanted:  # of a speed measured the row tells
        name = shown_embedder(latest.wanted)
        st.success(
            say(
                f"**{plain(latest.kb)}** is searched with **{plain(name)}** from now on.",
                f"**{plain(latest.kb)}** 今后使用 **{plain(name)}** 检索。",
            )
        )
