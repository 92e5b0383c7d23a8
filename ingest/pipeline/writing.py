"""Last stage: one catalog transaction per document, and the vector index told in the background."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.catalog import Catalog, Source
from ingest.documents import Document
from ingest.embedders import Embedder
from ingest.errors import LoadError
from ingest.mirror import Mirror
from ingest.pipeline.bounded import Bounded
from ingest.pipeline.run import Job, Run
from ingest.places import gone
from ingest.scan import Found

logger = logging.getLogger(__name__)

_CAPACITY = 1_000_000
"""Characters of documents that may wait to be written."""
_INDEX_EVERY = 5.0
"""Seconds between two tellings of the vector index: big batches are cheap, readers wait for little."""


@dataclass(frozen=True, slots=True)
class _Twin:
    """A file whose content the catalog has already."""

    source: Source
    found: Found
    original_id: int


class Writer:
    """Writes what the other stages finish, in one thread, in the order it is handed over."""

    def __init__(
        self,
        catalog: Catalog,
        mirror: Mirror,
        embedder: Embedder,
        run: Run,
        *,
        kb_id: int,
        embedder_id: int,
        steps: Callable[[str], None],
    ) -> None:
        self._catalog, self._mirror, self._embedder, self._run = catalog, mirror, embedder, run
        self._kb_id, self._embedder_id, self._steps = kb_id, embedder_id, steps
        self._waiting = _Waiting()
        self._todo: Bounded[Job | _Twin] = Bounded(_CAPACITY)
        self._touched: list[tuple[int, int, int]] = []
        self._wrote = threading.Event()
        self._ended = threading.Event()

    # -- called by the reader -------------------------------------------------------------------------

    def touch(self, document_id: int, found: Found) -> None:
        """The file's time changed, its content did not."""
        self._touched.append((document_id, found.size, found.mtime_ns))

    def twin(self, source: Source, found: Found) -> bool:
        """True when the content is known, or being read now: then the file need not be parsed."""
        if source.path in self._run.corrections:  # they are to be made in what it says now
            return False
        with self._waiting.guard:
            if self._waiting.join(source, found):
                return True
            if (moved := self._left(source, stale=True)) is not None:  # what people said of it goes along
                self._catalog.documents.move(moved.id, source)
                self._run.corrections[source.path] = self._run.corrections.pop(moved.path, [])
            known = self._left(source)
            if known is None and not self._run.anew:
                accepted = self._run.version.accepted(source.path)
                original = self._catalog.documents.same_content(source.sha256, accepted, self._embedder_id)
                known = self._catalog.documents.get(original) if original is not None else None
            if known is None or Path(known.path).suffix.lower() != _content_key(source)[1]:
                self._waiting.begin(source)
                return False
        return self._todo.put(_Twin(source, found, known.id))

    def refuse(self, source: Source, error: LoadError) -> None:
        """The file can't be read, and neither can its copies."""
        with self._waiting.guard:
            others = self._waiting.end(source)
        for path in (source.path, *(other.path for other, _ in others)):
            self._run.refused(path, error)

    # -- called by the embedding stage ----------------------------------------------------------------

    def write(self, job: Job) -> None:
        """Hand over a document whose passages are all embedded."""
        self._todo.put(job, job.weight)

    def finish(self) -> None:
        """Nothing more will be handed over."""
        self._todo.finish()

    # -- the two threads ------------------------------------------------------------------------------

    def work(self) -> None:
        """Write until `finish`; an error of the catalog halts the run and drops what waits."""
        try:
            while (item := self._todo.get()) is not None:
                self._steps("storing")
                if isinstance(item, _Twin):
                    self._copy(item)
                else:
                    self._put(item)
                self._steps("stored")
                self._wrote.set()
            if self._touched:
                self._catalog.documents.touch(self._touched)
        except BaseException as error:  # noqa: BLE001 - carried to the caller's thread
            self._run.halt(error)
            self._todo.abandon()
        finally:
            self._ended.set()
            self._wrote.set()

    def index(self) -> None:
        """Tell the vector index what has been written, now and then, until the writing has ended."""
        while not self._ended.is_set():
            self._wrote.wait()
            self._wrote.clear()
            if self._ended.is_set():
                return
            self._steps("indexing")
            try:
                self._mirror.sync(self._kb_id)
            except Exception as error:  # noqa: BLE001 - `Mirror.end` tries again and mends or raises
                logger.warning("The vector index lags behind (%s).", error)
                return
            self._steps("indexed")
            self._ended.wait(_INDEX_EVERY)

    def _put(self, job: Job) -> None:
        embed = self._embedder.embed_passages
        original = self._catalog.documents.put(
            self._kb_id, self._embedder_id, job.source, job.parsed, job.chunks, job.vectors, embed
        )
        parsed = job.parsed
        self._run.stored(job.source, len(parsed.pages), len(job.chunks), parsed.notes, job.begun)
        left = [path for path in self._run.inner.get(job.source.path, ()) if path not in job.attached]
        if left:
            ids = [self._run.known[path].document_id for path in left]
            self._run.removed += self._catalog.documents.remove(self._kb_id, ids)
        with self._waiting.guard:
            others = self._waiting.end(job.source)
        if job.attached:  # which are not stored yet
            self._run.again += [found for _, found in others]
        elif others:
            self._steps("copying")
            for source, found in others:
                # Of this very document: another with the same bytes may have another suffix, and be read otherwise.
                self._copy(_Twin(source, found, original))

    def _copy(self, twin: _Twin) -> None:
        """Adopt the content under the new path, that of documents within it too."""
        original = self._catalog.documents.get(twin.original_id)
        if original is None:
            self._run.again.append(twin.found)
            return
        known = self._catalog.documents.known(self._catalog.kbs.get(original.kb).id, original.path + os.sep)
        if not self._adopt(twin.source, original):
            self._run.again.append(twin.found)
            return
        for path, one in known.items():
            if (part := self._catalog.documents.get(one.document_id)) is not None:
                place = twin.source.path + path[len(original.path) :]
                self._run.within(1)
                self._adopt(Source(place, one.sha256, one.bytes, twin.source.mtime_ns, one.pipeline), part)

    def _adopt(self, source: Source, original: Document) -> bool:
        """The same content at another place; when it is gone from where it was, the document has moved. False where the
        original is gone."""
        begun = time.monotonic()
        left = self._left(source)
        if left is not None:
            self._catalog.documents.move(left.id, source)
            self._run.moved(source, original.pages, original.chunks)
        elif self._catalog.documents.adopt(self._kb_id, source, original.id) is None:
            return False
        else:
            self._run.stored(source, original.pages, original.chunks, original.notes, begun)
        return True

    def _left(self, source: Source, *, stale: bool = False) -> Document | None:
        """The document of this knowledge base that was read from the same content at a place where it is no more; of those
        that are as they would be read now, or (`stale`) of those that are to be read anew."""
        suffix = Path(source.path).suffix.lower()
        for path in self._run.places.get(source.sha256, ()):
            known = self._run.known[path]
            current = not self._run.anew and self._run.version.is_current(known.pipeline, source.path)
            # Under another suffix it is read by another loader.
            if Path(path).suffix.lower() == suffix and current != stale and gone(path):
                document = self._catalog.documents.get(known.document_id)
                if document is not None and document.path == path:  # and not at another new place already
                    return document
        return None


class _Waiting:
    """Files being read now, by content, and other files with the same content that wait for them."""

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self._by_content: dict[tuple[str, str], list[tuple[Source, Found]]] = {}

    def begin(self, source: Source) -> None:
        """This content is being read."""
        self._by_content[_content_key(source)] = []

    def join(self, source: Source, found: Found) -> bool:
        """Wait for the file that is being read with the same content; False when there is none."""
        others = self._by_content.get(_content_key(source))
        if others is None:
            return False
        others.append((source, found))
        return True

    def end(self, source: Source) -> list[tuple[Source, Found]]:
        """The content is stored, or was refused; gives back who waited."""
        return self._by_content.pop(_content_key(source), [])


def _content_key(source: Source) -> tuple[str, str]:
    """Two files are read alike when their bytes and their suffix are the same: 'a.csv' is not 'a.txt'."""
    return source.sha256, Path(source.path).suffix.lower()
