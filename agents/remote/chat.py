"""Questions to a server, as `agents.chat` has them; and what it has kept of earlier ones."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args

from agents.chat.answers import Answer, Answered, Event, Found, Standalone, Token, Withdrawn, last_answer
from agents.chat.conversation import Conversation, Feedback, StoredTurn
from agents.chat.export import as_markdown
from ingest.apart.threads import Cancelled
from ingest.documents import Hit
from ingest.filters import Where, filter_of
from ingest.finding import Bases, base_names
from ingest.queries import checked_query
from ingest.records import from_json
from ingest.remote.connection import Connection

_EVENTS: dict[str, type[Event]] = {cls.__name__: cls for cls in get_args(Event)}


class RemoteChat:
    """Answers questions from a server's knowledge bases. One question at a time; make another for another thread."""

    def __init__(
        self,
        connection: Connection,
        kb: Bases | None,
        conversation: str | None,
        k: int | None,
        where: Where,
        assistant: str = "",
    ) -> None:
        self._server = connection
        self._form: dict[str, Any] = {"conversation": conversation or "", "k": k, "assistant": assistant}
        if kb is not None:
            self._form["kbs"] = list(base_names(kb))
        self._form["where"] = str(filter_of(where))
        self._cancel = threading.Event()

    def ask(self, question: str, history: Sequence[Answer | tuple[str, str]] = ()) -> Answer:
        """The answer to `question`, as `Chat.ask` has it. Raises as that does, and what the server refuses."""
        return last_answer(self.stream(question, history))

    def cancel(self) -> None:
        """Stop the latest question, from any thread."""
        self._cancel.set()

    def stream(
        self,
        question: str,
        history: Sequence[Answer | tuple[str, str]] = (),
        cancel: threading.Event | None = None,
    ) -> Iterator[Event]:
        """The events of one question, as `Chat.stream` has them; once `cancel` is set the last has what had been written."""
        question = checked_query(question)
        self._cancel = cancel if cancel is not None else threading.Event()
        turns = [
            (one.standalone_question or one.question, one.text) if isinstance(one, Answer) else one for one in history
        ]
        form = {**self._form, "question": question, "history": turns, "stream": True}
        return self._events(question, form, self._cancel)

    def _events(self, question: str, form: dict[str, Any], cancel: threading.Event) -> Iterator[Event]:
        standalone, hits, written = question, (), ""
        found: tuple[Hit, ...] = hits
        try:
            for name, data in self._server.events("POST", "/api/ask", cancel, json=form):
                event = Answered(Answer.from_json(data)) if name == "Answered" else from_json(_EVENTS[name], data)
                match event:
                    case Standalone(text):
                        standalone = text
                    case Found(passages):
                        found = passages
                    case Token(text):
                        written += text
                    case Withdrawn():
                        written = ""
                yield event
        except Cancelled:
            yield Answered(Answer(question, standalone, written, abstained=False, hits=found, stopped=True))


class RemoteConversations:
    """A server's conversations that are this caller's, as `agents.chat.history` has them."""

    def __init__(self, connection: Connection) -> None:
        self._server = connection

    def create(self, kb: Bases = "default", title: str = "", *, where: Where = None) -> str:
        """A new conversation; returns its id."""
        form = {"kbs": list(base_names(kb)), "title": title, "where": str(filter_of(where))}
        told: str = self._server.ask("POST", "/api/conversations", json=form)["id"]
        return told

    def list(self, kb: str | None = None) -> builtins.list[Conversation]:
        """Conversations, the last used first; those of one knowledge base when it is given."""
        found = [from_json(Conversation, one) for one in self._server.ask("GET", "/api/conversations")]
        return [one for one in found if kb is None or kb in one.kbs]

    def get(self, conversation: str) -> Conversation:
        """One conversation. Raises `UsageError` when there is none of that id."""
        return from_json(Conversation, self._shown(conversation))

    def stored(self, conversation: str) -> builtins.list[StoredTurn]:
        """The turns of a conversation with their feedback, oldest first."""
        return [
            StoredTurn(
                turn["id"], turn["asked"], Answer.from_json(turn["answer"]), from_json(Feedback, turn["feedback"])
            )
            for turn in self._shown(conversation)["turn_list"]
        ]

    def turns(self, conversation: str) -> builtins.list[Answer]:
        """The answers of a conversation, oldest first."""
        return [turn.answer for turn in self.stored(conversation)]

    def rename(self, conversation: str, title: str) -> None:
        """Give it another title."""
        self._server.ask("PATCH", f"/api/conversations/{conversation}", json={"name": title})

    def delete(self, conversation: str) -> None:
        """Delete it with all its turns; nothing happens when it is gone already."""
        if conversation in {one.id for one in self.list()}:
            self._server.ask("DELETE", f"/api/conversations/{conversation}")

    def rate(self, turn: int, thumb: Literal["up", "down"] | None, note: str = "") -> None:
        """Keep what a reader thought of the answer `turn`; None takes the thumb back."""
        for conversation in self.list():
            if turn in {one.id for one in self.stored(conversation.id)}:
                place = f"/api/conversations/{conversation.id}/turns/{turn}/rating"
                self._server.ask("PUT", place, json={"thumb": thumb, "note": note})
                return

    def export(self, conversation: str) -> str:
        """The conversation as Markdown, with the quotes that prove it and their pages."""
        return as_markdown(self.get(conversation), self.stored(conversation))

    def _shown(self, conversation: str) -> dict[str, Any]:
        told: dict[str, Any] = self._server.ask("GET", f"/api/conversations/{conversation}")
        return told
