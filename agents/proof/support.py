"""Does a passage say what a sentence says? The judgement every tick mark of the product rests on.

No model decides. A window of one to three neighbouring sentences supports a sentence when nothing in the sentence is
at odds with it (numbers, names, titles, denial, opposites, one word put in another's place) and enough of what the
sentence adds to the question is there, each term weighted by how rare it is among the passages shown. A close
paraphrase, or a sentence in another language than its source, may lean on the embedder's similarity instead of
shared words, never against a number or a name.

The order is deliberate: a wrong tick is worse than a missing one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import filterfalse

from agents.proof.answering import AnswerCheck
from agents.proof.asked import wants_yes_or_no
from agents.proof.attribution import of_another
from agents.proof.binding import Binding, misnamed, misplaced, supposed
from agents.proof.comparison import Comparison
from agents.proof.denial import contrary, excepted
from agents.proof.entailment import ACCEPTED, MOST_ASKED, Entailment
from agents.proof.names import across, akin, country_named, lacks_name, subjects
from agents.proof.numbers import Quantity, agrees, claimed, is_date, stated, without_numbers
from agents.proof.operations import asks_extreme, is_extreme, says_extreme
from agents.proof.phrases import is_phrase
from agents.proof.rarity import Rarity, Recall, canonical_terms, credit_of
from agents.proof.relations import excludes, relation
from agents.proof.rows import asked_cell
from agents.proof.siblings import crossed, mixed
from agents.proof.similarity import Closeness
from agents.proof.spans import quotable, windows
from agents.proof.statements import Statement, statements
from agents.proof.synonyms import plain
from agents.proof.tables import is_row
from agents.proof.verbatim import copied
from agents.proof.verdicts import VETOES, Difference, Passage, Verdict, vetoed
from ingest.folding import fold

NEW_RECALL = 0.72
"""Weighted share of the terms a sentence adds to the question that the window must hold."""
ALL_RECALL = 0.55
"""The same over all its terms."""
NAMED_RECALL = 0.4
"""Over all its terms where everything it adds to the question is there."""
ELSEWHERE = 0.15
"""Of them, what another statement of the passage may have more: more of it is said there, of something else."""
ROW_RECALL, KEYED = 0.4, 2
"""Over all its terms where a table's row has all its numbers, and so many of them: figures tell which row is meant."""
PARAPHRASE_RECALL = 0.3
"""What of all its terms, and of the new ones, must be shared when similarity carries the rest."""
NEAR_COPY = 0.65
"""Weighted recall above which a veto on one window stands for all: a copy with one thing exchanged is near everything about
the same matter."""
PARAPHRASE_SIMILARITY = 0.5
LEAST_SURE = 1.15
"""What similarity and shared words must come to together: of 33 paraphrases that only similarity vouched for, 5 of 9 false and 3 of
24 true ones lie below."""
CROSS_SIMILARITY = 0.38
"""Thresholds on similarity (agents.proof.similarity). Across languages, on XQuAD's English sentences against the aligned Chinese
paragraph, other sentences of that paragraph, and another paragraph: .25 accepts 100, 50 and 4 %, .38 accepts 86, 6 and
0 %, .4 accepts 79, 3 and 0 %. Numbers and names have to agree besides."""
NEARER = 0.1
"""By how much another statement with numbers may be closer to a sentence in another language, its numbers aside. Of 29 such sentences
5 false and no true ones lie above it."""
TIED_SIMILARITY = 0.2
"""The same where a value stands with the number it is given for: twenty days, after ten years."""
ALIKE = 0.95
"""Of all its terms, what a sentence shares with its source that differs from it in no more than a preposition."""
COVERED = 0.8
"""Share of a sentence that one clause of its source has when the others are about something else."""
MOST_MEASURED = 12
"""Windows of a passage that are held against the sentence by their meaning, those in another language first."""
WORTH_ALIGNING = 0.55
"""Score from which on a window is laid beside the sentence."""


