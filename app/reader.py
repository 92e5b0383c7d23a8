"""Dialogs that show where something stands: a citation in its passage, a passage found, a whole document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from agents import PageSource, source_of
from app.address import leave
from app.buttons import draw_download
from app.caller import may
from app.correcting import draw_correcting
from app.markup import plain
from app.passages import page_html, quote_html, text_html
from app.pictures import PagePicture, page_picture
from app.state import elsewhere, errors_shown, library, show, show_trouble, spoken
from ingest import Hit, ZhikuError, say, shorten, told_page, told_trace

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from agents import Citation
    from ingest import Document, PlacedLine, Trace

_NOTES = 5
"""Notes of a document that are shown without a click."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the dialog shows at a time: quotes of one page, or a passage."""

    found: Sequence[Citation | Hit]
    doubt: str = ""
    """Why they prove nothing."""
    said: str = ""
    """What they are to prove: in a table's row, its cells."""


def open_place(*found: Citation | Hit) -> None:
    """Open the dialog that shows where a passage or quotes of one page stand."""
    open_places([Place(found)])


def open_places(places: Sequence[Place], at: int = 0) -> None:
    """The same for several, one after the other, the one `at` first."""
    st.session_state["place-at"] = at
    st.dialog(say("Source", "出处"), width="large")(_places)(places)


@spoken
def _places(places: Sequence[Place]) -> None:
    at = int(st.session_state["place-at"])
    if len(places) > 1:
        with st.container(horizontal=True, vertical_alignment="center", key="zk-places"):
            _step(at - 1, places, say("Previous source", "上一处"), ":material/chevron_left:", "Left")
            st.caption(f"{at + 1} / {len(places)}")
            _step(at + 1, places, say("Next source", "下一处"), ":material/chevron_right:", "Right")
    _place(places[at])


def _step(to: int, places: Sequence[Place], name: str, icon: str, key: str) -> None:
    st.button(
        "",
        icon=icon,
        help=name,
        key=f"place-{key}",
        shortcut=key,
        type="tertiary",
        disabled=not 0 <= to < len(places),
        on_click=lambda: st.session_state.update({"place-at": to}),
    )


def _place(at: Place) -> None:
    place, doubt = at.found[0], at.doubt
    source = source_of(place)
    st.markdown(f"**{plain(place.document)}** · {plain(str(source) + elsewhere(place.kb))}")
    if not isinstance(source, PageSource):  # in no document: what a call of a task has brought, or a kept answer
        st.html(text_html(place.text if isinstance(place, Hit) else place.quote))
        return
    where = " › ".join(part for part in place.section if part) if isinstance(place, Hit) else ""
    if where:
        st.caption(plain(where))
    _original(place.path, f"place-{place.document_id}")
    try:
        text = library().page_text(place.document_id, place.page)
    except ZhikuError as error:
        show(error)
        return
    if doubt:
        with st.container(key="zk-note-doubt"):
            st.markdown(f":material/help: {plain(doubt)}")
    quote = text[place.start : place.end]
    if (then := place.text if isinstance(place, Hit) else place.quote) and then != quote:
        st.caption(
            say(f"This page has changed since. It said: “{plain(then)}”", f"此页此后有改动。当时为：“{plain(then)}”")
        )
    picture = _picture(place.path, place.document_id, place.page, quote) if is_shown(place.path) else None
    words, drawing = _sides(picture)
    with words, st.container(key="zk-source"):
        st.html(quote_html(text, [(one.start, one.end) for one in at.found], at.said))
    if picture is not None:
        with drawing:
            _show(picture, place)
    elif is_shown(place.path) and not Path(place.path).is_file():
        st.caption(
            say(
                "The original file is no longer there; this is its text as it was read.",
                "原始文件已不在原处；这里显示的是读取时的文本。",
            )
        )


