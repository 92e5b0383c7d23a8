"""One question being answered in the background: what has come so far, for whoever draws it.

Streamlit ends a page's run whenever somebody clicks; the answer must not end with it. So the chat's events are
taken in by a thread of their own, and the page looks at the turn as often as it likes.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from typing import TYPE_CHECKING

from agents.chat.answers import Answered, Found, Quoted, Standalone, Thought, Token
from ingest.errors import ZhikuError
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from agents.chat.answers import Answer, Event
    from agents.proof.citations import Citation
    from ingest.documents import Hit

    class Chat(Protocol):
        """What a turn needs of a chat."""

        def stream(self, question: str) -> Iterator[Event]:
            """The events of an answer, `Answered` last."""
            ...

        def cancel(self) -> None:
            """End the answer that is being written."""
            ...


log = logging.getLogger(__name__)


class Turn:
    """Runs `chat.stream(question)` and keeps what it yields. Fields are only ever replaced or appended to by the
    one thread, so they may be read from any other."""

    def __init__(self, chat: Chat, question: str, conversation: str = "") -> None:
        self.question = question
        self.conversation = conversation
        self.standalone = ""
        self.hits: tuple[Hit, ...] | None = None
        self.quotes: tuple[Citation, ...] = ()
        self.thoughts = ""
        self.text = ""
        self.answer: Answer | None = None
        self.error: ZhikuError | None = None
        self.stopping = False
        self._chat = chat
        self._began = time.monotonic()
        self._done = threading.Event()
        # The thread speaks the language of the tab that asked.
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._work,), name="zhiku-turn", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """True until there is an answer or an error."""
        return not self._done.is_set()

    @property
    def seconds(self) -> float:
        """Since the question was asked."""
        return time.monotonic() - self._began

    def stop(self) -> None:
        """End generation; what was written stays."""
        self.stopping = True
        self._chat.cancel()

    def wait(self, seconds: float) -> bool:
        """Up to `seconds`, or until it has ended; True when it has."""
        return self._done.wait(seconds)

    def _work(self) -> None:
        try:
            for event in self._chat.stream(self.question):
                self._take(event)
                if self.stopping:
                    # Again: a stop that came before the stream began was forgotten when it did.
                    self._chat.cancel()
        except ZhikuError as error:
            self.error = error
        except Exception as error:
            log.exception("Answering failed")
            self.error = ZhikuError(
                Text(en=f"The answer ended with an unexpected error: {error}.", zh=f"回答因意外错误而中断：{error}。"),
                Text(
                    en="Ask again. The terminal that runs the application shows the details.",
                    zh="请重新提问。详情见运行本应用的终端。",
                ),
            )
        finally:
            self._done.set()

    def _take(self, event: Event) -> None:
        match event:
            case Standalone(text):
                self.standalone = text
            case Found(hits):
                self.hits = hits
            case Quoted(citations):
                self.quotes = citations
            case Thought(text):
                self.thoughts += text
            case Token(text):
                self.text += text
            case Answered(answer):
                self.answer = answer
