"""How long a search takes at 50,000 passages, leg by leg; `python tests/benchmarks/search_speed.py` prints a table.

Passages are invented (characters and words by Zipf's law, 430 characters or 220 words, about 300 tokens), vectors
random: what is measured is the machinery, not its finds.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest import lexical
from ingest.search import Searcher

if TYPE_CHECKING:
    from collections.abc import Callable

PASSAGES = 50_000
DIMENSIONS = 384
QUERIES = 100
BATCH = 50


def run(passages: int = PASSAGES) -> str:
    """Markdown table of milliseconds per search, without embedding the question."""
    dice = np.random.default_rng(7)
    write = _writer(dice)
    with tempfile.TemporaryDirectory() as folder:
        conn = sqlite3.connect(Path(folder) / "speed.db", isolation_level=None)
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA cache_size=-32000")
        conn.execute("PRAGMA mmap_size=268435456")
        lexical.create(conn, 1)
        adding = _fill(conn, write, passages)
        nearest, cosines, name = _dense(Path(folder), dice, passages)
        questions = [write(chinese=i % 2 == 0, size=20 if i % 2 == 0 else 10) for i in range(QUERIES)]
        vectors = {q: _unit(dice, 1)[0] for q in questions}
        searcher = Searcher(
            embed=vectors.__getitem__,
            dense=nearest,
            lexical=lambda query, depth: lexical.search(conn, 1, query, depth),
            cosines=cosines,
        )
        rows = [
            ("lexical leg", _times(lambda q: lexical.search(conn, 1, q, 1_000), questions)),
            (f"dense leg ({name})", _times(lambda q: nearest(vectors[q], 100), questions)),
            ("whole search", _times(lambda q: searcher.search(q, 8), questions)),
        ]
        size = Path(folder, "speed.db").stat().st_size / passages
        conn.close()
    lines = ["## Search speed\n", f"| at {passages:,} passages | median ms | 95th percentile ms |", "|---|---:|---:|"]
    lines += [f"| {name} | {np.median(t):.1f} | {np.percentile(t, 95):.1f} |" for name, t in rows]
    lines.append(f"\nLexical index: {adding:.2f} ms and {size / 1000:.1f} kB a passage to write.")
    return "\n".join(lines)


def _writer(dice: np.random.Generator) -> Callable[..., str]:
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


def _fill(conn: sqlite3.Connection, write: Callable[..., str], passages: int) -> float:
    """Write the index, a document of `BATCH` passages a transaction; milliseconds per passage."""
    spent = 0.0
    for first in range(0, passages, BATCH):
        rows = [
            (i + 1, write(chinese=i % 2 == 0, size=430 if i % 2 == 0 else 220), "")
            for i in range(first, min(first + BATCH, passages))
        ]
        began = time.perf_counter()
        conn.execute("BEGIN")
        lexical.add(conn, 1, rows)
        conn.execute("COMMIT")
        spent += time.perf_counter() - began
    return spent / passages * 1000


def _unit(dice: np.random.Generator, count: int) -> np.ndarray:
    vectors = dice.standard_normal((count, DIMENSIONS), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _dense(folder: Path, dice: np.random.Generator, passages: int) -> tuple[Callable, Callable, str]:
    from ingest.vectors.chroma import ChromaIndex

    stored = _unit(dice, passages)
    index = ChromaIndex(folder / "index", "")
    for first in range(0, passages, 5_000):
        part = stored[first : first + 5_000]
        index.upsert(1, list(range(first + 1, first + 1 + len(part))), part)

    def cosines(vector: np.ndarray, ids: list[int]) -> dict[int, float]:
        return dict(zip(ids, (stored[np.asarray(ids) - 1] @ vector).tolist(), strict=True))

    return (lambda vector, depth: index.query(1, vector, depth)), cosines, "Chroma"


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
