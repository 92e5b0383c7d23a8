"""When a team stops. Conditions look at the whole thread and combine with `|` (either) and `&` (both).

The names are AutoGen's (autogen_agentchat.conditions). Unlike there a condition keeps nothing between two looks, so one
object may serve several teams and needs no reset; `&` is met once each side has been, at whatever moment.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from agents.tasks.events import Message
from agents.tasks.team.members import Thread
from ingest.language import say
from ingest.pages import counted

Ending = Literal["done", "limit", "cancelled", "gave_up"]


@dataclass(frozen=True, slots=True)
class Stop:
    """A condition that is met."""

    reason: str
    """In the language in force."""
    ending: Ending = "done"
    """'limit' when a budget is spent: nobody said that the work is done."""
    limit: str = ""
    """'messages', 'tokens' or 'seconds' where a budget is spent."""


class Condition(ABC):
    """Whether a thread is at its end."""

    @abstractmethod
    def met(self, thread: Thread) -> Stop | None:
        """Why it is, None while it is not. Looked at after every message."""

    def parts(self) -> Iterator[Condition]:
        """The conditions that this one is made of, itself if of none."""
        yield self

    def __or__(self, other: Condition) -> Condition:
        """Met as soon as either is."""
        return AnyOf((*_sides(self, AnyOf), *_sides(other, AnyOf)))

    def __and__(self, other: Condition) -> Condition:
        """Met once both have been."""
        return AllOf((*_sides(self, AllOf), *_sides(other, AllOf)))


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    """`a | b`."""

    conditions: tuple[Condition, ...]

    def met(self, thread: Thread) -> Stop | None:
        """The first of those that are met; one that says the work is done goes before a spent budget."""
        stops = [stop for condition in self.conditions if (stop := condition.met(thread))]
        return min(stops, key=lambda stop: stop.ending != "done", default=None)

    def parts(self) -> Iterator[Condition]:
        """See `Condition.parts`."""
        for condition in self.conditions:
            yield from condition.parts()


@dataclass(frozen=True, slots=True)
class AllOf(Condition):
    """`a & b`."""

    conditions: tuple[Condition, ...]

    def met(self, thread: Thread) -> Stop | None:
        """All reasons together. Some conditions look at the last message alone: each is asked after every one so far."""
        so_far = [replace(thread, messages=thread.messages[:n]) for n in range(len(thread.messages), -1, -1)]
        stops = [next(filter(None, map(condition.met, so_far)), None) for condition in self.conditions]
        found = [stop for stop in stops if stop]
        if len(found) < len(stops) or not found:
            return None
        worst = max(found, key=lambda stop: ("done", "limit", "gave_up", "cancelled").index(stop.ending))
        return Stop("; ".join(stop.reason for stop in found), worst.ending, worst.limit)

    def parts(self) -> Iterator[Condition]:
        """See `Condition.parts`."""
        for condition in self.conditions:
            yield from condition.parts()


@dataclass(frozen=True, slots=True)
class MaxMessageTermination(Condition):
    """After `max_messages` messages of members."""

    max_messages: int

    def met(self, thread: Thread) -> Stop | None:
        """See `Condition.met`."""
        if len(thread.messages) < self.max_messages:
            return None
        return Stop(
            say(f"{counted(self.max_messages, 'message')} said", f"已发言 {self.max_messages} 次"), "limit", "messages"
        )


@dataclass(frozen=True, slots=True)
class TextMentionTermination(Condition):
    """A member (one of `sources`, if given) said `text`, whatever the case."""

    text: str
    sources: Sequence[str] | None = None

    def met(self, thread: Thread) -> Stop | None:
        """See `Condition.met`."""
        wanted = self.text.casefold()
        for message in _of(thread, self.sources):
            if wanted in message.text.casefold():
                return Stop(say(f"{message.speaker} said “{self.text}”", f"{message.speaker} 说了“{self.text}”"))
        return None


@dataclass(frozen=True, slots=True)
class TokenUsageTermination(Condition):
    """All models together have read and written `max_total_token` tokens (or read, or written, so many)."""

    max_total_token: int | None = None
    max_prompt_token: int | None = None
    max_completion_token: int | None = None

    def met(self, thread: Thread) -> Stop | None:
        """See `Condition.met`."""
        read = sum(message.usage.prompt_tokens for message in thread.messages)
        written = sum(message.usage.completion_tokens for message in thread.messages)
        bounds = (
            (self.max_total_token, read + written),
            (self.max_prompt_token, read),
            (self.max_completion_token, written),
        )
        for bound, used in bounds:
            if bound is not None and used >= bound:
                return Stop(
                    say(f"{used:,} of {bound:,} tokens are used", f"已用 {used:,}/{bound:,} 个词元"), "limit", "tokens"
                )
        return None


@dataclass(frozen=True, slots=True)
class TimeoutTermination(Condition):
    """The run has taken `timeout_seconds`. A member's turn is not cut off by it; the team's own budget does that."""

    timeout_seconds: float

    def met(self, thread: Thread) -> Stop | None:
        """See `Condition.met`."""
        if thread.seconds < self.timeout_seconds:
            return None
        return Stop(
            say(f"{self.timeout_seconds:g} seconds are over", f"已到 {self.timeout_seconds:g} 秒"), "limit", "seconds"
        )


@dataclass(frozen=True, slots=True)
class FunctionCallTermination(Condition):
    """The tool `function_name` was called and did not fail."""

    function_name: str

    def met(self, thread: Thread) -> Stop | None:
        """See `Condition.met`."""
        for message in thread.messages:
            for record in message.calls:
                if record.call.tool == self.function_name and not record.observation.error:
                    return Stop(say(f"{self.function_name} was called", f"已调用 {self.function_name}"))
        return None


@dataclass(frozen=True, slots=True)
class HandoffTermination(Condition):
    """A member handed over to `target`, such as 'user'."""

    target: str

    def met(self, thread: Thread) -> Stop | None:
        """See `Condition.met`."""
        if not thread.messages or thread.messages[-1].to != self.target:
            return None
        speaker = thread.messages[-1].speaker
        return Stop(say(f"{speaker} handed over to {self.target}", f"{speaker} 交给了 {self.target}"))


@dataclass(frozen=True, slots=True)
class SourceMatchTermination(Condition):
    """One of `sources` has spoken."""

    sources: Sequence[str]

    def met(self, thread: Thread) -> Stop | None:
        """See `Condition.met`."""
        if not thread.messages or thread.messages[-1].speaker not in self.sources:
            return None
        speaker = thread.messages[-1].speaker
        return Stop(say(f"{speaker} has spoken", f"{speaker} 已发言"))


@dataclass(frozen=True, slots=True)
class ApprovalTermination(Condition):
    """A member (one of `sources`, if given) approved the work with the call that members have for it: words can't be
    mistaken for it, as the mention of a text can."""

    sources: Sequence[str] | None = None

    def met(self, thread: Thread) -> Stop | None:
        """See `Condition.met`."""
        for message in _of(thread, self.sources):
            if message.approved:
                return Stop(say(f"{message.speaker} approved", f"{message.speaker} 已认可"))
        return None


@dataclass(frozen=True, slots=True)
class ExternalTermination(Condition):
    """Whenever `set` is called, from any thread. The turn under way is finished first; `Team.cancel` does not wait."""

    _event: threading.Event = field(default_factory=threading.Event)

    def set(self) -> None:
        """Ask for the end."""
        self._event.set()

    def met(self, thread: Thread) -> Stop | None:  # noqa: ARG002 - a condition's shape
        """See `Condition.met`."""
        if not self._event.is_set():
            return None
        return Stop(say("it was asked to stop", "收到停止请求"), "cancelled")


def _of(thread: Thread, sources: Sequence[str] | None) -> list[Message]:
    return [message for message in thread.messages if sources is None or message.speaker in sources]


def _sides(condition: Condition, kind: type[AnyOf | AllOf]) -> tuple[Condition, ...]:
    """`a | b | c` is one list, not a tree."""
    return condition.conditions if isinstance(condition, kind) else (condition,)
