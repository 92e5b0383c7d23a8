"""The catalog: the truth about a library, in one SQLite file. Everything else can be rebuilt from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.catalog.database import Database
from ingest.catalog.documents import Documents, chunk_key
from ingest.catalog.fields import Fields
from ingest.catalog.knowledge_bases import KnowledgeBase, KnowledgeBases
from ingest.catalog.proofs import Proofs
from ingest.catalog.rows import Known, Passage, Source
from ingest.catalog.synced import Synced, SyncedPlaces
from ingest.catalog.vectors import Pending, Vectors

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Catalog",
    "Database",
    "Documents",
    "Fields",
    "KnowledgeBase",
    "KnowledgeBases",
    "Known",
    "Passage",
    "Pending",
    "Proofs",
    "Source",
    "Synced",
    "SyncedPlaces",
    "Vectors",
    "chunk_key",
]

FILE = "catalog.sqlite3"


class Catalog:
    """One file, its tables of contents (knowledge bases, documents, what is said of them, vectors), what proves them, and
    what they follow."""

    def __init__(self, home: Path) -> None:
        self.database = Database(home / FILE)
        self.kbs = KnowledgeBases(self.database)
        self.documents = Documents(self.database)
        self.fields = Fields(self.database)
        self.vectors = Vectors(self.database)
        self.proofs = Proofs(self.database)
        self.synced = SyncedPlaces(self.database)

    def close(self) -> None:
        """Close the file; the object is not used afterwards."""
        self.database.close()
