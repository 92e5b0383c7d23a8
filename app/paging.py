"""A long list a page at a time."""

from __future__ import annotations

import streamlit as st

from ingest import Document, say

ROWS = 1_000
"""Documents in one table: more of them take the browser longer than a second."""


def page_of(documents: list[Document]) -> tuple[list[Document], int]:
    """Of a long list the page that is chosen, and its number."""
    pages = -(-len(documents) // ROWS)
    if pages < 2:
        return documents, 1
    # A filter may have left fewer pages than there were when one was chosen.
    st.session_state["document-page"] = min(st.session_state.get("document-page", 1), pages)
    page = st.number_input(
        say(f"Page of {pages:,} ({len(documents):,} documents)", f"页码，共 {pages} 页（{len(documents)} 个文档）"),
        min_value=1,
        max_value=pages,
        key="document-page",
        width=300,
    )
    return documents[ROWS * (page - 1) : ROWS * page], page
