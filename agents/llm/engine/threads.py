"""How many threads compute: as many as there are cores with nobody else on them, looked at again from batch to batch.

llama.cpp's threads wait for each other at every node of the graph, some hundred times a token. One that shares its core
with other work holds up all of them: cores that others keep busy are better left to them.
"""

from __future__ import annotations

from agents.llm.native import Context
from ingest.cores import Cores

_WINDOW = 0.25
"""Seconds over which others are measured, at least: the kernel counts in steps of 10 ms."""
_CALM = 1.5
"""Seconds that more cores must have been free before they are taken; fewer are used at once."""
_PAUSE = 0.2
"""Seconds between two batches after which what was seen is out of date: whatever led to a question (searching, a tool's
call) is over when the model reads it."""


class Threads:
    """The number to compute with. Used by the one thread that owns the model; `number` may be read by any."""

    def __init__(self, fixed: int = 0, machine: Cores | None = None, *, watch: bool = True) -> None:
        """`fixed` is kept to, whatever happens; 0: all cores, and while the machine is watched those that are free."""
        self._machine = machine or Cores.ours()
        self._most = max(1, round(self._machine.count))
        self.number = fixed or self._most
        self._watches = watch and not fixed and self._most > 1
        self._looked = False
        self._calm = 0.0
        self._helpers = 0.0
        """CPU seconds of the other threads that computed: they do the same share of each batch as the owner's."""
        self._ended = float("-inf")
        self._seen = (0.0, 0.0, 0.0)

    @property
    def unsure(self) -> bool:
        """Whether it isn't known what the machine is doing now: the next batch had better be short."""
        return self._watches and (not self._looked or self._machine.now() - self._ended > _PAUSE)

    def decode(self, context: Context) -> int:
        """`context.decode()` with as many threads as the machine has free."""
        if not self._watches:
            return context.decode()
        if self._machine.now() - self._ended > _PAUSE:
            self._seen, self._looked, self._calm = self._read(), False, 0.0
        context.compute_with(self.number)
        begun = self._machine.spent()
        code = context.decode()
        self._helpers += (self._machine.spent() - begun) * (self.number - 1)
        self._ended = self._machine.now()
        if self._ended - self._seen[0] >= _WINDOW:
            self._look()
        return code

    def _look(self) -> None:
        """Choose anew by what others have done since the last look."""
        before, self._seen = self._seen, self._read()
        passed, worked, ours = (now - then for now, then in zip(self._seen, before, strict=True))
        others = max(0.0, worked - ours) / passed
        free = min(self._most, max(1, int(self._machine.count - others + 0.5)))
        self._calm = self._calm + passed if free > self.number else 0.0
        if free < self.number or self._calm >= _CALM or not self._looked:
            self.number, self._calm = free, 0.0
        self._looked = True

    def _read(self) -> tuple[float, float, float]:
        """(the time, what all have worked, what we have worked), seconds."""
        return self._machine.now(), self._machine.worked(), self._machine.spent() + self._helpers
