"""What people have written about a knowledge base goes along with its name, and away with it: a later base of that name must
not answer from it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from ingest.database import open_database
from ingest.language import Text
from ingest.sqlite import Wording
from ingest.stores import CURATED


def follow(home: Path, store: str, name: str, new: str = "") -> None:
    """The base `name` is called `new` now, or is gone. Raises `LibraryUnavailable`."""
    with closing(open_database(home, store, CURATED, Wording(Text("Kept answers", "精选答案")))) as file:
        if not file.used():
            return
        for table in ("curated", "question"):
            file.write(f"delete from {table} where kb = ?", new or name)  # noqa: S608 - one of two
            file.write(f"update {table} set kb = ? where kb = ?", new, name)  # noqa: S608 - the same
