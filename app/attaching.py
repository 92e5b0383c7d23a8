"""Files of the conversation at hand: how they come in, what was not read of them, and the list of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

import streamlit as st

from agents import Chat, Event
from app.background import Read
from app.buttons import draw_button
from app.conversations import TALKS, at_hand
from app.markup import plain
from app.reader import read_document
from app.receipt import draw_report
from app.state import explained, platform
from app.suggestions import first_questions
from ingest import Report, counted, say, shorten

File = tuple[str, BinaryIO]
"""Its name, and what is in it."""


_REPORT = "attached-report"
"""The tab's state that holds a conversation's id, and what came of the last files that it was given."""


def reading(conversation: str, files: Sequence[File]) -> Read | None:
    """What reads files for a conversation, where there are any."""
    st.session_state.pop(_REPORT, None)
    return partial(_read, platform().attachments.add, conversation, files) if files else None


def _read(add: Callable[..., Report], conversation: str, files: Sequence[File], **options: Any) -> Report:  # noqa: ANN401
    try:
        return add(conversation, files, **options)
    except OSError as error:
        raise explained(error) from error
    finally:
        for _, content in files:
            content.close()


@dataclass(frozen=True, slots=True)
class LaterChat:
    """A chat that is opened when it is asked: by then the files are there."""

    opened: Callable[[], Chat]

    def stream(self, question: str, *, cancel: threading.Event) -> Iterator[Event]:
        """As `Chat.stream`."""
        return self.opened().stream(question, cancel=cancel)


def received(conversation: str, report: Report | None) -> None:
    """Keep what came of the files of an ended turn, for `draw_received`."""
    if report is not None:
        st.session_state[_REPORT] = (conversation, report)


def draw_received(ask: Callable[[str], None], *, brief: bool) -> None:
    """What came of the last files: always what was not read; `brief`: nothing else, for an answer says the rest."""
    conversation, report = st.session_state.get(_REPORT, ("", None))
    if report is None or conversation != TALKS.current:
        return
    noted = any(one.notes for one in (*report.added, *report.updated))
    if not brief or noted or report.failed or report.skipped:
        with st.container(border=True, key="zk-received"):
            draw_report(report)
    if brief or (talk := at_hand()) is None:
        return
    paths = {one.document for one in (*report.added, *report.updated)}
    questions = first_questions(
        lambda: [one for one in platform().attachments.documents(conversation) if one.path in paths],
        lambda: platform().chat(talk.kbs, conversation),
        conversation,
        *sorted(paths),
    )
    for number, text in enumerate(questions[:3]):
        draw_button(plain(text), f"ask-file-{number}", "chat_bubble", ask, text, weight="secondary")


def draw_files() -> None:
    """A menu of the files of the conversation at hand; nothing where it has none."""
    conversation = TALKS.current or ""
    files = platform().attachments.documents(conversation) if conversation else []
    if not files:
        return
    label = say(counted(len(files), "file"), f"{len(files)} 个文件")
    with st.popover(label, icon=":material/attach_file:", key="talk-files"):
        st.caption(say("Of this conversation alone; they go with it.", "仅用于本对话，随对话一起删除。"))
        for document in files:
            with st.container(horizontal=True, vertical_alignment="center"):
                read = ":material/description:" if document.chunks and not document.notes else ":material/warning:"
                title = plain(shorten(document.title or document.path, 60))
                if st.button(title, key=f"file-{document.id}", icon=read, type="tertiary", width="stretch"):
                    read_document(document)
                remove, hint = platform().attachments.remove, say("Remove", "移除")
                draw_button("", f"file-gone-{document.id}", "close", remove, conversation, document, hint=hint)
