"""A folder made once and given to every test as it was then, at the same place: a library holds the absolute paths of
its documents, and making one costs two processes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path


class Pristine:
    """`folder / "place"`, filled by `make` when it is first wanted; what tests do to it is undone before the next."""

    def __init__(self, folder: Path, make: Callable[[Path], None]) -> None:
        self._make = make
        self._place = folder / "place"
        self._kept = folder / "kept"

    def emptied(self) -> Path:
        """The place, with nothing in it."""
        shutil.rmtree(self._place, ignore_errors=True)
        self._place.mkdir()
        return self._place

    def restored(self) -> Path:
        """The place as `make` left it, times of files included."""
        if not self._kept.exists():
            self._make(self.emptied())
            shutil.copytree(self._place, self._kept)
        else:
            self.emptied()
            shutil.copytree(self._kept, self._place, dirs_exist_ok=True)
        return self._place
