"""Everything of a library that SQLite keeps, in a PostgreSQL database that several machines share."""

from __future__ import annotations

from ingest.postgres.database import PostgresDatabase
from ingest.postgres.locks import AdvisoryLocks, ServerLock

__all__ = ["AdvisoryLocks", "PostgresDatabase", "ServerLock"]
