"""Plan and calls without a model's judgement, for models that have none: each part of the task is looked up or worked
out, and what is found is quoted."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Protocol

from agents.proof.operations import to_work_out
from agents.proof.quotes import best_quotes, nearest_statements
from agents.proof.similarity import Closeness
from agents.proof.sources import Citation, Pages
from agents.tasks.events import RunEvent, StepRecord
from agents.tasks.known import answered
from agents.tasks.moves import CALCULATE, CALENDAR, SEARCH, TABLES, Move, move_to
from agents.tasks.own_tools import OwnTools, asks_now
from agents.tasks.spoken_tools import arithmetic
from agents.tasks.state import State
from agents.tasks.work import Work
from agents.tools.tool import Tool
from ingest.documents import Hit
from ingest.evidence import Evidence
from ingest.language import say


class Reads(Pages, Protocol):
    """The part of the library that quoting needs."""

    def evidence(self, query: str, hits: Sequence[Hit], kb: str = ...) -> Evidence:
        """Whether hits are enough to answer from."""
        ...


class RuleCaller:
    """A sum goes to the calculator, everything else is searched for; the finding is what was found, quoted."""

    def __init__(
        self,
        reads: Reads,
        closeness: Closeness | None,
        own: OwnTools,
        certain: Callable[[State, Sequence[StepRecord], Sequence[Tool]], Move | None],
    ) -> None:
        """`certain` knows the move that a step's words and facts come to, if any (`agents.tasks.continuing`)."""
        self._reads = reads
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
            if asks_now(step.goal) and (failed := _failed(made, self._own)):
                return Move(gave_up=failed)
            return Move(finding="\n".join(lines)) if len(lines) > 1 else self._finding(step.goal, state, made[-1])
        own = yield from self._own.call(step.goal, state, work, tools, guesses=False)
        return Move(calls=own) if own else self._call(step.goal, by_name)

    def _call(self, goal: str, by_name: Mapping[str, Tool]) -> Move:
        if CALCULATE in by_name and (expression := arithmetic(goal)):
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
            finding = finding_of(goal, state.kb, record, self._reads, self._closeness, self._own)
        if finding:
            if record.call.risk == "read" and to_work_out(goal, finding):
                return Move(
                    gave_up=say(en="it could not be worked out", zh="未能算出结果")
                )  # what is known still stands below
            return Move(finding=finding)
        if observation.hits:
            return Move(gave_up=say(en="the documents don't answer this", zh="文档中没有答案"))
        return Move(gave_up=say(en="nothing was found", zh="没有找到任何内容"))


def _failed(made: Iterable[StepRecord], own: OwnTools) -> str:
    """The error of the user's own tool; '' where none failed."""
    return next((r.observation.error or "" for r in made if r.call.tool in own and r.observation.error), "")


def finding_of(
    goal: str, kb: str, record: StepRecord, reads: Reads, closeness: Closeness | None, orders: Iterable[str] = ()
) -> str:
    """What a call brought on `goal`: of passages the statements that answer it, of anything else its beginning; '' when
    that is nothing."""
    observation = record.observation
    if not observation.hits:
        # What columns a table has is something to choose from, and no finding.
        described = record.call.tool == TABLES and not record.call.arguments.get("sql")
        return "" if described or record.call.tool == SEARCH else finding_line(record)
    quotes = quotes_of(goal, observation.hits, kb, reads, closeness, orders)
    return " ".join(dict.fromkeys(found.sentence for found in quotes))[:600]


def finding_line(record: StepRecord) -> str:
    """What a call that found no passages brought, in a line that says where it is from."""
    text = " ".join(record.observation.text.split())[:300]
    if not text or record.call.tool in (CALCULATE, CALENDAR):
        return text
    values = ", ".join(str(value) for value in record.call.arguments.values())
    return f"{record.call.tool} ({values[:100]}): {text}" if values else f"{record.call.tool}: {text}"


def quotes_of(
    goal: str, hits: Sequence[Hit], kb: str, reads: Reads, closeness: Closeness | None, orders: Iterable[str] = ()
) -> tuple[Citation, ...]:
    """The proven statements of `hits` that answer `goal`; none when the hits are not evidence enough, and none that name one of
    `orders`, the user's tools: no document speaks of them but to have them called."""
    if not hits or not reads.evidence(goal, hits, kb=kb).sufficient:
        return ()
    quotes = best_quotes(nearest_statements(goal, hits, reads, closeness))
    return tuple(quote for quote in quotes if not any(name in quote.sentence for name in orders))
