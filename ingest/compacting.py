"""Files that grew as documents came and went, made as small as new ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.catalog import Catalog
    from ingest.mirror import Mirror


def compact(home: Path, catalog: Catalog, mirror: Mirror) -> int:
    """Build the vector index of `home` anew, whose graph keeps what was deleted, and the catalog's file without its free
    pages; returns how many bytes that freed. The caller holds the writer lock. Raises `LibraryUnavailable`.
    """
    before = _bytes(home / "index")
    mirror.rebuild_all()
    return max(0, before - _bytes(home / "index")) + catalog.database.shrink()


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
