"""How much a run may take before it stops and says what it found by then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from agents.llm.usage import Usage
from ingest.language import Text
from ingest.settings import Settings

Limit = Literal["steps", "calls", "tokens", "seconds"]


@dataclass(frozen=True, slots=True)
class Budget:
    """Upper bounds of one run; 0 is none."""

    steps: int = 20
    """Pieces of the plan begun."""
    calls: int = 40
    """Tool calls carried out."""
    tokens: int = 0
    """Read and written by the models, those taken from a cache included."""
    seconds: float = 0.0
    """Of work; the time a run waits for approval or lies stopped does not count."""

    @classmethod
    def of(cls, settings: Settings) -> Budget:
        """As the settings have it."""
        return cls(settings.max_steps, settings.max_calls, settings.max_run_tokens, settings.max_run_seconds)


@dataclass(slots=True)
class Spent:
    """What a run has taken so far."""

    steps: int = 0
    calls: int = 0
    seconds: float = 0.0
    usage: Usage = field(default_factory=Usage)

    @property
    def tokens(self) -> int:
        """Read and written."""
        return self.usage.prompt_tokens + self.usage.completion_tokens


def exceeded(budget: Budget, spent: Spent, *, calling: bool = False) -> Limit | None:
    """The bound that is reached, if any; looked at before a model is asked and, with `calling`, before a tool is called:
    after its last call a run may still conclude."""
    if budget.tokens and spent.tokens >= budget.tokens:
        return "tokens"
    if budget.seconds and spent.seconds >= budget.seconds:
        return "seconds"
    if calling and budget.calls and spent.calls >= budget.calls:
        return "calls"
    return None


def explained(limit: Limit, budget: Budget) -> Text:
    """Why the run stopped."""
    value = getattr(budget, limit)
    amount = f"{value:g}" if isinstance(value, float) else f"{value:,}"
    en, zh, key = {
        "steps": ("steps", "个步骤", "max_steps"),
        "calls": ("tool calls", "次工具调用", "max_calls"),
        "tokens": ("tokens", "个词元", "max_run_tokens"),
        "seconds": ("seconds", "秒", "max_run_seconds"),
    }[limit]
    return Text(
        en=f"The limit of {amount} {en} is reached (setting '{key}'). This is what was found by then.",
        zh=f"已达到 {amount} {zh}的上限（设置项 {key}）。以下是到此为止的发现。",
    )
