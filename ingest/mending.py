"""Puts lost and altered vectors of the catalog right: from the index's copy where that is proven, else by embedding."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Catalog, KnowledgeBase
from ingest.catalog.proofs import key_of, sound
from ingest.embedders import Embedder
from ingest.mirror import Mirror

_BATCH = 64
_TRIED = 8
"""Copies without a digest that are embedded again before the others are believed."""
_SAME = 0.999
"""Cosine of a passage's vector with itself, embedded on another day in another batch; int8 models vary by 1e-4."""


class Mender:
    """Restores the vectors of one knowledge base. Callers hold the writer lock and let the index be told afterwards."""

    def __init__(self, catalog: Catalog, mirror: Mirror, kb: KnowledgeBase, embedder: Embedder) -> None:
        """`embedder` is the one that the knowledge base was made with."""
        self._catalog, self._mirror, self._kb, self._embedder = catalog, mirror, kb, embedder

    def run(self) -> tuple[int, int]:
        """Restore what can be; returns how many vectors were wrong, and how many of them still are (their text is not
        what it was, so nothing can be made of it). Raises `ModelError` where the embedder can't embed.
        """
        missing, altered = self._catalog.vectors.flawed(self._kb.id)
        wrong = sorted(missing | altered)
        if not wrong:
            return 0, 0
        copies = self._copies(wrong)
        self._catalog.vectors.put_back(self._kb.id, copies)
        rest = [i for i in wrong if i not in copies]
        made = 0
        for at in range(0, len(rest), _BATCH):
            vectors = {i: row.astype("<f4").tobytes() for i, row in self._embedded(rest[at : at + _BATCH]).items()}
            self._catalog.vectors.put_back(self._kb.id, vectors)
            made += len(vectors)
        self._mirror.forget(self._kb.id)
        return len(wrong), len(rest) - made

    def _copies(self, wrong: Sequence[int]) -> Mapping[int, bytes]:
        """The index's copies of them that are right: by their digest, or where it is lost as well by a sample."""
        proofs = self._catalog.vectors.proofs(self._kb.id, wrong)
        proven: dict[int, bytes] = {}
        unproven: dict[int, NDArray[np.float32]] = {}
        for i, row in self._mirror.copies(self._kb.id, wrong).items():
            key, digest, dimensions = proofs[i]
            data = row.astype("<f4").tobytes()
            if not sound(key, data, digest, dimensions):
                continue
            if digest is None:
                unproven[i] = row
            else:
                proven[i] = data
        tried = self._embedded(random.sample(sorted(unproven), min(_TRIED, len(unproven))))
        if tried and all(float(row @ unproven[i]) >= _SAME for i, row in tried.items()):
            proven |= {i: row.astype("<f4").tobytes() for i, row in unproven.items()}
        return proven

    def _embedded(self, chunk_ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """Passages embedded again, as far as their text is what it was."""
        proofs = self._catalog.vectors.proofs(self._kb.id, chunk_ids)
        texts = {
            p.chunk_id: f"{p.context}\n{p.text}" if p.context else p.text
            for p in self._catalog.documents.passages(chunk_ids)
        }
        sure = [i for i, text in texts.items() if key_of(text) == proofs[i][0]]
        if not sure:
            return {}
        return dict(zip(sure, self._embedder.embed_passages([texts[i] for i in sure]), strict=True))
