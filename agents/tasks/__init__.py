"""The agent loop: a task is planned, carried out call by call, revised, and written up with its proof.

Code owns plan, budgets and the end; the model is asked narrow questions. A run is saved before every event and can
be resumed after a crash; it never ends without saying how.
"""

from __future__ import annotations

from agents.tasks.approval import Policy
from agents.tasks.budget import Budget
from agents.tasks.events import (
    ApprovalWanted,
    Call,
    Called,
    Finished,
    Noted,
    Observed,
    Planned,
    PlanStep,
    Result,
    Revised,
    RunEvent,
    Status,
    StepEnded,
    StepRecord,
    StepStarted,
)

__all__ = [
    "ApprovalWanted",
    "Budget",
    "Call",
    "Called",
    "Finished",
    "Noted",
    "Observed",
    "PlanStep",
    "Planned",
    "Policy",
    "Result",
    "Revised",
    "RunEvent",
    "Status",
    "StepEnded",
    "StepRecord",
    "StepStarted",
]
