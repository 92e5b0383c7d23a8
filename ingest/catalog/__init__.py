"""The catalog: the truth about a library, in one database. Everything else can be rebuilt from it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from ingest.catalog.corrections import Corrections
from ingest.catalog.documents import Documents
from ingest.catalog.fields import Fields
from ingest.catalog.knowledge_bases import KnowledgeBase, KnowledgeBases
from ingest.catalog.passages import chunk_key
from ingest.catalog.proofs import Proofs
from ingest.catalog.rows import Known, Passage, Source
from ingest.catalog.schema import STEPS
from ingest.catalog.synced import Synced, SyncedPlaces
from ingest.catalog.vectors import Vectors
from ingest.catalog.wording import WORDING
from ingest.database import open_database
from ingest.stores import StoreFile

__all__ = [
    "CATALOG",
    "Catalog",
    "KnowledgeBase",
    "Known",
    "Passage",
    "Source",
    "Synced",
    "chunk_key",
]

CATALOG = StoreFile("catalog.sqlite3", STEPS)
_MAPPED = 1 << 31
"""Bytes of the file that are read without copying; SQLite takes no more."""


class Catalog:
    """Its tables of contents (knowledge bases, documents, what is said of them, vectors), what proves them, and
    what they follow."""

    def __init__(self, home: Path, store: str = "") -> None:
        """Opened at once, below `home` or at the server that the setting `store` names. Raises `LibraryUnavailable`."""
        self.home = home
        # With WAL, FULL makes a commit durable against power loss too; a commit per document is cheap beside
        # embedding it.
        pragmas: dict[str, str | int] = {"synchronous": "FULL", "cache_size": -32000, "mmap_size": _MAPPED}
        self.database = open_database(home, store, CATALOG, WORDING, **pragmas)
        self.database.prepare()
        self.kbs = KnowledgeBases(self.database)
        self.documents = Documents(self.database)
        self.corrections = Corrections(self.database)
        self.fields = Fields(self.database)
        self.vectors = Vectors(self.database)
        self.proofs = Proofs(self.database)
        self.synced = SyncedPlaces(self.database)

    def sparing(self) -> AbstractContextManager[None]:
        """Let this thread's connection to a file keep little in memory: bulk work touches most pages once, and what every
        thread would keep of a growing file adds up.
        """
        return self.database.tuned(cache_size=-4000, mmap_size=0)

    def close(self) -> None:
        """Close it; the object is not used afterwards."""
        self.database.close()
