"""The one place that names concrete classes and puts a library together."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

from ingest.errors import LibraryLocked, LibraryUnavailable
from ingest.private import close_home
from ingest.settings import Settings, default_home, load_settings
from ingest.stores import VECTORS, restore_begun

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.archive import Restored
    from ingest.calibration import Calibration
    from ingest.catalog import KnowledgeBase
    from ingest.chunking import Chunker
    from ingest.documents import Hit
    from ingest.embedders import Embedder
    from ingest.evidence import Evidence
    from ingest.filters import Filter
    from ingest.library import Library
    from ingest.lock import WriterLock
    from ingest.pipeline import Pipeline
    from ingest.recognition.options import Mode
    from ingest.reranker import Reranker
    from ingest.search import Searcher
    from ingest.vectors import VectorIndex
    from ingest.web.pages import WebPages


def open_library(  # noqa: C901, PLR0915 - a list of parts, however long
    home: Path | str | None = None, settings: Settings | None = None
) -> Library:
    """Open, or create, the library in `home` (None: the configured home).

    Raises `LibraryUnavailable` when the home cannot be read or written or was made by a later version, and
    `UsageError` for a setting that makes no sense.
    """
    from ingest.catalog import Catalog
    from ingest.filters.allowed import Allowed
    from ingest.library import Library
    from ingest.lock import open_writer_lock
    from ingest.mirror import Mirror, NoMirror
    from ingest.vectors.apart import IndexApart
    from ingest.vectors.chroma import ChromaIndex
    from ingest.vectors.exact import ExactSearch

    folder = Path(home).expanduser().absolute() if home else default_home()
    settings = settings or load_settings(folder)
    close_home(folder)
    lock = open_writer_lock(folder, settings.store)
    if not settings.store:
        _finish_restore(folder, lock)
    catalog = Catalog(folder, settings.store)
    exact = ExactSearch(catalog, None if settings.store else folder / VECTORS)
    allowed = Allowed(catalog)

    def mirror_at(place: Path) -> Mirror:
        if settings.store and not settings.chroma_url:
            return NoMirror(catalog, exact)
        # A server has its own process; files are read in one that a damaged page may end.
        index = ChromaIndex(place, settings.chroma_url) if settings.chroma_url else IndexApart(place)
        return Mirror(catalog, cast("VectorIndex", index), exact)

    mirror = mirror_at(folder / "index")

    @lru_cache(maxsize=4)
    def embedder_with(name: str, fingerprint: str) -> Embedder:
        from ingest.embedders.factory import create

        return create(dataclasses.replace(settings, embedder=name), fingerprint)

    def embedder_for(name: str, key: str = "") -> Embedder:
        from ingest.embedders.factory import FORMER

        return embedder_with(name, FORMER if FORMER in key else "")

    def chunker_for(embedder: Embedder) -> Chunker:
        from ingest.chunking import Chunker

        return Chunker(embedder.count_tokens, embedder.identity.max_tokens)

    calibrations: dict[str, Calibration] = {}

    def calibration_for(embedder: Embedder) -> Calibration:
        key = embedder.identity.key
        if key not in calibrations:
            calibrations[key] = calibrated(embedder)
        return calibrations[key]

    def calibrated(embedder: Embedder) -> Calibration:
        from ingest.calibration import Calibration, calibrate, shipped

        if known := shipped(embedder.identity):
            return known
        stored = catalog.kbs.calibration(embedder.identity.key)
        if stored:
            return Calibration.from_json(stored)
        found = calibrate(embedder)
        # A home that can't be written to, or is being written to, is searched all the same.
        with contextlib.suppress(LibraryUnavailable):
            catalog.kbs.store_calibration(embedder.identity, found.to_json())
        return found

    def searcher_for(bases: Sequence[KnowledgeBase], embedder: Embedder, wanted: Filter) -> Searcher:
        """Of bases of that embedder as if they were one, and of the documents that `wanted` lets through."""
        import numpy as np

        from ingest import lexical
        from ingest.search import Searcher

        within = {base.id: allowed.passages(base.id, wanted) for base in bases}
        together = np.sort(np.concatenate([ids for ids in within.values() if ids is not None])) if wanted else None

        def nearest(vector: NDArray[np.float32], depth: int) -> list[tuple[int, float]]:
            found = [one for b in bases for one in mirror.query(b.id, vector, depth, b.chunks, within[b.id])]
            return sorted(found, key=lambda one: (-one[1], one[0]))[:depth]

        def in_words(query: str, depth: int) -> list[tuple[int, float]]:
            with catalog.database.reading() as db:
                return lexical.search(db, [base.id for base in bases], query, depth, together)

        def cosines(vector: NDArray[np.float32], ids: Sequence[int]) -> dict[int, float]:
            return mirror.cosines([base.id for base in bases], vector, ids)

        return Searcher(
            embed=embedder.embed_query,
            dense=nearest,
            lexical=in_words,
            cosines=cosines,
            aim=calibration_for(embedder).aim,
            alpha=settings.alpha,
        )

    reranker_lock = Lock()

    @lru_cache(maxsize=1)
    def reranker() -> Reranker:
        from ingest.reranker import create

        return create(settings)

    def reread(query: str, texts: Sequence[str]) -> list[float]:
        with reranker_lock:
            found = reranker()
        return found.scores(query, texts, settings.reranker_seconds)

    def pipeline_for(embedder: Embedder, ocr: Mode | None = None) -> Pipeline:
        from ingest.pipeline import Pipeline

        chunker, web = chunker_for(embedder), lambda: web_pages(settings)
        return Pipeline(catalog, mirror, lock, embedder, chunker, settings, ocr=ocr, web=web)

    def evidence(query: str, hits: Sequence[Hit], embedder: Embedder) -> Evidence:
        from ingest.evidence import assess

        return assess(query, hits, calibration_for(embedder))

    return Library(
        home=folder,
        settings=settings,
        catalog=catalog,
        mirror=mirror,
        mirror_at=mirror_at,
        lock=lock,
        embedder_for=embedder_for,
        chunker_for=chunker_for,
        searcher_for=searcher_for,
        pipeline_for=pipeline_for,
        evidence=evidence,
        calibration=calibration_for,
        reread=reread if settings.reranker else None,
    )


def web_pages(settings: Settings) -> WebPages:
    """What finds pages of the web to be documents, by the rules of the fetcher."""
    from ingest.web import Fetcher, FetchLimits
    from ingest.web.fetcher import is_document
    from ingest.web.pages import WebPages

    limits = FetchLimits(seconds=60.0, body_bytes=min(settings.max_file_mb, 64) << 20)
    return WebPages(Fetcher(limits, types=is_document))


def restore_library(home: Path, file: Path) -> Restored:
    """Put a backup in place of whatever is in `home`, a library too damaged to be opened included. Raises as
    `Library.restore` does.
    """
    from ingest.archive import restore
    from ingest.database import only_in_files
    from ingest.lock import WriterLock

    with WriterLock(home).held():
        return restore(file, only_in_files(home, load_settings(home).store))


def _finish_restore(home: Path, lock: WriterLock) -> None:
    """What a killed restore has begun is finished before anything is read; by the process at work on it, if there is
    one: every database is whole meanwhile, the old or the new one. So it is where nothing can be written."""
    if restore_begun(home) and os.access(home, os.W_OK):
        from ingest.archive import finish

        with contextlib.suppress(LibraryLocked), lock.held(wait_for_threads=False):
            finish(home)
