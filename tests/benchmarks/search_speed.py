"""How long a search takes at 50,000 passages, through the library itself; `python tests/benchmarks/search_speed.py`.

Passages are invented (characters and words by Zipf's law, 430 characters or 220 words, about 300 tokens), vectors
random: what is measured is the machinery, not its finds. They are put straight into a catalog, as `ingest add` would,
and `Library.search` is timed whole: both legs, cosines out of SQLite, fusion, the passages' texts. The question is
embedded by hashing, whose time is taken off.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest import lexical, open_library
from ingest.catalog import Catalog, Source, chunk_key
from ingest.documents import Chunk, Page, Parsed
from ingest.embedders.hashing import HashingEmbedder
from ingest.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

PASSAGES = 50_000
QUERIES = 100
BATCH = 50
"""Passages of one document."""


def run(passages: int = PASSAGES) -> str:
    """Markdown table of milliseconds per search, without embedding the question."""
    dice = np.random.default_rng(7)
    write = writer(dice)
    embedder = HashingEmbedder()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        adding = fill(home, write, dice, passages)
        library = open_library(home, Settings(embedder="hashing"))
        kb = library.kb("speed")
        questions = [write(chinese=i % 2 == 0, size=20 if i % 2 == 0 else 10) for i in range(QUERIES)]
        library.search(questions[0], kb="speed")  # opens the index, and reconciles it with the catalog
        catalog = Catalog(home)
        with catalog.database.reading() as db:
            words = _times(lambda q: lexical.search(db, kb.id, q, 1_000), questions)
        ids = sorted(catalog.vectors.ids(kb.id))
        some = [dice.choice(ids, 100, replace=False).tolist() for _ in questions]
        cosines = _times(lambda q: catalog.vectors.of(some[questions.index(q)]), questions)
        embedding = _times(embedder.embed_query, questions)
        whole = _times(lambda q: library.search(q, kb="speed"), questions)
        rows = [
            ("lexical leg", words),
            ("100 vectors out of the catalog", cosines),
            ("whole search", [a - b for a, b in zip(whole, embedding, strict=True)]),
        ]
        size = sum(file.stat().st_size for file in home.rglob("*") if file.is_file()) / passages
        catalog.close()
        library.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = ["## Search speed\n", f"| at {passages:,} passages | median ms | 95th percentile ms |", "|---|---:|---:|"]
    lines += [f"| {name} | {np.median(t):.1f} | {np.percentile(t, 95):.1f} |" for name, t in rows]
    lines.append(
        f"\nWriting catalog and lexical index: {adding:.2f} ms a passage; {size / 1000:.1f} kB a passage on disk with"
        f" Chroma's index. Peak memory of filling and searching: {peak:,.0f} MB."
    )
    return "\n".join(lines)


def writer(dice: np.random.Generator) -> Callable[..., str]:
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


def fill(home: Path, write: Callable[..., str], dice: np.random.Generator, passages: int, batch: int = BATCH) -> float:
    """Write the catalog, a document of `batch` passages a transaction; milliseconds per passage."""
    catalog = Catalog(home)
    kb = catalog.kbs.create("speed")
    bound = catalog.kbs.bind(kb.id, HashingEmbedder().identity)
    spent = 0.0
    for first in range(0, passages, batch):
        texts = [write(chinese=i % 2 == 0, size=430 if i % 2 == 0 else 220) for i in range(first, first + batch)]
        pages = tuple(Page(n, text) for n, text in enumerate(texts, 1))
        chunks = [Chunk(page.number, 0, len(page.text), page.text, (), "", 300) for page in pages]
        vectors = dict(zip(map(chunk_key, chunks), (v.tobytes() for v in _unit(dice, len(chunks))), strict=True))
        source = Source(f"/speed/{first}.txt", f"{first:064x}", 0, 0, "speed")
        began = time.perf_counter()
        catalog.documents.put(kb.id, bound, source, Parsed(str(first), "text/plain", pages), chunks, vectors)
        spent += time.perf_counter() - began
    catalog.close()
    return spent / passages * 1000


def _unit(dice: np.random.Generator, count: int) -> np.ndarray:
    vectors = dice.standard_normal((count, HashingEmbedder().identity.dimensions), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _times(search: Callable[[str], object], questions: list[str]) -> list[float]:
    search(questions[0])
    found = []
    for question in questions:
        began = time.perf_counter()
        search(question)
        found.append((time.perf_counter() - began) * 1000)
    return found


if __name__ == "__main__":
    print(run())