def _sides(picture: PagePicture | None) -> Sequence[DeltaGenerator]:
    """Where the text of a page goes and where its picture does: two tabs, or one place when there is no picture."""
    if picture is None:
        return st.container(), st.empty()
    return st.tabs([say("Text", "文本"), say("Page", "页面")])


def _show(picture: PagePicture, place: Citation | Hit) -> None:
    if not picture.marks:
        if isinstance(place, Hit) or place.quote:
            st.caption(
                say(
                    "The quote could not be located on the picture; it is marked in the text.",
                    "未能在页面图像上定位引文；文本中已标出。",
                )
            )
    elif not picture.exact:
        st.caption(say("Marked where the page comes closest to the quote.", "标出的是页面上与引文最接近的位置。"))
    st.image(picture.png, width="stretch", alt=f"{place.document}, {source_of(place)}")


def read_document(document: Document) -> None:
    """Open the dialog that shows a document page by page; the address names it while it is open."""
    leave("doc", str(document.id))
    heading = say("Document", "文档")
    st.dialog(heading, width="medium", on_dismiss=partial(leave, "doc", None))(_document)(document)


@spoken
def _document(document: Document) -> None:
    st.markdown(f"**{plain(document.title or Path(document.path).name)}**")
    show_trouble()
    _original(document.path, f"document-{document.id}")
    _notes(document.notes)
    if (trace := library().trace(document.id)) is not None:
        st.caption(plain(told_trace(trace)))
    number = 1
    if document.pages > 1:
        number = st.pagination(document.pages, key=f"read-{document.id}")
    with errors_shown():
        text = library().page_text(document.id, int(number))
        picture = _picture(document.path, document.id, int(number), "") if is_shown(document.path) else None
        words, drawing = _sides(picture)
        with words, st.container(key="zk-source"):
            st.html(page_html(text)) if text.strip() else st.caption(plain(_why_empty(trace, int(number))))
        if picture is not None:
            with drawing:
                st.image(picture.png, width="stretch", alt=document.title)
        if may("write", document.kb):
            draw_correcting(document, int(number))


def _why_empty(trace: Trace | None, page: int) -> str:
    return told_page(dict(trace.pages).get(page, "blank")) if trace else say("No text on this page.", "本页没有文本。")


def _original(path: str, key: str) -> None:
    """Where it lies (the whole path is told to who asks), and the file itself where it is still there."""
    with st.container(horizontal=True, vertical_alignment="center"):
        file = Path(path)
        uploaded = file.parts[-3:-2] == ("uploads",)  # its folder's name is a number of ours
        st.caption(plain(shorten(file.name if uploaded else "/".join(file.parts[-2:]), 80)), help=plain(path))
        if not path.startswith(("http://", "https://")) and file.is_file():
            draw_download(say("Original", "原文件"), f"original-{key}", file.read_bytes, file.name)


def _notes(notes: Sequence[str]) -> None:
    """What was not read of a document: the first few at once, the others to be opened."""
    rest: DeltaGenerator | None = None
    for n, note in enumerate(notes):
        if n == _NOTES:
            more = len(notes) - _NOTES
            rest = st.expander(say(f"{more:,} more notes", f"另有 {more:,} 条说明"))
        (rest or st).caption(f":material/info: {plain(shorten(note, 300))}")


def is_shown(path: str) -> bool:
    """Whether pages of such a file can be drawn: by its name, for the loader has looked at the content."""
    return path.lower().endswith((".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".gif", ".bmp"))


def _picture(path: str, document_id: int, page: int, quote: str) -> PagePicture | None:
    try:
        changed = Path(path).stat().st_mtime_ns
    except (OSError, ValueError):
        return None
    places = library().page_places(document_id, page) if quote else ()
    return _drawn(path, page, quote, changed, places)


@st.cache_data(show_spinner=False, max_entries=60)
def _drawn(
    path: str,
    page: int,
    quote: str,
    changed: int,  # noqa: ARG001 - part of the key
    places: tuple[PlacedLine, ...],
) -> PagePicture | None:
    return page_picture(path, page, quote, places=places)
