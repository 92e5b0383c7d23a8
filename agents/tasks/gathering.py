"""Finding the evidence for a task, by rule, before a model is asked anything.

Each part of the task is searched for with the code that carries tasks out without a model; what it would have quoted are
the run's facts, and whatever a model does later, the result has them. Beside them stand the tables and documents that
exist, by name, so that none is invented.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Protocol

from agents.chat.lookup import Lookup, Searchable
from agents.chat.passages import fitting
from agents.chat.settling import SURE, certain
from agents.llm.counting import estimate
from agents.proof.quotes import Candidate, best_quotes, nearest_statements
from agents.proof.rarity import canonical_terms
from agents.proof.similarity import Closeness
from agents.proof.sources import Citation
from agents.tasks.adding import added
from agents.tasks.by_rule import Reads
from agents.tasks.candidates import IT, amount_of, by_two_days, contrary, fits, fitting_one, from_there, like, of_each
from agents.tasks.evidence import Answer, Evidence, Passage, Query, Table
from agents.tasks.grounding import letters
from agents.tasks.known import in_any_currency, only_asks, without_file
from agents.tasks.listed import apart
from agents.tasks.moves import SEARCH, TABLES
from agents.tasks.parts import QUESTION, parts
from agents.tasks.reckoning import several
from agents.tasks.spoken_tools import calendar, is_sum
from agents.tasks.tabular import MOST_ROWS, query_of
from agents.tasks.tariffs import several_of, tariff
from agents.tools.tool import Observation, Tool
from ingest.documents import Hit
from ingest.errors import UsageError
from ingest.folding import fold
from ingest.orders import gives_orders
from ingest.sentences import sentences

_LEANS = re.compile(rf"{IT.pattern}|\b(?:he|she|him|her|his|that|this|those|these|one)\b|[这那他她]", re.IGNORECASE)
_PARAGRAPH = re.compile(r"\n\s*\n")
LIST = "list_documents"
"""The built-in tool that says what documents there are."""
TOKENS = 700
"""Of passages in the prompt; a processor reads them in some eight seconds, once a run."""
PASSAGES = 8
"""Looked at for each part, as many as a chat does."""
KEPT = 3
"""Of them that are shown: those that hold an answer, then the first that the search brought."""
MOST_TABLES, MOST_FILES, MOST_DOCUMENTS, MOST_COLUMNS = 3, 10, 6, 24


class Searches(Reads, Searchable, Protocol):
    """The part of the library that evidence comes from."""


class Gatherer:
    """Finds the evidence for tasks on one library."""

    def __init__(self, library: Searches, closeness: Closeness | None = None) -> None:
        self._library = library
        self._closeness = closeness

    def gather(
        self, task: str, kb: str, tools: Sequence[Tool], call: Callable[[str, Mapping[str, Any]], Observation]
    ) -> Evidence:
        """The evidence for `task`, as far as `tools` may look at it: no documents without `search_documents`. `call`
        carries out a call of one of them."""
        offered = {tool.name for tool in tools}
        found = Evidence()
        if SEARCH in offered:
            with suppress(UsageError):  # a library in which there is nothing yet
                found = self._found(task, kb, offered)
        near = [hit.document for hit in found.hits]
        tables, files = _tables(task, found, call) if TABLES in offered else ((), ())
        documents = _documents(near, call) if LIST in offered else ()
        queries = _queries(task, tables, call)
        return replace(found, tables=tables, files=files, documents=documents, queries=queries)

    def _found(self, task: str, kb: str, names: Collection[str]) -> Evidence:
        """Passages in the order of the parts they were found for, the stretches shown, and the facts."""
        shelf = _Shelf([], [], [], {}, frozenset(name for name in names if "_" in name))
        for before, part in pairwise(["", *parts(task)]):
            shelf.answers += self._part(part, before, task, kb, shelf)
        shown = fitting(shelf.hits, TOKENS, estimate, shelf.nearest) if shelf.hits else []
        proven = tuple(dict.fromkeys(fact for answer in shelf.answers for fact in answer.facts))
        told = {fact.sentence for fact in proven}
        return Evidence(
            hits=tuple(shelf.hits),
            passages=tuple(
                Passage(s.n, s.source, text) for s in shown if (text := _ordering_nothing(s.text, shelf.orders))
            ),
            facts=proven,
            answers=tuple(shelf.answers),
            complete=all(answer.facts for answer in shelf.answers),
            unsure=tuple(sorted(text for text in told if shelf.best.get(text, 0.0) < SURE)),
        )

    def _part(self, part: str, before: str, task: str, kb: str, shelf: _Shelf) -> list[Answer]:
        """What answers `part` of `task`, which comes behind the part `before`."""
        if is_sum(part) or calendar(part):  # no document has a say in it
            return [Answer(part)]
        if named := apart(part):
            each = [one for thing, alone in named for one in self._answers(part, thing, alone, kb, shelf)]
            for n, (thing, alone) in enumerate(named):  # in the words in which it is said of the others
                if not each[n].facts and (said := like(part, each)):
                    [each[n]] = self._answers(part, thing, alone, kb, shelf, words=said)
            return each
        documents = {fact.document_id for one in shelf.answers if one.part == before for fact in one.facts}
        if more := added(part, before):  # 'Then add the deposit.'
            found = (
                self._answers(more, "", more, kb, shelf, where)[0] for where in (documents, None) if where != set()
            )
            best = next((one for one in found if one.facts), Answer(part))
            return [replace(best, part=part)]
        answers = self._answers(part, "", part if only_asks(part, task) else without_file(part), kb, shelf)
        if several(part) or answers[-1].sure:
            return answers
        [best] = answers
        alone = part[sentences(part)[-1][0] :]
        if alone != part and not _LEANS.search(alone):  # 'It is our party on Sunday. What do 30 rolls cost?'
            [other] = self._answers(part, "", without_file(alone), kb, shelf)
            best = shelf.better(other, best)
        if bare := in_any_currency(part):  # what it costs in another currency no document says
            [other] = self._answers(part, "", bare, kb, shelf)
            return [other if other.sure or not best.facts else best]
        if documents:
            [other] = self._answers(part, "", f"{before} {part}", kb, shelf, documents)
            best = (
                other if other.facts or IT.search(part) else best
            )  # 'What does it cost, and how soon can we have it?'
        if (
            part != task.strip() and not best.sure and only_asks(part, task)
        ):  # what it is about may stand in another part
            [other] = self._answers(part, "", task, kb, shelf, set())
            best = shelf.better(other, best)
        return [best]

    def _answers(
        self,
        part: str,
        thing: str,
        asked: str,
        kb: str,
        shelf: _Shelf,
        within: Collection[int] | None = None,
        words: frozenset[str] = frozenset(),
    ) -> list[Answer]:
        """What answers `asked`, which is `part`, or `part` for one thing alone. `within`: the documents that answer the part
        before, to which `part` only adds, or any where empty: there what is of the kind that it asks for answers it. `words`: those
        in which the documents say it of other things."""
        count = several(part)
        looked = Lookup(self._library, kb, max(PASSAGES, 2 * count))(asked)
        found = _of_thing(thing, looked.hits)
        if within:
            found = tuple(hit for hit in found if hit.document_id in within)
        nearest = nearest_statements(asked, found, self._library, self._closeness)
        enough = looked.enough(nearest.candidates if QUESTION.search(part) else ())
        if not found or not (within or enough):
            return [Answer(part, thing)]
        ranked = [
            candidate
            for candidate in nearest.candidates
            if not any(name in candidate.statement.text for name in shelf.orders)
        ]
        if within:
            ranked = fitting_one(part, ranked)
        elif within is not None:
            ranked = [one for one in ranked if one.answers and fits(part, one)]
        chosen = [(thing, best_quotes(nearest, among=ranked))]
        if count and len(each := of_each(asked, ranked, found)) == count:
            chosen = [(hit.document, best_quotes(nearest, among=[one])) for hit, one in each]
        elif not thing and (read := self._tariff(asked, found)):
            chosen = [(thing, read)]
        elif not thing and (
            other := contrary(asked, ranked, found, chosen[0][1]) or from_there(asked, ranked, chosen[0][1])
        ):
            chosen = [(thing, (*chosen[0][1], *best_quotes(nearest, among=[other])))]
        elif not chosen[0][1] and (span := by_two_days(asked, ranked)):
            chosen = [(thing, best_quotes(nearest, among=[span]))]
        elif thing and (least := amount_of(asked, thing, ranked, found, chosen[0][1], words)):
            chosen = [(thing, best_quotes(nearest, among=[least]))]
        quotes = [quote for _, some in chosen for quote in some]
        answering = (candidate.n for candidate in ranked if candidate.answers)
        cited = dict.fromkeys(quote.n for quote in quotes)
        kept = list(dict.fromkeys([*cited, *answering, *range(1, min(KEPT, len(found) + 1))]))
        numbers = {n: _number(found[n - 1], shelf.hits) for n in kept[: max(KEPT, len(cited))]}
        for one in ranked:
            shelf.best[one.statement.text] = max(one.answering.score, shelf.best.get(one.statement.text, 0.0))
        shelf.nearest += [_renumbered(c, numbers[c.n]) for c in ranked if c.n in numbers]
        answers = []
        for name, some in chosen:
            facts = tuple(_renumbered(quote, numbers[quote.n]) for quote in some)
            places = [shelf.hits[fact.n - 1] for fact in facts]
            under = " ".join(dict.fromkeys(" ".join([hit.document, *hit.section]) for hit in places))
            before = next((c.statement.before for c in ranked if facts and c.statement.text == facts[0].sentence), "")
            answers.append(Answer(part, name, facts, bool(facts) and certain(ranked, whole=False), under, before))
        return answers

    def _tariff(self, asked: str, found: Sequence[Hit]) -> tuple[Citation, ...]:
        """The statements of the first document that are a tariff for what is asked, as far as its sum rests on them."""
        for document in dict.fromkeys(hit.document_id for hit in found if several_of(asked)):
            places = [n for n, hit in enumerate(found, 1) if hit.document_id == document]
            nearest = nearest_statements(asked, [found[n - 1] for n in places], self._library, self._closeness)
            here = sorted(nearest.candidates, key=lambda one: (nearest.hits[one.n - 1].page, one.statement.spans[-1]))
            if read := tariff(asked, [(one.statement.text, one.statement.row) for one in here]):
                rests = [replace(one, answers=True, score=1.0) for one in here if one.statement.text in read.rests_on]
                return tuple(_renumbered(q, places[q.n - 1]) for q in best_quotes(nearest, len(rests), among=rests))
        return ()


@dataclass(slots=True)
class _Shelf:
    """What was found so far."""

    hits: list[Hit]
    answers: list[Answer]
    nearest: list[Candidate]
    best: dict[str, float]
    """Statement → how surely it answers the part that it answers best."""
    orders: frozenset[str]
    """Names of tools, of which no document speaks but to have them called."""

    def better(self, other: Answer, best: Answer) -> Answer:
        """`other` where its best fact answers more surely and it has one that `best` has not."""
        one, two = (max((self.best.get(f.sentence, 0.0) for f in a.facts), default=-1.0) for a in (other, best))
        told = {fact.sentence for fact in best.facts}
        return other if one > two and any(fact.sentence not in told for fact in other.facts) else best


def _of_thing(thing: str, found: Sequence[Hit]) -> tuple[Hit, ...]:
    """The passages that speak of `thing`, or stand under it; all where none does."""
    named = [
        hit for hit in found if thing and letters(thing) in letters(" ".join([hit.document, *hit.section, hit.text]))
    ]
    return tuple(named or found)


def _ordering_nothing(text: str, tools: Collection[str]) -> str:
    """A passage without the paragraphs that speak to whoever reads it by machine, or of one of the `tools`."""
    kept = (part for part in _PARAGRAPH.split(text) if not gives_orders(part) and not any(n in part for n in tools))
    return "\n\n".join(kept).strip()


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


def _tables(
    task: str, found: Evidence, call: Callable[[str, Mapping[str, Any]], Observation]
) -> tuple[tuple[Table, ...], tuple[str, ...]]:
    """The tables at hand with their columns, those near the task first, and the names of the others. Where the documents
    answer every part, only tables that the task names or that answer it are about it; without one, none is shown."""
    listed = call(TABLES, {})
    files = [str(name) for name in listed.data or ()] if not listed.error else []
    answering = {fact.document for fact in found.facts}
    asked = canonical_terms(task)
    near = [file for file in files if _stem(file) in answering or fold(_stem(file)) in fold(task)]
    if not near and found.complete:
        return (), ()
    akin = [file for file in files if file not in near and canonical_terms(_stem(file)) & asked]
    tables: list[Table] = []
    for file in [*near, *akin][:MOST_TABLES]:
        seen = call(TABLES, {"file": file})
        for table in seen.data or () if not seen.error else ():
            columns = tuple(str(column["name"]) for column in table["columns"][:MOST_COLUMNS])
            tables.append(Table(file, str(table["name"]), columns, int(table["rows"])))
    described = {table.file for table in tables}
    return tuple(tables), tuple(file for file in files if file not in described)[:MOST_FILES]


def _queries(
    task: str, tables: Sequence[Table], call: Callable[[str, Mapping[str, Any]], Observation]
) -> tuple[Query, ...]:
    """The queries that the parts' own words name, of tables that the task names or that are the only ones near it."""
    told = [table for table in tables if fold(_stem(table.file)) in fold(task)]
    told = [table for table in told if fold(table.file) in fold(task)] or told
    # 器材库存.csv names 库存.csv too.
    named = [t for t in told if not any(fold(_stem(t.file)) in fold(_stem(o.file)) for o in told if o.file != t.file)]
    named = named or list(tables)
    found: list[Query] = []
    for table in named if len(named) == 1 else ():
        if table.rows > MOST_ROWS:
            continue
        sql = f'SELECT * FROM "{table.name}"'  # noqa: S608 - a table's name, as the tool gives it
        seen = call(TABLES, {"file": table.file, "sql": sql})
        rows = seen.data["rows"] if isinstance(seen.data, dict) and not seen.error else []
        bare = {part: _without_file(part, table.file) for part in parts(task)}
        queries = ((part, query_of(asked, table, rows)) for part, asked in bare.items())
        found += [Query(part, table.file, sql) for part, sql in queries if sql]
    return tuple(found)


def _without_file(part: str, file: str) -> str:
    """A part without the name of its table, and without a clause that says nothing but that: 'going by trips.csv'."""
    clauses = re.split(r"[，：]|(?<!\d)[,:](?!\d)", part)
    kept = [clause for clause in clauses if file.casefold() not in clause.casefold() or QUESTION.search(clause)]
    return re.sub(re.escape(file), " ", ", ".join(kept or clauses), flags=re.IGNORECASE)


def _stem(file: str) -> str:
    return file.rpartition(".")[0] or file


def _documents(near: Sequence[str], call: Callable[[str, Mapping[str, Any]], Observation]) -> tuple[str, ...]:
    listed = call(LIST, {})
    titles = [str(item["title"]) for item in listed.data or ()] if not listed.error else []
    return tuple(dict.fromkeys([*(title for title in near if title in titles), *titles]))[:MOST_DOCUMENTS]
