"""Texts that are no files: given by a program under an id of its own, kept as documents with the path `text:<id>`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingest.catalog import Catalog, KnowledgeBase, Passage, Source, chunk_key
from ingest.chunking import Chunker
from ingest.documents import Page, Parsed
from ingest.embedders import Embedder
from ingest.filters import Filter
from ingest.filters.allowed import Allowed
from ingest.labels import described
from ingest.lock import WriterLock
from ingest.mirror import Mirror

PREFIX = "text:"
_MEDIA_TYPE = "text/plain"
_PIPELINE = "text"
_METADATA = "metadata: "
"""A text's metadata is its document's one note, in JSON: people see it in `ingest show`."""
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Given:
    """A text with its id and metadata (JSON values)."""

    id: str
    text: str
    metadata: dict[str, Any]


class Texts:
    """Texts of one knowledge base, which is created with the first of them."""

    def __init__(
        self, catalog: Catalog, mirror: Mirror, lock: WriterLock, embedder: Embedder, chunker: Chunker, kb: str
    ) -> None:
        self._catalog, self._mirror, self._lock = catalog, mirror, lock
        self._embedder, self._chunker, self._kb = embedder, chunker, kb

    def put(self, texts: Sequence[Given]) -> None:
        """Store texts, replacing those with the same ids. Raises `ModelError` and `LibraryUnavailable`."""
        with self._lock.held(self._kb):
            kb = self._catalog.kbs.find(self._kb) or self._catalog.kbs.create(self._kb)
            self._mirror.begin(kb.id)
            embedder_id = self._catalog.kbs.bind(kb.id, self._embedder.identity)
            try:
                for at in range(0, len(texts), _BATCH):
                    self._put(kb, embedder_id, texts[at : at + _BATCH])
            finally:
                self._mirror.end(kb.id)

    def _put(self, kb: KnowledgeBase, embedder_id: int, texts: Sequence[Given]) -> None:
        for given in texts:
            text = given.text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
            pages = (Page(1, text),)
            # The id is an address, not a title: it must not be embedded.
            chunks = self._chunker.split(Parsed("", _MEDIA_TYPE, pages))
            wanted = {chunk_key(chunk): chunk.embedded_text for chunk in chunks}
            note = _METADATA + json.dumps(given.metadata, ensure_ascii=False)
            title = str(given.metadata.get("title") or given.id)
            data = text.encode("utf-8")
            source = Source(PREFIX + given.id, hashlib.sha256(data).hexdigest(), len(data), 0, _PIPELINE)
            missing = sorted(self._catalog.documents.missing_vectors(embedder_id, wanted))
            vectors: dict[bytes, bytes] = {}
            if missing:
                rows = self._embedder.embed_passages([wanted[key] for key in missing])
                vectors = {key: row.astype("<f4").tobytes() for key, row in zip(missing, rows, strict=True)}
            parsed = Parsed(title, _MEDIA_TYPE, pages, (note,), details=tuple(described(given.metadata)))
            embed = self._embedder.embed_passages
            self._catalog.documents.put(kb.id, embedder_id, source, parsed, chunks, vectors, embed)

    def get(self, ids: Sequence[str]) -> dict[str, Given]:
        """The texts with these ids; ids that are not there are left out."""
        kb = self._catalog.kbs.find(self._kb)
        if kb is None:
            return {}
        known = self._catalog.documents.known(kb.id)
        found: dict[str, Given] = {}
        for name in ids:
            if (one := known.get(PREFIX + name)) is not None:
                document = self._catalog.documents.get(one.document_id)
                text = self._catalog.documents.page_text(one.document_id, 1)
                if document is not None and text is not None:
                    found[name] = Given(name, text, _metadata(document.notes))
        return found

    def remove(self, ids: Sequence[str] | None = None) -> int:
        """Delete texts by id, or every text of the knowledge base; returns how many there were."""
        kb = self._catalog.kbs.find(self._kb)
        if kb is None:
            return 0
        known = self._catalog.documents.known(kb.id)
        paths = [PREFIX + name for name in ids] if ids is not None else [p for p in known if p.startswith(PREFIX)]
        doomed = [known[path].document_id for path in dict.fromkeys(paths) if path in known]
        if doomed:
            with self._lock.held(self._kb):
                self._mirror.begin(kb.id)
                self._catalog.documents.remove(kb.id, doomed)
                self._mirror.end(kb.id)
        return len(doomed)

    def nearest(self, vector: Sequence[float], k: int, wanted: Filter | None = None) -> list[tuple[Passage, float]]:
        """The `k` passages nearest to a vector of the embedder, files and texts alike, with their cosines; of documents
        that fit `wanted`.
        """
        kb = self._catalog.kbs.find(self._kb)
        if kb is None or not kb.chunks:
            return []
        within = Allowed(self._catalog).passages(kb.id, wanted) if wanted else None
        found = dict(self._mirror.query(kb.id, np.asarray(vector, np.float32), k, kb.chunks, within))
        passages = self._catalog.documents.passages(list(found))
        return [(passage, found[passage.chunk_id]) for passage in passages]


def _metadata(notes: Sequence[str]) -> dict[str, Any]:
    for note in notes:
        if note.startswith(_METADATA):
            value: dict[str, Any] = json.loads(note.removeprefix(_METADATA))
            return value
    return {}
