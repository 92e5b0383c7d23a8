"""Ingest: how near it comes to the embedder's own speed, what an unchanged folder costs, memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ingest import open_library
from ingest.settings import Settings

_SENTENCES = (
    "The pump of unit {n} was serviced in week {m} and runs within its limits.",
    "第 {n} 号设备在第 {m} 周完成检修,各项指标均在允许范围之内。",
    "Spare parts for line {m} are kept in store {n}, next to the loading bay.",
    "备件存放在 {n} 号仓库,领用时须登记姓名、部门和用途,第 {m} 项除外。",
)
_RSS = """
import resource, sys
from pathlib import Path
from ingest import open_library
from ingest.settings import Settings
library = open_library(sys.argv[1], Settings(embedder="hashing"))
library.add([sys.argv[2]])
library.close()
status = Path("/proc/self/status")  # ru_maxrss begins with the peak of the process that started us
peaks = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")] if status.exists() else []
print(int(peaks[0] if peaks else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) // 1024)
"""
"""Peak resident memory of an `add`, in MB."""


def run() -> str:
    """The measurements as a Markdown table."""
    rows = ["## Adding\n", "| Ingest | measured | wanted |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        rows.append(_speed(root, files=120))
        rows.append(_unchanged(root, files=1000))
        rows.append(_memory(root, 500, 5000))
    return "\n".join(rows)


def corpus(folder: Path, files: int, sentences: int) -> Path:
    """A folder of `files` texts of `sentences` sentences, none like another."""
    for n in range(files):
        path = folder / f"{n // 100:02}" / f"{n}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        parts = [
            _SENTENCES[s % 4].format(n=n, m=s * 7 + n) + ("\n\n" if s % 12 == 11 else " ") for s in range(sentences)
        ]
        path.write_text(f"# Report {n}\n\n" + "".join(parts), "utf-8")
    return folder


def _speed(root: Path, files: int) -> str:
    docs = corpus(root / "speed", files, sentences=60)
    library = open_library(root / "speed-home", Settings())
    library.embedder.embed_passages(["warm"])
    begun = time.perf_counter()
    report = library.add([docs])
    whole = time.perf_counter() - begun
    chunks = [chunk for document in library.documents() for chunk in library.chunks(document.id)]
    chunks.sort(key=lambda chunk: -chunk.tokens)
    begun = time.perf_counter()
    library.embedder.embed_passages([chunk.embedded_text for chunk in chunks])
    alone = time.perf_counter() - begun
    tokens = sum(chunk.tokens for chunk in chunks)
    library.close()
    return (
        f"| {len(report.added)} files, {len(chunks)} passages, `bundled`: end to end {tokens / whole:,.0f} tokens/s,"
        f" embedder alone {tokens / alone:,.0f} | **{alone / whole:.2f}** | ≥ 0.85 |"
    )


def _unchanged(root: Path, files: int) -> str:
    docs = corpus(root / "unchanged", files, sentences=3)
    library = open_library(root / "unchanged-home", Settings(embedder="hashing"))
    library.add([docs])
    begun = time.perf_counter()
    report = library.add([docs])
    seconds = time.perf_counter() - begun
    library.close()
    return f"| {report.unchanged:,} unchanged files added again | **{seconds:.2f} s** | < 2 s for 1,000 |"


def _memory(root: Path, few: int, many: int) -> str:
    peaks = []
    for files in (few, many):
        docs = corpus(root / f"memory{files}", files, sentences=20)
        command = [sys.executable, "-c", _RSS, str(root / f"memory{files}-home"), str(docs)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=_environment())
        peaks.append(int(done.stdout))
    return (
        f"| Peak memory for {few:,} and {many:,} files, `hashing`: {peaks[0]} and {peaks[1]} MB"
        f" | **{peaks[1] / peaks[0]:.2f}** | ≤ 1.3 |"
    )


def _environment() -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
