"""Changes to a plan, applied by code: whatever a model asks for, the plan stays one, and every change has its reason; and its
user sees it, and may change it, before anything of it is carried out.

That is one more call that waits for approval: shown, edited, approved and rejected as any other, from a page, the terminal
or a program, and there after a restart. Its one argument is the goals of the steps, in order.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from agents.tasks.approval import Decision
from agents.tasks.events import Call, Planned, PlanStep, Revised, RunEvent
from agents.tasks.moves import PLAN, answered_here
from agents.tasks.state import State
from agents.tools.tool import Tool
from ingest.language import say

MOST_REVISIONS = 6
"""Of a run: a plan that is mended more often is going in circles."""
MOST_ADDED = 5
"""Steps one revision may add."""
_LONGEST_PLAN = 400
PLAN_CALL = "plan"
"""Id of the call; those of a tool's calls begin otherwise."""
MOST_STEPS = 20
LONGEST = 300
"""Characters of a goal."""
_GOALS = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": r"\w"},
    "minItems": 1,
    "maxItems": MOST_STEPS,
}


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


def plan_tool() -> Tool:
    """What an edited plan is held against; nobody calls it."""
    return answered_here(PLAN, "The goals of the steps, in order.", {"steps": _GOALS})


def proposed(state: State) -> Call:
    """The plan, as the call that its user is asked about."""
    return Call(PLAN_CALL, PLAN, {"steps": [step.goal for step in state.plan]}, "read", 0, f"{state.run_id}:plan")


def agreed(state: State, decision: Decision) -> Iterator[RunEvent]:
    """The run goes on by the plan as its user left it, or ends where they want none of it."""
    state.queue, state.next = (), "choose"
    if not decision.approved:
        state.status, state.next = "gave_up", "end"
        state.reason = say(en=f"The plan was rejected. {decision.reason}", zh=f"计划被拒绝。{decision.reason}").strip()
        return
    if decision.arguments is not None:
        _put(state, [" ".join(goal.split()) for goal in decision.arguments["steps"]])
        yield Planned(state.plan, by="user")
    state.agreed = sum(step.state == "open" for step in state.plan)


def _put(state: State, goals: Sequence[str]) -> None:
    """The plan is `goals`: a step that is among them keeps its number, one that is not is dropped."""
    known = {step.goal: step for step in state.plan}
    steps = []
    for goal in dict.fromkeys(goals):
        if goal not in known:
            state.ids += 1
        steps.append(known.pop(goal, PlanStep(state.ids, goal)))
    state.plan = (*steps, *(replace(step, state="dropped") for step in known.values()))
    # What was found beforehand for a part that nobody wants any more is no fact of the result.
    answers = tuple(answer for answer in state.evidence.answers if answer.part not in known)
    facts = tuple(dict.fromkeys(fact for answer in answers for fact in answer.facts))
    state.evidence = replace(state.evidence, answers=answers, facts=facts)
