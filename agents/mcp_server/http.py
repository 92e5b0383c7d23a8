"""Several clients over streamable HTTP: by itself on this machine, or as a face of a server that knows its callers."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from starlette.types import ASGIApp, Receive, Scope, Send

    from agents.mcp_server.strict import StrictServer

PATH = "/mcp"


def session_manager(server: StrictServer, hosts: Sequence[str] = ()) -> StreamableHTTPSessionManager:
    """What carries the sessions. A web page may send requests to loopback, also under a name of its own that it points
    there (DNS rebinding): only `hosts` (name:port) are served as host, and only pages from there as origin. Without any,
    whoever stands before it has looked at that."""
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings

    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=bool(hosts),
        allowed_hosts=list(hosts),
        allowed_origins=[f"http://{host}" for host in hosts],
    )
    return StreamableHTTPSessionManager(server, security_settings=security, max_sessions=64)


def application(server: StrictServer, port: int, token: str) -> ASGIApp:
    """The ASGI application that is nothing but MCP, on loopback. With a `token`, only requests that carry it as bearer are
    answered."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    manager = session_manager(server, [f"{name}:{port}" for name in ("127.0.0.1", "localhost")])
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
