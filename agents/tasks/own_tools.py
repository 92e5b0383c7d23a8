"""A user's own tools: which of them a text is about, and the call that the text's own words make.

Code decides that a tool is meant. Its arguments are the one thing and the one number that the text names, where these are
all it takes; else the model fills them in, asked one small question under the tool's own schema, and only values that stand
in the text are taken. So a made-up value calls nothing, and neither does one that a document planted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import prompts
from agents.chat.parts import QUESTION
from agents.proof.asked import asked_for, subjects
from agents.proof.designators import SUPPOSED
from agents.proof.numbers import Quantity, claimed, is_date, stated
from agents.proof.rarity import canonical_terms, content_terms
from agents.proof.weekdays import weekdays
from agents.tasks.amounts import NO_COUNT, figures
from agents.tasks.events import RunEvent
from agents.tasks.grounding import bare, share, stands_in, unnamed
from agents.tasks.known import answered
from agents.tasks.listed import apart, items_of
from agents.tasks.moves import Chooser
from agents.tasks.ordering import acts, counts, only_wondered, ordered_for, whole, worded
from agents.tasks.state import State
from agents.tasks.tariffs import wants_money
from agents.tasks.work import Work
from agents.tools.checking import validated
from agents.tools.choosing import AHEAD, BEHIND, MEANT, NEAR
from agents.tools.tool import BadArguments, Tool
from ingest.errors import ModelError
from ingest.folding import fold
from ingest.language import language_of
from ingest.numerals import MONTHS, WEEKDAYS
from ingest.units import MONEY, UNIT, UNITS, unit
from prompts import neutral

_REPLY = 160
_ITS_OWN = 0.6
"""Share of a word's parts that a tool's own words have from which on the word is the tool's and no value."""
_NOW = re.compile(
    r"目前|现在|当前|此刻|这会儿|现|还(?=有|剩)|\b(?:right now|now|currently|tonight|still (?=any|left|free)|(?<=there )still"
    r"|at (?:the|this) moment|at present|please)\b",
    re.IGNORECASE,
)
_AT_PRESENT = re.compile(rf"{_NOW.pattern}|\btoday\b|今[天日]", re.IGNORECASE)
_PERIOD = re.compile(r"第\s*\d+\s*周|上[周个]|去年|\bweek \d+|\blast (?:week|month|year)\b", re.IGNORECASE)
_PLACE = re.compile(r"(?<=[\u4e00-\u9fff]{2})(?:门口|那边|那里|这里|里面?|内)$")
_VERB = re.compile(r"[\u4e00-\u9fff][着了过]$")
_QUOTED = re.compile(r"[“\"「]([^“”\"「」]{1,30})[”\"」]")
_WHOLE = r"(?<![A-Za-z0-9]){}(?![A-Za-z0-9])"
_DAYS = re.compile(r"\b(?:days?|weekdays?)\b", re.IGNORECASE)
"""What a tool says that takes a day."""
_NO_THINGS = frozenset({"i", "we", "it", "he", "she", "they", "you", "me", "us", *MONTHS, *WEEKDAYS})
_LONGEST = 20
"""Characters of a listed value."""
_NAME = re.compile(r"(?<=[a-z,:] )[A-Z][\w'-]*(?: [A-Z][\w'-]*)*")
_OWNED = re.compile(r"(?<=\w)['’]s(?= [a-z])")
"""Behind whose something is: 'Major Tom's pulse'."""
WORDED = 2.0
"""What all of a text's words in a tool's own count for, in the standard deviations of `Chooser.nearness`: 'How many people
work in the teams Deck and Catering together?' lies 1.4 from `headcount(team)`, which has 3 of its 7 words."""
LIKELY = 1.5
"""So near is near enough to be meant where no other of the user's tools is near: 'How many people' in another language."""


