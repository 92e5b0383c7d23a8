"""Exact search over the catalog's own vectors: nothing is missed, and there is no index to load, trust or repair.

In memory as float32 while they fit (1.5 kB a passage of 384 dimensions; 200,000 of them take some 30 ms on two cores),
beyond that in eight bits; then the catalog's vectors decide among those that may be the nearest.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.vectors.rows import Quantised, Whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.catalog import Catalog

MEMORY = 512 << 20
"""Bytes of vectors kept, of all knowledge bases together: 349,000 passages of 384 dimensions as float32, 1,398,000 in
eight bits; of 1,024 dimensions 131,000 and 524,000."""
_FEW = 0.25
"""Share of the vectors up to which they are gathered before they are multiplied."""
_MOST = 5_000
"""Vectors that are read from the catalog for one question."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    generation: int
    ids: NDArray[np.int64]
    rows: Whole | Quantised


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
        return size * (dimensions + 4) <= self._memory  # four bytes of a row are its step

    def query(
        self, kb_id: int, vector: NDArray[np.float32], k: int, within: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Up to `k` (chunk id, cosine similarity), nearest first; ties by id. `within`: the ids that may be found, in
        ascending order (None: all); only their vectors are looked at.
        """
        import numpy as np

        loaded = self._current(kb_id)
        if not len(loaded.ids) or loaded.rows.dimensions != len(vector):
            return []
        ids, rows = loaded.ids, loaded.rows
        if within is None:
            return self._best(ids, rows.products(vector), rows.doubt, vector, k)
        at = np.flatnonzero(np.isin(ids, within, assume_unique=True))
        if len(at) > _FEW * len(ids):  # to look at all is quicker than to copy most of them
            doubt = None if rows.doubt is None else rows.doubt[at]
            return self._best(ids[at], rows.products(vector)[at], doubt, vector, k)
        few = rows.at(at)
        return self._best(ids[at], few.products(vector), few.doubt, vector, k)

    def _best(
        self,
        ids: NDArray[np.int64],
        scores: NDArray[np.float32],
        doubt: NDArray[np.float32] | None,
        vector: NDArray[np.float32],
        k: int,
    ) -> list[tuple[int, float]]:
        """The nearest by `scores`; where they are in doubt, by the catalog's own vectors of all that may be among them."""
        import numpy as np

        k = min(k, len(ids))
        if doubt is None or not k:
            return nearest(ids, scores, k)
        sure = np.partition(scores - doubt, len(ids) - k)[len(ids) - k]
        maybe = np.flatnonzero(scores + doubt >= sure)
        if len(maybe) > max(_MOST, k):
            maybe = maybe[np.argpartition(-scores[maybe], max(_MOST, k))[: max(_MOST, k)]]
        held = self._catalog.vectors.of(np.sort(ids[maybe]).tolist())
        if not held:
            return []
        return nearest(np.fromiter(held, np.int64, len(held)), np.stack(list(held.values())) @ vector, k)

    def _current(self, kb_id: int) -> _Loaded:
        """The vectors as the catalog has them now: read when it is first asked, kept current by what has changed."""
        generation, _ = self._catalog.kbs.generation(kb_id)
        with self._lock:
            found = self._loaded.get(kb_id)
            if found is not None and found.generation == generation:
                self._loaded.move_to_end(kb_id)
                return found
            ids, rows = self._changed(kb_id, found)
            self._loaded[kb_id] = loaded = _Loaded(generation, ids, rows)
            self._loaded.move_to_end(kb_id)
            while len(self._loaded) > 1 and sum(one.rows.nbytes for one in self._loaded.values()) > self._memory:
                self._loaded.popitem(last=False)
            return loaded

    def _changed(self, kb_id: int, known: _Loaded | None) -> tuple[NDArray[np.int64], Whole | Quantised]:
        """`known` without the passages that are gone and with those that are new; an id never means another passage."""
        import numpy as np

        held = self._catalog.vectors.ids(kb_id)
        present = np.fromiter(sorted(held), np.int64, len(held))
        if known is None or not isinstance(known.rows, self._form(len(present), known.rows.dimensions)):
            return self._read(kb_id)
        kept = np.isin(known.ids, present, assume_unique=True)
        fresh = self._catalog.vectors.of(np.setdiff1d(present, known.ids, assume_unique=True).tolist())
        if kept.all() and not fresh:  # then it may be vectors that were put right
            return self._read(kb_id)
        ids, rows = known.ids, known.rows
        if not kept.all():
            ids, rows = ids[kept], rows.at(np.flatnonzero(kept))
        if fresh:
            ids = np.concatenate([ids, np.fromiter(fresh, np.int64, len(fresh))])
            rows = rows.with_more(np.stack(list(fresh.values())))
        return ids, rows

    def _form(self, size: int, dimensions: int) -> type[Whole | Quantised]:
        return Whole if size * dimensions * 4 <= self._memory else Quantised

    def _read(self, kb_id: int) -> tuple[NDArray[np.int64], Whole | Quantised]:
        """All vectors of a knowledge base; in the smaller form a part at a time, so that there is never more in memory."""
        import numpy as np

        with self._catalog.database.reading():  # all of one moment
            count, dimensions = self._catalog.vectors.size(kb_id)
            if self._form(count, dimensions) is Whole:
                ids, vectors = self._catalog.vectors.matrix(kb_id)
                return ids, Whole(vectors)
            values, steps = np.empty((count, dimensions), np.int8), np.empty(count, np.float32)
            ids, end = np.empty(count, np.int64), 0
            for part, vectors in self._catalog.vectors.parts(kb_id):
                begin, end = end, end + len(part)
                small = Quantised.of(vectors)
                ids[begin:end], values[begin:end], steps[begin:end] = part, small.values, small.steps
        return ids[:end], Quantised(values[:end], steps[:end])


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
