"""Changes to a plan, applied by code: whatever a model asks for, the plan stays one, and every change has its reason."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from agents.tasks.events import PlanStep, Revised, RunEvent
from agents.tasks.state import State

MOST_REVISIONS = 6
"""Of a run: a plan that is mended more often is going in circles."""
MOST_ADDED = 5
"""Steps one revision may add."""
_LONGEST_PLAN = 400


def revise(state: State, changes: Sequence[Mapping[str, Any]], otherwise: str) -> Generator[RunEvent, None, bool]:
    """Apply what makes sense of `changes`, each told as `Revised`; `otherwise` is the reason where none is given.
    Returns whether anything changed."""
    if state.revisions >= MOST_REVISIONS or not changes:
        return False
    changed = added = 0
    for change in changes[:20]:
        kind = str(change.get("change", "")).lower()
        reason = " ".join(str(change.get("reason") or otherwise).split())[:300]
        if kind == "add":
            added += 1
            if added > MOST_ADDED:
                continue
        done = _apply(state, kind, change)
        if done:
            changed += 1
            yield Revised(done, reason, state.plan)
    state.revisions += bool(changed)
    return bool(changed)


def _apply(state: State, kind: str, change: Mapping[str, Any]) -> Literal["add", "drop", "reorder"] | None:
    step = _step(state, change.get("step", change.get("id")))
    if kind == "reorder":
        return "reorder" if _reorder(state, change.get("order")) else None
    if kind == "drop":
        if step is None or step.state not in ("open", "failed", "active"):
            return None
        state.put(replace(step, state="dropped"))
        return "drop"
    goal = " ".join(str(change.get("goal") or "").split())[:300]
    again = any(s.goal.casefold() == goal.casefold() and s.state != "dropped" for s in state.plan)
    if kind != "add" or not goal or again or len(state.plan) >= _LONGEST_PLAN:
        return None
    state.ids += 1
    new = PlanStep(state.ids, goal)
    after = step.id if step is not None else _last_begun(state)
    at = next((n for n, s in enumerate(state.plan, 1) if s.id == after), len(state.plan))
    state.plan = (*state.plan[:at], new, *state.plan[at:])
    # A step that failed and got another in its place is no failure of the run any more.
    if step is not None and step.state == "failed":
        state.put(replace(step, state="dropped"))
    return "add"


def _reorder(state: State, order: Any) -> bool:  # noqa: ANN401 - whatever the model wrote
    if not isinstance(order, list):
        return False
    free = [step for step in state.plan if step.state == "open"]
    ids = [number for item in order if (number := _number(item)) is not None]
    by_id = {step.id: step for step in free}
    first = [by_id[i] for i in dict.fromkeys(ids) if i in by_id]
    ordered = [*first, *(step for step in free if step not in first)]
    if not first or ordered == free:
        return False
    turn = iter(ordered)
    state.plan = tuple(next(turn) if step.state == "open" else step for step in state.plan)
    return True


def _step(state: State, wanted: Any) -> PlanStep | None:  # noqa: ANN401 - whatever the model wrote
    number = _number(wanted)
    return next((step for step in state.plan if step.id == number), None)


def _number(value: Any) -> int | None:  # noqa: ANN401 - whatever the model wrote
    try:
        return int(str(value).strip().rstrip("."))
    except ValueError:
        return None


def _last_begun(state: State) -> int:
    begun = [step.id for step in state.plan if step.state != "open"]
    return begun[-1] if begun else 0
