"""Files to be read: those of this disk where they are, others brought to a folder of their own while they are needed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Self

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
