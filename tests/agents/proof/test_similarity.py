"""Closeness of texts: what is remembered, and shared by several chats."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.proof.similarity import Closeness
from ingest.embedders.factory import create
from ingest.settings import Settings


class Busy:
    """The hashing embedder, during whose work another chat asks about many texts."""

    def __init__(self) -> None:
        self._embedder = create(Settings(embedder="hashing"))
        self.shared: Closeness | None = None

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        shared, self.shared = self.shared, None
        if shared is not None:
            shared("elsewhere", [f"text {n}" for n in range(2100)])
        return self._embedder.embed_passages(texts)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._embedder.embed_query(text)


def test_a_chat_that_makes_room_takes_nothing_from_another() -> None:
    embedder = Busy()
    closeness = Closeness(embedder)
    before = closeness("annual leave", ["ten days of annual leave", "the pump"])
    embedder.shared = closeness
    assert closeness("annual leave", ["ten days of annual leave", "the pump", "new"])[:2] == before
