"""What goes into a model and what comes out: tokens of many texts as few rectangles, and vectors of length 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.cores import threads

_TOKENS_PER_CORE = 512
"""Padded tokens of a batch: enough for a core to be busy with, little enough for its cache. Passages/s on two cores with
512, 1,024, 2,048 and 8,192 in all: 44, 47, 36 and 27."""


def padded(
    tokens: Sequence[Sequence[int]], pad: int
) -> Iterator[tuple[list[int], NDArray[np.int64], NDArray[np.int64]]]:
    """Batches of texts of like length, so that little of one is padding, the longest first: the places of its texts in
    `tokens`, their tokens (texts, width) with `pad` behind the shorter ones, and what is a token (1) and what is padding
    (0). At least two wide."""
    most = _TOKENS_PER_CORE * threads()
    order = sorted(range(len(tokens)), key=lambda place: -len(tokens[place]))
    first = 0
    while first < len(order):
        width = max(2, len(tokens[order[first]]))
        places = order[first : first + max(1, most // width)]
        ids = np.full((len(places), width), pad, np.int64)
        mask = np.zeros((len(places), width), np.int64)
        for row, place in enumerate(places):
            ids[row, : len(tokens[place])] = tokens[place]
            mask[row, : len(tokens[place])] = 1
        yield places, ids, mask
        first += len(places)


def cut(tokens: list[int], window: int) -> list[int]:
    """The window's worth of a text or a pair of them; the last token closes it (</s>, [SEP], <|endoftext|>)."""
    return tokens if len(tokens) <= window else [*tokens[: window - 1], tokens[-1]]


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to length 1; a row of zeros becomes the first unit vector."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    scaled[norms[:, 0] <= 1e-12, 0] = 1.0
    return scaled
