"""Users, their roles and their keys: `access.sqlite3` in the home.

A key is shown once and never again: kept is its SHA-256. That is enough, and quick enough to be asked at every request,
since its secret is 256 random bits; a password, which people choose, would want a slow hash. No backup holds this file:
a restored archive lets nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from agents.serve.access.rights import Who, verb_of
from ingest.errors import UsageError
from ingest.language import Text
from ingest.sqlite import SqliteFile, Wording

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agents.serve.access.rights import Role, Verb

FILE = "access.sqlite3"
_STEPS = (
    """
create table user (name text primary key, created text not null) strict;
create table role (
    user text not null references user(name) on delete cascade, kb text not null, role text not null,
    primary key (user, kb)
) strict, without rowid;
create table key (
    id text primary key, hash text not null, name text not null, user text,
    scope text not null, kbs text, created text not null, expires text, used text, revoked text
) strict;
create table belonging (
    kind text not null, id text not null, owner text not null, primary key (kind, id)
) strict, without rowid;
""",
)
_MARK = "zk"
_USED_EVERY = 60
"""Seconds after which the time of a key's last use is written again."""
_COLUMNS = "id, name, coalesce(user, ''), scope, kbs, created, coalesce(expires, ''), coalesce(used, ''), coalesce(revoked, '')"


@dataclass(frozen=True, slots=True)
class User:
    """A person."""

    name: str
    created: str
    roles: dict[str, Role]
    """By knowledge base, `EVERY` for all."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as lists show it. Times are UTC, ISO 8601, '' for never."""

    id: str
    name: str
    user: str
    """Whom it belongs to; '' for nobody."""
    scope: Verb
    kbs: tuple[str, ...] | None
    created: str
    expires: str
    used: str
    revoked: str

    @property
    def valid(self) -> bool:
        """Whether it opens anything now."""
        return not self.revoked and (not self.expires or self.expires > _now())


