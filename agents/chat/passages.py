"""Passages as a prompt shows them: numbered, unable to pass for anything else, and no longer than the machine can read in
the time a person waits.

Where everything fits, passages are shown whole. Otherwise the statements nearest to the question are, each with its
neighbours, which say what 'it' is; after them the nearest of other passages, so that there are `LEAST`, and where none answers
for sure what is left of the best passages, as far as there is room.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents.proof.quotes import Candidate
from agents.proof.sources import source_of
from agents.proof.spans import quotable
from ingest.documents import Hit
from ingest.sentences import Span
from prompts import neutral

LEAST = 3
"""Passages shown however little time there is: the search has the right one among the first three in 97 of 100 questions."""
WORTH = 0.4
"""Share of the nearest statement's score from which on another one is worth its reading: in 160 questions of cmrc and XQuAD
the statement that holds the answer is among these as often as among all, eight in place of twelve."""
PLAIN = 0.15
"""Score of 'does it answer?' from which on a statement needs nothing from farther away."""
_AROUND = 7
"""Tokens of the marker and the blanks around a passage."""
_GAP = " … "


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage in a prompt. `n` is its marker."""

    n: int
    source: str
    text: str
    spans: tuple[Span, ...] = ()
    """The stretches of its page that `text` consists of."""


def shown(hit: Hit, n: int, spans: Sequence[Span] = ()) -> Shown:
    """Hit `n`, or of it the stretches `spans` (offsets on its page, in order)."""
    where = [hit.document, *hit.section[-1:], str(source_of(hit))]
    source = neutral(" · ".join(part for part in where if part)).replace('"', "'").replace("\n", " ")
    spans = tuple(spans) or ((hit.start, hit.end),)
    text = _GAP.join(hit.text[start - hit.start : end - hit.start] for start, end in spans)
    return Shown(n, source, neutral(text), spans)


def fitting(
    hits: Sequence[Hit], tokens: int, count: Callable[[str], int], nearest: Sequence[Candidate] = ()
) -> list[Shown]:
    """What of `hits` is shown in at most `tokens`, in their order; a little more only where `LEAST` passages take more.
    `nearest` are their statements, the nearest to the question first; without them passages are shown from the first on.
    """
    room = _Room(hits, tokens, count)
    if not room.all():
        best = max((candidate.score for candidate in nearest), default=0.0)
        for candidate in nearest:
            if candidate.score < WORTH * best:
                break
            spans = candidate.statement.spans
            if room.add(candidate.n, spans, always=not room.chosen) and not candidate.statement.row:
                room.add(candidate.n, room.beside(candidate.n, spans[0]))
        for candidate in nearest:
            if candidate.n not in room.chosen and len(room.chosen) < LEAST:
                room.add(candidate.n, candidate.statement.spans, always=True)
        plain = any(candidate.answers and candidate.answering.score >= PLAIN for candidate in nearest)
        for n in range(1, len(hits) + 1):
            if plain and len(room.chosen) >= LEAST:
                break
            for span in room.sentences(n):
                if not room.add(n, [span], always=not room.chosen):
                    break
    return [shown(hits[n - 1], n, room.chosen[n]) for n in sorted(room.chosen)]


class _Room:
    """What has been chosen of each passage, and the tokens that are left."""

    def __init__(self, hits: Sequence[Hit], tokens: int, count: Callable[[str], int]) -> None:
        self._hits, self._count, self._left = hits, count, tokens
        self.chosen: dict[int, list[Span]] = {}

    def all(self) -> bool:
        """Choose everything if there is room for it."""
        everything = {n: [(hit.start, hit.end)] for n, hit in enumerate(self._hits, 1)}
        fits = sum(self._cost(n, spans) for n, spans in everything.items()) <= self._left
        self.chosen = everything if fits else {}
        return fits

    def add(self, n: int, spans: Sequence[Span], *, always: bool = False) -> bool:
        """Choose stretches of passage `n` too; False, and nothing done, when there is no room for them."""
        hit, before = self._hits[n - 1], self.chosen.get(n, [])
        inside = [
            (max(start, hit.start), min(end, hit.end)) for start, end in spans if start < hit.end and end > hit.start
        ]
        after = _merged(hit, [*before, *inside])
        cost = self._cost(n, after) - self._cost(n, before)
        if cost > self._left and not always:
            return False
        self.chosen[n] = after
        self._left -= cost
        return True

    def sentences(self, n: int) -> Sequence[Span]:
        """Of passage `n`."""
        hit = self._hits[n - 1]
        return quotable(hit.text, hit.start)

    def beside(self, n: int, span: Span) -> list[Span]:
        """The sentences just before and behind `span`."""
        found = self.sentences(n)
        return [s for s in found if s[1] <= span[0]][-1:] + [s for s in found if s[0] >= span[1]][:1]

    def _cost(self, n: int, spans: Sequence[Span]) -> int:
        if not spans:
            return 0
        passage = shown(self._hits[n - 1], n, spans)
        return self._count(passage.text) + self._count(passage.source) + _AROUND


def _merged(hit: Hit, spans: Sequence[Span]) -> list[Span]:
    """In order, those with only blanks between them as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and not hit.text[found[-1][1] - hit.start : max(start, found[-1][1]) - hit.start].strip():
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found
