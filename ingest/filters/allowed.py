"""A filter → the passages of a knowledge base that may be found."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Catalog
from ingest.filters.filter import Filter

_KEPT = 4
"""Knowledge bases whose passages are kept in memory: 16 bytes each, .8 MB for 50,000."""


@dataclass(frozen=True, slots=True)
class _Owners:
    generation: int
    chunks: NDArray[np.int64]
    documents: NDArray[np.int64]


class Allowed:
    """Which passages belong to the documents that fit. Documents are asked anew each time, so that a tag holds at once;
    what belongs to which document is kept as long as the knowledge base does not change."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._owners: OrderedDict[int, _Owners] = OrderedDict()
        self._lock = threading.Lock()

    def passages(self, kb_id: int, wanted: Filter) -> NDArray[np.int64] | None:
        """Ids of chunks in ascending order; None where all may be found."""
        if not wanted:
            return None
        fitting = self._catalog.fields.fitting(kb_id, wanted)
        owners = self._of(kb_id)
        return owners.chunks[np.isin(owners.documents, np.fromiter(fitting, np.int64, len(fitting)))]

    def _of(self, kb_id: int) -> _Owners:
        generation, _ = self._catalog.kbs.generation(kb_id)
        with self._lock:
            found = self._owners.get(kb_id)
            if found is None or found.generation != generation:
                found = self._owners[kb_id] = _Owners(generation, *self._catalog.fields.owners(kb_id))
            self._owners.move_to_end(kb_id)
            while len(self._owners) > _KEPT:
                self._owners.popitem(last=False)
            return found
