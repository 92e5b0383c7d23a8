"""Several clients over streamable HTTP, on this machine only."""

from __future__ import annotations

import contextlib
import hmac
import socket
from typing import TYPE_CHECKING

from ingest.errors import UsageError
from ingest.language import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from agents.mcp_server.strict import StrictServer

PATH = "/mcp"
_HOST = "127.0.0.1"


def serve(server: StrictServer, port: int, token: str, started: Callable[[str], None]) -> None:
    """Serve on loopback until Ctrl-C; `started` is told the address. `port` 0 takes a free one. With a `token`, only
    requests that carry it as bearer are answered. Raises `UsageError` when the port is taken."""
    import uvicorn

    listening = _listening(port)
    port = listening.getsockname()[1]
    config = uvicorn.Config(
        _application(server, port, token), log_level="warning", access_log=False, timeout_graceful_shutdown=2
    )
    started(f"http://{_HOST}:{port}{PATH}")
    with contextlib.closing(listening):
        uvicorn.Server(config).run(sockets=[listening])


def _listening(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
    except OSError as error:
        listening.close()
        raise UsageError(
            Text(en=f"Port {port} can't be used: {error.strerror}.", zh=f"无法使用端口 {port}：{error.strerror}。"),
            Text(
                en="Choose another with --port, or 0 for a free one.", zh="请用 --port 换一个端口，0 表示任取空闲端口。"
            ),
        ) from error
    return listening


def _application(server: StrictServer, port: int, token: str) -> ASGIApp:
    """The ASGI application. A web page may send requests to loopback, also under a name of its own that it points
    there (DNS rebinding): only our own addresses are served as host, and only pages from there as origin."""
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.applications import Starlette
    from starlette.routing import Route

    hosts = [f"{name}:{port}" for name in (_HOST, "localhost")]
    manager = StreamableHTTPSessionManager(
        server,
        security_settings=TransportSecuritySettings(
            allowed_hosts=hosts, allowed_origins=[f"http://{host}" for host in hosts]
        ),
        max_sessions=64,
    )

    route = Route(PATH, endpoint=_Guarded(manager.handle_request, token))
    return Starlette(routes=[route], lifespan=lambda _: manager.run())


class _Guarded:
    """Lets requests through that carry the token; all of them where there is none."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode() if token else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._expected:
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not hmac.compare_digest(given, self._expected):
                from starlette.responses import PlainTextResponse

                refused = PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": 'Bearer realm="zhiku"'})
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)
