"""The planner: free thought, then a plan of a few steps; and changes to it when a step has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import prompts
from agents.llm.counting import estimate
from agents.tasks.by_rule import is_trivial, parts
from agents.tasks.events import Noted, Planned, PlanStep
from agents.tasks.remembering import cut, plan_rows
from agents.tasks.reply_reading import changes_in, plan_in
from ingest.language import language_name, say
from prompts import neutral

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from agents.tasks.events import RunEvent
    from agents.tasks.moves import Chooser
    from agents.tasks.profile import Profile
    from agents.tasks.state import State
    from agents.tasks.work import Work
    from agents.tools.tool import Tool

MOST_STEPS = 12
"""Of a first plan. Longer ones are wishes; steps can be added at work."""
_TOOLS = 12
_LEDGER_TASK = 40
"""Tokens of a task from which on a ledger of facts is worth its question."""


class ModelPlanner:
    """Asks the model; falls back on the task itself as the only step."""

    def __init__(self, profile: Profile, chooser: Chooser | None = None) -> None:
        self._profile = profile
        self._chooser = chooser

    def plan(self, state: State, work: Work, tools: Sequence[Tool]) -> Iterator[RunEvent]:
        """Put a plan into `state`."""
        if is_trivial(state.task):
            first_plan(state, [(state.task, "")])
            yield Planned(state.plan, by="rule")
            return
        if self._profile.kind == "able" and (len(parts(state.task)) > 1 or estimate(state.task) >= _LEDGER_TASK):
            yield from self._keep_ledger(state, work)
        prompt = prompts.load("plan", state.lang)
        messages: list[Any] = prompt.render(
            task=neutral(state.task),
            tools=self._listed(state.task, tools),
            ledger=neutral(state.ledger),
            language=language_name(state.code),
        )
        for attempt in (1, 2):
            reply = yield from work.ask(prompt, messages, max_tokens=self._profile.reply)
            if steps := plan_in(reply.text)[:MOST_STEPS]:
                first_plan(state, steps)
                yield Planned(state.plan, by="model", prompt=prompt.use)
                return
            problem = say(
                en='There was no plan in your reply. Write only JSON: {"steps": [{"goal": "…", "done_when": "…"}]}',
                zh='您的回复中没有计划。请只写 JSON：{"steps": [{"goal": "…", "done_when": "…"}]}',
            )
            if attempt == 1:
                yield Noted("asked_again", problem)
                messages = [*messages, ("ai", neutral(reply.text[:1000]) or "…"), ("human", problem)]
        yield Noted(
            "repaired", say(en="no plan was given: the task is the plan", zh="没有给出计划：以任务本身为唯一步骤")
        )
        first_plan(state, [(state.task, "")])
        yield Planned(state.plan, by="rule", prompt=prompt.use)

    def mend(
        self, state: State, work: Work, tools: Sequence[Tool], problem: str
    ) -> Generator[RunEvent, None, Sequence[Mapping[str, Any]]]:
        """The model's changes after the current step has failed."""
        prompt = prompts.load("revise", state.lang)
        messages = prompt.render(
            task=neutral(state.task),
            plan=plan_rows(state, 1500),
            tools=self._listed(state.task, tools),
            id=str(state.current),
            problem=neutral(problem),
            language=language_name(state.code),
        )
        reply = yield from work.ask(prompt, messages, max_tokens=self._profile.reply)
        return changes_in(reply.text)

    def _keep_ledger(self, state: State, work: Work) -> Iterator[RunEvent]:
        prompt = prompts.load("ledger", state.lang)
        messages = prompt.render(task=neutral(state.task), language=language_name(state.code))
        reply = yield from work.ask(prompt, messages, max_tokens=400)
        state.ledger = cut(reply.text, 400)
        if state.ledger:
            yield Noted("ledger", state.ledger)

    def _listed(self, query: str, tools: Sequence[Tool]) -> list[dict[str, str]]:
        if self._chooser is not None and len(tools) > _TOOLS:
            tools = self._chooser.choose(query, tools, _TOOLS, ())
        return [
            {"name": tool.name, "description": neutral(tool.description.split("\n")[0][:160])}
            for tool in tools[:_TOOLS]
        ]


def first_plan(state: State, steps: Sequence[tuple[str, str]]) -> None:
    """Number the steps from 1."""
    state.plan = tuple(PlanStep(n, goal, done_when) for n, (goal, done_when) in enumerate(steps, 1))
    state.ids = len(state.plan)
