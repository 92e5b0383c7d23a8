"""A run at work: what its nodes share in one process, and the way every event takes: saved, traced, then shown."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agents.chat.answers import Thought
from agents.llm.asking import Reply
from agents.tasks.events import Noted, Observed
from ingest.apart.threads import Clock

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from agents.llm.asking import Asker, Piece
    from agents.tasks.budget import Budget
    from agents.tasks.events import RunEvent, StepRecord
    from agents.tasks.state import State
    from agents.tasks.store import Store
    from agents.tasks.telemetry import Telemetry
    from agents.tasks.trace import RunTrace
    from prompts import Prompt, PromptUse


class Work:
    """Made anew for every `stream` or `resume`; what must last is in the state and in the saved events."""

    def __init__(
        self,
        store: Store,
        trace: RunTrace,
        asker: Asker,
        telemetry: Telemetry,
        budget: Budget,
        cancelled: threading.Event,
    ) -> None:
        self.store = store
        self.trace = trace
        self.asker = asker
        self.telemetry = telemetry
        self.budget = budget
        self.clock = Clock(cancelled)
        self.records: list[StepRecord] = []
        self.last = 0
        """Number of the event that tells the end: as many as count by the last checkpoint."""
        self.show: Callable[[RunEvent], None] = lambda _event: None
        self._state: State | None = None
        self._folder: Path | None = None
        self._began = time.monotonic()

    def enter(self, state: State, show: Callable[[RunEvent], None]) -> None:
        """A node begins on `state`; its events go to `show`."""
        self._state = state
        self.show = show
        self._began = time.monotonic()
        self.clock.deadline = None
        if self.budget.seconds and not state.limit:  # over its limit, a run still may say what it found
            self.clock.deadline = self._began + self.budget.seconds - state.spent.seconds

    def restore(self, run: str, events: int) -> None:
        """Go on after the first `events` events; what came after the last checkpoint will come again."""
        self.store.cut(run, events)
        self.trace.resumed(events)
        self.records = [event.record for event in self.store.events(run) if isinstance(event, Observed)]

    def leave(self, state: State) -> None:
        """The node is through."""
        state.spent.seconds = round(state.spent.seconds + time.monotonic() - self._began, 4)

    def emit(self, event: RunEvent) -> None:
        """Save an event, write it to the trace, show it."""
        state = self._state
        assert state is not None
        self.store.append(state.run_id, state.events, event)
        self.trace.event(state.events, event)
        state.events += 1
        if isinstance(event, Observed):
            self.records.append(event.record)
            state.records += 1
        self.show(event)

    def folder(self, run: str) -> Path:
        """Where calls of the run put their files; it exists."""
        if self._folder is None:
            self._folder = self.store.folder / run
            self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    def now(self) -> float:
        """Seconds on a clock that only runs forward."""
        return time.monotonic()

    def note(self, kind: Any, text: str) -> None:  # noqa: ANN401 - one of Noted's kinds
        """Something people should be able to see."""
        self.emit(Noted(kind, text))

    def ask(
        self,
        prompt: Prompt,
        messages: Sequence[Any],
        *,
        tools: Sequence[dict[str, Any]] = (),
        choice: str = "auto",
        max_tokens: int,
        show: Callable[[Piece], None] | None = None,
    ) -> Reply:
        """One question to the model, counted and traced. Thoughts are shown; `show` gets the pieces of the text."""
        state = self._state
        assert state is not None
        if self.budget.tokens:
            max_tokens = max(16, min(max_tokens, self.budget.tokens - state.spent.tokens))
        reply = Reply()
        pieces: Iterator[Piece | Reply] = self.asker.ask(
            messages,
            self.clock,
            retried=lambda why: self.note("retried", why),
            tools=tools,
            choice=choice,
            max_tokens=max_tokens,
        )
        thought = ""
        for piece in pieces:
            if isinstance(piece, Reply):
                reply = piece
                continue
            thought += piece.thought
            if len(thought) >= 80 or (thought and piece.text):
                self.emit(Thought(thought))
                thought = ""
            if piece.text and show is not None:
                show(piece)
        if thought:
            self.emit(Thought(thought))
        self._count(state, prompt, messages, reply)
        return reply

    def _count(self, state: State, prompt: Prompt, messages: Sequence[Any], reply: Reply) -> None:
        spent, used = state.spent, reply.usage
        state.spent = replace(
            spent,
            prompt_tokens=spent.prompt_tokens + used.prompt_tokens,
            cached_tokens=spent.cached_tokens + used.cached_tokens,
            completion_tokens=spent.completion_tokens + used.completion_tokens,
        )
        origin = {
            "prompt": {"name": prompt.name, "lang": prompt.lang, "sha256": prompt.sha256},
            "model": self.asker.name,
            "tokens": {
                "prompt": used.prompt_tokens,
                "cached": used.cached_tokens,
                "completion": used.completion_tokens,
            },
            "seconds": reply.seconds,
        }
        sent = [m if isinstance(m, tuple) else (m.type, str(m.content)) for m in messages]
        said = {"text": reply.text, "thought": reply.thought, "calls": reply.calls, "reason": reply.reason}
        self.trace.asked(origin, sent, said)


def used(prompt: Prompt) -> PromptUse:
    """Which instruction that was."""
    from prompts import PromptUse as Use

    return Use(prompt.name, prompt.lang, prompt.sha256)
