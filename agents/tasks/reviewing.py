"""A plan that its user sees, and may change, before anything of it is carried out.

It is one more call that waits for approval: shown, edited, approved and rejected as any other, from a page, the terminal
or a program, and there after a restart. Its one argument is the goals of the steps, in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agents.tasks.approval import Decision
from agents.tasks.events import Call, Planned, PlanStep, RunEvent
from agents.tasks.moves import PLAN, answered_here
from agents.tasks.state import State
from agents.tools.tool import Tool
from ingest.language import say

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
