"""One database in place of another, in one transaction that every process sees.

The file stays the one that others have open. While its write lock is held nobody else writes: what was in it is copied
first, then its tables are dropped, made anew by our own steps and filled. A process killed anywhere in between leaves
what was there; what others write afterwards goes into the restored tables. None of an archive's own SQL is run.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from ingest import lexical
from ingest.catalog import CATALOG
from ingest.sqlite import BUSY_SECONDS, immediate, into_wal, is_database, lead_up
from ingest.stores import RUNS, StoreFile

_BESIDE = ("", "-wal", "-shm")
_ASKED_AGAIN = ("state", "verdict")
"""Where a run stands and what the user allowed: a planted one would be carried out when the run is gone on with. So these
are kept only where the user's own file has the very same; runs without can be looked at, as those of old versions."""


def replace(live: Path, staged: Path, former: Path, store: StoreFile, stamp: int) -> None:
    """Fill `live` with what `staged` holds and keep what was there as `former`. Done once for every `stamp`: the number
    stands in the file itself (SQLite's application_id), written by the same transaction.

    A `live` that is no database, or too damaged to be written, is moved to `former` with its log, and `staged` takes its
    place. Raises SQLite's errors and OSError.
    """
    former.parent.mkdir(parents=True, exist_ok=True)
    live.parent.mkdir(parents=True, exist_ok=True)
    if live.exists() and not is_database(live):
        _move(live, former)
    try:
        _filled(live, staged, former, store, stamp)
    except (sqlite3.OperationalError, sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except sqlite3.DatabaseError:
        _move(live, former)
        _filled(live, staged, former, store, stamp)


def _move(live: Path, former: Path) -> None:
    for end in reversed(_BESIDE):  # the database last: until it is gone, this is done again
        path = live.with_name(live.name + end)
        if path.exists():
            path.replace(former.with_name(former.name + end))


def _filled(live: Path, staged: Path, former: Path, store: StoreFile, stamp: int) -> None:
    address = live.absolute().as_uri()
    with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as db:
        if db.execute("PRAGMA application_id").fetchone()[0] == stamp:
            return
        db.execute("PRAGMA foreign_keys=OFF")
        db.execute("PRAGMA synchronous=FULL")
        into_wal(db)
        db.execute("ATTACH ? AS fresh", (f"{staged.absolute().as_uri()}?mode=ro",))
        with immediate(db):
            if db.execute("SELECT 1 FROM sqlite_master").fetchone():
                _kept(live, former)
            _exchange(db, store)
            db.execute(f"PRAGMA application_id={stamp:d}")
        db.execute("DETACH fresh")
        with suppress(sqlite3.OperationalError):  # others may be reading; then it is done later
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _kept(live: Path, former: Path) -> None:
    partial = former.with_name(former.name + ".partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(live, timeout=BUSY_SECONDS)) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # complete in one file
    partial.replace(former)


def _exchange(db: sqlite3.Connection, store: StoreFile) -> None:
    numbers = _highest(db, "main"), _highest(db, "fresh")
    if store is RUNS:
        _set_own_aside(db)
    for kind, name in db.execute(
        "SELECT type, name FROM main.sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    ).fetchall():
        db.execute(f'DROP {kind} main."{name}"')
    db.execute("PRAGMA main.user_version=0")
    lead_up(db, store.steps)
    if store is CATALOG:
        for (kb,) in db.execute("SELECT id FROM fresh.kb").fetchall():
            lexical.create(db, int(kb))
            db.execute(f"DELETE FROM {lexical.table(kb, 'total')}")  # noqa: S608
    for (name,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
        if not name.startswith("sqlite_"):
            db.execute(f'INSERT INTO main."{name}" SELECT * FROM fresh."{name}"')  # noqa: S608
    for name in numbers[0].keys() | numbers[1].keys():  # a number is given once, before and after
        highest = max(numbers[0].get(name, 0), numbers[1].get(name, 0))
        if not db.execute("UPDATE main.sqlite_sequence SET seq = ? WHERE name = ?", (highest, name)).rowcount:
            db.execute("INSERT INTO main.sqlite_sequence VALUES (?, ?)", (name, highest))
    if store is RUNS:
        _permit_own(db)


def _highest(db: sqlite3.Connection, schema: str) -> dict[str, int]:
    """The highest number that each table with AUTOINCREMENT has given."""
    try:
        return {str(name): int(seq) for name, seq in db.execute(f"SELECT name, seq FROM {schema}.sqlite_sequence")}  # noqa: S608
    except sqlite3.OperationalError:  # no such table
        return {}


def _set_own_aside(db: sqlite3.Connection) -> None:
    for table in _ASKED_AGAIN:
        own = db.execute("SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
        both = f"SELECT * FROM fresh.{table} " + (f"INTERSECT SELECT * FROM main.{table}" if own else "WHERE 0")  # noqa: S608
        db.execute(f"CREATE TEMP TABLE own_{table} AS {both}")


def _permit_own(db: sqlite3.Connection) -> None:
    for table in _ASKED_AGAIN:
        db.execute(f"DELETE FROM main.{table}")  # noqa: S608
        db.execute(f"INSERT INTO main.{table} SELECT * FROM temp.own_{table}")  # noqa: S608
        db.execute(f"DROP TABLE temp.own_{table}")
    db.execute("UPDATE main.schedule SET paused = 1")  # what an archive brings begins nothing by itself
    db.execute(
        "UPDATE main.run SET status = 'cancelled' WHERE id NOT IN (SELECT run FROM main.state)"
        " AND status IN ('running', 'needs_approval', 'interrupted')"
    )
