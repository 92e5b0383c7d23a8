"""What calls brought, as the findings of steps and the lines of a result tell it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.proof.markers import normalise, without
from agents.proof.quotes import best_quotes, nearest_statements
from agents.proof.similarity import Closeness
from agents.tasks.amounts import told
from agents.tasks.events import PlanStep, StepRecord
from agents.tasks.evidence import Library
from agents.tasks.known import COMPARES
from agents.tasks.moves import CALCULATE, CALENDAR, LIST, SEARCH, TABLES

READING = frozenset({SEARCH, LIST, "read_page", "list_files", "read_file", "fetch"})
"""Tools that bring something to read, not a value."""


def has_value(record: StepRecord) -> bool:
    """Whether a call brought what was asked for, not something to read or to choose from."""
    if record.observation.error or record.observation.hits or record.call.tool in READING:
        return False
    data = record.observation.data
    if record.call.tool != TABLES or not isinstance(data, dict):
        return record.call.tool != TABLES
    return any(cell is not None for row in data.get("rows", ()) for cell in row)


def finding_line(record: StepRecord) -> str:
    """What a call that found no passages brought, in a line that says where it is from."""
    text = " ".join(record.observation.text.split())[:300]
    if not text or record.call.tool in (CALCULATE, CALENDAR):
        return text
    values = ", ".join(str(value) for value in record.call.arguments.values())
    return f"{record.call.tool} ({values[:100]}): {text}" if values else f"{record.call.tool}: {text}"


def value_line(record: StepRecord) -> str:
    """What a call brought, in a line; the rows of a query by the names of their columns."""
    data = record.observation.data
    if record.call.tool != TABLES or not data.get("rows"):
        return finding_line(record)
    columns, rows = data["columns"], data["rows"][:12]
    listed = "; ".join(", ".join(f"{name}: {cell}" for name, cell in zip(columns, row, strict=False)) for row in rows)
    return f"{record.call.arguments.get('file', record.call.tool)}: {listed}"[:1000]


def values_of(step: PlanStep, records: Sequence[StepRecord]) -> dict[str, StepRecord]:
    """The calls of a step that brought a value, by the line that tells it."""
    return {value_line(record): record for record in records if record.call.step == step.id and has_value(record)}


def bare_line(step: PlanStep, records: Sequence[StepRecord]) -> str:
    """A finding without its markers, which number one search's passages, not the run's sources. Of a step that searched
    for nothing, all numbers in brackets are what was found."""
    passages = max((len(r.observation.hits) for r in records if r.call.step == step.id), default=0)
    return without(normalise(step.finding, passages), passages) if passages else step.finding


def finding_of(
    goal: str, kb: str, record: StepRecord, library: Library, closeness: Closeness | None, orders: Iterable[str] = ()
) -> str:
    """What a call brought on `goal`: of passages the proven statements that answer it, of anything else its beginning; '' when that
    is nothing, and where the passages are not evidence enough. None that names one of `orders`, the user's tools: no document
    speaks of them but to have them called."""
    hits = record.observation.hits
    if not hits:
        # What columns a table has is something to choose from, and no finding.
        described = record.call.tool == TABLES and not record.call.arguments.get("sql")
        return "" if described or record.call.tool == SEARCH else finding_line(record)
    if not library.evidence(goal, hits, kb=kb).sufficient:
        return ""
    quotes = best_quotes(nearest_statements(goal, hits, library, closeness))
    compares = bool(COMPARES.search(goal))
    found = [sentence for sentence, row in told(quotes) if not (row and compares)]
    return " ".join(sentence for sentence in found if not any(name in sentence for name in orders))[:600]
