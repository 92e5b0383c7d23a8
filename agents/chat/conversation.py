"""What a conversation consists of: its entry in the list, its turns, what the reader thought of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.chat.answers import Answer


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation in the list."""

    id: str
    title: str
    kb: str
    """The first of `kbs`."""
    created: str
    """UTC, ISO 8601."""
    changed: str
    turns: int
    kbs: tuple[str, ...] = ()
    """The knowledge bases it is about."""
    where: str = ""
    """The filter its documents fit; '' for all."""
    assistant: str = ""
    """Who answers in it; '' for nobody but the knowledge base."""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader thought of an answer."""

    thumb: Literal["up", "down"] | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One question and its answer. `kb` is the conversation's, where several are looked through."""

    id: int
    asked: str
    answer: Answer
    feedback: Feedback
    kb: str = ""
