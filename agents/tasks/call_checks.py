"""Whether the calls that a model chose rest on what it was told: the same for an agent and for a member of a team.

Nothing that a document says calls a tool of the user's, nor says with what; and no sum is made of numbers that stand nowhere,
or that count different things. That each stands somewhere is little: of `(60*5)/7` the 7 was of another offer. A number belongs
where the task has it, a call brought it, or it is an amount in a clause or a cell that shares a word with the task; seven is a
week's days only where days and weeks are spoken of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from itertools import permutations
from typing import Any

from agents.chat.parts import parts
from agents.chat.signs import leans_back
from agents.proof.asked import WHOLE_DATE
from agents.proof.binding import Bound, bounds
from agents.proof.numbers import Quantity, agrees, claimed, stated
from agents.proof.operations import APART, MEAN, TOGETHER
from agents.proof.rarity import content_terms
from agents.tasks.amounts import figures
from agents.tasks.events import StepRecord
from agents.tasks.grounding import bare, begins_in
from agents.tasks.known import currencies, line_of
from agents.tasks.listed import apart
from agents.tasks.moves import CALCULATE, CALENDAR, Move
from agents.tasks.ordering import acts, counts, only_wondered, worded
from agents.tasks.own_tools import OwnTools, of_another_kind
from agents.tasks.reckoning import operation, several
from agents.tasks.state import RunState
from agents.tasks.tariffs import counted_noun, for_one, per, several_of, tiers
from agents.tasks.work import Work
from agents.tools.dates.moments import read_moment
from agents.tools.files import WRITERS
from agents.tools.tool import Tool, ToolError
from ingest.folding import fold
from ingest.language import language_of, say
from ingest.units import MONEY, UNIT, UNITS, unit

LONGEST = 40
"""Characters of a value that may be a name; what is longer was composed."""
_MOST_WORDS = 5
_DAY = re.compile(rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}|{WHOLE_DATE.pattern}")
_TIMES = re.compile(
    r"(?:(?P<before>(?<![\d.])\d+)\s*[*×]\s*)?[(（](?P<sum>[\s\d.]+(?:\+[\s\d.]+)+)[)）](?(before)|\s*[*×]\s*(?P<behind>\d+)(?![\d.]))"
)
_CELL = re.compile(r"(?<!\d),|,(?!\d{3})|[\t|\n]")
"""What ends a cell of what is written: 'May,310' is no day of May."""
_CONVERTING = frozenset(map(Fraction, (1, 7, 10, 12, 24, 30, 52, 60, 100, 365, 1000, 3600, 10000, 1000000)))
"""Days of a week, months, hours, per cent, and so on."""
_FIGURE = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
_NUMBER = r"\d+(?:\.\d+)?"
_PRODUCT = re.compile(rf"(?<![\w.])({_NUMBER})\s*[*×]\s*(?=({_NUMBER}))")
_DIMENSIONS = frozenset(dimension for dimension, _ in UNITS.values())
_FACTORS = re.compile(r"(\d+(?:\.\d+)?)?\s*\)?\s*[*×]\s*\(?\s*(\d+(?:\.\d+)?)?")
_MEAN = re.compile(r"\(([^()]+)\)\s*/\s*(\d+)")
_PER_CENT = re.compile(r"%|\bper ?cent|百分", re.IGNORECASE)
_CALENDAR = frozenset(map(Fraction, (30, 52, 360, 365)))
"""What days and months or years are converted by."""


class CallChecks:
    """Holds calls against the task, for one set of a user's tools."""

    def __init__(self, own: OwnTools, unproven: Callable[[str, Any, Sequence[StepRecord]], tuple[str, ...]]) -> None:
        """`unproven` says which sentences of a text nothing found so far proves."""
        self._own = own
        self._unproven = unproven

    def checked(self, move: Move, state: RunState, work: Work, tools: Sequence[Tool], told: str = "") -> Move:
        """`move` without sums of made-up or mixed-up numbers, and without calls of the user's own tools that the task does not ask
        for, or not with these values. A model that stands by one that only tells when it was told may be right: with values that
        stand nowhere, which may be translated, it gets the call; with those of a document the user is shown it first, and at once
        where the task asks for a tool that does more than read: what was found is what it is for. A question has nothing done, and
        what acts is told nothing that the model made up. `told`: what the user says beside the task."""
        task = f"{state.task}\n{told}"
        called = [r for r in work.records if r.call.tool in self._own or r.call.tool in (CALCULATE, CALENDAR)]
        named = "\n".join([task, *(record.observation.text for record in called)])
        known = "\n".join([task, *_read(state, work)])
        goal = state.step.goal if state.step else task
        related = self._own.related([state.task, *parts(state.task)], tools)
        paid = currencies(f"{named}\n{line_of(state.evidence.facts)}")
        before = {turn.problem for turn in state.turns if turn.problem}
        kept: list[tuple[Tool, Mapping[str, Any]]] = []
        problems: list[str] = []
        unasked: set[str] = set()
        for tool, arguments in move.calls:
            problem, values, shown = "", [], False
            unseen = tool.risk == "read" and acts(tool)  # nobody is asked before it does what it does
            if tool.name in self._own:
                values = [(n, v) for n, v in _invented(tool, arguments, named) if not currencies(str(v)) & paid]
                if of_another_kind(tool, goal) or (unseen and not counts(tool) and _not_ordered(tool, goal)):
                    problems.append(_not_asked(tool.name, values))
                    continue
                if values or tool.name not in related:
                    problem = _not_asked(tool.name, values)
                    shown = tool.risk != "read" and tool.name in related and not _invented(tool, arguments, known)
            elif tool.name == CALCULATE:
                expression = str(arguments.get("expression", ""))
                problem = _wrong_numbers(unheard(expression, known), mixed_up(expression, known))
            elif tool.name == CALENDAR:
                problem = _made_up(tool.name, unheard_days(arguments, known))
            elif tool.name in WRITERS:
                problem = _made_up(
                    tool.name, self._unheard_in(str(arguments.get("text", "")), named, known, state, work)
                )
            insists = tool.name in self._own and any(problem in said for said in before)
            made_up = unseen and bool(_invented(tool, arguments, known))
            if problem and not shown and (made_up or not insists):
                problems.append(problem)
                continue
            if problem and (tool.name not in related or len(_invented(tool, arguments, known)) < len(values)):
                unasked.add(tool.name)
            kept.append((tool, arguments))
        if not problems:
            return replace(move, unasked=frozenset(unasked))
        said = [{"name": tool.name, "arguments": arguments} for tool, arguments in move.calls]
        return replace(
            move,
            calls=tuple(kept),
            unasked=frozenset(unasked),
            problem="; ".join(problems),
            said=move.said or json.dumps(said, ensure_ascii=False, default=str)[:1000],
        )

    def _unheard_in(self, text: str, named: str, known: str, state: RunState, work: Work) -> list[str]:
        """The numbers of a text for a file that are neither asked for, nor brought by a call, nor a fact, and stand nowhere in
        `known`, or by themselves, or in a sentence that nothing proves: a number of some passage is not yet the one that is wanted."""
        concluded = [step.finding for step in state.plan if step.state == "done"]
        brought = [record.observation.text for record in work.records if not record.observation.hits]
        certain = stated("\n".join([named, *concluded, *brought, line_of(state.evidence.facts)]))
        cells = _CELL.sub("; ", text)
        loose = [number for number in claimed(cells) if not agrees(number, certain)]
        if not loose:
            return []
        open_ends = self._unproven(text, state, work.records) if content_terms(text) else (text,)
        there, doubted = stated(known), [number for sentence in open_ends for number in claimed(sentence)]
        return [n.surface.strip() for n in loose if agrees(n, doubted) or not agrees(n, there)]


