"""One event loop in a thread of its own, where all talking to servers happens.

There a request can be given up at any moment, while it connects, waits for a first token or reads: something that a
thread blocked in a socket can't do. Whoever asks, thread or coroutine, gets what comes through a queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import queue
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ingest.apart.threads import Cancelled

if TYPE_CHECKING:
    import httpx

_T = TypeVar("_T")
LOOK_FOR_CANCEL = 0.05
"""Seconds between two looks at a cancel token while nothing comes."""


class CancelToken(Protocol):
    """What stops a request from another thread; a `threading.Event` will do."""

    def is_set(self) -> bool:
        """True from the moment the caller no longer wants tokens."""


@functools.cache
def loop() -> asyncio.AbstractEventLoop:
    """The process's loop, started at the first need."""
    made = asyncio.new_event_loop()
    threading.Thread(target=made.run_forever, name="servers", daemon=True).start()
    return made


def wait(work: Coroutine[Any, Any, _T], cancel: CancelToken | None = None) -> _T:
    """The result of `work`, from a thread. Raises what it raises, and `Cancelled`."""
    running = asyncio.run_coroutine_threadsafe(until_cancelled(work, cancel), loop())
    try:
        return running.result()
    finally:
        running.cancel()


async def await_(work: Coroutine[Any, Any, _T]) -> _T:
    """The same from a coroutine in whatever loop."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop()))


async def until_cancelled(work: Coroutine[Any, Any, _T], cancel: CancelToken | None) -> _T:
    """The result of `work`, for a coroutine in the loop. Raises what it raises, and `Cancelled`."""
    running = asyncio.ensure_future(work)
    try:
        while not running.done():
            if cancel is not None and cancel.is_set():
                raise Cancelled
            await asyncio.wait([running], timeout=LOOK_FOR_CANCEL if cancel is not None else None)
        return running.result()
    finally:
        running.cancel()


def iterate(source: Callable[[], AsyncGenerator[_T]], cancel: CancelToken | None = None) -> Iterator[_T]:
    """What `source` yields, for a thread. Raises what it raises, and `Cancelled`; closing it ends the request."""
    arrived: queue.SimpleQueue[tuple[_T] | BaseException | None] = queue.SimpleQueue()
    running = _pump(source, cancel, arrived.put)
    try:
        while item := _taken(arrived.get()):
            yield item[0]
    finally:
        running.cancel()


async def aiterate(source: Callable[[], AsyncGenerator[_T]], cancel: CancelToken | None = None) -> AsyncIterator[_T]:
    """The same for a coroutine in whatever loop."""
    here = asyncio.get_running_loop()
    arrived: asyncio.Queue[tuple[_T] | BaseException | None] = asyncio.Queue()

    def deliver(item: tuple[_T] | BaseException | None) -> None:
        if not here.is_closed():
            here.call_soon_threadsafe(arrived.put_nowait, item)

    running = _pump(source, cancel, deliver)
    try:
        while item := _taken(await arrived.get()):
            yield item[0]
    finally:
        running.cancel()


def hang_up(clients: Iterable[httpx.AsyncClient]) -> None:
    """Close connections that nobody will use again; returns at once."""

    async def close() -> None:
        for client in clients:
            await client.aclose()

    asyncio.run_coroutine_threadsafe(close(), loop())


def _pump(
    source: Callable[[], AsyncGenerator[_T]],
    cancel: CancelToken | None,
    deliver: Callable[[tuple[_T] | BaseException | None], None],
) -> Future[None]:
    """Hands on each item in a tuple of its own, then None or the error."""

    async def read() -> None:
        async with contextlib.aclosing(source()) as stream:
            async for item in stream:
                deliver((item,))

    async def run() -> None:
        try:
            await until_cancelled(read(), cancel)
        except Exception as error:  # noqa: BLE001  # belongs to whoever reads
            deliver(error)
        else:
            deliver(None)

    return asyncio.run_coroutine_threadsafe(run(), loop())


def _taken(item: tuple[_T] | BaseException | None) -> tuple[_T] | None:
    if isinstance(item, BaseException):
        raise item
    return item
