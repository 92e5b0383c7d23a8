"""First stage: which files must be read, and reading them. Runs in a thread of its own; parsing in processes.
Files of this disk are read where they are, others brought to a folder of their own while they are needed."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

from ingest.catalog import Source, chunk_key
from ingest.chunking import Chunker
from ingest.correcting import corrected
from ingest.documents import Parsed
from ingest.errors import LoadError
from ingest.language import Text
from ingest.parsing import Parser, precheck, unreadable
from ingest.pipeline.bounded import Bounded
from ingest.pipeline.run import Job, Run, Version
from ingest.pipeline.writing import Writer
from ingest.scan import Found


class Bringing:
    """Gives each file found a path at which its bytes are; what was brought for it goes with `done`, or at the end."""

    def __init__(self, most: int) -> None:
        """`most`: bytes of the largest file that is brought."""
        self._most = most
        self._folder = Path(tempfile.gettempdir())
        self._places: dict[str, Path] = {}

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="zhiku-files-"))
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def path(self, found: Found) -> Path:
        """Where it can be read. Raises `LoadError` where it can't be had, and OSError."""
        if found.origin is None:
            return Path(found.path)
        place = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            path = found.origin.bring(place, self._most)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        self._places[str(path)] = place
        return path

    def done(self, path: str | Path) -> None:
        """It has been read."""
        place = self._places.pop(str(path), None)
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)


logger = logging.getLogger(__name__)


class Reader:
    """Turns found files into jobs to embed. What needs no embedding goes straight to the writer."""

    def __init__(
        self,
        chunker: Chunker,
        *,
        version: Version,
        max_bytes: int,
        parser: Callable[[], Parser],
        steps: Callable[[str], None],
    ) -> None:
        self._chunker, self._version, self._max_bytes = chunker, version, max_bytes
        self._parser, self._steps = parser, steps
        self._reading: dict[str, tuple[Source, float]] = {}
        self._open: Parser | None = None

    def read(self, files: Iterable[Found], run: Run, ready: Bounded[Job], writer: Writer) -> None:
        """Read `files` until they end or the run is halted; finished jobs go to `ready`, which is then finished."""
        try:
            with Bringing(self._max_bytes) as bringing, self._parser() as self._open:
                for path, outcome in self._open.parse(self._to_parse(files, run, writer, bringing)):
                    if run.halted:
                        break
                    bringing.done(path)
                    self._take(str(path), outcome, run, ready, writer)
        except BaseException as error:  # noqa: BLE001 - carried to the caller's thread
            if not run.halted:  # a parser that `cancel` closed complains in vain
                run.halt(error)
        finally:
            ready.finish()

    def cancel(self) -> None:
        """Do not wait for the files being parsed."""
        if self._open is not None:
            self._open.__exit__(None, None, None)

    def _to_parse(self, files: Iterable[Found], run: Run, writer: Writer, bringing: Bringing) -> Iterator[Path]:
        """The files that must be parsed. Everything else is settled on the way."""
        for found in files:
            if run.halted:
                return
            try:
                path = bringing.path(found)
                source = source_of(found, path, self._max_bytes, self._version.number)
            except LoadError as error:
                run.refused(found.path, error)
                continue
            self._steps("hashed")
            if run.is_stored(source):
                writer.touch(run.known[found.path].document_id, found)
                run.same()
            elif not writer.twin(source, found):
                self._reading[str(path)] = source, time.monotonic()
                yield path
                continue
            bringing.done(path)

    def _take(self, path: str, outcome: Parsed | LoadError, run: Run, ready: Bounded[Job], writer: Writer) -> None:
        source, begun = self._reading.pop(path)
        self._steps("parsed")
        if isinstance(outcome, LoadError):
            writer.refuse(source, outcome)
            return
        try:
            job = self._job(source, outcome, begun, run)
        except LoadError as error:
            writer.refuse(source, error)
            return
        attached = {f"{source.path}{os.sep}{one.name}": one for one in outcome.attached}
        job.attached = tuple(attached)
        if not run.halted:  # which leaves the half of it, maybe: 40 MB are split for half a minute
            ready.put(job, job.weight)
        run.within(len(attached))
        for place, one in attached.items():
            part = replace(source, path=place, sha256=one.sha256, bytes=one.size)
            if run.is_stored(part):
                run.same()
                continue
            try:
                job = self._job(part, one.parsed, begun, run)
            except LoadError as error:
                run.refused(place, error)
            else:
                if not run.halted:
                    ready.put(job, job.weight)

    def _job(self, source: Source, parsed: Parsed, begun: float, run: Run) -> Job:
        """A document in passages. Raises `LoadError` where the chunker fails."""
        parsed = corrected(parsed, run.corrections.get(source.path, ()))
        try:
            chunks = self._chunker.split(parsed, lambda: run.halted)
        except Exception as error:
            logger.exception("The chunker failed on %s", source.path)
            raise _our_bug(error) from error
        self._steps("chunked")
        source = replace(source, pipeline=self._version.of(parsed, source.path))
        return Job(source, parsed, chunks, [chunk_key(chunk) for chunk in chunks], begun)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def source_of(found: Found, path: Path, max_bytes: int, pipeline: str) -> Source:
    """The file found, whose bytes are at `path`, by its content. Raises `LoadError` for one that can't be read."""
    try:
        precheck(path, max_bytes)
        return Source(found.path, sha256_of(path), found.size, found.mtime_ns, pipeline)
    except OSError as error:
        raise unreadable(error) from error


def _our_bug(error: Exception) -> LoadError:
    return LoadError(
        Text(
            f"Splitting its text failed ({type(error).__name__}: {error}).",
            f"切分文本时出错（{type(error).__name__}：{error}）。",
        ),
        Text("This is a bug of ours; please report it with the file.", "这是程序缺陷，请连同该文件一起反馈。"),
    )
