"""The plan: a few steps, cut to what the task asks for, and changes to it when a step has failed.

Changes are applied by code: whatever a model asks for, the plan stays one, and every change has its reason. Its user sees it,
and may change it, before anything of it is carried out: that is one more call that waits for approval, shown, edited,
approved and rejected as any other, from a page, the terminal or a program, and there after a restart. Its one argument is
the goals of the steps, in order.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import prompts
from agents.chat.parts import parts
from agents.chat.translation import translation
from agents.llm.asking import Reply
from agents.proof.numbers import agrees, claimed, stated
from agents.proof.rarity import content_terms
from agents.tasks.approval import Decision
from agents.tasks.effort import Effort, Profile
from agents.tasks.events import Call, Noted, Planned, PlanStep, Revised, RunEvent
from agents.tasks.grounding import share
from agents.tasks.known import answered
from agents.tasks.moves import CHANGE, PLAN, answered_here
from agents.tasks.opening import Opening
from agents.tasks.own_tools import OwnTools
from agents.tasks.reckoning import reckoned
from agents.tasks.remembering import plan_rows
from agents.tasks.replies import listed_in, loops_own, moves_in
from agents.tasks.state import State
from agents.tasks.work import Work
from agents.tools.tool import Tool
from ingest.errors import ModelError
from ingest.language import language_name, say
from prompts import neutral

_TRANSLATION = 200
TOUCHES = 0.4
"""Share of a step's words that task or evidence have from which on it is about the task; of a part's words that a step
has from which on it takes care of the part."""
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


class Planner:
    """Asks the model where a plan is worth a question; else, and where it gives none, the parts of the task are the plan."""

    def __init__(self, profile: Profile, effort: Effort, opening: Opening, own: OwnTools) -> None:
        self._own = own
        self._profile = profile
        self._effort = effort
        self._opening = opening
        self._asks = profile.plans and effort.moves > 0

    def live(self, state: State, tools: Sequence[Tool]) -> tuple[str, ...]:
        """The parts of the task that only a tool of the user's knows."""
        return tuple(one.part for one in state.evidence.answers if self._own.alone_know(one.part, tools))

    def translated(self, state: State, work: Work, tools: Sequence[Tool]) -> Generator[RunEvent, None, dict[str, str]]:
        """The parts of the task that nothing answers and no tool of the user's may be for, in the language of what was found for them,
        as far as the model says them in it."""
        found: dict[str, str] = {}
        for answer in state.evidence.answers if self._asks else ():
            part, language = answer.part, answer.foreign
            if language is None or self._own.may_know(part, tools):
                continue
            if self._known(part, state):
                continue
            prompt = prompts.load("translate", language)
            try:
                reply = yield from work.ask(prompt, prompt.render(question=neutral(part)), max_tokens=_TRANSLATION)
            except ModelError:  # it was not needed so far
                return {}
            if said := translation(reply.text, part, language):
                found[part] = said
        return found

    def plan(self, state: State, work: Work, tools: Sequence[Tool]) -> Iterator[RunEvent]:
        """Put a plan into `state`. What rules answer is a step as it stands, and where that is all no model is asked."""
        asked = parts(state.task)
        known = [part for part in asked if self._known(part, state)]
        plans = self._effort.plans or (self._profile.kind == "able" and len(asked) > 1)
        if not self._asks or not plans or known == asked:
            yield _planned(state, asked)
            return
        prompt = prompts.load("plan", state.lang)
        messages = self._opening.messages(prompt, state, language=language_name(state.code))
        for attempt in (1, 2):
            reply, changes = yield from self._ask(prompt, messages, state, work, tools)
            added = (change.get("goal") for change in changes)
            goals = [" ".join(goal.split())[:300] for goal in added if isinstance(goal, str) and goal.strip()]
            goals = list(dict.fromkeys(goals)) or listed_in(reply.text)
            if goals:
                yield _planned(state, fitted(goals, state, self._effort.spare, known), prompt)
                return
            problem = say(
                en='There was no plan in your reply. Call change_plan with "add", the goals of the steps.',
                zh='您的回复中没有计划。请调用 change_plan，以 "add" 列出各步骤的目标。',
            )
            if attempt == 1:
                yield Noted("asked_again", problem)
                messages = [*messages, ("ai", neutral(reply.text[:1000]) or "…"), ("human", problem)]
        yield Noted(
            "repaired",
            say(en="no plan was given: the parts of the task are the plan", zh="没有给出计划：以任务的各部分为步骤"),
        )
        yield _planned(state, asked)

    @staticmethod
    def _known(part: str, state: State) -> bool:
        """Whether rules answer it from what was found."""
        return bool(answered(part, state.task, state.evidence) or reckoned(part, state.evidence))

    def mend(
        self, state: State, work: Work, tools: Sequence[Tool], problem: str
    ) -> Generator[RunEvent, None, Sequence[Mapping[str, Any]]]:
        """The model's changes after the current step has failed; none where the effort leaves no room for them."""
        if not self._asks or state.revisions >= self._effort.revisions:
            return ()
        prompt = prompts.load("revise", state.lang)
        messages = self._opening.messages(
            prompt,
            state,
            plan=plan_rows(state, 1500),
            id=str(state.current),
            problem=neutral(problem),
            language=language_name(state.code),
        )
        _, changes = yield from self._ask(prompt, messages, state, work, tools)
        return [{**change, "step": state.current} if change["change"] == "add" else change for change in changes]

    def _ask(
        self, prompt: prompts.Prompt, messages: list[Any], state: State, work: Work, tools: Sequence[Tool]
    ) -> Generator[RunEvent, None, tuple[Reply, Sequence[Mapping[str, Any]]]]:
        """The reply, and the changes that it calls for."""
        shown = self._opening.tools(state, tools)
        choice, specs = self._opening.forced(CHANGE), self._opening.specs(state, shown)
        reply = yield from work.ask(prompt, messages, tools=specs, choice=choice, max_tokens=self._profile.reply)
        move = moves_in(reply, shown, loops_own)
        return reply, move.changes if move else ()


