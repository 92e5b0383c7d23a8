"""What a team has said so far. Every member reads the same thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.llm.usage import Usage

if TYPE_CHECKING:
    from agents.tasks.events import StepRecord

USER = "user"
"""Whoever set the task: one may hand over to it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One member's turn: the calls it made, then what it said."""

    speaker: str
    text: str
    calls: tuple[StepRecord, ...] = ()
    to: str = ""
    """The member it handed over to, if any."""
    approved: bool = False
    """True when the member said that the work is done and good."""
    usage: Usage = field(default_factory=Usage)


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
