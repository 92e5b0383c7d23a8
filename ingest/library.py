"""The library: everything a person or a program does with documents, one method each."""

from __future__ import annotations

import contextlib
import logging
import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.closing import Closing
from ingest.database import only_in_files
from ingest.errors import LibraryUnavailable
from ingest.filters import Filter, Where, filter_of
from ingest.finding import Bases, Finder, Reread, base_names, by_embedder
from ingest.following import follow
from ingest.holdings import Holdings
from ingest.labels import labels
from ingest.language import say
from ingest.naming import named, with_parts
from ingest.queries import checked_count, checked_query
from ingest.recognition.recogniser import FOLDER, forget
from ingest.sqlite import nobody_writes
from ingest.syncing import Syncing

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever
    from langchain_core.vectorstores import VectorStore

    from ingest.archive import Restored
    from ingest.calibration import Calibration
    from ingest.catalog import Catalog, KnowledgeBase
    from ingest.chunking import Chunker
    from ingest.correcting import Correcting
    from ingest.documents import Correction, Document, Hit, Report
    from ingest.embedders import Embedder
    from ingest.evidence import Evidence
    from ingest.health import Finding, Health
    from ingest.lock import WriterLock
    from ingest.mirror import Mirror
    from ingest.pipeline import Pipeline
    from ingest.progress import Progress
    from ingest.recognition.options import Mode
    from ingest.search import Searcher
    from ingest.settings import Settings
    from ingest.texts import Texts

logger = logging.getLogger(__name__)

_GLANCE_EVERY, _GLANCE = 8, 32
"""Searches for one look at some stored passages, and how many are looked at: about a millisecond."""


