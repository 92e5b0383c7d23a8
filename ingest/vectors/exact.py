"""Exact search over the catalog's own vectors: no index to load, trust or repair.

It answers one-shot searches (importing chromadb takes longer than scanning 20,000 passages), and steps in
whenever the index may lag behind or is damaged. 50,000 passages of 384 dimensions take 77 MB and some 10 ms.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.catalog import Catalog

_RELOAD_SECONDS = 1.0
"""While another process adds document after document, read the vectors anew at most this often."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    generation: int
    at: float
    ids: NDArray[np.int64]
    vectors: NDArray[np.float32]


class ExactSearch:
    """Cosine similarity with every passage of a knowledge base; keeps the last one's vectors in memory."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._loaded: tuple[int, _Loaded] | None = None
        self._lock = threading.Lock()

    def query(self, kb_id: int, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Up to `k` (chunk id, cosine similarity), nearest first; ties by id."""
        import numpy as np

        loaded = self._load(kb_id)
        if not len(loaded.ids) or loaded.vectors.shape[1] != len(vector):
            return []
        scores = loaded.vectors @ vector
        k = min(k, len(scores))
        top = np.argpartition(-scores, k - 1)[:k]
        top = top[np.lexsort((loaded.ids[top], -scores[top]))]
        return [(int(loaded.ids[i]), float(scores[i])) for i in top]

    def _load(self, kb_id: int) -> _Loaded:
        generation, _ = self._catalog.kbs.generation(kb_id)
        with self._lock:
            if self._loaded and self._loaded[0] == kb_id:
                found = self._loaded[1]
                if found.generation == generation or time.monotonic() - found.at < _RELOAD_SECONDS:
                    return found
            ids, vectors = self._catalog.vectors.matrix(kb_id)
            loaded = _Loaded(generation, time.monotonic(), ids, vectors)
            self._loaded = (kb_id, loaded)
            return loaded
