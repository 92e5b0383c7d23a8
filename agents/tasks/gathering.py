"""Finding the evidence for a task, by rule, before a model is asked anything.

Each part of the task is searched for with the code that carries tasks out without a model; what it would have quoted are
the run's facts, and whatever a model does later, the result has them. Beside them stand the tables and documents that
exist, by name, so that none is invented.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from agents.chat.passages import fitting
from agents.chat.settling import SURE, certain
from agents.llm.counting import estimate
from agents.proof.quotes import best_quotes, nearest_statements
from agents.proof.rarity import canonical_terms
from agents.tasks.by_rule import SEARCH, parts
from agents.tasks.evidence import Answer, Evidence, Passage, Table
from agents.tasks.listed import apart
from ingest.errors import UsageError
from ingest.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from agents.proof.quotes import Candidate
    from agents.proof.similarity import Closeness
    from agents.tools.tool import Observation, Tool
    from ingest.documents import Hit
    from ingest.evidence import Evidence as Strength

TABLES, LIST = "query_table", "list_documents"
"""Names of the built-in tools that say what there is."""
TOKENS = 700
"""Of passages in the prompt; a processor reads them in some eight seconds, once a run."""
PASSAGES = 5
"""Looked at for each part, as many as `search_documents` brings."""
KEPT = 2
"""Of them that are shown, those that hold an answer."""
MOST_TABLES, MOST_FILES, MOST_DOCUMENTS, MOST_COLUMNS = 3, 10, 6, 24


class Searches(Protocol):
    """The part of the library that evidence comes from."""

    def search(self, query: str, kb: str = ..., k: int | None = ...) -> list[Hit]:
        """The best passages, best first."""
        ...

    def evidence(self, query: str, hits: Sequence[Hit], kb: str = ...) -> Strength:
        """Whether they are enough to answer from."""
        ...

    def page_text(self, document_id: int, page: int) -> str:
        """Stored text of the page."""
        ...


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
                found = self._found(task, kb)
        near = [hit.document for hit in found.hits]
        tables, files = _tables(task, found, call) if TABLES in offered else ((), ())
        documents = _documents(near, call) if LIST in offered else ()
        return replace(found, tables=tables, files=files, documents=documents)

    def _found(self, task: str, kb: str) -> Evidence:
        """Passages in the order of the parts they were found for, the stretches shown, and the facts."""
        hits: list[Hit] = []
        answers: list[Answer] = []
        nearest: list[Candidate] = []
        unsure: set[str] = set()
        complete = True
        for whole, thing, part in _asked(task):
            found = tuple(self._library.search(part, kb=kb, k=PASSAGES))
            if not found or not self._library.evidence(part, found, kb=kb).sufficient:
                complete = False
                answers.append(Answer(whole, thing))
                continue
            ranked = nearest_statements(part, found, self._library, self._closeness)
            quotes = best_quotes(part, found, self._library, self._closeness, ranked=ranked)
            answering = (candidate for candidate in ranked if candidate.answers)
            complete = complete and bool(quotes)
            kept = list(dict.fromkeys([*(q.n for q in quotes), *(c.n for c in answering)]))[:KEPT]
            unsure |= {c.statement.text for c in ranked if c.answering.score < SURE}
            numbers = {n: _number(found[n - 1], hits) for n in kept}
            facts = tuple(_renumbered(quote, numbers[quote.n]) for quote in quotes if quote.n in numbers)
            under = " ".join(
                dict.fromkeys(f"{hits[f.n - 1].document} {' '.join(hits[f.n - 1].section)}" for f in facts)
            )
            before = next((c.statement.before for c in ranked if facts and c.statement.text == facts[0].sentence), "")
            answers.append(Answer(whole, thing, facts, bool(facts) and certain(ranked), under, before))
            nearest += [_renumbered(candidate, numbers[candidate.n]) for candidate in ranked if candidate.n in numbers]
        shown = fitting(hits, TOKENS, estimate, nearest) if hits else []
        proven = tuple(dict.fromkeys(fact for answer in answers for fact in answer.facts))
        told = {fact.sentence for fact in proven}
        return Evidence(
            hits=tuple(hits),
            passages=tuple(Passage(s.n, s.source, s.text) for s in shown),
            facts=proven,
            answers=tuple(answers),
            complete=complete,
            unsure=tuple(sorted(told & unsure)),
        )


def _asked(task: str) -> Iterator[tuple[str, str, str]]:
    """(part, thing, what is searched for) of each part, once for each of the things that it names side by side."""
    for part in parts(task):
        for thing, alone in apart(part) or [("", part)]:
            yield part, thing, alone


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


def _stem(file: str) -> str:
    return file.rpartition(".")[0] or file


def _documents(near: Sequence[str], call: Callable[[str, Mapping[str, Any]], Observation]) -> tuple[str, ...]:
    listed = call(LIST, {})
    titles = [str(item["title"]) for item in listed.data or ()] if not listed.error else []
    return tuple(dict.fromkeys([*(title for title in near if title in titles), *titles]))[:MOST_DOCUMENTS]
