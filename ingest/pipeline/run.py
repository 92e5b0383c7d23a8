"""The state of one `add`: what happened to which file, who asked to stop, what broke; and by what files are read
now: the same is not read again."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.catalog import Known, Source
from ingest.documents import Added, Chunk, Correction, Failure, Parsed, Report
from ingest.errors import LoadError, Skipped
from ingest.language import say
from ingest.places import inner
from ingest.progress import Progress
from ingest.scan import Found


@dataclass(frozen=True, slots=True)
class Version:
    """How files are read now. Who recognises pictures counts for those alone that had any to recognise: a scan that was
    added without text recognition is read again once there is some, and nothing else is."""

    number: str
    """Of loaders and chunker."""
    recogniser: str = ""
    force: bool = False
    """Whether every page of a PDF is recognised: then one that was read from its text is read again too."""
    told: str = ""
    """How text recognition was set for the files named alone: 'auto', 'off' or 'force'; '' where it is as for all."""

    def is_current(self, pipeline: str, path: str) -> bool:
        """Whether a document at this path is as it would be read now; one that was read as the user told stays so."""
        return pipeline in self.accepted(path) or pipeline.startswith(f"{self.number} as told")

    def accepted(self, path: str) -> tuple[str, ...]:
        """What is stored of documents that may stand for one at this path with the same content."""
        own = f"{self.number} {self.recogniser or '-'}{' force' if self.force else ''}"
        return (own,) if self.force and path.lower().endswith(".pdf") else (self.number, own)

    def of(self, parsed: Parsed, path: str) -> str:
        """What is stored of a document that was just read."""
        if self.told:
            return f"{self.number} as told: {self.told}"
        return self.accepted(path)[-1] if parsed.recognition else self.number


@dataclass(slots=True)
class Job:
    """A document between reading and writing. `vectors` fills up as its passages are embedded."""

    source: Source
    parsed: Parsed
    chunks: list[Chunk]
    keys: list[bytes]
    """`chunk_key` of each chunk."""
    begun: float
    vectors: dict[bytes, bytes] = field(default_factory=dict)
    attached: tuple[str, ...] = ()
    """Paths of the documents within this one."""

    @property
    def weight(self) -> int:
        """Characters held in memory, roughly: page text and chunk text."""
        return 1000 + 2 * sum(len(page.text) for page in self.parsed.pages)


class Run:
    """Everything the stages of one `add` share. Safe to use from any of their threads."""

    def __init__(
        self,
        kb: str,
        known: Mapping[str, Known],
        total: int,
        version: Version,
        stop: threading.Event | None,
        *,
        anew: bool = False,
    ) -> None:
        """With `anew` every file is parsed, known or not."""
        self.kb, self.known = kb, known
        self.places: dict[str, list[str]] = {}
        """Where each content was read from, by its SHA-256."""
        for path, one in known.items():
            self.places.setdefault(one.sha256, []).append(path)
        self.inner = inner(known)
        """Documents stored of files within others, by these."""
        self.anew = anew
        self.corrections: dict[str, list[Correction]] = {}
        """Those in force, by path."""
        self.total, self.version = total, version
        self.begun = time.monotonic()
        self.error: BaseException | None = None
        self.unchanged = 0
        self.removed = 0
        self.gone: tuple[str, ...] = ()
        self.embedded = 0
        self.interrupted = False
        self.again: list[Found] = []
        """Files whose twin vanished before it could be copied: they are read after all."""
        self._stop = stop or threading.Event()
        self._halt = threading.Event()
        self._guard = threading.Lock()
        self._added: list[Added] = []
        self._updated: list[Added] = []
        self._failed: list[Failure] = []
        self._skipped: list[Failure] = []
        self._pages = 0
        self._done = 0
        self._path = ""

    @property
    def halted(self) -> bool:
        """True when no new work is to be begun."""
        return self._halt.is_set() or self._stop.is_set()

    def is_stored(self, source: Source) -> bool:
        """Whether the file need not be read: it is stored as it is now, as this pipeline reads it."""
        known = self.known.get(source.path)
        if known is None or self.anew:
            return False
        return known.sha256 == source.sha256 and self.version.is_current(known.pipeline, source.path)

    def halt(self, error: BaseException | None = None) -> None:
        """Begin no new work; `error` is what `add` will raise in the end."""
        with self._guard:
            self.error = self.error or error
        self._halt.set()

    def stored(self, source: Source, pages: int, chunks: int, notes: tuple[str, ...], begun: float) -> None:
        """A document is in the catalog."""
        added = Added(source.path, pages, chunks, source.sha256, round(time.monotonic() - begun, 3), notes)
        with self._guard:
            (self._updated if source.path in self.known else self._added).append(added)
            self._pages += pages
            self._done += 1
            self._path = source.path

    def moved(self, source: Source, pages: int, chunks: int) -> None:
        """A document has a new address."""
        with self._guard:
            self._updated.append(Added(source.path, pages, chunks, source.sha256, 0.0))
            self._done += 1

    def same(self, count: int = 1) -> None:
        """So many files need nothing."""
        with self._guard:
            self.unchanged += count
            self._done += count

    def refused(self, path: str, error: LoadError) -> None:
        """A file could not be read, or is not for us. What was stored of it earlier is kept: a file that is half
        copied, or on a drive that is not there, must not take a good version with it.
        """
        hint = str(error.hint or "")
        if path in self.known:
            hint += say(
                " The version added before is kept; `ingest remove` deletes it.",
                "先前添加的版本仍保留；可用 `ingest remove` 删除。",
            )
        failure = Failure(path, str(error.message), hint.strip())
        with self._guard:
            (self._skipped if isinstance(error, Skipped) else self._failed).append(failure)
            self._done += 1

    def within(self, count: int) -> None:
        """So many documents came to light within another."""
        with self._guard:
            self.total += count

    def beside(self, failed: tuple[Failure, ...], skipped: tuple[Failure, ...]) -> None:
        """Paths that never became files to read."""
        with self._guard:
            self._failed += failed
            self._skipped += skipped

    def would(self, source: Source) -> None:
        """A dry run: this file would be read."""
        self.stored(source, 0, 0, (), time.monotonic())

    def progress(self, path: str = "") -> Progress:
        """This moment."""
        with self._guard:
            return Progress(
                done=self._done,
                total=self.total,
                pages=self._pages,
                embedded=self.embedded,
                failed=len(self._failed),
                seconds=time.monotonic() - self.begun,
                path=path or self._path,
                unchanged=self.unchanged,
            )

    def report(self) -> Report:
        """What happened, each list by path."""
        with self._guard:
            return Report(
                kb=self.kb,
                added=tuple(sorted(self._added, key=lambda a: a.document)),
                updated=tuple(sorted(self._updated, key=lambda a: a.document)),
                unchanged=self.unchanged,
                removed=self.removed,
                failed=tuple(sorted(self._failed, key=lambda f: f.path)),
                skipped=tuple(sorted(self._skipped, key=lambda f: f.path)),
                seconds=time.monotonic() - self.begun,
                pages=self._pages,
                embedded_chunks=self.embedded,
                gone=self.gone,
                interrupted=self.interrupted or (self.halted and self._done < self.total),
            )