def unheard(expression: str, known: str) -> list[str]:
    """The numbers of a sum that stand nowhere in `known`, those left out by which units are converted; the 9 of September
    and the 3 of 'the third' are no amounts, and what was added up is not multiplied by how much there was to add."""
    counted = (quantity for quantity in stated(known) if quantity.kind not in ("month", "ordinal"))
    numbers = {value for quantity in counted for value in (quantity.value, quantity.figure)}
    found = dict.fromkeys(_FIGURE.findall(expression))
    made_up = [number for number in found if Fraction(number) not in numbers and Fraction(number) not in _CONVERTING]
    for match in _TIMES.finditer(expression):
        factor = match["behind"] or match["before"]
        if int(factor) == match["sum"].count("+") + 1:
            made_up.append(factor)
    return list(dict.fromkeys(made_up))


def unheard_days(arguments: Mapping[str, Any], known: str) -> list[str]:
    """The days among the arguments of a call of the calendar that stand nowhere in `known`: a day that is named, not 'today'."""
    now = datetime.now().astimezone()

    def days(texts: Iterable[str]) -> Iterator[tuple[str, date]]:
        for text in texts:
            with suppress(ToolError):
                yield text, read_moment(text, now).day

    there = {day for _, day in days(match.group() for match in _DAY.finditer(fold(known)))}
    told = [value for value in arguments.values() if isinstance(value, str) and re.search(r"\d", value)]
    return [text for text, day in days(told) if day not in there]


