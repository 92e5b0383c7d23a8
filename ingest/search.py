"""Two legs, one ranking: nearest vectors and best matching words, fused by a convex sum.

fused = α·minmax(cosine) + (1−α)·lexical, lexical = BM25 / its upper bound for the query (Bruch et al.,
An Analysis of Fusion Functions for Hybrid Retrieval, 2023, with a bound instead of the candidates' maximum).
The lexical part is deliberately not stretched to 1 within a query: where a question's words are nowhere in the
documents (it is in the other language), their chance matches must stay weak. Reciprocal ranks, which cannot
tell, halve cross-language recall. The first five have room for what each leg is surest of (`seated`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.documents import LegScore

Vector = NDArray[np.float32]

ALPHA = 0.3
"""Share of the dense leg. A passage that has each of a query's words once reaches about .45 of the lexical
bound, so at .3 it just outweighs the nearest vector. Recall@1 at α = .5/.4/.3: XQuAD zh→zh .933/.940/.947, en→en
.957/.960/.960, zh→en .753/.753/.757, en→zh .747/.747/.740, llm-notes .850/.875/.900."""
DEPTH = 100
"""Candidates per leg. Twice as many change no figure of the benchmark."""
LEXICAL_DEPTH = 1_000
"""How far down the lexical leg is read for the scores of passages that only the dense leg proposed."""
SEATS = 5
"""What each leg is surest of is among the first so many: its best passages."""
NEAREST = 2
"""So many of the nearest passages have a seat. With four, a question in the documents' language loses what the words
found."""
SEATED = 0.15
"""Lexical score from which the best passage by words has one: a third of what a passage reaches that has each of the
words once. Lower ones are chance: of XQuAD's 600 questions across the languages 80 have the best by words beyond the
fifth place, and it is never the right one."""
FLAT = 1e-6
"""Cosines closer together than this are one."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage found, best first. `score` is the fused score, 0..1."""

    chunk_id: int
    score: float
    dense: LegScore | None = None
    lexical: LegScore | None = None


def fuse(dense: Mapping[int, float], lexical: Mapping[int, float], alpha: float = ALPHA) -> list[Ranked]:
    """Rank the passages of `dense` (id → cosine) and `lexical` (id → 0..1) by the convex sum.

    A passage missing from `dense` counts as its worst, one missing from `lexical` as 0. Equal scores are put in
    the order of cosine, then of ids, so the result never depends on the order of the arguments.
    """
    low, high = (min(dense.values()), max(dense.values())) if dense else (0.0, 0.0)
    spread = high - low

    def nearness(chunk_id: int) -> float:
        if chunk_id not in dense:
            return 0.0
        return (dense[chunk_id] - low) / spread if spread > FLAT else 1.0

    dense_rank, lexical_rank = _places(dense), _places(lexical)
    ranked = [
        Ranked(
            chunk_id,
            alpha * nearness(chunk_id) + (1 - alpha) * lexical.get(chunk_id, 0.0),
            LegScore(dense_rank[chunk_id], dense[chunk_id]) if chunk_id in dense else None,
            LegScore(lexical_rank[chunk_id], lexical[chunk_id]) if chunk_id in lexical else None,
        )
        for chunk_id in {*dense, *lexical}
    ]
    return sorted(ranked, key=lambda r: (-r.score, -dense.get(r.chunk_id, -2.0), r.chunk_id))


def seated(ranked: list[Ranked]) -> list[Ranked]:
    """`ranked` with the surest finds of each leg among the first `SEATS`, at their end; scores stay in order.

    A passage of many subjects is near to no question, though one of its lines has the very words; and words that stand
    in many passages can outweigh the nearest one.
    """
    first = ranked[:SEATS]
    late = [r for r in ranked[SEATS:] if _sure(r)]
    if not late:
        return ranked
    others = [r for r in first if not _sure(r)]
    leave = others[len(others) - len(late) :]
    kept = [r for r in first if r not in leave]
    places = [r.score for r in first[len(kept) :]]
    seats = [replace(r, score=score) for r, score in zip(late, places, strict=True)]
    behind = [r for r in ranked[SEATS:] if r not in late]
    moved = [replace(r, score=min(r.score, places[-1])) for r in leave]
    return [*kept, *seats, *moved, *behind]


def _sure(found: Ranked) -> bool:
    near = found.dense is not None and found.dense.rank <= NEAREST
    worded = found.lexical is not None and found.lexical.rank == 1 and found.lexical.score >= SEATED
    return near or worded


def _places(scores: Mapping[int, float]) -> dict[int, int]:
    order = sorted(scores, key=lambda chunk_id: (-scores[chunk_id], chunk_id))
    return {chunk_id: place for place, chunk_id in enumerate(order, 1)}


class Searcher:
    """Searches knowledge bases of one embedder. Everything it needs comes in through the constructor."""

    def __init__(
        self,
        *,
        embed: Callable[[str], Vector],
        dense: Callable[[Vector, int], Sequence[tuple[int, float]]],
        lexical: Callable[[str, int], Sequence[tuple[int, float]]],
        cosines: Callable[[Vector, Sequence[int]], Mapping[int, float]],
        aim: Callable[[str, Vector], Vector] | None = None,
        alpha: float = ALPHA,
    ) -> None:
        """Put the legs together.

        Args:
            embed: a question's unit vector.
            dense: (vector, depth) → the nearest (chunk id, cosine), nearest first.
            lexical: (question, depth) → the best (chunk id, score in 0..1), best first.
            cosines: (vector, chunk ids) → cosine of each stored vector with `vector`; unknown ids may be missing.
            aim: turns a question and its vector into the vector to search with (`Calibration.aim`).
            alpha: share of the dense leg in the fused score, 0..1.
        """
        self._embed, self._dense, self._lexical = embed, dense, lexical
        self._cosines, self._aim, self._alpha = cosines, aim, alpha

    def search(self, query: str, k: int) -> list[Ranked]:
        """The best `k` passages for `query`, best first. Cosines are those with the aimed vector."""
        vector = self._embed(query)
        return self.candidates(query, self._aim(query, vector) if self._aim else vector, k)[:k]

    def candidates(self, query: str, vector: Vector, k: int) -> list[Ranked]:
        """All candidates of both legs, fused; at least `k` where there are as many."""
        depth = max(DEPTH, k)
        dense = dict(self._dense(vector, depth))
        words = dict(self._lexical(query, max(LEXICAL_DEPTH, depth)))
        best_in_words = list(words)[:depth]
        # A passage found by one leg alone still gets its true score in the other.
        unseen = [chunk_id for chunk_id in best_in_words if chunk_id not in dense]
        if unseen:
            dense.update(self._cosines(vector, unseen))
        kept = {*dense, *best_in_words}
        return seated(fuse(dense, {i: score for i, score in words.items() if i in kept}, self._alpha))
