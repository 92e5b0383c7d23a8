"""Keeps the vector index true to the catalog, and answers from the catalog where the index can't be trusted.

The catalog marks a knowledge base `dirty` in the very transaction that changes it and notes in its outbox
what the index must be told. `sync` tells it and clears both. A process killed in between leaves the mark, so
the next one compares the two sides id by id (`reconcile`); nothing is ever embedded again for it.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from ingest.errors import LibraryUnavailable
from ingest.vectors.chroma import IndexDamagedError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.catalog import Catalog
    from ingest.lock import WriterLock
    from ingest.vectors import VectorIndex
    from ingest.vectors.exact import ExactSearch

logger = logging.getLogger(__name__)

_BATCH = 250
_EXACT_LIMIT = 20_000
"""Passages up to which a one-shot process scans instead of loading Chroma: 1.1 s of import buy a scan of
far more, but reading their vectors from the disk takes about 0.1 s per 10,000."""
_SAMPLE = 16
"""Vectors looked up to see whether a collection finds what it holds."""


class Mirror:
    """The vector index of a library, kept in line with its catalog."""

    def __init__(
        self, catalog: Catalog, index: VectorIndex, exact: ExactSearch, lock: WriterLock, *, one_shot: bool
    ) -> None:
        self._catalog = catalog
        self._index = index
        self._exact = exact
        self._lock = lock
        self._one_shot = one_shot
        self._seen: dict[int, int] = {}
        """Generation of each knowledge base that the open index is known to show."""
        self._syncing = threading.Lock()

    # -- reading --------------------------------------------------------------------------------------

    def query(self, kb_id: int, vector: NDArray[np.float32], k: int, size: int) -> list[tuple[int, float]]:
        """Up to `k` (chunk id, cosine), nearest first, out of the `size` passages of a knowledge base."""
        if size == 0:
            return []
        if (self._one_shot and size <= _EXACT_LIMIT) or not self._trusted(kb_id):
            return self._exact.query(kb_id, vector, k)
        try:
            found = self._index.query(kb_id, vector, k)
        except IndexDamagedError as error:
            logger.warning("The vector index failed (%s); answering from the catalog.", error.why)
            self._distrust(kb_id)
            return self._exact.query(kb_id, vector, k)
        if len(found) < min(k, size) and not self._lock.mine:
            logger.warning("The vector index lacks passages; answering from the catalog.")
            self._distrust(kb_id)
            return self._exact.query(kb_id, vector, k)
        return found

    def _trusted(self, kb_id: int) -> bool:
        """Whether the index shows the present generation; brings it there when that is possible now."""
        generation, dirty = self._catalog.kbs.generation(kb_id)
        if self._lock.mine:
            return True  # this process is writing: `sync` runs every second or so
        if dirty:
            try:
                with self._lock.held(wait_for_threads=False):
                    self.reconcile(kb_id)
            except LibraryUnavailable:
                return False  # somebody else is writing, the home is read-only, or the index fails even new
            generation, _ = self._catalog.kbs.generation(kb_id)
        if self._seen.get(kb_id, generation) != generation:
            self._index.reopen()
            self._seen.clear()
        self._seen[kb_id] = generation
        return True

    def _distrust(self, kb_id: int) -> None:
        try:
            self._catalog.kbs.mark(kb_id, dirty=True)
        except LibraryUnavailable:
            logger.debug("A read-only library stays unmarked.")

    # -- writing: callers hold the writer lock --------------------------------------------------------

    def begin(self, kb_id: int) -> None:
        """Before the first write: look at what other processes did, and mend what a killed one left."""
        generation, dirty = self._catalog.kbs.generation(kb_id)
        if self._seen.get(kb_id, generation) != generation:
            self._index.reopen()
            self._seen.clear()
        if dirty:
            self.reconcile(kb_id)

    def sync(self, kb_id: int) -> int:
        """Tell the index what the outbox holds; returns how many passages. Safe to call from any thread."""
        done = 0
        with self._syncing:
            while not (batch := self._catalog.vectors.pending(kb_id, _BATCH)).empty:
                if batch.removed:
                    self._index.delete(kb_id, batch.removed)
                if batch.ids:
                    self._index.upsert(kb_id, batch.ids, batch.vectors)
                self._catalog.vectors.told(batch)
                done += len(batch.ids) + len(batch.removed)
        return done

    def end(self, kb_id: int) -> None:
        """After the last write: the index has everything, and readers may trust it again."""
        try:
            self.sync(kb_id)
        except IndexDamagedError as error:
            logger.warning("The vector index failed (%s); building it again.", error.why)
            self.rebuild_all()
        self._settle(kb_id)

    def reconcile(self, kb_id: int) -> tuple[int, int]:
        """Compare index and catalog id by id and mend the index; returns (missing, orphans) found."""
        try:
            missing, orphans = self.compare(kb_id)
            self._catalog.vectors.announce_again(kb_id, missing, orphans)
            self.sync(kb_id)
            if not self._finds_what_it_holds(kb_id):
                raise IndexDamagedError("stored vectors are not found")
        except IndexDamagedError as error:
            logger.warning("The vector index is damaged (%s); building it again.", error.why)
            missing, orphans = self._catalog.vectors.ids(kb_id), set()
            self.rebuild_all()
        self._settle(kb_id)
        return len(missing), len(orphans)

    def compare(self, kb_id: int) -> tuple[set[int], set[int]]:
        """Ids the index lacks, and ids it has too much. Raises `IndexDamagedError`."""
        held, wanted = self._index.ids(kb_id), self._catalog.vectors.ids(kb_id)
        return wanted - held, held - wanted

    def rebuild_all(self) -> None:
        """Throw the whole index away and build it from the catalog."""
        self._index.discard()
        for kb in self._catalog.kbs.all():
            self._catalog.vectors.announce_again(kb.id, self._catalog.vectors.ids(kb.id), ())
            self.sync(kb.id)
            self._settle(kb.id)

    def refill(self, kb_id: int) -> None:
        """Throw one collection away and build it from the catalog."""
        self.drop(kb_id)
        self._catalog.vectors.announce_again(kb_id, self._catalog.vectors.ids(kb_id), ())
        self.end(kb_id)

    def drop(self, kb_id: int) -> None:
        """Forget a knowledge base that is gone from the catalog."""
        try:
            self._index.drop(kb_id)
        except IndexDamagedError as error:
            logger.warning("The vector index failed (%s); building it again.", error.why)
            self.rebuild_all()

    def sweep(self) -> set[int]:
        """Drop collections whose knowledge base is gone; returns their numbers."""
        known = {kb.id for kb in self._catalog.kbs.all()} | {i for i, _ in self._catalog.kbs.staging()}
        orphans = self._index.collections() - known
        for kb_id in orphans:
            self._index.drop(kb_id)
        return orphans

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def _settle(self, kb_id: int) -> None:
        self._catalog.kbs.mark(kb_id, dirty=False)
        self._seen[kb_id] = self._catalog.kbs.generation(kb_id)[0]

    def _finds_what_it_holds(self, kb_id: int) -> bool:
        """Look up a sample of stored vectors: HNSW files can lose entries that `ids` still lists."""
        ids = sorted(self._catalog.vectors.ids(kb_id))
        sample = ids[:: max(1, len(ids) // _SAMPLE)]
        for chunk_id, vector in self._catalog.vectors.of(sample).items():
            found = self._index.query(kb_id, vector, min(10, len(ids)))
            # Equal passages share a vector, so the nearest must be as near as itself, not be itself.
            if not found or found[0][1] < 0.999:
                logger.debug("Passage %d is not found by its own vector.", chunk_id)
                return False
        return True
