"""A run at work: what its nodes share in one process."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.chat.answers import Thought, Token
from agents.llm.asking import Asker, Piece, Reply, Void
from agents.tasks.budget import Budget
from agents.tasks.events import Message, Noted, Observed, RunEvent, Spoke, StepRecord
from agents.tasks.state import RunState
from agents.tasks.store import Store
from agents.tasks.telemetry import Telemetry
from agents.tasks.trace import RunTrace
from ingest.apart.threads import Cancelled, Clock, OutOfTime
from ingest.errors import ModelError
from ingest.language import Text
from prompts import Prompt

_THOUGHT = 80
"""Characters of a thought that are worth an event of their own."""


class Work:
    """Made anew for every `stream` or `resume`; what must last is in the state and in the saved events."""

    def __init__(
        self,
        state: RunState,
        store: Store,
        trace: RunTrace,
        telemetry: Telemetry,
        asker: Asker,
        budget: Budget,
        cancelled: threading.Event,
    ) -> None:
        self.state = state
        self.store = store
        self.trace = trace
        self.telemetry = telemetry
        self.asker = asker
        self.budget = budget
        self.clock = Clock(cancelled)
        self.records: list[StepRecord] = []
        self.messages: list[Message] = []
        """Of a team's members."""
        self._began = 0.0

    def restore(self) -> None:
        """Go on where the state stands: what was told after it will be told again."""
        run, events = self.state.run_id, self.state.events
        self.store.cut(run, events)
        self.trace.resumed(events)
        for event in self.store.events(run):
            self._remember(event)

    def enter(self) -> None:
        """A node begins. Raises `Cancelled` and `OutOfTime` when none should."""
        self._began = time.monotonic()
        self.clock.deadline = None
        if self.budget.seconds and not self.state.limit:  # over its limit, a run still may say what it found
            self.clock.deadline = self._began + self.budget.seconds - self.state.spent.seconds
        self.clock.check()

    def away(self, seconds: float) -> None:
        """Whoever reads along took so long over an event: no work of the run's."""
        self._began += seconds
        if self.clock.deadline is not None:
            self.clock.deadline += seconds

    def leave(self) -> None:
        """The node is through: its state is saved."""
        self.state.spent.seconds = round(self.state.spent.seconds + time.monotonic() - self._began, 4)
        self.store.save(self.state)

    def keep(self, event: RunEvent) -> None:
        """Save an event before it is shown, and write it to the trace."""
        state = self.state
        self.store.append(state.run_id, state.events, event)
        self.trace.event(state.events, event)
        state.events += 1
        state.records += isinstance(event, Observed)
        self._remember(event)

    def _remember(self, event: RunEvent) -> None:
        if isinstance(event, Observed):
            self.records.append(event.record)
        elif isinstance(event, Spoke):
            self.messages.append(event.message)

    def folder(self) -> Path:
        """Where calls of the run put their files; it exists."""
        folder = self.store.folder / self.state.run_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def ask(
        self,
        prompt: Prompt,
        messages: Sequence[Any],
        *,
        tools: Sequence[dict[str, Any]] = (),
        choice: str = "auto",
        max_tokens: int,
        shown: bool = False,
        asker: Asker | None = None,
    ) -> Generator[RunEvent, None, Reply]:
        """One question to a model (the run's own, or that of `asker`), counted and traced. Thoughts are told as they come
        and, where they are `shown`, the pieces of the text. Raises as `Asker.ask`."""
        asker = asker or self.asker
        if self.budget.tokens:
            max_tokens = max(16, min(max_tokens, self.budget.tokens - self.state.spent.tokens))
        with self.telemetry.chat(asker.name, max_tokens) as span:
            try:
                pieces = asker.ask(messages, self.clock, again=True, tools=tools, choice=choice, max_tokens=max_tokens)
                reply = yield from _told(pieces, shown=shown)
            except (Cancelled, OutOfTime, ModelError):
                raise
            except Exception as error:
                raise _failed(error) from error
            span.used(reply.usage, reply.reason)
        self._count(prompt, messages, reply, asker.name)
        return reply

    def _count(self, prompt: Prompt, messages: Sequence[Any], reply: Reply, model: str) -> None:
        spent, used = self.state.spent, reply.usage
        self.state.spent = replace(spent, usage=spent.usage + used)
        origin = {
            "prompt": {"name": prompt.name, "lang": prompt.lang, "sha256": prompt.sha256},
            "model": model,
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


def _told(pieces: Iterator[Piece | Void | Reply], *, shown: bool) -> Generator[RunEvent, None, Reply]:
    reply, thought = Reply(), ""
    for piece in pieces:
        if isinstance(piece, Reply):
            reply = piece
        elif isinstance(piece, Void):
            thought = ""
            yield Noted("retried", piece.why)
        else:
            thought += piece.thought
            if len(thought) >= _THOUGHT or (thought and piece.text):
                yield Thought(thought)
                thought = ""
            if piece.text and shown:
                yield Token(piece.text)
    if thought:
        yield Thought(thought)
    return reply


def _failed(error: Exception) -> ModelError:
    """What becomes of an error that no model should raise."""
    detail = (f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)[:500]
    return ModelError(
        Text(en=f"The model failed ({detail}).", zh=f"模型出错（{detail}）。"),
        Text(
            en="What was found by then stays. Go on with the run later, or see `zhiku doctor`.",
            zh="此前的发现均已保留。请稍后继续该运行，或查看 `zhiku doctor`。",
        ),
    )
