"""What the catalog, conversations, runs, users and the audit trail are kept in: a SQLite file each, or one PostgreSQL
database for all of them.

There is one set of statements. It is SQLite's, without what PostgreSQL has no word for: values stand for `?` or `?1`, a row
that is there already is met by `ON CONFLICT`, a new row's number comes by `RETURNING`, flags are compared with 1 and 0.
`ingest.postgres.database` writes down what is left to be said otherwise.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from ingest.errors import UsageError
from ingest.language import Text
from ingest.sqlite import SqliteFile, Wording
from ingest.stores import StoreFile

_SCHEMES = ("postgresql://", "postgres://")


class Session(Protocol):
    """A connection within a transaction, as far as our statements need it."""

    @property
    def in_transaction(self) -> bool:
        """Whether one is open."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Any:  # noqa: ANN401 - a cursor of the DB-API
        """Run one statement; returns a cursor over what it finds."""

    def executemany(self, statement: str, values: Iterable[Sequence[Any]], /) -> Any:  # noqa: ANN401 - the same
        """Run one statement for each of several lists of values."""


def each(session: Session, statement: str, values: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    """What one statement finds for each of several lists of values; at a server they go there and back together."""
    if isinstance(session, sqlite3.Connection):
        return (session.execute(statement, one).fetchall() for one in values)
    found: Iterator[list[Any]] = session.each(statement, values)  # type: ignore[attr-defined]
    return found


class Database(Protocol):
    """The tables of one store. Safe from any thread and from several processes. Whatever is done raises
    `LibraryUnavailable` and its kinds."""

    def prepare(self) -> None:
        """Make the tables, or bring those of an earlier version up to date."""

    def transaction(self) -> AbstractContextManager[Session]:
        """All or nothing; transactions of one store come one after the other, whoever begins them."""

    def reading(self) -> AbstractContextManager[Session]:
        """Several reads of one moment."""

    def rows(self, statement: str, *values: object) -> list[Any]:
        """What one query finds."""

    def row(self, statement: str, *values: object) -> Any:  # noqa: ANN401 - a tuple of whatever the columns hold
        """The first row that one query finds, or None."""

    def batches(self, size: int, statement: str, *values: object) -> Iterator[list[Any]]:
        """What one query finds, up to `size` rows at once: never more of them are in memory."""

    def write(self, statement: str, *values: object) -> None:
        """One statement, all or nothing."""

    def tuned(self, **pragmas: str | int) -> AbstractContextManager[None]:
        """SQLite's pragmas for this thread, for a while; nothing elsewhere."""

    def utf8(self, column: str) -> str:
        """An expression for a text column's bytes: what is damaged may be no text."""

    def last_number(self, table: str) -> int:
        """The highest that a row of a table with numbered rows ever had; 0 for none."""

    def number_from(self, table: str, last: int) -> None:
        """Let the next row of it have a higher one than `last`."""

    def used(self) -> bool:
        """Whether anything was ever kept; asking makes nothing."""

    def shrink(self) -> int:
        """Give the room of what was deleted back to the disk, where that is ours to do; returns how many bytes."""

    def close(self) -> None:
        """Close what is open; what is used again is opened again."""


class Kept:
    """What is kept in a database of its own."""

    _file: Database

    def close(self) -> None:
        """Close it; what is used again is opened again."""
        self._file.close()


def open_database(home: Path, store: str, file: StoreFile, wording: Wording, **pragmas: str | int) -> Database:
    """The tables of `file`: below `home` where `store`, the setting, is empty, or at the server that it names. Nothing is
    opened yet. Raises `UsageError` where psycopg is not installed."""
    if not at_server(store):
        return SqliteFile(home / file.path, file.steps, wording, **pragmas)
    made: Database = server_side().PostgresDatabase(store, file, wording)
    return made


def server_side() -> ModuleType:
    """`ingest.postgres`, which nothing else imports. Raises `UsageError` where psycopg is not installed."""
    try:
        return import_module("ingest.postgres")  # by name: it stands above this module, which must not know it
    except ImportError as error:
        raise UsageError(
            Text("PostgreSQL's driver is not installed.", "未安装 PostgreSQL 驱动。"),
            Text("Install it: uv pip install 'psycopg[binary]>=3.3'", "请安装：uv pip install 'psycopg[binary]>=3.3'"),
        ) from error


def only_in_files(home: Path, store: str) -> Path:
    """`home`. Raises `UsageError` where the setting names a server: archives are of files."""
    if at_server(store):
        raise UsageError(
            Text("This library is at a database server, not in files.", "此知识库位于数据库服务器，而非文件中。"),
            Text(
                "Its server's `pg_dump` and `pg_restore` back it up; `zhiku store migrate files` brings it into files.",
                "请用该服务器的 `pg_dump` 和 `pg_restore` 备份；`zhiku store migrate files` 可将其迁回文件。",
            ),
        )
    return home


def at_server(store: str) -> bool:
    """Whether the setting names a server."""
    return store.startswith(_SCHEMES)


def timestamp(to: str = "seconds", **later: float) -> str:
    """The present time as rows have it (UTC, ISO 8601), to the second or as `to` says; or so much later, as `timedelta` has it."""
    return (datetime.now(UTC) + timedelta(**later)).isoformat(timespec=to)
