"""Who sits before the pages, and what they may do: asked anew at every run, so that what is changed holds at the next click.

Where nobody signs in it is whoever sits at this machine, as ever, and nothing of this is opened.
"""

from __future__ import annotations

import time
import tomllib
from typing import TYPE_CHECKING, Any, cast

import streamlit as st

from agents import LOCAL
from app.opening import home, shared
from app.signing_in import session_cookie
from ingest import SIGN_IN, people_kept

if TYPE_CHECKING:
    from agents import AccessPolicy, Platform, Verb, Who


def policy() -> AccessPolicy:
    """That of the home, whether or not people sign in."""
    return policy_of(shared())


def policy_of(platform: Platform) -> AccessPolicy:
    """The same, with or without a tab."""
    return _policy(str(platform.home), platform)


def signing_in() -> bool:
    """Whether people sign in here."""
    return people_kept(home()) and policy().people.signing_in


def caller() -> Who | None:
    """None: nobody yet, or somebody whom nobody has let in here."""
    if not signing_in():
        return LOCAL
    people = policy().people
    name = people.accounts.user(session_token()) or signed_in_elsewhere()
    return people.person(name) if name else None


def may(verb: Verb, kb: str | None = None) -> bool:
    """Whether the caller may do that to a knowledge base, or with None to the server."""
    who = caller()
    return who is not None and who.may(verb, kb)


def seen(platform: Platform) -> Platform:
    """What the caller may use of it; draws the page again, and so the way in, where there is none."""
    who = caller()
    if who is None:
        st.rerun()
    if who is LOCAL:
        return platform
    from agents import PlatformView

    return cast("Platform", PlatformView(platform, policy(), who))


def session_token() -> str:
    """Of who has signed in with a password."""
    return str(st.context.cookies.get(session_cookie(int(st.get_option("server.port"))), ""))


def signed_in_elsewhere() -> str:
    """The address of who was sent here by an OpenID Connect provider; '' where that was nobody, is too long ago, or the
    provider says that the address may not be theirs."""
    if not providers():
        return ""
    from agents import HOURS

    claims: dict[str, Any] = st.user.to_dict()
    if not claims.get("is_logged_in") or claims.get("email_verified") is False:
        return ""
    # A provider's clock may be ahead of ours: that is no sign-in of long ago.
    began = claims.get("iat")
    if not isinstance(began, int | float) or time.time() - began > HOURS * 3600:
        return ""
    return str(claims.get("email") or "").lower()


def providers() -> list[str]:
    """The providers that people may sign in with, as Streamlit names them; [] for none."""
    if not (file := home() / SIGN_IN).exists():
        return []
    auth = tomllib.loads(file.read_text("utf-8"))["auth"]
    return [name for name, value in auth.items() if isinstance(value, dict)] or ["default"]


@st.cache_resource(show_spinner=False)
def _policy(folder: str, _platform: Platform) -> AccessPolicy:  # noqa: ARG001 - part of the key
    from agents import AccessPolicy

    settings = _platform.settings
    return AccessPolicy.of(_platform.home, settings.audit_days, _platform.library.identities, settings.store)