def _read(state: RunState, work: Work) -> list[str]:
    """Evidence, findings, what members of a team said, and everything that calls brought."""
    hits = state.evidence.hits  # whole: of what gives orders the model sees nothing
    return [
        *("\n".join([*hit.headings, hit.text]) for hit in hits),
        *(f"{step.goal}\n{step.finding}" for step in state.plan),
        *(message.text for message in work.messages),
        *(record.observation.text for record in work.records),
    ]


def _invented(tool: Tool, arguments: Mapping[str, Any], known: str) -> list[tuple[str, object]]:
    """The required arguments whose value, a short name or a number, stands nowhere in `known`."""
    properties = tool.parameters.get("properties", {})
    numbers = figures(known)
    found: list[tuple[str, object]] = []
    for name in tool.parameters.get("required", ()):
        value, schema = arguments.get(name), properties.get(name, {})
        if "enum" in schema or isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            if Fraction(str(value)) not in numbers:
                found.append((name, value))
        elif isinstance(value, str) and 0 < len(value) <= LONGEST and len(value.split()) <= _MOST_WORDS:
            found += [] if begins_in(bare(value, name), known) else [(name, value)]
    return found


def _not_ordered(tool: Tool, goal: str) -> bool:
    """Whether `goal` only asks, or says no word of what `tool` does: 'Put them down for 14 places' sends nobody a sheet. Of a tool that
    takes a number neither tells: it may add two up; it is held to the task's numbers."""
    named = tool.parameters.get("required") and language_of(tool.description) == language_of(goal)
    return only_wondered(tool, goal) or bool(named and not content_terms(worded(tool)) & content_terms(goal))


def _not_asked(tool: str, values: Sequence[tuple[str, object]]) -> str:
    listed = ", ".join(f"“{value}” ({name})" for name, value in values)
    return say(
        en=f"{tool} was not called: the task does not {f'say {listed}' if listed else 'ask for it'}. Use what the task "
        "says, or another tool.",
        zh=f"没有调用 {tool}：任务没有{f'提到 {listed}' if listed else '这样要求'}。请使用任务中的值，或改用其他工具。",
    )


def _made_up(tool: str, values: Sequence[str]) -> str:
    """What is wrong with a call whose `values` stand nowhere; '' without any."""
    listed = ", ".join(dict.fromkeys(values))
    return listed and say(
        en=f"{tool} was not called: {listed} stands neither in the task nor in what was found. Take the values from there, or "
        "use another tool.",
        zh=f"没有调用 {tool}：{listed} 既不在任务中，也不在已找到的内容中。请从中取值，或改用其他工具。",
    )


def _wrong_numbers(unheard: Sequence[str], mixed: str) -> str:
    """What is wrong with a sum; '' for nothing."""
    return _made_up(CALCULATE, unheard) or (
        mixed
        and say(
            en=f"{CALCULATE} was not called: {mixed} mixes up what these numbers are for.",
            zh=f"没有调用 {CALCULATE}：{mixed} 混淆了这些数字的含义。",
        )
    )


def mixed_up(expression: str, known: str) -> str:
    """What of a sum mixes up what its numbers are in `known`, '' for nothing: money for one day times kilograms, or money and
    minutes added up."""
    there = bounds(re.sub(r"\n(?=[a-z])", " ", known))  # a line that goes on

    def of(number: str, dimensions: frozenset[str]) -> list[Bound]:
        """Where that number stands, if it is everywhere one of `dimensions`."""
        found = [bound for bound in there if Fraction(number) in (bound.quantity.value, bound.quantity.figure)]
        return found if all(bound.unit in dimensions for bound in found) else []

    alone = [term.strip() for term in re.split(r"[-+]", expression) if re.fullmatch(_NUMBER, term.strip())]
    pairs = [(one, other, False) for one in alone for other in alone]
    pairs += [(*pair, True) for one, other in _PRODUCT.findall(expression) for pair in ((one, other), (other, one))]
    for one, other, product in pairs:
        money, measured = of(one, MONEY), of(other, _DIMENSIONS - MONEY)
        each = {noun for bound in money for noun in per(bound.clause)}
        counts = {counted_noun("", bound.quantity) for bound in measured}
        if money and measured and not (product and (each & counts or not each)):
            return f"{one} {'*' if product else '+'} {other}"
    return ""


