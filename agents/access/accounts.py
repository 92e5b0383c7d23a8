"""Signing in with a password: Argon2id hashes of passwords, and of each sign-in the hash of its token.

A token is 256 random bits, looked up at every request, so that signing out, another password and a removed user end it at
once and everywhere; nothing that a browser keeps could be forged, so nothing has to be signed.
"""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING

from agents.access.keys import hashed
from ingest.database import Database, Session, timestamp
from ingest.errors import UsageError
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from argon2 import PasswordHasher


HOURS = 12
"""A sign-in's."""
SHORTEST = 8
"""Characters of a password, as NIST SP 800-63B has it."""
_TRIES, _PAUSE = 5, 60
"""Wrong passwords for one name, and the seconds without any that it then takes."""


class WrongPassword(UsageError):
    """Nobody of that name and password."""


class Accounts:
    """Safe from any thread and from several processes, which count wrong tries together."""

    def __init__(self, file: Database, exists: Callable[[], bool]) -> None:
        self._file, self._exists = file, exists

    @property
    def any(self) -> bool:
        """Whether anybody has a password."""
        return self._exists() and self._file.row('select 1 from "user" where password is not null') is not None

    def kept(self, password: str) -> str:
        """What is kept of it. Raises `UsageError` for one that is too short."""
        if len(password) < SHORTEST:
            raise UsageError(
                Text("The password is too short.", "密码太短。"),
                Text(f"It takes {SHORTEST} characters or more.", f"至少需要 {SHORTEST} 个字符。"),
            )
        return _hasher().hash(password)

    def put(self, db: Session, name: str, kept: str | None) -> None:
        """Let that be a user's, or with None nothing; where they are signed in, that ends."""
        db.execute('update "user" set password = ? where name = ?', (kept, name))
        db.execute('delete from session where "user" = ?', (name,))

    def sign_in(self, name: str, password: str) -> str:
        """A token for `HOURS`. Raises `WrongPassword`, which says not which of both is wrong and takes as long for either."""
        from argon2.exceptions import VerifyMismatchError

        if not self._exists():
            raise _wrong()
        self._count(name)
        row = self._file.row('select password from "user" where name = ?', name)
        kept = row[0] if row and row[0] else _of_nobody()
        try:
            _hasher().verify(kept, password)
        except VerifyMismatchError:
            raise _wrong() from None
        token = secrets.token_urlsafe(32)
        with self._file.transaction() as db:
            db.execute("delete from attempt where who = ?", (hashed(name),))
            db.execute("delete from session where expires < ?", (timestamp(),))
            db.execute("insert into session values (?, ?, ?)", (hashed(token), name, timestamp(hours=HOURS)))
        return token

    def user(self, token: str) -> str:
        """Whose sign-in that is; '' for one that has ended or never was."""
        if not token or not self._exists():
            return ""
        row = self._file.row('select "user" from session where hash = ? and expires > ?', hashed(token), timestamp())
        return row[0] if row else ""

    def sign_out(self, token: str) -> None:
        """It opens nothing any more."""
        if self._exists():
            self._file.write("delete from session where hash = ?", hashed(token))

    def _count(self, name: str) -> None:
        """One more try, which the right password takes back; written down first, so that many at once are as many."""
        with self._file.transaction() as db:
            db.execute("delete from attempt where at < ?", (timestamp(seconds=-_PAUSE),))
            (tries,) = db.execute("select count(*) from attempt where who = ?", (hashed(name),)).fetchone()
            if tries < _TRIES:
                db.execute("insert into attempt (who, at) values (?, ?)", (hashed(name), timestamp()))
                return
        raise WrongPassword(
            Text("Too many wrong passwords.", "密码错误次数过多。"), Text("Try again in a minute.", "请一分钟后重试。")
        )


def _wrong() -> WrongPassword:
    return WrongPassword(
        Text("There is nobody of that name and password.", "用户名或密码不正确。"),
        Text("Whoever runs the server can set a new one.", "可由服务器管理者重设密码。"),
    )


def _hasher() -> PasswordHasher:
    """Argon2id with the least that OWASP's password storage cheat sheet asks for: 19 MiB, two passes, one thread."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19 << 10, parallelism=1)


@cache
def _of_nobody() -> str:
    """A hash that no password has."""
    return _hasher().hash(secrets.token_urlsafe(32))
