"""The folders that a knowledge base is kept in step with: what they are, bring them in step now, follow one no longer."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.background import AddJob
from app.markup import plain
from app.state import callback, library, shown_time, work
from ingest import KnowledgeBase, say


def draw_synced(base: KnowledgeBase, *, disabled: bool) -> None:
    """A line for each; nothing where none is followed. `disabled`: something is being added just now."""
    for n, one in enumerate(library().syncing.all(base.name)):
        with st.container(horizontal=True, vertical_alignment="center", key=f"zk-synced-{n}"):
            last = shown_time(one.last)
            when = say(f"in step {last}", f"上次同步 {last}") if last else say("never yet", "尚未同步")
            kept = say(" · gone files kept", " · 保留已删除的") if one.keep else ""
            st.markdown(f":material/sync: **{plain(one.place)}** · {plain(when + kept)}")
            st.toggle(
                say("Watch", "自动监视"),
                one.watched,
                key=f"watch-{n}-{one.place}",
                help=say(
                    "What changes in it is read by itself while this application or `zhiku serve` runs.",
                    "本应用或 `zhiku serve` 运行时，自动读取其中的变化。",
                ),
                on_change=callback(library().syncing.watch),
                args=(one.place, one.kb),
                kwargs={"watched": not one.watched},
            )
            sync = partial(AddJob, library(), one.kb, [one.place], follow=one)
            label = say("Sync now", "立即同步")
            st.button(label, key=f"sync-{n}", disabled=disabled, on_click=callback(work().adds.start), args=(sync,))
            st.button(
                say("Stop", "停止"),
                key=f"unsync-{n}",
                help=say("Follow it no longer; its documents stay.", "不再同步，文档保留。"),
                on_click=callback(library().syncing.forget),
                args=(one.place, one.kb),
                type="tertiary",
            )
