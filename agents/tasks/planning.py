"""The planner: a plan of a few steps, cut to what the task asks for; and changes to it when a step has failed."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any

import prompts
from agents.chat.parts import parts
from agents.chat.translation import translation
from agents.llm.asking import Reply
from agents.proof.numbers import agrees, claimed, stated
from agents.proof.rarity import content_terms
from agents.tasks.effort import Effort
from agents.tasks.events import Noted, Planned, PlanStep, RunEvent
from agents.tasks.grounding import share
from agents.tasks.known import answered
from agents.tasks.moves import CHANGE
from agents.tasks.opening import Opening
from agents.tasks.own_tools import OwnTools
from agents.tasks.profile import Profile
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
