"""Does a passage say what a sentence says? The judgement every tick mark of the product rests on.

No model decides. A window of one to three neighbouring sentences supports a sentence when nothing in the sentence is
at odds with it (numbers, names, titles, denial, opposites, one word put in another's place) and enough of what the
sentence adds to the question is there, each term weighted by how rare it is among the passages shown. A close
paraphrase, or a sentence in another language than its source, may lean on the embedder's similarity instead of
shared words, never against a number or a name.

The order is deliberate: a wrong tick is worse than a missing one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from agents.proof.denial import disagree
from agents.proof.entailment import ACCEPTED, MOST_ASKED
from agents.proof.numbers import agrees, claimed, stated, without_numbers
from agents.proof.spans import quotable, windows
from agents.proof.substitution import substituted
from agents.proof.synonyms import canonical, contradicts, is_light, plain, polar
from agents.proof.words import terms
from ingest.folding import fold
from ingest.language import is_han
from ingest.numerals import MONTH_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    """Why not: 'number', 'name', 'denial', 'opposite', 'replaced', 'words'; '' when supported."""
    instead: str = ""
    """What the passage says in the place of what is wrong, in its own words: '480'. Empty where that is unknown."""


class Rarity:
    """Weight of a term by how few of the sentences shown hold it; a term that none holds weighs most."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._seen: Counter[str] = Counter()
        self._texts = 0
        for text in texts:
            self._texts += 1
            self._seen.update(canonical_terms(text))

    def __call__(self, term: str) -> float:
        """In 0.3..~5; function words never get here, words that only link weigh least."""
        if is_light(term):
            return 0.3
        return math.log(1 + (self._texts + 1) / (self._seen[term] + 0.5))


@lru_cache(maxsize=8192)
def canonical_terms(text: str) -> frozenset[str]:
    """The distinct content terms of `text`, synonyms as one; numbers, which are compared by value, left out."""
    return frozenset(canonical(term) for term in terms(without_numbers(plain(text))))


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
        self._told = canonical_terms(question)
        self._asked_numbers = stated(question)
        self._similarity = similarity
        self._rarity = Rarity(
            passage.text[start - passage.offset : end - passage.offset]
            for passage in passages
            for start, end in quotable(passage.text, passage.offset)
        )

    def judge(self, sentence: str, passage: Passage) -> Verdict:
        """The best window of `passage` for `sentence`: supporting ones first, then shorter ones, then by score."""
        single = quotable(passage.text, passage.offset)
        verdicts = [
            self._window(sentence, passage, start, end) for start, end in windows(passage.text, passage.offset, single)
        ]
        if not verdicts:
            at = passage.offset
            return Verdict(supported=False, start=at, end=at, score=0.0, new=0.0, reason="words")
        verdicts = _vetoed(verdicts, set(single))
        best = max(verdicts, key=lambda v: (v.supported, round(v.score, 1), v.start - v.end))
        if best.supported or (self._similarity is None and self._judge is None):
            return best
        return self._by_meaning(sentence, passage, verdicts) or best

    def _window(self, sentence: str, passage: Passage, start: int, end: int) -> Verdict:
        quote = passage.text[start - passage.offset : end - passage.offset]
        new, everything = self._recall(sentence, quote, passage.context)
        score = 0.6 * new + 0.4 * everything
        reason = self._at_odds(sentence, quote, passage)
        if not reason and (new < NEW_RECALL or everything < ALL_RECALL):
            reason = "words"
        if not reason and substituted(sentence, quote, self._question):
            reason = "replaced"
        return Verdict(supported=not reason, start=start, end=end, score=score, new=new, reason=reason)

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

    def _at_odds(self, sentence: str, quote: str, passage: Passage) -> str:
        here = stated(quote)
        around = (*stated(passage.text), *stated(passage.context))
        for quantity in claimed(sentence):
            asked = agrees(quantity, self._asked_numbers) and agrees(quantity, around)
            if not asked and not agrees(quantity, here):
                return "number"
        if lacks_name(sentence, quote, f"{passage.context} {passage.text}", self._question):
            return "name"
        if _cross(sentence, quote):
            return ""
        if contradicts(polar(sentence), polar(quote)):
            return "opposite"
        if disagree(sentence, quote, canonical_terms(sentence), canonical_terms(quote)):
            return "denial"
        return ""

    def _by_meaning(self, sentence: str, passage: Passage, verdicts: list[Verdict]) -> Verdict | None:
        """The window that supports `sentence` through similarity, or else by the judge's vote, if one does."""
        if any(v.reason == "replaced" for v in verdicts):
            return None  # a near copy with something exchanged is close to everything about the same matter
        other_language = _cross(sentence, passage.text)
        near: list[tuple[Verdict, str, bool]] = []
        for verdict in (v for v in verdicts if v.reason == "words"):
            quote = passage.text[verdict.start - passage.offset : verdict.end - passage.offset]
            cross = other_language and _cross(sentence, quote)
            # A copy with one thing exchanged is as near as a copy; a paraphrase shares fewer of the words.
            if cross or (verdict.new >= PARAPHRASE_RECALL and verdict.score <= NEAR_COPY):
                near.append((verdict, quote, cross))
        best: Verdict | None = None
        quotes = [quote for _, quote, _ in near]
        values = self._similarity(sentence, quotes) if self._similarity and near else [v.score for v, _, _ in near]
        for (verdict, quote, cross), close in zip(near, values, strict=True):
            needed = CROSS_SIMILARITY if cross else PARAPHRASE_SIMILARITY
            if close < needed or (not cross and substituted(sentence, quote, self._question)):
                continue
            if best is None or close > best.score + 0.02:
                best = replace(verdict, supported=True, score=close, reason="")
        return best or self._by_vote(sentence, near, values)

    def _by_vote(self, sentence: str, near: list[tuple[Verdict, str, bool]], values: list[float]) -> Verdict | None:
        """The first of the likeliest windows that the judge says yes to."""
        if self._judge is None:
            return None
        for i in sorted(range(len(near)), key=lambda i: -values[i])[:MOST_ASKED]:
            verdict, quote, cross = near[i]
            if not cross and substituted(sentence, quote, self._question):
                continue
            if self._judge(sentence, [quote])[0] >= ACCEPTED:
                return replace(verdict, supported=True, reason="")
        return None


