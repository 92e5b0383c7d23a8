"""Keys for programs: made, shown once, listed, revoked."""

from __future__ import annotations

from typing import cast

import streamlit as st

from agents import VERBS, Key, People, Verb
from app.caller import policy
from app.state import callback, library, shown_time
from ingest import Text, say

_VERBS = {
    "read": Text("read", "读取"),
    "write": Text("read and write", "读写"),
    "admin": Text("everything", "全部操作"),
}


def draw_keys(people: People) -> None:
    """All of them, and a form for another."""
    keys = people.keys()
    if made := st.session_state.pop("key-made", ""):
        st.success(say("Copy it now; it is shown this once.", "请立即复制，密钥只显示这一次。"), icon=":material/key:")
        st.code(made, language=None)
    if keys:
        every = say("all", "全部")
        st.dataframe(
            {
                say("Name", "名称"): [key.name for key in keys],
                say("Id", "编号"): [key.id for key in keys],
                say("State", "状态"): [_state(key) for key in keys],
                say("User", "用户"): [key.user or "–" for key in keys],
                say("May", "权限"): [str(_VERBS[key.scope]) for key in keys],
                say("Knowledge bases", "知识库"): [
                    every if key.kbs is None else ", ".join(key.kbs) or "–" for key in keys
                ],
                say("Expires", "有效期至"): [shown_time(key.expires) for key in keys],
                say("Last used", "最近使用"): [shown_time(key.used) for key in keys],
                say("Web pages", "网页"): [", ".join(key.origins or ()) for key in keys],
            },
            hide_index=True,
            key="keys",
        )
    valid = {key.id: key.name for key in keys if key.valid}
    if valid:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                say("Key", "密钥"), list(valid), format_func=lambda one: f"{valid[one]} ({one})", key="key-at-hand"
            )
            revoke = callback(lambda: people.revoke(st.session_state["key-at-hand"]))
            st.button(say("Revoke", "撤销"), on_click=revoke, key="revoke", icon=":material/key_off:")
    _form(people)


def _form(people: People) -> None:
    with st.form("add-key", border=True, clear_on_submit=True):
        st.markdown(say("**New key**", "**新建密钥**"))
        with st.container(horizontal=True):
            st.text_input(say("Name", "名称"), max_chars=100, key="key-name")
            st.selectbox(say("May", "权限"), VERBS, format_func=lambda verb: str(_VERBS[verb]), key="key-scope")
            nobody = say("nobody", "不限用户")
            st.selectbox(
                say("User", "用户"),
                ["", *(user.name for user in people.users())],
                format_func=lambda name: name or nobody,
                key="key-user",
                help=say("It may do no more than that user.", "权限不超过该用户。"),
            )
        with st.container(horizontal=True):
            st.multiselect(
                say("Only these knowledge bases", "仅限这些知识库"),
                [kb.name for kb in library().kbs()],
                key="key-kbs",
                placeholder=say("all", "全部"),
            )
            st.number_input(say("Days, 0: for ever", "有效天数，0 为永久"), 0, 36_500, 90, key="key-days", width=180)
        st.form_submit_button(say("Make", "新建"), type="primary", on_click=_make)


@callback
def _make() -> None:
    asked = st.session_state
    _, asked["key-made"] = policy().people.add_key(
        asked["key-name"],
        scope=cast("Verb", asked["key-scope"]),
        user=asked["key-user"],
        kbs=asked["key-kbs"],
        days=asked["key-days"] or None,
    )


def _state(key: Key) -> str:
    if key.valid:
        return say("valid", "有效")
    return say("revoked", "已撤销") if key.revoked else say("expired", "已过期")