def _planned(state: State, goals: Sequence[str], prompt: prompts.Prompt | None = None) -> Planned:
    """`goals` as the plan, its steps numbered from 1; by rule where no `prompt` asked for it."""
    state.plan = tuple(PlanStep(n, goal) for n, goal in enumerate(goals, 1))
    state.ids = len(state.plan)
    return Planned(state.plan, by="model", prompt=prompt.use) if prompt else Planned(state.plan, by="rule")


def fitted(goals: Sequence[str], state: State, spare: int, known: Sequence[str] = ()) -> list[str]:
    """A model's plan cut to the task: without steps on what neither task nor evidence speaks of, at most `spare` more than
    the task has parts, and with a step for each part that none takes care of, or that is `known`. The parts themselves where
    nothing is left.
    """
    asked = parts(state.task)
    task = content_terms(state.task)
    read = task | content_terms(" ".join(f"{p.source} {p.text}" for p in state.evidence.passages))
    numbers = stated(state.task)

    def touches(goal: str) -> bool:
        """By its words, or by a number of the task: 'add 5 to them'."""
        own = content_terms(goal)
        return bool(own & task and share(own, read) >= TOUCHES) or any(agrees(n, numbers) for n in claimed(goal))

    def covers(goal: str, part: str) -> bool:
        return share(content_terms(part), content_terms(goal)) >= TOUCHES

    kept = [goal for goal in goals if touches(goal) and not any(covers(goal, part) for part in known)]
    if not kept:
        return asked
    kept = kept[: len(asked) + spare]
    if len(asked) == 1:  # any step on the task is on its only part
        return kept
    left = [part for part in asked if not any(covers(goal, part) for goal in kept)]
    return [*kept[: len(asked) + spare - len(left)], *left]


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
