"""The votes of one measured judge during one answer: margins over its threshold, as long as there is time."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence


class Margins:
    """Adds up what its questions take, and asks none that would not fit any more."""

    def __init__(
        self,
        score: Callable[[str, str], float],
        threshold: float,
        seconds: float,
        *,
        each: float = 0.0,
        cancel: threading.Event | None = None,
    ) -> None:
        """`score(text, other)` is more the surer it is; asking it takes `each` seconds as a rule, and there are `seconds`
        in all."""
        self._score, self._threshold = score, threshold
        self._left, self._each, self._cancel = seconds, each, cancel

    def __call__(self, text: str, others: Sequence[str], /) -> list[float]:
        """For each of `others` the score's margin: 0 and more is a yes, minus infinity was not asked."""
        return [self._margin(text, other) for other in others]

    def _margin(self, text: str, other: str) -> float:
        if self._left < self._each or (self._cancel is not None and self._cancel.is_set()):
            return -math.inf
        began = time.monotonic()
        score = self._score(text, other)
        self._left -= time.monotonic() - began
        return score - self._threshold
