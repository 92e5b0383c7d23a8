"""What the documents hold for a question: its best passages, how good they are as evidence, and which of two wordings
of a question is better searched for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from agents.chat.settling import certain
from agents.chat.signs import content, has_topic
from agents.proof.quotes import Candidate
from agents.proof.words import terms
from ingest.documents import Hit
from ingest.evidence import Evidence
from ingest.finding import FLATNESS
from ingest.language import side

SEATS = 5
"""Places of a question's passages that go by rank alone. Of 128 everyday questions to four bases in both languages the passage with
the answer is among the first five for all; of 64 whose answer stands in the other language it is for 45, as words that two
passages share by chance outweigh nearness."""
_DEEPER = 3
"""So many times the passages wanted are searched for those in another language."""
LITTLE = 1
"""Content words of a question that may be too few to stand alone ("几点关门？")."""


class Searchable(Protocol):
    """The part of the library that finds passages."""

    def search(self, query: str, kb: str = ..., k: int | None = ...) -> list[Hit]:
        """The best passages, best first."""
        ...

    def evidence(self, query: str, hits: Sequence[Hit], kb: str = ...) -> Evidence:
        """Whether they are enough to answer from."""
        ...


@dataclass(frozen=True, slots=True)
class Looked:
    """What one search found. `evidence` is None where nothing was found."""

    hits: tuple[Hit, ...]
    evidence: Evidence | None
    whole: bool = False
    """Whether the search brought all there is: then it can't tell a good hit from a poor one."""

    def enough(self, candidates: Sequence[Candidate]) -> bool:
        """Whether it is enough to answer from, or a statement among `candidates` speaks for itself."""
        return self.sufficient or certain(candidates, whole=self.whole)

    @property
    def sufficient(self) -> bool:
        """Whether it is enough to answer from."""
        return self.evidence is not None and self.evidence.sufficient


class Lookup:
    """Searches one knowledge base for one turn; a wording already searched for is not searched for again."""

    def __init__(self, sources: Searchable, kb: str, k: int, *, mixed: bool = False) -> None:
        """`mixed`: of `k` passages those beyond `SEATS` are the nearest in another language than the question, where there are
        any: for a model that can ask in both. Without one they bring no more right quotes (86 of 192 instead of 85)."""
        self._sources = sources
        self._kb = kb
        self._k = k
        self._mixed = mixed
        self._looked: dict[str, Looked] = {}

    def __call__(self, query: str) -> Looked:
        """The passages for `query`. Raises as `Library.search` does."""
        if query not in self._looked:
            found = self._sources.search(query, kb=self._kb, k=self._k * (_DEEPER if self._mixed else 1))
            hits = _seated(query, found, self._k) if self._mixed else tuple(found)
            evidence = self._sources.evidence(query, hits, kb=self._kb) if hits else None
            self._looked[query] = Looked(hits, evidence, len(hits) < self._k)
        return self._looked[query]

    def joined(self, *queries: str) -> Looked:
        """The passages for `queries`, a question in two languages or the parts of one, merged by reciprocal rank. Of 64
        questions of XQuAD across the languages the passage with the answer is first for 51 as asked, 59 translated,
        and among the first eight for 61 and 62, of both together for all."""
        found = [self(query) for query in dict.fromkeys(queries)]
        hits: dict[int, Hit] = {}
        ranks: dict[int, float] = {}
        for hit in (hit for one in found for hit in one.hits):
            known = hits.get(hit.chunk_id, hit)
            hits[hit.chunk_id] = replace(known, score=max(known.score, hit.score))
            ranks[hit.chunk_id] = ranks.get(hit.chunk_id, 0.0) + 1 / (FLATNESS + hit.rank)
        order = sorted(hits, key=lambda chunk: -ranks[chunk])[: self._k]
        merged = tuple(replace(hits[chunk], rank=rank) for rank, chunk in enumerate(order, 1))
        evidence = [one.evidence for one in found if one.evidence]
        return Looked(merged, max(evidence, key=lambda one: one.strength, default=None), len(merged) < self._k)

    def better(self, question: str, joined: str) -> str:
        """Of a question without any sign of leaning back, and the same joined to the one before: which to search for.

        The question alone, unless it found no evidence and the other did, in a passage that has the question's own
        words; or unless it says next to nothing itself and its best passage has none of that. Strong evidence for
        the joined words proves nothing: it is evidence for the question before.
        """
        alone, both = self(question), self(joined)
        if not both.sufficient:
            return question
        own = set(terms(question))
        if not alone.sufficient:
            return joined if _share(own, both) >= 0.5 else question
        fragment = content(question) <= LITTLE and not has_topic(question)
        return joined if fragment and not _share(own, alone) else question


def _seated(query: str, found: Sequence[Hit], k: int) -> tuple[Hit, ...]:
    """The first `k` of what was `found`, best first; beyond `SEATS` with the nearest in another language than `query`."""
    seats = min(k, SEATS)
    behind = [hit for hit in found[seats:] if hit.dense and side(hit.text) != side(query)]
    foreign = sorted(behind, key=lambda hit: -hit.dense.score if hit.dense else 0.0)[: k - seats]
    others = [hit for hit in found[seats:] if hit not in foreign][: k - seats - len(foreign)]
    kept = sorted([*found[:seats], *foreign, *others], key=lambda hit: hit.rank)
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(kept, 1))


def _share(own: set[str], looked: Looked) -> float:
    """Share of the words in `own` that the best passage has."""
    best = looked.hits[0]
    return len(own & set(terms(f"{best.under} {best.text}"))) / max(1, len(own))
