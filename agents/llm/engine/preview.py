"""What loading a model would do to this machine, worked out without loading it: for `zhiku doctor` and the settings page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.llm.engine import loading
from agents.llm.engine.options import EngineOptions
from agents.llm.placing import choice, devices, measure, wording

if TYPE_CHECKING:
    from pathlib import Path

    from agents.llm.placing.plan import Device, Plan
    from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Bar:
    """One device's memory; bytes."""

    device: str
    total: int
    others: int
    """Taken by everything else, or kept as a margin."""
    weights: int
    cache: int
    compute: int
    layers: int

    @property
    def needed(self) -> int:
        """For the model."""
        return self.weights + self.cache + self.compute

    @property
    def free(self) -> int:
        """Left when the model is loaded; below 0 it does not fit."""
        return self.total - self.others - self.needed


@dataclass(frozen=True, slots=True)
class Preview:
    """The plan by which a model would be loaded now."""

    name: str
    plan: Plan
    bars: tuple[Bar, ...]
    """GPUs, then the CPU."""
    reasons: tuple[str, ...]
    """Sentences in the language in force."""


def preview(path: Path, settings: Settings) -> Preview:
    """For the model at `path`, as `settings` want it. llama.cpp is asked for its buffers in a process of its own.

    Raises `ModelError`: broken, incomplete, or with adapters that do not fit; `UsageError` for settings that contradict
    each other."""
    options = EngineOptions.from_settings(path, settings)
    planner = loading.planner(path, options.adapters, ask=measure.measure_apart)
    plan = choice.choose(planner, options.wish)
    return Preview(
        planner.shape.name,
        plan,
        bars(plan, (*planner.devices, devices.main_memory())),
        tuple(wording.reasons(planner.shape, options.wish, plan)),
    )


def bars(plan: Plan, found: tuple[Device, ...]) -> tuple[Bar, ...]:
    """A bar for each share of `plan`; `found` are its devices and the main memory, in the same order."""
    return tuple(
        Bar(
            device.name,
            device.total,
            device.total - share.room,
            share.weights,
            share.cache,
            share.compute,
            share.layers,
        )
        for share, device in zip(plan.shares, found, strict=True)
    )
