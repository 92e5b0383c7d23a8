"""Libraries of invented passages, to see what the machinery takes at size.

Characters and words by Zipf's law, 430 characters or 220 words, about 300 tokens; vectors random. They are put straight into
a catalog, as `ingest add` would, but for the words, which are merged 4,096 passages at a time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np

from ingest.catalog import Catalog, Source, chunk_key
from ingest.documents import Chunk, Page, Parsed
from ingest.embedders.hashing import HashingEmbedder
from ingest.lexical import postings

KB = "speed"
BATCH = 20
"""Passages of one document."""


def filled(passages: int, homes: str = "") -> Path:
    """A home with so many passages in the knowledge base `KB`, filled once in a process, or kept in the folder `homes`."""
    home = Path(homes or _scratch().name) / str(passages)
    if not home.is_dir():
        _fill(home, passages)
    return home


def questions(count: int, seed: int = 7) -> list[str]:
    """Chinese and English in turns."""
    write = writer(np.random.default_rng(seed))
    return [write(chinese=i % 2 == 0, size=20 if i % 2 == 0 else 10) for i in range(count)]


def writer(dice: np.random.Generator) -> Callable[..., str]:
    """What writes a text of `size` characters or words."""
    han = np.array([chr(0x4E00 + i) for i in range(4_000)])
    words = np.array([f"w{i:x}" for i in range(40_000)])

    def weights(count: int, power: float) -> np.ndarray:
        falling = np.arange(1, count + 1) ** -power
        return np.cumsum(falling / falling.sum())

    by_han, by_word = weights(len(han), 0.9), weights(len(words), 1.0)

    def write(*, chinese: bool, size: int) -> str:
        pool, steps = (han, by_han) if chinese else (words, by_word)
        drawn = pool[np.minimum(np.searchsorted(steps, dice.random(size)), len(pool) - 1)]
        return ("" if chinese else " ").join(drawn.tolist())

    return write


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def _fill(home: Path, passages: int) -> None:
    dice = np.random.default_rng(11)
    write = writer(dice)
    home.mkdir(parents=True)
    catalog = Catalog(home)
    kb = catalog.kbs.create(KB)
    bound = catalog.kbs.bind(kb.id, HashingEmbedder().identity)
    with mock.patch.object(postings, "MERGE_AT", postings.BLOCK):
        for first in range(0, passages, BATCH):
            texts = [write(chinese=i % 2 == 0, size=430 if i % 2 == 0 else 220) for i in range(first, first + BATCH)]
            pages = tuple(Page(n, text) for n, text in enumerate(texts, 1))
            chunks = [Chunk(page.number, 0, len(page.text), page.text, (), "", 300) for page in pages]
            vectors = dict(zip(map(chunk_key, chunks), (v.tobytes() for v in _unit(dice, len(chunks))), strict=True))
            source = Source(f"/{KB}/{first}.txt", f"{first:064x}", 0, 0, KB)
            catalog.documents.put(kb.id, bound, source, Parsed(str(first), "text/plain", pages), chunks, vectors)
    catalog.close()


def _unit(dice: np.random.Generator, count: int) -> np.ndarray:
    vectors = dice.standard_normal((count, HashingEmbedder().identity.dimensions), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
