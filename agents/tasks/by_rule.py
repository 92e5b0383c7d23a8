"""Plan and calls without a model's judgement, for models that have none: each part of the task is looked up or worked
out, and what is found is quoted."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence

from agents.proof.similarity import Closeness
from agents.tasks.events import RunEvent, StepRecord
from agents.tasks.evidence import Library
from agents.tasks.findings import finding_line, finding_of
from agents.tasks.grounding import with_its_kind
from agents.tasks.known import answered
from agents.tasks.moves import CALCULATE, SEARCH, Move, move_to
from agents.tasks.own_tools import OwnTools, asks_now
from agents.tasks.spoken_tools import arithmetic
from agents.tasks.state import State
from agents.tasks.work import Work
from agents.tools.tool import Tool
from ingest.language import say


class RuleCaller:
    """What is not certain is asked of a tool of the user's, or searched for; the finding is what was found, quoted."""

    def __init__(
        self,
        library: Library,
        closeness: Closeness | None,
        own: OwnTools,
        certain: Callable[[State, Sequence[StepRecord], Sequence[Tool]], Move | None],
    ) -> None:
        """`certain` knows the move that a step's words and facts come to, if any (`agents.tasks.continuing`)."""
        self._library = library
        self._closeness = closeness
        self._own = own
        self._certain = certain

    def next(self, state: State, work: Work, tools: Sequence[Tool]) -> Generator[RunEvent, None, Move]:
        """One call, then its finding."""
        step = state.step
        assert step is not None
        made = [work.records[turn.record] for turn in state.turns if turn.kind == "call"]
        by_name = {tool.name: tool for tool in tools}
        if (move := self._certain(state, work.records, tools)) is not None:
            return move
        if made:
            lines = [
                finding_line(record)
                for record in made
                if record.call.tool in self._own and not record.observation.error
            ]
            told = [r.call.arguments for r in made if not r.observation.error]  # called 'mill' first, then 'mill pond'
            vain = (
                r for r in made if r.call.tool in self._own and with_its_kind(r.call.arguments, step.goal) not in told
            )
            failed = (r.observation.error for r in vain if r.observation.error)
            if asks_now(step.goal) and (error := next(failed, None)):
                return Move(gave_up=error)
            return Move(finding="\n".join(lines)) if len(lines) > 1 else self._finding(step.goal, state, made[-1])
        own = yield from self._own.call(step.goal, state, work, tools, guesses=False)
        return Move(calls=own) if own else self._call(step.goal, by_name)

    def _call(self, goal: str, by_name: Mapping[str, Tool]) -> Move:
        if CALCULATE in by_name and (expression := arithmetic(goal)):  # among other words
            return move_to(by_name[CALCULATE], {"expression": expression})
        if SEARCH in by_name and re.search(r"\w", goal):
            return move_to(by_name[SEARCH], {"query": goal})
        return Move(gave_up=say(en="there is no tool for this", zh="没有可用于这一步的工具"))

    def _finding(self, goal: str, state: State, record: StepRecord) -> Move:
        observation = record.observation
        if observation.error:
            return Move(gave_up=observation.error)
        if observation.hits and any(answer.part == goal for answer in state.evidence.answers):
            finding = answered(goal, state.task, state.evidence)  # it was looked for at the beginning
        else:
            finding = finding_of(goal, state.kb, record, self._library, self._closeness, self._own)
        if finding:
            return Move(finding=finding)
        return Move(gave_up=say(en="the documents don't answer this", zh="文档中没有答案"))
