"""Texts in, unit vectors out: the Protocol its users rely on. `factory` is the one place that names classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class EmbedderIdentity:
    """What decides whether two vectors may be compared. Stored with every vector."""

    name: str
    """As the user wrote it: 'bundled', a hub name, a folder, a URL."""
    fingerprint: str
    """Changes whenever vectors would: weights, precision, prompts, pooling."""
    dimensions: int
    max_tokens: int
    """Longest passage in the embedder's tokens, special tokens and the passage prompt already taken off."""

    @property
    def key(self) -> str:
        """Key of this embedder in the catalog."""
        return f"{self.name}:{self.fingerprint}:{self.dimensions}"


class Embedder(Protocol):
    """Turns texts into L2-normalised float32 vectors."""

    @property
    def identity(self) -> EmbedderIdentity:
        """Identity and limits; loading the model to know them is allowed."""

    def count_tokens(self, text: str) -> int:
        """Length of `text` in the embedder's own tokens, without special tokens and prompt."""

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dimensions) array, rows in the order of `texts`. Raises `ModelError`."""

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """(dimensions,) vector with the prompt for queries. Raises `ModelError`."""


def well_formed(text: str) -> str:
    """`text` with lone surrogates replaced: they are no Unicode text and make native tokenizers fail."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