def _vetoed(verdicts: list[Verdict], single: set[tuple[int, int]]) -> list[Verdict]:
    """Without the support of windows beside, or around, a sentence that fits better but says the opposite."""
    against = [v for v in verdicts if v.reason in {"denial", "opposite", "replaced"} and (v.start, v.end) in single]

    def stands(verdict: Verdict) -> bool:
        return not any(
            other.score > verdict.score
            or (verdict.start <= other.start and other.end <= verdict.end and other.score > 0.8 * verdict.score)
            for other in against
        )

    return [v if not v.supported or stands(v) else replace(v, supported=False, reason="denial") for v in verdicts]


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


def _han_share(text: str) -> float:
    letters = [char for char in text if char.isalpha()]
    return sum(map(is_han, letters)) / len(letters) if letters else 0.0


def _cross(sentence: str, quote: str) -> bool:
    """True when the two are in different scripts, so that shared words can't be expected."""
    return abs(_han_share(sentence) - _han_share(quote)) > 0.5


_QUOTED = re.compile('《([^》]{1,60})》|“([^”]{2,60})”|「([^」]{2,60})」|"([^"]{2,60})"')
_LATIN_NAME = re.compile(r"(?<![A-Za-z])[A-Z][A-Za-zÀ-ÿ]*(?:[-'][A-Za-z]+)*\d*|[A-Za-z]+\d+[A-Za-z0-9]*")


def lacks_name(sentence: str, quote: str, around: str, question: str) -> bool:
    """Whether `sentence` has a name or title that its source does not hold.

    Titles in 《》 and quoted words must be in the quote (or the question and the passage), and so must capitalised Latin
    names, except a word that merely begins the sentence and the months, which are compared as numbers.
    """
    near, far, asked = fold(quote), fold(around), fold(question)
    for match in _QUOTED.finditer(sentence):
        title = fold(next(filter(None, match.groups())))
        if not _cross(title, quote) and title not in near and not (title in asked and title in far):
            return True
    first = re.search(r"[A-Za-z]", sentence)
    near_words, known = _words(near), _words(far)
    allowed = {name for name in known if name in _words(asked) or name in fold(around.split("\n", 1)[0])}
    in_english = not _han_share(sentence)
    for match in _LATIN_NAME.finditer(sentence):
        name = fold(match.group()).removesuffix("'s")
        ordinary = match.group()[1:].islower()
        if len(name) < 2 or name in MONTH_NUMBERS or (ordinary and not terms(name)):
            continue  # an initial, a month, a function word with a capital
        if name in near_words or name.removesuffix("s") in near_words or name in allowed:
            continue  # there, or what question, title or section say the passage is about
        begins = first is None or match.start() == first.start() or sentence[: match.start()].rstrip()[-1:] in ".:;!?*-"
        if begins and ((_cross(sentence, quote) and in_english) or (ordinary and _said(name, near))):
            continue
        if _han_share(quote) > 0.5 and in_english:
            continue  # an English name of something the Chinese source writes in characters
        return True
    return False


def _said(word: str, source: str) -> bool:
    """Whether an ordinary word stands in the source in another form."""
    return bool(canonical_terms(word) & canonical_terms(source)) or all(is_light(t) for t in canonical_terms(word))


def _words(folded: str) -> set[str]:
    return set(re.findall(r"[a-zà-ÿ0-9]+(?:[-'][a-z0-9]+)*", folded)) | set(re.findall(r"[a-zà-ÿ0-9]+", folded))
