"""Nearest-neighbour search over unit vectors. The Protocol, and nothing else; see `chroma` and `exact`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class VectorIndex(Protocol):
    """Collections of (id, unit vector), one per knowledge base, numbered by its id."""

    def upsert(self, kb_id: int, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add or replace vectors; (n, dimensions), rows in the order of `ids`."""

    def delete(self, kb_id: int, ids: Sequence[int]) -> None:
        """Take ids out; unknown ones are ignored."""

    def query(
        self, kb_id: int, vector: NDArray[np.float32], k: int, within: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Up to `k` (id, cosine similarity), nearest first, out of the ids in `within` (None: all)."""

    def vectors(self, kb_id: int, ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """What is stored under these ids; those that are not there are left out."""

    def ids(self, kb_id: int) -> set[int]:
        """Every id in the collection."""

    def drop(self, kb_id: int) -> None:
        """Delete a collection, if it exists."""

    def collections(self) -> set[int]:
        """Ids of the knowledge bases that have a collection."""

    def reopen(self) -> None:
        """Forget what was read: another process may have written."""

    def discard(self) -> None:
        """Delete the whole index from the disk: it is damaged and will be built again."""

    def close(self) -> None:
        """Let go of files and memory."""
