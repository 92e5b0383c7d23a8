"""The nodes of a team's run: who speaks, what they say, the calls they make on the way, and what it comes to.

choose → speak → (ask → approve →) act → speak → choose → … → write
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import prompts
from agents.llm.asking import Asker, Reply
from agents.llm.counting import estimate
from agents.proof.citations import Proof
from agents.tasks.acting import Acting
from agents.tasks.approval import Policy
from agents.tasks.budget import Limit, exceeded, explained
from agents.tasks.call_checks import CallChecks
from agents.tasks.events import Message, Noted, RunEvent, Speaking, Spoke, StepRecord
from agents.tasks.moves import Move, answered_here
from agents.tasks.remembering import conversation
from agents.tasks.replies import moves_in
from agents.tasks.state import TeamState
from agents.tasks.team.members import Member, Thread
from agents.tasks.team.speakers import Speakers
from agents.tasks.team.termination import (
    ApprovalTermination,
    Condition,
    HandoffTermination,
    Stop,
    TextMentionTermination,
)
from agents.tasks.work import Work
from agents.tools.tool import Tool
from ingest.errors import UsageError
from ingest.language import Text, language_name, say
from prompts import neutral

HAND_OVER, APPROVE = "hand_over", "approve"
RESERVED = (HAND_OVER, APPROVE)
"""Names that no member's tool may have."""
MOST_CALLS = 8
"""Of one turn, carried out or refused; then the member is asked to say what it has."""
_SILENT_ROUNDS = 2
"""Times every member may say nothing before the team gives up."""
_NAME_TOKENS = 64
_THREAD = 3000
"""Tokens of the thread that a member reads, by a generous estimate: small models hold some 8,000 in all."""
_EXCHANGE = 4000
"""Tokens of what it has called and read in its turn."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is in a team, and how it goes about its work."""

    members: Sequence[Member]
    speakers: Speakers
    stop: Condition
    toolboxes: Mapping[str, Sequence[Tool]]
    """Tools by member."""
    askers: Callable[[Member], Asker]
    reply: int
    """Tokens of a reply."""
    checks: CallChecks
    proof: Callable[[TeamState, str, Sequence[StepRecord]], Proof]
    """Checks a text as a run's result is checked."""