class OwnTools:
    """Knows which of an agent's tools are the user's own."""

    def __init__(self, names: Collection[str] = (), chooser: Chooser | None = None) -> None:
        """Without a `chooser` words alone tell what a text is about."""
        self._names = frozenset(names)
        self._chooser = chooser

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def among(self, tools: Iterable[Tool]) -> list[Tool]:
        """The user's own of `tools`."""
        return [tool for tool in tools if tool.name in self._names]

    def near(self, text: str, own: Sequence[Tool]) -> list[float]:
        """How much `text` is about each of `own`: by its vector and by its words, in standard deviations above everyday
        questions."""
        asked = canonical_terms(text)
        shares = [len(asked & canonical_terms(worded(tool))) / max(len(asked), 1) for tool in own]
        if self._chooser is None or not own:
            return [4 * WORDED * share for share in shares]
        lie = self._chooser.nearness([text], own)
        return [distance + WORDED * share for distance, share in zip(lie, shares, strict=True)]

    def meant(self, goal: str, tools: Iterable[Tool]) -> Tool | None:
        """The own tool that `goal` is clearly about; None where several may be, or all is only supposed: nothing is done then."""
        now = asks_now(goal)  # which one that acts does not tell, however near it is
        own = [t for t in self.among(tools) if not (SUPPOSED.match(goal) or (now and only_wondered(t, goal)))]
        near = [near + bool(named_values(tool, goal)) for near, tool in zip(self.near(goal, own), own, strict=True)]
        scored = sorted(zip(near, own, strict=True), key=lambda pair: -pair[0])
        if not scored:
            return None
        (best, tool), ahead = scored[0], scored[0][0] - max((near for near, _ in scored[1:]), default=-MEANT)
        least = LIKELY if self._chooser is not None and ahead >= 2 * AHEAD else MEANT
        if self._chooser is not None and now:
            least = NEAR  # no document knows how things are now
        given = tool.parameters.get("properties") or now  # else nothing could show that it isn't meant but its words
        alien = not (given or content_terms(worded(tool)) & content_terms(goal))
        unfit = alien or of_another_kind(tool, goal) or only_wondered(tool, goal)
        return tool if best >= least and ahead >= AHEAD and not unfit else None

    def related(self, texts: Iterable[str], tools: Iterable[Tool], least: float = NEAR) -> set[str]:
        """Names of the own tools that one of `texts` is about, or may be, `least` near; all of them where nothing can tell."""
        own = self.among(tools)
        kept = {tool.name for tool in own} if self._chooser is None else set()
        for text in dict.fromkeys(texts) if self._chooser is not None and own else ():
            near = self.near(text, own)
            bound = max(NEAR if asks_now(text) else least, max(near) - BEHIND)
            kept |= {tool.name for tool, distance in zip(own, near, strict=True) if distance >= bound}
        return kept

    def may_know(self, text: str, tools: Sequence[Tool]) -> bool:
        """Whether one of the own tools that read is about `text`, and may know what it asks for."""
        related = self.related([text], tools, MEANT)
        return any(t.name in related and t.risk == "read" and not of_another_kind(t, text) for t in self.among(tools))

    def alone_know(self, goal: str, tools: Iterable[Tool]) -> bool:
        """Whether `goal` asks how things are now, and is clearly about one of the own tools that tells: no document knows it."""
        own = [tool for tool in self.among(tools) if not acts(tool) and not of_another_kind(tool, goal)]
        # Not 我现在来不了，…: that is told.
        now = any(asks_now(clause) and QUESTION.search(clause) for clause in re.split("[,，]", goal))
        return now and max(self.near(goal, own), default=0.0) >= MEANT

    def call(
        self, goal: str, state: State, work: Work, tools: Sequence[Tool], *, guesses: bool = True
    ) -> Generator[RunEvent, None, tuple[tuple[Tool, Mapping[str, Any]], ...]]:
        """The calls of an own tool that `goal` is about, one for each thing that it names side by side; none when it is about
        no tool, or the arguments can't be told. `guesses`: whether the model's are taken for a tool that does something."""
        tool = self.meant(goal, tools)
        if tool is None or (not asks_now(goal) and answered(goal, state.task, state.evidence)):
            return ()  # what the documents answer is not asked of a tool, which may do something
        if worded := worded_calls(tool, goal):
            return tuple((tool, arguments) for arguments in worded)
        if tool.risk != "read" and not guesses:
            return ()
        prompt = prompts.load("use", state.lang)
        messages = prompt.render(goal=neutral(goal))
        state.asked += 1
        try:
            reply = yield from work.ask(
                prompt, messages, tools=[tool.as_openai(state.lang)], choice="any", max_tokens=_REPLY
            )
        except ModelError:  # it was not needed so far: what the documents say can still be found
            return ()
        for name, arguments in reply.calls:
            told = _told(arguments, tool, goal) if name == tool.name else None
            if told is not None:
                return ((tool, told),)
        return ()

    def with_others(self, call: tuple[Tool, Mapping[str, Any]], goal: str) -> list[tuple[Tool, Mapping[str, Any]]]:
        """`call`, and where it is made for one of the things that `goal` names side by side, the same for the others."""
        tool, arguments = call
        each = worded_calls(tool, goal) if tool.name in self._names else []
        return [(tool, one) for one in each] if arguments in each else [call]


