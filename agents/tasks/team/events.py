"""What a team at work shows: whose turn it is, what was said, and everything a run of one agent shows too."""

from __future__ import annotations

from dataclasses import dataclass

from agents.chat.answers import Thought, Token
from agents.tasks.events import ApprovalWanted, Called, Finished, Noted, Observed
from agents.tasks.team.thread import Message  # noqa: TC001 - the events' types are read at run time


@dataclass(frozen=True, slots=True)
class Speaking:
    """A member's turn begins (or goes on after an approval); tokens that follow are its own."""

    member: str


@dataclass(frozen=True, slots=True)
class Spoke:
    """A member's turn is over."""

    message: Message


TeamEvent = Speaking | Thought | Token | Called | ApprovalWanted | Observed | Noted | Spoke | Finished
"""What `Team.stream` yields; `Finished` is the last, whatever happens."""
