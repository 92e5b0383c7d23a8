"""One way to open a SQLite file of ours: versions, threads, transactions, and what can go wrong in our words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ingest.errors import DamagedLibrary, LibraryUnavailable, NewerLibrary
from ingest.language import Text

_MAGIC = b"SQLite format 3\0"
BUSY_SECONDS = 30.0
"""How long a transaction waits for another process's; ours last milliseconds, a backup's a second or two."""
_PAUSE = 0.02
"""Seconds between two tries where SQLite does not wait by itself."""


class Wording:
    """What is said when a file that keeps `what` (as a sentence begins with it) can't be used."""

    def __init__(self, what: Text) -> None:
        self.what = what

    def unavailable(self, path: Path, error: Exception) -> LibraryUnavailable:
        """It can't be opened, read or written."""
        return LibraryUnavailable(
            Text(f"{self.what.en} can't be kept: {error} ({path}).", f"无法保存{self.what.zh}：{error}（{path}）。"),
            Text("Check that the folder can be written and has room.", "请检查该文件夹是否可写、是否有空间。"),
        )

    def damaged(self, path: Path, error: Exception) -> DamagedLibrary:
        """It is no database, or a broken one."""
        return DamagedLibrary(
            Text(f"{path} is damaged: {error}.", f"{path} 已损坏：{error}。"),
            Text("Move the file away; the documents are not in it.", "请移走该文件；文档不在其中，不受影响。"),
        )

    def newer(self, path: Path, version: int, known: int) -> NewerLibrary:  # noqa: ARG002 - the catalog says them
        """A later program wrote it, in the format `version`; this one reads up to `known`."""
        return NewerLibrary(
            Text(f"{path} was written by a later version.", f"{path} 由更新的版本写入。"),
            Text("Update this program.", "请升级本程序。"),
        )

    @contextlib.contextmanager
    def explained(self, path: Path) -> Iterator[None]:
        """Turn what SQLite and the file system say about `path` into these."""
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            raise self.unavailable(path, error) from error
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise  # a bug of ours
        except sqlite3.DatabaseError as error:
            raise self.damaged(path, error) from error


