"""How far an `add` is, and what else takes long. The library tells, the command line and the application draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

Hear = Callable[[str], object]
"""Gets a line for people when something long begins, and '' when it has ended."""

_hear: ContextVar[Hear | None] = ContextVar("hear", default=None)


@contextmanager
def hearing(hear: Hear) -> Iterator[None]:
    """Meanwhile `hear` gets what is `announced` in this thread, and in those that are given its context."""
    token = _hear.set(hear)
    try:
        yield
    finally:
        _hear.reset(token)


@contextmanager
def announced(line: str) -> Iterator[None]:
    """Say to whoever is `hearing` what takes long now."""
    hear = _hear.get() or (lambda _: None)
    hear(line)
    try:
        yield
    finally:
        hear("")


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a running `add`. Told after every file and every batch of embeddings, in the caller's thread."""

    done: int
    """Files settled: stored, unchanged, failed or skipped."""
    total: int
    """Files in all."""
    pages: int
    """Pages stored so far."""
    embedded: int
    """Passages embedded so far."""
    failed: int
    """Files that could not be read, so far."""
    seconds: float
    """Since the beginning."""
    path: str = ""
    """The file being embedded, or the last one settled."""
    unchanged: int = 0
    """Files that needed nothing: they count as done, but say nothing about the speed."""

    @property
    def pages_per_second(self) -> float:
        """Pages stored per second so far."""
        return self.pages / self.seconds if self.seconds else 0.0

    @property
    def eta(self) -> float | None:
        """Seconds still to go at the pace of the files that needed work; None before the first of them."""
        worked = self.done - self.unchanged
        if worked <= 0:
            return None
        return self.seconds / worked * (self.total - self.done)
