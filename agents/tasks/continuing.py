"""What certainly comes next in a step: the calls that need no model to be thought of.

A sum or a date stands in the words of the step, or facts come to one, or they answer it as they are. Where a tool of the
user's own was called for several things ('Hydrology and Support') and the task asks what they are together, what it gave is
added up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from agents.proof.asked import asked_for
from agents.proof.numbers import claimed
from agents.proof.operations import APART, TOGETHER, to_work_out
from agents.proof.rarity import content_terms
from agents.tasks.adding import onto, operation
from agents.tasks.amounts import Reckoning, amounts_of, nearest, written
from agents.tasks.by_rule import finding_line
from agents.tasks.composing import has_value, value_line
from agents.tasks.events import StepRecord
from agents.tasks.grounding import share, with_its_kind
from agents.tasks.known import currency_in, facts_for, file_wanted, known, only_asks
from agents.tasks.limits import beyond
from agents.tasks.moves import CALCULATE, CALENDAR, SEARCH, TABLES, Move, move_to
from agents.tasks.own_tools import OwnTools, asks_now
from agents.tasks.per_one import times
from agents.tasks.rates import conversion, converting
from agents.tasks.reckoning import reckoned
from agents.tasks.spoken_tools import arithmetic, calendar, is_sum
from agents.tasks.state import State
from agents.tools.choosing import NEAR
from agents.tools.tool import BadArguments, Tool
from ingest.language import say

WRITE = "write_file"
_ALL = re.compile(r"\b(?:all|them|these|those)\b|全|都|这些|那些|[它他她]们", re.IGNORECASE)
"""What was counted before, taken together."""


class Continuing:
    """Says what is certain of a step at any time."""

    def __init__(
        self, own: OwnTools, *, quotes: bool, searches: bool = False, calls: bool = True, writes: bool = True
    ) -> None:
        """`quotes`: whether a fact that answers a step ends it, or is left to the model to word;
        `searches`: whether a step begins with a search for what was not searched for yet;
        `calls`: whether a model chooses what this leaves open;
        `writes`: whether facts that a file is asked for are written as they stand: small models say them instead."""
        self._searches = searches
        self._calls = calls
        self._writes = writes
        self._own = own
        self._quotes = quotes

    def next(self, state: State, records: Sequence[StepRecord], tools: Sequence[Tool]) -> Move | None:
        """The move that is certain now; None when the model is to say."""
        made = [records[turn.record] for turn in state.turns if turn.kind == "call"]
        move = self._next(state, made, records, tools)
        return self._enough(made, state, records, tools) if move is None and made else move

    def _next(
        self, state: State, made: Sequence[StepRecord], records: Sequence[StepRecord], tools: Sequence[Tool]
    ) -> Move | None:
        step = state.step
        assert step is not None
        by_name = {tool.name: tool for tool in tools}
        move = _written(step.goal, state, made, by_name) if self._writes else None
        if move is not None and (move.gave_up is None or not self._calls):
            return move
        if (move := _certain(step.goal, state, made, records, by_name, self._counted(state, records))) is not None:
            return move
        if not made:
            return (
                self._known(state, step.goal, tools)
                or self._limited(state, step.goal, records, by_name)
                or self._given(state, step.goal, records)
                or self._converted(state, step.goal, tools)
                or self._searched(state, step.goal, by_name)
            )
        own = [record for record in made if record.call.tool in self._own and record.call.risk == "read"]
        if not own:
            return None
        tool, last = by_name.get(own[-1].call.tool), made[-1]
        rate = _number(own[-1])[0]
        expression = converting(step.goal, state.evidence, own[-1], rate, tool) if tool else ""
        if own[-1] is not last:
            worked_out = bool(expression) and last.call.arguments.get("expression") == expression
            return _exchanged(last, step.goal) if worked_out else self._summed(last, own, step.goal, state.task)
        if tool is None:
            return None
        if last.observation.error:
            whole = with_its_kind(last.call.arguments, step.goal)
            if whole is not None and whole not in _given(made):
                return move_to(tool, whole)
            if not asks_now(step.goal) and (finding := known(step.goal, state.task, state.evidence)):
                return Move(finding=finding)
        if expression and expression == rate:  # the tool was given the amount
            return _exchanged(last, step.goal)
        if expression and CALCULATE in by_name:
            return move_to(by_name[CALCULATE], {"expression": expression})
        return self._sum(state, step.goal, own, by_name.get(CALCULATE))

    def _counted(self, state: State, records: Sequence[StepRecord]) -> StepRecord | None:
        """The call of the user's own tool that ended the step before."""
        assert state.step is not None
        before = state.plan[state.plan.index(state.step) - 1] if state.step != state.plan[0] else None
        made = [r for r in records if before and before.state == "done" and r.call.step == before.id]
        return made[-1] if made and made[-1].call.tool in self._own and not made[-1].observation.error else None

    def _enough(
        self, made: Sequence[StepRecord], state: State, records: Sequence[StepRecord], tools: Sequence[Tool]
    ) -> Move | None:
        """What the calls brought, where the last one brought a value of which nothing is left to be worked out: the model need
        not be asked to say it again. Not of a tool that the step may not mean, nor of a call that was made before."""
        last, step = made[-1], state.step
        assert step is not None
        if not self._quotes or not has_value(last):
            return None
        meant = self._own.meant(step.goal, tools) if last.call.tool in self._own else None
        same = [r for r in records if (r.call.tool, r.call.arguments) == (last.call.tool, last.call.arguments)]
        if len(same) > 1 or (last.call.tool in self._own and (meant is None or meant.name != last.call.tool)):
            return None
        if (
            last.call.tool not in (CALCULATE, CALENDAR)
            and not _one_cell(last)
            and to_work_out(step.goal, last.observation.text)
        ):
            return None
        return Move(finding="\n".join(value_line(record) for record in made if has_value(record)))

    def _known(self, state: State, goal: str, tools: Sequence[Tool]) -> Move | None:
        """The fact that answers the step, unless a tool of the user's own may be meant."""
        if not self._quotes or state.turns or not (finding := known(goal, state.task, state.evidence)):
            return None
        return None if self._own.meant(goal, tools) else Move(finding=finding)

    def _limited(
        self, state: State, goal: str, records: Sequence[StepRecord], tools: Mapping[str, Tool]
    ) -> Move | None:
        """What the documents say of a value such as a call in an earlier step gave: 'What is the pressure? Is that all right?'"""
        own = [r for r in records if r.call.tool in self._own and r.call.risk == "read" and not r.observation.error]
        if state.turns or not own or asked_for(goal).particular or own[-1].call.tool not in tools:
            return None
        value, asked = _number(own[-1])[0], next((s.goal for s in state.plan if s.id == own[-1].call.step), "")
        about = f"{asked} {tools[own[-1].call.tool].description}"
        limit = beyond(Fraction(value), about, [hit.text for hit in state.evidence.hits]) if value else ""
        return Move(finding=limit) if limit else None

    def _given(self, state: State, goal: str, records: Sequence[StepRecord]) -> Move | None:
        """What a call of the user's own tool in an earlier step gave, where it says a word of what is asked: 'Reserve Hall A. What is
        the code?', 'Reserved. Code: H-701'."""
        if state.turns or not only_asks(goal, state.task):
            return None
        asked = content_terms(goal)
        own = (r for r in reversed(records) if r.call.tool in self._own and not r.observation.error)
        found = next(
            (
                record
                for record in own
                if asked & content_terms(record.observation.text) - content_terms(record.call.tool)
            ),
            None,
        )
        return Move(finding=finding_line(found)) if found else None

    def _converted(self, state: State, goal: str, tools: Sequence[Tool]) -> Move | None:
        """The call of the user's own tool that knows what one currency is worth in another, where that is what is asked."""
        own = self._own.among(tools)
        calls = [
            (near, tool, arguments)
            for near, tool in zip(self._own.near(goal, own), own, strict=True)
            if near >= NEAR and tool.risk == "read" and (arguments := conversion(goal, state.evidence, tool))
        ]
        if state.turns or not calls:
            return None
        _, tool, arguments = max(calls, key=lambda call: call[0])
        try:
            return move_to(tool, arguments)
        except BadArguments:
            return None

    def _searched(self, state: State, goal: str, tools: Mapping[str, Tool]) -> Move | None:
        """The search for a step that a plan has beside the parts of the task, which were searched for at the beginning."""
        answered = {answer.part for answer in state.evidence.answers}
        if not self._searches or state.turns or not answered or goal in answered or SEARCH not in tools:
            return None
        return move_to(tools[SEARCH], {"query": goal})

    def _sum(self, state: State, goal: str, own: Sequence[StepRecord], calculator: Tool | None) -> Move | None:
        """What the calls gave, added up or taken from one another where that is asked for and all gave a number of one kind."""
        if calculator is None or not (expression := _combined(own, f"{goal}\n{state.task}")):
            return None
        told = say(en="what it gave is added up", zh="将各项结果相加")
        return replace(move_to(calculator, {"expression": expression}), repaired=told)

    def _summed(self, last: StepRecord, own: Sequence[StepRecord], goal: str, task: str) -> Move | None:
        """What the calls came to, when the last of all has added up what they gave."""
        if (
            last.observation.error
            or not (combined := _combined(own, f"{goal}\n{task}"))
            or last.call.arguments.get("expression") != combined
        ):
            return None
        return Move(finding="\n".join(finding_line(r) for r in [*own, last] if not r.observation.error))


