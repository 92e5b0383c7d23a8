"""Stored vectors, and what the vector index has not been told yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ingest.catalog.database import Database

_BATCH = 500
_OF_CHUNK = (
    "FROM chunk c JOIN document d ON d.id = c.document_id JOIN kb ON kb.id = d.kb_id"
    " JOIN vector v ON v.embedder_id = kb.embedder_id AND v.key = c.key"
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
        """The oldest `limit` entries of a knowledge base's outbox."""
        rows = self._database.rows(
            "SELECT chunk_id, removed FROM outbox WHERE kb_id = ? ORDER BY chunk_id LIMIT ?", kb_id, limit
        )
        added = [i for i, removed in rows if not removed]
        vectors = self.of(added)
        ids = tuple(i for i in added if i in vectors)
        return Pending(ids, _stack([vectors[i] for i in ids]), tuple(i for i, removed in rows if removed))

    def told(self, batch: Pending) -> None:
        """The index has `batch`: forget it, unless a chunk was removed meanwhile."""
        with self._database.transaction() as db:
            db.executemany("DELETE FROM outbox WHERE chunk_id = ? AND removed = 0", ((i,) for i in batch.ids))
            db.executemany("DELETE FROM outbox WHERE chunk_id = ? AND removed = 1", ((i,) for i in batch.removed))

    def announce_again(self, kb_id: int, missing: Iterable[int], orphans: Iterable[int]) -> None:
        """Put back into the outbox what the index turned out to lack, or to have too much."""
        with self._database.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO outbox VALUES (?, ?, 0)", ((i, kb_id) for i in missing))
            db.executemany("INSERT OR REPLACE INTO outbox VALUES (?, ?, 1)", ((i, kb_id) for i in orphans))

    def ids(self, kb_id: int) -> set[int]:
        """Ids of all chunks of a knowledge base."""
        rows = self._database.rows(
            "SELECT c.id FROM chunk c JOIN document d ON d.id = c.document_id WHERE d.kb_id = ?", kb_id
        )
        return {row[0] for row in rows}

    def of(self, chunk_ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """Vectors of chunks, by id; chunks that are gone are left out."""
        import numpy as np

        found: dict[int, NDArray[np.float32]] = {}
        with self._database.reading() as db:
            for at in range(0, len(chunk_ids), _BATCH):
                part = [int(i) for i in chunk_ids[at : at + _BATCH]]  # SQLite would store a numpy integer as bytes
                marks = ",".join("?" * len(part))
                for i, data in db.execute(f"SELECT c.id, v.data {_OF_CHUNK} WHERE c.id IN ({marks})", part):
                    found[i] = np.frombuffer(data, dtype="<f4")
        return found

    def matrix(self, kb_id: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """All of a knowledge base: (n,) ids and the (n, dimensions) vectors of its chunks."""
        import numpy as np

        rows = self._database.rows(f"SELECT c.id, v.data {_OF_CHUNK} WHERE d.kb_id = ? ORDER BY c.id", kb_id)
        if not rows:
            return np.empty(0, np.int64), np.empty((0, 0), np.float32)
        data = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4")
        return np.fromiter((row[0] for row in rows), np.int64, len(rows)), data.reshape(len(rows), -1)


def _stack(vectors: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    import numpy as np

    return np.stack(vectors) if vectors else np.empty((0, 0), np.float32)
