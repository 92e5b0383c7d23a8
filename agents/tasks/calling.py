"""The callers: one question to the model per move, and what is held against its answer before anything is called; or none, for
models that have no judgement: each part of the task is looked up or worked out, and what is found is quoted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import prompts
from agents.llm.asking import Reply
from agents.llm.counting import estimate
from agents.llm.errors import PromptTooLong
from agents.proof.similarity import Closeness
from agents.tasks.call_checks import CallChecks
from agents.tasks.continuing import Continuing
from agents.tasks.effort import Effort, Profile
from agents.tasks.events import Noted, RunEvent, StepRecord
from agents.tasks.evidence import Library
from agents.tasks.findings import finding_line, finding_of
from agents.tasks.grounding import with_its_kind
from agents.tasks.known import ON_FILES, answered, only_asks
from agents.tasks.moves import CALCULATE, SEARCH, Move, move_to
from agents.tasks.opening import Opening
from agents.tasks.own_tools import OwnTools, asks_now
from agents.tasks.remembering import conversation, earlier_calls, not_whole, plan_rows
from agents.tasks.replies import in_plain_sums, loops_own, moves_in, without_calls
from agents.tasks.spoken_tools import arithmetic
from agents.tasks.state import State
from agents.tasks.work import Work
from agents.tools.tool import Tool
from ingest.language import say
from prompts import neutral

ROOM = 6000
"""Tokens of a prompt beyond which nothing is gained, however much the model holds."""
ENOUGH = 2
"""Questions to a small model at normal effort in a step that looks something up: of twelve tasks that took it more one ended
right, which rules end alike."""
_SHORT_REPLY = 400
"""Tokens of a move in which nothing is written or run: a small model that runs on does so for as long as it may."""


class ModelCaller:
    """Asks the model, unless a rule knows what comes next."""

    def __init__(
        self,
        profile: Profile,
        effort: Effort,
        opening: Opening,
        continuing: Continuing,
        own: OwnTools,
        checks: CallChecks,
        unproven: Callable[[str, State, Sequence[StepRecord]], tuple[str, ...]] | None = None,
    ) -> None:
        """`unproven` says which sentences of a finding nothing proves; None:
        findings are taken as they are until the result is written."""
        self._profile = profile
        self._effort = effort
        self._opening = opening
        self._continuing = continuing
        self._own = own
        self._checks = checks
        self._unproven = unproven

    def next(self, state: State, work: Work, tools: Sequence[Tool]) -> Generator[RunEvent, None, Move]:
        """The next move in the current step."""
        step = state.step
        assert step is not None
        if (move := self._continuing.next(state, work.records, tools)) is not None:
            return move
        small = self._effort.level == "normal" and self._profile.kind != "able"
        few = small and (answered(step.goal, state.task, state.evidence) or self._looks_up(state, tools))
        if state.asked >= (ENOUGH if few else self._effort.moves):  # what rules would have said at once is said then
            return Move(
                gave_up=say(en="no answer came of it; other words may help", zh="没有得出答案，换一种说法也许可以")
            )
        # One small question without documents: what these say can't name a tool or its arguments.
        if not state.turns and self._profile.kind != "able":
            own = yield from self._own.call(step.goal, state, work, tools)
            if own:
                return self._checks.checked(Move(calls=own), state, work, tools)
        state.asked += 1
        shown = self._opening.tools(state, tools)
        reply = yield from self._ask(state, work, shown)
        move = moves_in(reply, [*shown, *tools], loops_own) or without_calls(reply, seen=_seen(state, work))
        calls = (one for call in move.calls for one in self._own.with_others(call, step.goal))
        move = replace(move, calls=tuple(in_plain_sums(call, tools) for call in calls))
        if move.finding is not None and self._unproven is not None:
            return self._proven(move, state, work)
        return self._checks.checked(move, state, work, tools) if move.calls else move

    def _looks_up(self, state: State, tools: Sequence[Tool]) -> bool:
        """Whether the step only asks, and neither a tool of the user's nor a file is meant."""
        goal = state.step.goal if state.step else ""
        return only_asks(goal, state.task) and not ON_FILES.search(state.task) and self._own.meant(goal, tools) is None

    def _proven(self, move: Move, state: State, work: Work) -> Move:
        """`move`, or what is wrong with its finding; said once a step."""
        assert self._unproven is not None
        assert move.finding is not None
        open_ends = self._unproven(move.finding, state, work.records)
        problem = say(
            en=f"Nothing found so far proves this: {' '.join(open_ends)} Look for it, work it out with a tool, or leave "
            "it out.",
            zh=f"已找到的内容不能证明：{' '.join(open_ends)} 请继续查找、用工具算出，或删去这句话。",
        )
        again = any(turn.kind == "said" and turn.problem.startswith(problem[:8]) for turn in state.turns)
        return move if again or not open_ends else Move(problem=problem[:800], said=move.said or move.finding[:1000])

    def _ask(self, state: State, work: Work, shown: Sequence[Tool]) -> Generator[RunEvent, None, Reply]:
        step = state.step
        assert step is not None
        prompt = prompts.load("call", state.lang)
        specs = self._opening.specs(state, shown)
        room = self._profile.context - min(self._profile.reply, self._profile.context // 3)
        room = min(room - sum(estimate(json.dumps(spec, ensure_ascii=False)) for spec in specs), ROOM)
        several = len(state.plan) > 1
        composes = self._profile.kind == "able" or any(tool.risk in ("write", "execute") for tool in shown)
        most = self._profile.reply if composes else min(self._profile.reply, _SHORT_REPLY)
        for share in (1.0, 0.5, 0.25):
            opening = self._opening.messages(
                prompt,
                state,
                evidence=share > 0.25,
                plan=plan_rows(state, int(room * share) // 3) if several else [],
                id=str(step.id),
                goal=neutral(step.goal),
                calls=earlier_calls(state, work.records) if share == 1 else [],
            )
            taken = sum(estimate(text) + 8 for _, text in opening)
            messages: list[Any] = [
                *opening,
                *conversation(state.turns, work.records, max(256, int(room * share) - taken), not_whole(state)),
            ]
            try:
                return (
                    yield from work.ask(prompt, messages, tools=specs, choice=self._profile.choice, max_tokens=most)
                )
            except PromptTooLong:
                if share == 0.25:
                    raise
                yield Noted(
                    "dropped",
                    say(
                        en="the prompt did not fit; older observations are left out",
                        zh="提示词过长，略去较早的观察结果",
                    ),
                )
        raise AssertionError("unreachable")


def _seen(state: State, work: Work) -> bool:
    """Whether there is anything that words could rest on."""
    return bool(state.evidence.passages) or any(
        not work.records[turn.record].observation.error for turn in state.turns if turn.kind == "call"
    )


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
