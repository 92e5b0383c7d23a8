"""Does a passage say what a sentence says? The judgement every tick mark of the product rests on.

No model decides. A window of one to three neighbouring sentences supports a sentence when nothing in the sentence is
at odds with it (numbers, names, titles, denial, opposites, one word put in another's place) and enough of what the
sentence adds to the question is there, each term weighted by how rare it is among the passages shown. A close
paraphrase, or a sentence in another language than its source, may lean on the embedder's similarity instead of
shared words, never against a number or a name.

The order is deliberate: a wrong tick is worse than a missing one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from agents.proof.binding import Binding, reading
from agents.proof.comparison import Comparison
from agents.proof.denial import disagree
from agents.proof.difference import Difference
from agents.proof.entailment import ACCEPTED, MOST_ASKED
from agents.proof.names import across, lacks_name
from agents.proof.numbers import agrees, claimed, stated
from agents.proof.phrases import is_phrase
from agents.proof.rarity import Rarity as Rarity  # noqa: PLC0414 - part of what this module offers
from agents.proof.rarity import canonical_terms as canonical_terms  # noqa: PLC0414 - likewise
from agents.proof.spans import quotable, windows
from agents.proof.synonyms import contradicts, plain, polar
from agents.proof.verbatim import copied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.proof.entailment import Entailment
    from agents.proof.similarity import Closeness

NEW_RECALL = 0.72
"""Weighted share of the terms a sentence adds to the question that the window must hold."""
ALL_RECALL = 0.55
"""The same over all its terms."""
PARAPHRASE_RECALL = 0.5
"""What of the new terms must be shared at least when similarity carries the rest."""
NEAR_COPY = 0.65
"""Weighted recall above which similarity says nothing: of copied Chinese sentences with a false answer put in (rgb-dev),
21 % passed while similarity was asked about all of them, 1 % pass with this, 2 % with 0.7; true copies stay at 99 %."""
PARAPHRASE_SIMILARITY = 0.45
CROSS_SIMILARITY = 0.38
"""Thresholds on similarity (agents.proof.similarity). Across languages, on XQuAD's English sentences against the aligned Chinese
paragraph, other sentences of that paragraph, and another paragraph: .25 accepts 100, 50 and 4 %, .38 accepts 86, 6 and
0 %, .4 accepts 79, 3 and 0 %. Numbers and names have to agree besides."""


WORTH_ALIGNING = 0.55
"""Score from which on a window is laid beside the sentence."""
ASKED_LEAST, ASKED_SHARE = 0.2, 0.7
"""Weighted share of the question's terms that a window must have to prove a phrase: at least, and of the most that any
window has, as a question seldom uses the words of its answer."""
VETOES = frozenset({"number", "unit", "name", "denial", "opposite", "replaced", "condition", "role", "quantifier"})
"""Reasons that say that the source has something else; no likeness in meaning stands against them."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a page: `text` lies at `offset` on it. `context` (title, section) may name what the text calls 'it'."""

    text: str
    offset: int = 0
    context: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The best window of one passage for one sentence; `start`, `end` are offsets on the page."""

    supported: bool
    start: int
    end: int
    score: float
    new: float
    """Recall of what the sentence adds to the question."""
    reason: str
    """Why not, '' when supported. 'words': nothing is at odds, too little is shared. 'phrase': a name or a noun that
    answers nothing here. The rest say that the source has something else (`VETOES`)."""
    instead: str = ""
    """What the source says in its place, as far as it can be told: '480', '15 天', or the clause."""


class SupportChecker:
    """Judges sentences against passages for one question and the passages shown for it."""

    def __init__(
        self,
        question: str,
        passages: Sequence[Passage],
        similarity: Closeness | None = None,
        judge: Entailment | None = None,
    ) -> None:
        self._question = question
        self._judge = judge
        self._passages = passages
        self._told = canonical_terms(question)
        self._asked_numbers = stated(question)
        self._similarity = similarity
        self._rarity = Rarity(
            passage.text[start - passage.offset : end - passage.offset]
            for passage in passages
            for start, end in quotable(passage.text, passage.offset)
        )
        self._binding = Binding(question, self._rarity)

    def judge(self, sentence: str, passage: Passage) -> Verdict:
        """The best window of `passage` for `sentence`: a copy of it, then supporting ones, shorter ones, by score."""
        phrase = is_phrase(sentence)
        if place := copied(sentence, passage.text, whole=phrase):
            start, end = (at + passage.offset for at in place)
            return Verdict(supported=True, start=start, end=end, score=1.0, new=1.0, reason="")
        single = quotable(passage.text, passage.offset)
        unbound = self._binding.difference(sentence, passage.text)
        verdicts = [
            self._window(sentence, passage, start, end, unbound)
            for start, end in windows(passage.text, passage.offset, single)
        ]
        if not verdicts:
            at = passage.offset
            return Verdict(supported=False, start=at, end=at, score=0.0, new=0.0, reason="words")
        verdicts = (
            [self._answering(sentence, passage, v) for v in verdicts] if phrase else _vetoed(verdicts, set(single))
        )
        best = max(verdicts, key=lambda v: (v.supported, round(v.score, 1), v.start - v.end))
        if best.supported or (self._similarity is None and self._judge is None):
            return best
        return self._by_meaning(sentence, passage, verdicts) or best

    def _window(self, sentence: str, passage: Passage, start: int, end: int, unbound: Difference | None) -> Verdict:
        quote = told(passage, start, end)
        new, everything = self._recall(sentence, quote, passage.context)
        score = 0.6 * new + 0.4 * everything
        enough = new >= NEW_RECALL and everything >= ALL_RECALL
        found: Difference | None = None
        if score >= WORTH_ALIGNING and not across(sentence, quote):
            found = self._different(sentence, quote, passage, loosely=enough)
            found = unbound if unbound and found and found.reason == "number" else found
        found = found or self._at_odds(sentence, quote, passage, unbound)
        if found is None and not enough:
            found = Difference("words")
        found = found or unbound
        reason, instead = (found.reason, found.instead) if found else ("", "")
        return Verdict(supported=not found, start=start, end=end, score=score, new=new, reason=reason, instead=instead)

    def _answering(self, phrase: str, passage: Passage, verdict: Verdict) -> Verdict:
        """A phrase is supported where its question is: by a window that has both, and is about the question as much as
        anything that was shown."""
        if not verdict.supported:
            return verdict
        quote = told(passage, verdict.start, verdict.end)
        if across(self._question, quote):
            about = self._similarity(f"{self._question} {phrase}", [quote])[0] if self._similarity else 0.0
            asked = about >= CROSS_SIMILARITY
        else:
            share = self._recall(self._question, quote, passage.context)[1]
            asked = bool(self._told) and share >= max(ASKED_LEAST, ASKED_SHARE * self._most_asked)
        return verdict if asked else replace(verdict, supported=False, reason="phrase")

    @cached_property
    def _most_asked(self) -> float:
        """The most of the question's terms that any window shown has."""
        return max(
            (
                self._recall(self._question, told(passage, start, end), passage.context)[1]
                for passage in self._passages
                for start, end in quotable(passage.text, passage.offset)
            ),
            default=0.0,
        )

    def _recall(self, sentence: str, quote: str, context: str) -> tuple[float, float]:
        """Weighted recall of the terms the sentence adds to the question, and of all its terms."""
        said = canonical_terms(sentence)
        here = canonical_terms(quote)
        named = canonical_terms(context)
        held, there = plain(quote), plain(context)
        weight = {term: self._rarity(term) for term in said}
        credit = {term: _credit(term, here, held) for term in said}
        for term in said:
            if term in self._told or credit[term] < 1:
                credit[term] = max(credit[term], _credit(term, named, there))
        new = said - self._told
        return _share(weight, credit, new), _share(weight, credit, said)

    def _at_odds(self, sentence: str, quote: str, passage: Passage, unbound: Difference | None) -> Difference | None:
        here = stated(quote)
        around = (*stated(passage.text), *stated(passage.context))
        for quantity in claimed(sentence):
            asked = agrees(quantity, self._asked_numbers) and agrees(quantity, around)
            if not asked and not agrees(quantity, here):
                return unbound or self._binding.nearest(quantity, sentence, passage.text)
        if lacks_name(sentence, quote, f"{passage.context} {passage.text}", self._question):
            return Difference("name")
        if across(sentence, quote):
            return None
        if contradicts(polar(sentence), polar(quote)):
            return Difference("opposite", quote)
        if disagree(sentence, quote, canonical_terms(sentence), canonical_terms(quote)):
            return Difference("denial", quote)
        return None

    def _different(self, sentence: str, quote: str, passage: Passage, *, loosely: bool) -> Difference | None:
        named = f"{self._question} {passage.context}"
        found = Comparison(sentence, quote).difference(named, f"{quote} {self._question}", loosely=loosely)
        if found and found.reason == "number" and found.instead:
            # '15 days of leave after one year' aligned with 'Leave: 15 days': a year is no other number of days.
            given, said = ({q.kind for q in numbers} for numbers in (stated(found.instead), claimed(sentence)))
            found = found if given & said or "" in given | said else None
        return replace(found, instead=quote) if found and not found.instead else found

    def _by_meaning(self, sentence: str, passage: Passage, verdicts: list[Verdict]) -> Verdict | None:
        """The window that supports `sentence` through similarity, or else by the judge's vote, if one does."""
        if any(v.reason in VETOES and v.score > NEAR_COPY for v in verdicts):
            return None  # a near copy with something exchanged is close to everything about the same matter
        other_language = across(sentence, passage.text)
        near: list[tuple[Verdict, str, bool]] = []
        for verdict in (v for v in verdicts if v.reason == "words"):
            quote = told(passage, verdict.start, verdict.end)
            cross = other_language and across(sentence, quote)
            # A copy with one thing exchanged is as near as a copy; a paraphrase shares fewer of the words.
            if cross or (verdict.new >= PARAPHRASE_RECALL and verdict.score <= NEAR_COPY):
                near.append((verdict, quote, cross))
        best: Verdict | None = None
        quotes = [quote for _, quote, _ in near]
        values = self._similarity(sentence, quotes) if self._similarity and near else [v.score for v, _, _ in near]
        for (verdict, quote, cross), close in zip(near, values, strict=True):
            if self._similarity is None:
                break
            needed = CROSS_SIMILARITY if cross else PARAPHRASE_SIMILARITY
            if close < needed or (not cross and self._different(sentence, quote, passage, loosely=True)):
                continue
            if best is None or close > best.score + 0.02:
                best = replace(verdict, supported=True, score=close, reason="")
        return best or self._by_vote(sentence, passage, near, values)

    def _by_vote(
        self, sentence: str, passage: Passage, near: list[tuple[Verdict, str, bool]], values: list[float]
    ) -> Verdict | None:
        """The first of the likeliest windows that the judge says yes to."""
        if self._judge is None:
            return None
        for i in sorted(range(len(near)), key=lambda i: -values[i])[:MOST_ASKED]:
            verdict, quote, cross = near[i]
            if not cross and self._different(sentence, quote, passage, loosely=True):
                continue
            if self._judge(sentence, [quote])[0] >= ACCEPTED:
                return replace(verdict, supported=True, reason="")
        return None


