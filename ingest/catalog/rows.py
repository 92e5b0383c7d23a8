"""What the catalog takes and gives of files and passages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from ingest.catalog.proofs import page_digest
from ingest.documents import Block, BlockKind, Document, Page
from ingest.filters.names import SAID
from ingest.periods import day_of


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
    corrected: str = ""
    """The day of the last correction in it."""


_KINDS: tuple[BlockKind, ...] = get_args(BlockKind)
DOCUMENT = """
    SELECT d.id, kb.name, d.path, d.title, d.media_type, d.sha256, d.pages, d.chunks, d.bytes, d.added, d.notes, d.mtime_ns
    FROM document d JOIN kb ON kb.id = d.kb_id
"""
TELL = (
    "INSERT INTO outbox VALUES (?, ?, ?)"
    " ON CONFLICT (chunk_id) DO UPDATE SET kb_id = excluded.kb_id, removed = excluded.removed"
)
"""What the vector index is to be told of a passage: that it is there (0) or gone (1)."""


def document_of(
    row: tuple[int, str, str, str, str, str, int, int, int, str, str, int], said: Mapping[str, tuple[str, ...]]
) -> Document:
    """A row of `DOCUMENT`, with what is `said` of the document by name."""
    own = {name: values for name, values in said.items() if name not in SAID}
    return Document(
        *row[:10],
        notes=tuple(json.loads(row[10])),
        modified=day_of(row[11]),
        author=said.get("author", ()),
        language=", ".join(said.get("language", ())),
        date=", ".join(said.get("date", ())),
        tags=said.get("tag", ()),
        fields=own,
    )


def row_of_page(document_id: int, page: Page) -> tuple[object, ...]:
    """A page as the table of pages holds it."""
    blocks = dump([[_KINDS.index(b.kind), b.start, b.end, b.level] for b in page.blocks])
    texts = (page.label, dump(page.section), blocks, page.text)
    return (document_id, page.number, *texts, page_digest(*texts))


def blocks_of(stored: str) -> tuple[Block, ...]:
    """The blocks of a page from how they are stored."""
    return tuple(Block(_KINDS[kind], start, end, level) for kind, start, end, level in json.loads(stored))


def dump(value: object) -> str:
    """`value` as JSON, without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
