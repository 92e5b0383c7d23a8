"""The rows of a document's passages within a transaction: put in, taken out, and both indexes told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ingest import lexical
from ingest.catalog.proofs import key_of, vector_digest
from ingest.catalog.rows import TELL, dump
from ingest.database import Session, each
from ingest.documents import Chunk

_T = TypeVar("_T")
_BATCH = 500
"""Values per IN (...) list; SQLite's limit is far higher, its planner is happiest with short ones."""


def chunk_key(chunk: Chunk) -> bytes:
    """Key of a chunk's vector: BLAKE2b-128 of what is embedded. Equal passages are embedded once."""
    return key_of(chunk.embedded_text)


def completed(
    db: Session,
    embedder_id: int,
    chunks: Sequence[Chunk],
    vectors: Mapping[bytes, bytes],
    embed: Callable[[list[str]], NDArray[np.float32]] | None,
) -> Mapping[bytes, bytes]:
    """`vectors`, float32 bytes by `chunk_key`, with those that neither they nor the catalog have, made by `embed`."""
    texts = {chunk_key(chunk): chunk.embedded_text for chunk in chunks}
    gone = sorted(missing(db, embedder_id, [key for key in texts if key not in vectors])) if embed else []
    if not gone or embed is None:
        return vectors
    made = embed([texts[key] for key in gone])
    return {**vectors, **{key: row.astype("<f4").tobytes() for key, row in zip(gone, made, strict=True)}}


def insert(db: Session, of: tuple[int, int, int], chunks: Sequence[Chunk], vectors: Mapping[bytes, bytes]) -> None:
    """Store passages with what the catalog lacks of their vectors. `of`: ids of knowledge base, embedder and document."""
    kb_id, embedder_id, document_id = of
    db.executemany(
        "INSERT INTO vector VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        ((embedder_id, key, data, vector_digest(key, data)) for key, data in vectors.items()),
    )
    rows = [
        (document_id, one.page, one.start, one.end, dump(one.section), one.context, one.tokens, chunk_key(one))
        for one in chunks
    ]
    statement = (
        'INSERT INTO chunk (document_id, page, start, "end", section, context, tokens, key)'
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
    )
    ids = [found[0][0] for found in each(db, statement, rows)]
    announce(db, kb_id, [(i, chunk.text, chunk.context) for i, chunk in zip(ids, chunks, strict=True)])


def announce(db: Session, kb_id: int, rows: Sequence[tuple[int, str, str]]) -> None:
    """Tell both indexes of new passages (id, text, context): the lexical one now, the vector one through the outbox."""
    lexical.add(db, kb_id, rows)
    db.executemany(TELL, ((row[0], kb_id, 0) for row in rows))
    db.execute("UPDATE kb SET generation = generation + 1, dirty = 1 WHERE id = ?", (kb_id,))


def clear(db: Session, kb_id: int, document_id: int) -> list[tuple[bytes]]:
    """Take a document's passages out of both indexes and delete them; returns the keys of their vectors, which may be
    unused now, for `drop_unused`."""
    ids = [row[0] for row in db.execute("SELECT id FROM chunk WHERE document_id = ?", (document_id,))]
    keys: list[tuple[bytes]] = db.execute(
        "SELECT DISTINCT key FROM chunk WHERE document_id = ?", (document_id,)
    ).fetchall()
    lexical.remove(db, kb_id, ids)
    db.executemany(TELL, ((i, kb_id, 1) for i in ids))
    db.execute("DELETE FROM chunk WHERE document_id = ?", (document_id,))
    db.execute("UPDATE kb SET dirty = 1 WHERE id = ?", (kb_id,))
    return keys


def missing(db: Session, embedder_id: int, keys: Sequence[bytes]) -> set[bytes]:
    """Those of `keys` whose vector the catalog does not hold for this embedder."""
    lacking = set(keys)
    for part in parts(keys):
        held = f"SELECT key FROM vector WHERE embedder_id = ? AND key IN ({marks(part)})"
        lacking -= {row[0] for row in db.execute(held, (embedder_id, *part))}
    return lacking


def drop_unused(db: Session, keys: Sequence[tuple[bytes]]) -> None:
    """Delete those of the vectors that no passage refers to any more."""
    db.executemany("DELETE FROM vector WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM chunk WHERE chunk.key = ?1)", keys)


def parts(values: Sequence[_T]) -> list[Sequence[_T]]:
    """`values` in lists short enough for IN (...)."""
    return [values[i : i + _BATCH] for i in range(0, len(values), _BATCH)]


def marks(values: Sequence[object]) -> str:
    """A `?` for each."""
    return ",".join("?" * len(values))
