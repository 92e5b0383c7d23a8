"""What the documents hold for a task (`agents.tasks.gathering` finds it), as a run's state keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agents.chat.lookup import Searchable
from agents.chat.translation import Language
from agents.proof.sources import Citation, Pages  # a citation is read back by its hint
from ingest.documents import Hit


class Library(Searchable, Pages, Protocol):
    """The part of the library that evidence comes from."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table at hand: `file` as `query_table` takes it, `name` and `columns` as SQL has them."""

    file: str
    name: str
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Query:
    """The query whose one row answers a part of the task."""

    part: str
    file: str
    sql: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage as the prompt shows it; its number is its place among the run's sources."""

    n: int
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What answers a part of the task, or answers it for one of the things that the part names side by side."""

    part: str
    thing: str = ""
    """'' for the part as it is."""
    facts: tuple[Citation, ...] = ()
    """None: the documents don't answer it."""
    sure: bool = False
    """Whether the best of them answers for sure, whatever is asked for."""
    under: str = ""
    """Titles and headings that the facts stand under."""
    foreign: Language | None = None
    """The language of what was found for the part, where that is another one than the part's and nothing in it is sure."""
    said: str = ""
    """The part in that language, where it was looked for in it too."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What there is for a task."""

    hits: tuple[Hit, ...] = ()
    """The passages, the first sources of the run: `hits[n - 1]` is what marker `[n]` names."""
    passages: tuple[Passage, ...] = ()
    """What of them is shown."""
    facts: tuple[Citation, ...] = ()
    """The proven statements that answer a part of the task; those with one `sentence` prove it together."""
    answers: tuple[Answer, ...] = ()
    """Which of them answer what, in the order of the parts."""
    unsure: tuple[str, ...] = ()
    """Sentences of those that stand by themselves only where nothing better was found."""
    live: tuple[str, ...] = ()
    """The parts that only a tool of the user's knows, whatever documents say: how things are now."""
    nearest: tuple[Citation, ...] = ()
    """Quotes that come nearest, where nothing answers a part; they stand for no sentence."""
    complete: bool = False
    """Whether every part of the task has a fact: what is left is to work it out and to say it."""
    tables: tuple[Table, ...] = ()
    queries: tuple[Query, ...] = ()
    files: tuple[str, ...] = ()
    """Other tables, by name."""
    documents: tuple[str, ...] = ()
    """By title, those near the task first."""
