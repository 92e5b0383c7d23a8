"""Places that a knowledge base is kept in step with, and what servers said of the pages of theirs that are in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.database import Database, timestamp


@dataclass(frozen=True, slots=True)
class Synced:
    """A folder, or the address of a site's section, that a knowledge base follows."""

    kb: str
    place: str
    keep: bool = False
    """Documents stay when their files go."""
    depth: int = 0
    """Links followed from the address; 0 for that page alone."""
    last: str = ""
    """UTC time at which both were last in step, ISO 8601; '' for never."""
    watched: bool = False
    """Followed by itself while the application or a server runs."""


Validators = tuple[str, str]
"""A page's ETag and the time of its last change, as its server gave them; '' where it gave none."""


class SyncedPlaces:
    """Reads and writes the tables `synced` and `web_page`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Synced]:
        """Every place of every knowledge base, by name and place."""
        rows = self._database.rows(
            "SELECT kb.name, s.place, s.keep, s.depth, s.last, s.watched FROM synced s JOIN kb ON kb.id = s.kb_id"
            " WHERE kb.staging_for IS NULL ORDER BY kb.name, s.place"
        )
        return [
            Synced(kb, place, bool(keep), depth, last, bool(watched)) for kb, place, keep, depth, last, watched in rows
        ]

    def put(self, kb_id: int, place: str, *, keep: bool, depth: int) -> None:
        """Follow a place from now on, or in this way from now on."""
        self._database.write(
            "INSERT INTO synced (kb_id, place, keep, depth, last) VALUES (?, ?, ?, ?, '')"
            " ON CONFLICT (kb_id, place) DO UPDATE SET keep = excluded.keep, depth = excluded.depth",
            kb_id,
            place,
            keep,
            depth,
        )

    def touch(self, kb_id: int, place: str) -> None:
        """It is in step now."""
        self._database.write("UPDATE synced SET last = ? WHERE kb_id = ? AND place = ?", timestamp(), kb_id, place)

    def watch(self, kb_id: int, place: str, *, watched: bool) -> None:
        """Whether it is to be watched."""
        self._database.write("UPDATE synced SET watched = ? WHERE kb_id = ? AND place = ?", watched, kb_id, place)

    def remove(self, kb_id: int, place: str) -> bool:
        """Follow it no longer; whether it was followed."""
        with self._database.transaction() as db:
            gone = db.execute("DELETE FROM synced WHERE kb_id = ? AND place = ?", (kb_id, place))
            return bool(gone.rowcount)

    def validators(self, kb_id: int) -> dict[str, Validators]:
        """What servers said of the pages of a knowledge base, by address."""
        rows = self._database.rows("SELECT url, etag, modified FROM web_page WHERE kb_id = ?", kb_id)
        return {url: (etag, modified) for url, etag, modified in rows}

    def remember(self, kb_id: int, pages: Mapping[str, Validators]) -> None:
        """Keep what servers said of pages whose documents are stored."""
        with self._database.transaction() as db:
            db.executemany(
                "INSERT INTO web_page (kb_id, url, etag, modified) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (kb_id, url) DO UPDATE SET etag = excluded.etag, modified = excluded.modified",
                ((kb_id, url, etag, modified) for url, (etag, modified) in pages.items()),
            )
