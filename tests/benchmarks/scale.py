"""How times grow from 5,000 to 200,000 passages: opening, searching alone and with four readers at once, adding one more.

Passages are those of `search_speed`: invented, vectors random, questions embedded by hashing, whose time is taken off.
`sizes=5000,20000` for others; `homes=FOLDER` keeps what was filled in there and uses it again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest import open_library
from ingest.embedders.hashing import HashingEmbedder
from ingest.settings import Settings
from tests.benchmarks.search_speed import fill, writer

if TYPE_CHECKING:
    from ingest import Library

SIZES = "5000,50000,200000"
READERS, QUESTIONS = 4, 60
_NAMES = {
    "open": "open the library, s",
    "first": "first search of a process, s",
    "median": "search alone, median ms",
    "late": "95th percentile ms",
    "four_median": f"{READERS} readers at once, median ms",
    "four_late": "95th percentile ms ",
    "first_add": "first document more of a process, s",
    "add": "one document more, s",
    "memory": "memory, MB",
    "disk": "disk, kB a passage",
}


def run(sizes: str = SIZES, homes: str = "") -> str:
    """Markdown table, a column a size, and with what power of the size each line grows."""
    found: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for size in map(int, sizes.split(",")):
            home = Path(homes or scratch) / str(size)
            if not home.is_dir():
                dice = np.random.default_rng(7)
                fill(home, writer(dice), dice, size)
            done = subprocess.run(
                [sys.executable, "-m", __spec__.name if __spec__ else __name__, str(home)],
                capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
            )  # fmt: skip
            found[size] = json.loads(done.stdout.splitlines()[-1])
    order = sorted(found)
    lines = [
        "## At size\n",
        f"| | {' | '.join(f'{size:,}' for size in order)} | grows with |",
        f"|---|{'---:|' * (len(order) + 1)}",
    ]
    for key, name in _NAMES.items():
        values = [found[size][key] for size in order]
        power = np.log(values[-1] / values[0]) / np.log(order[-1] / order[0]) if len(order) > 1 and values[0] > 0 else 0
        told = " | ".join(f"{value:.2f}" if value < 10 else f"{value:,.0f}" for value in values)
        lines.append(f"| {name.strip()} | {told} | n^{power:.2f} |")
    return "\n".join(lines)


def measured(home: Path) -> dict[str, float]:
    """All figures of one library, in a process that has not seen it before."""
    import psutil

    dice = np.random.default_rng(os.getpid())
    write = writer(dice)
    questions = [write(chinese=i % 2 == 0, size=20 if i % 2 == 0 else 10) for i in range(QUESTIONS)]
    embedder = HashingEmbedder()
    began = time.perf_counter()
    library = open_library(home, Settings(embedder="hashing", workers=1))
    opened = time.perf_counter()
    library.search(questions[0], kb="speed")
    first = time.perf_counter()
    alone = _times(library, questions, embedder)
    together: list[float] = []
    readers = [
        threading.Thread(target=lambda: together.extend(_times(library, questions, embedder))) for _ in range(READERS)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    memory = (
        psutil.Process().memory_full_info().uss
    )  # without the catalog's pages, which the system keeps for everybody
    adds = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(3):
            file = Path(folder) / f"one-{number}-{os.getpid()}.txt"
            file.write_text(write(chinese=True, size=400), "utf-8")
            at = time.perf_counter()
            library.add([file], kb="speed")
            adds.append(time.perf_counter() - at)
    library.close()
    size = sum(file.stat().st_size for file in home.rglob("*") if file.is_file())
    return {
        "open": opened - began,
        "first": first - opened,
        "median": float(np.median(alone)),
        "late": float(np.percentile(alone, 95)),
        "four_median": float(np.median(together)),
        "four_late": float(np.percentile(together, 95)),
        "first_add": adds[0],
        "add": min(adds[1:]),
        "memory": memory / 1e6,
        "disk": size / int(home.name) / 1000,
    }


def _times(library: Library, questions: list[str], embedder: HashingEmbedder) -> list[float]:
    found = []
    for question in questions:
        began = time.perf_counter()
        embedder.embed_query(question)
        embedded = time.perf_counter()
        library.search(question, kb="speed")
        found.append((time.perf_counter() - embedded - (embedded - began)) * 1000)
    return found


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]))) if len(sys.argv) > 1 else run())
