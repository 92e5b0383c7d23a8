"""What a team has said so far. Every member reads the same thread."""

from __future__ import annotations

from dataclasses import dataclass

from agents.tasks.events import Message

USER = "user"
"""Whoever set the task: one may hand over to it."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Everything that conditions and speakers look at."""

    task: str
    messages: tuple[Message, ...] = ()
    """Of the members, in order; the task is not among them."""
    seconds: float = 0.0
    """Since the run began, pauses for approval left out."""

    @property
    def tokens(self) -> int:
        """Read and written by all models."""
        return sum(m.usage.prompt_tokens + m.usage.completion_tokens for m in self.messages)
