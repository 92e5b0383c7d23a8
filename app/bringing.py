"""A file that is taken in as soon as it is chosen, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.state import errors_shown


def draw_bringing(label: str, kinds: Sequence[str], take: Callable[[str, bytes], object], *, key: str) -> None:
    """A field for one file of these `kinds` (endings without the dot); `take` is given its name and content, and what it
    raises is shown."""
    turn = st.session_state.setdefault(f"{key}-turn", 0)
    given = st.file_uploader(label, type=list(kinds), key=f"{key}-{turn}", max_upload_size=20)
    if given is None:
        return
    with errors_shown():
        take(given.name, given.getvalue())
        st.session_state[f"{key}-turn"] = turn + 1  # an empty field, for the next
        st.rerun()
