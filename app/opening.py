"""The platform that all tabs share, as it is opened; what a tab may see of it is `app.state`'s to say."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import streamlit as st

from ingest import ZhikuError, default_home

if TYPE_CHECKING:
    from pathlib import Path

    from agents import Platform


_WATCHERS: list[Any] = []
"""What watches folders, of the platform that is open."""


def shared() -> Platform:
    """One per process; a test's own where it has put one. Raises `ZhikuError` when it can't be opened."""
    given = st.session_state.get("platform")
    return cast("Platform", given) if given is not None else _opened()


def current() -> Platform:
    """The same, with or without a tab."""
    return _opened()


def home() -> Path:
    """Of it, opened or not."""
    given = st.session_state.get("platform")
    return cast("Platform", given).home if given is not None else default_home()


def with_model(model: str) -> Platform:
    """The same library with another language model."""
    platform = shared()
    return _with_model(str(platform.home), model, platform)


def reload() -> None:
    """Forget it, so that the next page opens it anew with the settings as they are then."""
    _with_model.clear()
    _opened.clear()


def open_early() -> None:
    """Open it before there is any tab, so that folders are watched; what keeps it from being opened is shown by the first
    page."""
    with suppress(ZhikuError):
        _opened()


# Neither cache closes what it forgets: another tab may be in the middle of an answer with it.
@st.cache_resource(show_spinner=False)
def _opened() -> Platform:
    from agents import open_platform

    opened = open_platform()
    for former in _WATCHERS:  # of a platform that was forgotten
        former.stop(wait=0)
    _WATCHERS[:] = [opened.library.syncing.watcher()]
    opened.attachments.sweep(lambda: (talk.id for talk in opened.conversations.list()))
    return opened


@st.cache_resource(show_spinner=False, max_entries=3)
def _with_model(home: str, model: str, _shared: Platform) -> Platform:  # noqa: ARG001 - the home is part of the key
    return _shared.with_model(model)
