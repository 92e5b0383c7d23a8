"""One writer at a time, across processes, and a message that names the one who has it."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ingest.database import at_server, server_side
from ingest.errors import LibraryLocked, LibraryUnavailable
from ingest.language import Text

if TYPE_CHECKING:
    from filelock import FileLock


class Locks(Protocol):
    """Locks by name, which go when the process that holds them does. Safe from any thread."""

    def take(self, name: str) -> bool:
        """Have it, unless anybody has it already."""

    def release(self, name: str) -> None:
        """Let others have it."""

    def close(self) -> None:
        """Let go of all."""


class FileLocks:
    """A file in `folder` for each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._held: dict[str, FileLock] = {}

    def take(self, name: str) -> bool:
        """Have it, unless anybody has it already."""
        from filelock import FileLock, Timeout

        lock = FileLock(self._folder / f"{name}.lock", thread_local=False)
        with self._guard:
            if name in self._held:
                return False
            try:
                lock.acquire(timeout=0)
            except Timeout:
                return False
            self._held[name] = lock
            return True

    def release(self, name: str) -> None:
        """Let others have it."""
        with self._guard:
            self._held.pop(name).release()

    def close(self) -> None:
        """Let go of all."""
        with self._guard:
            while self._held:
                self._held.popitem()[1].release()


def open_locks(folder: Path, store: str) -> Locks:
    """Locks in `folder`, or at the server that the setting `store` names."""
    if not at_server(store):
        return FileLocks(folder)
    made: Locks = server_side().AdvisoryLocks(store)
    return made


def open_writer_lock(home: Path, store: str = "") -> WriterLock:
    """The one in `home`, or at the server that the setting `store` names."""
    if not at_server(store):
        return WriterLock(home)
    made: WriterLock = server_side().ServerLock(home, store)
    return made


class WriterLock:
    """`with lock.held():` around every write to a library. Threads of one process wait for each other;
    another process is told at once who is writing.
    """

    def __init__(self, home: Path) -> None:
        self._file = home / "writer.lock"
        self._who = home / "writer.json"
        self._threads = threading.RLock()
        self._lock: FileLock | None = None
        self._depth = 0

    @property
    def mine(self) -> bool:
        """True while this process is the writer."""
        return self._depth > 0

    @contextmanager
    def held(self, kb: str = "", *, wait_for_threads: bool = True) -> Iterator[None]:
        """Be the writer, of one knowledge base or of all; a file's lock is one for all. Raises `LibraryLocked` naming the
        other process."""
        if not self._threads.acquire(blocking=wait_for_threads):
            raise self._locked()
        try:
            if self._depth == 0:
                self._acquire(kb)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._release()
        finally:
            self._threads.release()

    def close(self) -> None:
        """Let go of what it was open for, between two holdings."""

    def _release(self) -> None:
        if self._lock is not None:
            with suppress(OSError):  # the note is for people; the lock must go in any case
                self._who.unlink(missing_ok=True)
            self._lock.release()

    def _acquire(self, kb: str) -> None:  # noqa: ARG002 - see `held`
        from filelock import FileLock, Timeout

        if self._lock is None:
            self._lock = FileLock(self._file, thread_local=False)
        try:
            self._lock.acquire(timeout=0)
            self._who.write_text(json.dumps({"pid": os.getpid(), "command": Path(sys.argv[0]).name}), "utf-8")
        except Timeout as error:
            raise self._locked() from error
        except OSError as error:
            self._lock.release()
            raise LibraryUnavailable(
                Text(
                    f"The library folder {self._file.parent} can't be written: {error.strerror}.",
                    f"知识库目录 {self._file.parent} 不可写：{error.strerror}。",
                ),
                Text(
                    "Give yourself write permission and some space, or choose another home with --home.",
                    "请授予写权限并留出空间，或用 --home 指定其他目录。",
                ),
            ) from error

    def _locked(self) -> LibraryLocked:
        try:
            who = json.loads(self._who.read_text("utf-8"))
            en, zh = f"'{who['command']}' (process {who['pid']})", f"“{who['command']}”（进程 {who['pid']}）"
        except (OSError, ValueError, KeyError, TypeError):
            en, zh = "Another process", "另一个进程"
        return LibraryLocked(
            Text(f"{en} is writing to this library.", f"{zh}正在写入此知识库。"),
            Text(
                "Searching goes on meanwhile; to write, wait for it to finish or stop it.",
                "搜索仍可进行；如需写入，请等待其结束或将其停止。",
            ),
        )
