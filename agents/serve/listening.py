"""Where a server listens, and uvicorn, which carries the requests."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from ingest.errors import UsageError
from ingest.language import Text
from ingest.web.addresses import bound, is_loopback

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = "127.0.0.1"
EVERYONE = "--let-everyone-in"
"""The words that open a server without keys beyond this machine."""
HEALTH = "/health"
"""What a proxy asks to know who takes requests."""
_NOTICE = 5.0
"""Seconds for which a server that is to end still takes requests, where a proxy has to see that it will."""
_HEARD = 30.0
"""Seconds since somebody asked after its health for which there may be such a proxy."""
_FINISH = 80.0
"""Seconds after it for the answers under way: systemd and `docker compose` are told to wait 90."""
_INTERRUPTED = 2
"""The same seconds for who ends it by Ctrl-C."""


def checked(host: str, *, keys: bool, everyone: bool) -> Text | None:
    """What to warn of before listening on `host`, where keys are in force or not. Raises `UsageError` where others could
    reach it without one and nobody said that they may."""
    if is_loopback(host):
        return None
    if keys:
        return Text(
            "Warning: nothing is encrypted on the way, the keys neither: put a proxy with TLS in front.",
            "警告：传输未加密，密钥也是明文：请在前面加一个带 TLS 的代理。",
        )
    if not everyone:
        raise UsageError(
            Text(
                f"Zhiku does not serve on {host} without keys: everyone who reaches it could read and change everything.",
                f"未设密钥时，智库不会在 {host} 上提供服务：任何能访问的人都能读取和更改全部内容。",
            ),
            Text(
                f"Make a key (`zhiku keys add`), listen on {LOOPBACK}, or say {EVERYONE}.",
                f"请新建密钥（`zhiku keys add`）、改为监听 {LOOPBACK}，或明确加上 {EVERYONE}。",
            ),
        )
    return Text(
        f"Warning: everyone who reaches {host} can read and change everything here; there are no keys.",
        f"警告：任何能访问 {host} 的人都能读取和更改全部内容；没有密钥保护。",
    )


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; `port` 0 takes a free one. Raises `UsageError` when it can't."""
    try:
        return bound(host, port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            Text(f"{host}:{port} can't be used: {reason}.", f"无法使用 {host}:{port}：{reason}。"),
            Text(
                "Choose another port with --port, or 0 for a free one.", "请用 --port 换一个端口，0 表示任取空闲端口。"
            ),
        ) from error


def serve(app: ASGIApp, opened: socket.socket, started: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; `started` is called when it takes requests. Those under way get two seconds after the
    first. After the second they are answered to their end, and a proxy hears of it before connections are refused."""
    import uvicorn

    leaving = Leaving(app)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            self.loop = asyncio.get_running_loop()
            started()

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            end = super().handle_exit
            if sig != signal.SIGTERM or leaving.begun or not self.started:
                end(sig, frame)
                return
            self.config.timeout_graceful_shutdown = int(_FINISH)
            self.loop.call_soon_threadsafe(self.loop.call_later, leaving.begin(), end, sig, frame)

    config = uvicorn.Config(
        leaving,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_INTERRUPTED,
        h11_max_incomplete_event_size=64 << 10,
    )
    with contextlib.closing(opened):
        Server(config).run(sockets=[opened])


class Leaving:
    """Before an application whose server may have to end: from `begin` on it is not well for who asks after its health, and
    keeps no connection open, so that a proxy sends nothing more by the time that none is taken."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._asked = float("-inf")
        self.begun = False

    def begin(self) -> float:
        """Seconds for which requests are still to be taken."""
        self.begun = True
        return _NOTICE if time.monotonic() - self._asked < _HEARD else 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls it."""
        health = scope["type"] == "http" and scope["path"] == HEALTH
        if health:
            self._asked = time.monotonic()

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), (b"connection", b"close")]
                message = {**message, "status": 503 if health else message["status"], "headers": headers}
            await send(message)

        await self._app(scope, receive, closing if self.begun else send)
