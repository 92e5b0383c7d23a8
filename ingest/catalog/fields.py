"""What is said of documents: tags, title, author, language, date and own fields; by whom; and which documents fit a filter.

A row of `field` is one value of one name, said by one of `ORIGINS`. Where several speak of one name, the rows of the first
are `effective`; of tags all are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.database import Database, Session
from ingest.filters.filter import Filter
from ingest.filters.language import number
from ingest.filters.names import folded, language_tag
from ingest.filters.sql import clauses
from ingest.labels import joined
from ingest.periods import period

Pairs = Iterable[tuple[str, str]]

USER, SIDECAR, FILE = 0, 1, 2
"""Who says it; the first goes before the others."""

_OWNERS = (
    "SELECT c.id, c.document_id FROM chunk c JOIN document d ON d.id = c.document_id WHERE d.kb_id = ? ORDER BY c.id"
)


class Fields:
    """Reads and writes the table `field`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def say(self, document_id: int, origin: int, pairs: Pairs) -> bool:
        """Let (name, value) pairs be all that `origin` says of a document; True where that changes anything."""
        with self._database.transaction() as db:
            return put_fields(db, document_id, origin, pairs)

    def add(self, document_id: int, said: Sequence[tuple[str, str]], *, remove: bool = False) -> bool:
        """Join what the user says next with what the user said by now (see `ingest.labels.joined`)."""
        with self._database.transaction() as db:
            held = kept_fields(db, document_id, USER)
            return put_fields(db, document_id, USER, joined(held, said, remove=remove))

    def said(self, kb_id: int, origin: int) -> dict[int, list[tuple[str, str]]]:
        """What `origin` says of each document of a knowledge base, as (name, value) pairs."""
        rows = self._database.rows(
            "SELECT f.document_id, f.name, f.value FROM field f JOIN document d ON d.id = f.document_id"
            " WHERE d.kb_id = ? AND f.origin = ? ORDER BY f.name, f.folded",
            kb_id,
            origin,
        )
        found: dict[int, list[tuple[str, str]]] = {}
        for document_id, name, value in rows:
            found.setdefault(document_id, []).append((name, value))
        return found

    def copy(self, document_id: int, other: int) -> None:
        """All that is said of one document, of another."""
        with self._database.transaction() as db:
            for origin in (USER, SIDECAR, FILE):
                put_fields(db, other, origin, kept_fields(db, document_id, origin))

    def tags(self, kb_id: int) -> list[str]:
        """The tags in a knowledge base, the commonest first."""
        return [
            row[0]
            for row in self._database.rows(
                "SELECT min(f.value) FROM field f JOIN document d ON d.id = f.document_id"
                " WHERE d.kb_id = ? AND f.name = 'tag' GROUP BY f.folded ORDER BY count(*) DESC, f.folded",
                kb_id,
            )
        ]

    def fitting(self, kb_id: int, wanted: Filter) -> set[int]:
        """Ids of the documents that fit."""
        text, values = clauses(wanted)
        return {
            row[0]
            for row in self._database.rows(f"SELECT d.id FROM document d WHERE d.kb_id = ? AND {text}", kb_id, *values)
        }

    def owners(self, kb_id: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ids of all chunks of a knowledge base, ascending, and the document of each."""
        rows = np.array(self._database.rows(_OWNERS, kb_id), np.int64).reshape(-1, 2)
        return rows[:, 0].copy(), rows[:, 1].copy()


def put_fields(db: Session, document_id: int, origin: int, pairs: Pairs) -> bool:
    """Within the caller's transaction: see `Fields.say`."""
    plain = {"language": language_tag}
    rows = {(name, plain.get(name, folded)(value)): value for name, value in pairs if value.strip()}
    held = {
        (name, plain): value
        for name, plain, value in db.execute(
            "SELECT name, folded, value FROM field WHERE document_id = ? AND origin = ?", (document_id, origin)
        )
    }
    if rows == held:
        return False
    db.execute("DELETE FROM field WHERE document_id = ? AND origin = ?", (document_id, origin))
    db.executemany(
        "INSERT INTO field (document_id, origin, name, folded, value, sort, effective) VALUES (?, ?, ?, ?, ?, ?, 0)",
        ((document_id, origin, name, plain, value, sort_key(name, value)) for (name, plain), value in rows.items()),
    )
    db.execute(
        "UPDATE field SET effective = CASE WHEN name = 'tag' OR origin ="
        " (SELECT min(o.origin) FROM field o WHERE o.document_id = field.document_id AND o.name = field.name)"
        " THEN 1 ELSE 0 END WHERE document_id = ?",
        (document_id,),
    )
    db.execute(
        "UPDATE document SET title = coalesce((SELECT f.value FROM field f WHERE f.document_id = document.id"
        " AND f.name = 'title' AND f.effective = 1), title) WHERE id = ?",
        (document_id,),
    )
    return True


def say_all(db: Session, document_id: int, said: Mapping[int, Pairs]) -> None:
    """Within the caller's transaction: what each origin says."""
    for origin, pairs in said.items():
        put_fields(db, document_id, origin, pairs)


def kept_fields(db: Session, document_id: int, origin: int) -> list[tuple[str, str]]:
    """Within the caller's transaction: what `origin` says of one document."""
    found: list[tuple[str, str]] = db.execute(
        "SELECT name, value FROM field WHERE document_id = ? AND origin = ?", (document_id, origin)
    ).fetchall()
    return found


def effective_fields(rows: Sequence[tuple[int, str, str]]) -> dict[int, dict[str, tuple[str, ...]]]:
    """(document id, name, value) rows as the values of each name of each document."""
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    for document_id, name, value in rows:
        fields = found.setdefault(document_id, {})
        fields[name] = (*fields.get(name, ()), value)
    return found


def sort_key(name: str, value: str) -> float | str | None:
    """What a value is compared by: a number, the first day of a date, or nothing."""
    count = number(value)
    span = period(value) if name == "date" or count is None else None
    return span.first if span else count
