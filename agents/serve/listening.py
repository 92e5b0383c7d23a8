"""Where a server listens, and uvicorn, which carries the requests."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

from ingest.errors import UsageError
from ingest.language import Text
from ingest.web.addresses import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"
EVERYONE = "--let-everyone-in"
"""The words that open a server without keys beyond this machine."""


def checked(host: str, *, keys: bool, everyone: bool) -> Text | None:
    """What to warn of before listening on `host`, where keys are in force or not. Raises `UsageError` where others could
    reach it without one and nobody said that they may."""
    if is_loopback(host):
        return None
    if keys:
        return Text(
            en="Warning: nothing is encrypted on the way, the keys neither: put a proxy with TLS in front.",
            zh="警告：传输未加密，密钥也是明文：请在前面加一个带 TLS 的代理。",
        )
    if not everyone:
        raise UsageError(
            Text(
                en=f"Zhiku does not serve on {host} without keys: everyone who reaches it could read and change everything.",
                zh=f"未设密钥时，智库不会在 {host} 上提供服务：任何能访问的人都能读取和更改全部内容。",
            ),
            Text(
                en=f"Make a key (`zhiku keys add`), listen on {LOOPBACK}, or say {EVERYONE}.",
                zh=f"请新建密钥（`zhiku keys add`）、改为监听 {LOOPBACK}，或明确加上 {EVERYONE}。",
            ),
        )
    return Text(
        en=f"Warning: everyone who reaches {host} can read and change everything here; there are no keys.",
        zh=f"警告：任何能访问 {host} 的人都能读取和更改全部内容；没有密钥保护。",
    )


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; `port` 0 takes a free one. Raises `UsageError` when it can't."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _taken(host, port, error) from error
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(address)
    except OSError as error:
        opened.close()
        raise _taken(host, port, error) from error
    return opened


def serve(app: ASGIApp, opened: socket.socket, started: Callable[[], None]) -> None:
    """Serve until Ctrl-C; `started` is called when it takes requests. Those under way get two seconds then."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started()

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=64 << 10,
    )
    with contextlib.closing(opened):
        Server(config).run(sockets=[opened])


def _taken(host: str, port: int, error: OSError) -> UsageError:
    reason = error.strerror or str(error)
    return UsageError(
        Text(en=f"{host}:{port} can't be used: {reason}.", zh=f"无法使用 {host}:{port}：{reason}。"),
        Text(
            en="Choose another port with --port, or 0 for a free one.",
            zh="请用 --port 换一个端口，0 表示任取空闲端口。",
        ),
    )
