"""Exact search over the catalog's own vectors: nothing is missed, and there is no index to load, trust or repair.

In memory as float32: 1.5 kB a passage of 384 dimensions. 200,000 of them are 307 MB and take some 30 ms on two cores;
float16 would take half the memory and fifty times as long (numpy has no product of them).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.catalog import Catalog

MEMORY = 512 << 20
"""Bytes of vectors kept, of all knowledge bases together: 349,000 passages of 384 dimensions, 131,000 of 1,024."""
_FEW = 0.25
"""Share of the vectors up to which they are gathered before they are multiplied."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    generation: int
    ids: NDArray[np.int64]
    vectors: NDArray[np.float32]


class ExactSearch:
    """Cosine similarity with every passage of a knowledge base; keeps the vectors of those asked last in memory.

    Vectors that can't be right (`Vectors.matrix`) are passed over: their passages are found by their words alone.
    """

    def __init__(self, catalog: Catalog, memory: int = MEMORY) -> None:
        self._catalog = catalog
        self._memory = memory
        self._loaded: OrderedDict[int, _Loaded] = OrderedDict()
        self._lock = threading.Lock()

    def fits(self, size: int, dimensions: int) -> bool:
        """Whether so many vectors may be kept in memory."""
        return size * dimensions * 4 <= self._memory

    def query(
        self, kb_id: int, vector: NDArray[np.float32], k: int, within: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Up to `k` (chunk id, cosine similarity), nearest first; ties by id. `within`: the ids that may be found, in
        ascending order (None: all); only their vectors are looked at.
        """
        import numpy as np

        loaded = self._current(kb_id)
        if not len(loaded.ids) or loaded.vectors.shape[1] != len(vector):
            return []
        ids, vectors = loaded.ids, loaded.vectors
        if within is not None:
            at = np.flatnonzero(np.isin(ids, within, assume_unique=True))
            if len(at) > _FEW * len(ids):  # to look at all is quicker than to copy most of them
                return nearest(ids[at], (vectors @ vector)[at], k)
            ids, vectors = ids[at], vectors[at]
        return nearest(ids, vectors @ vector, k)

    def _current(self, kb_id: int) -> _Loaded:
        """The vectors as the catalog has them now: read when it is first asked, kept current by what has changed."""
        generation, _ = self._catalog.kbs.generation(kb_id)
        with self._lock:
            found = self._loaded.get(kb_id)
            if found is not None and found.generation == generation:
                self._loaded.move_to_end(kb_id)
                return found
            ids, vectors = self._changed(kb_id, found) if found is not None else self._catalog.vectors.matrix(kb_id)
            self._loaded[kb_id] = loaded = _Loaded(generation, ids, vectors)
            self._loaded.move_to_end(kb_id)
            while len(self._loaded) > 1 and sum(one.vectors.nbytes for one in self._loaded.values()) > self._memory:
                self._loaded.popitem(last=False)
            return loaded

    def _changed(self, kb_id: int, known: _Loaded) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """`known` without the passages that are gone and with those that are new; an id never means another passage."""
        import numpy as np

        held = self._catalog.vectors.ids(kb_id)
        present = np.fromiter(sorted(held), np.int64, len(held))
        kept = np.isin(known.ids, present, assume_unique=True)
        fresh = self._catalog.vectors.of(np.setdiff1d(present, known.ids, assume_unique=True).tolist())
        if kept.all() and not fresh:  # then it may be vectors that were put right
            return self._catalog.vectors.matrix(kb_id)
        ids, vectors = known.ids[kept], known.vectors[kept]
        if fresh:
            rows = np.stack(list(fresh.values()))
            ids = np.concatenate([ids, np.fromiter(fresh, np.int64, len(fresh))])
            vectors = np.concatenate([vectors.reshape(-1, rows.shape[1]), rows])
        return ids, vectors


def nearest(ids: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
    """The best `k` of (id, cosine), ids in ascending order; ties by id."""
    import numpy as np

    k = min(k, len(scores))
    if not k:
        return []
    # All that are as near as the last: which of equals come in must not depend on how they lie in memory.
    floor = np.partition(scores, len(scores) - k)[len(scores) - k]
    top = np.flatnonzero(scores >= floor)
    top = top[np.lexsort((ids[top], -scores[top]))][:k]
    return [(int(ids[i]), float(scores[i])) for i in top]