def of_another_kind(tool: Tool, goal: str) -> bool:
    """Whether `tool` only reads, and can't know what `goal` asks for: an amount of what it does not say that it measures, or how
    things were in a week, a month or a year, where it says how they are now. One that takes numbers knows what it is given."""
    told, units = worded(tool), asked_for(goal).units
    if tool.risk != "read" or counts(tool):
        return False
    named = {unit(match.group())[0] for match in UNIT.finditer(fold(told))} | asked_for(told).units
    if (wants_money(goal) and not named & MONEY) or (units and not units & named and not asks_now(goal)):
        return True
    dated = _PERIOD.search(goal) or any(map(is_date, claimed(goal)))
    return bool(dated and _AT_PRESENT.search(told)) and not (asks_now(goal) or named_values(tool, goal))


def asks_now(goal: str) -> bool:
    """Whether `goal` asks how things are at this moment, which no document knows."""
    return bool(_NOW.search(goal.replace("please", "")))


def worded_calls(tool: Tool, goal: str) -> list[dict[str, Any]]:
    """The arguments of `tool` for each thing that `goal` names; none where it wants more than a thing and a number, or the
    goal has several that may be meant."""
    properties = tool.parameters.get("properties", {})
    if not properties:
        return [{}]
    kinds = {name: "" if "enum" in schema else str(schema.get("type")) for name, schema in properties.items()}
    texts = [name for name, kind in kinds.items() if kind == "string"]
    counts = [name for name, kind in kinds.items() if kind in ("integer", "number")]
    numbered = _QUOTED.sub("", goal)  # a name in quotes counts nothing: 6 of the “60 volt”
    spelt = {UNITS.get(word) for word in re.split(r"[\W_]+", fold(" ".join(counts)))} - {None}
    counting = (n for n in stated(numbered) if n.kind not in NO_COUNT)  # 第三中学 counts nothing
    numbers = {n.figure for n in counting if n.figure == n.value or _unit(n) in spelt}
    if len(texts) != 1 or len(counts) > 1 or len(kinds) > len(texts + counts) or (counts and len(numbers) != 1):
        return []
    counted = {name: int(n) if (n := numbers.pop() or 0).denominator == 1 else float(n) for name in counts}
    things = [one for one in _things(goal, texts[0], tool) if whole(tool, goal, texts[0], one)]
    try:
        return [dict(validated(tool, {texts[0]: one, **counted}).arguments) for one in things]
    except BadArguments:
        return []


def _unit(number: Quantity) -> tuple[str, Fraction] | None:
    found = UNIT.search(fold(number.surface))
    return UNITS.get(found.group()) if found else None


