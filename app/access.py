"""The door of the application: who may speak to it, before any of its pages or Streamlit's own routes is reached.

A key is made at each start and stands in the address that is printed. The first visit with it exchanges it for a cookie
that no script can read; whoever has neither is told where the address stands, and nothing else. With or without a key
only the application's own pages may speak to it: the same name and port (a WebSocket is asked by its Origin), in no frame.

Not covered: cookies do not know of ports. A program of this machine that a person opens in the same browser, under the
same name, is sent this cookie as well. So it holds a secret of its own, of no use once the application ends.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from ingest import host_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import HTTPConnection
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEY = "key"
"""Of the address's query."""
_POLICY: Final = (
    # What Streamlit's pages need, and nothing from elsewhere: a picture or a font that a text names is not asked for.
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:;"
    " object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_REPLACED: Final = frozenset(name for name, _ in _HEADERS) | {b"access-control-allow-origin"}
_NO_KEY = (
    "This address has no valid key. The whole one stands in the terminal where Zhiku was started; it changes each time.",
    "此地址没有有效的密钥。带密钥的完整地址显示在启动智库的终端里，每次启动都会更换。",
)
_NOT_OURS = (
    "Refused: only Zhiku's own pages may speak to it, under the address it printed.",
    "已拒绝：只有智库自己的页面可以访问它，且须使用其显示的地址。",
)


def new_key() -> str:
    """A key for one start: 256 bits, letters that need no escape in an address."""
    return secrets.token_urlsafe(32)


class Door:
    """ASGI middleware. `key` '' lets in whoever passes the other checks. `hosts`: the names a request may call this
    machine by, None for any (a page that points its own name at this machine must not be taken for ours)."""

    def __init__(self, app: ASGIApp, *, key: str, port: int, hosts: Iterable[str] | None) -> None:
        self._app = app
        self._key = key.encode()
        self._hosts = None if hosts is None else frozenset(hosts)
        self._cookie = f"zhiku-{port}"
        self._session = secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        from starlette.requests import HTTPConnection

        asked = HTTPConnection(scope)
        if not self._is_ours(scope, asked.headers):
            await _refuse(scope, send, _NOT_OURS)
        elif self._key and scope["type"] == "http" and self._brings_key(asked):
            await self._exchange(asked, send)
        elif self._key and not _same(asked.cookies.get(self._cookie, "").encode(), self._session.encode()):
            await _refuse(scope, send, _NO_KEY)
        else:
            await self._app(scope, receive, _with_headers(send))

    def _is_ours(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """Whether the request comes from one of our pages, from an address typed or opened, or from no browser."""
        host = headers.get("host", "")
        if self._hosts is not None and host_name(host) not in self._hosts:
            return False
        if "origin" in headers and headers["origin"] not in {f"http://{host}", f"https://{host}"}:
            return False
        if headers.get("sec-fetch-site", "none") in {"none", "same-origin"}:
            return True
        # A link on somebody else's page may open ours, in a window of its own.
        opened = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        return opened and scope.get("method") in {"GET", "HEAD"}

    def _brings_key(self, asked: HTTPConnection) -> bool:
        """Whether the address has the key."""
        given = asked.query_params.getlist(KEY)
        return asked.scope["method"] == "GET" and any(_same(value.encode(), self._key) for value in given)

    async def _exchange(self, asked: HTTPConnection, send: Send) -> None:
        """Leave the cookie, and the key out of the address: it should not stay in the history."""
        rest = urlencode([(name, value) for name, value in asked.query_params.multi_items() if name != KEY])
        # One slash: `//name` would lead to another machine.
        place = "/" + asked.scope["path"].lstrip("/\\")
        where = urlencode({"": place})[1:].replace("%2F", "/") + (f"?{rest}" if rest else "")
        await lead(send, where, f"{self._cookie}={self._session}; Path=/; HttpOnly; SameSite=Lax")


def _same(given: bytes, known: bytes) -> bool:
    """In a time that tells nothing of either."""
    return hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(known).digest())


async def _refuse(scope: Scope, send: Send, why: tuple[str, str]) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    told = "".join(f'<p lang="{lang}">{html.escape(text)}</p>' for lang, text in zip(("en", "zh"), why, strict=True))
    page = f'<!doctype html><meta charset="utf-8"><title>Zhiku · 智库</title>{told}'
    await answer(send, 403, page)


async def answer(send: Send, status: int, page: str, *more: tuple[bytes, bytes]) -> None:
    """A page of HTML that nobody keeps, with our headers and `more`."""
    body = page.encode()
    about = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*about, length, *more, *_HEADERS]})
    await send({"type": "http.response.body", "body": body})


async def lead(send: Send, where: str, *cookies: str) -> None:
    """The browser to another of our addresses, leaving those `cookies` that are not ''."""
    headers = [(b"location", where.encode()), *((b"set-cookie", one.encode()) for one in cookies if one)]
    await answer(send, 303, "", *headers)


def _with_headers(send: Send) -> Send:
    """`send` that puts our headers on every reply, in place of others of the same name."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message.get("headers", ()) if name.lower() not in _REPLACED]
            message = {**message, "headers": [*kept, *_HEADERS]}
        await send(message)

    return sending
