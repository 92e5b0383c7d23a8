"""Files in, hits out.

    from ingest import open_library
    library = open_library()
    library.add(["docs/"], kb="handbook")
    hits = library.search("年假有几天?", kb="handbook", k=8)

Importing this loads nothing heavy; a name is resolved when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.documents import Added, Chunk, Document, Failure, Hit, LegScore, Page, Report
from ingest.errors import (
    DamagedLibrary,
    LibraryLocked,
    LibraryUnavailable,
    LoadError,
    ModelError,
    NewerLibrary,
    Skipped,
    UsageError,
    ZhikuError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.library import Library
    from ingest.settings import Settings

__all__ = [
    "Added",
    "Chunk",
    "DamagedLibrary",
    "Document",
    "Failure",
    "Hit",
    "LegScore",
    "LibraryLocked",
    "LibraryUnavailable",
    "LoadError",
    "ModelError",
    "NewerLibrary",
    "Page",
    "Report",
    "Skipped",
    "UsageError",
    "ZhikuError",
    "open_library",
]


def open_library(home: Path | str | None = None, settings: Settings | None = None) -> Library:
    """Open, or create, the library in `home` (None: the configured home).

    Raises `LibraryUnavailable` when the home cannot be read or written or was made by a later version, and
    `UsageError` for a setting that makes no sense.
    """
    from ingest.wiring import open_library as opened

    return opened(home, settings)
