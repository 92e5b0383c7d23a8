"""Work that can be walked away from: it runs in a thread of its own, and whoever waits can stop at any moment.

A model's server or a tool may not come back for minutes and can't be interrupted from outside. So nobody waits in its
thread: on a cancel or at the deadline the thread is left to end by itself, and what it still brings is dropped.
"""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from typing import Any, Self, TypeVar

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
        self.cancelled, self.deadline = cancelled, deadline

    @classmethod
    def lasting(cls, seconds: float, cancelled: threading.Event | None = None) -> Self:
        """That many seconds from now on, or until `cancelled` is set."""
        return cls(cancelled or threading.Event(), time.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds until the deadline, more than 0. Raises `Cancelled` or `OutOfTime`."""
        if self.cancelled.is_set():
            raise Cancelled
        left = float("inf") if self.deadline is None else self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfTime
        return left

    def check(self) -> None:
        """Raises `Cancelled` or `OutOfTime`."""
        self.remaining()

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


def begun(work: Callable[[], object], name: str = "zhiku-work") -> threading.Thread:
    """A daemon thread that is at `work` by now, in the caller's language and whatever else its context holds."""
    thread = threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True, name=name)
    thread.start()
    return thread


def result(work: Callable[[], T], clock: Clock, name: str = "zhiku-work") -> T:
    """What `work()` returns, from a thread of its own. Raises what it raises, `Cancelled` and `OutOfTime`.

    What is there by the time of a look is returned, whatever the clock says.
    """
    return awaited(coming(work, name), clock)


def awaited(found: Future[T], clock: Clock) -> T:
    """The result of a future. Raises as `result` does."""
    while not found.done():
        wait([found], min(_LOOK, clock.remaining()))
    return found.result()


def coming(work: Callable[[], T], name: str = "zhiku-work") -> Future[T]:
    """What `work()` will return or raise, from a thread of its own that has begun."""
    found: Future[T] = Future()
    found.set_running_or_notify_cancel()  # who no longer waits leaves it alone

    def run() -> None:
        try:
            found.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again where somebody waits for it
            found.set_exception(error)

    begun(run, name)
    return found


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

    begun(run, "zhiku-agent-work")
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
