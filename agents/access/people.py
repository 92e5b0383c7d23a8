"""Users, their roles and their keys: `access.sqlite3` in the home, or at the server.

A key is shown once and never again: kept is its SHA-256. That is enough, and quick enough to be asked at every request,
since its secret is 256 random bits; a password, which people choose, has a slow hash (`accounts`). Rights are bound to
what a knowledge base keeps under another name: they follow it, and never pass to another of the same name. No backup
holds this file: a restored archive lets nobody in.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.access.accounts import Accounts
from agents.access.keys import Key, check_public, hashed, listed
from agents.access.rights import EVERY, Role, Verb, Who, strongest, verb_of
from agents.access.tables import USERS
from ingest.database import Kept, Session, open_database, timestamp
from ingest.errors import UsageError
from ingest.language import Text
from ingest.sqlite import Wording
from ingest.stores import SIGN_IN

_MARK, _PUBLIC = "zk", "zkp"
"""How keys begin: those with a secret, and those for web pages, which have none."""
GROUP = "@"
"""How the name of a group begins."""
_USED_EVERY = 60
"""Seconds after which the time of a key's last use is written again."""
_COLUMNS = (
    "id, name, coalesce(\"user\", ''), scope, kbs, origins, webhook, created,"
    " coalesce(expires, ''), coalesce(used, ''), coalesce(revoked, '')"
)


@dataclass(frozen=True, slots=True)
class User:
    """A person."""

    name: str
    created: str
    roles: dict[str, Role]
    """Their own by knowledge base, `EVERY` for all."""
    groups: dict[str, dict[str, Role]]
    """Those they are in, each with its roles."""
    password: bool
    """Whether they can sign in with one."""


class LastAdministrator(UsageError):
    """A change after which nobody could administer the server any more."""


