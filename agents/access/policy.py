"""The one place that is asked who somebody is and whether they may do something; what it says goes into the trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from agents.access.audit import Audit
from agents.access.keys import Key
from agents.access.people import People
from agents.access.rights import LOCAL, Face, Verb, Who
from ingest.database import timestamp
from ingest.errors import UsageError
from ingest.language import Text


class Unknown(UsageError):
    """No key, or none that opens anything."""


class Forbidden(UsageError):
    """What is asked for may be seen, but not done."""


class NotFound(UsageError):
    """It is not there, or not for this caller: which of both is not said."""


class AccessPolicy:
    """Asked by every face. Safe from any thread."""

    def __init__(self, people: People, audit: Audit) -> None:
        self.people, self.audit = people, audit

    @classmethod
    def of(cls, home: Path, days: int, bases: Callable[[], Mapping[str, str]], store: str = "") -> AccessPolicy:
        """Of what is kept in `home`, or at the server `store`; the trail for `days`, `bases` as `People` has it. To be closed."""
        return cls(People(home, bases, store), Audit(home, days, store))

    def close(self) -> None:
        """Close the files."""
        self.people.close()
        self.audit.close()

    def who(self, key: str) -> Who:
        """Who calls with that key; '' for none. Where no key was ever made whatever is sent counts for nothing: clients of
        OpenAI's API always send something. Raises `Unknown`."""
        if not self.people.in_force:
            return LOCAL
        found = self.people.known(key) if key else None
        if found and found[0].valid:
            return found[1]
        if found and not found[0].revoked:
            raise Unknown(
                Text(
                    f"This key expired at {found[0].expires}; by the server's clock it is {timestamp()}.",
                    f"该密钥已于 {found[0].expires} 过期；服务器当前时间为 {timestamp()}。",
                ),
                _ASK,
            )
        raise Unknown(*_REFUSALS["" if not key else "revoked" if found else "wrong"])

    def visitor(self, key: str, origin: str) -> tuple[Key, Who]:
        """Who visits a web page of that origin that has that key in it. Raises `Unknown`, and `Forbidden` for a page that
        is none of the key's."""
        found = self.people.public(key)
        if found is None or not found[0].valid:
            raise Unknown(*_REFUSALS["wrong"])
        if origin not in (found[0].origins or ()):
            raise Forbidden(
                Text("This page may not use this key.", "此网页无权使用该密钥。"),
                Text("Whoever runs the server can name its origin.", "可由服务器管理者登记该网页来源。"),
            )
        return found

    def require(self, who: Who, verb: Verb, kb: str | None, what: str, face: Face = "api") -> None:
        """Raises `NotFound` where `who` may not even read `kb`, and `Forbidden` where not do `verb`; None: the server
        itself. Both are written down, and so is what is allowed."""
        allowed = who.may(verb, kb)
        self.audit.write(who.name, who.key, face, verb, kb or "", what, allowed=allowed)
        if allowed:
            return
        if kb is not None and not who.may("read", kb):
            raise no_base(kb, face)
        raise Forbidden(
            Text("You may not do that here.", "您无权执行该操作。")
            if face == "app"
            else Text("This key may not do that.", "此密钥无权执行该操作。"),
            Text(
                f"It takes the right to '{verb}'; whoever runs the server can give it.",
                f"需要 “{verb}” 权限，可由服务器管理者授予。",
            ),
        )

    def reads(self, who: Who, kb: str, what: str, face: Face) -> bool:
        """Whether `who` may read `kb`; written down where `what` is about to be done to it."""
        allowed = who.may("read", kb)
        if what:
            self.audit.write(who.name, who.key, face, "read", kb, what, allowed=allowed)
        return allowed

    # -- what belongs to whom -----------------------------------------------------------------------------------------

    def own(self, who: Who, kind: str, identity: str) -> None:
        """What `who` has begun is theirs."""
        if who is not LOCAL:
            self.people.own(kind, identity, who.owner)

    def mine(self, who: Who, kind: str, identities: list[str]) -> set[str]:
        """Those of `identities` that `who` has begun; to whoever administers the server also those of nobody."""
        owners = self.people.owners(kind)
        nobody = who.owner if who.may("admin") else ""
        return {identity for identity in identities if owners.get(identity, nobody) == who.owner}

    def owned(self, who: Who, kind: str, identities: list[str]) -> set[str]:
        """Those of `identities` that are shown to `who`: their own; all to whoever administers the server."""
        if who.may("admin"):
            return set(identities)
        owners = self.people.owners(kind)
        return {identity for identity in identities if owners.get(identity) == who.owner}


def no_base(kb: str, face: Face = "api") -> NotFound:
    """The same words for a base that is not there and for one that is not the caller's."""
    hint = Text("GET /api/kbs lists those there are for you.", "GET /api/kbs 可列出您可用的知识库。")
    if face == "app":
        hint = Text("The menu lists those there are for you.", "菜单中列出了您可用的知识库。")
    return NotFound(Text(f"There is no knowledge base '{kb}'.", f"没有知识库 “{kb}”。"), hint)


_ASK = Text("Ask whoever runs the server for another.", "请向服务器管理者索取新的密钥。")
_REFUSALS = {
    "": (
        Text("A key is needed here.", "此处需要密钥。"),
        Text("Send it as 'Authorization: Bearer KEY'.", "请以 “Authorization: Bearer 密钥” 发送。"),
    ),
    "wrong": (Text("This key is not known here.", "此处不认识该密钥。"), _ASK),
    "revoked": (Text("This key was revoked.", "该密钥已被撤销。"), _ASK),
}