class People:
    """The store. Safe from any thread and from several processes: what `zhiku keys` changes holds at the next request."""

    def __init__(self, home: Path) -> None:
        self._file = SqliteFile(home / FILE, _STEPS, Wording(Text(en="Users and keys", zh="用户与密钥")))
        self._exists = (home / FILE).exists

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    # -- users --------------------------------------------------------------------------------------------------------

    def users(self) -> list[User]:
        """All, by name."""
        if not self._exists():
            return []
        roles = self._file.rows("select user, kb, role from role order by kb")
        return [
            User(name, created, {kb: role for user, kb, role in roles if user == name})
            for name, created in self._file.rows("select name, created from user order by name")
        ]

    def add_user(self, name: str) -> None:
        """A new user, who may do nothing yet. Raises `UsageError` for a name that is empty or taken."""
        name = _named(name)
        with self._file.transaction() as db:
            if db.execute("select 1 from user where name = ?", (name,)).fetchone():
                raise UsageError(
                    Text(en=f"There is a user '{name}' already.", zh=f"用户 “{name}” 已存在。"),
                    Text(en="`zhiku users grant` gives roles.", zh="`zhiku users grant` 可授予角色。"),
                )
            db.execute("insert into user values (?, ?)", (name, _now()))

    def remove_user(self, name: str) -> None:
        """A user goes with roles; their keys are revoked. Raises `UsageError` when there is none."""
        self._user(name)
        with self._file.transaction() as db:
            db.execute("update key set revoked = coalesce(revoked, ?) where user = ?", (_now(), name))
            db.execute("delete from user where name = ?", (name,))

    def grant(self, name: str, role: Role | None, kb: str) -> None:
        """Give a user that role on a knowledge base (`EVERY`: on all), or with None take it away. Raises `UsageError`."""
        self._user(name)
        if role is None:
            self._file.write("delete from role where user = ? and kb = ?", name, kb)
        else:
            self._file.write("insert or replace into role values (?, ?, ?)", name, kb, role)

    def _user(self, name: str) -> None:
        if not self._exists() or self._file.row("select 1 from user where name = ?", name) is None:
            known = ", ".join(user.name for user in self.users())
            raise UsageError(
                Text(en=f"There is no user '{name}'.", zh=f"没有用户 “{name}”。"),
                Text(en=f"There are: {known}.", zh=f"现有：{known}。")
                if known
                else Text(en="`zhiku users add` makes one.", zh="`zhiku users add` 可新建用户。"),
            )

    # -- keys ---------------------------------------------------------------------------------------------------------

    @property
    def in_force(self) -> bool:
        """Whether any key was ever made: then every caller needs one, also after all are revoked."""
        return self._exists() and self._file.row("select 1 from key limit 1") is not None

    def keys(self) -> list[Key]:
        """All, the latest first."""
        if not self._exists():
            return []
        return [_key(row) for row in self._file.rows(f"select {_COLUMNS} from key order by created desc")]  # noqa: S608

    def add_key(
        self, name: str, *, scope: Verb = "read", kbs: Sequence[str] = (), user: str = "", days: float | None = None
    ) -> tuple[Key, str]:
        """A new key and its text, which nobody can ask for again. `kbs` hold it to those, `user` to what the user may do,
        `days` to that time. Raises `UsageError`."""
        name = _named(name)
        if user:
            self._user(user)
        if days is not None and days <= 0:
            raise UsageError(
                Text(en="A key can't end before it begins.", zh="密钥的有效期必须大于零。"),
                Text(en="Give days above 0.", zh="请给出大于 0 的天数。"),
            )
        identity, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        expires = None if days is None else _stamp(datetime.now(UTC) + timedelta(days=days))
        only = json.dumps(sorted(set(kbs)), ensure_ascii=False) if kbs else None
        row = (identity, _hash(secret), name, user or None, scope, only, _now(), expires)
        self._file.write("insert into key values (?, ?, ?, ?, ?, ?, ?, ?, null, null)", *row)
        return self.key(identity), f"{_MARK}-{identity}-{secret}"

    def key(self, identity: str) -> Key:
        """One, by its id or a name that no other valid key has. Raises `UsageError`."""
        found = [key for key in self.keys() if identity == key.id]
        found = found or [key for key in self.keys() if identity == key.name and key.valid]
        if len(found) == 1:
            return found[0]
        raise UsageError(
            Text(en=f"There is no key '{identity}'.", zh=f"没有密钥 “{identity}”。")
            if not found
            else Text(en=f"Several keys are called '{identity}'.", zh=f"有多个密钥名为 “{identity}”。"),
            Text(en="`zhiku keys list` shows their ids.", zh="`zhiku keys list` 可列出密钥编号。"),
        )

    def revoke(self, identity: str) -> Key:
        """From now on it opens nothing; its row stays, for the trail. Raises `UsageError`."""
        found = self.key(identity)
        self._file.write("update key set revoked = coalesce(revoked, ?) where id = ?", _now(), found.id)
        return self.key(found.id)

    def known(self, text: str) -> tuple[Key, Who] | None:
        """The key that `text` is and who calls by it, whether or not it is still valid; None for no key of ours."""
        mark, _, rest = text.partition("-")
        identity, _, secret = rest.partition("-")
        if mark != _MARK or not secret or not self._exists():
            return None
        row = self._file.row(f"select {_COLUMNS}, hash from key where id = ?", identity)  # noqa: S608
        if row is None or not hmac.compare_digest(row[-1], _hash(secret)):
            return None
        key = _key(row[:-1])
        if key.valid and (not key.used or key.used < _stamp(datetime.now(UTC) - timedelta(seconds=_USED_EVERY))):
            self._file.write("update key set used = ? where id = ?", _now(), key.id)
        return key, self._who(key)

    def _who(self, key: Key) -> Who:
        roles = None
        if key.user:
            rows = self._file.rows("select kb, role from role where user = ?", key.user)
            roles = {kb: verb_of(role) for kb, role in rows}
        kbs = None if key.kbs is None else frozenset(key.kbs)
        return Who(key.user or key.name, key.id, key.user, key.scope, kbs, roles)

    # -- what belongs to whom -----------------------------------------------------------------------------------------

    def own(self, kind: str, identity: str, owner: str) -> None:
        """A conversation or a run (`kind`) belongs to whoever began it."""
        self._file.write("insert or replace into belonging values (?, ?, ?)", kind, identity, owner)

    def owners(self, kind: str) -> dict[str, str]:
        """Of each that belongs to anybody."""
        return dict(self._file.rows("select id, owner from belonging where kind = ?", kind)) if self._exists() else {}

    def renamed(self, kb: str, new: str) -> None:
        """Rights go along with a knowledge base that was renamed."""
        self._rewrite(kb, new)

    def removed(self, kb: str) -> None:
        """Rights on a knowledge base go with it: the next of its name is another."""
        self._rewrite(kb, None)

    def _rewrite(self, kb: str, new: str | None) -> None:
        if not self._exists():
            return
        with self._file.transaction() as db:
            db.execute("delete from role where kb = ?", (new,))
            if new is None:
                db.execute("delete from role where kb = ?", (kb,))
            else:
                db.execute("update role set kb = ? where kb = ?", (new, kb))
            for identity, kbs in db.execute("select id, kbs from key where kbs is not null").fetchall():
                named = [name for name in json.loads(kbs) if name not in (kb, new)]
                named += [new] if new is not None and kb in json.loads(kbs) else []
                db.execute(
                    "update key set kbs = ? where id = ?", (json.dumps(sorted(named), ensure_ascii=False), identity)
                )


def _key(row: Sequence[str]) -> Key:
    identity, name, user, scope, kbs, *times = row
    return Key(identity, name, user, scope, None if kbs is None else tuple(json.loads(kbs)), *times)  # type: ignore[arg-type]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise UsageError(
            Text(en="A name has 1 to 100 characters.", zh="名称须为 1 至 100 个字符。"),
            Text(en="Give another.", zh="请另取名称。"),
        )
    return name


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _now() -> str:
    return _stamp(datetime.now(UTC))
