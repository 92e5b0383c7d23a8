"""A deterministic embedder without a model: character n-grams hashed into 384 dimensions.

Similar texts share n-grams and so have similar vectors. It knows nothing of meaning; it is there for tests, for
trying the pipeline at full speed, and for machines where nothing else runs. The hashing trick is that of
Weinberger et al., "Feature Hashing for Large Scale Multitask Learning" (2009), with a sign bit per n-gram.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ingest.embedders import EmbedderIdentity
from ingest.embedders.prompts import Prompted, Prompts

_DIMENSIONS = 384
_MAX_TOKENS = 508


class HashingEmbedder(Prompted):
    """Character uni-, bi- and trigrams, sublinear counts, signed hashing; the same limits as the bundled embedder, so that
    chunks come out alike."""

    identity = EmbedderIdentity("hashing", "char123-v1", _DIMENSIONS, _MAX_TOKENS)
    _prompts = Prompts()

    def count_tokens(self, text: str) -> int:
        """A token for every character beyond ASCII and for every four of ASCII, rounded up."""
        wide = len(text) - len(text.encode("ascii", "ignore"))
        return wide + -(-(len(text) - wide) // 4)

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:  # noqa: ARG002 - it has none
        vectors = np.zeros((len(texts), _DIMENSIONS), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for gram, count in Counter(_grams(text)).items():
                code = crc32(gram.encode("utf-8", "surrogatepass"))
                row[code % _DIMENSIONS] += (1.0 if code >> 31 else -1.0) * (1 + count) ** 0.5
            norm = float(np.linalg.norm(row))
            if norm > 0:
                row[:] = row / norm
            else:
                row[0] = 1.0
        return vectors


def _grams(text: str) -> Iterator[str]:
    """N-grams of the folded text; words are padded with a blank so that their edges count."""
    folded = f" {' '.join(unicodedata.normalize('NFKC', text).casefold().split())} "
    for size in (1, 2, 3):
        for first in range(len(folded) - size + 1):
            gram = folded[first : first + size]
            if not gram.isspace():
                yield gram
