"""The trail: who did what when to which knowledge base, in a file of its own, `audit.sqlite3`, or at the server.

It holds no question, no answer and no document's name: it says what was done, not what was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingest.database import Kept, open_database, timestamp
from ingest.language import Text
from ingest.sqlite import Wording
from ingest.stores import StoreFile

AUDIT = StoreFile(
    "audit.sqlite3",
    (
        """
create table entry (
    id integer primary key, at text not null, who text not null, key text not null, face text not null,
    verb text not null, kb text not null, what text not null, allowed integer not null
) strict;
create index entry_by_time on entry(at);
""",
    ),
)
_ALL = 1 << 31
_SWEEP_EVERY = 500
"""Entries between two looks for those that are too old."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done, or refused."""

    at: str
    """UTC, ISO 8601."""
    who: str
    key: str
    """The key's id; '' where none was needed."""
    face: str
    verb: str
    kb: str
    """'' for the server itself."""
    what: str
    """Method and route, or an MCP tool; parameters are not in it."""
    allowed: bool


class Audit(Kept):
    """It. Safe from any thread and from several processes."""

    def __init__(self, home: Path, days: int, store: str = "") -> None:
        """Entries are kept for `days`; 0: for ever."""
        self._file = open_database(
            home, store, AUDIT, Wording(Text("The audit trail", "审计记录")), synchronous="NORMAL"
        )
        self._exists = self._file.used
        self._days = days
        self._written = 0

    def write(self, who: str, key: str, face: str, verb: str, kb: str, what: str, *, allowed: bool) -> None:
        """One more entry, of now. Raises `LibraryUnavailable`: what can't be recorded is not done."""
        self._file.write(
            "insert into entry (at, who, key, face, verb, kb, what, allowed) values (?, ?, ?, ?, ?, ?, ?, ?)",
            *(timestamp("milliseconds"), who, key, face, verb, kb, what, allowed),
        )
        if self._days and self._written % _SWEEP_EVERY == 0:
            self._file.write("delete from entry where at < ?", timestamp("milliseconds", days=-self._days))
        self._written += 1

    def entries(self, *, since: str = "", who: str = "", kb: str = "", most: int = -1) -> list[Entry]:
        """Those from `since` (a day or a moment, ISO 8601) on, of that caller and on that base; the latest `most`, oldest
        first."""
        if not self._exists():
            return []
        rows = self._file.rows(
            "select at, who, key, face, verb, kb, what, allowed from entry"
            " where at >= ?1 and (?2 = '' or who = ?2) and (?3 = '' or kb = ?3) order by id desc limit ?4",
            since,
            who,
            kb,
            most if most >= 0 else _ALL,
        )
        return [
            Entry(at, name, key, face, verb, base, what, bool(allowed))
            for at, name, key, face, verb, base, what, allowed in reversed(rows)
        ]
