"""What the catalog takes and gives of files and passages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """The file a document comes from, as it was when it was read."""

    path: str
    sha256: str
    bytes: int
    mtime_ns: int
    pipeline: str
    """Version of the loaders and the chunker; another version reads the file anew."""


@dataclass(frozen=True, slots=True)
class Known:
    """What decides whether a file must be read again."""

    document_id: int
    sha256: str
    bytes: int
    mtime_ns: int
    pipeline: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk with everything a citation needs. `text == page_text[start:end]` by construction."""

    chunk_id: int
    document_id: int
    document: str
    path: str
    page: int
    label: str
    section: tuple[str, ...]
    start: int
    end: int
    text: str
    context: str
    kb: str = ""
