"""Who works on what, across machines: advisory locks, which go when the process that holds them does."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import psycopg

from ingest.errors import LibraryLocked
from ingest.language import Text
from ingest.lock import WriterLock
from ingest.postgres.connections import Connection, connect, displayed, explained, lock_number

_WHAT = Text("Locks", "锁")
_LIBRARY = "library"


class AdvisoryLocks:
    """Locks by name on one connection of this process. Safe from any thread; a name is taken once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._guard = threading.Lock()
        self._held: set[str] = set()

    def take(self, name: str, *, shared: bool = False) -> bool:
        """Have it, unless somebody has it already; with `shared` others may who take it shared. Raises
        `LibraryUnavailable`."""
        with self._guard, explained(self._url, _WHAT):
            if name in self._held:
                return False
            if self._connection is None or self._connection.broken or not _alive(self._connection):
                self._held.clear()
                self._connection = connect(self._url)
            call = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
            row = self._connection.execute(f"SELECT {call}($1)", (lock_number(self._url, name),)).fetchone()
            if row is None or not row[0]:
                return False
            self._held.add(name)
            return True

    def release(self, name: str, *, shared: bool = False) -> None:
        """Let others have it; a server that is gone has done so."""
        call = "pg_advisory_unlock_shared" if shared else "pg_advisory_unlock"
        with self._guard, contextlib.suppress(psycopg.Error):
            self._held.discard(name)
            if self._connection is not None:
                self._connection.execute(f"SELECT {call}($1)", (lock_number(self._url, name),))

    def holders(self) -> list[str]:
        """What the programs are called that hold any: 'zhiku PROCESS MACHINE'."""
        with self._guard, explained(self._url, _WHAT):
            if self._connection is None:
                return []
            rows = self._connection.execute(
                "SELECT DISTINCT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
                " WHERE l.locktype = 'advisory' AND l.granted AND a.pid <> pg_backend_pid() ORDER BY 1"
            ).fetchall()
            return [str(name) for (name,) in rows]

    def close(self) -> None:
        """Let go of all."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            self._held.clear()


def _alive(connection: Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


class ServerLock(WriterLock):
    """One writer per knowledge base, on any number of machines. Work on no particular one has the library to itself."""

    def __init__(self, home: Path, url: str) -> None:
        super().__init__(home)
        self._url = url
        self._locks = AdvisoryLocks(url)
        self._named: tuple[tuple[str, bool], ...] = ()

    def close(self) -> None:
        """See `WriterLock.close`."""
        self._locks.close()

    def _acquire(self, kb: str) -> None:
        wanted = ((_LIBRARY, True), (f"kb {kb}", False)) if kb else ((_LIBRARY, False),)
        taken: list[tuple[str, bool]] = []
        for name, shared in wanted:
            if not self._locks.take(name, shared=shared):
                for other, also in taken:
                    self._locks.release(other, shared=also)
                raise self._locked()
            taken.append((name, shared))
        self._named = wanted

    def _release(self) -> None:
        for name, shared in self._named:
            self._locks.release(name, shared=shared)
        self._named = ()

    def _locked(self) -> LibraryLocked:
        who = ", ".join(self._locks.holders())
        return LibraryLocked(
            Text(
                f"Another process is writing to this library in {displayed(self._url)} ({who}).",
                f"另一个进程正在写入 {displayed(self._url)} 中的知识库（{who}）。",
            ),
            Text(
                "Searching goes on meanwhile; to write, wait for it to finish or stop it.",
                "搜索仍可进行；如需写入，请等待其结束或将其停止。",
            ),
        )