class TeamNodes(Acting[TeamState]):
    """What happens when."""

    chooses = "speak"

    def __init__(self, cast: Cast, policy: Policy, work: Work) -> None:
        super().__init__(policy, work)
        self._cast = cast

    def tools(self, state: TeamState) -> Sequence[Tool]:
        """Those of the member whose turn it is."""
        return self._cast.toolboxes.get(state.speaker, ())

    def seen(self, state: TeamState) -> Sequence[StepRecord]:
        """The member's own of this turn: another one may look for itself."""
        return self._work.records[state.first :]

    # -- nodes ------------------------------------------------------------------------------------------------

    def choose(self, state: TeamState) -> Iterator[RunEvent]:
        """Is it the end? If not: whose turn is it?"""
        if self._closes(state, exceeded(self._work.budget, state.spent)):
            return
        member = self._cast.speakers.next(self._cast.members, self._thread(), self._who)
        state.begin(len(self._work.messages) + 1)
        state.speaker, state.first, state.before = member.name, state.records, state.spent.usage
        yield Speaking(member.name)
        state.next = "speak"

    def speak(self, state: TeamState) -> Iterator[RunEvent]:
        """The member says what it has to say, or calls a tool."""
        if (limit := exceeded(self._work.budget, state.spent)) is not None:
            yield from self.stop(state, limit)
            return
        member = self._member(state.speaker)
        own = self._own_calls(member)
        closing = state.records - state.first + state.refusals >= MOST_CALLS
        tools = [] if closing else [*self.tools(state), *own]
        prompt = prompts.load("member", state.lang)
        reply = yield from self._work.ask(
            prompt,
            self._messages(prompt, member, state, closing=closing),
            tools=[tool.as_openai(state.lang) for tool in tools],
            max_tokens=self._cast.reply,
            shown=True,
            asker=self._cast.askers(member),
        )
        # Asked for words alone, some models call all the same: that is read as no reply, or the turn would never end.
        move = None if closing else moves_in(reply, tools, lambda _tool, _arguments: None)
        if move is None and reply.text and not reply.invalid:
            yield from self._say(state, reply.text)
            return
        move = move or Move(
            problem=say(
                "Your reply could not be used: say in words what you found, or call one tool.",
                "您的回复无法使用：请用文字说明发现，或调用一个工具。",
            ),
            said=reply.text,
        )
        if move.repaired:
            yield Noted("repaired", move.repaired)
        named = {tool.name for tool in own}
        calls = tuple(call for call in move.calls if call[0].name not in named)
        said = [call for call in move.calls if call[0].name in named]
        if said and not calls:  # one that was written before its calls were carried out is a guess
            tool, arguments = said[-1]
            text = (reply.text if reply.calls else "") or str(arguments.get("message") or "")
            yield from self._say(state, text, to=str(arguments.get("to") or ""), approved=tool.name == APPROVE)
            return
        if calls:
            told = f"{member.role}\n{member.instructions}"
            move = self._cast.checks.checked(replace(move, calls=calls), state, self._work, tools, told)
        yield from self.take(state, move)

    def write(self, state: TeamState) -> Iterator[RunEvent]:
        """What the team has to show, with its proof."""
        self.so_far(state)
        state.next = "end"
        yield from ()

    def so_far(self, state: TeamState) -> None:
        """See `Nodes.so_far`."""
        marks = [part.text for part in self._cast.stop.parts() if isinstance(part, TextMentionTermination)]
        state.text = outcome(self._thread(), marks)
        records = self._work.records[: state.records]
        if state.text and records:
            proven = self._cast.proof(state, state.text, records)
            state.text, state.citations, state.unsupported = proven.text, proven.citations, proven.unsupported

    def stop(self, state: TeamState, limit: Limit) -> Iterator[RunEvent]:
        """A budget is spent: the turn under way ends with what it has, and one that had just done the work counts."""
        if state.speaker:
            yield from self._say(state, "")
        self._closes(state, limit)

    def useless(self, state: TeamState, problem: str) -> Iterator[RunEvent]:  # noqa: ARG002 - the shape of `Acting`
        """The member says nothing; what that means is seen when the next one is chosen."""
        return self._say(state, "")

    def refused(self, state: TeamState, why: str) -> Iterator[RunEvent]:  # noqa: ARG002 - the shape of `Acting`
        """The member is asked for words."""
        state.refusals = max(state.refusals, MOST_CALLS)
        state.next = self.chooses
        yield from ()

    # -- what is said -----------------------------------------------------------------------------------------

    def _say(self, state: TeamState, text: str, *, to: str = "", approved: bool = False) -> Iterator[RunEvent]:
        """The turn is over."""
        usage = state.spent.usage - state.before
        calls = tuple(self._work.records[state.first : state.records])
        yield Spoke(Message(state.speaker, text, calls, to, approved, usage))
        state.speaker = ""
        state.begin(0)
        state.next = "choose"

    def _closes(self, state: TeamState, limit: Limit | None) -> bool:
        """Whether the team is at its end; why goes into the state. Work that was just done goes before a spent budget."""
        if (ended := self._ended()) is not None:
            state.status, state.reason, state.limit = ended.ending, ended.reason, ended.limit
        elif limit is not None:
            state.status, state.limit, state.reason = "limit", limit, str(explained(limit, self._work.budget))
        else:
            return False
        state.next = "write"
        return True

    def _ended(self) -> Stop | None:
        """Why the team is at its end, None while it is not."""
        thread = self._thread()
        if thread.messages and (stop := self._cast.stop.met(thread)):
            return stop
        silent = _SILENT_ROUNDS * len(self._cast.members)
        last = thread.messages[-silent:]
        if len(last) == silent and not any(map(_says_something, last)):
            return Stop(say("Nobody has said anything for two rounds.", "连续两轮无人发言。"), "gave_up")
        return None

    def _thread(self) -> Thread:
        work = self._work
        return Thread(work.state.task, tuple(work.messages), work.state.spent.seconds)

    # -- who speaks, and what it is told ----------------------------------------------------------------------

    def _member(self, name: str) -> Member:
        found = next((member for member in self._cast.members if member.name == name), None)
        if found is None:  # resumed with another team
            raise UsageError(
                Text(en=f"There is no member '{name}' in this team.", zh=f"该团队中没有成员 “{name}”。"),
                Text(en="Go on with the team that began.", zh="请用开始运行的团队继续。"),
            )
        return found

    def _who(self, candidates: Sequence[Member], thread: Thread) -> str:
        """A model's word on who speaks next."""
        prompt = prompts.load("speaker", self._work.state.lang)
        messages = prompt.render(
            members=[{"name": member.name, "role": member.role} for member in candidates],
            task=neutral(thread.task),
            messages=[{"speaker": m.speaker, "text": neutral(m.text)} for m in thread.messages],
        )
        return _returned(self._work.ask(prompt, messages, max_tokens=_NAME_TOKENS)).text

    def _messages(self, prompt: prompts.Prompt, member: Member, state: TeamState, *, closing: bool) -> list[Any]:
        """The member's prompt, in an order that only grows at its end from turn to turn."""
        others = [other for other in self._cast.members if other.name != member.name]
        opening = prompt.render(
            name=member.name,
            role=member.role,
            instructions=member.instructions,
            others=[{"name": other.name, "role": other.role} for other in others],
            task=neutral(state.task),
            messages=_latest(self._thread()),
            language=language_name(state.code),
        )
        told = conversation(state.turns, self._work.records, _EXCHANGE)
        if closing:
            told.append(("human", say("Say now what you have found out.", "现在请说明您的发现。")))
        return [*opening, *told]

    def _own_calls(self, member: Member) -> list[Tool]:
        """The calls that only the team itself answers, where they make sense for this member."""
        parts = list(self._cast.stop.parts())
        handoffs: Sequence[str] = ()
        if self._cast.speakers.hands_over:
            others = [other.name for other in self._cast.members if other.name != member.name]
            handoffs = member.handoffs if member.handoffs is not None else others
        targets = [part.target for part in parts if isinstance(part, HandoffTermination)]
        names = list(dict.fromkeys([*handoffs, *targets]))
        approvals = [part for part in parts if isinstance(part, ApprovalTermination)]
        message = {"type": "string"}
        tools: list[Tool] = []
        if names:
            told = say("Hand over to the member who goes on, with a message.", "交给接下来的成员，并附上一句话。")
            tools.append(answered_here(HAND_OVER, told, {"to": {"type": "string", "enum": names}, "message": message}))
        if any(part.sources is None or member.name in part.sources for part in approvals):
            told = say("The work is done and good. Ends it.", "工作已完成且质量合格。随即结束。")
            tools.append(answered_here(APPROVE, told, {"message": message}))
        return tools