def _one_cell(record: StepRecord) -> bool:
    """Whether a call is a query that brought one value: the table has worked it out."""
    data = record.observation.data
    return record.call.tool == TABLES and isinstance(data, dict) and [len(row) for row in data.get("rows", ())] == [1]


def _given(made: Sequence[StepRecord]) -> list[dict[str, Any]]:
    return [dict(record.call.arguments) for record in made]


def _combined(own: Sequence[StepRecord], asked: str) -> str:
    """What several calls of one tool gave, added up, or of two the less from the more, as is `asked`; '' where it is not, or they
    gave anything but one number each, of one kind."""
    good = [record for record in own if not record.observation.error]
    numbers = [_number(record) for record in good]
    alike = len({kind for _, kind in numbers}) == 1 == len({record.call.tool for record in good})
    if len(good) < 2 or not alike or not all(text for text, _ in numbers):
        return ""
    if TOGETHER.search(asked):
        return " + ".join(text for text, _ in numbers)
    more = sorted((text for text, _ in numbers), key=float, reverse=True)
    return " - ".join(more) if APART.search(asked) and len(more) == 2 else ""


def _exchanged(last: StepRecord, goal: str) -> Move | None:
    """The amount in the currency that is asked for, once it is worked out."""
    return None if last.observation.error else Move(finding=f"{finding_line(last)} {currency_in(goal)}")


