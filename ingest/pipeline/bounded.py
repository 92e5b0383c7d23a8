"""A queue between two stages that is bounded by weight, so that memory does not grow with the corpus."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Bounded(Generic[_T]):
    """First in, first out. `put` waits while what is inside weighs `capacity` or more.

    One item may be heavier than the capacity: it passes alone.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[tuple[_T, int]] = deque()
        self._weight = 0
        self._finished = False
        self._changed = threading.Condition()

    def put(self, item: _T, weight: int = 1) -> bool:
        """Add an item; False when nobody takes items any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._finished or self._weight < self._capacity)
            if self._finished:
                return False
            self._items.append((item, weight))
            self._weight += weight
            self._changed.notify_all()
        return True

    def get(self, cancelled: Callable[[], bool] = lambda: False) -> _T | None:
        """The next item, waiting for it; None when there will be no more, or when `cancelled` says so."""
        with self._changed:
            while not self._items and not self._finished and not cancelled():
                # A wait without an end cannot be interrupted by Ctrl-C on Windows.
                self._changed.wait(timeout=0.5)
            return self._taken()

    def get_now(self) -> _T | None:
        """The next item if there is one."""
        with self._changed:
            return self._taken()

    def finish(self) -> None:
        """No more items come; what is inside is still handed out."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """No more items come, and nobody wants those inside."""
        with self._changed:
            self._finished = True
            self._items.clear()
            self._weight = 0
            self._changed.notify_all()

    def _taken(self) -> _T | None:
        if not self._items:
            return None
        item, weight = self._items.popleft()
        self._weight -= weight
        self._changed.notify_all()
        return item
