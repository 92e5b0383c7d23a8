"""What a call brought back as a program reads it: the structured content of an MCP result, and its schema."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic import BaseModel

from agents.tools.rendering import passages
from agents.tools.tool import Observation
from ingest.records import picked, to_json
from ingest.selection import Scope


class Passage(BaseModel):
    """A passage found, or standing on the page that was read."""

    rank: int
    score: float
    knowledge_base: str
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


class Seen(BaseModel):
    """An observation of the agent's."""

    knowledge_base: str
    text: str
    """What the agent reads, but for the passages that `hits` hold."""
    hits: tuple[Passage, ...]
    data: Any
    truncated: bool
    """Whether `text` is the beginning of something longer."""


class Citation(BaseModel):
    """A quote that proves a sentence."""

    n: int
    document: str
    path: str
    page: int
    start: int
    end: int
    quote: str
    verified: bool


class Answer(BaseModel):
    """What `ask` gives."""

    knowledge_base: str
    question: str
    answer: str
    abstained: bool
    citations: tuple[Citation, ...]
    unsupported_sentences: tuple[str, ...]
    model: str
    error: str


class Base(BaseModel):
    """A knowledge base."""

    name: str
    documents: int
    pages: int


class Bases(BaseModel):
    """What `list_knowledge_bases` gives."""

    knowledge_bases: tuple[Base, ...]


_FORMS: dict[str, type[BaseModel]] = {"ask": Answer, "list_knowledge_bases": Bases}


@cache
def schema_of(name: str) -> dict[str, Any]:
    """JSON schema of what the tool `name` gives."""
    return _FORMS.get(name, Seen).model_json_schema(mode="serialization")


def structured(scope: Scope, seen: Observation, uri: Callable[[str, int, int], str]) -> dict[str, Any]:
    """An observation on the knowledge bases of `scope`; one that is an object itself as it is. `uri`: of a page, by its base
    and document."""
    kb = scope.name
    if isinstance(seen.data, dict):
        return {"knowledge_base": kb, **seen.data}
    hits = []
    for hit in seen.hits:
        base = hit.kb or scope.kbs[0]
        said = {"score": round(hit.score, 4), "knowledge_base": base, "uri": uri(base, hit.document_id, hit.page)}
        hits.append(picked(to_json(hit) | said, *Passage.model_fields))
    told = seen.text.removeprefix(passages(seen.hits)).strip()
    return {"knowledge_base": kb, "text": told, "hits": hits, "data": seen.data, "truncated": seen.truncated}
