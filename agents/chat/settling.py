"""What becomes of what a model wrote: the answer, quotes in its place, or a refusal.

What is not proven is not the answer, and a true sentence that does not answer is none either. A model may only add: where
its words don't hold, what the rules found stands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agents.chat.abstention import abstention, lead
from agents.proof.answering import POINTED
from agents.proof.checking import CheckedSentence
from agents.proof.citations import Proof, quote
from agents.proof.conflicts import Conflict, conflicts
from agents.proof.editions import date_of, is_draft, kinship
from agents.proof.frames import UNLIKE
from agents.proof.meant import Meant
from agents.proof.numbers import agrees, claimed, stated
from agents.proof.operations import asks_extreme, says_extreme
from agents.proof.pointing import Pointing
from agents.proof.polarity import says_the_contrary, yes_or_no
from agents.proof.quotes import ELSEWHERE, Candidate, Nearest, best_quotes, completing, quoted_answer, told
from agents.proof.rows import asked_cell
from agents.proof.sources import Citation
from agents.proof.statements import readable
from ingest.language import language_of, say, speaking

SURE, SURE_BESIDE = 0.15, 0.6
"""Scores (`agents.proof.answering`) from which on quotes stand in for a model's words that prove or answer nothing and point
elsewhere, and where a number, a date or a person is asked for or written, as near misses mostly do. Of 160 questions of XQuAD and cmrc, with the passage that holds the answer
and without it, quotes are shown for .79 and .11 within a language from .15 on."""


def certain(candidates: Sequence[Candidate], *, whole: bool) -> bool:
    """Whether one of `candidates` answers for sure, whatever is asked for. `whole`: the search brought all there is, so that
    it has chosen nothing and its own judgement says little."""
    least = SURE if whole else SURE_BESIDE
    return any(one.answers and one.answering.score >= least for one in candidates)


@dataclass(frozen=True, slots=True)
class Settled:
    """How an answer stands."""

    proof: Proof
    """The text and its citations; of a refusal the quotes that come nearest."""
    judged: tuple[CheckedSentence, ...] = ()
    """The sentences that the model wrote, and what became of each."""
    abstained: bool = False
    extractive: bool = False
    written: str = ""
    """What the model wrote, where that is not the answer."""
    notes: tuple[str, ...] = ()


class Settling:
    """Of one question's answer."""

    def __init__(
        self,
        nearest: Nearest,
        code: str,
        *,
        asked: str = "",
        filtered: bool = False,
        again: Callable[[str], Proof] = Proof,
    ) -> None:
        """`nearest` is what comes nearest to the question, whose language is `code`. `asked`: its own words, where it was searched for
        with those of the one before it. `filtered`: documents may be
        hidden. `again` says a text once more in that language, checked as a model's words are; without a model it stays as it is."""
        self._nearest, self._quotes, self._code = nearest, best_quotes(nearest), code
        self._hits, self._pages, self._check = nearest.hits, nearest.pages, nearest.check
        self._asked, self._filtered, self._again = asked or nearest.check.text, filtered, again

    def settle(self, proof: Proof) -> Settled:
        """`proof` is what the model wrote, checked."""
        return self._aged(self._settled(proof))

    def _settled(self, proof: Proof) -> Settled:
        proven = [sentence for sentence in proof.sentences if sentence.supported]
        answer = any(self._check.sentence(s.text, proof.citations, self._hits).answers for s in proven)
        if answer and ((extreme := self._extreme(proof)) is None or extreme[1].named_by(proof.text)):
            left_out = self._left_out(proof)
            if overtaken := self._overtaken(proof):
                note = say(
                    en="What the model wrote is what another version says; this is the one's that counts.",
                    zh="模型写的是另一版本的说法，以下引自适用的版本。",
                )
                return replace(self._quoting(overtaken, note), judged=proof.sentences, written=proof.text)
            if self._foreign(proof.text):
                own = [
                    replace(one, answers=True)
                    for one in self._rested_on(proof)
                    if not self._foreign(one.statement.text)
                ]
                if own:  # the model kept to the language of most documents
                    beside = [one for one in left_out if not self._foreign(one.sentence)]
                    kept = tuple(dict.fromkeys([*beside, *best_quotes(self._nearest, among=own)]))
                    return replace(self._quoting(kept), judged=proof.sentences, written=proof.text)
                stated = [replace(one, sentence=readable(one.quote)) for one in proof.citations if one.verified]
                return self._said_again(" ".join(s.text for s in proven), (*left_out, *stated))
            return Settled(self._with_conflicts(_above(proof, left_out)), proof.sentences)
        yes = yes_or_no(" ".join(s.text for s in proof.sentences), self._check.wording(proof.text).text)
        claims = yes is not None or any(sentence.verdict != "no claim" for sentence in proof.sentences)
        sure = self._instead(proof) if claims else ()
        # A bare yes or no has nothing that could be proven or point: there what answers without a model does.
        if quotes := sure or (self._quotes if yes is not None else ()):
            if sure and yes is not None and (told_so := self._below(proof, sure, yes=yes)):
                return told_so
            if self._foreign(told := " ".join(dict.fromkeys(quote.sentence for quote in quotes))):
                return replace(self._said_again(told, quotes), written=proof.text)
            note = say(
                en="What the model wrote is not proven by the documents; these are quotes.",
                zh="模型写的内容未能从文档中得到证实，以下为原文引用。",
            )
            return replace(self._quoting(quotes, note), judged=proof.sentences, written=proof.text)
        return replace(self.refused(), judged=proof.sentences, written=proof.text)

    def _below(self, proof: Proof, quotes: tuple[Citation, ...], *, yes: bool) -> Settled | None:
        """`quotes` below a 'Yes' or 'No' that they don't contradict; None where one does, or either is in another language."""
        said = [quote.sentence for quote in quotes]
        if self._foreign(proof.text) or any(map(self._foreign, said)):
            return None
        if any(says_the_contrary(sentence, self._check.text, yes=yes) for sentence in said):
            return None
        note = say(
            en="The quote counts; that it means yes or no is the model's judgement.",
            zh="以引文为准；是或否由模型判断，未经证实。",
        )
        return Settled(
            self._with_conflicts(_above(Proof(proof.text, proof.sentences), quotes)), proof.sentences, notes=(note,)
        )

    def _foreign(self, text: str) -> bool:
        """Whether `text` is in another language than the question."""
        return language_of(text) != language_of(self._check.text)

    def _said_again(self, told: str, quotes: tuple[Citation, ...]) -> Settled:
        """`told` in the question's language, above the quotes that prove it; no rule can prove that it is the same. A number is
        no matter of language: those said stand in the quotes, or in the question."""
        quotes = _whole(quotes)
        said = self._again(told)
        held = " ".join([self._check.text, *(quote.sentence for quote in quotes)])
        wrong = any(s.verdict == "differs" for s in said.sentences)
        if (
            wrong
            or not said.text
            or said.text.rstrip().endswith(("?", "？"))
            or self._foreign(said.text)
            or not _has_numbers([s.text for s in said.sentences], held)
        ):
            return Settled(self._with_conflicts(_above(Proof(lead(self._code)), quotes)), extractive=True)
        judged = tuple(replace(s, verdict="quote", reason="translated") if s.supported else s for s in said.sentences)
        note = say(
            en="The documents say it in another language: the quote counts, the model's words are not proven.",
            zh="文档以另一种语言写成：以引文为准，模型的转述未经证实。",
        )
        return Settled(self._with_conflicts(_above(Proof(said.text, judged), quotes)), judged, notes=(note,))

    def quoted(self, *notes: str) -> Settled:
        """The answer that stands by itself: proven statements; a refusal where there are none."""
        return self._aged(self._quoting(self._quotes, *notes))

    def _aged(self, settled: Settled) -> Settled:
        """`settled`; where it rests on an older version alone, with what comes nearest in a newer one, and which is which."""
        rests_on = {cited.n for cited in settled.proof.citations if cited.verified}
        later = frozenset().union(*(self._nearest.newer.get(n, frozenset()) for n in rests_on))
        if settled.abstained or not later or self._nearest.at or not rests_on <= self._nearest.newer.keys():
            return settled
        nearest = [
            replace(one, answers=True)
            for one in self._nearest.candidates
            if one.n in later and one.answering.score >= POINTED and one.answering.reason in ("", "subject")
        ]
        hits = [self._hits[min(ns) - 1] for ns in (rests_on, later)]
        old, new = (f" ({when.text})" if (when := date_of(hit, self._pages)) else "" for hit in hits)
        told = say(en="nothing about it was found there", zh="其中没有找到相关内容")
        if nearest:
            told = say(en="what is quoted last comes nearest in it", zh="最后引用的是其中最接近的内容")
        which = say(en=f"an older version{old}; there is a newer one", zh=f"较旧的版本{old}；另有较新的版本")
        if is_draft(hits[0]):
            which = say(en="a draft; there is one that holds", zh="草案；另有现行的版本")
        note = say(en=f"This is from {which}{new}, and {told}.", zh=f"以上出自{which}{new}，{told}。")
        quotes = best_quotes(self._nearest, most=1, among=nearest)
        return replace(settled, proof=_above(settled.proof, quotes), notes=(*settled.notes, note))

    def _quoting(self, quotes: tuple[Citation, ...], *notes: str) -> Settled:
        quotes = self._overtaken(Proof("", citations=quotes)) or quotes
        worded = [(cited, self._check.wording(cited.sentence).text) for cited in quotes]
        cells = [asked_cell(self._asked if q == self._check.text else q, cited.sentence) for cited, q in worded]
        told = {(cited.path, cell) for cited, cell in zip(quotes, cells, strict=True)}
        named = Counter((path, _name(cell)) for path, cell in told)
        quotes = tuple(  # what two rows have in common does not tell whose cell it is
            replace(cited, sentence=cell) if named[cited.path, _name(cell)] == 1 else cited
            for cited, cell in zip(quotes, cells, strict=True)
        )
        text = quoted_answer(quotes)
        if not text:
            return self.refused()
        return Settled(self._with_conflicts(Proof(text, citations=quotes)), extractive=True, notes=notes)

    def refused(self) -> Settled:
        """The refusal, with the nearest quotes."""
        nearest = tuple(replace(cited, sentence="") for cited in self._quotes)
        refusal = abstention(self._code, empty=not self._hits, filtered=self._filtered)
        return Settled(Proof(refusal, citations=nearest), abstained=True)

    def _extreme(self, proof: Proof) -> tuple[Candidate, Meant] | None:
        """Where the question asks for a table's highest or lowest, which the table tells: a row of it, and what is meant there. The
        table is that of the row that answers best, or that `proof` rests on."""
        rested = self._rested_on(proof)
        best = next((one for one in self._nearest.candidates if one.answers or one in rested), None)
        table = self._nearest.meant(best) if best else None
        return (best, table) if best and table and table.superlative and table.rows else None

    def _rested_on(self, proof: Proof) -> list[Candidate]:
        """The statements that `proof` rests on."""
        rests_on = {(c.n, c.start, c.end) for c in proof.citations if c.verified}
        return [one for one in self._nearest.candidates if (one.n, *one.statement.spans[-1]) in rests_on]

    def _instead(self, proof: Proof) -> tuple[Citation, ...]:
        """What stands in for words without proof: a table's extreme, what they point at, or quotes that answer for sure."""
        if extreme := self._extreme(proof):
            return best_quotes(self._nearest, among=[replace(extreme[0], answers=True)])
        candidates = self._nearest.candidates
        if asks_extreme(self._check.text):  # where one says what is the most, the others don't
            telling = [(one, self._tells_extreme(one)) for one in candidates]
            candidates = [one for one, tells in telling if tells] or [one for one, tells in telling if tells is None]
        pointing = Pointing(self._check.wording(proof.text).text, proof, proof.citations, self._hits)
        read = [
            (one, *self._check.read(one.statement, self._hits[one.n - 1]))
            for one in pointing.at(candidates)
            if one.answering.reason in ("", "subject")
        ]
        particular = self._check.question.asked.particular
        if pointed := [
            replace(one, statement=told, answering=found, answers=True) if found.answers else replace(one, answers=True)
            for one, told, found in read
            if found.answers or one.answering.score >= POINTED
        ]:
            return best_quotes(self._nearest, most=1, among=pointed)
        # A number, a date or a name is the first thing a model takes from beside the point, and any statement around has one.
        beside = particular or pointing.numeric
        quoted = {quote.sentence for quote in self._quotes}
        shown = [one for one in candidates if one.answers and one.statement.text in quoted]
        sure = any(self._is_sure(one) if beside else one.answering.score >= SURE for one in shown)
        return self._quotes if sure else ()

    def _is_sure(self, one: Candidate) -> bool:
        """Whether `one` answers for sure, or is the row of its table that is meant."""
        means = self._nearest.meant(one)
        return one.answering.score >= SURE_BESIDE or (means is not None and one.statement in means.rows)

    def _tells_extreme(self, one: Candidate) -> bool | None:
        """Whether `one`, which is near enough to the question, says what is the most of its kind, by its words or its table; None
        where it may without such words, but a row of a table that compares can't."""
        table = self._nearest.meant(one) if one.statement.row else None
        near = one.answering.score >= POINTED
        if table and table.superlative:
            return near and bool(table.rows)
        return (near and says_extreme(one.statement.text)) or None

    def _left_out(self, proof: Proof) -> tuple[Citation, ...]:
        """The statement that answers best, unless `proof` says all of what that says: a model shortens, and what it leaves out
        is at times what was asked for, or a condition. Of passages that `proof` doesn't rest on only one that answers for sure: of
        eight others under stored answers one told what was asked, and it did."""
        quoted = dict.fromkeys(cited.sentence for cited in self._quotes)  # in the order of the document
        best = next((one for one in self._nearest.candidates if one.statement.text in quoted), None)
        rests_on = {cited.n for cited in proof.citations if cited.verified}
        if best and best.n not in rests_on and not self._is_sure(best):
            return ()
        texts = [one.statement.text for one in (best, *completing(self._nearest, [best]))] if best else [*quoted][:1]
        left_out = [text for text in texts if not told(text, proof.text)]
        return tuple(cited for cited in self._quotes if cited.sentence in left_out)

    def _overtaken(self, proof: Proof) -> tuple[Citation, ...]:
        """Of `proof` that rests alone on a version that does not count, what the one that does says instead: what disagrees there, or
        answers by itself and lacks a number of the answer."""
        rests_on = {c.n for c in proof.citations if c.verified}
        if not rests_on:
            return ()
        counting = [
            v for one in self._conflicts(proof) if (v := one.counting(self._nearest.at)) and v.n not in rests_on
        ]
        akin = [v for v in counting if all(kinship(self._hits[v.n - 1], self._hits[n - 1]) != UNLIKE for n in rests_on)]
        told = {(v.n, (v.start, v.end)) for v in akin}
        among = [c for c in self._nearest.candidates if (c.n, c.statement.spans[-1]) in told]
        if not among and rests_on <= self._nearest.newer.keys():
            later = frozenset().union(*(self._nearest.newer[n] for n in rests_on))
            said = [s.text for s in proof.sentences] or [c.sentence for c in proof.citations]
            answering = [c for c in self._nearest.candidates if c.n in later and c.answers]
            among = [] if any(_has_numbers(said, c.statement.text) for c in answering) else answering
        among = [replace(candidate, answers=True) for candidate in among]
        return best_quotes(self._nearest, most=1, among=among) if among else ()

    def _conflicts(self, proof: Proof) -> tuple[Conflict, ...]:
        """What other documents say otherwise than what `proof` rests on."""
        asked = self._check.question.asked
        found = [c for c in self._nearest.candidates if c.answers and asked.wants_number]
        answering = [(c.n, c.statement) for c in found if c.score >= ELSEWHERE * found[0].score]
        verified = dict.fromkeys((c.n, c.start, c.end) for c in proof.citations if c.verified)
        return conflicts(list(verified), self._hits, self._pages, answering, asked.units)

    def _with_conflicts(self, proof: Proof) -> Proof:
        """`proof` with a line for each value in it that another document gives otherwise; a row has more than is asked for, and a
        statement numbers of other kinds."""
        text, citations = proof.text, list(proof.citations)
        units = self._check.question.asked.units or frozenset()
        for conflict in self._conflicts(proof):
            kinds = {number.kind for version in conflict.versions for number in claimed(version.value)}
            beside = units and all(kinds) and kinds.isdisjoint(units)
            if beside or not any(version.value.strip("“”") in proof.text for version in conflict.versions):
                continue
            with speaking("zh" if self._code == "zh" else "en"):
                told = str(conflict)
            text += f"\n\n{told} {''.join(f'[{n}]' for n in dict.fromkeys(v.n for v in conflict.versions))}"
            citations += [
                quote(self._pages, self._hits[v.n - 1], v.n, v.start, v.end, supports=True, sentence=told)
                for v in conflict.versions
            ]
        return replace(proof, text=text, citations=tuple(citations))


def _above(proof: Proof, quotes: tuple[Citation, ...]) -> Proof:
    """`proof` with `quotes` below it."""
    if not quotes:
        return proof
    quoted = quoted_answer(quotes).replace("\n", "\n> ")
    return replace(proof, text=f"{proof.text}\n\n> {quoted}", citations=proof.citations + quotes)


def _whole(quotes: Sequence[Citation]) -> tuple[Citation, ...]:
    """`quotes` without those that another one holds."""
    places = {(one.n, one.start, one.end): one for one in quotes}
    inner = {(n, a, b) for n, a, b in places for m, c, d in places if n == m and c <= a and b <= d and (a, b) != (c, d)}
    return tuple(one for place, one in places.items() if place not in inner)


def _has_numbers(words: Sequence[str], text: str) -> bool:
    """Whether every number in `words` stands in `text`."""
    held = stated(text)
    return all(agrees(number, held) for sentence in words for number in claimed(sentence))


def _name(cell: str) -> str:
    """What a cell in words is called: 'Hotel per night, for A: 650 yuan'."""
    return re.split("\uff1a|: ", cell)[0]
