"""One request of one caller: what endpoints are given. Everything they touch goes through here, so through the policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.requests import Request

from agents.access.policy import AccessPolicy, NotFound, no_base
from agents.access.rights import Face, Verb, Who
from agents.assistants.assistant import Assistant
from agents.chat.answers import Answer
from agents.platform import Platform
from agents.serve.guard import WHO
from agents.serve.tasks import Tasks
from ingest.catalog import KnowledgeBase
from ingest.jobs import Jobs
from ingest.language import Text
from ingest.library import Library
from ingest.records import to_json


@dataclass(frozen=True)
class Desk:
    """What a server works with."""

    platform: Platform
    policy: AccessPolicy
    jobs: Jobs
    tasks: Tasks
    seconds: float
    """What an answer may take; 0: as long as it likes."""


class Visit:
    """A request and its caller."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.desk: Desk = request.app.state.desk
        self.who: Who = request.scope[WHO]

    @property
    def platform(self) -> Platform:
        """Library, model, and what was kept."""
        return self.desk.platform

    @property
    def library(self) -> Library:
        """Ask for the right first."""
        return self.desk.platform.library

    def require(self, verb: Verb, kb: str | None = None, face: Face = "api") -> None:
        """Raises `NotFound` or `Forbidden`, as the policy says; None: of the server itself."""
        route = self.request.scope["route"].path
        self.desk.policy.require(self.who, verb, kb, f"{self.request.method} {route}", face)

    def base(self, verb: Verb, name: str, face: Face = "api") -> KnowledgeBase:
        """The base of that name, if the caller may do that to it. Raises as `require` does."""
        self.require(verb, name, face)
        for found in self.library.kbs():
            if found.name == name:
                return found
        raise no_base(name)

    def bases(self, names: Sequence[str], face: Face = "api") -> tuple[str, ...]:
        """Those of these names, each once, if the caller may read them all. Raises as `require` does."""
        return tuple(self.base("read", name, face).name for name in dict.fromkeys(names))

    def readable(self) -> list[KnowledgeBase]:
        """Those the caller may know of."""
        return [kb for kb in self.library.kbs() if self.who.may("read", kb.name)]

    def assistants(self) -> list[Assistant]:
        """Those the caller may know of: whoever may read all the bases of one."""
        readable = {kb.name for kb in self.readable()}
        return [one for one in self.platform.assistants.list() if one.readable(readable)]

    def assistant(self, name: str, face: Face = "api") -> Assistant:
        """The assistant of that name. Raises `NotFound` where there is none, or none for this caller, without saying which."""
        for found in self.assistants():
            if found.name == name:
                self.bases(found.kbs, face)
                return found
        raise NotFound(
            Text(f"There is no assistant '{name}'.", f"没有助手 “{name}”。"),
            Text("GET /api/assistants lists those there are for you.", "GET /api/assistants 可列出您可用的助手。"),
        )


Here = Annotated[Visit, Depends(Visit)]
"""What an endpoint declares to be given its visit."""
Base = Annotated[str, Query(alias="kb", description="Name of the knowledge base.", max_length=500)]


def told(answer: Answer) -> dict[str, Any]:
    """An answer for a program elsewhere: all of it but the path of a file of this machine's."""
    return {**answer.to_json(), "trace": ""}


def plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """A record of ours as JSON."""
    return to_json(value)
