"""What a model has made of system messages and tools, kept on disk, so that the first question after a start is as quick
as the second.

A prompt begins with a part that is the same every time. Its part of the cache is written to a file when it is seen
for the second time, in this process or an earlier one: what changes with every question is never written.
"""

from __future__ import annotations

import array
import contextlib
import hashlib
import logging
import os
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.whole_files import written

_LOG = logging.getLogger(__name__)
_MAGIC = b"zhiku-prefix-1\n"
_DIGEST = 32
_MOST_BYTES = 512 * 2**20
"""Of all files together; those not used for longest go first."""
_MOST_OF_ONE = 64 * 2**20
"""Bytes beyond which reading a file back is not clearly quicker than reading the prompt."""
_WORTH_KEEPING = 64
"""Tokens; fewer are read in no time."""
_MOST_MARKS = 500
"""Names of prefixes seen once."""


class Prefixes:
    """Files in one folder, made at the first need. Everything but the writing happens in the caller's thread; a disk
    that is full, read-only or broken only means that nothing is kept."""

    def __init__(self, folder: Path, identity: str, *, most_bytes: int = _MOST_BYTES) -> None:
        """`identity`: everything that decides about the numbers in a cache (model file, kind of cache, version)."""
        self._folder, self._identity, self._most = folder, identity, most_bytes
        self._inbox: queue.Queue[tuple[str, bytes] | None] = queue.Queue(maxsize=2)
        self._writer: threading.Thread | None = None
        self._known: set[str] = set()
        """Names kept or given up in this process, not to be asked for again."""

    def find(self, prefix: Sequence[int]) -> bytes | None:
        """The state of a sequence that has read exactly `prefix`. A damaged or foreign file is removed."""
        if len(prefix) < _WORTH_KEEPING:
            return None
        name = self._name(prefix)
        path = self._folder / f"{name}.state"
        try:
            raw = path.read_bytes()
        except OSError:
            return None
        head = len(_MAGIC) + _DIGEST
        state = raw[head:]
        if raw[:head] != _MAGIC + _digest(name, state):
            _LOG.warning("Removed a damaged file: %s", path)
            self.drop(prefix)
            with contextlib.suppress(OSError):
                (self._folder / f"{name}.seen").touch()  # it had been: let it be written again
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return state

    def wanted(self, prefix: Sequence[int]) -> bool:
        """Whether to `keep` it: long enough, not here yet, and not seen for the first time now."""
        if len(prefix) < _WORTH_KEEPING:
            return False
        name = self._name(prefix)
        if name in self._known:
            return False
        try:
            if (self._folder / f"{name}.state").exists():
                return False
            mark = self._folder / f"{name}.seen"
            if mark.exists():
                return True
            self._folder.mkdir(parents=True, exist_ok=True)
            self._keep_newest("*.seen", _MOST_MARKS, lambda _: 1)
            mark.touch()
        except OSError as error:
            _LOG.debug("Nothing is kept in %s: %s", self._folder, error)
        return False

    def keep(self, prefix: Sequence[int], state: bytes) -> None:
        """Write it in the background. It is left out when it is too large or when the disk is behind."""
        name = self._name(prefix)
        self._known.add(name)
        if len(state) > min(_MOST_OF_ONE, self._most):
            return
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_all, name="llm-prefixes", daemon=True)
            self._writer.start()
        try:
            self._inbox.put_nowait((name, state))
        except queue.Full:
            self._known.discard(name)

    def drop(self, prefix: Sequence[int]) -> None:
        """Remove what is kept of it: it was of no use."""
        with contextlib.suppress(OSError):
            (self._folder / f"{self._name(prefix)}.state").unlink(missing_ok=True)

    def close(self) -> None:
        """Finish writing, for some seconds at most."""
        if self._writer is not None:
            with contextlib.suppress(queue.Full):
                self._inbox.put(None, timeout=5)
            self._writer.join(timeout=5)
            self._writer = None

    def _name(self, prefix: Sequence[int]) -> str:
        tokens = array.array("l", prefix).tobytes()
        person = hashlib.blake2b(self._identity.encode(), digest_size=16).digest()
        return hashlib.blake2b(tokens, digest_size=20, person=person).hexdigest()

    def _write_all(self) -> None:
        while (job := self._inbox.get()) is not None:
            name, state = job
            try:
                self._write(name, state)
            except OSError as error:
                _LOG.debug("Not kept: %s", error)

    def _write(self, name: str, state: bytes) -> None:
        with written(self._folder / f"{name}.state") as file:
            file.write(_MAGIC + _digest(name, state))
            file.write(state)
        (self._folder / f"{name}.seen").unlink(missing_ok=True)
        self._keep_newest("*.state", self._most, lambda size: size)

    def _keep_newest(self, pattern: str, most: int, weight: Callable[[int], int]) -> None:
        """Remove those used longest ago until the rest weighs at most `most`; `weight` by bytes."""
        found = []
        for path in self._folder.glob(pattern):
            with contextlib.suppress(OSError):  # another process may remove some meanwhile
                status = path.stat()
                found.append((status.st_mtime, weight(status.st_size), path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= most:
                return
            path.unlink(missing_ok=True)
            total -= size


def _digest(name: str, state: bytes) -> bytes:
    digest = hashlib.blake2b(name.encode(), digest_size=_DIGEST)
    digest.update(state)
    return digest.digest()
