"""What a call brought back as a program reads it: the structured content of an MCP result, and its schema."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from agents.tools.rendering import passages

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.tools.tool import Observation
    from ingest.documents import Hit


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage found, or standing on the page that was read."""

    rank: int
    score: float
    document: str
    document_id: int
    page: int
    label: str
    section: tuple[str, ...]
    start: int
    end: int
    text: str
    """The characters from `start` to `end` of the page."""
    uri: str
    """Of the page, as a resource."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An observation of the agent's."""

    knowledge_base: str
    text: str
    """What the agent reads, but for the passages that `hits` hold."""
    hits: tuple[Passage, ...]
    data: Any
    truncated: bool
    """Whether `text` is the beginning of something longer."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that proves a sentence."""

    n: int
    document: str
    path: str
    page: int
    start: int
    end: int
    quote: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What `ask` gives."""

    knowledge_base: str
    question: str
    answer: str
    abstained: bool
    citations: tuple[Citation, ...]
    unsupported_sentences: tuple[str, ...]
    model: str
    error: str


@dataclass(frozen=True, slots=True)
class Base:
    """A knowledge base."""

    name: str
    documents: int
    pages: int


@dataclass(frozen=True, slots=True)
class Bases:
    """What `list_knowledge_bases` gives."""

    knowledge_bases: tuple[Base, ...]


_FORMS: dict[str, type] = {"ask": Answer, "list_knowledge_bases": Bases}


@cache
def schema_of(name: str) -> dict[str, Any]:
    """JSON schema of what the tool `name` gives."""
    return TypeAdapter(_FORMS.get(name, Seen)).json_schema(mode="serialization")


def structured(kb: str, seen: Observation, uri: Callable[[Hit], str]) -> dict[str, Any]:
    """An observation on the knowledge base `kb`; one that is an object itself as it is."""
    if isinstance(seen.data, dict):
        return {"knowledge_base": kb, **seen.data}
    hits = tuple(
        Passage(
            hit.rank,
            round(hit.score, 4),
            hit.document,
            hit.document_id,
            hit.page,
            hit.label,
            hit.section,
            hit.start,
            hit.end,
            hit.text,
            uri(hit),
        )
        for hit in seen.hits
    )
    told = seen.text.removeprefix(passages(seen.hits)).strip()
    return asdict(Seen(kb, told, hits, seen.data, seen.truncated))
