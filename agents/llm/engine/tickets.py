"""A request to the engine: its prompt on the way in, its tokens on the way out."""

from __future__ import annotations

import queue
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from agents.llm.engine.sampling import Sampling

Reason = Literal["stop", "length", "cancelled"]


class Ticket:
    """One request: iterate for its tokens, then read `finished`."""

    def __init__(
        self,
        tokens: Sequence[int],
        sampling: Sampling,
        max_tokens: int,
        *,
        stable: int = 0,
        choices: Sequence[Sequence[int]] = (),
    ) -> None:
        """`tokens` of the whole prompt, of which the first `stable` will come again; at most `max_tokens` of reply. With
        `choices`, each the tokens it may begin with, nothing is written: `chances` is the reply."""
        self.tokens = list(tokens)
        self.sampling, self.max_tokens, self.stable = sampling, max_tokens, stable
        self.choices = tuple(tuple(choice) for choice in choices)
        self.chances: tuple[float, ...] = ()
        """Probability of each of `choices` as the next token, among all tokens there are; known once `finished`."""
        self.cancelled = False
        self.concluding = False
        """Set by whoever reads along: a value that is being written is to be brought to its end."""
        self.cached = 0
        """Prompt tokens taken from the cache, known when the first token comes."""
        self.finished: Reason | None = None
        """How the reply ended, once it has."""
        self.on_cancel: list[weakref.WeakMethod[Callable[[], None]]] = []
        self._events: queue.SimpleQueue[int | Reason | BaseException] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[int]:
        """Tokens as they come. Raises `ModelError`. Leaving early must be followed by `cancel()`."""
        while (token := self.next(None)) is not None:
            if token >= 0:
                yield token

    def next(self, timeout: float | None) -> int | None:
        """The next token; None at the end; -1 when `timeout` seconds passed without any."""
        if self.finished:
            return None
        try:
            event = self._events.get(timeout=timeout)
        except queue.Empty:
            return -1
        if isinstance(event, BaseException):
            self.finished = "stop"
            raise event
        if isinstance(event, int):
            return event
        self.finished = event
        return None

    def cancel(self) -> None:
        """Stop as soon as possible, in the middle of a prompt too. Harmless when finished."""
        self.cancelled = True
        if self.finished is None:
            for ref in self.on_cancel:
                if interrupt := ref():
                    interrupt()

    def deliver(self, event: int | Reason | BaseException) -> None:
        """The owner's side: a token, the end, or what went wrong."""
        self._events.put(event)
