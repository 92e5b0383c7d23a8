"""Exact search over the catalog's own vectors: nothing is missed, and there is no index to trust or repair.

All are read through in eight bits, a quarter of the room and a fifth of the time, which is what a processor's memory takes.
Whole vectors decide among those that may be the nearest: a file beside the catalog has both (`KeptVectors`), and where it
has not, the catalog.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Catalog
from ingest.vectors.kept import Keeping, KeptVectors
from ingest.vectors.rows import Quantised

logger = logging.getLogger(__name__)

MEMORY = 512 << 20
"""Bytes of vectors kept, of all knowledge bases together: 1,370,000 passages of 384 dimensions, 520,000 of 1,024."""
_FEW = 0.25
"""Share of the vectors up to which they are gathered before they are multiplied."""
_MOST = 20_000
"""Whole vectors that are read for one question."""
_DRIFT = 32
"""Once one vector in so many has come or gone since a file was written, another is."""
_LOOK_EVERY, _LOOKED_AT = 16, 32
"""In one search of so many, so many of the vectors used are compared with the catalog's."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    generation: int
    ids: NDArray[np.int64]
    rows: Quantised
    kept: KeptVectors | None = None


class ExactSearch:
    """Cosine similarity with every passage of a knowledge base; keeps the vectors of those asked last in memory.

    Vectors that can't be right (`Vectors.parts`) are passed over: their passages are found by their words alone.
    """

    def __init__(self, catalog: Catalog, folder: Path | None = None, memory: int = MEMORY) -> None:
        """`folder`: where files of vectors are kept; None: nowhere."""
        self._catalog, self._folder, self._memory = catalog, folder, memory
        self._loaded: OrderedDict[int, _Loaded] = OrderedDict()
        self._lock = threading.Lock()

    def fits(self, size: int, dimensions: int) -> bool:
        """Whether so many vectors may be kept in memory."""
        return size * (dimensions + 8) <= self._memory  # a step and an excess of each besides

    def query(
        self, kb_id: int, vector: NDArray[np.float32], k: int, within: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Up to `k` (chunk id, cosine similarity), nearest first; ties by id. `within`: the ids that may be found, in
        ascending order (None: all); only their vectors are looked at.
        """
        loaded = self._current(kb_id)
        ids, rows = loaded.ids, loaded.rows
        if not len(ids) or rows.dimensions != len(vector):
            return []
        at = None if within is None else np.flatnonzero(np.isin(ids, within, assume_unique=True))
        if at is not None and len(at) <= _FEW * len(ids):  # to copy these is quicker than to look at all
            ids, rows, at = ids[at], rows.at(at), None
        places, scores = rows.nearest(vector, k, at)
        if len(places) > max(_MOST, k):
            places = np.sort(places[np.argpartition(-scores, max(_MOST, k))[: max(_MOST, k)]])
        ids, vectors = self._of(loaded, ids[places])
        if loaded.kept and random.randrange(_LOOK_EVERY) == 0 and not self._true(ids, vectors):  # noqa: S311
            logger.warning("The file of vectors of knowledge base %d is damaged; it is made anew.", kb_id)
            self.forget(kb_id)
            return self.query(kb_id, vector, k, within)
        return nearest(ids, vectors @ vector, k)

    def cosines(self, kb_ids: Sequence[int], vector: NDArray[np.float32], ids: Sequence[int]) -> dict[int, float]:
        """Chunk id → cosine similarity, of those of `ids` that have a vector; each is of one of the knowledge bases."""
        found, rest = dict[int, float](), np.array(sorted(ids), np.int64)
        for loaded in map(self._loaded.get, kb_ids):
            if loaded and loaded.kept:
                here, vectors = loaded.kept.of(rest)
                found |= zip(here.tolist(), (vectors @ vector).tolist(), strict=True)
                rest = np.setdiff1d(rest, here, assume_unique=True)
        return found | {i: float(row @ vector) for i, row in self._catalog.vectors.of(rest.tolist()).items()}

    def forget(self, kb_id: int) -> None:
        """A knowledge base is gone, or vectors of it were put right: nothing of it is kept."""
        with self._lock:
            self._loaded.pop(kb_id, None)
            if file := self._file(kb_id):
                with contextlib.suppress(OSError):
                    file.unlink(missing_ok=True)

    def _of(self, loaded: _Loaded, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Those of `ids` that have a vector, ascending, and the vectors: from the file, and what it has not from the catalog."""
        here, vectors = loaded.kept.of(ids) if loaded.kept else (ids[:0], np.empty((0, loaded.rows.dimensions), "f4"))
        others = self._catalog.vectors.of(np.setdiff1d(ids, here, assume_unique=True).tolist())
        if not others:
            return here, vectors
        here = np.concatenate([here, np.fromiter(others, np.int64, len(others))])
        order = np.argsort(here)
        return here[order], np.concatenate([vectors, np.stack(list(others.values()))])[order]

    def _true(self, ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> bool:
        """Whether some of these are the catalog's, which has all of them."""
        some = np.sort(np.random.default_rng().permutation(len(ids))[:_LOOKED_AT])
        held = self._catalog.vectors.of(ids[some].tolist())
        return len(held) < len(some) or np.array_equal(np.stack(list(held.values())), vectors[some])

    def _current(self, kb_id: int) -> _Loaded:
        """The vectors as the catalog has them now: read when it is first asked, kept current by what has changed."""
        generation, _ = self._catalog.kbs.generation(kb_id)
        with self._lock:
            found = self._loaded.get(kb_id) or self._opened(kb_id)
            if found is None or found.generation != generation:
                found = self._changed(kb_id, found)
            self._loaded[kb_id] = found
            self._loaded.move_to_end(kb_id)
            while len(self._loaded) > 1 and sum(one.rows.nbytes for one in self._loaded.values()) > self._memory:
                self._loaded.popitem(last=False)
            return found

    def _opened(self, kb_id: int) -> _Loaded | None:
        file = self._file(kb_id)
        kept = KeptVectors.opened(file) if file else None
        return _Loaded(kept.generation, kept.ids, kept.quantised, kept) if kept else None

    def _file(self, kb_id: int) -> Path | None:
        return self._folder and self._folder / f"{kb_id}.vectors"

    def _changed(self, kb_id: int, known: _Loaded | None) -> _Loaded:
        """`known` without the passages that are gone and with those that are new; an id never means another passage."""
        with self._catalog.database.reading():  # all of one moment
            generation, _ = self._catalog.kbs.generation(kb_id)
            held = self._catalog.vectors.ids(kb_id)
            present = np.fromiter(sorted(held), np.int64, len(held))
            if known is None or not len(known.ids):
                return self._read(kb_id)
            stays = np.isin(known.ids, present, assume_unique=True)
            fresh = self._catalog.vectors.of(np.setdiff1d(present, known.ids, assume_unique=True).tolist())
        ids, rows = known.ids, known.rows
        if stays.all() and not fresh:  # then it may be vectors that were put right
            return self._read(kb_id)
        if not stays.all():
            ids, rows = ids[stays], rows.at(np.flatnonzero(stays))
        if fresh:
            ids = np.concatenate([ids, np.fromiter(fresh, np.int64, len(fresh))])
            rows = rows.with_more(np.stack(list(fresh.values())))
        if known.kept and _DRIFT * len(np.setxor1d(ids, known.kept.ids, assume_unique=True)) > len(ids):
            return self._read(kb_id)
        return _Loaded(generation, ids, rows, known.kept)

    def _read(self, kb_id: int) -> _Loaded:
        """All vectors of a knowledge base, a part at a time, and the file of them."""
        with self._catalog.database.reading():  # all of one moment
            generation, _ = self._catalog.kbs.generation(kb_id)
            read, file = [], self._file(kb_id)
            keeping = Keeping(file) if file else None
            for ids, vectors in self._catalog.vectors.parts(kb_id):
                if keeping:
                    keeping.put(vectors)
                read.append((ids, Quantised.of(vectors)))
        ids = np.concatenate([np.empty(0, np.int64), *(ids for ids, _ in read)])
        rows = Quantised.beside([rows for _, rows in read]) if read else Quantised.of(np.empty((0, 0), np.float32))
        if keeping:
            keeping.finish(generation, ids, rows)
            if (kept := self._opened(kb_id)) and kept.generation == generation:
                return kept
        return _Loaded(generation, ids, rows)


def nearest(ids: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
    """The best `k` of (id, cosine), ids in ascending order; ties by id."""
    k = min(k, len(scores))
    if not k:
        return []
    # All that are as near as the last: which of equals come in must not depend on how they lie in memory.
    floor = np.partition(scores, len(scores) - k)[len(scores) - k]
    top = np.flatnonzero(scores >= floor)
    top = top[np.lexsort((ids[top], -scores[top]))][:k]
    return [(int(ids[i]), float(scores[i])) for i in top]
