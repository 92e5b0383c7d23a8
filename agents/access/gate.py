"""What the views of a platform share: what they need of it, and the right asked for before a method runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from agents.access.policy import AccessPolicy, no_base
from agents.access.rights import Face, Verb, Who
from ingest.finding import Bases, base_names

if TYPE_CHECKING:
    from agents.assistants.store import Assistants
    from agents.chat.attachments import Attachments
    from agents.chat.chat import Chat
    from agents.chat.curated import CuratedAnswers
    from agents.chat.history import Conversations
    from agents.tasks.agent import Agent
    from agents.tasks.runs import Runs
    from agents.tasks.schedules import Schedules
    from agents.tools.mcp.opening import Servers
    from ingest.library import Library
    from ingest.settings import Settings

FACE: Face = "app"


class Opened(Protocol):
    """A platform, as far as it is handed on here."""

    library: Library
    settings: Settings

    @property
    def conversations(self) -> Conversations:
        """As `Platform` has them, like all that follows."""

    @property
    def attachments(self) -> Attachments:
        """Files of conversations."""

    @property
    def runs(self) -> Runs:
        """Tasks."""

    @property
    def assistants(self) -> Assistants:
        """Who answers from what."""

    @property
    def answers(self) -> CuratedAnswers:
        """Kept ones."""

    @property
    def schedules(self) -> Schedules:
        """Tasks that come again."""

    @property
    def chat(self) -> Callable[..., Chat]:
        """A way to ask."""

    @property
    def agent(self) -> Callable[..., Agent]:
        """For a new task."""

    @property
    def agent_of(self) -> Callable[..., Agent]:
        """For one that has begun."""

    @property
    def mcp(self) -> Callable[[], Servers | None]:
        """The user's own servers."""


def of_one(theirs: Callable[[str], object], method: Callable[..., Any]) -> Callable[..., Any]:
    """`method`, whose first argument is the id of something that `theirs` finds. Raises `NotFound` as it does."""

    def asked(identity: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        theirs(identity)
        return method(identity, *arguments, **named)

    return asked


def require(policy: AccessPolicy, who: Who, verb: Verb, bases: Bases | None, told: str) -> None:
    """Of each of the bases, or with None of the server; `told` '' is written down only where it is refused."""
    if bases == "":
        raise no_base("", FACE)  # a document that is gone
    for kb in (None,) if bases is None else base_names(bases):
        if told or not who.may(verb, kb):
            policy.require(who, verb, kb, told or verb, FACE)