class SqliteFile:
    """One file in WAL mode, opened when it is first used. Safe from any thread and from several processes: every thread
    has its own connection, so reads never wait for writes.

    `steps` are the scripts that lead from each version of the tables to the next, the first from an empty file. They
    are run in one transaction; comments (`--`) and semicolons may stand in no string of theirs. `pragmas` hold for
    every connection.
    """

    def __init__(self, path: Path, steps: Sequence[str], wording: Wording, **pragmas: str | int) -> None:
        self.path, self._steps, self._wording = path, steps, wording
        self._pragmas = {"foreign_keys": "ON", **pragmas}
        self._local = threading.local()
        self._open: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._guard = threading.Lock()
        self._ready = False

    def prepare(self) -> None:
        """Open the file now: create it or bring an older one up to date. Raises `LibraryUnavailable` and its kinds."""
        with self._wording.explained(self.path):
            self.connection  # noqa: B018 - opens it

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode. Its own errors are SQLite's."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            with self._guard:
                found = self._opened()
                self._close_orphans()
                self._open.append((threading.current_thread(), found))
            self._local.connection = found
        return found

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, with the write lock taken at once. Raises `LibraryUnavailable` for a full disk etc."""
        with self._wording.explained(self.path), immediate(self.connection) as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent snapshot for several reads."""
        with self._wording.explained(self.path):
            connection = self.connection
            within = connection.in_transaction
            if not within:
                connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if not within and connection.in_transaction:
                    connection.execute("COMMIT")

    def rows(self, statement: str, *values: object) -> list[Any]:
        """What one query finds."""
        with self._wording.explained(self.path):
            return self.connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: object) -> Any:  # noqa: ANN401 - a tuple of whatever the columns hold
        """The first row that one query finds, or None."""
        with self._wording.explained(self.path):
            return self.connection.execute(statement, values).fetchone()

    def batches(self, size: int, statement: str, *values: object) -> Iterator[list[Any]]:
        """What one query finds, up to `size` rows at once, all of one moment."""
        with self.reading() as db:
            cursor = db.execute(statement, values)
            while rows := cursor.fetchmany(size):
                yield rows

    def write(self, statement: str, *values: object) -> None:
        """One statement in a transaction of its own."""
        with self.transaction() as db:
            db.execute(statement, values)

    @contextlib.contextmanager
    def tuned(self, **pragmas: str | int) -> Iterator[None]:
        """Other pragmas for this thread's connection, for a while; not within a transaction."""
        connection = self.connection
        kept = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas}
        _set(connection, pragmas)
        try:
            yield
        finally:
            _set(connection, kept)

    def utf8(self, column: str) -> str:
        """An expression for a text column's bytes."""
        return f"CAST({column} AS BLOB)"

    def last_number(self, table: str) -> int:
        """The highest that a row of a table with numbered rows ever had; 0 for none."""
        kept = self.row("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
        noted = self.row("SELECT seq FROM sqlite_sequence WHERE name = ?", table) if kept else None
        return int((noted or self.row(f'SELECT coalesce(max(id), 0) FROM "{table}"'))[0])  # noqa: S608 - a name of ours

    def number_from(self, table: str, last: int) -> None:
        """Let the next row of it have a higher one than `last`, where numbers never come again."""
        (sql,) = self.row("SELECT sql FROM sqlite_master WHERE name = ?", table)
        if "AUTOINCREMENT" in sql:
            with self.transaction() as db:
                db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
                db.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, last))

    def used(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def shrink(self) -> int:
        """Give the room of what was deleted back to the disk; returns how many bytes. It takes as long as copying the file;
        nothing happens while others use it."""
        before = self._bytes()
        with contextlib.suppress(sqlite3.OperationalError):
            self.connection.execute("VACUUM")
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return max(0, before - self._bytes())

    def free(self) -> int:
        """Bytes of the file that `shrink` gives back, those of deleted rows."""
        with self._wording.explained(self.path):
            pages, size = (
                self.connection.execute(f"PRAGMA {of}").fetchone()[0] for of in ("freelist_count", "page_size")
            )
        return int(pages * size)

    def _bytes(self) -> int:
        beside = self.path.with_name(f"{self.path.name}-wal")
        return sum(file.stat().st_size for file in (self.path, beside) if file.exists())

    def close(self) -> None:
        """Close every thread's connection; what is used again is opened again."""
        with self._guard:
            for _, connection in self._open:
                connection.close()
            self._open.clear()
            self._local = threading.local()
            self._ready = False

    def _opened(self) -> sqlite3.Connection:
        """A connection; where nothing can be written, one that reads the file as it lies there."""
        if not self._ready:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not is_database(self.path):
                raise sqlite3.DatabaseError("file is not a database")
        address = self.path.absolute().as_uri()
        if is_sealed(self.path):
            address += "?mode=ro&immutable=1"
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            _set(connection, self._pragmas)
            if not self._ready:
                self._upgrade(connection)
        except BaseException:
            connection.close()
            raise
        self._ready = True
        return connection

    def _upgrade(self, connection: sqlite3.Connection) -> None:
        known = len(self._steps)
        version = _version(connection)
        if version > known:
            raise self._wording.newer(self.path, version, known)
        if version == known:
            return
        into_wal(connection)
        with immediate(connection):
            lead_up(connection, self._steps)  # looks at the version again: another process may have been faster

    def _close_orphans(self) -> None:
        """Close the connections of threads that have ended: the application has a new thread for every click."""
        for thread, connection in self._open:
            if not thread.is_alive():
                connection.close()
        self._open = [(thread, connection) for thread, connection in self._open if thread.is_alive()]


def examined(path: Path, *, repair: bool = False) -> tuple[str, str]:
    """What is wrong with a database, every page and every row of it read, and what is still wrong after indexes have been
    made anew where that is asked for; '' for nothing.
    """
    verdict = _verdict(path)
    if not verdict or not repair:
        return verdict, verdict
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as db:
        db.execute("REINDEX")
    return verdict, _verdict(path)


def _verdict(path: Path) -> str:
    try:
        with contextlib.closing(opened_read_only(path)) as db:
            found = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
            if found != "ok":
                return found
            db.text_factory = bytes  # what is stored is to be read, whether or not it is text
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                name = table.decode("utf-8", "replace").replace('"', '""')
                for _ in db.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 - a name of the file's own, quoted
                    pass
    except sqlite3.Error as error:
        return str(error)
    return ""


def is_database(path: Path) -> bool:
    """Whether the file begins as SQLite's do, or is empty or absent. SQLite, once it has looked at one that does not,
    deletes the log beside it when it closes: what was written last would be lost to whoever mends the file."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) in {b"", _MAGIC}
    except OSError:
        return True  # SQLite says what is wrong


def opened_read_only(path: Path) -> sqlite3.Connection:
    """A connection of the caller's own that only reads, also where nobody may write. Raises SQLite's own errors."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(f"{address}&immutable=1" if is_sealed(path) else address, uri=True, timeout=BUSY_SECONDS)


def lead_up(connection: sqlite3.Connection, steps: Sequence[str]) -> None:
    """Run the steps that the file has not seen yet, in the transaction that the caller has begun."""
    for step in steps[_version(connection) :]:
        for statement in statements(step):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version={len(steps)}")


@contextlib.contextmanager
def immediate(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A transaction with the write lock from its beginning; all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def into_wal(connection: sqlite3.Connection) -> None:
    """Readers and writers side by side. Where several open a new file at once SQLite refuses the change at once instead
    of waiting (two that read both want to write), so the waiting is done here."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _set(connection: sqlite3.Connection, pragmas: dict[str, str | int]) -> None:
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name}={value}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def statements(script: str) -> list[str]:
    """Those of a script without its comments: `executescript` would commit the transaction, so they run one by one."""
    lines = [line.split("--", 1)[0] for line in script.splitlines()]
    return [part for part in "\n".join(lines).split(";") if part.strip()]


def is_sealed(path: Path) -> bool:
    """True for a database on a read-only disk that was left tidy.

    WAL needs a file beside the database even for reading; `immutable` does without, and is safe where nobody
    can write. What a killed writer left in the WAL would be missed, so then SQLite decides.
    """
    wal = path.with_name(f"{path.name}-wal")
    try:
        tidy = not wal.exists() or wal.stat().st_size == 0
        return path.exists() and tidy and nobody_writes(path.parent)
    except OSError:
        return False


def nobody_writes(folder: Path) -> bool:
    """True on a read-only disk, and in a folder of ours that we closed to ourselves; another's may be in use."""
    if os.access(folder, os.W_OK) or not hasattr(os, "statvfs"):
        return False
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY) or folder.stat().st_uid == os.geteuid()
