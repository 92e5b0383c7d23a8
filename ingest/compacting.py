"""Files that grew as documents came and went, made as small as new ones."""

from __future__ import annotations

from pathlib import Path

from ingest.catalog import Catalog
from ingest.mirror import Mirror
from ingest.sqlite import SqliteFile

_EMPTY, _BESIDE = 400_000, 700
"""Bytes of Chroma's files without a vector, and of each vector beside its numbers (links, its name, rows of SQLite): within a
tenth of new ones of 150 to 200,000 vectors of 384 dimensions."""


def compact(home: Path, catalog: Catalog, mirror: Mirror) -> int:
    """Build the vector index of `home` anew, whose graph keeps what was deleted, and the catalog's file without its free
    pages; returns how many bytes that freed. The caller holds the writer lock. Raises `LibraryUnavailable`.
    """
    before = _bytes(home / "index")
    mirror.rebuild_all()
    return max(0, before - _bytes(home / "index")) + catalog.database.shrink()


def spare(catalog: Catalog) -> int:
    """About how many bytes `compact` would free, where the index or the catalog is half as large again as a new one; else 0,
    as for a library at a server, which sees to its own."""
    sizes = [catalog.vectors.size(kb.id) for kb in catalog.kbs.all()]
    new = _EMPTY + sum(count * (4 * dimensions + _BESIDE) for count, dimensions in sizes)
    database = catalog.database
    if not isinstance(database, SqliteFile):
        return 0
    index, free = _bytes(catalog.home / "index"), database.free()
    grown = index > 1.5 * new or 3 * free > database.path.stat().st_size
    return max(0, index - new) + free if grown else 0


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
