"""Of which documents an answer, a search or a task may come: further knowledge bases, tags, conditions."""

from __future__ import annotations

import streamlit as st

from app.state import library, show
from ingest import Filter, KnowledgeBase, Scope, ZhikuError, filter_of, say


def draw_scope(base: KnowledgeBase, key: str) -> Scope | None:
    """A menu for it, and what is chosen there, `base` included; None where the conditions make no sense, which is then
    shown. The choice is kept while the session moves between pages."""
    chosen = st.session_state.setdefault("narrowed", {})
    others = [kb.name for kb in library().kbs() if kb.name != base.name]
    kept: tuple[tuple[str, ...], tuple[str, ...]] = chosen.get(base.id, ((), ()))
    with st.popover(_label(kept), icon=":material/filter_alt:"):
        asked = kept[0]
        if others:
            asked = tuple(
                st.multiselect(
                    say("Also ask", "同时查询"),
                    others,
                    [n for n in kept[0] if n in others],
                    key=f"{key}-kbs-{base.id}",
                    placeholder=say("Choose", "请选择"),
                )
            )
        word = say("tag", "标签")
        known = [f"{word}={tag}" for tag in library().tags(base.name)]
        where = tuple(
            st.multiselect(
                say("Only documents with all of", "仅限同时满足"),
                list(dict.fromkeys([*known, *kept[1]])),
                kept[1],
                key=f"{key}-where-{base.id}",
                accept_new_options=True,
                placeholder=say("tag, or kind=pdf, after=2024-01 …", "标签，或 类型=pdf、晚于=2024-01 …"),
            )
        )
    now = (asked if others else kept[0], where)
    if now != kept:
        chosen[base.id] = now
        st.rerun()  # for the label
    try:
        wanted = Filter()
        for condition in where:
            wanted &= filter_of(condition)
        return Scope.of((base.name, *asked), wanted)
    except ZhikuError as error:
        show(error)
        return None


def narrow(base: KnowledgeBase, scope: Scope, key: str) -> None:
    """Choose in the menu of `draw_scope` what `scope` says."""
    others = tuple(name for name in scope.kbs if name != base.name)
    st.session_state.setdefault("narrowed", {})[base.id] = (others, (scope.where,) if scope.where else ())
    for widget in ("kbs", "where"):
        st.session_state.pop(f"{key}-{widget}-{base.id}", None)


def _label(kept: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    count = len(kept[0]) + len(kept[1])
    return say("Filter", "筛选") + (f" · {count}" if count else "")
