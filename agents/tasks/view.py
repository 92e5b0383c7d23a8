"""A run as its events so far tell it: what a page draws and an export writes down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agents.chat.answers import Thought, Token
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
    StepEnded,
    StepRecord,
    StepStarted,
)


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the plan with what was done for it."""

    step: PlanStep
    records: tuple[StepRecord, ...] = ()
    notes: tuple[str, ...] = ()
    """Repairs, refusals and the like, in order."""
    calling: Call | None = None
    """The call under way."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A whole run."""

    steps: tuple[StepView, ...] = ()
    """The plan as it stands, dropped steps included."""
    changes: tuple[str, ...] = ()
    """Reasons of the plan's revisions."""
    thoughts: str = ""
    """Of the question to the model under way."""
    text: str = ""
    """Of the result, as far as it is written; provisional until there is a result."""
    pending: Call | None = None
    result: Result | None = None

    @property
    def planned(self) -> bool:
        """Whether there is a plan yet."""
        return bool(self.steps)


def view_of(events: Iterable[RunEvent]) -> RunView:  # noqa: C901, PLR0912 - one arm per event
    """What `events`, from a run's first on, come to."""
    view, steps, current = RunView(), dict[int, StepView](), 0
    for event in events:
        if not isinstance(event, Thought | Token):
            view = replace(view, thoughts="")
        match event:
            case Planned(plan):
                steps = _in_order(plan, steps)
            case Revised(_, reason, plan):
                view, steps = replace(view, changes=(*view.changes, reason)), _in_order(plan, steps)
            case StepStarted(step) | StepEnded(step):
                current = step.id
                steps[step.id] = replace(steps.get(step.id, StepView(step)), step=step, calling=None)
            case Called(call):
                view = replace(view, pending=None)
                if found := steps.get(call.step):
                    steps[call.step] = replace(found, calling=call)
            case ApprovalWanted(call):
                view = replace(view, pending=call)
            case Observed(record):
                view = replace(view, pending=None)
                if found := steps.get(record.call.step):
                    steps[record.call.step] = replace(found, records=(*found.records, record), calling=None)
            case Noted(kind, text):
                if kind == "retried":  # what was streamed of that reply comes anew
                    view = replace(view, text="")
                if found := steps.get(current):
                    steps[current] = replace(found, notes=(*found.notes, text))
            case Thought(text):
                view = replace(view, thoughts=view.thoughts + text)
            case Token(text):
                view = replace(view, text=view.text + text)
            case Finished(result):
                view, steps = replace(view, result=result), _in_order(result.plan, steps)
    return replace(view, steps=tuple(steps.values()))


def _in_order(plan: tuple[PlanStep, ...], known: dict[int, StepView]) -> dict[int, StepView]:
    """The steps of `plan` in its order, then the others that are known; each keeps what was done for it."""
    planned = {step.id: replace(known.get(step.id, StepView(step)), step=step) for step in plan}
    return planned | {number: found for number, found in known.items() if number not in planned}