def unrelated(expression: str, asked: str, brought: Sequence[str], read: Iterable[str]) -> list[str]:
    """The numbers of `expression` that belong to nothing: neither to the task and step (`asked`), nor to what calls `brought`, nor
    to a clause of what was `read` that shares a word with what is asked."""
    near = _near(asked, read)
    shares = {value for bound in near if _is_share(bound) for value in _of_share(bound.quantity, expression)}
    there = {value for text in (asked, *brought) for number in stated(text) for value in _values(number)} | shares
    there |= {value for bound in near if not _is_share(bound) for value in _values(bound.quantity)}
    used = {Fraction(number) for number in _FIGURE.findall(expression)}
    clauses = [bound.clause for bound in near if used & set(_values(bound.quantity))]
    allowed = {Fraction(1), *_conversions(fold(" ".join([asked, *clauses]))), *_means(expression)}
    if shares or "%" in expression:
        allowed |= {Fraction(10), Fraction(100)}
    found = dict.fromkeys(_FIGURE.findall(expression))
    return [number for number in found if Fraction(number) not in there | allowed]


def uncalled_for(expression: str, goal: str, brought: Sequence[str]) -> bool:
    """Whether a calculation is another one than `goal` asks for: for a difference a share, anything without a minus or times what
    nobody asked for, '(84 - 48) * 1.2', and where one value is asked for, or a value for one, any that uses nothing that calls
    `brought`: '48 + 84 + 7' of what an insurance costs."""
    given = {value for text in brought for number in stated(text) for value in _values(number)}
    if APART.search(goal):
        known = given | _CONVERTING | {value for number in stated(goal) for value in _values(number)}
        times = ({Fraction(factor) for factor in pair if factor} for pair in _FACTORS.findall(expression))
        share = "/" in expression and not _PER_CENT.search(goal)
        return "-" not in expression or share or any(factors.isdisjoint(known) for factors in times)
    if any(sign.search(goal) for sign in (TOGETHER, MEAN)) or apart(goal) or operation(goal):
        return False
    counts = any(n.figure and n.figure > 1 for n in stated(goal)) and not for_one(goal)
    numbers = {Fraction(number) for number in _FIGURE.findall(expression)}
    return not (counts or numbers & given or leans_back(goal))


def incomplete(expression: str, goal: str) -> bool:
    """Whether a sum is of more or fewer terms than `goal` names or counts things whose sum or difference it asks for, or leaves
    out how many of them it asks the price of."""
    things = len(apart(goal)) or several(goal)
    terms = [term for term in re.split(r"[-+,]", expression) if _FIGURE.search(term)]
    if things and (TOGETHER.search(goal) or APART.search(goal)) and len(terms) not in (1, things):
        return True
    numbers = {Fraction(number) for number in _FIGURE.findall(expression)}
    return any(not numbers & {number.value, number.figure} for number in several_of(goal))


def _near(asked: str, read: Iterable[str]) -> list[Bound]:
    """The amounts whose clause shares a word with what is asked, and of one unit none whose words are all said of another one
    that shares more: where skis are asked for, not what else costs something. In another language all may belong."""
    about, language = content_terms(asked), language_of(asked)
    found: list[Bound] = []
    shared: list[tuple[Bound, set[str]]] = []
    for text in read:
        amounts = [bound for bound in bounds(text) if not bound.condition and bound.quantity not in tiers(text)]
        if language_of(text) != language:
            found += amounts
            continue
        shared += [(bound, about & (content_terms(bound.clause) | bound.terms)) for bound in amounts]
    more = {(bound.unit, frozenset(said)) for bound, said in shared}
    return found + [
        bound for bound, said in shared if said and not any(kind == bound.unit and said < other for kind, other in more)
    ]


def _values(number: Quantity) -> Iterator[Fraction]:
    """What a calculation may write for a number: as it stands, not the seconds of its minutes."""
    if number.figure is not None:
        yield number.figure
    if not number.kind or number.kind in MONEY:
        yield number.value


def _is_share(bound: Bound) -> bool:
    """Whether a number is a part of something: 15 %, 八五折."""
    return bound.quantity.kind == "percent" or f"{bound.quantity.surface.strip()}折" in fold(bound.clause)


def _of_share(number: Quantity, expression: str) -> Iterator[Fraction]:
    """What a calculation may write for a share: .85, or 85 where it divides by a hundred; 八五折 and 七折 are told alike."""
    figure = number.figure or number.value
    yield from (figure / 10, figure / 100, 1 - figure / 100)
    if re.search(r"/\s*100?(?!\d)|%", expression):
        yield figure


def _conversions(text: str) -> Iterator[Fraction]:
    """By what one unit that `text` names is converted into another that it names."""
    units = {unit(match.group()) for match in UNIT.finditer(text)}
    dimensions = {dimension for dimension, _ in units}
    yield from (one / other for (kind, one), (same, other) in permutations(units, 2) if kind == same)
    if {"days", "months"} <= dimensions:
        yield from _CALENDAR


def _means(expression: str) -> Iterator[Fraction]:
    """How many terms a sum has that is divided by as many."""
    yield from (Fraction(count) for terms, count in _MEAN.findall(expression) if int(count) == terms.count("+") + 1)
