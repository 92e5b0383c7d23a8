"""The stages put together, and everything around them: what is unchanged, what is gone, how it ends."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from ingest.apart.threads import begun
from ingest.catalog import Catalog, Known
from ingest.chunking import Chunker
from ingest.documents import Report
from ingest.embedders import Embedder
from ingest.errors import LibraryUnavailable, LoadError, UsageError
from ingest.language import Text
from ingest.lock import WriterLock
from ingest.mirror import Mirror
from ingest.packed import collect
from ingest.parsing import Parser
from ingest.pipeline.bounded import Bounded
from ingest.pipeline.describing import describe
from ingest.pipeline.embedding import Embedding
from ingest.pipeline.pruning import check_prune, to_prune
from ingest.pipeline.reading import Bringing, Reader, source_of
from ingest.pipeline.run import Job, Run, Version
from ingest.pipeline.writing import Writer
from ingest.places import is_url
from ingest.progress import Progress
from ingest.recognition import Recognition
from ingest.recognition.options import Mode
from ingest.recognition.recogniser import FOLDER
from ingest.scan import Found, Scan
from ingest.settings import Settings
from ingest.web.pages import KnownPage, WebPages

VERSION = "7"
"""Version of loaders and chunker together: raised when either reads files differently, so that they are read anew."""

_CAPACITY = 1_000_000
"""Characters of parsed documents that may wait to be embedded: minutes of work, and little memory."""


def _ignore(_: object) -> None:
    pass


class Pipeline:
    """Brings files into a knowledge base. One instance may run many `add`s, one after the other."""

    def __init__(
        self,
        catalog: Catalog,
        mirror: Mirror,
        lock: WriterLock,
        embedder: Embedder,
        chunker: Chunker,
        settings: Settings,
        *,
        ocr: Mode | None = None,
        steps: Callable[[str], None] = _ignore,
        web: Callable[[], WebPages] | None = None,
    ) -> None:
        """`ocr`: read what is named anew, with text recognition so set. `steps` is told the name of each step as it begins
        or ends, from whatever thread takes it. `web` finds pages by their addresses; without it there are none."""
        self._catalog, self._mirror, self._lock = catalog, mirror, lock
        self._embedder, self._chunker = embedder, chunker
        self._settings = settings if ocr is None else replace(settings, ocr=ocr)
        self._told = ocr is not None
        self._steps = steps
        reader, force = self._recognition(1).reader, self._settings.ocr == "force"
        self._version = Version(VERSION, reader, force, ocr if ocr not in (None, settings.ocr) else "")
        self._web = web

    def add(
        self,
        paths: Sequence[str | Path],
        kb: str,
        *,
        said: Sequence[tuple[str, str]] = (),
        workers: int | None = None,
        prune: bool = False,
        sure: bool = False,
        keep: bool = False,
        depth: int = 0,
        reread: bool = False,
        anew: bool = False,
        dry_run: bool = False,
        progress: Callable[[Progress], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Report:
        """See `Library.add`. Ctrl-C, like `stop`, ends it cleanly: `Report.interrupted`. With `anew` what is stored of a
        file is not believed: it is parsed though its content is known. With `keep` the documents that `prune` would remove
        are only named, in `Report.gone`.
        """
        home = self._catalog.home
        anew |= self._told
        # Nothing in the home is a document, except the files uploaded to the application, which it names itself.
        uploads = home / "uploads"
        named = all(os.path.abspath(path).startswith(f"{uploads}{os.sep}") for path in paths)  # noqa: PTH100
        urls = [str(path) for path in paths if is_url(str(path))]
        files = [path for path in paths if not is_url(str(path))]
        found = collect(files, exclude=() if named else [home]) if files or not urls else Scan(())
        pages: dict[str, KnownPage] = {}
        if urls:
            online, pages = self._online(urls, kb, depth, stop, anew=reread or anew)
            found = found.joined(online)
        self._steps("scanned")
        if dry_run:
            return self._rehearse(found, kb, prune=prune, keep=keep, reread=reread)
        with self._lock.held(kb):
            record = self._catalog.kbs.find(kb) or self._catalog.kbs.create(kb)
            known = self._catalog.documents.known(record.id)
            going = to_prune(found, known) if prune else {}
            if going and not (sure or keep):
                check_prune(found, known, going)
            self._steps("knowledge base")
            self._mirror.begin(record.id)
            self._steps("begun")
            run = Run(kb, known, len(found.files), self._version, stop, anew=anew)
            run.beside(found.failed, found.skipped)
            run.corrections = self._catalog.corrections.in_force(record.id)
            work = self._sift(found.files, run, reread=reread or anew)
            tell = progress or _ignore
            tell(run.progress())
            if work:
                embedder_id = self._catalog.kbs.bind(record.id, self._embedder.identity)
                self._steps("bound")
                # Embedding needs the other half of the cores.
                workers = workers or self._settings.workers or max(1, min(8, (os.cpu_count() or 2) // 2))
                while (
                    work and not run.halted
                ):  # again for files whose twin vanished on the way (two files swapped, say)
                    run.again = []
                    self._stages(work, run, record.id, embedder_id, workers, tell)
                    work = run.again
            if not isinstance(run.error, LibraryUnavailable):
                describe(found.files, self._catalog, record.id, said, run)
            if going and not run.halted:
                self._prune(going, found, run, record.id, keep=keep)
            if pages:
                self._remember(pages, record.id)
            self._steps("ending")
            # A catalog that can't be written keeps its mark, and the next `add` compares the two sides.
            if not isinstance(run.error, LibraryUnavailable) and self._catalog.kbs.generation(record.id)[1]:
                self._mirror.end(record.id)
            self._steps("ended")
        if run.error is not None:
            raise run.error
        tell(run.progress())
        return run.report()

    def _online(
        self, urls: Sequence[str], kb: str, depth: int, stop: threading.Event | None, *, anew: bool
    ) -> tuple[Scan, dict[str, KnownPage]]:
        """The pages at `urls` and what their servers said of them; of those that are stored, what has changed since."""
        if self._web is None:
            raise UsageError(Text("Pages of the web can't be added here.", "此处不能添加网页。"))
        record = self._catalog.kbs.find(kb)
        known: dict[str, KnownPage] = {}
        if record is not None and not anew:
            said = self._catalog.synced.validators(record.id)
            known = {
                url: KnownPage(one.bytes, one.mtime_ns, *said.get(url, ("", "")))
                for url, one in self._catalog.documents.known(record.id).items()
                if is_url(url) and one.pipeline == VERSION
            }
        return self._web().find(urls, depth, known, stop)

    def _remember(self, pages: Mapping[str, KnownPage], kb_id: int) -> None:
        """What servers said of those pages that are stored as they sent them."""
        stored = self._catalog.documents.known(kb_id)
        self._catalog.synced.remember(
            kb_id,
            {
                url: (page.etag, page.modified)
                for url, page in pages.items()
                if url in stored and (stored[url].bytes, stored[url].mtime_ns) == (page.size, page.mtime_ns)
            },
        )

    def _sift(self, files: Sequence[Found], run: Run, *, reread: bool) -> list[Found]:
        """The files that are not known by size and time (with `reread`: all, to be known by their content); the others
        are counted as unchanged."""
        work = [found for found in files if reread or not self._same(run.known.get(found.path), found)]
        run.same(len(files) - len(work))
        return work

    def _stages(
        self,
        work: Sequence[Found],
        run: Run,
        kb_id: int,
        embedder_id: int,
        workers: int,
        tell: Callable[[Progress], None],
    ) -> None:
        """Once through the stages."""
        ready: Bounded[Job] = Bounded(_CAPACITY)
        writer = Writer(
            self._catalog,
            self._mirror,
            self._embedder,
            run,
            kb_id=kb_id,
            embedder_id=embedder_id,
            steps=self._steps,
        )
        settings = self._settings
        reader = Reader(
            self._chunker,
            version=self._version,
            max_bytes=settings.max_file_mb << 20,
            parser=lambda: Parser(
                workers,
                settings.parse_timeout,
                settings.parse_memory_mb << 20,
                max_bytes=settings.max_file_mb << 20,
                recognition=self._recognition(workers),
            ),
            steps=self._steps,
        )
        embedding = Embedding(self._catalog, self._embedder, embedder_id, self._steps)
        sparing = self._catalog.sparing
        reading = _thread("reading", lambda: reader.read(work, run, ready, writer), sparing)
        writing = _thread("writing", writer.work, sparing)
        indexing = _thread("indexing", writer.index, sparing)
        try:
            embedding.work(ready, run, writer.write, tell)
        except KeyboardInterrupt:
            run.interrupted = True
            run.halt()
        except BaseException as error:  # noqa: BLE001 - raised by `add` when everything finished is stored
            run.halt(error)
        # What is embedded is written in any case; what is only read is dropped when the run was halted.
        if run.halted:
            ready.abandon()
            reader.cancel()
        self._join(reading, run)
        writer.finish()
        self._join(writing, run)
        self._join(indexing, run)

    @staticmethod
    def _join(thread: threading.Thread, run: Run) -> None:
        """Wait for a stage to end; a second Ctrl-C does not cut it short, its work is nearly done."""
        while thread.is_alive():
            try:
                thread.join(timeout=0.5)
            except KeyboardInterrupt:
                run.interrupted = True
                run.halt()

    def _prune(self, going: Mapping[str, Known], found: Scan, run: Run, kb_id: int, *, keep: bool) -> None:
        """Those of `going` that are still gone: a file that was moved keeps its document."""
        now = to_prune(found, self._catalog.documents.known(kb_id))
        run.gone = tuple(sorted(path for path in now if path in going))
        ids = [now[path].document_id for path in run.gone]
        if ids and not keep:
            self._steps("pruning")
            run.removed += self._catalog.documents.remove(kb_id, ids)
            self._steps("pruned")

    def _rehearse(self, found: Scan, kb: str, *, prune: bool, keep: bool, reread: bool) -> Report:
        """What `add` would do. Reads the changed files' bytes to hash them; parses and writes nothing."""
        record = self._catalog.kbs.find(kb)
        known = self._catalog.documents.known(record.id) if record else {}
        run = Run(kb, known, len(found.files), self._version, None)
        run.beside(found.failed, found.skipped)
        most = self._settings.max_file_mb << 20
        with Bringing(most) as bringing:
            for file in self._sift(found.files, run, reread=reread):
                try:
                    path = bringing.path(file)
                    source = source_of(file, path, most, self._version.number)
                except LoadError as error:
                    run.refused(file.path, error)
                    continue
                bringing.done(path)
                if run.is_stored(source):
                    run.same()
                else:
                    run.would(source)
        if prune:
            run.gone = tuple(sorted(to_prune(found, run.known)))
            run.removed = 0 if keep else len(run.gone)
        return run.report()

    def _same(self, known: Known | None, found: Found) -> bool:
        return (
            known is not None
            and self._version.is_current(known.pipeline, found.path)
            and (known.bytes, known.mtime_ns) == (found.size, found.mtime_ns)
        )

    def _recognition(self, workers: int) -> Recognition:
        """All cores for the workers together: embedding comes first, they are less urgent."""
        home = self._catalog.home
        return Recognition.of(self._settings, home / FOLDER, max(1, (os.cpu_count() or 2) // workers))


def _thread(
    name: str, work: Callable[[], None], around: Callable[[], AbstractContextManager[None]]
) -> threading.Thread:
    """A started thread that speaks the caller's language and works within `around`."""

    def body() -> None:
        with around():
            work()

    return begun(body, f"zhiku-{name}")
