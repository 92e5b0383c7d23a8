"""Putting right what was read of a document: a passage changed where it is read, what was changed before, and back."""

from __future__ import annotations

import streamlit as st

from app.markup import plain
from app.state import callback, library, shown_time
from ingest import Chunk, Correction, Document, say, shorten

_SHOWN = 80
"""Characters of a passage in a line."""


def draw_correcting(document: Document, page: int) -> None:
    """A form for the passages of a page, and the document's corrections."""
    made = library().corrections(str(document.id), document.kb)
    passages = [one for one in library().chunks(document.id) if one.page == page]
    heading = say("Correct the text", "更正文本") + (f" ({len(made)})" if made else "")
    with st.expander(heading, icon=":material/edit:", key="correcting"):
        st.caption(
            say(
                "What is searched and cited changes at once, and says that it was corrected; the file stays as it is.",
                "检索和引用的内容立即随之改变并注明“更正”；原文件保持不变。",
            )
        )
        if passages:
            _form(document, passages, len(made))
        for one in reversed(made):
            _line(document, one)


def _form(document: Document, passages: list[Chunk], turn: int) -> None:
    number = st.selectbox(
        say("Passage", "片段"),
        range(len(passages)),
        format_func=lambda n: shorten(" ".join(passages[n].text.split()), _SHOWN),
        key=f"correct-passage-{document.id}-{passages[0].page}",
    )
    passage = passages[number if number < len(passages) else 0]
    key = f"correct-text-{document.id}-{passage.page}-{passage.start}-{turn}"
    with st.form(f"form-{key}", border=False):
        st.text_area(say("Text", "文本"), passage.text, key=key, height=200, label_visibility="collapsed")
        st.form_submit_button(
            say("Save", "保存"),
            type="primary",
            icon=":material/save:",
            on_click=_correct,
            args=(document, passage, key),
        )


def _line(document: Document, one: Correction) -> None:
    """A correction, and the way back where it is in force."""
    with st.container(border=True, key=f"zk-correction-{one.id}"):
        page = say(f"page {one.page}", f"第 {one.page} 页")
        state = "" if one.stands else " · " + say("fits no longer: the file has changed", "文件已变化，不再适用")
        state = " · " + say("taken back", "已撤回") if one.undone else state
        by = f" · {one.who}" if one.who else ""
        st.caption(plain(f"{shown_time(one.made)}{by} · {page}{state}"))
        st.markdown(f"~~{plain(shorten(one.former, 4 * _SHOWN))}~~")
        st.markdown(plain(shorten(one.text, 4 * _SHOWN)))
        if not one.undone:
            st.button(
                say("Take back", "撤回"),
                key=f"correction-back-{one.id}",
                icon=":material/undo:",
                type="tertiary",
                on_click=callback(library().revert),
                args=(str(document.id), one.id, document.kb),
            )


@callback
def _correct(document: Document, passage: Chunk, key: str) -> None:
    library().correct(
        str(document.id), passage.text, st.session_state[key], document.kb, page=passage.page, start=passage.start
    )
