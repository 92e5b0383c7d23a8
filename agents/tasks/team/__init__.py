"""Several models at one task: each member has its own part, tools and model, and all of them read one thread."""

from __future__ import annotations

from agents.tasks.events import Message
from agents.tasks.team.members import Member
from agents.tasks.team.speakers import HandOff, RoundRobin, Selector
from agents.tasks.team.termination import (
    ApprovalTermination,
    Condition,
    ExternalTermination,
    FunctionCallTermination,
    HandoffTermination,
    MaxMessageTermination,
    SourceMatchTermination,
    Stop,
    TextMentionTermination,
    TimeoutTermination,
    TokenUsageTermination,
)
from agents.tasks.team.thread import Thread

__all__ = [
    "ApprovalTermination",
    "Condition",
    "ExternalTermination",
    "FunctionCallTermination",
    "HandOff",
    "HandoffTermination",
    "MaxMessageTermination",
    "Member",
    "Message",
    "RoundRobin",
    "Selector",
    "SourceMatchTermination",
    "Stop",
    "TextMentionTermination",
    "Thread",
    "TimeoutTermination",
    "TokenUsageTermination",
]