def outcome(thread: Thread, marks: Sequence[str] = ()) -> str:
    """What the team has to show: the last message that is more than an approval or one of `marks`."""

    def more(text: str) -> bool:
        for mark in marks:
            text = re.sub(re.escape(mark), " ", text, flags=re.IGNORECASE)
        return any(char.isalnum() for char in text)

    said = [message for message in thread.messages if message.text.strip()]
    works = [message for message in said if not message.approved and more(message.text)]
    return (works or said)[-1].text if said else ""


def _says_something(message: Message) -> bool:
    """Words, or a call that brought something: calls that are refused or fail may go on for ever."""
    return bool(message.text) or any(not record.observation.error for record in message.calls)


def _latest(thread: Thread) -> list[dict[str, str]]:
    """What was said, the oldest left out beyond `_THREAD` tokens: the task itself always stays."""
    kept: list[dict[str, str]] = []
    left = _THREAD
    for message in reversed(thread.messages):
        text = neutral(message.text)
        left -= estimate(text) + 8
        if kept and left < 0:
            told = say("(Earlier messages are left out.)", "（较早的发言已省略。）")
            return [{"speaker": "…", "text": told}, *kept]
        kept.insert(0, {"speaker": message.speaker, "text": text})
    return kept


def _returned(asked: Generator[RunEvent, None, Reply]) -> Reply:
    """The reply to a question whose thoughts nobody sees."""
    while True:
        try:
            next(asked)
        except StopIteration as end:
            reply: Reply = end.value
            return reply
