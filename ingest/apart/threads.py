"""Work that can be walked away from: it runs in a thread of its own, and whoever waits can stop at any moment.

A model's server or a tool may not come back for minutes and can't be interrupted from outside. So nobody waits in its
thread: on a cancel or at the deadline the thread is left to end by itself, and what it still brings is dropped.
"""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

_LOOK = 0.05
"""Seconds between two looks at the cancel event."""


class Cancelled(Exception):
    """Whoever asked no longer wants it: the work is to stop now."""


class OutOfTime(Exception):
    """The run's seconds are spent."""


class Clock:
    """When to stop: the cancel event, and the moment (of `time.monotonic`) by which the run must end."""

    def __init__(self, cancelled: threading.Event, deadline: float | None = None) -> None:
        self.cancelled = cancelled
        self.deadline = deadline

    def check(self) -> None:
        """Raises `Cancelled` or `OutOfTime`."""
        if self.cancelled.is_set():
            raise Cancelled
        if self.deadline is not None and time.monotonic() >= self.deadline:
            raise OutOfTime

    def left(self, seconds: float) -> float:
        """`seconds`, or what is left until the deadline when that is less."""
        return seconds if self.deadline is None else max(0.1, min(seconds, self.deadline - time.monotonic()))

    def wait(self, seconds: float) -> None:
        """Sleep, unless it is time to stop."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check()
            self.cancelled.wait(min(left, _LOOK))
        self.check()


def apart(work: Callable[[], Iterable[T]], clock: Clock) -> Iterator[T]:
    """What `work()` yields, from a thread of its own. Raises what it raises, `Cancelled` and `OutOfTime`.

    Closing this generator, and stopping by the clock, leaves the thread alone; it ends at the item after.
    """
    items: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    left = threading.Event()

    def run() -> None:
        try:
            source = iter(work())
            try:
                for item in source:
                    if left.is_set():
                        return
                    items.put(("item", item))
            finally:
                close = getattr(source, "close", None)
                if close is not None:
                    close()
            items.put(("end", None))
        except BaseException as error:  # noqa: BLE001 - raised again where somebody waits for it
            items.put(("error", error))

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True, name="zhiku-agent-work")
    thread.start()
    try:
        while True:
            try:
                kind, value = items.get(timeout=_LOOK)
            except queue.Empty:
                clock.check()
                continue
            if kind == "end":
                return
            if kind == "error":
                raise value
            clock.check()
            yield value
    finally:
        left.set()
