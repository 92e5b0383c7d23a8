"""The catalog's SQLite file: connections per thread, transactions, and its errors in our words."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ingest.catalog import schema
from ingest.errors import DamagedLibrary, LibraryLocked, LibraryUnavailable, NewerLibrary
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BUSY_SECONDS = 30.0
"""How long a transaction waits for another process's; ours last milliseconds, a backup's a second or two."""


class Database:
    """One SQLite file in WAL mode. Every thread gets its own connection, so reads never wait for writes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._guard = threading.Lock()
        self.prepare()

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._connect()
            found.execute("PRAGMA foreign_keys=ON")
            # With WAL, FULL makes a commit durable against power loss too; a commit per document is cheap
            # beside embedding it.
            found.execute("PRAGMA synchronous=FULL")
            found.execute("PRAGMA cache_size=-32000")
            found.execute("PRAGMA mmap_size=268435456")
            self._local.connection = found
            with self._guard:
                self._close_orphans()
                self._open.append((threading.current_thread(), found))
        return found

    def _connect(self) -> sqlite3.Connection:
        """A connection; where nothing can be written, one that reads the file as it lies there."""
        address = self.path.absolute().as_uri()
        if self._sealed():
            address += "?mode=ro&immutable=1"
        return sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)

    def _sealed(self) -> bool:
        """True for a library on a read-only disk that was left tidy.

        WAL needs a file beside the catalog even for reading; `immutable` does without, and is safe where nobody
        can write. What a killed writer left in the WAL would be missed, so then SQLite decides.
        """
        wal = self.path.with_name(f"{self.path.name}-wal")
        try:
            tidy = not wal.exists() or wal.stat().st_size == 0
            return self.path.exists() and tidy and _nobody_writes(self.path.parent)
        except OSError:
            return False

    def _close_orphans(self) -> None:
        """Close the connections of threads that have ended: the application has a new thread for every click."""
        for thread, connection in self._open:
            if not thread.is_alive():
                connection.close()
        self._open = [(thread, connection) for thread, connection in self._open if thread.is_alive()]

    def prepare(self) -> None:
        """Create the file or bring an older one up to date. Raises `NewerLibrary`, `LibraryUnavailable`."""
        with explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._prepare(self.connection)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > schema.VERSION:
            raise NewerLibrary(
                Text(
                    en=f"The library in {self.path.parent} was written by a later version of Zhiku"
                    f" (format {version}; this one reads up to {schema.VERSION}).",
                    zh=f"{self.path.parent} 中的知识库由更新版本的智库写入"
                    f"（格式 {version}，当前版本最高支持 {schema.VERSION}）。",
                ),
                Text(
                    en="Upgrade Zhiku, or choose another home with --home.",
                    zh="请升级智库，或用 --home 指定其他目录。",
                ),
            )
        if version < schema.VERSION:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                schema.migrate(connection)
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    @contextmanager
    def sparing(self) -> Iterator[None]:
        """Let this thread's connection keep little in memory: bulk work touches most pages once, and what every
        thread would keep of a growing file adds up.
        """
        connection = self.connection
        kept = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("cache_size", "mmap_size")}
        connection.execute("PRAGMA cache_size=-4000")
        connection.execute("PRAGMA mmap_size=0")
        try:
            yield
        finally:
            for name, value in kept.items():
                connection.execute(f"PRAGMA {name}={value}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, with the write lock taken at once. Raises `LibraryUnavailable` for a full disk etc."""
        with explained(self.path):
            connection = self.connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent snapshot for several reads."""
        with explained(self.path):
            connection = self.connection
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                _end(connection)

    def close(self) -> None:
        """Close every thread's connection; the object is not used afterwards."""
        with self._guard:
            for _, connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()


def _nobody_writes(folder: Path) -> bool:
    """True on a read-only disk, and in a folder of ours that we closed to ourselves; another's may be in use."""
    if os.access(folder, os.W_OK) or not hasattr(os, "statvfs"):
        return False
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY) or folder.stat().st_uid == os.geteuid()


def _end(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("COMMIT")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system say into `LibraryUnavailable` with a way out."""
    home = path.parent
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise _operational(error, home) from error
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a bug of ours
    except sqlite3.DatabaseError as error:
        raise DamagedLibrary(
            Text(en=f"The catalog {path} is damaged: {error}.", zh=f"目录库 {path} 已损坏：{error}。"),
            Text(
                en="Restore a backup with `ingest restore FILE`, or move the file away and add your documents again.",
                zh="请用 `ingest restore FILE` 恢复备份，或移走该文件后重新添加文档。",
            ),
        ) from error


def _operational(error: Exception, home: Path) -> LibraryUnavailable:
    detail = str(error).lower()
    if "locked" in detail or "busy" in detail:
        return LibraryLocked(
            Text(en=f"The library in {home} is busy.", zh=f"{home} 中的知识库正忙。"),
            Text(en="Wait for the other program to finish, then try again.", zh="请等待另一程序结束后重试。"),
        )
    if "full" in detail or "no space" in detail:
        return LibraryUnavailable(
            Text(
                en=f"The disk that holds {home} is full. What was finished is kept.",
                zh=f"{home} 所在磁盘已满。已完成的内容均已保存。",
            ),
            Text(en="Free some space and run the same command again.", zh="请释放空间后再次运行同一命令。"),
        )
    if isinstance(error, NotADirectoryError | FileExistsError):
        return LibraryUnavailable(
            Text(
                en=f"{home} can't be a library folder: a file is in the way.",
                zh=f"{home} 不能用作知识库目录：路径中有同名文件。",
            ),
            Text(en="Choose another home with --home or ZHIKU_HOME.", zh="请用 --home 或 ZHIKU_HOME 指定其他目录。"),
        )
    if "disk i/o" in detail:
        return LibraryUnavailable(
            Text(
                en=f"The disk that holds {home} refuses: {error}. What was finished is kept.",
                zh=f"{home} 所在磁盘读写失败：{error}。已完成的内容均已保存。",
            ),
            Text(
                en="Check free space, quota and the disk itself, then run the same command again.",
                zh="请检查剩余空间、磁盘配额和磁盘状况，然后再次运行同一命令。",
            ),
        )
    if any(word in detail for word in ("readonly", "read-only", "permission", "unable to open")):
        return LibraryUnavailable(
            Text(en=f"The library folder {home} can't be written.", zh=f"知识库目录 {home} 不可写。"),
            Text(
                en="Give yourself write permission, or choose another home with --home.",
                zh="请授予写权限，或用 --home 指定其他目录。",
            ),
        )
    return LibraryUnavailable(
        Text(en=f"The library in {home} can't be used: {error}.", zh=f"{home} 中的知识库无法使用：{error}。"),
        Text(en="`ingest doctor` looks for the cause.", zh="可用 `ingest doctor` 查找原因。"),
    )
