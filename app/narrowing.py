"""Of which documents an answer, a search or a task may come: further knowledge bases, tags, conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.state import library, show
from ingest import Filter, Scope, ZhikuError, filter_of, say

if TYPE_CHECKING:
    from ingest import KnowledgeBase


def draw_scope(base: KnowledgeBase, key: str, *, several: bool = True) -> Scope | None:
    """A menu for it, and what is chosen there, `base` included; None where the conditions make no sense, which is then
    shown. The choice is kept while the session moves between pages."""
    chosen = st.session_state.setdefault("narrowed", {})
    others = [kb.name for kb in library().kbs() if kb.name != base.name] if several else []
    kept = chosen.get(base.id, ((), (), ""))
    with st.popover(_label(kept), icon=":material/filter_alt:"):
        asked = kept[0]
        if others:
            asked = tuple(
                st.multiselect(
                    say(en="Also ask", zh="同时查询"),
                    others,
                    [n for n in kept[0] if n in others],
                    key=f"{key}-kbs-{base.id}",
                    placeholder=_choose(),
                )
            )
        known = library().tags(base.name)
        tags = tuple(
            st.multiselect(
                say(en="With all of these tags", zh="须带全部标签"),
                known,
                [tag for tag in kept[1] if tag in known],
                key=f"{key}-tags-{base.id}",
                placeholder=_choose(),
            )
        )
        where = st.text_input(
            say(en="Conditions", zh="条件"),
            kept[2],
            placeholder=say(en="kind=pdf after=2024-01 folder=reports", zh="类型=pdf 晚于=2024-01 文件夹=报告"),
            max_chars=500,
            key=f"{key}-where-{base.id}",
        )
    now = (asked if others else kept[0], tags, where)
    if now != kept:
        chosen[base.id] = now
        st.rerun()  # for the label
    try:
        return Scope.of((base.name, *(asked if several else ())), Filter.tagged(tags) & filter_of(where))
    except ZhikuError as error:
        show(error)
        return None


def _choose() -> str:
    return say(en="Choose", zh="请选择")


def _label(kept: tuple[tuple[str, ...], tuple[str, ...], str]) -> str:
    count = len(kept[0]) + len(kept[1]) + bool(kept[2].strip())
    return say(en="Filter", zh="筛选") + (f" · {count}" if count else "")
