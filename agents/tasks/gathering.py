"""Finding the evidence for a task, by rule, before a model is asked anything.

Each part of the task is searched for with the code that carries tasks out without a model; what it would have quoted are
the run's facts, and whatever a model does later, the result has them. Beside them stand the tables and documents that
exist, by name, so that none is invented.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from agents.chat.parts import QUESTION, parts
from agents.chat.passages import fitting
from agents.chat.settling import SURE
from agents.llm.counting import estimate
from agents.proof.citations import quote
from agents.proof.quotes import quotes_of
from agents.proof.rarity import canonical_terms
from agents.proof.similarity import Closeness
from agents.proof.sources import Citation
from agents.tasks.evidence import Evidence, Library, Passage, Query, Table
from agents.tasks.grounding import begins_in
from agents.tasks.moves import LIST, SEARCH, TABLES
from agents.tasks.searching import Searching
from agents.tasks.tabular import LEAST, MOST_ROWS, SHORT, query_of
from agents.tools.tool import Observation, Tool
from ingest.errors import UsageError
from ingest.folding import fold

_PARAGRAPH = re.compile(r"\n\s*\n")
TOKENS = 700
"""Of passages in the prompt; a processor reads them in some eight seconds, once a run."""
NEAREST = 2
"""Statements or passages that a run shows which finds nothing out."""
MOST_TABLES, MOST_FILES, MOST_DOCUMENTS, MOST_COLUMNS = 3, 10, 6, 24
Calls = Callable[[str, Mapping[str, Any]], Observation]
"""Carries out a call of a tool."""


class Gatherer:
    """Finds the evidence for tasks on one library."""

    def __init__(self, library: Library, closeness: Closeness | None = None) -> None:
        self._library = library
        self._closeness = closeness

    def gather(
        self, task: str, kb: str, tools: Sequence[Tool], call: Calls, said: Mapping[str, str] = MappingProxyType({})
    ) -> Evidence:
        """The evidence for `task`, as far as `tools` may look at it: no documents without `search_documents`. `call`
        carries out a call of one of them; `said` has parts of the task in the language of what was found for them."""
        offered = {tool.name for tool in tools}
        found = Evidence()
        if SEARCH in offered:
            with suppress(UsageError):  # a library in which there is nothing yet
                found = self._found(task, kb, frozenset(name for name in offered if "_" in name), said)
        tables, files = tables_for(task, found, call) if TABLES in offered else ((), ())
        titles = documents([hit.document for hit in found.hits], call) if LIST in offered else ()
        queries = queries_for(task, tables, call)
        return replace(found, tables=tables, files=files, documents=titles, queries=queries)

    def _found(self, task: str, kb: str, orders: frozenset[str], said: Mapping[str, str]) -> Evidence:
        """Passages in the order of the parts they were found for, the stretches shown, and the facts."""
        search = Searching(self._library, self._closeness, task, kb, orders, said)
        for before, part in pairwise(["", *parts(task)]):
            search.answers += search.part(part, before)
        shown = fitting(search.hits, TOKENS, estimate, search.nearest) if search.hits else []
        proven = tuple(dict.fromkeys(fact for answer in search.answers for fact in answer.facts))
        told = {fact.sentence for fact in proven}
        return Evidence(
            hits=tuple(search.hits),
            nearest=() if proven else self._nearest(search),
            passages=tuple(Passage(s.n, s.source, text) for s in shown if (text := _naming_none(s.text, orders))),
            facts=proven,
            answers=tuple(search.answers),
            complete=all(answer.facts for answer in search.answers),
            unsure=tuple(sorted(text for text in told if search.best.get(text, 0.0) < SURE)),
        )

    def _nearest(self, search: Searching) -> tuple[Citation, ...]:
        """The statements that come nearest; where none can be told from the others, the first passages."""
        ranked = sorted(search.nearest, key=lambda one: one.answering.score, reverse=True)[:NEAREST]
        quotes = quotes_of(ranked, search.hits, self._library) or [
            quote(self._library, hit, n, hit.start, hit.end, supports=True)
            for n, hit in enumerate(search.hits[:NEAREST], 1)
        ]
        return tuple(replace(one, sentence="") for one in quotes if one.verified)


def _naming_none(text: str, tools: Collection[str]) -> str:
    """A passage without the paragraphs that speak of one of the `tools`."""
    kept = (part for part in _PARAGRAPH.split(text) if not any(n in part for n in tools))
    return "\n\n".join(kept).strip()


def tables_for(task: str, found: Evidence, call: Calls) -> tuple[tuple[Table, ...], tuple[str, ...]]:
    """The tables at hand with their columns, those near the task first, and the names of the others. Where the documents
    answer every part, only tables that the task names or that answer it are about it; without one, none is shown."""
    listed = call(TABLES, {})
    files = [str(name) for name in listed.data or ()] if not listed.error else []
    answering = {fact.document for fact in found.facts}
    asked = canonical_terms(task)
    near = [file for file in files if _stem(file) in answering or fold(_stem(file)) in fold(task)]
    if not near and found.complete and not SHORT.search(task):
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


def queries_for(task: str, tables: Sequence[Table], call: Calls) -> tuple[Query, ...]:
    """The queries that the parts' own words name, of tables that the task names or that are the only ones near it."""
    columns = {
        table: [name for column in table.columns if begins_in(name := _unit_less(column), task)] for table in tables
    }
    heads = {name for names in columns.values() for name in names}
    told = [table for table in tables if fold(table.file) in fold(task)]
    told = told or [table for table in tables if _names(_stem(table.file), task, heads)]
    # 器材库存.csv names 库存.csv too.
    named = [t for t in told if not any(fold(_stem(t.file)) in fold(_stem(o.file)) for o in told if o.file != t.file)]
    most = max(map(len, columns.values()), default=0)
    named = named or [table for table in tables if len(columns[table]) == most]
    if len(named) > 1 and SHORT.search(task):
        named = [table for table in named if LEAST.search(" ".join(table.columns).replace("_", " "))]
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


def _names(stem: str, task: str, heads: Collection[str]) -> bool:
    """Whether `task` names a file by its `stem`, not only a column among `heads`: 库存 and 最低库存 are no 库存.csv."""
    columns = sorted(map(re.escape, heads), key=len, reverse=True)
    return fold(stem) in re.sub("|".join(columns) or "(?!)", "|", fold(task))


def _unit_less(column: str) -> str:
    """The name of a column, which is an identifier here, without the unit behind a Chinese one: 单价_元."""
    return fold(column.replace("_", " ") if column.isascii() else column.partition("_")[0])


def _stem(file: str) -> str:
    return file.rpartition(".")[0] or file


def documents(near: Sequence[str], call: Calls) -> tuple[str, ...]:
    """The titles of documents, those of `near` first."""
    listed = call(LIST, {})
    titles = [str(item["title"]) for item in listed.data or ()] if not listed.error else []
    return tuple(dict.fromkeys([*(title for title in near if title in titles), *titles]))[:MOST_DOCUMENTS]
