"""What is left on the disk when documents come and go: all of them are replaced by others, again and again.

Files are real ones, added as `ingest add` does; embedding is by hashing. Beside what it grew to stands what a library has
that was made of the last documents alone, and what `ingest compact` leaves.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ingest import Library, open_library
from ingest.settings import Settings
from tests.benchmarks.invented import writer

FILES, PASSAGES = 10, 20
ROUNDS = 15


def run(rounds: str = str(ROUNDS)) -> str:
    """Markdown table of megabytes by part."""
    write = writer(np.random.default_rng(11))
    with tempfile.TemporaryDirectory() as scratch:
        folder, home = Path(scratch) / "files", Path(scratch) / "home"
        library = open_library(home, Settings(embedder="hashing", workers=1))
        began = time.perf_counter()
        for number in range(int(rounds)):
            replaced(library, folder, write, number)
        seconds = (time.perf_counter() - began) / int(rounds)
        library.close()
        churned = parts(home)
        library = open_library(home, Settings(embedder="hashing", workers=1))
        began = time.perf_counter()
        library.compact()
        compacting = time.perf_counter() - began
        library.close()
        compacted = parts(home)
        library = open_library(Path(scratch) / "fresh", Settings(embedder="hashing", workers=1))
        library.add([folder])
        library.close()
        fresh = parts(Path(scratch) / "fresh")
    rows = [
        "## Growth under churn\n",
        f"| MB, {FILES * PASSAGES:,} passages replaced {rounds} times | fresh | churned | × | compacted | × |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name in fresh:
        of = max(fresh[name], 1e-9)
        rows.append(
            f"| {name} | {fresh[name]:.1f} | {churned[name]:.1f} | {churned[name] / of:.2f} | {compacted[name]:.1f} |"
            f" {compacted[name] / of:.2f} |"
        )
    rows.append(f"\n{seconds:.1f} s a round; `ingest compact` {compacting:.1f} s.")
    return "\n".join(rows)


def replaced(library: Library, folder: Path, write: Callable[..., str], number: int) -> None:
    """Other documents in the place of all that are there."""
    if folder.is_dir():
        library.remove([str(document.id) for document in library.documents()])
        shutil.rmtree(folder)
    folder.mkdir()
    for file in range(FILES):
        texts = [write(chinese=i % 2 == 0, size=430 if i % 2 == 0 else 220) for i in range(PASSAGES)]
        (folder / f"{number}-{file}.txt").write_text("\n\n".join(texts), "utf-8")
    library.add([folder])


def parts(home: Path) -> dict[str, float]:
    """Megabytes of the catalog (the postings of words are in it), of Chroma's files, and of all there is."""
    sizes = {file: file.stat().st_size / 1e6 for file in home.rglob("*") if file.is_file()}
    catalog = sum(size for file, size in sizes.items() if file.name.startswith("catalog"))
    index = sum(size for file, size in sizes.items() if file.is_relative_to(home / "index"))
    return {"catalog and postings": catalog, "Chroma": index, "all": sum(sizes.values())}
