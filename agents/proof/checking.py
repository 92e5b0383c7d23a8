"""An answer held against passages of text, sentence by sentence: any model's answer, any passages.

A marker must name a passage that was shown and that supports its sentence. Where another passage does, the marker is
corrected; where none was given, it is added. What was said before is not said again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.proof.claims import claim_of, clauses_of, makes_no_claim
from agents.proof.entailment import Entailment
from agents.proof.markers import Sentence, ends, normalise, split, with_marks
from agents.proof.similarity import Closeness
from agents.proof.support import SupportChecker
from agents.proof.verdicts import WORDED, Difference, Passage, Verdict, at_odds, in_words
from ingest.errors import UsageError
from ingest.folding import fold
from ingest.language import Text
from ingest.orders import gives_orders

SHORTEST = 6
"""Letters of a sentence that counts as said twice: 'Yes.' and '是。' may well be said again."""
SHORTEST_CUT = 12
"""The same of one that was cut off while it was said again."""
ABOUT_THE_SAME, ALMOST_A_COPY = 0.5, 0.8
"""Scores from which on a passage that can't be brought together with a sentence says otherwise: in a value, and in its words.
Below, it is about something else or says the same in other words. Of 207 sentences that another hand wrote and labelled, a
denial or another word calls 22 true ones different and 14 false ones from .5 on, 11 and 9 from .8 on; a number 1 and 26."""
_BEGINNING = re.compile(r"\A\s*(?:(?:[.,;:](?=\s)|[。，；：、]+)\s*)+")
"""The end of a sentence that was never begun: small models write '. Ten days.'"""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a passage says: `text` is exactly `passages[n - 1][start:end]`."""

    n: int
    """The passage's number, from 1, as in the marker `[n]`."""
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence of an answer and what became of it."""

    text: str
    """Without its markers."""
    marks: tuple[int, ...]
    """The markers it ends up with."""
    verdict: str
    """'supported'; 'quote' for a phrase that merely occurs; 'differs' when a passage says otherwise; 'unsupported' when
    none says it; 'no claim' for greetings, headings and 'the documents don't say'."""
    reason: str = ""
    """Of one that is not supported: see `agents.proof.support.Verdict`."""
    instead: str = ""
    """What the passage says in the place of what is wrong, where that is known."""
    quotes: tuple[Quote, ...] = ()
    """What supports it, holds the phrase or says otherwise; none when it is 'unsupported' or makes no claim."""

    @property
    def supported(self) -> bool:
        """Whether a passage says it."""
        return self.verdict == "supported"

    @property
    def why(self) -> str:
        """Why it has no tick, in words, in the language in force; '' when it is supported."""
        return in_words("no claim" if self.verdict == "no claim" else self.reason, self.instead)


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer held against its passages."""

    text: str
    """With its markers put right and without what was said twice; '' when there was nothing but markers."""
    sentences: tuple[CheckedSentence, ...] = ()

    @property
    def unsupported(self) -> tuple[str, ...]:
        """The sentences that no passage says, or that one contradicts."""
        return tuple(s.text for s in self.sentences if s.verdict in {"unsupported", "differs"})

    @property
    def supported(self) -> bool:
        """Whether every sentence that claims something is supported."""
        return all(s.verdict in {"supported", "no claim"} for s in self.sentences)


def check_answer(
    answer: str, passages: str | Sequence[str], question: str = "", *, similarity: Closeness | None = None
) -> Checked:
    """Hold any model's answer against the passages it was written from; a marker `[n]` in it names `passages[n - 1]`.

    Deterministic and without any model, by rules over words, numbers and names in Chinese and English. What `question`
    says need not be in a passage. With `similarity` a paraphrase, or a sentence in another language than its passage, may
    be supported as well. Raises `UsageError` for what is no text.
    """
    several = isinstance(passages, Iterable) and not isinstance(passages, (str, Mapping))
    shown: list[Any] = [*passages] if several else [passages]
    if not all(isinstance(text, str) for text in (answer, question, *shown)):
        raise UsageError(
            Text("The answer, the question and each passage must be a string.", "回答、问题和每个片段都须为字符串。"),
            Text("Give the text of a document, not the document.", "请给出文档的文本，而不是文档对象。"),
        )
    return AnswerChecker(question, [*map(Passage, shown)], similarity).check(answer)


class AnswerChecker:
    """Checks answers to one question from the passages shown for it. `passages[n - 1]` is what marker `[n]` names."""

    def __init__(
        self,
        question: str,
        passages: Sequence[Passage],
        similarity: Closeness | None = None,
        judge: Entailment | None = None,
    ) -> None:
        self._question = question
        self._passages = passages
        self._support = SupportChecker(question, passages, similarity, judge)
        self._orders = {n for n, passage in enumerate(passages, 1) if gives_orders(passage.text)}
        self._known = "\n".join(f"{passage.context}\n{passage.text}" for passage in passages)

    def check(self, text: str, *, marked: bool = True) -> Checked:
        """`text` sentence by sentence. Without `marked`, numbers in brackets are no markers but part of the text."""
        count = len(self._passages) if marked else 0
        text = _BEGINNING.sub("", normalise(text, count) if marked else text)
        written: list[str] = []
        judged: list[CheckedSentence] = []
        for before, sentence in _said_once(text, split(text, count, self._known)):
            if sentence.code:  # shown as it was written: its brackets are no markers, its lines no claims
                written += [before, sentence.text]
                continue
            outcome = self.sentence(sentence.text, sentence.marks)
            judged.append(outcome)
            written += [before, with_marks(outcome.text, outcome.marks)]
        told = "".join(written).strip()
        return Checked(told if any(map(str.isalnum, told)) else "", tuple(judged))

    def sentence(self, text: str, cited: Sequence[int] = ()) -> CheckedSentence:
        """One sentence without its markers, held against the passages it cites, then against the others."""
        if makes_no_claim(text, self._question):
            return CheckedSentence(text, (), "no claim")
        claim = claim_of(text)
        verdicts = {n: self._judge(claim, n) for n in cited}
        proven = [n for n in cited if verdicts[n].supported] or self._elsewhere(claim, verdicts)
        if proven:
            return CheckedSentence(
                text, tuple(proven), "supported", quotes=tuple(self._quote(n, verdicts[n]) for n in proven)
            )
        return self._unproven(text, tuple(cited), verdicts)

    def _judge(self, claim: str, n: int) -> Verdict:
        """Passage `n` on the claim. One that gives orders to an assistant says what it wants to be repeated, and proves
        nothing by itself."""
        verdict = self._support.judge(claim, self._passages[n - 1])
        if n in self._orders and (verdict.supported or verdict.reason == "phrase"):
            return replace(verdict, against=Difference("orders"))
        return verdict

    def _elsewhere(self, claim: str, verdicts: dict[int, Verdict]) -> list[int]:
        """The best of the passages that were not cited, if one supports the claim; else two clauses' sources. What was
        found out goes into `verdicts`."""
        for n in range(1, len(self._passages) + 1):
            if n not in verdicts:
                verdicts[n] = self._judge(claim, n)
                if verdicts[n].supported:
                    return [n]
        return self._jointly(claim, verdicts)

    def _jointly(self, claim: str, verdicts: dict[int, Verdict]) -> list[int]:
        """A sentence that joins facts of several passages: each of its clauses must have its own source."""
        clauses = clauses_of(claim)
        if len(clauses) < 2:
            return []
        found: dict[int, Verdict] = {}
        for clause in clauses:
            for n in verdicts:  # those that were cited first
                verdict = self._judge(clause, n)
                if verdict.supported:
                    found.setdefault(n, verdict)
                    break
            else:
                return []
        verdicts.update(found)
        return list(found)

    def _unproven(self, text: str, cited: tuple[int, ...], verdicts: dict[int, Verdict]) -> CheckedSentence:
        """Which of the three it is, by the passage that comes nearest."""
        phrases = [n for n, verdict in verdicts.items() if verdict.reason == "phrase"]
        if phrases:
            n = phrases[0]
            return CheckedSentence(text, (n,), "quote", "phrase", quotes=(self._quote(n, verdicts[n]),))
        if not verdicts:
            return CheckedSentence(text, cited, "unsupported", "words")
        n = max(verdicts, key=lambda n: verdicts[n].score)
        nearest = verdicts[n]
        least = ALMOST_A_COPY if nearest.reason in WORDED else ABOUT_THE_SAME
        if at_odds(nearest.reason, nearest.instead) and nearest.score >= least:
            quotes = (self._quote(n, nearest),)
            return CheckedSentence(text, (n,), "differs", nearest.reason, nearest.instead, quotes)
        # Numbers are looked at first: where a passage was found wanting in something else, it has them.
        elsewhere = nearest.reason == "number" and any(verdict.reason != "number" for verdict in verdicts.values())
        return CheckedSentence(text, cited, "unsupported", "words" if elsewhere else nearest.reason)

    def _quote(self, n: int, verdict: Verdict) -> Quote:
        passage = self._passages[n - 1]
        start, end = verdict.start - passage.offset, verdict.end - passage.offset
        return Quote(n, passage.text[start:end], start, end)


def _said_once(text: str, sentences: Sequence[Sentence]) -> list[tuple[str, Sentence]]:
    """(What stands before it, sentence) without those that were said before, whose markers go to the first, nor what is
    no sentence at all but markers, which go to the one before."""
    kept: list[tuple[str, Sentence]] = []
    first: dict[str, int] = {}
    position = 0
    for sentence in sentences:
        before, position = text[position : sentence.start], sentence.end
        key = "" if sentence.code else saying(sentence.text)
        at = first.get(key, -1)
        if at < 0 and sentence is sentences[-1] and len(key) >= SHORTEST_CUT and not ends(sentence.text):
            at = next((place for other, place in first.items() if other.startswith(key)), -1)
        if at < 0 and not sentence.code and sentence.marks and not any(map(str.isalnum, sentence.text)):
            at = len(kept) - 1
            if at < 0:
                continue
        if at >= 0:
            gap, earlier = kept[at]
            kept[at] = (gap, replace(earlier, marks=tuple(dict.fromkeys((*earlier.marks, *sentence.marks)))))
            continue
        if len(key) >= SHORTEST and not sentence.text.startswith(("#", "|")):
            first[key] = len(kept)
        kept.append((before, sentence))
    return kept


def saying(sentence: str) -> str:
    """What two sentences without their markers have in common that say the same: letters and digits, folded."""
    return "".join(filter(str.isalnum, fold(claim_of(sentence))))
