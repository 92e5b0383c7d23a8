"""Finding the evidence for a task, by rule, before a model is asked anything.

Each part of the task is searched for with the code that carries tasks out without a model; what it would have quoted are
the run's facts, and whatever a model does later, the result has them. Beside them stand the tables and documents that
exist, by name, so that none is invented.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

from agents.chat.parts import parts
from agents.chat.passages import fitting
from agents.chat.settling import SURE
from agents.llm.counting import estimate
from agents.proof.similarity import Closeness
from agents.tasks.at_hand import Calls, documents, queries_for, tables_for
from agents.tasks.evidence import Evidence, Library, Passage
from agents.tasks.moves import LIST, SEARCH, TABLES
from agents.tasks.searching import Searching
from agents.tools.tool import Tool
from ingest.errors import UsageError

_PARAGRAPH = re.compile(r"\n\s*\n")
TOKENS = 700
"""Of passages in the prompt; a processor reads them in some eight seconds, once a run."""


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
            passages=tuple(Passage(s.n, s.source, text) for s in shown if (text := _naming_none(s.text, orders))),
            facts=proven,
            answers=tuple(search.answers),
            complete=all(answer.facts for answer in search.answers),
            unsure=tuple(sorted(text for text in told if search.best.get(text, 0.0) < SURE)),
        )


def _naming_none(text: str, tools: Collection[str]) -> str:
    """A passage without the paragraphs that speak of one of the `tools`."""
    kept = (part for part in _PARAGRAPH.split(text) if not any(n in part for n in tools))
    return "\n\n".join(kept).strip()
