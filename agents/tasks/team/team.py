"""The team: who speaks, until when, and what it comes to. Like a run of one agent it never ends without saying how."""

from __future__ import annotations

import re
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import prompts
from agents.llm.asking import Reply
from agents.llm.usage import Usage
from agents.tasks.approval import Verdict
from agents.tasks.budget import Spent, exceeded, explained
from agents.tasks.events import Finished, Result
from agents.tasks.team.events import Speaking, Spoke
from agents.tasks.team.termination import ApprovalTermination, HandoffTermination, Stop, TextMentionTermination
from agents.tasks.team.thread import Thread
from agents.tasks.team.turn import RESERVED, Turns, Voice, pseudo_tools
from agents.tools.checking import validated
from agents.tools.tool import ToolContext
from agents.tools.toolbox import Toolbox
from ingest.apart.threads import Cancelled, Clock, OutOfTime
from ingest.errors import UsageError, ZhikuError
from ingest.language import Text, language_code, say, speaking
from ingest.queries import checked_query
from prompts import neutral

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from agents.llm.asking import Asker
    from agents.proof.citations import Checked
    from agents.tasks.approval import Policy
    from agents.tasks.budget import Budget, Limit
    from agents.tasks.events import Call, Status, StepRecord
    from agents.tasks.team.events import TeamEvent
    from agents.tasks.team.members import Member
    from agents.tasks.team.speakers import Speakers
    from agents.tasks.team.termination import Condition
    from agents.tasks.team.turn import Turn
    from agents.tools.tool import Tool

_SILENT_ROUNDS = 2
"""Times every member may say nothing before the team gives up."""
_NAME_TOKENS = 64


@dataclass(slots=True)
class _Session:
    """One run, from its task to its end; kept between a pause for approval and `resume`."""

    task: str
    code: str
    run_id: str
    thread: Thread
    turn: Turn | None = None
    limit: Limit | Literal[""] = ""
    """The budget that a turn was cut short by."""
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    """Of everything that is no member's turn: choosing who speaks."""