class SupportChecker:
    """Judges sentences against passages for one question and the passages shown for it."""

    def __init__(
        self,
        question: str,
        passages: Sequence[Passage],
        similarity: Closeness | None = None,
        judge: Entailment | None = None,
    ) -> None:
        self._asked = question
        # Whether it is so is what a question of yes or no asks: of its words none is known.
        self._question = "" if wants_yes_or_no(question) else question
        self._judge = judge
        self._passages = passages
        self._told = canonical_terms(self._question)
        self._asked_numbers = stated(self._question)
        self._extreme = asks_extreme(question)
        self._similarity = similarity
        self._rarity = Rarity(
            passage.text[start - passage.offset : end - passage.offset]
            for passage in passages
            for start, end in quotable(passage.text, passage.offset)
        )
        self._recall = Recall(self._told, self._rarity)
        self._binding = Binding(question, self._rarity)

    def judge(self, sentence: str, passage: Passage) -> Verdict:
        """The best window of `passage` for `sentence`: a copy of it, then supporting ones, shorter ones, by score."""
        phrase = is_phrase(sentence)
        if place := copied(sentence, passage.text, whole=phrase):
            start, end = (at + passage.offset for at in place)
            return Verdict(start, end, score=1.0, new=1.0)
        strange = self._strange(sentence, passage)
        single = quotable(passage.text, passage.offset)
        told = self._recall(sentence, passage.text, passage.context)[1]
        unbound = (
            self._binding.difference(sentence, passage.text)
            or mixed(sentence, passage.text)
            or crossed(sentence, passage.text)
            or of_another(sentence, passage.text, passage.context)
            or misnamed(sentence, passage.text)
            or misplaced(sentence, passage.text)
        )
        verdicts = [
            self._window(sentence, passage, start, end, unbound, told)
            for start, end in windows(passage.text, passage.offset)
        ]
        if not verdicts:
            return Verdict(passage.offset, passage.offset, score=0.0, new=0.0, against=Difference("words"))
        if strange:
            verdicts = [replace(v, against=Difference("words")) for v in verdicts]
        verdicts = [self._answering(sentence, passage, v) for v in verdicts] if phrase else vetoed(verdicts, single)
        best = max(verdicts, key=lambda v: (v.supported, round(v.score, 1), v.start - v.end))
        if best.supported or strange or unbound or (self._similarity is None and self._judge is None):
            return best
        return self._by_meaning(sentence, passage, verdicts) or best

    def _strange(self, sentence: str, passage: Passage) -> bool:
        """Whether the sentence is about something that the question names and neither passage, title nor section does."""
        asked = canonical_terms(self._asked)
        if not asked or across(sentence, passage.text):
            return False
        around = f"{passage.context} {passage.text}"
        here, held = canonical_terms(around), plain(around)

        def there(term: str) -> bool:
            return bool(credit_of(term, here, held)) or country_named(term, around) or any(akin(term, o) for o in here)

        return any(group and not any(map(there, group)) for group in (frozenset(g & asked) for g in subjects(sentence)))

    def _window(
        self, sentence: str, passage: Passage, start: int, end: int, unbound: Difference | None, told: float
    ) -> Verdict:
        quote, phrase = passage.told(start, end), is_phrase(sentence)
        new, everything = self._recall(sentence, quote, passage.context)
        score = 0.6 * new + 0.4 * everything
        cross = across(sentence, quote)
        row = quote not in passage.text
        named = new > 0.99 and not row and everything > told - ELSEWHERE
        enough = new >= NEW_RECALL and everything >= (NAMED_RECALL if named else ALL_RECALL)
        if row and everything >= ROW_RECALL:
            cells = claimed(sentence)
            enough |= len(cells) >= KEYED and all(agrees(cell, stated(quote)) for cell in cells)
        found: Difference | None = None
        if score >= WORTH_ALIGNING and not cross:
            found = self._different(sentence, quote, passage, loosely=enough)
            found = None if row and found and found.reason in {"replaced", "role"} else found  # cells have no order
            if phrase and found and found.reason == "denial" and not claimed(sentence):
                found = None  # of the rest of the source
        alike = (cross or everything >= ALIKE) and bool(canonical_terms(sentence))
        found = found or self._at_odds(sentence, quote, passage, alike=alike)
        if not found and not row and self._extreme and is_extreme(sentence) and not says_extreme(quote):
            found = Difference("quantifier")
        if found is None and (cross or enough):
            found = unbound or (None if self._question else supposed(self._asked, sentence, quote))
        if found is None and not enough:
            found = Difference("words")
        return Verdict(start, end, score, new, unbound if unbound and found and found.reason == "number" else found)

    def _answering(self, phrase: str, passage: Passage, verdict: Verdict) -> Verdict:
        """A phrase is supported by a statement that has it and answers the question; of a table's row, by the cell that is
        asked for."""
        if not verdict.supported:
            return verdict
        begin, end = verdict.start - passage.offset, verdict.end - passage.offset - 1
        for statement in self._stated.get(passage, ()) if self._asked else ():
            if statement.spans[0][0] <= begin and statement.spans[-1][0] <= end < statement.spans[-1][1]:
                cell = asked_cell(self._asked, statement.text) if statement.row else statement.text
                most = self._meant(statement, passage) if statement.row else not self._extreme or says_extreme(cell)
                held = most and all(agrees(number, stated(cell)) for number in claimed(phrase))
                if held and self._check.judge(statement, passage.context, passage.text).answers:
                    return verdict
        return replace(verdict, against=Difference("phrase"))

    def _meant(self, row: Statement, passage: Passage) -> bool:
        """Whether no other row has more of the numbers that are asked about."""
        rows = [row, *(other for other in self._stated[passage] if other.row)]
        named = [sum(agrees(number, stated(one.text)) for number in self._asked_numbers) for one in rows]
        return named[0] == max(named)

    @cached_property
    def _stated(self) -> dict[Passage, list[Statement]]:
        return {p: statements(p.text, 0, len(p.text), [p.context]) for p in self._passages}

    @cached_property
    def _check(self) -> AnswerCheck:
        """The question, held against all that is stated."""
        told = (statement.text for found in self._stated.values() for statement in found)
        return AnswerCheck(self._asked, told, self._similarity)

    def _at_odds(self, sentence: str, quote: str, passage: Passage, *, alike: bool) -> Difference | None:
        here = stated(quote)
        # Of a table's rows those with the number that is asked for are meant.
        beside = passage.text if quote in passage.text else "\n".join(filterfalse(is_row, passage.text.split("\n")))
        around = (*stated(beside), *stated(passage.context))
        nameless = lacks_name(sentence, quote, f"{passage.context} {passage.text}", self._question)
        for quantity in claimed(sentence):
            asked = agrees(quantity, self._asked_numbers) and agrees(quantity, around)
            if not asked and not agrees(quantity, here):
                # Of something else, the passage has nothing instead.
                return Difference("number") if nameless else self._binding.nearest(quantity, sentence, passage.text)
            if _in_another_way(quantity, sentence, here, quote, alike=alike):
                return Difference("condition", quote)
        if nameless:
            return Difference("name")
        if across(sentence, quote):
            return None
        return Difference("denial", quote) if contrary(sentence, quote) else None

    def _different(self, sentence: str, quote: str, passage: Passage, *, loosely: bool) -> Difference | None:
        named = f"{self._question} {passage.context}"
        whole = Comparison(sentence, quote)
        known = f"{quote} {self._question}"
        found = whole.difference(named, known, loosely=loosely)
        if found and found.reason == "denial" and excepted(sentence, quote):
            return None
        if found and found.reason == "number" and found.instead:
            # '15 days of leave after one year' aligned with 'Leave: 15 days': a year is no other number of days.
            given, said = ({q.kind for q in numbers} for numbers in (stated(found.instead), claimed(sentence)))
            if not given & said:
                return Difference("number") if "" in given | said else None
        if found and found.reason == "replaced" and not whole.near:
            return Difference("replaced")
        if found and found.instead and found.reason in {"name", "number"}:
            # 'There are 13 days' shares all of 'after a year 8 days' but what matters.
            return replace(found, copy=whole.near if found.reason == "name" else whole.share >= COVERED)
        return replace(found, instead=quote) if found and not found.instead else found

    def _by_meaning(self, sentence: str, passage: Passage, verdicts: list[Verdict]) -> Verdict | None:
        """The window that supports `sentence` through similarity, or else by the judge's vote, if one does."""
        if any(v.reason in VETOES and v.score > NEAR_COPY for v in verdicts):
            return None  # a near copy with something exchanged is close to everything about the same matter
        other_language = across(sentence, passage.text)
        if other_language and self._similarity and self._nearer_another(sentence, passage, self._similarity):
            return None
        near: list[tuple[Verdict, str, bool]] = []
        for verdict in (v for v in verdicts if v.reason == "words"):
            quote = passage.told(verdict.start, verdict.end)
            cross = other_language and across(sentence, quote) and not is_phrase(quote)
            # A copy with one thing exchanged is as near as a copy; a paraphrase shares fewer of the words.
            if cross or (
                verdict.new >= PARAPHRASE_RECALL
                and quote in passage.text  # no row of a table
                and self._recall(sentence, passage.text, passage.context)[1] >= PARAPHRASE_RECALL
            ):
                near.append((verdict, quote, cross))
        near = sorted(near, key=lambda item: (not item[2], -item[0].score))[:MOST_MEASURED]
        best: Verdict | None = None
        quotes = [quote for _, quote, _ in near]
        values = self._similarity(sentence, quotes) if self._similarity and near else [v.score for v, _, _ in near]
        for (verdict, quote, cross), close in zip(near, values, strict=True):
            if self._similarity is None:
                break
            needed = max(PARAPHRASE_SIMILARITY, LEAST_SURE - verdict.score)
            if cross:
                needed = TIED_SIMILARITY if self._binding.tied(sentence, quote) else CROSS_SIMILARITY
            if close < needed or (not cross and self._different(sentence, quote, passage, loosely=True)):
                continue
            if best is None or close > best.score + 0.02:
                best = replace(verdict, score=close, against=None)
        return best or self._by_vote(sentence, passage, near, values)

    def _nearer_another(self, sentence: str, passage: Passage, closeness: Closeness) -> bool:
        """Whether `sentence`, its numbers aside, is closer to another statement with numbers than to those that have its own:
        80 GHz is there, but what the question calls a range is told elsewhere."""
        numbers = [number for number in claimed(sentence) if not agrees(number, self._asked_numbers)]
        told = [passage.told(start, end) for start, end in quotable(passage.text, passage.offset)]
        held = [all(agrees(number, stated(one)) for number in numbers) for one in told]
        others = [without_numbers(one) for one, has in zip(told, held, strict=True) if not has and stated(one)]
        own = [without_numbers(one) for one, has in zip(told, held, strict=True) if has]
        if not numbers or not own or not others:
            return False
        values = closeness(without_numbers(sentence), [*own, *others])
        return max(values[len(own) :]) - max(values[: len(own)]) > NEARER

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
                return replace(verdict, against=None)
        return None


def _in_another_way(claim: Quantity, sentence: str, here: Sequence[Quantity], quote: str, *, alike: bool) -> bool:
    """Whether `quote` has the number of a sentence, but nowhere as the sentence has it: since 2018, not in 2018."""

    def way(quantity: Quantity, text: str) -> str:
        return relation(fold(text), quantity.at, quantity.at + len(quantity.surface))

    dated, claimed_way = is_date(claim), way(claim, sentence)
    if dated and not claimed_way and not claim.at:
        claimed_way = "in"  # 'In 2018, …' is begun with the bare year in Chinese
    told = [way(other, quote) for other in here if other.at >= 0 and agrees(claim, [other])]
    return bool(told) and all(excludes(claimed_way, one, dated=dated, alike=alike) for one in told)
