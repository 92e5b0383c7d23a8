"""Whether what the catalog keeps is what was put into it: texts and vectors against the digests kept beside them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ingest.database import Database, Session

_OFF = 1e-3
"""How far from 1 the length of a stored vector may be; float32 is a thousand times as exact."""
_PASSAGE = (
    "SELECT d.id, d.kb_id, c.key, c.start, c.end, {context}, {text}"
    " {more} FROM chunk c JOIN document d ON d.id = c.document_id"
    " LEFT JOIN page p ON p.document_id = c.document_id AND p.number = c.page {joined}"
)
"""Texts as bytes: a damaged one may be no UTF-8."""


def key_of(embedded_text: str) -> bytes:
    """Key of a passage and its vector: BLAKE2b-128 of what is embedded."""
    return hashlib.blake2b(embedded_text.encode("utf-8"), digest_size=16).digest()


def page_digest(label: str, section: str, blocks: str, text: str) -> bytes:
    """What proves a stored page: BLAKE2b-64 of its columns."""
    return hashlib.blake2b(f"{label}\0{section}\0{blocks}\0{text}".encode(), digest_size=8).digest()


def vector_digest(key: bytes, data: bytes) -> bytes:
    """What proves a stored vector: BLAKE2b-64 of its bytes, keyed by its passage's key, so that two that changed places
    are both wrong.
    """
    return hashlib.blake2b(data, digest_size=8, key=key).digest()


def sound(key: bytes, data: bytes, digest: bytes | None, dimensions: int) -> bool:
    """Whether `data` is a vector at all, and the one that `digest` was made of where there is one."""
    if len(data) != 4 * dimensions or (digest is not None and digest != vector_digest(key, data)):
        return False
    return bool(unit(np.frombuffer(data, "<f4")[None])[0])


def unit(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which rows have unit length; one with a NaN has not."""
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        near: NDArray[np.bool_] = np.abs(lengths - 1) < _OFF
    return near


_COLUMNS = ("p.label", "p.section", "p.blocks", "p.text")


class Proofs:
    """Reads what is stored and holds it against its digests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def altered(self, kb_id: int) -> dict[int, str]:
        """Documents of which a page or passage is gone, or not what was stored: id → path."""
        with self._database.reading() as db:
            paths = dict(db.execute("SELECT id, path FROM document WHERE kb_id = ?", (kb_id,)))
            counts = db.execute(
                "SELECT id FROM document d WHERE kb_id = ? AND (pages, chunks) <> ((SELECT count(*) FROM page WHERE"
                " document_id = d.id), (SELECT count(*) FROM chunk WHERE document_id = d.id))",
                (kb_id,),
            )
            found = {row[0] for row in counts} | set(self._pages(db, kb_id))
            rows = db.execute(self._passage(joined="WHERE d.kb_id = ?"), (kb_id,))
            found |= {document_id for document_id, _, *passage in rows if not _is_said(*passage)}
        return {document_id: paths[document_id] for document_id in sorted(found)}

    def _pages(self, db: Session, kb_id: int) -> Iterator[int]:
        """The documents of pages that are not what their digest was made of."""
        rows = db.execute(
            f"SELECT d.id, p.digest, {', '.join(self._database.utf8(column) for column in _COLUMNS)}"
            " FROM page p JOIN document d ON d.id = p.document_id WHERE d.kb_id = ? AND p.digest IS NOT NULL",
            (kb_id,),
        )
        for document_id, digest, *columns in rows:
            if hashlib.blake2b(b"\0".join(columns), digest_size=8).digest() != digest:
                yield document_id

    def glance(self, count: int) -> set[int]:
        """Look at `count` neighbouring passages somewhere: the knowledge bases of those whose text or vector is not what
        was put in. About a millisecond for 32.
        """
        # One by one: only an aggregate that is alone is looked up instead of read through.
        least, most = self._database.row(
            "SELECT coalesce((SELECT min(id) FROM chunk), 0), coalesce((SELECT max(id) FROM chunk), 0)"
        )
        start = random.randint(least, most)  # noqa: S311 - which ones is nobody's secret
        statement = self._passage(
            more=", v.data, v.digest, e.dimensions",
            joined="JOIN kb ON kb.id = d.kb_id JOIN embedder e ON e.id = kb.embedder_id"
            " LEFT JOIN vector v ON v.embedder_id = kb.embedder_id AND v.key = c.key WHERE c.id >= ?"
            " ORDER BY c.id LIMIT ?",
        )
        return {
            kb_id
            for _, kb_id, key, *passage, data, digest, dimensions in self._database.rows(statement, start, count)
            if not _is_said(key, *passage) or data is None or not sound(key, data, digest, dimensions)
        }

    def _passage(self, *, joined: str, more: str = "") -> str:
        utf8 = self._database.utf8
        return _PASSAGE.format(context=utf8("c.context"), text=utf8("p.text"), more=more, joined=joined)

    def seal(self) -> None:
        """Give rows of before there were digests theirs, as they are now."""
        with self._database.transaction() as db:
            vectors = db.execute("SELECT embedder_id, key, data FROM vector WHERE digest IS NULL").fetchall()
            db.executemany(
                "UPDATE vector SET digest = ? WHERE embedder_id = ? AND key = ?",
                ((vector_digest(key, data), embedder_id, key) for embedder_id, key, data in vectors),
            )
            pages = db.execute("SELECT document_id, number FROM page WHERE digest IS NULL").fetchall()
            for document_id, number in pages:
                columns = db.execute(
                    "SELECT label, section, blocks, text FROM page WHERE document_id = ? AND number = ?",
                    (document_id, number),
                ).fetchone()
                db.execute(
                    "UPDATE page SET digest = ? WHERE document_id = ? AND number = ?",
                    (page_digest(*columns), document_id, number),
                )


def _is_said(key: bytes, start: int, end: int, context: bytes, text: bytes | None) -> bool:
    """Whether a passage's text and context, as UTF-8, give its key."""
    if text is None:
        return False
    said = text.decode("utf-8", "replace")[start:end]
    before = context.decode("utf-8", "replace")
    return key_of(f"{before}\n{said}" if before else said) == key
