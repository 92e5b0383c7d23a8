"""Passages for a question out of one knowledge base or several, held to the documents that fit a filter.

Bases of one embedder are searched as one (`ingest.wiring` puts their legs together), so a passage has the score it would
have if all lay in one base. Rankings of different embedders can't be compared by score; they are merged by reciprocal rank
(Cormack et al. 2009). A reranker, where there is one, then reads the best of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ingest.catalog import KnowledgeBase, Passage
from ingest.documents import Hit, LegScore
from ingest.embedders import Embedder
from ingest.errors import UsageError
from ingest.filters import Filter
from ingest.language import Text
from ingest.search import Ranked, Searcher

Reread = Callable[[str, Sequence[str]], list[float]]
"""A question and texts → relevance, 0..1, of the first of them, in their order: of as many as there was time for."""

Bases = str | Sequence[str]
"""What callers may give for one or several knowledge bases."""
FLATNESS = 60
"""Of the reciprocal rank; Cormack's."""
RERANKED = 30
"""Passages a reranker reads, where more are not asked for."""
_DEEPEST = 1_000
"""Passages looked at for those that differ, where many are copies."""


def base_names(kb: Bases) -> tuple[str, ...]:
    """The names of one or several knowledge bases, each once. Raises `UsageError` for none."""
    names = (kb,) if isinstance(kb, str) else tuple(dict.fromkeys(kb))
    if not names:
        raise UsageError(
            Text("No knowledge base was named.", "没有指定知识库。"),
            Text("`ingest kb list` shows them.", "`ingest kb list` 可列出全部知识库。"),
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
        reread: Reread | None = None,
    ) -> None:
        """`searcher_for` gets bases of one embedder."""
        self._searcher_for, self._passages, self._reread = searcher_for, passages, reread

    def find(self, query: str, bases: Sequence[KnowledgeBase], k: int, wanted: Filter) -> list[Hit]:
        """The `k` best passages that may be found, best first."""
        alike: dict[str, list[KnowledgeBase]] = {}
        for base in bases:
            if base.chunks:
                alike.setdefault(base.embedder_key, []).append(base)
        searchers = [self._searcher_for(group, wanted) for group in alike.values()]
        if not searchers:
            return []
        most = max(k, RERANKED) if self._reread else k
        ranked = _distinct(lambda n: merged([s.search(query, n) for s in searchers]), self._passages, most)
        hits = [
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
                corrected=p.corrected,
            )
            for rank, (r, p, copies) in enumerate(ranked, 1)
        ]
        if self._reread:
            # It reads what the embedder read: a passage often has its subject from its title alone.
            hits = reranked(hits, self._reread(query, [f"{p.context}\n{p.text}".lstrip() for _, p, _ in ranked]))
        return hits[:k]


def reranked(hits: Sequence[Hit], read: Sequence[float]) -> list[Hit]:
    """`hits` in the order of a reranker's scores of the first of them; the others stay behind, and score no higher."""
    hits = [replace(hit, fused=LegScore(hit.rank, hit.score)) for hit in hits]
    order = sorted(range(len(read)), key=lambda place: -read[place])
    judged = [
        replace(hits[place], rank=rank, score=read[place], reranked=LegScore(rank, read[place]))
        for rank, place in enumerate(order, 1)
    ]
    late = [replace(hit, score=min([hit.score, *read])) for hit in hits[len(read) :]]
    return [*judged, *late]


def merged(rankings: Sequence[Sequence[Ranked]]) -> list[Ranked]:
    """Rankings of different embedders as one; of equal ranks the passage with more of the question's words is first."""
    if len(rankings) == 1:
        return list(rankings[0])
    found = [
        replace(r, score=(FLATNESS + 1) / (FLATNESS + place))
        for ranking in rankings
        for place, r in enumerate(ranking, 1)
    ]
    return sorted(found, key=lambda r: (-r.score, -r.lexical.score if r.lexical else 0.0, r.chunk_id))


def _distinct(
    search: Callable[[int], Sequence[Ranked]], passages: Callable[[Sequence[int]], Sequence[Passage]], k: int
) -> list[tuple[Ranked, Passage, tuple[str, ...]]]:
    """The best `k` finds whose texts differ, each with its passage and the paths of other documents that have it too:
    eight copies of a leaflet must not keep out all else.

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
        if len(found) >= k or len(ranked) < wanted or wanted >= _DEEPEST:
            return list(found.values())[:k]
        wanted = min(4 * wanted, _DEEPEST)