class Library(Holdings, Closing):
    """Documents in, hits out. Made by `ingest.open_library`, which puts the parts in.

    Reading is safe from any thread. Of writers, threads wait for each other and another process gets `LibraryLocked`.
    """

    def __init__(
        self,
        *,
        home: Path,
        settings: Settings,
        catalog: Catalog,
        mirror: Mirror,
        mirror_at: Callable[[Path], Mirror],
        lock: WriterLock,
        embedder_for: Callable[..., Embedder],
        chunker_for: Callable[[Embedder], Chunker],
        searcher_for: Callable[[Sequence[KnowledgeBase], Embedder, Filter], Searcher],
        pipeline_for: Callable[..., Pipeline],
        evidence: Callable[[str, Sequence[Hit], Embedder], Evidence],
        calibration: Callable[[Embedder], Calibration],
        reread: Reread | None = None,
    ) -> None:
        self.home, self.settings = home, settings
        super().__init__(catalog)
        self._mirror, self._mirror_at, self._lock = mirror, mirror_at, lock
        self._embedder_for, self._chunker_for, self._pipeline_for = embedder_for, chunker_for, pipeline_for
        self._evidence, self._calibration = evidence, calibration
        self._finder = Finder(
            lambda bases, wanted: searcher_for(bases, self._embedder_of(bases[0]), wanted),
            catalog.documents.passages,
            reread,
        )

    @property
    def embedder(self) -> Embedder:
        """The embedder that the settings name; a knowledge base keeps the one it was made with."""
        return self._embedder_for(self.settings.embedder)

    # -- documents ------------------------------------------------------------------------------------

    def add(
        self,
        paths: str | Path | Sequence[str | Path],
        kb: str = "default",
        *,
        tags: Sequence[str] = (),
        workers: int | None = None,
        prune: bool = False,
        sure: bool = False,
        keep: bool = False,
        depth: int = 0,
        reread: bool = False,
        ocr: Mode | None = None,
        dry_run: bool = False,
        progress: Callable[[Progress], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Report:
        """Bring files, folders, globs and pages of the web into a knowledge base, which is created when it is new.

        What is unchanged is skipped, what changed is replaced, what can't be read is in `Report.failed`. `tags`, as for
        `tag`, are given to every file named. `prune` removes documents whose file is gone from an added folder; where that
        folder has no file left, or more than half of the knowledge base would go, it raises `PruneDoubtful` first, unless
        `sure`; with `keep` they are only named. `depth`: links followed from a page of a site. `reread` looks into files of
        the same size and time too; `ocr` reads all anew with text recognition so set, which holds until they change;
        `dry_run` only says what would happen. `stop` ends it cleanly. Raises `UsageError` for a path that isn't there.
        """
        with self._catalog.sparing():
            embedder = self._embedder_of(self._catalog.kbs.find(kb))
            report = self._pipeline_for(embedder, ocr).add(
                [paths] if isinstance(paths, str | Path) else paths,
                kb,
                said=labels(tags),
                workers=workers,
                prune=prune,
                sure=sure,
                keep=keep,
                depth=depth,
                reread=reread,
                dry_run=dry_run,
                progress=progress,
                stop=stop,
            )
            if report.embedded_chunks and not report.interrupted:
                # A new embedder is calibrated now, when a person expects to wait, not at the first question.
                self._calibration(embedder)
        return report

    @property
    def syncing(self) -> Syncing:
        """The folders and sites that knowledge bases follow: bring them in step, list them, follow them no longer."""
        from ingest.lock import open_locks

        return Syncing(self._catalog, self.add, lambda: open_locks(self.home, self.settings.store))

    def remove(self, documents: Sequence[str], kb: str = "default") -> int:
        """Delete documents (named as in `document`) everywhere, those within them too; returns how many."""
        found, listed = self._catalog.kbs.get(kb), self.documents(kb)
        ids = with_parts([named(listed, name, kb) for name in documents], self._catalog.documents.known(found.id))
        with self._lock.held(kb):
            self._mirror.begin(found.id)
            removed = self._catalog.documents.remove(found.id, ids)
            self._mirror.end(found.id)
            self._forget()
        return removed

    def _forget(self) -> None:
        """What was recognised goes with the last document it was recognised in."""
        forget(self.home / FOLDER, self._catalog.documents.contents())

    def tag(
        self, documents: Sequence[str], names: Sequence[str], kb: str = "default", *, remove: bool = False
    ) -> list[Document]:
        """Give documents (named as in `document`) tags ('合同') and fields ('owner=Li'; 'owner=' takes it away), or with
        `remove` take them away; returns them as they are then. What a file or its sidecar says stays. Raises `UsageError`.
        """
        said, known = labels(names), self.documents(kb)
        ids = [named(known, name, kb).id for name in documents]
        with self._lock.held(kb):
            for document_id in ids:
                self._catalog.fields.add(document_id, said, remove=remove)
        return [found for i in ids if (found := self._catalog.documents.get(i))]

    def correct(
        self,
        document: str,
        former: str,
        text: str,
        kb: str = "default",
        *,
        page: int | None = None,
        start: int | None = None,
        who: str = "",
    ) -> list[Correction]:
        """Let `text` stand where `former` does in a document (named as in `document`), on any page unless one is named, there
        at `start`; returns `corrections`. Whoever cites the passage says that it was corrected, and a file that is read
        anew is corrected anew, or its notes say what fits no longer. Raises `UsageError`."""
        self._correcting(kb).correct(found := self.document(document, kb), former, text, page, start, who)
        return self.corrections(str(found.id), kb)

    def revert(self, document: str, number: int, kb: str = "default") -> list[Correction]:
        """Take a correction of a document back, by its `id`; returns `corrections`. Raises `UsageError`."""
        found, made = self.document(document, kb), self.corrections(document, kb)
        self._correcting(kb).revert(found, made, number)
        return self.corrections(str(found.id), kb)

    def _correcting(self, kb: str) -> Correcting:
        from ingest.correcting import Correcting

        embedder = self._embedder_of(self._catalog.kbs.get(kb))
        return Correcting(self._catalog, self._mirror, self._lock, embedder, self._chunker_for(embedder))

    def search(self, query: str, kb: Bases = "default", k: int | None = None, *, where: Where = None) -> list[Hit]:
        """The `k` best passages for a question, best first, out of one knowledge base or several.

        `where`, a filter (docs/filters.md), says which documents they may be from. Raises `UsageError`.
        """
        query, wanted, k = checked_query(query), filter_of(where), checked_count(k, self.settings.k)
        bases = [self._catalog.kbs.get(name) for name in base_names(kb)]
        if any(base.chunks for base in bases) and random.randrange(_GLANCE_EVERY) == 0:  # noqa: S311 - when is no secret
            self._glance()
        return self._finder.find(query, bases, k, wanted)

    def _glance(self) -> None:
        """The rolling check: what it finds is said, and marks the knowledge base as unsound until it is mended."""
        for kb_id in self._catalog.proofs.glance(_GLANCE):
            what = "Stored passages are not what was put in; `ingest doctor --repair` mends them."
            logger.warning(say(what, "存储的片段与写入时不一致；请运行 `ingest doctor --repair` 修复。"))
            with contextlib.suppress(LibraryUnavailable):  # a home that can't be written stays unmarked
                self._catalog.kbs.mark(kb_id, dirty=True)

    def evidence(self, query: str, hits: Sequence[Hit], kb: Bases = "default") -> Evidence:
        """Whether the best of `hits`, found in one or several knowledge bases, is evidence enough to answer from."""
        by_base = {name: self._embedder_of(self._catalog.kbs.find(name)) for name in base_names(kb)}
        judged = [self._evidence(query, mine, embedder) for embedder, mine in by_embedder(hits, by_base)]
        return max(judged, key=lambda found: found.strength)

    def embedder_of(self, kb: Bases = "default") -> Embedder:
        """The embedder of a knowledge base (of several the first); the configured one while it is empty or unknown."""
        return self._embedder_of(self._catalog.kbs.find(base_names(kb)[0]))

    def calibration(self, embedder: Embedder) -> Calibration:
        """How the embedder's cosines lie; worked out at the first call for it and kept in the catalog."""
        return self._calibration(embedder)

    # -- knowledge bases ------------------------------------------------------------------------------

    def create_kb(self, name: str) -> KnowledgeBase:
        """A new, empty knowledge base. Raises `UsageError` when the name is taken."""
        with self._lock.held(name):
            return self._catalog.kbs.create(name)

    def rename_kb(self, name: str, new: str) -> None:
        """Give a knowledge base another name."""
        with self._lock.held(name):
            self._catalog.kbs.rename(name, new)
            follow(self.home, self.settings.store, name, new)

    def remove_kb(self, name: str) -> None:
        """Delete a knowledge base and everything in it."""
        with self._lock.held(name):
            self._catalog.kbs.remove(kb_id := self._catalog.kbs.get(name).id)
            self._mirror.drop(kb_id)
            follow(self.home, self.settings.store, name)
            self._forget()

    # -- upkeep ---------------------------------------------------------------------------------------

    def doctor(self, *, repair: bool = False) -> list[Finding]:
        """Check all that is kept against what it was made of, some seconds per 10,000 passages; `repair` mends it."""
        if repair:
            with self._lock.held():
                self._mirror.sweep()
                return self._health(self._mirror).examine(repair=True)
        if not nobody_writes(self.home):
            for kb in self._catalog.kbs.all():  # what a killed or restored library owes the index is no damage
                if kb.dirty:
                    with contextlib.suppress(LibraryUnavailable), self._lock.held(kb.name, wait_for_threads=False):
                        self._mirror.begin(kb.id)
            return self._health(self._mirror).examine(repair=False)
        # Chroma writes even where it only reads, so what lies where nobody writes is looked at in a copy.
        from ingest.health import copied_index

        with copied_index(self.home) as folder, contextlib.closing(self._mirror_at(folder)) as mirror:
            return self._health(mirror).examine(repair=False)

    def _health(self, mirror: Mirror) -> Health:
        from ingest.health import Health

        def reread(kb: KnowledgeBase, path: str) -> None:
            self._pipeline_for(self._embedder_of(kb)).add([path], kb.name, anew=True)

        return Health(self._catalog, mirror, self._embedder_of, reread)

    def rebuild(
        self, kb: str = "default", embedder: str | None = None, progress: Callable[[int, int], None] | None = None
    ) -> int:
        """Build the vector index again; returns how many documents it covers.

        From the catalog's own vectors, unless `embedder` names another than the knowledge base has, or its own was
        superseded: then everything is embedded anew beside the old vectors, and they are switched at the end.
        """
        found = self._catalog.kbs.get(kb)
        wanted = self._embedder_for(embedder or self._embedder_of(found).identity.name)
        with self._lock.held(kb):
            if found.embedder_key and wanted.identity.key != found.embedder_key:
                from ingest.rebuild import Rebuild

                self._mirror.begin(found.id)
                return Rebuild(self._catalog, self._mirror, wanted, self._chunker_for(wanted)).run(found, progress)
            if found.embedder_key:
                from ingest.health import Mender

                Mender(self._catalog, self._mirror, found, wanted).run()
            self._mirror.refill(found.id)
        return found.documents

    def compact(self) -> int:
        """Make files that grew as documents came and went as small as new ones; returns how many bytes that freed."""
        from ingest.rebuild import compact

        with self._lock.held():
            return compact(self.home, self._catalog, self._mirror)

    def backup(self, file: str | Path) -> int:
        """Write everything to one archive; returns its size in bytes."""
        from ingest.archive import backup

        return backup(only_in_files(self.home, self.settings.store), Path(file))

    def restore(self, file: str | Path) -> Restored:
        """Put a backup in place of what is here, which others may have open; says where that is now, and what was left."""
        from ingest.archive import restore

        with self._lock.held():
            return restore(Path(file), only_in_files(self.home, self.settings.store))

    def close(self) -> None:
        """Close files; the object is not used afterwards."""
        self._mirror.close()
        self._catalog.close()
        self._lock.close()

    def texts(self, kb: str = "default") -> Texts:
        """Texts that are no files, of one knowledge base: put, get, remove by an id of the caller's."""
        from ingest.texts import Texts

        embedder = self._embedder_of(self._catalog.kbs.find(kb))
        return Texts(self._catalog, self._mirror, self._lock, embedder, self._chunker_for(embedder), kb)

    def as_retriever(self, kb: str = "default", k: int | None = None, *, where: Where = None) -> BaseRetriever:
        """This knowledge base, or its documents that fit a filter, as a LangChain retriever."""
        from ingest.langchain import LibraryRetriever

        return LibraryRetriever(library=self, kb=kb, k=k or self.settings.k, where=filter_of(where))

    def as_vectorstore(self, kb: str = "default", *, where: Where = None) -> VectorStore:
        """This knowledge base as a LangChain vector store; it finds documents that fit a filter."""
        from ingest.langchain import LibraryVectorStore

        return LibraryVectorStore(self, kb, filter_of(where))

    def _embedder_of(self, kb: KnowledgeBase | None) -> Embedder:
        """The embedder a knowledge base was made with, or the configured one. Raises `UsageError` when its model changed."""
        if kb is None or not kb.embedder_key:
            return self.embedder
        if (found := self._embedder_for(kb.embedder, kb.embedder_key)).identity.key != kb.embedder_key:
            from ingest.rebuild import superseded

            raise superseded(kb)
        return found
