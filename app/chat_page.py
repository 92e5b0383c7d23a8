"""The page where questions are asked and answered with proof."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby

import streamlit as st

from agents import Assistant, StoredTurn
from app import conversations
from app.address import leave
from app.assistant_menu import base_of, draw_assistant_menu
from app.attaching import File, LaterChat, draw_files, draw_received, reading, received
from app.background import Turn
from app.behaviour import begin_at
from app.conversations import TALKS
from app.exchange import draw_answer, draw_evidence, draw_question, draw_thoughts
from app.going_on import draw_next
from app.live import draw_status, looks
from app.markup import answer_html, plain
from app.model_menu import draw_model_menu
from app.narrowing import draw_scope
from app.state import knowledge_base, library, platform, show, show_trouble, spoken, work
from app.welcome import draw_welcome
from ingest import KnowledgeBase, Scope, ZhikuError, say

LONGEST = 20_000
"""Characters the input takes; the chat itself says what it thinks of more than its own limit."""
SLOW = 5.0
"""Seconds after which a person may want to know why nothing is there yet: the embedder is being loaded."""
POLL = 0.12
"""Seconds between two looks at an answer being written: fast enough to read along, slow enough to be cheap."""


@spoken
def draw() -> None:
    """Draw the page."""
    platform()
    writing = _turn() is not None
    conversations.draw_sidebar()
    base, who = _head()
    show_trouble()
    if wanted := st.session_state.pop("ask-next", ""):  # of another page
        TALKS.select(None)
        ask(wanted)
    turn = _turn()
    if writing and turn is None:
        st.rerun()  # it ended after the list was drawn, which lacks it
    gone = conversations.missing_base()
    said = st.chat_input(
        say("Ask your documents, or drop files here", "向您的文档提问，或把文件拖到这里"),
        key="question",
        max_chars=LONGEST,
        accept_file="multiple",
        max_upload_size=library().settings.max_file_mb,
        disabled=turn is not None or gone or st.session_state["scope"] is None,
    )
    if said is not None and turn is None and not gone:
        ask(said.text, files=[(file.name, file) for file in said.files])
        turn = _turn()
    exchanges = conversations.exchanges()
    _talk(exchanges)
    if turn is None:
        draw_received(ask, brief=bool(exchanges or st.session_state.get("failed")))
    if exchanges and turn is None and not gone:
        draw_next(exchanges, ask)
    if gone:
        conversations.draw_missing_base(base.name)
    if turn is not None:
        _live(turn)
    elif st.session_state.get("failed"):
        _failed()
    elif not exchanges and not TALKS.current:
        draw_welcome(base, ask, who)


def _talk(exchanges: list[StoredTurn]) -> None:
    """Questions and answers; the answers to one that was asked again stand side by side, two and two."""
    for question, asked in groupby(exchanges, key=lambda one: one.answer.question):
        again = list(asked)
        draw_question(question, again[0].id)
        for at in range(0, len(again), 2):
            pair = again[at : at + 2]
            for place, exchange in zip(st.columns(len(pair)), pair, strict=True):
                with place:
                    draw_answer(exchange)


def _turn() -> Turn | None:
    """The answer being written in the conversation at hand. One that has ended is in the conversation, or says why not."""
    turns, at = work().turns, TALKS.current or ""
    turn = turns.get(at)
    if turn is None or turn.running:
        return turn
    turns.pop(at, None)
    received(at, turn.report)
    if turn.error is not None:
        st.session_state["failed"] = (turn.question, turn.error)
    return None


def ask(question: str, model: str = "", files: Sequence[File] = ()) -> None:
    """Begin to answer in the current conversation, or in a new one, with the tab's model or another, after reading `files`
    for that conversation; the page is drawn again with the turn in it."""
    st.session_state.pop("failed", None)
    if not (question.strip() or files):
        return
    kb = st.session_state["kb"]
    scope = st.session_state.get("scope") or Scope((kb,))
    who: Assistant | None = st.session_state.get("answering")
    conversation = conversations.current_or_new(scope, who.name if who else "")
    try:
        read = reading(conversation, files)
        open_chat = partial(
            platform(model).chat, kb=scope.kbs, conversation=conversation, where=scope.where, assistant=who
        )
        chat = LaterChat(open_chat) if files else open_chat()
    except ZhikuError as error:
        st.session_state["failed"] = (question, error)
        return
    turns = work().turns
    for ended in [at for at, turn in turns.items() if not (turn.running or turn.error)]:
        turns.pop(ended, None)
    turns[conversation] = Turn(chat, question.strip() and question, read)
    leave(TALKS.kind, conversation)


def _head() -> tuple[KnowledgeBase, Assistant | None]:
    """Who answers from what: an assistant brings all of it, without one everything can be chosen."""
    with st.container(horizontal=True, vertical_alignment="center", key="zk-head"):
        who = st.session_state["answering"] = draw_assistant_menu(conversations.at_hand())
        if who is not None:
            base = base_of(who)
            st.session_state["scope"] = Scope(who.kbs, who.where)
        else:
            base = knowledge_base("chat-kb")
            conversations.recall(base)
            st.session_state["scope"] = draw_scope(base, "chat")
            draw_model_menu("chat-model")
        draw_files()
        conversations.draw_menu()
    return base, who


def _live(turn: Turn) -> None:
    """Draw the answer as it comes, until it is there."""
    if turn.question:
        draw_question(turn.question, "live")
        begin_at("zk-ask-live")
    with st.chat_message("assistant", avatar=":material/auto_stories:"):
        status = draw_status(turn, "stop")
        body, thoughts, evidence = st.empty(), st.empty(), st.empty()
    shown = ("", "", False)
    for _ in looks(turn, status, _status, every=POLL):
        now = (turn.text, turn.thoughts, turn.hits is not None)
        if now[2] and not shown[2]:
            with evidence.container():
                draw_evidence(turn.hits or (), turn.quotes)
        if now[1] != shown[1]:
            with thoughts.container():
                draw_thoughts(now[1], open_now=not now[0])
        if now[0] != shown[0]:
            body.html(answer_html(now[0]))
        shown = now
    st.rerun()


def _status(turn: Turn) -> tuple[str, str]:
    if turn.reading:
        what = say("Reading the files", "正在读取文件")
    elif turn.hits is None and turn.seconds > SLOW:
        what = say("Searching; the first question takes longer", "正在检索，首个问题需要较长时间")
    elif turn.hits is None:
        what = say("Searching", "正在检索")
    elif turn.text:
        what = say("Writing", "正在撰写")
    elif turn.thoughts:
        what = say("Thinking", "正在思考")
    else:
        what = say("Reading the passages", "正在阅读片段")
    return what, f" · {plain(turn.standalone)}" if turn.standalone else ""


def _failed() -> None:
    question, error = st.session_state["failed"]
    if question:
        draw_question(question, "failed")
    show(error)
    if question and st.button(say("Ask again", "重新提问"), icon=":material/refresh:", key="ask-again"):
        ask(question)
        st.rerun()


if __name__ == "__main__":  # run by Streamlit as a page
    draw()
