"""Which models are worth fetching for this machine: a table by size, `recommended.toml`, held against memory and speed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

NAME = "recommended"
"""What `zhiku models pull` takes for the best one for this machine."""
Fit = Literal["well", "tight", "no"]
_CONTEXT = 1.5e9
"""Bytes beside the weights: the cache of a context of 8,000 tokens, compute buffers, the embedder."""
_SHARE = 0.6
"""Of main memory that a model may take before everything else on the machine feels it."""
_READING = 15e9
"""Bytes of weights a second that two cores of 2024 read while writing, where nothing has been measured: a 1.1 GB model writes
about ten tokens a second on the machine this was developed on."""
_SLOWEST = 3.0
"""Tokens a second below which nobody reads along."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is for a model; bytes."""

    memory: int
    gpu: int = 0
    """Of all GPUs together."""
    reading: float = 0.0
    """Bytes of weights read a second, as a trial of some model measured it here; 0 before there was one."""

    @classmethod
    def here(cls, reading: float = 0.0) -> Machine:
        """This one."""
        from agents.llm.placing import devices

        return cls(devices.total_memory(), sum(device.total for device in devices.gpus()), reading)

    def speed(self, size: int) -> float | None:
        """Tokens a second to expect of weights of so many bytes: writing one token reads them once. None on a GPU where
        nothing was measured."""
        if self.reading:
            return self.reading / size
        return None if size + _CONTEXT <= self.gpu else _READING / size

    def fit(self, size: int) -> Fit:
        """Whether a model of so many bytes is at home here: in memory, and fast enough to read along."""
        needed = size + _CONTEXT
        if needed <= self.gpu:
            return "well"
        if needed > 0.9 * self.memory:
            return "no"
        speed = self.speed(size)
        return "well" if needed <= _SHARE * self.memory and (speed is None or speed >= _SLOWEST) else "tight"


@dataclass(frozen=True, slots=True)
class Recommended:
    """One line of the table."""

    title: str
    name: str
    """'owner/repo:variant', the same on every hub."""
    bytes: int
    licence: str


@cache
def table() -> tuple[Recommended, ...]:
    """All, smallest first."""
    return tuple(Recommended(**model) for model in _file()["model"])


def date() -> str:
    """The day of the table, '2026-11-29'."""
    return str(_file()["date"])


def best(machine: Machine) -> Recommended:
    """The largest that fits well; the smallest where none does."""
    return next((one for one in reversed(table()) if machine.fit(one.bytes) == "well"), table()[0])


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
