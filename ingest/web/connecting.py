"""Connections to addresses that have been checked, and to nothing else; every wait on them has an end."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from ingest.apart.threads import Clock
from ingest.web.addresses import Address

SLICE = 0.2
"""Seconds between two looks at the clock and at whether the run is cancelled, while nothing arrives."""


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to the addresses it was given, whatever the name: names are not looked up a second time."""

    def __init__(self, addresses: tuple[Address, ...], connect_seconds: float, clock: Clock) -> None:
        self._addresses, self._seconds, self._clock = addresses, connect_seconds, clock
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - that's the point
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - ours is the shorter
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """The first of the addresses that answers. Raises httpcore's errors, and the clock's."""
        problem: Exception | None = None
        for address in self._addresses:
            try:
                seconds = min(self._seconds, self._clock.remaining())
                stream = self._sockets.connect_tcp(str(address), port, seconds, None, socket_options)
                return _Stream(stream, self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem or httpcore.ConnectError("no address")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Refused: there is no page at the end of a socket of this machine."""
        raise httpcore.ConnectError(path)

    def sleep(self, seconds: float) -> None:
        """Wait, within the clock."""
        time.sleep(min(seconds, self._clock.remaining()))


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait counts against the same clock: a byte a second doesn't win time."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream, self._clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        while True:
            try:
                return self._stream.read(max_bytes, min(SLICE, self._clock.remaining()))
            except httpcore.ReadTimeout:
                continue

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._clock.remaining())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._clock.remaining()), self._clock)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401
        return self._stream.get_extra_info(info)
