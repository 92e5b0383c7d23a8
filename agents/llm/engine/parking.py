"""Where the caches of conversations at rest wait, so that those that go on don't have to look past them.

In a cache shared by all sequences, attention visits every cell up to the last one in use and skips what belongs to
others; on a CPU that costs some 3 ns a cell, head and layer: with three resting conversations of 450 tokens SmolLM2
writes 12 to 16 % slower. Copying such a cache out and back takes a few milliseconds, once a turn.
"""

from __future__ import annotations

import ctypes
import logging

from agents.llm.native import Context, Weights
from agents.llm.placing.devices import free_memory

_LOG = logging.getLogger(__name__)
_MOST_BYTES = 512 * 2**20
"""Of all parked caches together, and never more than an eighth of the memory that is free."""
_WORTH_PARKING = 64
"""Tokens; fewer cells cost less than the copy."""


class Parking:
    """Copies in ordinary memory, by sequence."""

    def __init__(self, weights: Weights, context: Context) -> None:
        """A graphics card passes over foreign cells quickly, and the way to it is long: nothing is parked then."""
        self._context = context
        self._wanted = not weights.gpu_layers
        self._parked: dict[int, ctypes.Array[ctypes.c_uint8]] = {}

    def holds(self, sequence: int) -> bool:
        """Whether the sequence's cache is here, and not in the context."""
        return sequence in self._parked

    def park(self, sequence: int, tokens: int) -> None:
        """Take a sequence of so many tokens out of the context; it stays there where memory is short."""
        if not self._wanted or tokens < _WORTH_PARKING or sequence in self._parked:
            return
        size = self._context.state_size(sequence)
        if sum(map(len, self._parked.values())) + size > _MOST_BYTES or size > free_memory() // 8:
            return
        self._parked[sequence] = self._context.state(sequence)
        self._context.forget(sequence)

    def copy(self, sequence: int) -> ctypes.Array[ctypes.c_uint8] | None:
        """A copy of a sequence's cache for whoever pauses in the middle of a reply; None where memory is short."""
        size = self._context.state_size(sequence)
        return None if size > min(_MOST_BYTES, free_memory() // 8) else self._context.state(sequence)

    def bring_back(self, sequence: int) -> bool:
        """Put it back if it is here; False when it was here and the context has no room for it."""
        state = self._parked.pop(sequence, None)
        if state is None:
            return True
        if self._context.restore(sequence, state):
            return True
        self._context.forget(sequence)
        _LOG.debug("No room for the parked sequence %d", sequence)
        return False

    def drop(self, sequence: int) -> None:
        """Forget what is parked of a sequence."""
        self._parked.pop(sequence, None)

    def clear(self) -> None:
        """Forget everything."""
        self._parked.clear()
