"""What certainly comes next in a step: the calls that need no model to be thought of.

A sum or a date stands in the words of the step, or facts come to one, or they answer it as they are. Where a tool of the
user's own was called for several things ('Hydrology and Support') and the task asks what they are together, what it gave is
added up.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from agents.proof.asked import asked_for
from agents.proof.numbers import claimed, stated
from agents.proof.operations import ABOVE, APART, BELOW, TOGETHER, to_work_out
from agents.proof.rarity import content_terms
from agents.tasks.amounts import Reckoning, amount_near, worked_out, written
from agents.tasks.events import PlanStep, StepRecord
from agents.tasks.findings import finding_line, has_value, value_line
from agents.tasks.grounding import share, with_its_kind
from agents.tasks.known import currency_in, facts_for, file_wanted, known, met, only_asks, unsure_and_foreign
from agents.tasks.moves import CALCULATE, CALENDAR, SEARCH, TABLES, Move, move_to
from agents.tasks.own_tools import OwnTools
from agents.tasks.proving import call_text
from agents.tasks.rates import conversion, converting
from agents.tasks.reckoning import onto, operation, reckoned
from agents.tasks.spoken_tools import arithmetic, calendar, is_sum
from agents.tasks.state import State
from agents.tasks.tariffs import several_of, times
from agents.tools.choosing import NEAR
from agents.tools.tool import BadArguments, Tool
from ingest.folding import fold
from ingest.language import say
from ingest.sentences import sentences
from ingest.units import MONEY, UNIT, unit

WRITE = "write_file"
_ABOVE, _BELOW = (
    re.compile(rf"(?:{p.pattern}|{more})\s*$", re.IGNORECASE)
    for p, more in ((ABOVE, "[高大多]于|过"), (BELOW, "[低小少]于|未满"))
)
_ABOUT = 0.3
"""Share of the words on the value that such a sentence or those before it have."""
_AROUND = 2
"""Sentences before one, in which stands what it is about."""
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
        assert state.step is not None
        goal, by_name = state.step.goal, {tool.name: tool for tool in tools}
        made = [records[turn.record] for turn in state.turns if turn.kind == "call"]
        move = _written(goal, state, made, by_name) if self._writes else None
        if move is not None and (move.gave_up is None or not self._calls):
            return move
        if (move := self._certain(goal, state, made, records, by_name)) is not None:
            return move
        if made:
            return self._followed(goal, state, made, by_name) or self._enough(made, state, records, tools)
        return None if state.turns else self._begun(goal, state, records, by_name)

    # -- before any call ----------------------------------------------------------------------------------

    def _begun(self, goal: str, state: State, records: Sequence[StepRecord], tools: Mapping[str, Tool]) -> Move | None:
        """What a step comes to, or begins with, whose own words make no call."""
        given = [r for r in records if r.call.tool in self._own and not r.observation.error]
        return (
            self._known(goal, state, tools)
            or _limited(goal, state, [r for r in given if r.call.risk == "read"], tools)
            or _given(goal, state, given)
            or self._converted(goal, state, tools)
            or self._searched(goal, state, tools)
        )

    def _known(self, goal: str, state: State, tools: Mapping[str, Tool]) -> Move | None:
        """The fact that answers the step, unless a tool of the user's own may be meant."""
        if not self._quotes or not (finding := known(goal, state.task, state.evidence)):
            return None
        return None if self._own.meant(goal, tools.values()) else Move(finding=finding)

    def _converted(self, goal: str, state: State, tools: Mapping[str, Tool]) -> Move | None:
        """The call of the user's own tool that knows what one currency is worth in another, where that is what is asked."""
        own = self._own.among(tools.values())
        calls = [
            (near, tool, arguments)
            for near, tool in zip(self._own.near(goal, own), own, strict=True)
            if near >= NEAR and tool.risk == "read" and (arguments := conversion(goal, state.evidence, tool))
        ]
        if not calls:
            return None
        _, tool, arguments = max(calls, key=lambda call: call[0])
        try:
            return move_to(tool, arguments)
        except BadArguments:
            return None

    def _searched(self, goal: str, state: State, tools: Mapping[str, Tool]) -> Move | None:
        """The search for a step that a plan has beside the parts of the task, which were searched for at the beginning."""
        answered = {answer.part for answer in state.evidence.answers}
        if not self._searches or not answered or goal in answered or SEARCH not in tools:
            return None
        return move_to(tools[SEARCH], {"query": goal})

    # -- after a call -------------------------------------------------------------------------------------

    def _certain(
        self,
        goal: str,
        state: State,
        made: Sequence[StepRecord],
        records: Sequence[StepRecord],
        tools: Mapping[str, Tool],
    ) -> Move | None:
        """The call that the words of a goal, the facts or a table come to, and once it is made what it brought; None where
        there is none, or it failed."""
        assert state.step is not None
        steps = state.plan[: state.plan.index(state.step)]
        before = next((step for step in reversed(steps) if step.state == "done"), None)
        certain = _worded(goal, tools)
        if before and not certain:
            certain = self._for_all(goal, state, before, records)
        certain = certain or _reckoned(goal, state, before, records)
        if certain is None or certain.tool not in tools:
            return None
        if not made:
            return move_to(tools[certain.tool], certain.arguments)
        return None if made[0].observation.error else Move(finding=f"{value_line(made[0])} {certain.unit}".rstrip())

    def _for_all(self, goal: str, state: State, before: PlanStep, records: Sequence[StepRecord]) -> Reckoning | None:
        """What is so much for one, as often as a call of the user's own tool has counted that ended the step `before`: 'How many
        people are waiting? How long will they all take?'"""
        counted = next((record for record in reversed(records) if record.call.step == before.id), None)
        if counted is None or counted.call.tool not in self._own or counted.observation.error:
            return None
        count = _number(counted)[0]
        if not count or not _ALL.search(goal) or not asked_for(goal).wants_number:
            return None
        of = content_terms(" ".join(map(str, counted.call.arguments.values())))
        best = amount_near(facts_for(goal, state.evidence), goal, of)
        return worked_out("*", (best.figure, Fraction(count)), best.label) if best else None

    def _followed(self, goal: str, state: State, made: Sequence[StepRecord], tools: Mapping[str, Tool]) -> Move | None:
        """What comes of calls of the user's own tool: another one for the thing by its whole name; the amount in the currency that is
        asked for; what they gave, added up or taken from one another."""
        own, last = [r for r in made if r.call.tool in self._own and r.call.risk == "read"], made[-1]
        tool = tools.get(own[-1].call.tool) if own else None
        if tool is None:
            return None
        if last is own[-1] and last.observation.error:
            whole = with_its_kind(last.call.arguments, goal)
            if whole is not None and whole not in [dict(record.call.arguments) for record in made]:
                return move_to(tool, whole)
        rate = _number(own[-1])[0]
        exchanged = converting(goal, state.evidence, own[-1], rate, tool)
        expression = exchanged or _combined(own, f"{goal}\n{state.task}")
        given = last is own[-1] and exchanged and exchanged == rate  # the tool was told the amount
        if expression and (given or last.call.arguments.get("expression") == expression):
            lines = [finding_line(record) for record in [*own, last] if not record.observation.error]
            told = f"{finding_line(last)} {currency_in(goal)}" if exchanged else "\n".join(lines)
            return None if last.observation.error else Move(finding=told)
        if not expression or last is not own[-1] or CALCULATE not in tools:
            return None
        move = move_to(tools[CALCULATE], {"expression": expression})
        told = say(en="what it gave is added up", zh="将各项结果相加")
        return move if exchanged else replace(move, repaired=told)

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
        if last.call.tool == TABLES and not met(several_of(step.goal), step.goal, call_text(last)):
            return None  # the price of one, where six are asked for
        worked_out = last.call.tool in (CALCULATE, CALENDAR) or _one_cell(last)
        if not worked_out and to_work_out(step.goal, last.observation.text):
            return None
        return Move(finding="\n".join(value_line(record) for record in made if has_value(record)))


