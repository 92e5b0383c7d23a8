"""The one place that names concrete classes and puts a library together."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.settings import default_home, load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.catalog import KnowledgeBase
    from ingest.chunking import Chunker
    from ingest.documents import Hit
    from ingest.embedders import Embedder
    from ingest.evidence import Evidence
    from ingest.library import Library
    from ingest.pipeline import Pipeline
    from ingest.search import Searcher
    from ingest.settings import Settings


def open_library(
    home: Path | str | None = None, settings: Settings | None = None, *, one_shot: bool = False
) -> Library:
    """Put a library together; see `ingest.open_library`.

    `one_shot` is for a process that searches once and ends: it scans the catalog's vectors while they are
    few, which is quicker than loading the index.
    """
    from ingest.catalog import Catalog
    from ingest.library import Library
    from ingest.lock import WriterLock
    from ingest.mirror import Mirror
    from ingest.vectors.chroma import ChromaIndex
    from ingest.vectors.exact import ExactSearch

    folder = Path(home).expanduser().absolute() if home else default_home()
    settings = settings or load_settings(folder)
    catalog = Catalog(folder)
    lock = WriterLock(folder)
    index = ChromaIndex(folder / "index", settings.chroma_url)
    mirror = Mirror(catalog, index, ExactSearch(catalog), lock, one_shot=one_shot)

    @lru_cache(maxsize=4)
    def embedder_for(name: str) -> Embedder:
        from ingest.embedders import create

        return create(dataclasses.replace(settings, embedder=name))

    def chunker_for(embedder: Embedder) -> Chunker:
        from ingest.chunking import Chunker

        return Chunker(embedder.count_tokens, embedder.identity.max_tokens)

    def searcher_for(kb: KnowledgeBase, embedder: Embedder) -> Searcher:
        from ingest import lexical
        from ingest.reranker import create as create_reranker
        from ingest.search import Searcher

        def in_words(query: str, depth: int) -> list[tuple[int, float]]:
            with catalog.database.reading() as db:
                return lexical.search(db, kb.id, query, depth)

        def cosines(query: Sequence[float], ids: Sequence[int]) -> dict[int, float]:
            return {i: float(vector @ query) for i, vector in catalog.vectors.of(ids).items()}

        raise AssertionError

    def pipeline_for(embedder: Embedder) -> Pipeline:
        from ingest.pipeline import Pipeline

        return Pipeline(catalog, mirror, lock, embedder, chunker_for(embedder), settings)

    def evidence(query: str, hits: Sequence[Hit], embedder: Embedder) -> Evidence:
        raise AssertionError

    return Library(
        home=folder,
        settings=settings,
        catalog=catalog,
        mirror=mirror,
        lock=lock,
        embedder_for=embedder_for,
        chunker_for=chunker_for,
        searcher_for=searcher_for,
        pipeline_for=pipeline_for,
        evidence=evidence,
    )
