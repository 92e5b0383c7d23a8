"""Middle stage, in the caller's thread: passages of many documents in length-sorted batches."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from ingest.catalog import Catalog
from ingest.embedders import Embedder
from ingest.pipeline.bounded import Bounded
from ingest.pipeline.run import Job, Run
from ingest.progress import Progress

_GATHER = 128
"""Passages gathered before embedding, where that many wait: enough to sort by length to advantage."""
_CALL_SECONDS = 1.0
"""How long one call to the embedder should take: progress moves and a stop is heeded that often."""
_SMALLEST, _LARGEST = 8, 512
_REMEMBERED = 1000
"""Vectors kept a while, because equal passages (a company's boilerplate) come close together and the first
may not be in the catalog yet. What falls out is embedded again, no harm done."""


class Embedding:
    """Embeds jobs and passes each on when all its passages are done."""

    def __init__(self, catalog: Catalog, embedder: Embedder, embedder_id: int, steps: Callable[[str], None]) -> None:
        self._catalog, self._embedder, self._embedder_id, self._steps = catalog, embedder, embedder_id, steps
        self._size = _SMALLEST
        self._recent: OrderedDict[bytes, bytes] = OrderedDict()

    def work(
        self, ready: Bounded[Job], run: Run, write: Callable[[Job], None], tell: Callable[[Progress], None]
    ) -> None:
        """Take jobs until there are no more or the run is halted."""
        while not run.halted and (job := ready.get(lambda: run.halted)) is not None:
            jobs = [job]
            texts = self._wanted(job, {})
            while len(texts) < _GATHER and (following := ready.get_now()) is not None:
                jobs.append(following)
                texts |= self._wanted(following, texts)
            vectors = self._embed(texts, jobs, run, tell)
            for finished in jobs:
                self._pass_on(finished, texts, vectors, write)
            tell(run.progress())

    def _wanted(self, job: Job, have: dict[bytes, tuple[int, str]]) -> dict[bytes, tuple[int, str]]:
        """Tokens and text of the passages that neither the catalog nor `have` holds, by key."""
        missing = self._catalog.documents.missing_vectors(self._embedder_id, job.keys)
        return {
            key: (chunk.tokens, chunk.embedded_text)
            for key, chunk in zip(job.keys, job.chunks, strict=True)
            if key in missing and key not in have and key not in self._recent
        }

    def _embed(
        self, texts: dict[bytes, tuple[int, str]], jobs: list[Job], run: Run, tell: Callable[[Progress], None]
    ) -> dict[bytes, bytes]:
        """Vectors by key; fewer than asked for when the run is halted on the way."""
        # Longest first: what runs out of memory does so at once, and similar lengths need little padding.
        order = sorted(texts, key=lambda key: -texts[key][0])
        vectors: dict[bytes, bytes] = {}
        at = 0
        while at < len(order) and not run.halted:
            part = order[at : at + self._size]
            begun = time.monotonic()
            rows = self._embedder.embed_passages([texts[key][1] for key in part])
            self._steps("embedded")
            vectors.update((key, row.astype("<f4").tobytes()) for key, row in zip(part, rows, strict=True))
            self._remember(vectors, part)
            run.embedded += len(part)
            at += len(part)
            self._adapt(time.monotonic() - begun)
            tell(run.progress(jobs[0].source.path))
        return vectors

    def _adapt(self, seconds: float) -> None:
        if seconds < _CALL_SECONDS / 2:
            self._size = min(_LARGEST, self._size * 2)
        elif seconds > _CALL_SECONDS * 2:
            self._size = max(_SMALLEST, self._size // 2)

    def _remember(self, vectors: dict[bytes, bytes], keys: list[bytes]) -> None:
        for key in keys:
            self._recent[key] = vectors[key]
        while len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)

    def _pass_on(
        self, job: Job, texts: dict[bytes, tuple[int, str]], vectors: dict[bytes, bytes], write: Callable[[Job], None]
    ) -> None:
        wanted = [key for key in job.keys if key in texts]
        if all(key in vectors for key in wanted):
            known = {key: self._recent[key] for key in job.keys if key in self._recent}
            job.vectors = known | {key: vectors[key] for key in wanted}
            write(job)