class Team:
    """Made by `Platform.team`. One task at a time; make another team for another thread."""

    def __init__(
        self,
        members: Sequence[Member],
        speakers: Speakers,
        stop: Condition,
        *,
        asker: Callable[[Member | None], Asker],
        reply: int,
        policy: Policy,
        budget: Budget,
        kb: str,
        folder: Path,
        proof: Callable[[str, str, str, Sequence[StepRecord]], Checked],
    ) -> None:
        """`asker`: the model of a member, for None the one that chooses who speaks; `folder`: for the files of a run's
        tools; `proof`: checks (task, text, language, calls) as a run's result is checked."""
        self._members = tuple(members)
        self._speakers = speakers
        self._stop = stop
        self._asker = asker
        self._reply = reply
        self._policy = policy
        self._budget = budget
        self._kb = kb
        self._folder = folder
        self._proof = proof
        self._cancelled = threading.Event()
        # Names of built-in tools have been replaced by the tools themselves where the team is put together.
        self._toolboxes = {m.name: Toolbox(t for t in m.tools if not isinstance(t, str)) for m in self._members}
        if taken := next((name for name in RESERVED if any(name in box for box in self._toolboxes.values())), ""):
            raise UsageError(
                Text(en=f"'{taken}' is the team's own word.", zh=f"“{taken}” 是团队自身的保留名称。"),
                Text(en="Give the tool another name.", zh="请为该工具另取名称。"),
            )
        self._session: _Session | None = None

    def run(self, task: str) -> Result:
        """The outcome of `task`. Raises `UsageError` for an empty or endless task; everything else is in the result."""
        return _last(self.stream(task))

    def stream(self, task: str) -> Iterator[TeamEvent]:
        """The events of one task, `Finished` last. Raises as `run` does."""
        task = checked_query(task)
        self._cancelled.clear()
        session = self._session = _Session(task, language_code(task), uuid.uuid4().hex[:12], Thread(task))
        return self._work(session)

    def resume(self) -> Iterator[TeamEvent]:
        """Go on after a pause for approval. Raises `UsageError` when there is none. A pause lasts as long as this
        object; what must survive a crash is a task for `Platform.agent`."""
        session = self._session
        if session is None or session.turn is None or not session.turn.paused:
            raise UsageError(Text(en="No call of this team waits for approval.", zh="该团队没有待批准的调用。"))
        self._cancelled.clear()
        return self._work(session)

    def approve(self, call_id: str, arguments: Mapping[str, object] | None = None) -> None:
        """Allow the very call that was shown, while its event is looked at or before `resume`, with other
        arguments if given. Raises `UsageError` when it doesn't wait, and `BadArguments` when the new ones don't fit."""
        tool, call = self._waiting(call_id)
        if arguments is not None:
            arguments = validated(tool, arguments).arguments
        self._verdict(Verdict(call.id, call.key, approved=True, arguments=arguments))

    def reject(self, call_id: str, reason: str = "") -> None:
        """Refuse it; the member is told the reason. Raises `UsageError` when it doesn't wait."""
        _, call = self._waiting(call_id)
        self._verdict(Verdict(call.id, call.key, approved=False, reason=reason))

    def cancel(self) -> None:
        """Stop now, from any thread."""
        self._cancelled.set()

    # -- one run ----------------------------------------------------------------------------------------------

    def _work(self, session: _Session) -> Iterator[TeamEvent]:
        began = time.monotonic() - session.thread.seconds
        clock = Clock(self._cancelled, began + self._budget.seconds if self._budget.seconds else None)
        status: Status
        limit = ""
        pending: tuple[Call, ...] = ()
        try:
            with speaking("zh" if session.code.startswith("zh") else "en"):
                status, reason, limit = yield from self._rounds(session, clock, began)
            if status == "needs_approval" and session.turn and session.turn.waits:
                pending = (session.turn.waits,)
        except Cancelled:
            status, reason = "cancelled", say("It was stopped.", "已停止。")
        except OutOfTime:
            status, limit, reason = "limit", "seconds", str(explained("seconds", self._budget))
        except ZhikuError as error:
            status, reason = "error", str(error)
        except Exception as error:  # noqa: BLE001 - a member's tool, model or condition: the run still ends in words
            status, reason = "error", f"{type(error).__name__}: {error}"
        session.thread = replace(session.thread, seconds=round(time.monotonic() - began, 4))
        if status != "needs_approval":
            with suppress(OSError):  # kept where tools have left something in it
                (self._folder / session.run_id).rmdir()
        yield Finished(self._result(session, status, reason, limit, pending))

    def _rounds(
        self, session: _Session, clock: Clock, began: float
    ) -> Generator[TeamEvent, None, tuple[Status, str, str]]:
        """Turn after turn. Returns status, reason, limit."""
        turns = Turns(
            self._policy,
            lambda call: self._context(session, call),
            clock,
            session.verdicts,
            lambda calling: self._room(session, calling=calling),
            session.run_id,
        )
        while True:
            clock.check()
            if session.turn is None:
                if not self._room(session, calling=False) and session.limit:
                    return "limit", str(explained(session.limit, self._budget)), session.limit
                session.turn = turns.begin(self._next(session, clock), session.thread, session.code)
            turn = session.turn
            yield Speaking(turn.voice.member.name)
            yield from turns.go(turn, len(session.thread.messages))
            if turn.paused:
                return "needs_approval", say("A call waits for approval.", "有调用等待批准。"), ""
            session.turn = None
            session.thread = replace(
                session.thread,
                messages=(*session.thread.messages, turn.message),
                seconds=round(time.monotonic() - began, 4),
            )
            yield Spoke(turn.message)
            if stop := self._ended(session):
                return stop.ending, stop.reason, stop.limit

    def _next(self, session: _Session, clock: Clock) -> Voice:
        def ask(candidates: Sequence[Member], thread: Thread) -> str:
            return self._who(session, candidates, thread, clock)

        member = self._speakers.next(self._members, session.thread, ask)
        others = tuple(other for other in self._members if other.name != member.name)
        handoffs: Sequence[str] = ()
        if self._speakers.hands_over:
            handoffs = member.handoffs if member.handoffs is not None else [other.name for other in others]
        targets = [part.target for part in self._stop.parts() if isinstance(part, HandoffTermination)]
        approvals = [part for part in self._stop.parts() if isinstance(part, ApprovalTermination)]
        approves = any(part.sources is None or member.name in part.sources for part in approvals)
        names = list(dict.fromkeys([*handoffs, *(name for name in targets if name not in handoffs)]))
        return Voice(
            member,
            self._asker(member),
            self._toolboxes[member.name],
            others,
            pseudo_tools(names, approves=approves),
            self._reply,
        )

    def _who(self, session: _Session, candidates: Sequence[Member], thread: Thread, clock: Clock) -> str:
        """A model's word on who speaks next."""
        prompt = prompts.load("speaker", "zh" if session.code.startswith("zh") else "en")
        messages = prompt.render(
            members=[{"name": member.name, "role": member.role} for member in candidates],
            task=neutral(thread.task),
            messages=[{"speaker": m.speaker, "text": neutral(m.text)} for m in thread.messages],
        )
        pieces = self._asker(None).ask(messages, clock, retried=lambda _why: None, max_tokens=_NAME_TOKENS)
        reply = next((piece for piece in pieces if isinstance(piece, Reply)), Reply())
        session.usage += reply.usage
        return reply.text

    def _ended(self, session: _Session) -> Stop | None:
        if stop := self._stop.met(session.thread):
            return stop
        silent = _SILENT_ROUNDS * len(self._members)
        last = session.thread.messages[-silent:]
        if len(last) == silent and not any(message.text or message.calls for message in last):
            return Stop(say("Nobody has said anything for two rounds.", "连续两轮无人发言。"), "gave_up")
        if session.limit:
            return Stop(str(explained(session.limit, self._budget)), "limit", session.limit)
        return None

    # -- budget and result ------------------------------------------------------------------------------------

    def _spent(self, session: _Session) -> Spent:
        usage = self._usage(session)
        records = self._records(session)
        return Spent(
            calls=len(records),
            prompt_tokens=usage.prompt_tokens,
            cached_tokens=usage.cached_tokens,
            completion_tokens=usage.completion_tokens,
            seconds=session.thread.seconds,
        )

    def _room(self, session: _Session, *, calling: bool) -> bool:
        """Whether the budget has room for another question or, with `calling`, for a call; the session keeps what is spent."""
        session.limit = exceeded(self._budget, self._spent(session), calling=calling) or ""
        return not session.limit

    def _usage(self, session: _Session) -> Usage:
        usage = session.usage
        for message in session.thread.messages:
            usage += message.usage
        return usage + session.turn.usage if session.turn else usage

    def _records(self, session: _Session) -> tuple[StepRecord, ...]:
        said = [record for message in session.thread.messages for record in message.calls]
        return (*said, *(session.turn.records if session.turn else ()))

    def _context(self, session: _Session, call: Call) -> ToolContext:
        folder = self._folder / session.run_id
        folder.mkdir(parents=True, exist_ok=True)
        return ToolContext(
            session.run_id,
            call.id,
            call.key,
            self._kb,
            "zh" if session.code.startswith("zh") else "en",
            folder,
            self._cancelled,
        )

    def _result(self, session: _Session, status: Status, reason: str, limit: str, pending: tuple[Call, ...]) -> Result:
        records = self._records(session)
        marks = [part.text for part in self._stop.parts() if isinstance(part, TextMentionTermination)]
        text = outcome(session.thread, marks)
        checked = self._proof(session.task, text, session.code, records) if text and records else None
        return Result(
            task=session.task,
            run_id=session.run_id,
            status=status,
            text=checked.text if checked else text,
            reason=reason,
            steps=records,
            citations=checked.citations if checked else (),
            unsupported_sentences=checked.unsupported if checked else (),
            usage=self._usage(session),
            seconds=session.thread.seconds,
            model=self._asker(None).name,
            limit=limit,
            pending=pending,
        )

    # -- approval ---------------------------------------------------------------------------------------------

    def _waiting(self, call_id: str) -> tuple[Tool, Call]:
        turn = self._session.turn if self._session else None
        if turn is None or turn.waits is None or turn.waits.id != call_id:
            raise UsageError(Text(en=f"No call '{call_id}' waits for approval.", zh=f"没有待批准的调用 “{call_id}”。"))
        return turn.queue[0][0], turn.waits

    def _verdict(self, verdict: Verdict) -> None:
        assert self._session is not None
        self._session.verdicts[verdict.call_id] = verdict


def outcome(thread: Thread, marks: Sequence[str] = ()) -> str:
    """What the team has to show: the last message that is more than an approval or one of `marks`."""

    def more(text: str) -> bool:
        for mark in marks:
            text = re.sub(re.escape(mark), " ", text, flags=re.IGNORECASE)
        return any(char.isalnum() for char in text)

    said = [message for message in thread.messages if message.text.strip()]
    works = [message for message in said if not message.approved and more(message.text)]
    return (works or said)[-1].text if said else ""


def _last(events: Iterator[TeamEvent]) -> Result:
    for event in events:
        if isinstance(event, Finished):
            return event.result
    raise AssertionError("a stream ends with its result")
