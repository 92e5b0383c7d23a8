"""One writer at a time, across processes, and a message that names the one who has it."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import LibraryLocked, LibraryUnavailable
from ingest.language import Text

if TYPE_CHECKING:
    from filelock import FileLock


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
    def held(self, *, wait_for_threads: bool = True) -> Iterator[None]:
        """Be the writer. Raises `LibraryLocked` naming the other process."""
        if not self._threads.acquire(blocking=wait_for_threads):
            raise self._locked()
        try:
            if self._depth == 0:
                self._acquire()
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0 and self._lock is not None:
                    with suppress(OSError):  # the note is for people; the lock must go in any case
                        self._who.unlink(missing_ok=True)
                    self._lock.release()
        finally:
            self._threads.release()

    def _acquire(self) -> None:
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
                    en=f"The library folder {self._file.parent} can't be written: {error.strerror}.",
                    zh=f"知识库目录 {self._file.parent} 不可写：{error.strerror}。",
                ),
                Text(
                    en="Give yourself write permission and some space, or choose another home with --home.",
                    zh="请授予写权限并留出空间，或用 --home 指定其他目录。",
                ),
            ) from error

    def _locked(self) -> LibraryLocked:
        try:
            who = json.loads(self._who.read_text("utf-8"))
            en, zh = f"'{who['command']}' (process {who['pid']})", f"“{who['command']}”（进程 {who['pid']}）"
        except (OSError, ValueError, KeyError, TypeError):
            en, zh = "Another process", "另一个进程"
        return LibraryLocked(
            Text(en=f"{en} is writing to this library.", zh=f"{zh}正在写入此知识库。"),
            Text(
                en="Searching goes on meanwhile; to write, wait for it to finish or stop it.",
                zh="搜索仍可进行；如需写入，请等待其结束或将其停止。",
            ),
        )
