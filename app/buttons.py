"""Buttons that do something, and that bring a file."""

from __future__ import annotations

from collections.abc import Callable
from mimetypes import guess_type
from typing import Literal

import streamlit as st

from app.state import callback

Weight = Literal["primary", "secondary", "tertiary"]


def draw_button(
    label: str,
    key: str,
    icon: str,
    then: Callable[..., object],
    *about: object,
    weight: Weight = "tertiary",
    hint: str | None = None,
    disabled: bool = False,
) -> None:
    """A click does `then` with what it is `about`, as `callback` has it; `icon` is a Material symbol's name, or ''."""
    symbol, act = f":material/{icon}:" if icon else None, callback(then)
    st.button(label, key=key, help=hint, on_click=act, args=about, type=weight, icon=symbol, disabled=disabled)


def draw_download(
    label: str, key: str, content: Callable[[], str | bytes], name: str, *, weight: Weight = "tertiary"
) -> None:
    """A click brings the file `name`, whose `content` is asked for only then."""
    kind, icon = guess_type(name)[0], ":material/download:"
    st.download_button(label, content, file_name=name, mime=kind, key=key, on_click="ignore", icon=icon, type=weight)
