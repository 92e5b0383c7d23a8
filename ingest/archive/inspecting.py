"""Is a database what its version says: the same tables, columns and keys, nothing that acts by itself, sound content."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from ingest import lexical
from ingest.archive.saving import tally
from ingest.archive.unpacking import newer, no_backup
from ingest.catalog import CATALOG
from ingest.lexical.postings import ENTRY
from ingest.sqlite import lead_up
from ingest.stores import ASSISTANTS, CONVERSATIONS, CURATED, StoreFile

_LEXICAL = re.compile(r"lexical_(\d{1,18})_(?:total|chunk|posting)")
_CONTENT: dict[str, tuple[tuple[str, str], ...]] = {
    CATALOG.path: (
        ("vector", "length(data) != 4 * (SELECT dimensions FROM embedder WHERE id = embedder_id)"),
        ("vector", "typeof(data) != 'blob'"),
        ("document", "NOT json_valid(notes)"),
        ("page", "NOT json_valid(section) OR NOT json_valid(blocks)"),
        (
            "chunk",
            "NOT json_valid(section) OR length(key) != 16 OR typeof(start) != 'integer' OR typeof(end) != 'integer'",
        ),
        ("embedder", "calibration IS NOT NULL AND NOT json_valid(calibration)"),
    ),
    CONVERSATIONS.path: (("turn", "NOT json_valid(answer) OR json_type(answer) != 'object'"),),
    ASSISTANTS.path: (("version", "NOT json_valid(record) OR json_type(record) != 'object'"),),
    CURATED.path: (("question", "NOT json_valid(record) OR json_type(record) != 'object'"),),
}
"""What the readers of these tables rely on; rows for which one holds make the whole file refused."""

_BLOBS = {"posting": ("data", 4), "chunk": ("terms", ENTRY.itemsize)}
"""Of the lexical tables, by the last part of their names: a column of packed records, and bytes in each."""


def inspect(archive: Path, path: Path, store: StoreFile, rows: Mapping[str, int]) -> None:
    """Look through the unpacked `path` of `archive` and bring it up to this version's tables. `rows`: how many every
    table had when it was saved, where that is known. Raises `UsageError` and `NewerLibrary`."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA trusted_schema=OFF")
            db.execute("PRAGMA cell_size_check=ON")
            db.execute("PRAGMA journal_mode=DELETE")  # complete in one file
            trouble = _trouble(archive, db, store, rows)
    except sqlite3.Error as error:
        raise no_backup(archive, f"{store.path}: {error}") from error
    if trouble:
        raise no_backup(archive, f"{store.path}: {trouble}")


def _trouble(archive: Path, db: sqlite3.Connection, store: StoreFile, rows: Mapping[str, int]) -> str:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > store.version:
        raise newer(archive, version)
    if version < 1:
        return "no tables"
    acting = db.execute(
        "SELECT type || ' ' || name FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'create virtual%'"
    ).fetchone()
    if acting:
        return f"{acting[0]} does not belong there"
    verdict = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        return str(verdict)
    if rows and tally(db) != rows:
        return "rows are missing or too many"
    db.execute("BEGIN")
    lead_up(db, store.steps)
    db.execute("COMMIT")
    return _differing(db, store) or _senseless(db, store)


def _differing(db: sqlite3.Connection, store: StoreFile) -> str:
    """The first table that is not as the steps make it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        lead_up(model, store.steps)
        if store is CATALOG:
            for (kb,) in db.execute("SELECT id FROM kb"):
                lexical.create(model, int(kb))
        wanted = _shape(model)
    found = _shape(db)
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            return f"table {name} is not as it should be"
    return ""


def _shape(db: sqlite3.Connection) -> dict[str, object]:
    """Every table's columns, indexes, foreign keys and kind."""
    kinds = {name: rest for _, name, _, *rest in db.execute("PRAGMA table_list") if not name.startswith("sqlite_")}
    return {
        name: (
            kind,
            [tuple(column) for column in db.execute("SELECT * FROM pragma_table_xinfo(?)", (name,))],
            sorted(
                (
                    unique,
                    origin,
                    partial,
                    tuple(c[2] for c in db.execute("SELECT * FROM pragma_index_info(?)", (index,))),
                )
                for _, index, unique, origin, partial in db.execute("SELECT * FROM pragma_index_list(?)", (name,))
            ),
            sorted(tuple(key[2:]) for key in db.execute("SELECT * FROM pragma_foreign_key_list(?)", (name,))),
        )
        for name, kind in kinds.items()
    }


def _senseless(db: sqlite3.Connection, store: StoreFile) -> str:
    if orphan := db.execute("PRAGMA foreign_key_check").fetchone():
        return f"a row of {orphan[0]} belongs to none of {orphan[2]}"
    blobs = [
        (name, *_BLOBS[kind])
        for name in tally(db)
        if _LEXICAL.fullmatch(name) and (kind := name.rpartition("_")[2]) in _BLOBS
    ]
    odd = ((name, f"typeof({column}) != 'blob' OR length({column}) % {size}") for name, column, size in blobs)
    for table, condition in (*_CONTENT.get(store.path, ()), *odd):  # constants of ours, and names as matched above
        if db.execute(f"SELECT 1 FROM {table} WHERE {condition} LIMIT 1").fetchone():  # noqa: S608
            return f"a row of {table} makes no sense"
    return ""
