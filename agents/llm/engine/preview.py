"""What loading a model would do to this machine, worked out without loading it: for `zhiku doctor` and the settings page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agents.llm.engine import loading
from agents.llm.engine.options import EngineOptions
from agents.llm.placing import choice, wording

if TYPE_CHECKING:
    from agents.llm.placing.plan import Plan
    from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Preview:
    """The plan by which a model would be loaded now."""

    name: str
    plan: Plan
    reasons: tuple[str, ...]
    """Sentences in the language in force."""


def preview(path: Path, settings: Settings) -> Preview:
    """For the model at `path`, as `settings` want it. llama.cpp is asked for its buffers in a process of its own.

    Raises `ModelError`: broken, incomplete, or with adapters that do not fit; `UsageError` for settings that contradict
    each other."""
    options = EngineOptions.from_settings(path, settings)
    planner = loading.planner(path, options.adapters, apart=True)
    plan = choice.choose(planner, options.wish)
    return Preview(planner.shape.name, plan, tuple(wording.reasons(planner.shape, options.wish, plan)))
