"""What a filter costs at 50,000 passages of 2,500 documents (`invented`), through the library itself.

 Each question is asked without a filter and with each of them, in turn, so that
whatever else the machine does falls on all alike. The goal: at most 1.5 times as long as without one.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from ingest import open_library
from ingest.catalog import Catalog
from ingest.catalog.fields import USER
from ingest.settings import Settings
from tests.benchmarks.invented import KB, filled, questions

PASSAGES = 50_000
QUERIES = 20
FILTERS = (
    "tag=one",
    "tag=ten",
    "tag=half",
    "tag!=ten",
    "kind=txt",
    "folder=speed",
    "title=*70",
    "after=2021",
    "field:amount>=1250",
    "tag=half kind=txt after=2021 field:owner=o3,o4 folder=/speed",
    "tag=nowhere",
)
YEAR_2020 = 1_577_836_800


def run(passages: int = PASSAGES, homes: str = "") -> str:
    """Markdown table: of each filter the share of passages it lets through, milliseconds, and times as without one."""
    home = filled(passages, homes)
    _describe(home)
    library = open_library(home, Settings(embedder="hashing"))
    asked = questions(QUERIES)
    every = ("", *FILTERS)
    for where in every:
        library.search(asked[0], KB, where=where)
    times: dict[str, list[float]] = {where: [] for where in every}
    short = 0
    held = {where: sum(d.chunks for d in library.documents(KB, where=where)) for where in every}
    for question in asked:
        for where in every:
            began = time.perf_counter()
            hits = library.search(question, KB, 8, where=where)
            times[where].append((time.perf_counter() - began) * 1000)
            short += len(hits) < min(8, held[where])
    library.close()
    free = np.median(times[""])
    lines = [
        "## Filters\n",
        f"| at {passages:,} passages | let through | median ms | 95 % | times |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {f'`{where}`' if where else 'no filter'} | {held[where] / passages:.0%} | {np.median(t):.1f} |"
        f" {np.percentile(t, 95):.1f} | {np.median(t) / free:.2f} |"
        for where, t in times.items()
    ]
    lines.append(f"\nSearches that gave fewer than 8 hits though 8 were allowed: {short} of {len(every) * QUERIES}.")
    return "\n".join(lines)


def _describe(home: Path) -> None:
    """Tags, fields and file times by the document's number."""
    catalog = Catalog(home)
    with catalog.database.transaction() as db:
        db.execute("UPDATE document SET mtime_ns = (? + 86400 * (id % 1500)) * 1000000000", (YEAR_2020,))
    kb = catalog.kbs.get(KB)
    for number, document in enumerate(catalog.documents.all(kb.id)):
        tags = [name for name, share in (("one", 100), ("ten", 10), ("half", 2)) if number % share == 0]
        pairs = [*(("tag", tag) for tag in tags), ("amount", str(number)), ("owner", f"o{number % 7}")]
        catalog.fields.say(document.id, USER, pairs)
    catalog.close()
