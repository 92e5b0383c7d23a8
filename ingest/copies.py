"""Copies of one text count once among the hits: eight copies of a leaflet must not keep out all else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingest.catalog import Passage
from ingest.search import Ranked

DEEPEST = 1_000
"""Passages looked at for those that differ, where many are copies."""


def distinct(
    search: Callable[[int], Sequence[Ranked]], passages: Callable[[Sequence[int]], Sequence[Passage]], k: int
) -> list[tuple[Ranked, Passage, tuple[str, ...]]]:
    """The best `k` finds whose texts differ, each with its passage and the paths of other documents that have it too.

    `search` gives so many finds, best first; `passages` those of ids. Where copies take places, more are looked at
    until others come in; without copies nothing is done twice.
    """
    wanted = k
    while True:
        ranked = search(wanted)
        known = {passage.chunk_id: passage for passage in passages([r.chunk_id for r in ranked])}
        found: dict[str, tuple[Ranked, Passage, tuple[str, ...]]] = {}
        for r in ranked:
            passage = known.get(r.chunk_id)
            if passage is None:
                continue
            first = found.setdefault(passage.text, (r, passage, ()))
            if passage.path not in (first[1].path, *first[2]):
                found[passage.text] = (first[0], first[1], (*first[2], passage.path))
        if len(found) >= k or len(ranked) < wanted or wanted >= DEEPEST:
            return list(found.values())[:k]
        wanted = min(4 * wanted, DEEPEST)
