"""One client over the pipes of this process."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from agents.mcp_server.strict import StrictServer


def serve(server: StrictServer) -> None:
    """Serve until the client closes our input, or Ctrl-C, which is a `KeyboardInterrupt` whatever it cuts off: what the
    SDK's tasks make of being cancelled depends on the moment."""
    source, target = _own_pipes()
    interrupted = threading.Event()
    try:
        asyncio.run(_session(server, source, target, interrupted))
    except BaseException:
        if interrupted.is_set():
            raise KeyboardInterrupt from None
        raise


def _own_pipes() -> tuple[TextIO, TextIO]:
    """The client's pipes, taken away from everything else: what a library prints goes to stderr, and what a child
    process reads is empty. One stray line on stdout would end the conversation."""
    sys.stdout.flush()
    source, target = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return (
        io.TextIOWrapper(os.fdopen(source, "rb"), encoding="utf-8", errors="replace"),
        io.TextIOWrapper(os.fdopen(target, "wb"), encoding="utf-8", errors="replace"),
    )


async def _session(server: StrictServer, source: TextIO, target: TextIO, interrupted: threading.Event) -> None:
    import anyio
    from mcp.server.stdio import stdio_server

    own = asyncio.current_task()

    def stop() -> None:
        interrupted.set()
        if own is not None:
            own.cancel()

    with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):  # Windows, or not the main thread
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop)
    async with stdio_server(_Lines(source), anyio.wrap_file(target)) as (reading, writing):  # type: ignore[arg-type]
        await server.run(reading, writing, server.create_initialization_options())


class _Lines:
    """Lines of a file, read by a thread that ends with the process: the SDK's own waits for a last line after Ctrl-C."""

    def __init__(self, source: TextIO) -> None:
        self._source = source

    async def __aiter__(self) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        lines: asyncio.Queue[str] = asyncio.Queue()

        def read() -> None:
            for line in iter(self._source.readline, ""):
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, "")

        threading.Thread(target=read, daemon=True, name="mcp-stdin").start()
        while line := await lines.get():
            if line.strip():
                yield line
