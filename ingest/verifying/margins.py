"""The votes of one measured judge during one answer: margins over its threshold, as long as there is time."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence


class Margins:
    """Adds up what its questions take, and asks none that would not fit any more."""

    def __init__(
        self,
        margin: Callable[[str, str], float],
        seconds: float,
        *,
        each: float = 0.0,
        cancel: threading.Event | None = None,
    ) -> None:
        """`margin(text, other)` is how far a score is above its threshold; asking it takes `each` seconds as a rule, and
        there are `seconds` in all."""
        self._ask = margin
        self._left, self._each, self._cancel = seconds, each, cancel

    def __call__(self, text: str, others: Sequence[str], /) -> list[float]:
        """For each of `others` the margin: 0 and more is a yes, minus infinity was not asked."""
        return [self._margin(text, other) for other in others]

    def _margin(self, text: str, other: str) -> float:
        if self._left < self._each or (self._cancel is not None and self._cancel.is_set()):
            return -math.inf
        began = time.monotonic()
        margin = self._ask(text, other)
        self._left -= time.monotonic() - began
        return margin
