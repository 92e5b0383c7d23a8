"""Pictures in, text out: who reads, and what was read before."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ingest.recognition.options import Recognition
from ingest.recognition.recognised import Recognised, RecognitionError
from ingest.records import from_json, to_json
from ingest.whole_files import written

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER = "ocr"
"""Of the home: what was recognised, a folder for each file it was in."""


class Reader(Protocol):
    """Reads one picture, height × width × RGB, one byte each. Raises `RecognitionError`."""

    def read(self, picture: NDArray[np.uint8]) -> Recognised:
        """All that is written in it."""


class Recogniser:
    """Recognises pictures of one file after the other and keeps what it found with the file it was found in."""

    def __init__(self, options: Recognition, reader: Reader, alive: Callable[[], None] = lambda: None) -> None:
        """`alive` is called after each picture: reading goes on, however long the file takes."""
        self.options, self._reader, self._alive = options, reader, alive
        self._file = Path()
        self._folder: Path | None = None
        self.asked = False
        """Whether the file has had anything to recognise."""

    @property
    def able(self) -> bool:
        """Whether there is anybody to read."""
        return bool(self.options.reader)

    def begin(self, file: Path) -> None:
        """From now on pictures are those of this file. Its content names the folder, so that what was recognised goes
        when the last document with that content does."""
        self._file, self._folder, self.asked = file, None, False

    def recognise(self, picture: NDArray[np.uint8]) -> Recognised:
        """The text of a picture, height × width × RGB. Raises `RecognitionError`."""
        self.asked = True
        place = self._place(picture) if self.able else None
        if place is not None and (known := _loaded(place)) is not None:
            return known
        found = self._reader.read(picture)
        self._alive()
        if place is not None:
            _store(place, found)
        return found

    def _place(self, picture: NDArray[np.uint8]) -> Path | None:
        if not self.options.kept:
            return None
        if self._folder is None:
            with self._file.open("rb") as file:
                self._folder = Path(self.options.kept) / hashlib.file_digest(file, "sha256").hexdigest()
        shown = hashlib.sha256(f"{self.options.reader}\0{picture.shape}\0".encode())
        shown.update(picture.tobytes())
        return self._folder / f"{shown.hexdigest()[:32]}.json"


class _Nobody:
    """In the place of a reader where recognition is off or not installed."""

    def __init__(self, options: Recognition) -> None:
        self._options = options

    def read(self, picture: NDArray[np.uint8]) -> Recognised:  # noqa: ARG002
        raise RecognitionError(*self._options.why_not())


def opened(options: Recognition, alive: Callable[[], None] = lambda: None) -> Recogniser:
    """A recogniser; where recognition is off or not installed, one that says so. Nothing is loaded before the first
    picture."""
    if not options.reader:
        return Recogniser(options, _Nobody(options), alive)
    if options.server:
        from ingest.recognition.server import ServerReader

        return Recogniser(options, ServerReader(options.server, options.api_key, options.languages), alive)
    from ingest.recognition.local import LocalReader

    return Recogniser(options, LocalReader(options.threads, fold="zh" not in options.languages), alive)


def forget(kept: Path, wanted: Iterable[str]) -> None:
    """Delete what was recognised in files whose SHA-256 is not among `wanted`."""
    import shutil

    keep = set(wanted)
    with contextlib.suppress(OSError):
        for folder in kept.iterdir():
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)


def _loaded(place: Path) -> Recognised | None:
    try:
        return from_json(Recognised, json.loads(place.read_bytes()))
    except (OSError, ValueError):
        return None


def _store(place: Path, found: Recognised) -> None:
    """Whole or not at all; a disk that is full or may not be written to costs the next reading some time, no more."""
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with written(place) as file:
            file.write(json.dumps(to_json(found), ensure_ascii=False, separators=(",", ":")).encode())
