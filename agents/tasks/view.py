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
    view = RunView()
    current = 0
    for event in events:
        if not isinstance(event, Thought | Token):
            view = replace(view, thoughts="")
        match event:
            case Planned(plan):
                view = _planned(view, plan)
            case Revised(_, reason, plan):
                view = replace(_planned(view, plan), changes=(*view.changes, reason))
            case StepStarted(step) | StepEnded(step):
                current = step.id
                view = _with(view, _of(view, step.id, step), step=step, calling=None)
            case Called(call):
                view = _with(replace(view, pending=None), _of(view, call.step), calling=call)
            case ApprovalWanted(call):
                view = replace(view, pending=call)
            case Observed(record):
                found = _of(view, record.call.step)
                view = replace(view, pending=None)
                view = _with(view, found, records=(*found.records, record) if found else (), calling=None)
            case Noted(kind, text):
                if kind == "retried":  # what was streamed of that reply comes anew
                    view = replace(view, text="")
                found = _of(view, current)
                view = _with(view, found, notes=(*found.notes, text) if found else ())
            case Thought(text):
                view = replace(view, thoughts=view.thoughts + text)
            case Token(text):
                view = replace(view, text=view.text + text)
            case Finished(result):
                view = replace(_planned(view, result.plan or tuple(s.step for s in view.steps)), result=result)
    return view


def _planned(view: RunView, plan: tuple[PlanStep, ...]) -> RunView:
    """The plan in its new order; a step that is known keeps what was done for it."""
    known = {found.step.id: found for found in view.steps}
    kept = [replace(known[step.id], step=step) if step.id in known else StepView(step) for step in plan]
    gone = [found for found in view.steps if found.step.id not in {step.id for step in plan}]
    return replace(view, steps=(*kept, *gone))


def _of(view: RunView, step: int, new: PlanStep | None = None) -> StepView | None:
    found = next((found for found in view.steps if found.step.id == step), None)
    return found or (StepView(new) if new is not None else None)


def _with(view: RunView, found: StepView | None, **changes: object) -> RunView:
    """`view` with one step changed; unchanged when that step is not known."""
    if found is None:
        return view
    changed = replace(found, **changes)  # type: ignore[arg-type] # fields of StepView, by name
    if all(other.step.id != found.step.id for other in view.steps):
        return replace(view, steps=(*view.steps, changed))
    return replace(view, steps=tuple(changed if s.step.id == found.step.id else s for s in view.steps))