def _limited(goal: str, state: State, own: Sequence[StepRecord], tools: Mapping[str, Tool]) -> Move | None:
    """What the documents say of a value such as a call in an earlier step gave: 'What is the pressure? Is that all right?'"""
    if not own or asked_for(goal).particular:
        return None
    value, asked = _number(own[-1])[0], next((s.goal for s in state.plan if s.id == own[-1].call.step), "")
    about = f"{asked} {tools[own[-1].call.tool].description}"
    limit = beyond(Fraction(value), about, [hit.text for hit in state.evidence.hits]) if value else ""
    return Move(finding=limit) if limit else None


def _given(goal: str, state: State, own: Sequence[StepRecord]) -> Move | None:
    """What a call of the user's own tool in an earlier step gave, where it says a word of what is asked: 'Reserve Hall A. What is
    the code?', 'Reserved. Code: H-701'."""
    asked = content_terms(goal) if only_asks(goal, state.task) else set()
    said = (r for r in reversed(own) if asked & content_terms(r.observation.text) - content_terms(r.call.tool))
    return next((Move(finding=finding_line(record)) for record in said), None)


def _one_cell(record: StepRecord) -> bool:
    """Whether a call is a query that brought one value: the table has worked it out."""
    data = record.observation.data
    return record.call.tool == TABLES and isinstance(data, dict) and [len(row) for row in data.get("rows", ())] == [1]


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


