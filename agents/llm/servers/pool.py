"""Which server takes the next request: the least busy of those that live; the dead are tried again, ever more rarely."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from agents.llm.servers.one import OneServer

_FIRST_REST, _LONGEST_REST = 1.0, 60.0
"""Seconds that a server is left alone after its first failure, doubled with each further one up to the longest."""


@dataclass
class Server:
    """One address and how it has been doing."""

    url: str
    chat: OneServer
    busy: int = 0
    """Requests under way."""
    failures: int = 0
    """In a row."""
    rests_until: float = 0.0
    last_taken: int = field(default=0, repr=False)

    @property
    def alive(self) -> bool:
        """Nothing is known against it."""
        return self.failures == 0


class Pool:
    """Used within one event loop, so nothing is locked."""

    def __init__(self, servers: Sequence[Server], clock: Callable[[], float] = time.monotonic) -> None:
        self.servers = list(servers)
        self._clock = clock
        self._taken = 0

    def pick(self, tried: Sequence[Server] = ()) -> Server | None:
        """The least busy living server not in `tried`, in turn where equal; then one whose rest is over; then, lest
        nobody be asked, the one that rests the shortest. None when all have been tried."""
        left = [server for server in self.servers if server not in tried]
        if not left:
            return None
        now = self._clock()
        return min(
            left,
            key=lambda s: (not s.alive, max(0.0, s.rests_until - now) if not s.alive else 0.0, s.busy, s.last_taken),
        )

    def due(self) -> list[Server]:
        """Dead servers whose rest is over: worth asking after while others answer. They rest again meanwhile."""
        now = self._clock()
        found = [server for server in self.servers if not server.alive and server.rests_until <= now]
        for server in found:
            server.rests_until = now + _FIRST_REST
        return found

    @contextlib.contextmanager
    def lease(self, server: Server) -> Iterator[None]:
        """Counts a request as under way."""
        server.busy += 1
        self._taken += 1
        server.last_taken = self._taken
        try:
            yield
        finally:
            server.busy -= 1

    def failed(self, server: Server, *, rest: float = 0.0) -> None:
        """Leave it alone for `rest` seconds, or by what its failures so far call for (with half of it by chance, so
        that many clients don't come back at once)."""
        server.failures += 1
        backoff = min(_LONGEST_REST, _FIRST_REST * 2.0 ** min(server.failures - 1, 10))
        server.rests_until = self._clock() + max(rest, backoff * random.uniform(0.5, 1.0))  # noqa: S311

    def answered(self, server: Server) -> None:
        """It is well."""
        server.failures, server.rests_until = 0, 0.0
