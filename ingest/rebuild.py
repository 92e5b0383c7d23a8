"""What is made anew: a knowledge base's vectors by another embedder, beside the old ones, then switched; and files that grew as
documents came and went, as small as new ones.

The files themselves are not needed. A rebuild that is cut off goes on where it stopped, because every
document it finished is already in the staged knowledge base; until the switch, people search the old one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingest.catalog import Catalog, KnowledgeBase, Source, chunk_key
from ingest.chunking import Chunker
from ingest.documents import Document, Parsed
from ingest.embedders import Embedder
from ingest.errors import UsageError
from ingest.language import Text
from ingest.mirror import Mirror
from ingest.sqlite import SqliteFile

_BATCH = 64


class Rebuild:
    """Moves a knowledge base to the embedder given. Callers hold the writer lock."""

    def __init__(self, catalog: Catalog, mirror: Mirror, embedder: Embedder, chunker: Chunker) -> None:
        self._catalog, self._mirror, self._embedder, self._chunker = catalog, mirror, embedder, chunker

    def run(self, kb: KnowledgeBase, progress: Callable[[int, int], None] | None = None) -> int:
        """Re-embed every document; returns how many. `progress` gets (documents done, documents in all)."""
        staged = self._staged(kb)
        embedder_id = self._catalog.kbs.bind(staged, self._embedder.identity)
        known = self._catalog.documents.known(kb.id)
        done = self._catalog.documents.known(staged)
        # What went from the knowledge base since an earlier rebuild was cut off must not come back with this one.
        if gone := [one.document_id for path, one in done.items() if path not in known]:
            self._catalog.documents.remove(staged, gone)
        documents = self._catalog.documents.all(kb.id)
        for position, document in enumerate(documents, 1):
            old, new = known[document.path], done.get(document.path)
            if new is None or new.sha256 != old.sha256:
                source = Source(document.path, old.sha256, old.bytes, old.mtime_ns, old.pipeline)
                staged_id = self._embed(staged, embedder_id, document, source)
            else:
                staged_id = new.document_id
            self._catalog.fields.copy(document.id, staged_id)  # also of one finished earlier: tags may have changed
            if progress:
                progress(position, len(documents))
        self._mirror.end(staged)
        self._catalog.kbs.switch(staged, kb.id)
        self._mirror.drop(kb.id)
        return len(documents)

    def _staged(self, kb: KnowledgeBase) -> int:
        name = f"~{kb.id}:{self._embedder.identity.fingerprint[:12]}"
        for kb_id, other in self._catalog.kbs.staging():
            if other == name:
                return kb_id
        return self._catalog.kbs.create(name, staging_for=kb.id).id

    def _embed(self, kb_id: int, embedder_id: int, document: Document, source: Source) -> int:
        parsed = Parsed(
            document.title, document.media_type, tuple(self._catalog.documents.pages(document.id)), document.notes
        )
        chunks = self._chunker.split(parsed)
        texts = {chunk_key(chunk): chunk.embedded_text for chunk in chunks}
        wanted = sorted(self._catalog.documents.missing_vectors(embedder_id, texts))
        vectors: dict[bytes, bytes] = {}
        for at in range(0, len(wanted), _BATCH):
            part = wanted[at : at + _BATCH]
            rows = self._embedder.embed_passages([texts[key] for key in part])
            vectors.update((key, row.astype("<f4").tobytes()) for key, row in zip(part, rows, strict=True))
        return self._catalog.documents.put(
            kb_id, embedder_id, source, parsed, chunks, vectors, self._embedder.embed_passages
        )


def superseded(kb: KnowledgeBase) -> UsageError:
    """For a knowledge base whose embedder is here in another version or setting."""
    return UsageError(
        Text(
            f"'{kb.name}' was embedded by another version or setting of '{kb.embedder}'.",
            f"“{kb.name}” 使用了 “{kb.embedder}” 的另一版本或设置生成向量。",
        ),
        Text(
            f"`ingest rebuild --kb '{kb.name}' --embedder '{kb.embedder}'` embeds it again.",
            f"请运行 `ingest rebuild --kb '{kb.name}' --embedder '{kb.embedder}'` 重新生成。",
        ),
    )


_EMPTY, _BESIDE = 400_000, 700
"""Bytes of Chroma's files without a vector, and of each vector beside its numbers (links, its name, rows of SQLite): within a
tenth of new ones of 150 to 200,000 vectors of 384 dimensions."""


def compact(home: Path, catalog: Catalog, mirror: Mirror) -> int:
    """Build the vector index of `home` anew, whose graph keeps what was deleted, and the catalog's file without its free
    pages; returns how many bytes that freed. The caller holds the writer lock. Raises `LibraryUnavailable`.
    """
    before = _bytes(home / "index")
    mirror.rebuild_all()
    return max(0, before - _bytes(home / "index")) + catalog.database.shrink()


def spare(catalog: Catalog) -> int:
    """About how many bytes `compact` would free, where the index or the catalog is half as large again as a new one; else 0,
    as for a library at a server, which sees to its own."""
    sizes = [catalog.vectors.size(kb.id) for kb in catalog.kbs.all()]
    new = _EMPTY + sum(count * (4 * dimensions + _BESIDE) for count, dimensions in sizes)
    database = catalog.database
    if not isinstance(database, SqliteFile):
        return 0
    index, free = _bytes(catalog.home / "index"), database.free()
    grown = index > 1.5 * new or 3 * free > database.path.stat().st_size
    return max(0, index - new) + free if grown else 0


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
