"""The tables of one store at a PostgreSQL server (see `ingest.database.Database`), our statements as it reads them, and what it
is taught so that they need not differ more.

Texts are in the collation "C": they sort, compare and match as in SQLite, byte by byte and, with LIKE, regardless of the
case of ASCII letters alone, whatever the server's language is.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from ingest.postgres.connections import Connection, Connections, explained, lock_number, newer, schema_of
from ingest.sqlite import Wording, statements
from ingest.stores import StoreFile

_WRITE = "BEGIN"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_ONE_AFTER_THE_OTHER = "SELECT pg_advisory_xact_lock(?)"


class PostgresSession:
    """One connection, spoken to as SQLite's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def in_transaction(self) -> bool:
        """Whether one is open."""
        return self._connection.info.transaction_status != TransactionStatus.IDLE

    def execute(self, text: str, values: Sequence[Any] = (), /) -> psycopg.Cursor[Any]:
        """Run one of our statements."""
        return self._connection.execute(statement(text), tuple(values))

    def executemany(self, text: str, values: Iterable[Sequence[Any]], /) -> psycopg.Cursor[Any]:
        """The same for each of `values`, sent without waiting in between."""
        cursor = self._connection.cursor()
        cursor.executemany(statement(text), values)
        return cursor

    def each(self, text: str, values: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
        """What it finds for each of `values`, sent together: waiting for each would take as long as all the rest."""
        cursor = self._connection.cursor()
        listed = list(values)
        if listed:
            cursor.executemany(statement(text), listed, returning=True)
        for _ in listed:
            yield cursor.fetchall()
            cursor.nextset()


class PostgresDatabase:
    """One store. Its transactions come one after the other by an advisory lock that ends with them, as SQLite's do: what is
    read in one holds until it is written, and none has to be done again. A connection that died between two of them, as
    all do when the server is started anew, is replaced."""

    def __init__(self, url: str, file: StoreFile, wording: Wording) -> None:
        self._url = url
        self._name = file.path
        self._steps = file.steps
        self._number = lock_number(url, file.path)
        self._what = wording.what
        self._connections = Connections(url)
        self._local = threading.local()
        self._guard = threading.Lock()
        self._ready = False
        self._cursors = itertools.count()

    def prepare(self) -> None:
        """Make the tables, or bring those of an earlier version up to date. Raises `LibraryUnavailable` and its kinds."""
        with self._guard:
            if self._ready:
                return
            with explained(self._url, self._what), self._begun(_WRITE) as session:
                self._upgrade(session)
            self._ready = True

    def _upgrade(self, session: PostgresSession) -> None:
        session.execute(_ONE_AFTER_THE_OTHER, (lock_number(self._url, ""),))
        schema = schema_of(self._url)
        if session.execute("SELECT 1 FROM pg_namespace WHERE nspname = ?", (schema,)).fetchone() is None:
            session.execute(f'CREATE SCHEMA "{schema}"')
        session.execute("CREATE TABLE IF NOT EXISTS store (name TEXT PRIMARY KEY, version INTEGER NOT NULL)")
        found = session.execute("SELECT version FROM store WHERE name = ?", (self._name,)).fetchone()
        version = int(found[0]) if found else 0
        if version > len(self._steps):
            raise newer(self._url, self._what, version, len(self._steps))
        if version == len(self._steps):
            return
        for function in TEACHING:
            session.execute(function)
        for step in self._steps[version:]:
            for one in statements(step):
                session.execute(one)
        session.execute(
            "INSERT INTO store VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version",
            (self._name, len(self._steps)),
        )

    @contextlib.contextmanager
    def transaction(self) -> Iterator[PostgresSession]:
        """All or nothing, after those that others have begun."""
        self.prepare()
        with explained(self._url, self._what), self._begun(_WRITE) as session:
            session.execute(_ONE_AFTER_THE_OTHER, (self._number,))
            yield session

    @contextlib.contextmanager
    def reading(self) -> Iterator[PostgresSession]:
        """One consistent snapshot for several reads; within a transaction of this thread that one."""
        held: PostgresSession | None = getattr(self._local, "session", None)
        if held is not None:
            yield held
            return
        self.prepare()
        with explained(self._url, self._what), self._begun(_READ) as session:
            yield session

    def rows(self, text: str, *values: object) -> list[Any]:
        """What one query finds."""
        found: list[Any] = self._asked(lambda session: session.execute(text, values).fetchall())
        return found

    def row(self, text: str, *values: object) -> Any:  # noqa: ANN401 - a tuple of whatever the columns hold
        """The first row that one query finds, or None."""
        return self._asked(lambda session: session.execute(text, values).fetchone())

    def batches(self, size: int, text: str, *values: object) -> Iterator[list[Any]]:
        """What one query finds, up to `size` rows at once, by a cursor that the server keeps."""
        name = f"found_{next(self._cursors)}"
        with self.reading() as session:
            session.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {text}", values)
            while rows := session.execute(f"FETCH {size} FROM {name}").fetchall():
                yield rows
            session.execute(f"CLOSE {name}")

    def write(self, text: str, *values: object) -> None:
        """One statement, all or nothing; it waits for no transaction but those that have changed the same rows."""
        self.prepare()
        with explained(self._url, self._what), self._begun(_WRITE) as session:
            session.execute(text, values)

    @contextlib.contextmanager
    def tuned(self, **_: str | int) -> Iterator[None]:
        """The server has its own settings."""
        yield

    def utf8(self, column: str) -> str:
        """The bytes of a text column."""
        return f"convert_to({column}, 'UTF8')"

    def last_number(self, table: str) -> int:
        """The highest that a row of a table with numbered rows ever had; 0 for none."""
        (name,) = self.row("SELECT pg_get_serial_sequence(?, 'id')", f'"{table}"')
        last, called = self.row(f"SELECT last_value, is_called FROM {name}")  # noqa: S608 - the server says it
        return int(last) if called else 0

    def number_from(self, table: str, last: int) -> None:
        """Let the next row of it have a higher one than `last`."""
        self.write(
            "SELECT setval(pg_get_serial_sequence(?, 'id'), ?, ?::int = 1)", f'"{table}"', max(last, 1), last > 0
        )

    def used(self) -> bool:
        """There is no asking without tables."""
        return True

    def shrink(self) -> int:
        """The server sees to that by itself."""
        return 0

    def close(self) -> None:
        """Close what nobody uses."""
        self._connections.close()

    def _asked(self, ask: Callable[[PostgresSession], Any]) -> Any:  # noqa: ANN401
        """What a query finds, asked once more where the connection turned out to be dead."""
        held: PostgresSession | None = getattr(self._local, "session", None)
        self.prepare()
        with explained(self._url, self._what):
            if held is not None:
                return ask(held)
            while True:
                connection, fresh = self._connections.take()
                try:
                    return ask(PostgresSession(connection))
                except psycopg.OperationalError:
                    if fresh or not connection.broken:
                        raise
                finally:
                    self._connections.give(connection)

    @contextlib.contextmanager
    def _begun(self, begin: str) -> Iterator[PostgresSession]:
        if getattr(self._local, "session", None) is not None:
            raise RuntimeError("a transaction within another")
        connection = self._opened(begin)
        try:
            self._local.session = session = PostgresSession(connection)
            yield session
            connection.execute("COMMIT")
        except BaseException:
            if not connection.broken:
                with contextlib.suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
            raise
        finally:
            self._local.session = None
            self._connections.give(connection)

    def _opened(self, begin: str) -> Connection:
        while True:
            connection, fresh = self._connections.take()
            try:
                connection.execute(begin)
            except BaseException as error:
                self._connections.give(connection)
                if fresh or not isinstance(error, psycopg.OperationalError):
                    raise
            else:
                return connection


_VALUE = re.compile(r"\?(\d*)")
_EVERYWHERE = (
    (re.compile(r"\bBLOB\b", re.IGNORECASE), "BYTEA"),
    (re.compile(r"\bLIKE\b", re.IGNORECASE), "ILIKE"),
    (re.compile(r"\bgroup_concat\(((?:[^(),]|\([^()]*\))*)\)"), r"string_agg((\1)::text, ',')"),  # of numbers
    (re.compile(r"\bgroup_concat\("), "string_agg("),  # of bytes, and what stands between them
)
_IN_TABLES = (
    (
        re.compile(r"\bINTEGER PRIMARY KEY( AUTOINCREMENT)?", re.IGNORECASE),
        "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    ),
    (re.compile(r"\bINTEGER\b", re.IGNORECASE), "BIGINT"),
    (re.compile(r"^(\s+)(\w+),\s*$", re.MULTILINE), r"\1\2 TEXT,"),  # a column of no type holds numbers and texts
    (re.compile(r'(?<=[\w"])(\s+)TEXT\b', re.IGNORECASE), r'\1TEXT COLLATE "C"'),
    (re.compile(r"\)(\s*strict)?,?(\s*without rowid)?\s*$", re.IGNORECASE), ")"),
)
TEACHING = (
    # A day, of seconds since 1970.
    """
CREATE OR REPLACE FUNCTION strftime(form TEXT, seconds BIGINT, since TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS
$$ SELECT to_char(to_timestamp(seconds) AT TIME ZONE 'UTC', 'YYYY-MM-DD') COLLATE "C" $$
""",
    # What the column without a type holds: a number as Python writes it, or a day.
    r"""
CREATE OR REPLACE FUNCTION typeof(value TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN value IS NULL THEN 'null' WHEN value ~ '^-{0,1}[0-9]+(\.[0-9]+){0,1}(e[+-]{0,1}[0-9]+){0,1}$' THEN 'real' ELSE 'text' END $$
""",
    # Bytes that nobody can guess, up to 32, and how they are written.
    """
CREATE OR REPLACE FUNCTION randomblob(size INTEGER) RETURNS BYTEA LANGUAGE sql VOLATILE AS
$$ SELECT substring(sha256(uuid_send(gen_random_uuid())) FROM 1 FOR size) $$
""",
    """
CREATE OR REPLACE FUNCTION hex(value BYTEA) RETURNS TEXT LANGUAGE sql IMMUTABLE AS
$$ SELECT upper(encode(value, 'hex')) $$
""",
    # A value of a JSON object as text, true and false as 1 and 0; the way to it is $.name.name
    """
CREATE OR REPLACE FUNCTION json_extract(value TEXT, way TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE found WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE found END
FROM (SELECT value::json #>> string_to_array(substr(way, 3), '.')) AS at(found) $$
""",
)
"""Some of SQLite's functions, as far as we call them."""


@lru_cache(maxsize=2_000)
def statement(text: str) -> str:
    """One of our statements, whose values psycopg hands to the server as $1, $2 …"""
    number = count(1)
    text = _VALUE.sub(lambda found: f"${found[1] or next(number)}", text)
    rules = (*_EVERYWHERE, *_IN_TABLES) if re.match(r"\s*(CREATE|ALTER) TABLE", text, re.IGNORECASE) else _EVERYWHERE
    for pattern, other in rules:
        text = pattern.sub(other, text)
    return text
