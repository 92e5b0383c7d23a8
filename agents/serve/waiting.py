"""Work in a thread while its client waits, stopped as soon as the client goes away; and events as they come."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import Any, Generic, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from agents.serve.problems import problem
from ingest.apart.threads import begun, coming

T = TypeVar("T")
_LOOK = 0.1
"""Seconds between two looks whether the client is still there."""
_BEAT = 15.0
"""Seconds of silence after which a stream gets a comment, so that nobody between takes it for dead."""


class Feed(Generic[T]):
    """What comes of some work, for any number of readers at any time. Only ever appended to, by the work's thread."""

    def __init__(self) -> None:
        self._items: list[T] = []
        self._changed = threading.Condition()
        self._ended = False

    def put(self, item: T) -> None:
        """One more."""
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def end(self) -> None:
        """There will be no more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def follow(self, cancel: threading.Event, start: int = 0) -> Iterator[tuple[int, T]]:
        """All from number `start` on, with their numbers, as they come; until the end, or `cancel` is set."""
        while not cancel.is_set():
            with self._changed:
                if start >= len(self._items) and not self._ended:
                    self._changed.wait(_LOOK)
                new, ended = self._items[start:], self._ended
            for item in new:
                yield start, item
                start += 1
            if ended and not new:
                return


async def waited(request: Request, work: Callable[[threading.Event], T], seconds: float = 0.0) -> T:
    """What `work` returns, from a thread. The event it is given is set when the client goes away, or after `seconds` (0:
    never). Raises what it raises."""
    cancel = threading.Event()
    ended = asyncio.wrap_future(coming(lambda: work(cancel), "serve"))
    over = time.monotonic() + seconds if seconds else None
    try:
        while not ended.done():
            await asyncio.wait([ended], timeout=_LOOK)
            if await request.is_disconnected() or (over is not None and time.monotonic() > over):
                cancel.set()
        return await ended
    finally:
        cancel.set()


async def flowing(work: Callable[[threading.Event], Iterator[T]], seconds: float = 0.0) -> AsyncGenerator[T | None]:
    """What `work` yields, from a thread; None after a silence. Closing this sets the event it is given, and so do `seconds`
    (0: never). Raises what it raises."""
    cancel = threading.Event()
    arrived: asyncio.Queue[tuple[T] | BaseException | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def deliver(item: tuple[T] | BaseException | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is there any more
            loop.call_soon_threadsafe(arrived.put_nowait, item)

    def run() -> None:
        try:
            for item in work(cancel):
                deliver((item,))
        except BaseException as error:  # noqa: BLE001 - belongs to whoever reads
            deliver(error)
        else:
            deliver(None)

    begun(run, "serve-stream")
    over = time.monotonic() + seconds if seconds else None
    try:
        while True:
            try:
                left = _BEAT if over is None or cancel.is_set() else min(_BEAT, max(0.0, over - time.monotonic()))
                item = await asyncio.wait_for(arrived.get(), left)
            except TimeoutError:
                if over is not None and time.monotonic() >= over:
                    cancel.set()
                yield None
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item[0]
    finally:
        cancel.set()


async def begin(request: Request, flow: AsyncGenerator[T | None]) -> AsyncGenerator[T | None]:
    """`flow`, once its first item is there: what goes wrong before can still be told with a status of its own. Raises what
    `flow` raises, and `ClientDisconnect`."""
    first = asyncio.ensure_future(anext(flow, None))
    try:
        while not first.done():
            await asyncio.wait([first], timeout=_LOOK)
            if await request.is_disconnected():
                raise ClientDisconnect
        item = await first
    except BaseException:
        first.cancel()
        await asyncio.wait([first])  # a generator that still runs can't be closed
        await flow.aclose()
        raise

    async def whole() -> AsyncGenerator[T | None]:
        try:
            yield item
            async for more in flow:
                yield more
        finally:
            await flow.aclose()

    return whole()


async def events(
    request: Request, work: Callable[[threading.Event], Iterator[tuple[str, str, Any]]], seconds: float = 0.0
) -> Response:
    """Server-sent events: what `work` yields as (id, name, data); an error on the way is the last, called 'error'."""

    def failed(error: Exception) -> str:
        return _event("", "error", problem(error, request.url.path))

    return await streamed(request, lambda cancel: (_event(*item) for item in work(cancel)), failed, seconds)


async def streamed(
    request: Request,
    work: Callable[[threading.Event], Iterator[str]],
    failed: Callable[[Exception], str],
    seconds: float = 0.0,
    last: str = "",
) -> Response:
    """Server-sent events as `work` has written them, held back by nobody on the way; what `failed` makes of an error, and at
    the end `last`."""
    flow = await begin(request, flowing(work, seconds))

    async def lines() -> AsyncIterator[str]:
        async with contextlib.aclosing(flow):
            try:
                async for text in flow:
                    yield ": still here\n\n" if text is None else text
            except Exception as error:  # noqa: BLE001 - the answer has begun: this is the only way to say it
                yield failed(error)
        if last:
            yield last

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(), media_type="text/event-stream", headers=headers)


def _event(identity: str, name: str, data: Any) -> str:  # noqa: ANN401 - JSON
    head = f"id: {identity}\n" if identity else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
