"""Keeps the vector index true to the catalog, and answers from the catalog where that is exact and quick enough.

The catalog marks a knowledge base `dirty` in the very transaction that changes it and notes in its outbox
what the index must be told. `sync` tells it and clears both. A process killed in between leaves the mark, so
the next one compares the two sides vector by vector (`reconcile`); nothing is ever embedded again for it.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Catalog
from ingest.errors import LibraryUnavailable
from ingest.progress import announced
from ingest.vectors import VectorIndex
from ingest.vectors.chroma import IndexAwayError, IndexDamagedError
from ingest.vectors.exact import ExactSearch

logger = logging.getLogger(__name__)

_BATCH = 250
_PAGE = 1_000
"""Vectors read back at once when the two sides are compared."""
_SAMPLE = 200
"""Vectors looked up to see whether a collection finds what it holds."""
_FOUND = 0.98
"""Share of them to be found: a graph that misses more is broken. An undamaged one finds .999 and more."""
_GLANCE = 64
"""Vectors read back at the end of every writing: half of them lost or altered are never overlooked, a tenth in one
writing out of a thousand."""
_LOOK_EVERY = 16
"""Searches of the index for one look at whether it still holds and finds a few of its vectors."""
_BROAD = 1_000
"""Nearest of all among which those allowed are looked for first: the index looks at as many whatever it is asked."""
_NEAR = 1e-5
"""Two copies of a vector are one when no component differs by more: a server may send them as decimal numbers."""


@contextlib.contextmanager
def _or_later() -> Iterator[None]:
    """An index on a server that is gone now is no reason not to write: the knowledge base stays marked, and whoever writes
    to it next brings the index there."""
    try:
        yield
    except IndexAwayError as error:
        logger.warning("%s", error)
        with announced(str(error)):
            pass


class Mirror:
    """The vector index of a library, kept in line with its catalog."""

    def __init__(self, catalog: Catalog, index: VectorIndex, exact: ExactSearch) -> None:
        self._catalog, self._index, self._exact = catalog, index, exact
        self._seen: dict[int, int] = {}
        """Generation of each knowledge base that the open index is known to show."""
        self._syncing = threading.Lock()

    # -- reading --------------------------------------------------------------------------------------

    def query(
        self, kb_id: int, vector: NDArray[np.float32], k: int, size: int, within: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Up to `k` (chunk id, cosine), nearest first, out of the `size` passages of a knowledge base, or of those of them
        whose ids `within` holds in ascending order: `k` come where there are as many.
        """
        held = size if within is None else len(within)
        if held == 0:
            return []
        if self._exact.fits(size, len(vector)) or not self._trusted(kb_id):
            return self._exact.query(kb_id, vector, k, within)
        try:
            found = self._nearest(kb_id, vector, k, within)
            if len(found) >= min(k, held) and (random.randrange(_LOOK_EVERY) or self._sound(kb_id, _LOOK_EVERY)):  # noqa: S311
                return found
            why = "it lacks passages"
        except IndexAwayError as error:
            logger.warning("%s", error)
            return self._exact.query(kb_id, vector, k, within)
        except IndexDamagedError as error:
            why = error.why
        logger.warning("The vector index failed (%s); answering from the catalog.", why)
        self._distrust(kb_id)
        return self._exact.query(kb_id, vector, k, within)

    def cosines(self, kb_ids: Sequence[int], vector: NDArray[np.float32], ids: Sequence[int]) -> dict[int, float]:
        """See `ExactSearch.cosines`."""
        return self._exact.cosines(kb_ids, vector, ids)

    def forget(self, kb_id: int) -> None:
        """Vectors of the catalog were put right: no copy of what they were answers any more."""
        self._exact.forget(kb_id)

    def _nearest(
        self, kb_id: int, vector: NDArray[np.float32], k: int, within: NDArray[np.int64] | None
    ) -> list[tuple[int, float]]:
        if within is None:
            return self._index.query(kb_id, vector, k)
        # What is allowed is mostly among the nearest of all; naming every id to the index costs a millisecond per 1,000.
        allowed = set(within.tolist())
        found = [pair for pair in self._index.query(kb_id, vector, _BROAD) if pair[0] in allowed]
        return found[:k] if len(found) >= k else self._index.query(kb_id, vector, k, within.tolist())

    def _trusted(self, kb_id: int) -> bool:
        """Whether the index shows the present generation. Where it lags behind the next writer, or the doctor, brings it
        there: comparing all vectors is no work for somebody who waits for an answer.
        """
        generation, dirty = self._catalog.kbs.generation(kb_id)
        if not dirty:
            self._show(kb_id, generation)
        return not dirty

    def _show(self, kb_id: int, generation: int) -> None:
        """Have the index opened anew where another process has written to it since."""
        if self._seen.get(kb_id, generation) != generation:
            self._index.reopen()
            self._seen.clear()
        self._seen[kb_id] = generation

    def _distrust(self, kb_id: int) -> None:
        try:
            self._catalog.kbs.mark(kb_id, dirty=True)
        except LibraryUnavailable:
            logger.debug("A read-only library stays unmarked.")

    # -- writing: callers hold the writer lock --------------------------------------------------------

    def begin(self, kb_id: int) -> None:
        """Before the first write: look at what other processes did, and mend what a killed one left."""
        generation, dirty = self._catalog.kbs.generation(kb_id)
        self._show(kb_id, generation)
        if dirty:
            with _or_later():
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
        with _or_later():
            try:
                self.sync(kb_id)
                if not self._sound(kb_id, _GLANCE):
                    self.reconcile(kb_id)
            except IndexDamagedError as error:
                logger.warning("The vector index failed (%s); building it again.", error.why)
                self.rebuild_all()
            self._settle(kb_id)

    def reconcile(self, kb_id: int) -> tuple[int, int]:
        """Compare index and catalog vector by vector and mend the index; returns how many vectors it lacked or held
        altered, and how many it had too much.
        """
        try:
            wrong, orphans = self.compare(kb_id)
            self._catalog.vectors.announce_again(kb_id, wrong, orphans)
            self.sync(kb_id)
            if wrong and not self._finds(kb_id, _SAMPLE):
                raise IndexDamagedError("stored vectors are not found")
        except IndexDamagedError as error:
            logger.warning("The vector index is damaged (%s); building it again.", error.why)
            wrong, orphans = self._catalog.vectors.ids(kb_id), set()
            self.rebuild_all()
        self._settle(kb_id)
        return len(wrong), len(orphans)

    def compare(self, kb_id: int) -> tuple[set[int], set[int]]:
        """Ids whose vector the index lacks or holds altered, and ids it has too much. What has no sound vector in the
        catalog is not compared. Raises `IndexDamagedError`, also where the index no longer finds what it holds.
        """
        wanted = self._catalog.vectors.ids(kb_id)
        missing, altered = self._catalog.vectors.flawed(kb_id)
        held = self._index.ids(kb_id)
        orphans = held - wanted
        compared = sorted(wanted - missing - altered)
        wrong: set[int] = set()
        for at in range(0, len(compared), _PAGE):
            wrong |= self._differing(kb_id, compared[at : at + _PAGE])
        if not wrong and not self._finds(kb_id, _SAMPLE):
            raise IndexDamagedError("stored vectors are not found")
        return wrong, orphans

    def copies(self, kb_id: int, chunk_ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """The index's copies of vectors, as far as it has them; none where it is damaged."""
        try:
            pages = (chunk_ids[at : at + _PAGE] for at in range(0, len(chunk_ids), _PAGE))
            return {key: row for page in pages for key, row in self._index.vectors(kb_id, page).items()}
        except (IndexDamagedError, IndexAwayError):
            return {}

    def rebuild_all(self) -> None:
        """Throw the whole index away and build it from the catalog. Other processes open the new one."""
        self._index.discard()
        self._seen.clear()
        for kb in self._catalog.kbs.all():
            self._catalog.kbs.changed(kb.id)
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
        self._exact.forget(kb_id)
        with _or_later():  # `sweep` drops it then
            try:
                self._index.drop(kb_id)
            except IndexDamagedError as error:
                logger.warning("The vector index failed (%s); building it again.", error.why)
                self.rebuild_all()

    def sweep(self) -> set[int]:
        """Drop collections whose knowledge base is gone; returns their numbers, none of an index that is damaged or away."""
        known = {kb.id for kb in self._catalog.kbs.all()} | {i for i, _ in self._catalog.kbs.staging()}
        try:
            orphans = self._index.collections() - known
        except (IndexDamagedError, IndexAwayError):
            return set()
        for kb_id in orphans:
            self._index.drop(kb_id)
        return orphans

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def _settle(self, kb_id: int) -> None:
        self._catalog.kbs.mark(kb_id, dirty=False)
        self._seen[kb_id] = self._catalog.kbs.generation(kb_id)[0]

    def _differing(self, kb_id: int, ids: Sequence[int]) -> set[int]:
        """Those of `ids` whose vector the index lacks, or holds otherwise than the catalog."""
        held = self._index.vectors(kb_id, ids)
        return {
            i
            for i, row in self._catalog.vectors.of(ids).items()
            if i not in held or held[i].shape != row.shape or not np.abs(held[i] - row).max() <= _NEAR  # a NaN is not
        }

    def _sound(self, kb_id: int, count: int) -> bool:
        """A glance: whether the index holds `count` vectors as the catalog does, and finds some of them."""
        return not self._differing(kb_id, self._some(kb_id, count)) and self._finds(kb_id, count // 8)

    def _finds(self, kb_id: int, count: int) -> bool:
        """Whether vectors are found by themselves: HNSW files can lose entries that can still be read by their ids."""
        vectors = self._catalog.vectors.of(self._some(kb_id, count))
        found = 0
        for vector in vectors.values():
            nearest = self._index.query(kb_id, vector, 1)
            # Equal passages share a vector, so the nearest must be as near as itself, not be itself.
            found += bool(nearest) and nearest[0][1] > 1 - 1e-3
        return found >= _FOUND * len(vectors)

    def _some(self, kb_id: int, count: int) -> list[int]:
        ids = list(self._catalog.vectors.ids(kb_id))
        return ids if len(ids) <= count else random.sample(ids, count)


class NoMirror(Mirror):
    """Of a library that several machines share without a vector index that they share too: the catalog's own vectors, which
    each keeps in memory, are searched exactly however many there are. Nothing can lag behind or be damaged."""

    def __init__(self, catalog: Catalog, exact: ExactSearch) -> None:
        self._catalog, self._exact = catalog, exact

    def query(
        self, kb_id: int, vector: NDArray[np.float32], k: int, size: int, within: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """See `Mirror.query`."""
        return self._exact.query(kb_id, vector, k, within) if (size if within is None else len(within)) else []

    def begin(self, kb_id: int) -> None:
        """There is nothing to mend."""

    def sync(self, kb_id: int) -> int:
        """There is nobody to tell."""
        self._catalog.vectors.told_all(kb_id)
        return 0

    def end(self, kb_id: int) -> None:
        """Readers need no mark."""
        self.sync(kb_id)
        self._catalog.kbs.mark(kb_id, dirty=False)

    refill = end

    def reconcile(self, kb_id: int) -> tuple[int, int]:
        """Nothing was lacking and nothing too much."""
        self.end(kb_id)
        return 0, 0

    def compare(self, kb_id: int) -> tuple[set[int], set[int]]:  # noqa: ARG002
        """Nothing is lacking and nothing too much."""
        return set(), set()

    def copies(self, kb_id: int, chunk_ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:  # noqa: ARG002
        """There are none."""
        return {}

    def rebuild_all(self) -> None:
        """There is nothing to build."""

    def drop(self, kb_id: int) -> None:
        """There is nothing to forget."""

    def sweep(self) -> set[int]:
        """There is nothing to drop."""
        return set()

    def close(self) -> None:
        """There is nothing to let go of."""
