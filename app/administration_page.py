"""The page where people are let in: users, groups, roles, keys, and the trail of what was done."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from datetime import UTC, datetime, timedelta

import streamlit as st

from agents import EVERY, GROUP, LOCAL, ROLES, Audit, Entry, User
from app.buttons import draw_download
from app.caller import caller, policy
from app.confirming import draw_confirmed
from app.keys_drawing import draw_keys
from app.markup import plain
from app.state import callback, library, show_trouble, spoken
from ingest import Text, UsageError, say

_ROLES = {"reader": Text("reader", "读者"), "editor": Text("editor", "编辑"), "owner": Text("owner", "所有者")}


@spoken
def draw() -> None:
    """Draw the page."""
    st.title(say("Administration", "管理"), anchor=False)
    show_trouble()
    users, keys, trail = st.tabs([say("Users", "用户"), say("Keys", "密钥"), say("Audit", "审计")])
    with users:
        _users(policy().people.users())
    with keys:
        draw_keys(policy().people)
    with trail:
        draw_trail(policy().audit)


def _users(users: list[User]) -> None:
    if users:
        st.dataframe(
            {
                say("User", "用户"): [user.name for user in users],
                say("Roles", "角色"): [_roles(user.roles) for user in users],
                say("Groups", "用户组"): [
                    "; ".join(f"{group} ({_roles(roles) or '–'})" for group, roles in user.groups.items())
                    for user in users
                ],
                say("Password", "密码"): [user.password for user in users],
                say("Since", "创建时间"): [user.created[:10] for user in users],
            },
            hide_index=True,
            key="users",
        )
    else:
        st.caption(
            say(
                "There are no users: whoever opens this application may do everything. Add one, make them owner of all, and "
                "give them a password; from then on everybody signs in.",
                "目前没有用户：打开本应用的人可以执行一切操作。添加用户、授予全部知识库的所有者角色并设置密码后，所有人都需登录。",
            )
        )
    with (
        st.form("add-user", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(say("New user", "新用户"), max_chars=100, key="new-user", placeholder="li@example.com")
        st.form_submit_button(say("Add", "添加"), on_click=callback(_add_user))
    if users:
        _grants(users)
        _one(users)


def _grants(users: list[User]) -> None:
    """A role of a user or a group on a base."""
    groups = sorted({group for user in users for group in user.groups})
    none = say("none", "无")
    with st.form("grant", border=True), st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(say("User or group", "用户或用户组"), [*(user.name for user in users), *groups], key="grant-to")
        st.selectbox(
            say("Knowledge base", "知识库"),
            [EVERY, *(kb.name for kb in library().kbs())],
            format_func=lambda kb: say("All, and this server", "全部及服务器") if kb == EVERY else kb,
            key="grant-kb",
        )
        st.selectbox(
            say("Role", "角色"),
            [*ROLES, ""],
            format_func=lambda role: str(_ROLES[role]) if role else none,
            key="grant-role",
        )
        st.form_submit_button(say("Set", "设置"), on_click=callback(_grant))


def _one(users: list[User]) -> None:
    """What is done with one user."""
    names = [user.name for user in users]
    name = st.selectbox(say("User", "用户"), names, key="user-at-hand")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(say("Group", "用户组"), key="group", placeholder=f"{GROUP}sales", max_chars=100)
        for key, label in (("join", say("Join", "加入")), ("leave", say("Leave", "退出"))):
            st.button(label, on_click=callback(_group), args=(name,), kwargs={"leave": key == "leave"}, key=key)
    # A form: alone, the field would keep to itself what was typed before one moves on by the key to its eye.
    with (
        st.form("password-of", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(say("New password", "新密码"), type="password", key="password", autocomplete="new-password")
        submit = st.form_submit_button
        submit(say("Set password", "设置密码"), on_click=_password, args=(name,), key="set-password")
        submit(say("Take it away", "取消密码"), on_click=_password, args=(name, True), key="no-password")
    draw_confirmed(
        say("Remove user", "移除用户"),
        say(
            f"Remove **{plain(name)}** with roles and keys? This cannot be undone.",
            f"移除 **{plain(name)}** 及其角色和密钥？此操作无法撤销。",
        ),
        lambda: policy().people.remove_user(name),
        key="remove-user",
        icon=":material/person_remove:",
    )


def _add_user() -> None:
    policy().people.add_user(st.session_state["new-user"])


def _grant() -> None:
    asked = st.session_state
    policy().people.grant(asked["grant-to"], asked["grant-role"] or None, asked["grant-kb"])


def _group(name: str, *, leave: bool) -> None:
    policy().people.join(name, st.session_state["group"].strip(), leave=leave)


@callback
def _password(name: str, take_away: bool = False) -> None:  # noqa: FBT001, FBT002 - Streamlit gives it by its place
    people = policy().people
    who = people.person(name)
    if caller() is LOCAL and not take_away and not (who is not None and who.may("admin")):
        raise UsageError(
            Text("Nobody could administer this then.", "这样将无人可以管理。"),
            Text("Give the first password to an owner of all knowledge bases.", "请先为全部知识库的所有者设置密码。"),
        )
    people.set_password(name, None if take_away else st.session_state["password"])


def _roles(roles: Mapping[str, str]) -> str:
    return ", ".join(f"{say('all', '全部') if kb == EVERY else kb}: {_ROLES[role]}" for kb, role in roles.items())


SHOWN = 500
"""Entries that are drawn, the latest; the file has all that fit."""


def draw_trail(audit: Audit) -> None:
    """What was done since a day, by somebody, on a base."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        since = st.date_input(
            say("Since", "起始日期"), datetime.now(UTC).date() - timedelta(days=7), key="trail-since", width=150
        )
        who = st.text_input(say("User or key", "用户或密钥"), key="trail-who").strip()
        kb = st.text_input(say("Knowledge base", "知识库"), key="trail-kb").strip()
        refused = st.checkbox(say("Refused only", "仅被拒绝的"), key="trail-refused")
    found = [
        entry for entry in reversed(audit.entries(since=str(since), who=who, kb=kb)) if not (refused and entry.allowed)
    ]
    if not found:
        st.caption(say("Nothing of that kind.", "没有符合条件的记录。"))
        return
    shown = found[:SHOWN]
    st.dataframe(
        {
            say("Time (UTC)", "时间（UTC）"): [entry.at.replace("T", " ")[:19] for entry in shown],
            say("Who", "谁"): [entry.who for entry in shown],
            say("Key", "密钥"): [entry.key for entry in shown],
            say("By", "途径"): [entry.face for entry in shown],
            say("Right", "权限"): [entry.verb for entry in shown],
            say("Knowledge base", "知识库"): [entry.kb for entry in shown],
            say("What", "操作"): [entry.what for entry in shown],
            say("Allowed", "允许"): [entry.allowed for entry in shown],
        },
        hide_index=True,
        height=460 if len(shown) > 12 else "content",
        key="trail",
    )
    label = say(f"Export {len(found):,} as CSV", f"导出 {len(found):,} 条（CSV）")
    draw_download(label, "trail-export", lambda: _csv(found), "audit.csv", weight="secondary")


def _csv(found: Sequence[Entry]) -> str:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([one.name for one in fields(found[0])])
    rows.writerows([_harmless(value) for value in astuple(entry)] for entry in found)
    return out.getvalue()


def _harmless(value: object) -> object:
    """A name that somebody typed may look like a formula to a spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value


if __name__ == "__main__":  # run by Streamlit as a page
    draw()