def _written(goal: str, state: State, made: Sequence[StepRecord], tools: Mapping[str, Tool]) -> Move | None:
    """The facts that a file is asked for, into that file, of a name that none has: the user is shown the call first."""
    name, evidence = file_wanted(goal, state.task, state.evidence), state.evidence
    if WRITE not in tools or not name:
        return None
    if wrote := next((record for record in made if record.call.tool == WRITE), None):
        error = wrote.observation.error
        return Move(gave_up=error) if error else Move(finding=finding_line(wrote))
    facts = facts_for(goal, evidence)
    if not made and facts and not unsure_and_foreign(goal, facts, evidence):
        text = "\n".join(dict.fromkeys(fact.sentence for fact in facts))
        return move_to(tools[WRITE], {"path": name, "text": text})
    return Move(gave_up=say(en=f"nothing was found to write to {name}", zh=f"没有找到可写入 {name} 的内容"))


def _reckoned(goal: str, state: State, before: PlanStep | None, records: Sequence[StepRecord]) -> Reckoning | None:
    """What the facts come to, or so many times what the step `before` found out, or that and what is to be added."""
    if before and operation(goal):
        return onto(goal, before, records, state.evidence)
    if before:
        row = all(re.search("[:：]", cell) for cell in re.split("[;；]", before.finding))
        if several := times(goal, (before.finding, row), before.goal):
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


def beyond(value: Fraction, about: str, texts: Iterable[str]) -> str:
    """The sentence of `texts` on what `about` says, that sets a limit below or above which `value` lies; '' for none."""
    terms, found = content_terms(UNIT.sub(" ", fold(about))), []  # what it is measured in is nothing that it is about
    units = {unit(match.group())[0] for match in UNIT.finditer(fold(about))}
    for text in texts:
        told = [text[start:end] for start, end in sentences(text)]
        for at, sentence in enumerate(told):
            near = share(terms, content_terms(" ".join(told[max(at - _AROUND, 0) : at + 1])))
            if near >= _ABOUT and _is_beyond(value, sentence, units):
                found.append((near, " ".join(sentence.split())))
    return max(found, key=lambda pair: pair[0])[1] if found else ""


def _is_beyond(value: Fraction, sentence: str, units: Collection[str]) -> bool:
    folded = fold(sentence)
    for number in (number for number in stated(sentence) if number.kind in units or number.kind not in MONEY):
        before, limit = folded[: max(number.at, 0)], number.figure or number.value
        if (_BELOW.search(before) and value < limit) or (_ABOVE.search(before) and value > limit):
            return True
    return False
