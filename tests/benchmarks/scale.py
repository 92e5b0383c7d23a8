"""How times grow from 5,000 to 200,000 passages (`invented`): opening, searching alone and with four readers at once, and
adding one more, of the sizes up to `adds` (the first add of a process tells Chroma of every passage: minutes at 200,000).

Questions are embedded by hashing, whose time is taken off. `sizes=5000,20000` for others; `homes=FOLDER` keeps what was
filled in there and uses it again.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from ingest import Library, open_library
from ingest.embedders.hashing import HashingEmbedder
from ingest.settings import Settings
from tests.benchmarks.invented import KB, filled, questions, writer

SIZES = "5000,50000,200000"
READERS, QUESTIONS = 4, 60
_NAMES = {
    "open": "open the library, s",
    "read": "first search after the library was filled, processor s",
    "first": "first search of a process, processor s",
    "processor": "a search, processor ms (mean)",
    "median": "a search, median ms",
    "late": "95th percentile ms",
    "four_processor": f"{READERS} readers at once: a search, processor ms (mean)",
    "four_median": f"{READERS} readers at once: median ms",
    "four_late": f"{READERS} readers at once: 95th percentile ms",
    "add": "one document more, s",
    "memory": "memory of its own, MB",
    "disk": "disk, kB a passage",
}


def run(sizes: str = SIZES, homes: str = "", adds: str = "5000") -> str:
    """Markdown table, a column a size, and with what power of the size each line grows."""
    found: dict[int, dict[str, float]] = {}
    for size in map(int, sizes.split(",")):
        home = filled(size, homes)
        read = _measured("first", home)
        found[size] = _measured("whole", home) | {"read": read["first"]}
        if size <= int(adds):
            found[size] |= _measured("adds", home)
    order = sorted(found)
    lines = [
        "## At size\n",
        f"| | {' | '.join(f'{size:,}' for size in order)} | grows with |",
        f"|---|{'---:|' * (len(order) + 1)}",
    ]
    for key, name in _NAMES.items():
        values = [found[size].get(key) for size in order]
        known = [(size, value) for size, value in zip(order, values, strict=True) if value]
        power = "–"
        if len(known) > 1:
            power = f"n^{np.log(known[-1][1] / known[0][1]) / np.log(known[-1][0] / known[0][0]):.2f}"
        told = " | ".join("–" if v is None else f"{v:.2f}" if v < 10 else f"{v:,.0f}" for v in values)
        lines.append(f"| {name} | {told} | {power} |")
    return "\n".join(lines)


def _measured(what: str, home: Path) -> dict[str, float]:
    """Figures of one library, in a process that has not seen it before."""
    command = [sys.executable, "-m", "tests.benchmarks.scale", what, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def whole(home: Path) -> dict[str, float]:
    """Opening and searching."""
    asked = questions(QUESTIONS, os.getpid())
    began = time.perf_counter()
    library = open_library(home, Settings(embedder="hashing", workers=1))
    opened = time.perf_counter() - began
    began = time.process_time()
    library.search(asked[0], kb=KB)
    first = time.process_time() - began
    began = time.process_time()
    alone = _times(library, asked)
    processor = (time.process_time() - began) / QUESTIONS
    together: list[float] = []
    readers = [threading.Thread(target=lambda: together.extend(_times(library, asked))) for _ in range(READERS)]
    began = time.process_time()
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    four = (time.process_time() - began) / QUESTIONS / READERS
    memory = _own_memory()
    library.close()
    size = sum(file.stat().st_size for file in home.rglob("*") if file.is_file())
    return {
        "open": opened,
        "first": first,
        "processor": processor * 1000,
        "median": float(np.median(alone)),
        "late": float(np.percentile(alone, 95)),
        "four_processor": four * 1000,
        "four_median": float(np.median(together)),
        "four_late": float(np.percentile(together, 95)),
        "memory": memory / 1e6,
        "disk": size / int(home.name) / 1000,
    }


def _own_memory() -> float:
    """Bytes, without the pages of files, which the system keeps for everybody."""
    import psutil

    status = Path("/proc/self/status")
    told = re.search(r"RssAnon:\s+(\d+) kB", status.read_text("ascii") if status.exists() else "")
    return float(told[1]) * 1024 if told else float(psutil.Process().memory_info().rss)


def first(home: Path) -> dict[str, float]:
    """The very first search."""
    library = open_library(home, Settings(embedder="hashing", workers=1))
    began = time.process_time()
    library.search(questions(1)[0], kb=KB)
    library.close()
    return {"first": time.process_time() - began}


def adds(home: Path) -> dict[str, float]:
    """One document more, the best of two after the first one."""
    library = open_library(home, Settings(embedder="hashing", workers=1))
    write, times = writer(np.random.default_rng(os.getpid())), []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(3):
            file = Path(folder) / f"one-{number}-{os.getpid()}.txt"
            file.write_text(write(chinese=True, size=400), "utf-8")
            at = time.perf_counter()
            library.add([file], kb=KB)
            times.append(time.perf_counter() - at)
    library.close()
    return {"add": min(times[1:])}


def _times(library: Library, asked: list[str]) -> list[float]:
    found, embedder = [], HashingEmbedder()
    for question in asked:
        began = time.perf_counter()
        embedder.embed_query(question)
        embedded = time.perf_counter()
        library.search(question, kb=KB)
        found.append((time.perf_counter() - embedded - (embedded - began)) * 1000)
    return found


if __name__ == "__main__":
    print(json.dumps({"whole": whole, "first": first, "adds": adds}[sys.argv[1]](Path(sys.argv[2]))))
