"""What a page needs to begin: the language of this session, and the platform all sessions share.

One platform per process (`st.cache_resource`), so that two tabs look at the same library; whatever belongs to one
tab lives in `st.session_state`. A test puts its own platform into `st.session_state["platform"]`.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Literal, ParamSpec, TypeVar, cast

import streamlit as st

from app.jobs import Jobs
from app.markup import plain
from ingest.errors import ZhikuError
from ingest.language import Text, say, speak

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.platform import Platform
    from ingest.catalog import KnowledgeBase
    from ingest.documents import Document
    from ingest.library import Library

P = ParamSpec("P")
R = TypeVar("R")


def session_language() -> Literal["en", "zh"]:
    """Chosen in this tab, else set by the user, else the browser's."""
    chosen = st.session_state.get("language")
    if chosen not in {"en", "zh"}:
        chosen = _configured_language()
    if chosen not in {"en", "zh"}:
        chosen = "zh" if (st.context.locale or "").lower().startswith("zh") else "en"
    return cast('Literal["en", "zh"]', chosen)


def spoken(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` in this session's language. For everything Streamlit calls by itself: pages, fragments,
    dialogs and callbacks each start in a context that knows nothing of it."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        speak(session_language())
        return function(*args, **kwargs)

    return inner


def platform() -> Platform:
    """The platform of this process, opened at its first use. Shows the reason and ends the run when it can't be."""
    given = st.session_state.get("platform")
    if given is not None:
        return cast("Platform", given)
    try:
        return _opened(st.session_state.get("model"))
    except ZhikuError as error:
        show(error)
        if st.session_state.pop("model", None):
            st.button(say(en="Back to the usual model", zh="回到默认模型"))
        else:
            st.button(say(en="Try again", zh="重试"))
        st.stop()


def library() -> Library:
    """The library of the platform."""
    return platform().library


def jobs() -> Jobs:
    """The background work of this process, the same for every tab; a test's own platform has its own."""
    if "platform" in st.session_state:
        return cast("Jobs", st.session_state.setdefault("jobs", Jobs()))
    return _jobs()


def reload() -> None:
    """Close the platform, so that the next page opens it anew with the settings as they are then."""
    _opened.clear()


def show(error: ZhikuError) -> None:
    """One sentence what happened and one what to do."""
    hint = f"\n\n{plain(str(error.hint))}" if error.hint else ""
    st.error(f"{plain(str(error.message))}{hint}", icon=":material/error:")


def knowledge_base(key: str, *, label: bool = False) -> KnowledgeBase:
    """A menu of the knowledge bases; the choice is kept while the session moves between pages."""
    bases = library().kbs()
    names = [base.name for base in bases]
    wanted = st.session_state.get("kb")
    if wanted not in names:
        wanted = "default" if "default" in names else names[0]

    def chosen() -> None:
        st.session_state["kb"] = st.session_state[key]

    name = st.selectbox(
        say(en="Knowledge base", zh="知识库"),
        names,
        index=names.index(wanted),
        key=key,
        on_change=chosen,
        label_visibility="visible" if label else "collapsed",
    )
    st.session_state["kb"] = name
    return bases[names.index(name)]


def document(document_id: int, kb: str) -> Document | None:
    """The document with this number in `kb`, None when it has been removed."""
    return next((found for found in library().documents(kb) if found.id == document_id), None)


def explained(error: OSError) -> ZhikuError:
    """An error of the file system as one of ours."""
    return ZhikuError(
        Text(en=f"That didn't work: {error.strerror or error}.", zh=f"操作失败：{error.strerror or error}。"),
        Text(en="Check free space and permissions, then try again.", zh="请检查剩余空间和权限后重试。"),
    )


def _configured_language() -> str:
    given = st.session_state.get("platform")
    if given is not None:
        return str(given.library.settings.language)
    from ingest.settings import load_settings

    try:
        return load_settings().language
    except ZhikuError:
        return "auto"


def _close(opened: Platform) -> None:
    opened.close()


@st.cache_resource(show_spinner=False, max_entries=2, on_release=_close)
def _opened(model: str | None) -> Platform:
    from agents import open_platform

    return open_platform(model=model)


@st.cache_resource(show_spinner=False)
def _jobs() -> Jobs:
    return Jobs()