def told(passage: Passage, start: int, end: int) -> str:
    """What page[start:end] says: the text; of a table from its header to a row, that row in words."""
    text = passage.text[start - passage.offset : end - passage.offset]
    lines = text.splitlines()
    if len(lines) > 2 and all(line.lstrip().startswith("|") for line in (lines[0], lines[-1])):
        return reading(lines[0], lines[-1])
    return text


def _vetoed(verdicts: list[Verdict], single: set[tuple[int, int]]) -> list[Verdict]:
    """Without the support of windows around a sentence that fits as well and says something else."""
    # A number, or a name that is merely not there, another sentence of the window may supply.
    against = [
        v
        for v in verdicts
        if (v.start, v.end) in single
        and (v.reason in VETOES - {"number", "unit", "name"} or (v.reason == "name" and v.instead))
    ]

    def opponent(verdict: Verdict) -> Verdict | None:
        return next(
            (
                other
                for other in against
                if verdict.start <= other.start and other.end <= verdict.end and other.score > 0.8 * verdict.score
            ),
            None,
        )

    return [
        replace(v, supported=False, reason=other.reason, instead=other.instead)
        if v.supported and (other := opponent(v))
        else v
        for v in verdicts
    ]


def _credit(term: str, present: frozenset[str], folded: str) -> float:
    """1 when the term is there; part of it when both characters of a Chinese pair are, apart: pairs also straddle
    two words, and those of a paraphrase meet other neighbours."""
    if term in present:
        return 1.0
    if len(term) == 2 and not term.isascii():
        return 0.6 if term[0] in folded and term[1] in folded else 0.0
    return 0.0


def _share(weight: dict[str, float], credit: dict[str, float], among: frozenset[str] | set[str]) -> float:
    total = sum(weight[term] for term in among)
    return sum(weight[term] * credit[term] for term in among) / total if total else 1.0
