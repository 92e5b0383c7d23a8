"""What one caller may do: a key's scope, and the roles of the user it belongs to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from ingest.attached import attached_to

Verb = Literal["read", "write", "admin"]
"""Each includes those before it. `admin` of a knowledge base: to remove it; of the server (no base named): to make and
rename them, to approve what tasks want to carry out, to see what others have asked."""
Role = Literal["reader", "editor", "owner"]
Face = Literal["api", "mcp", "widget", "app"]

VERBS: tuple[Verb, ...] = get_args(Verb)
ROLES: tuple[Role, ...] = get_args(Role)
"""In the order of `VERBS`: a reader reads, an editor writes as well, an owner administers."""
EVERY = "*"
"""In the place of a knowledge base's name: all of them, those to come included, and the server itself."""


def verb_of(role: Role) -> Verb:
    """The most that a role may do."""
    return VERBS[ROLES.index(role)]


def strongest(held: Iterable[tuple[str, Verb]]) -> dict[str, Verb]:
    """The most of what somebody may do to each knowledge base, by roles of their own and of their groups."""
    found: dict[str, Verb] = {}
    for kb, verb in held:
        found[kb] = max(verb, found.get(kb, verb), key=VERBS.index)
    return found


@dataclass(frozen=True, slots=True)
class Who:
    """A caller. Where no keys are in force it is `LOCAL`, whoever sits at this machine."""

    name: str
    """As the trail has it: the user's, or the key's that belongs to nobody."""
    key: str = ""
    """The key's id."""
    user: str = ""
    scope: Verb = "admin"
    """The most the key may do."""
    kbs: frozenset[str] | None = None
    """The only knowledge bases of the key; None: all."""
    roles: Mapping[str, Verb] | None = None
    """What the user may do by knowledge base, `EVERY` for all; None: a key that belongs to nobody is held to its own
    scope alone."""

    def may(self, verb: Verb, kb: str | None = None) -> bool:
        """Whether it may do that to the knowledge base `kb`, or with None to the server. Files of a conversation are reached
        through it alone, whatever the rights."""
        if attached_to(kb or ""):
            return False
        if VERBS.index(verb) > VERBS.index(self.scope):
            return False
        if kb is None:
            return self.kbs is None and self._holds(EVERY, verb)
        return (self.kbs is None or kb in self.kbs) and (self._holds(kb, verb) or self._holds(EVERY, verb))

    @property
    def owner(self) -> str:
        """Whose what it begins is: no key can be named so that it passes for a user."""
        return f"user {self.user}" if self.user else f"key {self.key}"

    def _holds(self, kb: str, verb: Verb) -> bool:
        if self.roles is None:
            return True
        held = self.roles.get(kb)
        return held is not None and VERBS.index(verb) <= VERBS.index(held)


LOCAL = Who("local")
"""Whoever reaches a server that has no keys, which listens on this machine alone unless somebody said otherwise."""
