"""Who speaks next."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.tasks.team.members import Member, Thread
from ingest.errors import UsageError
from ingest.language import Text


class Speakers(Protocol):
    """A rule of order."""

    @property
    def hands_over(self) -> bool:
        """Whether members say themselves who comes next."""
        ...

    def next(self, members: Sequence[Member], thread: Thread, ask: Callable[[Sequence[Member], Thread], str]) -> Member:
        """Who speaks now. `ask` costs a question to the model."""
        ...


@dataclass(frozen=True, slots=True)
class RoundRobin:
    """One after another, in the order given."""

    hands_over: bool = False

    def next(self, members: Sequence[Member], thread: Thread, ask: Callable[[Sequence[Member], Thread], str]) -> Member:  # noqa: ARG002
        """See `Speakers.next`."""
        return members[len(thread.messages) % len(members)]


@dataclass(frozen=True, slots=True)
class Selector:
    """A model reads the thread and names the next one; a reply that names nobody, or several, takes the next in order."""

    choose: Callable[[Thread], str | None] | None = None
    """Code of your own that knows better: a member's name, or None to ask the model."""
    repeat: bool = False
    """Whether a member may speak twice in a row."""
    hands_over: bool = False

    def next(self, members: Sequence[Member], thread: Thread, ask: Callable[[Sequence[Member], Thread], str]) -> Member:
        """See `Speakers.next`. Raises `LookupError` when `choose` names nobody there is."""
        if self.choose is not None and (name := self.choose(thread)) is not None:
            found = next((member for member in members if member.name == name), None)
            if found is None:
                raise LookupError(f"no member is called {name!r}")
            return found
        last = thread.messages[-1].speaker if thread.messages else ""
        candidates = [member for member in members if self.repeat or member.name != last] or list(members)
        if len(candidates) == 1:
            return candidates[0]
        return named(ask(candidates, thread), candidates) or _after(last, members, candidates)


@dataclass(frozen=True, slots=True)
class HandOff:
    """Whoever speaks says who comes next, by a call; until then it goes on itself. The first member begins."""

    hands_over: bool = True

    def next(self, members: Sequence[Member], thread: Thread, ask: Callable[[Sequence[Member], Thread], str]) -> Member:  # noqa: ARG002
        """See `Speakers.next`."""
        if not thread.messages:
            return members[0]
        last = thread.messages[-1]
        wanted = last.to or last.speaker
        return next((member for member in members if member.name == wanted), members[0])


def speakers_of(speakers: Speakers | str) -> Speakers:
    """A rule of order by its name. Raises `UsageError` for one there is none of."""
    if not isinstance(speakers, str):
        return speakers
    known: dict[str, Speakers] = {"round_robin": RoundRobin(), "selector": Selector(), "handoff": HandOff()}
    if speakers not in known:
        raise UsageError(
            Text(en=f"There is no order '{speakers}' of speakers.", zh=f"没有名为 “{speakers}” 的发言顺序。"),
            Text(en=f"Known: {', '.join(known)}.", zh=f"可用：{'、'.join(known)}。"),
        )
    return known[speakers]


def named(reply: str, members: Sequence[Member]) -> Member | None:
    """The one member whose name stands in `reply`; a name that is part of a longer one counts for the longer."""
    rest, found = reply, []
    for member in sorted(members, key=lambda member: -len(member.name)):
        pattern = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(member.name)}(?![A-Za-z0-9_])", re.IGNORECASE)
        if pattern.search(rest):
            found.append(member)
            rest = pattern.sub(" ", rest)
    return found[0] if len(found) == 1 else None


def _after(last: str, members: Sequence[Member], candidates: Sequence[Member]) -> Member:
    names = [member.name for member in members]
    start = names.index(last) + 1 if last in names else 0
    order = [*members[start:], *members[:start]]
    return next(member for member in order if member in candidates)
