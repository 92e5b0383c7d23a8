"""What a page needs to begin: the language of this session, and the platform all sessions share.

One platform per process (`st.cache_resource`), so that two tabs look at the same library; whatever belongs to one
tab lives in `st.session_state`. A test puts its own platform into `st.session_state["platform"]`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from functools import wraps
from typing import TYPE_CHECKING, Literal, ParamSpec, TypeVar, cast

import streamlit as st

from agents import LOCAL, Models
from app import opening
from app.background import AddJob, Slot, TaskWork, Turn
from app.caller import caller, may, seen
from app.markup import plain
from ingest import Text, ZhikuError, attached_to, is_loopback, local_time, say, speak

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agents import Platform
    from app.evaluation_work import EvaluationWork
    from app.model_work import EmbedderWork, PullWork, TryWork
    from ingest import KnowledgeBase, Library

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


def zone() -> tzinfo | None:
    """The browser's; None, this machine's own, where that is not known."""
    minutes = st.context.timezone_offset
    return None if minutes is None else timezone(timedelta(minutes=-minutes))


def shown_time(moment: str) -> str:
    """A moment as rows have it, by the browser's clock; – for none."""
    return local_time(moment, zone()) or "–"


def spoken(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` in this session's language. For everything Streamlit calls by itself: pages, fragments,
    dialogs and callbacks each start in a context that knows nothing of it."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        speak(session_language())
        return function(*args, **kwargs)

    return inner


def platform(model: str = "") -> Platform:
    """The platform with `model`, or with the one that this tab has chosen. Shows the reason and ends the run when it can't
    be opened."""
    try:
        found = opening.shared()
    except ZhikuError as error:
        show(error)
        st.button(say("Try again", "重试"))
        st.stop()
    model = model or st.session_state.get("model") or found.model_name
    # A link may name any model: one behind a server that nobody has added here would be sent the documents.
    if model != found.model_name and not (may("admin") and model in Models(found.home, found.settings).names()):
        st.session_state.pop("model", None)
    elif model != found.model_name:
        found = opening.with_model(model)
    return seen(found)


def library() -> Library:
    """The library of the platform."""
    return platform().library


@dataclass(frozen=True, slots=True)
class Work:
    """The background work of this process. It is found again by a tab that was refreshed, and by any other."""

    turns: dict[str, Turn] = field(default_factory=dict)
    """By conversation: one at a time in each."""
    tasks: dict[str, TaskWork] = field(default_factory=dict)
    """By run."""
    adds: Slot[AddJob] = field(default_factory=Slot)
    pulls: Slot[PullWork] = field(default_factory=Slot)
    trials: Slot[TryWork] = field(default_factory=Slot)
    embedders: Slot[EmbedderWork] = field(default_factory=Slot)
    evaluations: Slot[EvaluationWork] = field(default_factory=Slot)
    speeds: dict[str, float] = field(default_factory=dict)
    """Passages a second, by the embedder's key."""


def work() -> Work:
    """The same for every tab; a test's own platform has its own."""
    if "platform" in st.session_state:
        return cast("Work", st.session_state.setdefault("work", Work()))
    return shared_work()


def models() -> Models:
    """The language models of this home."""
    return Models(library().home, library().settings)


def on_this_machine() -> bool:
    """Whether none but this machine, and its one user, can open the pages."""
    # Without an address Streamlit listens everywhere.
    return is_loopback(st.get_option("server.address") or "") and caller() is LOCAL


def show(error: ZhikuError) -> None:
    """One sentence what happened and one what to do."""
    hint = f"\n\n{plain(str(error.hint))}" if error.hint else ""
    st.error(f"{plain(str(error.message))}{hint}", icon=":material/error:")


@contextmanager
def errors_shown() -> Iterator[None]:
    """For what a page does while it is drawn: an error of ours is shown there, and what follows in the block is left out."""
    try:
        yield
    except ZhikuError as error:
        show(error)


@contextmanager
def trouble_shown() -> Iterator[None]:
    """For callbacks, which cannot draw: an error of ours is kept, and shown by the page that is drawn next."""
    try:
        yield
    except ZhikuError as error:
        st.session_state["trouble"] = error
    except OSError as error:
        st.session_state["trouble"] = explained(error)


def callback(function: Callable[P, object]) -> Callable[P, None]:
    """`function` for Streamlit to call on a click: in this session's language, its errors shown by the next page."""

    @spoken
    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> None:
        with trouble_shown():
            function(*args, **kwargs)

    return inner


def show_trouble() -> None:
    """Show, once, what went wrong in a callback."""
    if (error := st.session_state.pop("trouble", None)) is not None:
        show(error)


def knowledge_base(key: str) -> KnowledgeBase:
    """A menu of the knowledge bases; the choice is kept while the session moves between pages."""
    shelves = library()
    bases = shelves.kbs()
    if not bases and not may("admin"):
        st.info(
            say(
                "No knowledge base is yours yet. Whoever runs this can give you a role on one.",
                "您还没有可用的知识库。可由管理者授予您某个知识库的角色。",
            ),
            icon=":material/lock:",
        )
        st.stop()
    bases = bases or [shelves.create_kb("default")]
    names = [base.name for base in bases]
    kept = st.session_state.get("kb")
    filled = next((base.name for base in bases if base.documents), names[0])
    wanted = kept if kept in names else "default" if "default" in names else filled
    if st.session_state.pop("kb-chosen", False) or st.session_state.get(key) not in names:
        st.session_state[key] = wanted
    name = st.selectbox(say("Knowledge base", "知识库"), names, key=key, label_visibility="collapsed")
    st.session_state["kb"] = st.query_params["kb"] = name
    return bases[names.index(name)]


def elsewhere(kb: str) -> str:
    """What names the knowledge base of a passage that is not in the one chosen; '' for that one."""
    if attached_to(kb):
        return say(" · attached", " · 附件")
    return f" · {kb}" if kb and kb != st.session_state.get("kb") else ""


def choose_kb(name: str) -> None:
    """Let the menu show this knowledge base from the next run on."""
    st.session_state["kb"] = name
    st.session_state["kb-chosen"] = True


def explained(error: OSError) -> ZhikuError:
    """An error of the file system as one of ours."""
    return ZhikuError(
        Text(f"That didn't work: {error.strerror or error}.", f"操作失败：{error.strerror or error}。"),
        Text("Check free space and permissions, then try again.", "请检查剩余空间和权限后重试。"),
    )


def _configured_language() -> str:
    given = st.session_state.get("platform")
    if given is not None:
        return str(given.library.settings.language)
    from ingest import load_settings

    try:
        return load_settings().language
    except ZhikuError:
        return "auto"


@st.cache_resource(show_spinner=False)
def shared_work() -> Work:
    """Of this process, with or without a tab."""
    return Work()
