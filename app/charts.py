"""Bars by run or by week, the same on every page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

_COLOURS = ("#2f8f79", "#c9a227", "#c4701e")
"""Of the columns, readable on both themes."""
_HEIGHT = 260


def draw_bars(
    title: str, along: str, labels: Sequence[str], columns: Mapping[str, Sequence[float | None]], *, stacked: bool
) -> None:
    """A heading, and a group of bars for each of `labels`, which are short; nothing where there is nothing to see."""
    shown = {name: column for name, column in columns.items() if any(value is not None for value in column)}
    if not any(map(any, shown.values())):
        return
    st.subheader(title, anchor=False)
    st.bar_chart(
        {along: labels, **shown},
        x=along,
        y=list(shown),
        color=list(_COLOURS[: len(shown)]),
        stack=None if stacked else False,
        height=_HEIGHT,
        y_label="",
    )
