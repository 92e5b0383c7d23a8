"""The right that a face which is handed objects asks for before it lets a method run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agents.access.policy import AccessPolicy, no_base
from agents.access.rights import Face, Verb, Who
from ingest.finding import Bases, base_names

FACE: Face = "app"


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
