"""What the documents say to each part of one task: the statements that rules would answer it with."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agents.chat.lookup import Lookup
from agents.chat.parts import QUESTION, parts
from agents.chat.settling import SURE_BESIDE, certain
from agents.chat.translation import documents_language
from agents.proof.quotes import Candidate, Nearest, best_quotes, nearest_statements
from agents.proof.similarity import Closeness
from agents.proof.sources import Citation
from agents.tasks.amounts import told
from agents.tasks.candidates import (
    amount_of,
    by_two_days,
    contrary,
    counting_back,
    fits,
    fitting_one,
    from_there,
    like,
    lists,
    of_each,
)
from agents.tasks.evidence import Answer, Library
from agents.tasks.grounding import letters
from agents.tasks.known import COMPARES, in_any_currency, only_asks, without_file
from agents.tasks.listed import apart
from agents.tasks.reckoning import added, several
from agents.tasks.spoken_tools import calendar, is_sum
from agents.tasks.tariffs import several_of, tariff
from ingest.documents import Hit
from ingest.language import language_of
from ingest.orders import TOKENS, gives_orders
from ingest.sentences import sentences

_IT = re.compile(r"\b(?:it|its|they|them|their)\b|它|其(?!中|他)", re.IGNORECASE)
_LEANS = re.compile(rf"{_IT.pattern}|\b(?:he|she|him|her|his|that|this|those|these|one)\b|[这那他她]", re.IGNORECASE)
_PARAGRAPH = re.compile(r"\S(?:(?!(?<![:：])\n\s*\n)[\s\S])*")
"""What ends with a colon goes on in the next one."""
PASSAGES = 8
"""Looked at for each part, as many as a chat does."""
KEPT = 3
"""Of them that are shown: those that hold an answer, then the first that the search brought."""


class Searching:
    """The search for one task, and what it has found so far."""

    def __init__(
        self,
        library: Library,
        closeness: Closeness | None,
        task: str,
        kb: str,
        orders: frozenset[str],
        said: Mapping[str, str],
    ) -> None:
        """`orders`: names of tools, of which no document speaks but to have them called; `said`: parts in the documents' language."""
        self._library, self._closeness, self._task, self._kb, self._orders = library, closeness, task, kb, orders
        self._said = said
        self.hits: list[Hit] = []
        self.answers: list[Answer] = []
        """Of the parts so far."""
        self.nearest: list[Candidate] = []
        self.best: dict[str, float] = {}
        """Statement → how surely it answers the part that it answers best."""

    def part(self, part: str, before: str) -> list[Answer]:
        """What answers `part` of the task, which comes behind the part `before`."""
        if is_sum(part) or calendar(part):  # no document has a say in it
            return [Answer(part)]
        if named := apart(part):
            each = [one for thing, alone in named for one in self._answers(part, alone, thing)]
            for n, (thing, alone) in enumerate(named):  # in the words in which it is said of the others
                if not each[n].facts and (said := like(part, each)):
                    [each[n]] = self._answers(part, alone, thing, words=said)
            return each
        documents = {fact.document_id for one in self.answers if one.part == before for fact in one.facts}
        if more := added(part, before):  # 'Then add the deposit.'
            found = (self._answers(more, more, within=where)[0] for where in (documents, None))
            best = next((one for one in found if one.facts), Answer(part))
            return [replace(best, part=part)]
        asks = only_asks(part, self._task)
        answers = self._answers(part, part if asks else without_file(part))
        if several(part) or answers[-1].sure:
            return answers
        [best] = answers
        alone = part[sentences(part)[-1][0] :]
        if alone != part and not _LEANS.search(alone):  # 'It is our party on Sunday. What do 30 rolls cost?'
            best = self._better(self._answers(part, without_file(alone))[0], best)
        if bare := in_any_currency(part):  # what it costs in another currency no document says
            [other] = self._answers(part, bare)
            return [other if other.sure or not best.facts else best]
        if documents:  # 'What does it cost, and how soon can we have it?'
            [other] = self._answers(part, f"{before} {part}", within=documents)
            best = other if other.facts or _IT.search(part) else best
        beside = [one for one in parts(self._task) if one != part and without_file(one) == one]
        if beside and not best.sure and asks:  # it may be about what another part names
            best = self._better(self._answers(part, without_file(self._task), within=set())[0], best)
        return [best]

    def _better(self, other: Answer, best: Answer) -> Answer:
        """The one of the two whose best fact answers more surely."""
        one, two = (max((self.best.get(f.sentence, 0.0) for f in a.facts), default=-1.0) for a in (other, best))
        return other if one > two else best

    def _answers(
        self,
        part: str,
        asked: str,
        thing: str = "",
        *,
        within: Collection[int] | None = None,
        words: frozenset[str] = frozenset(),
    ) -> list[Answer]:
        """What answers `asked`, which is `part`, or `part` for one `thing` alone. `within`: the documents that answer the part
        before, to which `part` only adds, or any where empty: there what is of the kind that it asks for answers it. `words`: those
        in which the documents say it of other things."""
        lookup, said = Lookup(self._library, self._kb, max(PASSAGES, 2 * several(part))), self._said.get(asked, "")
        looked = lookup.joined(asked, said) if said else lookup(asked)
        found = _of_thing(thing, [piece for hit in looked.hits for piece in _own_words(hit)])
        if within:
            found = tuple(hit for hit in found if hit.document_id in within)
        nearest = nearest_statements(asked, found, self._library, self._closeness, said)
        enough = looked.enough(nearest.candidates if QUESTION.search(part) else ())
        if not found or not (within or words or enough):
            return [Answer(part, thing, foreign=documents_language(asked, (hit.text for hit in found)))]
        ranked = [one for one in nearest.candidates if not any(n in one.statement.text for n in self._orders)]
        if (own := language_of(asked)) == language_of(found[0].text):  # what is near in another may be about anything
            ranked = [c for c in ranked if c.answering.score >= SURE_BESIDE or language_of(c.statement.text) == own]
        if within:
            ranked = fitting_one(part, ranked)
        elif within is not None:
            ranked = [one for one in ranked if one.answers and fits(part, one)]
        chosen = self._chosen(asked, thing, several(part), nearest, ranked, found, words)
        numbers = self._numbered([quote for _, some in chosen for quote in some], ranked, found)
        answers = []
        for name, some in chosen:
            facts = tuple(_renumbered(quote, numbers[quote.n]) for quote in some)
            places = [self.hits[fact.n - 1] for fact in facts]
            under = " ".join(dict.fromkeys(hit.under for hit in places))
            sure = bool(facts) and certain(ranked, whole=False)
            foreign = None if sure else documents_language(asked, (hit.text for hit in places or found))
            if COMPARES.search(asked) and any(row for _, row in told(facts)):
                facts = ()
            if said and not (sure or foreign):  # what is in the asker's own language was searched for before
                facts = ()
            answers.append(Answer(part, name, facts, sure, under, foreign, said if foreign else ""))
        return answers

    def _chosen(
        self,
        asked: str,
        thing: str,
        count: int,
        nearest: Nearest,
        ranked: Sequence[Candidate],
        found: Sequence[Hit],
        words: frozenset[str],
    ) -> list[tuple[str, tuple[Citation, ...]]]:
        """The things that are told of, and the statements quoted for each: the best ones, or what they leave out. `count`: of how
        many documents each has its say."""
        quotes = best_quotes(nearest, among=ranked)
        if count and lists(asked, ranked, {quote.sentence for quote in quotes}, count):
            return [(thing, quotes)]
        if count and len(each := of_each(asked, ranked, found)) == count:
            return [(hit.document, best_quotes(nearest, among=[one])) for hit, one in each]
        if not thing and (read := self._tariff(asked, ranked, found)):
            return [(thing, read)]
        if not thing and (pair := counting_back(asked, ranked, found)):
            return [(thing, tuple(quote for one in pair for quote in best_quotes(nearest, among=[one])))]
        other = None if thing else contrary(asked, ranked, found, quotes) or from_there(asked, ranked, quotes)
        if other is None and not quotes:
            other = by_two_days(asked, ranked) or (amount_of(asked, thing, ranked, found, words) if thing else None)
        return [(thing, (*quotes, *best_quotes(nearest, among=[other])) if other else quotes)]

    def _numbered(
        self, quotes: Sequence[Citation], ranked: Sequence[Candidate], found: Sequence[Hit]
    ) -> dict[int, int]:
        """The markers of the passages that are kept: those that are quoted, that answer, and the first ones."""
        cited = dict.fromkeys(quote.n for quote in quotes)
        answering = (candidate.n for candidate in ranked if candidate.answers)
        kept = list(dict.fromkeys([*cited, *answering, *range(1, min(KEPT, len(found) + 1))]))
        numbers = {n: _number(found[n - 1], self.hits) for n in kept[: max(KEPT, len(cited))]}
        for one in ranked:
            self.best[one.statement.text] = max(one.answering.score, self.best.get(one.statement.text, 0.0))
        self.nearest += [_renumbered(c, numbers[c.n]) for c in ranked if c.n in numbers]
        return numbers

    def _tariff(self, asked: str, ranked: Sequence[Candidate], found: Sequence[Hit]) -> tuple[Citation, ...]:
        """The statements of the first document that are a tariff for what is asked, as far as its sum rests on them; none where
        another document has a price of what is asked that says more of it."""
        for document in dict.fromkeys(hit.document_id for hit in found if several_of(asked)):
            places = [n for n, hit in enumerate(found, 1) if hit.document_id == document]
            nearest = nearest_statements(asked, [found[n - 1] for n in places], self._library, self._closeness)
            here = sorted(nearest.candidates, key=lambda one: (nearest.hits[one.n - 1].page, one.statement.spans[-1]))
            beside = [(one.statement.text, one.statement.row) for one in ranked if one.n not in places]
            if read := tariff(asked, [(one.statement.text, one.statement.row) for one in here], beside):
                rests = [replace(one, answers=True, score=1.0) for one in here if one.statement.text in read.rests_on]
                return tuple(_renumbered(q, places[q.n - 1]) for q in best_quotes(nearest, len(rests), among=rests))
        return ()