def _written(goal: str, state: State, made: Sequence[StepRecord], tools: Mapping[str, Tool]) -> Move | None:
    """The facts that a file is asked for, into that file, of a name that none has: the user is shown the call first."""
    name, evidence = file_wanted(goal, state.task, state.evidence), state.evidence
    if WRITE not in tools or not name:
        return None
    if wrote := next((record for record in made if record.call.tool == WRITE), None):
        error = wrote.observation.error
        return Move(gave_up=error) if error else Move(finding=finding_line(wrote))
    if not made and (facts := facts_for(goal, evidence)):
        text = "\n".join(dict.fromkeys(fact.sentence for fact in facts))
        return move_to(tools[WRITE], {"path": name, "text": text})
    return Move(gave_up=say(en=f"nothing was found to write to {name}", zh=f"没有找到可写入 {name} 的内容"))


def _certain(
    goal: str,
    state: State,
    made: Sequence[StepRecord],
    records: Sequence[StepRecord],
    tools: Mapping[str, Tool],
    counted: StepRecord | None,
) -> Move | None:
    """The call that the words of a goal, the facts or a table come to, and once it is made what it brought; None where
    there is none, or it failed."""
    certain = _worded(goal, tools) or _for_all(goal, state, counted) or _reckoned(goal, state, records)
    if certain is None or certain.tool not in tools:
        return None
    if not made:
        return move_to(tools[certain.tool], certain.arguments)
    if len(made) > 1 or made[0].call.tool != certain.tool or made[0].observation.error:
        return None
    return Move(finding=f"{value_line(made[0])} {certain.unit}".rstrip())


def _for_all(goal: str, state: State, counted: StepRecord | None) -> Reckoning | None:
    """What is so much for one, as often as the call before has counted: 'How many people are waiting? How long will they all
    take?'"""
    count = _number(counted)[0] if counted is not None and _ALL.search(goal) and asked_for(goal).wants_number else ""
    if not count or counted is None:
        return None
    of = content_terms(" ".join(map(str, counted.call.arguments.values())))
    found = [
        (share(of, content_terms(clause)), (amount.figure, amount.label))
        for _, amount, clause in amounts_of(facts_for(goal, state.evidence), goal)
    ]
    best = nearest(list(dict.fromkeys(found)))
    return Reckoning(CALCULATE, {"expression": f"{written(best[0])} * {count}"}, best[1]) if best else None


def _reckoned(goal: str, state: State, records: Sequence[StepRecord]) -> Reckoning | None:
    """What the facts come to, or so many times what the step before found out, or that and what is to be added."""
    before = next((step for step in reversed(state.plan[: state.plan.index(state.step)]) if step.state == "done"), None)
    if before and operation(goal):
        return onto(goal, before, records, state.evidence)
    if before:
        row = all(re.search("[:：]", cell) for cell in re.split("[;；]", before.finding))
        if several := times(goal, [(before.finding, row)], before.goal):
            return several
    return reckoned(goal, state.evidence)


def _worded(goal: str, tools: Mapping[str, Tool]) -> Reckoning | None:
    """The call that stands in the words of a goal."""
    if CALENDAR in tools and (dates := calendar(goal)):
        return Reckoning(CALENDAR, dates)
    return Reckoning(CALCULATE, {"expression": arithmetic(goal)}) if CALCULATE in tools and is_sum(goal) else None


def _number(record: StepRecord) -> tuple[str, str]:
    """The one number that a call gave and its unit; ('', '') when it gave none or several."""
    data = record.observation.data
    if isinstance(data, int | float) and not isinstance(data, bool):
        return f"{data}", ""
    found = claimed(record.observation.text)
    if len(found) != 1:
        return "", ""
    return written(found[0].value if found[0].figure is None else found[0].figure), found[0].kind
