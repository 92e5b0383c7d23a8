"""Passages for a question out of one knowledge base or several, held to the documents that fit a filter.

Bases of one embedder are searched as one (`ingest.wiring` puts their legs together), so a passage has the score it would
have if all lay in one base. Rankings of different embedders can't be compared by score; they are merged by reciprocal rank
(Cormack et al. 2009), or by the reranker's scores where there is one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.copies import distinct
from ingest.documents import Hit
from ingest.errors import UsageError
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ingest.catalog import KnowledgeBase, Passage
    from ingest.embedders import Embedder
    from ingest.filters import Filter
    from ingest.search import Ranked, Searcher

    Bases = str | Sequence[str]
    """What callers may give for one or several knowledge bases."""

FLATNESS = 60
"""Of the reciprocal rank; Cormack's."""


def base_names(kb: Bases) -> tuple[str, ...]:
    """The names of one or several knowledge bases, each once. Raises `UsageError` for none."""
    names = (kb,) if isinstance(kb, str) else tuple(dict.fromkeys(kb))
    if not names:
        raise UsageError(
            Text(en="No knowledge base was named.", zh="没有指定知识库。"),
            Text(en="`ingest kb list` shows them.", zh="`ingest kb list` 可列出全部知识库。"),
        )
    return names


def by_embedder(hits: Sequence[Hit], bases: Mapping[str, Embedder]) -> Iterator[tuple[Embedder, list[Hit]]]:
    """The hits of each embedder's `bases`, as their distances are judged on a scale of their own; hits of no base named count
    for the first."""
    first = next(iter(bases))
    for key, embedder in {one.identity.key: one for one in bases.values()}.items():
        yield embedder, [hit for hit in hits if bases[hit.kb if hit.kb in bases else first].identity.key == key]


class Finder:
    """Searches, leaves copies out, and says where each passage stands."""

    def __init__(
        self,
        searcher_for: Callable[[Sequence[KnowledgeBase], Filter], Searcher],
        passages: Callable[[Sequence[int]], Sequence[Passage]],
    ) -> None:
        """`searcher_for` gets bases of one embedder."""
        self._searcher_for = searcher_for
        self._passages = passages

    def find(self, query: str, bases: Sequence[KnowledgeBase], k: int, wanted: Filter) -> list[Hit]:
        """The `k` best passages that may be found, best first."""
        alike: dict[str, list[KnowledgeBase]] = {}
        for base in bases:
            if base.chunks:
                alike.setdefault(base.embedder_key, []).append(base)
        searchers = [self._searcher_for(group, wanted) for group in alike.values()]
        if not searchers:
            return []
        ranked = distinct(lambda n: merged([s.search(query, n) for s in searchers], searchers[0]), self._passages, k)
        return [
            Hit(
                rank=rank,
                score=r.score,
                document=p.document,
                path=p.path,
                page=p.page,
                section=p.section,
                start=p.start,
                end=p.end,
                text=p.text,
                document_id=p.document_id,
                chunk_id=p.chunk_id,
                dense=r.dense,
                lexical=r.lexical,
                label=p.label,
                copies=copies,
                kb=p.kb,
            )
            for rank, (r, p, copies) in enumerate(ranked, 1)
        ]


def merged(rankings: Sequence[Sequence[Ranked]], searcher: Searcher) -> list[Ranked]:
    """Rankings of different embedders as one; of equal ranks the passage with more of the question's words is first."""
    if len(rankings) == 1:
        return list(rankings[0])
    found = [r for ranking in rankings for r in ranking]
    if not searcher.reranks:
        places = [rank for ranking in rankings for rank in range(1, len(ranking) + 1)]
        found = [replace(r, score=(FLATNESS + 1) / (FLATNESS + p)) for r, p in zip(found, places, strict=True)]
    return sorted(found, key=lambda r: (-r.score, -r.lexical.score if r.lexical else 0.0, r.chunk_id))