def _things(goal: str, name: str, tool: Tool) -> list[str]:
    """What a goal names side by side, or the one thing that it names: a name with a capital, or what is left of it without the
    words that ask and those that the tool has itself. Articles and the parameter's own `name` are no part of it: 'the Hydrology
    team'."""
    if quoted := _QUOTED.findall(goal):
        return quoted
    if acts(tool) and (ordered := ordered_for(tool, name, goal)):
        return [ordered]
    latin = language_of(goal) != "zh"
    before = re.findall(rf"\bthe ((?:[a-z][\w-]* ){{1,2}}?){re.escape(name)}\b", goal)
    kinds = [one.strip() for one in {*before} if not content_terms(one) & content_terms(worded(tool))]
    goal = _NOW.sub("" if latin else "|", goal)
    goal = re.sub(rf"\b(?:(?-i:the)|both|{re.escape(name)}s?) | {re.escape(name)}s?\b", "", goal, flags=re.IGNORECASE)
    if listed := [thing for thing, _ in apart(goal)]:
        return listed
    if known := named_values(tool, goal):
        return known
    names = _NAME.findall(goal if acts(tool) else _OWNED.sub("", goal))
    if len(named := [one for one in names if fold(one) not in _NO_THINGS]) == 1:
        return named
    if len(kinds) == 1:  # 'How cold is the lower field right now?'
        return kinds
    if len(tool.parameters.get("properties", {})) > 1:  # the number is the other one's, with its measure word: '5 台'
        for number in stated(goal):
            goal = re.sub(re.escape(number.surface) + ("" if number.kind else r"\s*[\u4e00-\u9fff]?"), "|", goal)
    goal = re.sub(r"几[\u4e00-\u9fff](?=[\u4e00-\u9fff])", "几", goal)  # a measure word always: 几杯
    own = content_terms(worded(tool))
    told = {one.surface: share(content_terms(one.surface), own) for one in subjects(goal, "")}
    least = min(told.values(), default=1.0)
    left = [thing for thing, known in told.items() if known < _ITS_OWN or known == least < 1]
    left = [thing for thing in left if not _VERB.search(thing)] or left
    left = [_like(examples(tool), thing) for thing in left if thing not in _NO_THINGS]
    place = r"\b(?:in|of|for|at|on|from|to|with|by) " if latin else ""
    # Of several words perhaps.
    phrase = re.search(rf"{place}({'[ -]'.join(map(re.escape, left))})", goal, re.IGNORECASE)
    return [_PLACE.sub("", phrase[1])] if left and phrase else []


def examples(tool: Tool) -> list[str]:
    """The values that a description gives for what the tool takes: in quotes, or listed behind a colon."""
    described = " ".join(
        [tool.description, *(s.get("description", "") for s in tool.parameters.get("properties", {}).values())]
    )
    listed = [item for part in re.findall(r"[:：]([^.。;；:：]+)", described) for item in items_of(part)]
    return list(dict.fromkeys([*_QUOTED.findall(described), *(item for item in listed if len(item) <= _LONGEST)]))


def named_values(tool: Tool, goal: str) -> list[str]:
    """What `goal` names of the values that a tool's description lists, or in the form of one with a figure in it, as 'C7', or of
    a day of the week."""
    given = examples(tool)
    found = {
        one: match.start() for one in given if (match := re.search(_WHOLE.format(re.escape(one)), goal, re.IGNORECASE))
    }
    forms = {
        re.sub(r"\d", r"\\d", re.sub("[A-Z]", "[A-Z]", one)) for one in given if re.fullmatch(r"[A-Z]{1,3}-?\d+", one)
    }
    found |= {match[0]: match.start() for form in forms for match in re.finditer(_WHOLE.format(form), goal)}
    if _DAYS.search(worded(tool)) or any([*weekdays(fold(one))] for one in given):
        found |= {goal[slice(*match.span())]: match.start() for match, _ in weekdays(fold(goal))}
    return sorted(found, key=lambda one: found[one])


def _like(given: Sequence[str], thing: str) -> str:
    """`thing` up to where it ends as the examples do: 社保窗口 of 社保窗口前面 beside “户籍窗口”."""
    for one in given:
        ending = next((one[at:] for at in range(1, len(one) - 1) if one[at:] in thing and not one.isascii()), "")
        if ending:
            return thing[: thing.index(ending) + len(ending)]
    return thing


def _told(arguments: object, tool: Tool, goal: str) -> dict[str, Any] | None:
    """The arguments as the goal has them, None when a required one doesn't stand in it: a small model makes up what it
    doesn't find, and writes 'red_team' where the goal has 'the red team' and the parameter is called `team`."""
    try:
        told = dict(validated(tool, arguments).arguments)
    except BadArguments:
        return None
    numbers = figures(goal)
    counts = {str(value) for value in told.values() if not isinstance(value, str)}
    required = tool.parameters.get("required", ())
    for name, value in [*told.items()]:
        if isinstance(value, bool) or "enum" in tool.parameters["properties"].get(name, {}):
            continue
        if isinstance(value, str):
            told[name] = unnamed(value, name) if value.casefold() in goal.casefold() else bare(value, name)
            told[name] = next((one for one in _QUOTED.findall(goal) if told[name] and told[name] in one), told[name])
            stands = stands_in(told[name], goal) and told[name] not in counts
        else:
            stands = not isinstance(value, int | float) or Fraction(str(value)) in numbers
        if not stands and name in required:
            return None
        if not stands:
            del told[name]
    return told