class People(Kept):
    """The store. Safe from any thread and from several processes: what `zhiku keys` changes holds at the next request."""

    def __init__(self, home: Path, bases: Callable[[], Mapping[str, str]], store: str = "") -> None:
        """`bases`: what each knowledge base keeps for good, by its name (`Library.identities`)."""
        self._file = open_database(home, store, USERS, Wording(Text("Users and keys", "用户与密钥")))
        self._exists = self._file.used
        self._elsewhere = (home / SIGN_IN).exists
        self._bases = bases
        self.accounts = Accounts(self._file, self._exists)

    # -- users --------------------------------------------------------------------------------------------------------

    def users(self) -> list[User]:
        """All, by name."""
        if not self._exists():
            return []
        roles: dict[str, dict[str, Role]] = {}
        for whose, kb, role in sorted(self._named_bases(self._file.rows("select whose, kb, role from role"))):
            roles.setdefault(whose, {})[kb] = role
        members = self._file.rows('select "user", team from member order by team')
        return [
            User(
                name,
                created,
                roles.get(name, {}),
                {team: roles.get(team, {}) for user, team in members if user == name},
                bool(password),
            )
            for name, created, password in self._file.rows(
                'select name, created, password is not null from "user" order by name'
            )
        ]

    def add_user(self, name: str) -> None:
        """A new user, who may do nothing yet. Raises `UsageError` for a name that is empty, taken, or a group's."""
        name = _named(name)
        if name.startswith(GROUP):
            raise UsageError(
                Text(f"Names with {GROUP} are groups'.", f"以 {GROUP} 开头的是用户组。"),
                Text(
                    f"`zhiku users join USER {GROUP}GROUP` makes them.", f"用 `zhiku users join 用户 {GROUP}组` 建立。"
                ),
            )
        with self._file.transaction() as db:
            if db.execute('select 1 from "user" where name = ?', (name,)).fetchone():
                raise UsageError(
                    Text(f"There is a user '{name}' already.", f"用户 “{name}” 已存在。"),
                    Text("`zhiku users grant` gives roles.", "`zhiku users grant` 可授予角色。"),
                )
            db.execute('insert into "user" (name, created) values (?, ?)', (name, timestamp()))

    def remove_user(self, name: str) -> None:
        """A user goes with roles; their keys are revoked. Raises `UsageError` when there is none."""
        self._user(name)
        with self._administered() as db:
            db.execute('update key set revoked = coalesce(revoked, ?) where "user" = ?', (timestamp(), name))
            db.execute("delete from role where whose = ?", (name,))
            db.execute('delete from "user" where name = ?', (name,))
            db.execute("delete from role where whose like '@%' and whose not in (select team from member)")

    def grant(self, name: str, role: Role | None, kb: str) -> None:
        """Give a user, or a group that has somebody in it, that role on a knowledge base (`EVERY`: on all), or with None take
        it away. Raises `UsageError`."""
        base = kb if kb == EVERY else self._identity(kb)
        if not name.startswith(GROUP):
            self._user(name)
        elif role is not None and not any(name in user.groups for user in self.users()):
            raise UsageError(
                Text(f"Nobody is in '{name}'.", f"“{name}” 中没有用户。"),
                Text("`zhiku users join` puts somebody in.", "`zhiku users join` 可加入用户。"),
            )
        with self._administered() as db:
            db.execute("delete from role where whose = ? and kb = ?", (name, base))
            if role is not None:
                db.execute("insert into role values (?, ?, ?)", (name, base, role))

    def join(self, name: str, group: str, *, leave: bool = False) -> None:
        """Put a user into a group, whose name begins with '@', or take them out. A group that nobody is in any more has no
        roles. Raises `UsageError`."""
        self._user(name)
        if not group.startswith(GROUP) or not group.removeprefix(GROUP).strip():
            raise UsageError(
                Text(
                    f"'{group}' is no group: their names begin with {GROUP}.",
                    f"“{group}” 不是组：组名以 {GROUP} 开头。",
                ),
                Text(f"Write {GROUP}{group}.", f"请写成 {GROUP}{group}。"),
            )
        with self._administered() as db:
            if not leave:
                db.execute("insert into member values (?, ?) on conflict do nothing", (name, _named(group)))
                return
            db.execute('delete from member where "user" = ? and team = ?', (name, group))
            db.execute("delete from role where whose like '@%' and whose not in (select team from member)")

    def set_password(self, name: str, password: str | None) -> None:
        """Let a user sign in with it, or with None no more; where they are signed in, that ends. Raises `UsageError` for one
        that is too short, or when there is no such user."""
        self._user(name)
        kept = None if password is None else self.accounts.kept(password)
        with self._administered() as db:
            self.accounts.put(db, name, kept)

    @contextmanager
    def _administered(self) -> Iterator[Session]:
        """A change that leaves somebody who administers the server, where there was anybody and people or keys are asked for.
        Raises `LastAdministrator`, and nothing is changed."""
        in_force, by_password = self.in_force, self.accounts.any and not self._elsewhere()
        with self._file.transaction() as db:
            before = self._administrators(db, by_password=by_password)
            yield db
            if in_force and before and not self._administrators(db, by_password=by_password):
                raise LastAdministrator(
                    Text(f"'{before[0]}' is the last administrator here.", f"“{before[0]}” 是最后一位管理者。"),
                    Text(
                        "Make somebody else owner of all knowledge bases first, with a way to sign in.",
                        "请先将另一位可登录的用户设为全部知识库的所有者。",
                    ),
                )

    @staticmethod
    def _administrators(db: Session, *, by_password: bool) -> list[str]:
        """Owners of all, themselves or by a group; where passwords alone let people in, those that have one."""
        rows = db.execute(
            "with of_all as (select whose from role where kb = ?1 and role = 'owner')"
            ' select name from "user" where (?2 = 0 or password is not null) and (name in (select whose from of_all)'
            ' or name in (select "user" from member where team in (select whose from of_all))) order by name',
            (EVERY, int(by_password)),
        )
        return [name for (name,) in rows]

    def _identity(self, kb: str) -> str:
        """Raises `UsageError` where there is no such base: a right on a name that somebody mistyped would be one on whatever
        is called so later."""
        if (found := self._bases().get(kb)) is None:
            raise UsageError(
                Text(f"There is no knowledge base '{kb}'.", f"没有知识库 “{kb}”。"),
                Text("`ingest kb list` shows those there are.", "`ingest kb list` 可列出现有知识库。"),
            )
        return found

    def _named_bases(self, roles: Iterable[tuple[str, str, Role]]) -> list[tuple[str, str, Role]]:
        """Roles with the names that bases have now; those on bases that are gone are left out."""
        names = {EVERY: EVERY, **{identity: name for name, identity in self._bases().items()}}
        return [(whose, names[kb], role) for whose, kb, role in roles if kb in names]

    def _user(self, name: str) -> None:
        if not self._exists() or self._file.row('select 1 from "user" where name = ?', name) is None:
            known = ", ".join(user.name for user in self.users())
            raise UsageError(
                Text(f"There is no user '{name}'.", f"没有用户 “{name}”。"),
                Text(f"There are: {known}.", f"现有：{known}。")
                if known
                else Text("`zhiku users add` makes one.", "`zhiku users add` 可新建用户。"),
            )

    # -- keys ---------------------------------------------------------------------------------------------------------

    @property
    def in_force(self) -> bool:
        """Whether any key was ever made, or people sign in: then every caller needs one, also after all are revoked."""
        return self.signing_in or (self._exists() and self._file.row("select 1 from key limit 1") is not None)

    @property
    def signing_in(self) -> bool:
        """Whether people sign in to the application: with a password, or elsewhere."""
        return self._elsewhere() or self.accounts.any

    def keys(self) -> list[Key]:
        """All, the latest first."""
        if not self._exists():
            return []
        return [self._key(row) for row in self._file.rows(f"select {_COLUMNS} from key order by created desc")]  # noqa: S608

    def add_key(
        self,
        name: str,
        *,
        scope: Verb = "read",
        kbs: Sequence[str] = (),
        user: str = "",
        days: float | None = None,
        origins: Sequence[str] = (),
        webhook: str = "",
    ) -> tuple[Key, str]:
        """A new key and its text, which nobody can ask for again. `kbs` hold it to those, `user` to what the user may do,
        `days` to that time. With `origins` it is one for the widget in pages from there, no secret, and opens nothing
        else. Raises `UsageError`."""
        name = _named(name)
        if origins:
            check_public(scope, kbs, user, origins)
        if user:
            self._user(user)
        if days is not None and days <= 0:
            raise UsageError(
                Text("A key can't end before it begins.", "密钥的有效期必须大于零。"),
                Text("Give days above 0.", "请给出大于 0 的天数。"),
            )
        identity, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        expires = None if days is None else timestamp(days=days)
        only, pages = listed([self._identity(kb) for kb in kbs]), listed(origins)
        row = (identity, hashed(secret), name, user or None, scope, only, pages, webhook, timestamp(), expires)
        self._file.write("insert into key values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, null)", *row)
        return self.key(identity), f"{_PUBLIC}-{identity}" if origins else f"{_MARK}-{identity}-{secret}"

    def key(self, identity: str) -> Key:
        """One, by its id or a name that no other valid key has. Raises `UsageError`."""
        found = [key for key in self.keys() if identity == key.id]
        found = found or [key for key in self.keys() if identity == key.name and key.valid]
        if len(found) == 1:
            return found[0]
        raise UsageError(
            Text(f"There is no key '{identity}'.", f"没有密钥 “{identity}”。")
            if not found
            else Text(f"Several keys are called '{identity}'.", f"有多个密钥名为 “{identity}”。"),
            Text("`zhiku keys list` shows their ids.", "`zhiku keys list` 可列出密钥编号。"),
        )

    def revoke(self, identity: str) -> Key:
        """From now on it opens nothing; its row stays, for the trail. Raises `UsageError`."""
        found = self.key(identity)
        self._file.write("update key set revoked = coalesce(revoked, ?) where id = ?", timestamp(), found.id)
        return self.key(found.id)

    def known(self, text: str) -> tuple[Key, Who] | None:
        """The key that `text` is and who calls by it, whether or not it is still valid; None for no key of ours."""
        mark, _, rest = text.partition("-")
        identity, _, secret = rest.partition("-")
        if mark != _MARK or not secret or not self._exists():
            return None
        row = self._file.row(f"select {_COLUMNS}, hash from key where id = ?", identity)  # noqa: S608
        if row is None or not hmac.compare_digest(row[-1], hashed(secret)):
            return None
        return self._used(self._key(row[:-1]))

    def public(self, text: str) -> tuple[Key, Who] | None:
        """The same for a key that stands in web pages."""
        mark, _, identity = text.partition("-")
        if mark != _PUBLIC or not self._exists():
            return None
        statement = f"select {_COLUMNS} from key where id = ? and origins is not null"  # noqa: S608
        row = self._file.row(statement, identity)
        return None if row is None else self._used(self._key(row))

    def _used(self, key: Key) -> tuple[Key, Who]:
        if key.valid and (not key.used or key.used < timestamp(seconds=-_USED_EVERY)):
            self._file.write("update key set used = ? where id = ?", timestamp(), key.id)
        kbs = None if key.kbs is None else frozenset(key.kbs)
        return key, Who(
            key.user or key.name, key.id, key.user, key.scope, kbs, self._roles(key.user) if key.user else None
        )

    def person(self, name: str) -> Who | None:
        """Who a user is that has signed in; None for nobody of ours."""
        if not self._exists() or self._file.row('select 1 from "user" where name = ?', name) is None:
            return None
        return Who(name, user=name, roles=self._roles(name))

    def _roles(self, user: str) -> dict[str, Verb]:
        rows = self._file.rows(
            'select whose, kb, role from role where whose = ?1 or whose in (select team from member where "user" = ?1)',
            user,
        )
        return strongest((kb, verb_of(role)) for _, kb, role in self._named_bases(rows))

    def _key(self, row: Sequence[str]) -> Key:
        identity, name, user, scope, kbs, origins, *rest = row
        pages = None if origins is None else tuple(json.loads(origins))
        only = None
        if kbs is not None:
            held = set(json.loads(kbs))
            only = tuple(sorted(kb for kb, found in self._bases().items() if found in held))
        return Key(identity, name, user, scope, only, pages, *rest)  # type: ignore[arg-type]

    # -- what belongs to whom -----------------------------------------------------------------------------------------

    def own(self, kind: str, identity: str, owner: str) -> None:
        """A conversation or a run (`kind`) belongs to whoever began it."""
        self._file.write(
            "insert into belonging values (?, ?, ?) on conflict (kind, id) do update set owner = excluded.owner",
            kind,
            identity,
            owner,
        )

    def owners(self, kind: str) -> dict[str, str]:
        """Of each that belongs to anybody."""
        return dict(self._file.rows("select id, owner from belonging where kind = ?", kind)) if self._exists() else {}


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise UsageError(
            Text("A name has 1 to 100 characters.", "名称须为 1 至 100 个字符。"), Text("Give another.", "请另取名称。")
        )
    return name
