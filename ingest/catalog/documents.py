"""Documents with their pages, chunks and vectors. One document is one transaction: all of it or none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import corrections, passages, places
from ingest.catalog.fields import FILE, SIDECAR, USER, effective_fields, kept_fields, say_all
from ingest.catalog.rows import DOCUMENT, Known, Passage, Source, blocks_of, document_of, dump, row_of_page
from ingest.database import Database, Session, timestamp
from ingest.documents import Chunk, Document, Page, Parsed, Trace
from ingest.filters import Filter
from ingest.filters.sql import clauses

_BATCH = 500
"""Rows fetched at once where all are read."""
_AS_READ = "NOT EXISTS (SELECT 1 FROM correction x WHERE x.kb_id = d.kb_id AND x.path = d.path AND x.undone = '')"
"""Of document d: nobody has corrected it, so it may stand for another file of the same content."""


class Documents:
    """Reads and writes documents of all knowledge bases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- writing --------------------------------------------------------------------------------------

    def put(
        self,
        kb_id: int,
        embedder_id: int,
        source: Source,
        parsed: Parsed,
        chunks: Sequence[Chunk],
        vectors: Mapping[bytes, bytes],
        embed: Callable[[list[str]], NDArray[np.float32]] | None = None,
    ) -> int:
        """Store a document, replacing one at the same path, and return its id.

        `vectors` maps `chunk_key` to float32 bytes for the chunks whose vector the catalog lacks
        (`missing_vectors` says which). One that was there when it was asked may have gone since, with the last document
        that used it: `embed` makes it anew. The vector index is told through the outbox.
        """
        with self._database.transaction() as db:
            vectors = passages.completed(db, embedder_id, chunks, vectors, embed)
            kept = _kept(db, kb_id, source.path)
            former = self._remove_at(db, kb_id, source.path)
            document_id = self._insert(
                db,
                kb_id,
                source,
                (parsed.title, parsed.media_type, dump(parsed.notes), dump(astuple(parsed.trace))),
                (len(parsed.pages), len(chunks)),
            )
            say_all(
                db,
                document_id,
                {FILE: [("title", parsed.title), *(p for p in parsed.details if p[0] != "title")], **kept},
            )
            db.executemany(
                "INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?)", (row_of_page(document_id, p) for p in parsed.pages)
            )
            places.insert(db, document_id, parsed.pages)
            passages.insert(db, (kb_id, embedder_id, document_id), chunks, vectors)
            passages.drop_unused(db, former)  # only now: the new version shares most passages with the one it replaces
        return document_id

    def adopt(self, kb_id: int, source: Source, original_id: int) -> int | None:
        """Store a file whose content is already known under another path: nothing is parsed or embedded. Returns its id;
        None where the original is gone, or people have corrected it.

        The original must belong to a knowledge base with the same embedder (see `same_content`).
        """
        with self._database.transaction() as db:
            original = db.execute(
                "SELECT title, media_type, notes, trace, pages, chunks, path, pipeline FROM document d"
                f" WHERE id = ? AND {_AS_READ}",
                (original_id,),
            ).fetchone()
            if original is None:
                return None
            title, media_type, notes, trace, pages, chunks, path, pipeline = original
            kept = _kept(db, kb_id, source.path)
            former = self._remove_at(db, kb_id, source.path)
            source = replace(source, pipeline=pipeline)
            details = _retitled(kept_fields(db, original_id, FILE), path, source.path)
            title = dict(details).get("title", title)
            document_id = self._insert(db, kb_id, source, (title, media_type, notes, trace), (pages, chunks))
            say_all(db, document_id, {FILE: details, **kept})
            db.execute(
                "INSERT INTO page SELECT ?, number, label, section, blocks, text, digest FROM page WHERE document_id = ?",
                (document_id, original_id),
            )
            places.copy(db, document_id, original_id)
            db.execute(
                'INSERT INTO chunk (document_id, page, start, "end", section, context, tokens, key)'
                ' SELECT ?, page, start, "end", section, context, tokens, key FROM chunk WHERE document_id = ?'
                " ORDER BY id",
                (document_id, original_id),
            )
            texts = dict(db.execute("SELECT number, text FROM page WHERE document_id = ?", (document_id,)))
            copied = db.execute(
                'SELECT id, page, start, "end", context FROM chunk WHERE document_id = ? ORDER BY id', (document_id,)
            )
            rows = [(i, texts[page][start:end], context) for i, page, start, end, context in copied]
            passages.announce(db, kb_id, rows)
            passages.drop_unused(db, former)
        return document_id

    def move(self, document_id: int, source: Source) -> None:
        """The same file under another path: only its address changes."""
        with self._database.transaction() as db:
            kb_id, path = db.execute("SELECT kb_id, path FROM document WHERE id = ?", (document_id,)).fetchone()
            passages.drop_unused(db, self._remove_at(db, kb_id, source.path))
            db.execute("DELETE FROM correction WHERE kb_id = ? AND path = ?", (kb_id, source.path))
            db.execute("UPDATE correction SET path = ? WHERE kb_id = ? AND path = ?", (source.path, kb_id, path))
            db.execute(
                "UPDATE document SET path = ?, mtime_ns = ? WHERE id = ?", (source.path, source.mtime_ns, document_id)
            )
            say_all(db, document_id, {FILE: _retitled(kept_fields(db, document_id, FILE), path, source.path)})
            db.execute("UPDATE kb SET generation = generation + 1 WHERE id = ?", (kb_id,))

    def touch(self, seen: Iterable[tuple[int, int, int]]) -> None:
        """Note new (document id, bytes, mtime_ns) of files whose content did not change."""
        with self._database.transaction() as db:
            db.executemany("UPDATE document SET bytes = ?, mtime_ns = ? WHERE id = ?", ((b, m, i) for i, b, m in seen))

    def remove(self, kb_id: int, document_ids: Sequence[int]) -> int:
        """Delete documents with their pages, chunks, vectors and corrections; returns how many there were."""
        with self._database.transaction() as db:
            removed = 0
            for document_id in document_ids:
                db.execute(
                    "DELETE FROM correction WHERE kb_id = ? AND path IN (SELECT path FROM document WHERE id = ?)",
                    (kb_id, document_id),
                )
                count, former = self._remove(db, kb_id, document_id)
                passages.drop_unused(db, former)
                removed += count
            db.execute("UPDATE kb SET generation = generation + 1 WHERE id = ?", (kb_id,))
        return removed

    @staticmethod
    def _insert(
        db: Session,
        kb_id: int,
        source: Source,
        said: tuple[str, str, str, str],
        counts: tuple[int, int],
    ) -> int:
        """`said`: title, media type, notes and trace; `counts`: pages and chunks."""
        (document_id,) = db.execute(
            "INSERT INTO document (kb_id, path, sha256, bytes, mtime_ns, pipeline, title, media_type, notes, trace,"
            " pages, chunks, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                kb_id,
                source.path,
                source.sha256,
                source.bytes,
                source.mtime_ns,
                source.pipeline,
                *said,
                *counts,
                timestamp(),
            ),
        ).fetchone()
        return int(document_id)

    def _remove_at(self, db: Session, kb_id: int, path: str) -> list[tuple[bytes]]:
        """Make room at a path; returns the keys of vectors that may be unused now, for `passages.drop_unused`."""
        row = db.execute("SELECT id FROM document WHERE kb_id = ? AND path = ?", (kb_id, path)).fetchone()
        if row:
            return self._remove(db, kb_id, row[0])[1]
        return []

    @staticmethod
    def _remove(db: Session, kb_id: int, document_id: int) -> tuple[int, list[tuple[bytes]]]:
        """Documents removed (0 or 1) and the keys of the vectors they used."""
        keys = passages.clear(db, kb_id, document_id)
        return db.execute("DELETE FROM document WHERE id = ?", (document_id,)).rowcount, keys

    # -- reading --------------------------------------------------------------------------------------

    def known(self, kb_id: int, within: str = "") -> dict[str, Known]:
        """Every path of a knowledge base with what decides whether the file must be read again; those that begin with
        `within`."""
        rows = self._database.rows(
            "SELECT path, id, sha256, bytes, mtime_ns, pipeline FROM document WHERE kb_id = ? AND path >= ? AND path < ?",
            kb_id,
            within,
            f"{within}\U0010ffff",
        )
        return {row[0]: Known(*row[1:]) for row in rows}

    def same_content(self, sha256: str, pipelines: Sequence[str], embedder_id: int) -> int | None:
        """Id of a document with this content, read by one of these pipelines, with vectors of this embedder."""
        row = self._database.row(
            "SELECT d.id FROM document d JOIN kb ON kb.id = d.kb_id"
            f" WHERE d.sha256 = ? AND d.pipeline IN ({passages.marks(pipelines)}) AND kb.embedder_id = ? AND {_AS_READ}"
            " ORDER BY d.id LIMIT 1",
            sha256,
            *pipelines,
            embedder_id,
        )
        return row[0] if row else None

    def missing_vectors(self, embedder_id: int, keys: Iterable[bytes]) -> set[bytes]:
        """Those of `keys` whose vector the catalog does not hold for this embedder."""
        with self._database.reading() as db:
            return passages.missing(db, embedder_id, list(dict.fromkeys(keys)))

    def all(self, kb_id: int, wanted: Filter | None = None) -> list[Document]:
        """The documents of a knowledge base, by path; of them those that fit `wanted`."""
        text, values = clauses(wanted) if wanted else ("TRUE", [])
        return self._found(f"d.kb_id = ? AND {text}", kb_id, *values)

    def get(self, document_id: int) -> Document | None:
        """A document by its id."""
        return next(iter(self._found("d.id = ?", document_id)), None)

    def _found(self, which: str, *values: object) -> list[Document]:
        with self._database.reading() as db:
            rows = db.execute(f"{DOCUMENT} WHERE {which} ORDER BY d.path", values).fetchall()
            said = effective_fields(
                db.execute(
                    "SELECT f.document_id, f.name, f.value FROM field f JOIN document d ON d.id = f.document_id"
                    f" WHERE {which} AND f.effective = 1 ORDER BY f.name, f.folded",
                    values,
                ).fetchall()
            )
        return [document_of(row, said.get(row[0], {})) for row in rows]

    def pages(self, document_id: int) -> list[Page]:
        """The stored pages of a document, in order."""
        rows = self._database.rows(
            "SELECT number, text, blocks, section, label FROM page WHERE document_id = ? ORDER BY number", document_id
        )
        lines = places.of(self._database, document_id)
        return [
            Page(number, text, blocks_of(blocks), tuple(json.loads(section)), label, lines.get(number, ()))
            for number, text, blocks, section, label in rows
        ]

    def trace(self, document_id: int) -> Trace | None:
        """How a document was read; None where that was before traces were kept."""
        row = self._database.row("SELECT trace FROM document WHERE id = ?", document_id)
        if not row or not row[0]:
            return None
        loader, library, ocr, seconds, pages = json.loads(row[0])
        return Trace(loader, library, ocr, seconds, tuple((number, how) for number, how in pages))

    def contents(self) -> set[str]:
        """SHA-256 of every file there is a document of."""
        return {row[0] for row in self._database.rows("SELECT DISTINCT sha256 FROM document")}

    def page_text(self, document_id: int, page: int) -> str | None:
        """Stored text of one page; None when there is no such page."""
        row = self._database.row("SELECT text FROM page WHERE document_id = ? AND number = ?", document_id, page)
        return row[0] if row else None

    def chunks(self, document_id: int) -> list[Chunk]:
        """The chunks of a document, in order."""
        texts = {page.number: page.text for page in self.pages(document_id)}
        rows = self._database.rows(
            'SELECT page, start, "end", section, context, tokens FROM chunk WHERE document_id = ? ORDER BY id',
            document_id,
        )
        return [
            Chunk(page, start, end, texts[page][start:end], tuple(json.loads(section)), context, tokens)
            for page, start, end, section, context, tokens in rows
        ]

    def texts(self, kb_id: int) -> Iterator[tuple[int, str, str]]:
        """(chunk id, text, context) of every passage of a knowledge base, as the lexical index takes them; bytes that are
        no UTF-8 don't stop it.
        """
        utf8 = self._database.utf8
        found = self._database.batches(
            _BATCH,
            f"SELECT c.id, c.start, c.end, {utf8('c.context')}, {utf8('p.text')}"
            " FROM chunk c JOIN document d ON d.id = c.document_id"
            " LEFT JOIN page p ON p.document_id = c.document_id AND p.number = c.page"
            " WHERE d.kb_id = ? ORDER BY c.id",
            kb_id,
        )
        for rows in found:
            for chunk_id, start, end, context, text in rows:
                yield chunk_id, (text or b"").decode("utf-8", "replace")[start:end], context.decode("utf-8", "replace")

    def passages(self, chunk_ids: Sequence[int]) -> list[Passage]:
        """The passages with these ids, in the order given; ids that are gone are left out."""
        found: dict[int, Passage] = {}
        with self._database.reading() as db:
            for part in passages.parts(chunk_ids):
                rows = db.execute(
                    "SELECT c.id, d.id, d.title, d.path, c.page, p.label, c.section, c.start, c.end, p.text, c.context,"
                    " kb.name FROM chunk c JOIN document d ON d.id = c.document_id JOIN kb ON kb.id = d.kb_id"
                    " JOIN page p ON p.document_id = c.document_id AND p.number = c.page"
                    f" WHERE c.id IN ({passages.marks(part)})",
                    part,
                ).fetchall()
                made = corrections.by_page(db, [*{row[1] for row in rows}])
                for chunk_id, document_id, title, path, page, label, section, start, end, text, context, kb in rows:
                    place = (tuple(json.loads(section)), start, end, text[start:end], context, kb)
                    day = corrections.last_day(made.get((document_id, page), ()), text, start, end)
                    found[chunk_id] = Passage(chunk_id, document_id, title, path, page, label, *place, day)
        return [found[i] for i in chunk_ids if i in found]


def _retitled(details: Sequence[tuple[str, str]], path: str, new: str) -> list[tuple[str, str]]:
    """What a file says, at another path: one without a title of its own is called after its name."""
    return [
        (name, Path(new).stem if name == "title" and value == Path(path).stem else value) for name, value in details
    ]


def _kept(db: Session, kb_id: int, path: str) -> dict[int, list[tuple[str, str]]]:
    """What others than the file say of the document at a path: it stays when the file is read anew."""
    row = db.execute("SELECT id FROM document WHERE kb_id = ? AND path = ?", (kb_id, path)).fetchone()
    return {origin: kept_fields(db, row[0], origin) for origin in (USER, SIDECAR)} if row else {}