def _own_words(hit: Hit) -> list[Hit]:
    """A passage; of one that gives orders to whoever reads it by machine, the paragraphs that don't."""
    if not gives_orders(hit.text):
        return [hit]
    if TOKENS.search(hit.text):  # whatever stands behind a chat's control tokens
        return []
    stretches = [match.span() for match in _PARAGRAPH.finditer(hit.text) if not gives_orders(match.group())]
    return [replace(hit, text=hit.text[a:b], start=hit.start + a, end=hit.start + b) for a, b in stretches]


def _of_thing(thing: str, found: Sequence[Hit]) -> tuple[Hit, ...]:
    """The passages that speak of `thing`, or stand under it; all where none does."""
    named = [hit for hit in found if thing and letters(thing) in letters(f"{hit.under} {hit.text}")]
    return tuple(named or found)


def _number(hit: Hit, hits: list[Hit]) -> int:
    """The marker of `hit` among `hits`, which it joins where it is new."""
    place = (hit.document_id, hit.page, hit.start, hit.end)
    for n, other in enumerate(hits, 1):
        if (other.document_id, other.page, other.start, other.end) == place:
            return n
    hits.append(hit)
    return len(hits)


def _renumbered(found: Any, n: int) -> Any:  # noqa: ANN401 - a citation or a candidate
    return replace(found, n=n)
