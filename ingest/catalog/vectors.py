"""Stored vectors, and what the vector index has not been told yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import passages
from ingest.catalog.proofs import sound, unit, vector_digest
from ingest.catalog.rows import TELL
from ingest.database import Database

_ROWS = 5_000
"""Rows fetched at once where all are read: the matrix they go into is the only large thing in memory."""
_OF_CHUNK = (
    "FROM chunk c JOIN document d ON d.id = c.document_id JOIN kb ON kb.id = d.kb_id"
    " JOIN vector v ON v.embedder_id = kb.embedder_id AND v.key = c.key"
)
_EVERY_CHUNK = (
    "FROM chunk c JOIN document d ON d.id = c.document_id JOIN kb ON kb.id = d.kb_id"
    " JOIN embedder e ON e.id = kb.embedder_id"
    " LEFT JOIN vector v ON v.embedder_id = kb.embedder_id AND v.key = c.key"
)


@dataclass(frozen=True, slots=True)
class Pending:
    """A batch of the outbox: vectors to put into the index, ids to take out of it."""

    ids: tuple[int, ...]
    vectors: NDArray[np.float32]
    removed: tuple[int, ...]

    @property
    def empty(self) -> bool:
        """True when the index has been told everything."""
        return not self.ids and not self.removed


class Vectors:
    """The catalog's own vectors: exact, and the source the index is rebuilt from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(self, kb_id: int, limit: int) -> Pending:
        """The oldest `limit` entries of a knowledge base's outbox that can be told: what has no vector waits for it."""
        rows = self._database.rows(
            "SELECT chunk_id, removed FROM outbox WHERE kb_id = ?1 AND (removed = 1 OR chunk_id IN"
            f" (SELECT c.id {_OF_CHUNK} WHERE c.id = outbox.chunk_id)) ORDER BY chunk_id LIMIT ?2",
            kb_id,
            limit,
        )
        vectors = self.of([i for i, removed in rows if not removed])
        stacked = np.stack(list(vectors.values())) if vectors else np.empty((0, 0), np.float32)
        return Pending(tuple(vectors), stacked, tuple(i for i, removed in rows if removed))

    def told(self, batch: Pending) -> None:
        """The index has `batch`: forget it, unless a chunk was removed meanwhile."""
        with self._database.transaction() as db:
            db.executemany("DELETE FROM outbox WHERE chunk_id = ? AND removed = 0", ((i,) for i in batch.ids))
            db.executemany("DELETE FROM outbox WHERE chunk_id = ? AND removed = 1", ((i,) for i in batch.removed))

    def told_all(self, kb_id: int) -> None:
        """There is no index beside the catalog that would have to be told."""
        self._database.write("DELETE FROM outbox WHERE kb_id = ?", kb_id)

    def announce_again(self, kb_id: int, missing: Iterable[int], orphans: Iterable[int]) -> None:
        """Put back into the outbox what the index turned out to lack, or to have too much."""
        with self._database.transaction() as db:
            db.executemany(TELL, ((i, kb_id, 0) for i in missing))
            db.executemany(TELL, ((i, kb_id, 1) for i in orphans))

    def ids(self, kb_id: int) -> set[int]:
        """Ids of all chunks of a knowledge base."""
        rows = self._database.rows(
            "SELECT c.id FROM chunk c JOIN document d ON d.id = c.document_id WHERE d.kb_id = ?", kb_id
        )
        return {row[0] for row in rows}

    def of(self, chunk_ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """Vectors of chunks, by id; chunks that are gone, have none, or one that can't be right, are left out."""
        found: dict[int, NDArray[np.float32]] = {}
        with self._database.reading() as db:
            for part in _parts(chunk_ids):
                rows = db.execute(
                    f"SELECT c.id, v.data, e.dimensions {_EVERY_CHUNK} WHERE c.id IN ({passages.marks(part)}) ORDER BY c.id",
                    part,
                ).fetchall()
                # As a condition it would have PostgreSQL read all vectors there are, to see how long each is.
                rows = [row for row in rows if row[1] is not None and len(row[1]) == 4 * row[2]]
                if rows:
                    matrix = np.frombuffer(b"".join(row[1] for row in rows), "<f4").reshape(len(rows), -1)
                    whole = unit(matrix)
                    found |= {row[0]: matrix[n] for n, row in enumerate(rows) if whole[n]}
        return found

    def size(self, kb_id: int) -> tuple[int, int]:
        """How many chunks a knowledge base has, and the dimensions of their vectors."""
        found = self._database.row(
            "SELECT (SELECT count(*) FROM chunk c JOIN document d ON d.id = c.document_id WHERE d.kb_id = kb.id),"
            " coalesce(e.dimensions, 0) FROM kb LEFT JOIN embedder e ON e.id = kb.embedder_id WHERE kb.id = ?",
            kb_id,
        )
        return found or (0, 0)

    def parts(self, kb_id: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """All of a knowledge base, some thousands at once: (n,) ids in ascending order and the (n, dimensions) vectors of
        its chunks. Those that can't be right (another length in bytes, or not of unit length) are left out.
        """
        _, dimensions = self.size(kb_id)
        statement = f"SELECT c.id, v.data {_OF_CHUNK} WHERE d.kb_id = ? AND length(v.data) = ? ORDER BY c.id"
        for rows in self._database.batches(_ROWS, statement, kb_id, 4 * dimensions):
            part = np.frombuffer(b"".join(row[1] for row in rows), "<f4").reshape(len(rows), dimensions)
            whole = unit(part)
            yield np.fromiter((row[0] for row in rows), np.int64, len(rows))[whole], part[whole]

    # -- proof ----------------------------------------------------------------------------------------

    def flawed(self, kb_id: int) -> tuple[set[int], set[int]]:
        """Chunks of a knowledge base without a vector, and with one that is not what was stored."""
        missing: set[int] = set()
        altered: set[int] = set()
        for chunk_id, key, data, proof, dimensions in self._proofs(kb_id):
            if data is None:
                missing.add(chunk_id)
            elif not sound(key, data, proof, dimensions):
                altered.add(chunk_id)
        return missing, altered

    def proofs(self, kb_id: int, chunk_ids: Sequence[int]) -> dict[int, tuple[bytes, bytes | None, int]]:
        """Of each chunk its key, its vector's digest where there is one, and how many dimensions it has."""
        return {i: (key, proof, size) for i, key, _, proof, size in self._proofs(kb_id, chunk_ids)}

    def put_back(self, kb_id: int, vectors: Mapping[int, bytes]) -> None:
        """Store vectors of chunks anew, as float32 bytes; the index is told through the outbox."""
        with self._database.transaction() as db:
            for chunk_id, data in vectors.items():
                key, embedder_id = db.execute(
                    "SELECT c.key, kb.embedder_id FROM chunk c JOIN document d ON d.id = c.document_id"
                    " JOIN kb ON kb.id = d.kb_id WHERE c.id = ?",
                    (chunk_id,),
                ).fetchone()
                db.execute(
                    "INSERT INTO vector VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (embedder_id, key) DO UPDATE SET data = excluded.data, digest = excluded.digest",
                    (embedder_id, key, data, vector_digest(key, data)),
                )
            db.executemany(TELL, ((i, kb_id, 0) for i in vectors))
            db.execute("UPDATE kb SET dirty = 1, generation = generation + 1 WHERE id = ?", (kb_id,))

    def _proofs(
        self, kb_id: int, chunk_ids: Sequence[int] | None = None
    ) -> Iterator[tuple[int, bytes, bytes | None, bytes | None, int]]:
        statement = f"SELECT c.id, c.key, v.data, v.digest, e.dimensions {_EVERY_CHUNK} WHERE d.kb_id = ?"
        with self._database.reading() as db:
            if chunk_ids is None:
                yield from db.execute(statement, (kb_id,))
                return
            for part in _parts(chunk_ids):
                yield from db.execute(f"{statement} AND c.id IN ({passages.marks(part)})", (kb_id, *part))


def _parts(values: Sequence[int]) -> list[Sequence[int]]:
    """SQLite would store a numpy integer as bytes."""
    return passages.parts([int(i) for i in values])
