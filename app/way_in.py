"""The way in where people sign in, who is in, and the way out."""

from __future__ import annotations

import html

import streamlit as st

from agents import LOCAL, Who
from app.caller import policy, providers, session_token, signed_in_elsewhere
from app.markup import plain
from app.signing_in import IN, OUT
from app.state import session_language
from ingest import Language, say, speak

ADMINISTRATION_PAGE = "administration_page.py"
ADMINISTERING = ("assistants", "evaluation", "activity", "models", "settings", "administration")
"""Pages that take the right to administer the server."""
LANGUAGES: dict[Language, str] = {"zh": "中文", "en": "English"}


def draw_way_in() -> None:
    """For who is not signed in, or is and has not been let in here."""
    st.title(say("Zhiku", "智库"), anchor=False)
    if known := signed_in_elsewhere():
        st.warning(
            say(
                f"You are signed in as **{plain(known)}**, whom nobody has let in here. Whoever runs this can: "
                f"`zhiku users add {known}`.",
                f"您已登录为 **{plain(known)}**，但尚未获准使用。管理者可执行：`zhiku users add {known}`。",
            ),
            icon=":material/lock:",
        )
        st.button(say("Sign out", "退出登录"), on_click=st.logout, key="sign-out", icon=":material/logout:")
        return
    if session_token():
        st.caption(say("You are signed out.", "您已退出登录，或登录已过期。"))
    for name in providers():
        title = say("Sign in", "登录") + ("" if name == "default" else f" · {name}")
        st.button(
            title, on_click=st.login, args=(name,), key=f"sign-in-{name}", type="primary", icon=":material/login:"
        )
    if policy().people.accounts.any:
        _link(IN, say("Sign in with a password", "用密码登录"))


def draw_caller(who: Who) -> None:
    """Who is in: at the head of the sidebar, with what would otherwise stand on a page that is not theirs."""
    if who is LOCAL:
        return
    with st.sidebar, st.popover(plain(who.name), icon=":material/account_circle:", width="stretch", key="caller"):
        draw_language()
        if policy().people.accounts.user(session_token()):
            _link(OUT, say("Sign out", "退出登录"))
        else:
            st.button(say("Sign out", "退出登录"), on_click=st.logout, key="sign-out", icon=":material/logout:")


def draw_language() -> None:
    """The language of this tab; it changes at once, nothing is written."""
    chosen = st.segmented_control(
        say("Language of this tab", "本页语言"),
        list(LANGUAGES),
        default=session_language(),
        format_func=LANGUAGES.__getitem__,
        key="tab-language",
        required=True,
    )
    if chosen and chosen != session_language():
        st.session_state["language"] = chosen
        speak(chosen)
        st.rerun()


def _link(where: str, label: str) -> None:
    """To a page of ours that is none of Streamlit's, in this tab."""
    st.html(f'<a href="{where}" target="_self" style="color:inherit">{html.escape(label)}</a>')
