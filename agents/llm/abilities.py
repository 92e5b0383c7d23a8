"""What a model can do beyond LangChain's interface: the one place that asks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.llm.counting import UNKNOWN_CONTEXT, estimate
from ingest.errors import ModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

SMALL = 1.0
"""Billions of parameters below which a model neither answers, plans nor calls sensibly (135M, 360M and 0.5B were tried):
chats then quote, and tasks are done by rule."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """Told by attributes that our models have and any other may have; without them nothing is expected of a model."""

    model: BaseChatModel

    @property
    def cancels(self) -> bool:
        """Whether `invoke` and `stream` take `cancel=` and `max_tokens=`: `accepts_cancel`."""
        return bool(getattr(self.model, "accepts_cancel", False))

    @property
    def retries(self) -> bool:
        """Whether it tries again by itself what fails before the first token: `retries_itself`, or LangChain's usual
        `max_retries` (None: as its client likes, which is twice or more)."""
        return bool(getattr(self.model, "retries_itself", getattr(self.model, "max_retries", 0) != 0))

    @property
    def holds_calls(self) -> bool:
        """Whether every token of a call is held to the tool's schema: only our own engine does that; others may take
        'any' for a mere wish."""
        return hasattr(self.model, "header")

    @property
    def votes(self) -> bool:
        """Whether it says how likely replies are without writing them: `chances`, as only our own engine does."""
        return hasattr(self.model, "chances")

    @property
    def parameters(self) -> float | None:
        """Billions of parameters of a file; None for servers, which don't say."""
        told = getattr(getattr(self.model, "header", None), "parameters", 0)
        return told / 1e9 if told else None

    @property
    def name(self) -> str:
        """What it calls itself."""
        for attribute in ("model_name", "model"):
            if isinstance(name := getattr(self.model, attribute, None), str) and name:
                return name
        return type(self.model).__name__

    @property
    def reading_speed(self) -> float | None:
        """Prompt tokens a second where that is slow enough to matter; None on GPUs and servers. Loads a local model."""
        told = getattr(self.model, "reading_speed", None)
        return float(told) if isinstance(told, int | float) and told > 0 else None

    @property
    def small(self) -> bool:
        """Whether it is a file of fewer than `SMALL` billions of parameters: what it writes is worth less than what the
        rules find, so that it is asked for nothing. Loads nothing."""
        return self.parameters is not None and self.parameters < SMALL

    def context(self, otherwise: int = 0) -> int:
        """Tokens that prompt and reply may have together: `context_tokens`, or what the user says. Loads a local model."""
        return int(getattr(self.model, "context_tokens", 0) or otherwise or UNKNOWN_CONTEXT)

    def count(self, text: str) -> int:
        """Tokens of `text` as the model counts where that is known to be local; otherwise by a generous estimate.

        LangChain's default fetches GPT-2's tokenizer from the network, and OpenAI's fetches its own: neither may happen here.
        """
        return self.model.get_num_tokens(text) if hasattr(self.model, "context_tokens") else estimate(text)


def small(opened: Callable[[], BaseChatModel]) -> bool:
    """Whether that model is `Abilities.small`; False for one that can't be opened: its first use says what is wrong."""
    try:
        return Abilities(opened()).small
    except ModelError:
        return False
