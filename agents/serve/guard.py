"""What is asked of every request before anything looks at it, and its body cut off where that is too long or comes too slowly.
ASGI middleware, so that streams stay streams."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect

from agents.access.policy import AccessPolicy
from agents.access.rights import LOCAL
from agents.serve.listening import HEALTH
from agents.serve.problems import Refused, response
from ingest.language import Language, Text, language, speaking
from ingest.web.addresses import host_name

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


WHO = "zhiku.who"
"""Of an ASGI scope: the caller."""
KEY = "zhiku.key"
"""Of the scope of a request from a web page with the widget: its key."""
WIDGET = "/widget/"
"""Below it, requests come from pages of others, with a key that is no secret."""
PUBLIC = frozenset({HEALTH, "/openapi.json", "/widget.js"})
"""What needs no key: it says nothing of what is kept here."""
_JSON_BYTES = 4 << 20
"""Of a request that uploads no files."""


class Rate:
    """So many requests a minute for each caller; a caller who was silent may send as many at once (a token bucket)."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """0: as many as they like."""
        self._most, self._clock = per_minute, clock
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def wait(self, caller: str) -> float:
        """Seconds until this caller may send a request; 0.0 counts one that is sent now."""
        if not self._most:
            return 0.0
        now = self._clock()
        with self._lock:
            left, seen = self._left.get(caller, (float(self._most), now))
            left = min(self._most, left + (now - seen) * self._most / 60)
            if left < 1:
                return (1 - left) * 60 / self._most
            self._left[caller] = (left - 1, now)
            if len(self._left) > 10_000:  # those that were silent for a minute have all their requests again
                self._left = {name: held for name, held in self._left.items() if held[1] > now - 60}
        return 0.0


class Guard:
    """Lets through what may come in, with its caller in the scope and its language in force."""

    def __init__(
        self,
        app: ASGIApp,
        policy: AccessPolicy,
        *,
        rate: Rate,
        visitors: Rate,
        at_once: int,
        upload_bytes: int,
        hosts: Iterable[str] | None,
    ) -> None:
        """`visitors`: of one page's visitors each, by their addresses. `hosts`: the names a request may call this machine by, None for any. A page that points its own name at this
        machine must not be taken for ours where no key is needed."""
        self._app, self._policy, self._rate = app, policy, rate
        self._visitors, self._at_once, self._upload_bytes = visitors, at_once, upload_bytes
        self._hosts = None if hosts is None else frozenset(hosts)
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        with speaking(preferred(headers.get("accept-language", ""))):
            try:
                self._admit(scope, headers)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                await response(scope["path"], error)(scope, receive, _for_page(scope, headers, send))
                return
            send = _for_page(scope, headers, send)
            self._open += 1
            try:
                await self._answered(scope, receive, send, self._most_bytes(headers))
            finally:
                self._open -= 1

    def _admit(self, scope: Scope, headers: dict[str, str]) -> None:
        """Raises for what must not come in."""
        if scope["path"].startswith(WIDGET):
            query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
            scope[KEY], who = self._policy.visitor(query.get("key", ""), headers.get("origin", ""))
            scope[WHO] = who
            _check_rate(self._visitors, f"{who.key} {(scope.get('client') or ('',))[0]}")
        else:
            self._check_page(headers)
            if scope["path"] not in PUBLIC:
                who = scope[WHO] = self._policy.who(_bearer(headers))
                if who is not LOCAL:
                    _check_rate(self._rate, who.key)
        if self._open >= self._at_once and scope["path"] != HEALTH:  # a proxy would take all who are busy for dead
            raise Refused(
                503,
                "busy",
                Text("The server is at work on too many requests.", "服务器正在处理的请求过多。"),
                Text("Try again in a moment.", "请稍后重试。"),
                Retry_After="1",
            )
        if int(length if (length := headers.get("content-length", "0")).isdigit() else 0) > self._most_bytes(headers):
            raise too_large(self._most_bytes(headers))

    def _check_page(self, headers: dict[str, str]) -> None:
        """A web page may send requests here from its reader's browser. One that has a key may speak to us: no browser
        adds that by itself."""
        host = headers.get("host", "")
        strange = self._hosts is not None and host_name(host) not in self._hosts
        origin = headers.get("origin", "")
        if strange or (origin and origin not in {f"http://{host}", f"https://{host}"} and not _bearer(headers)):
            raise Refused(
                403,
                "not-ours",
                Text("Requests of other web pages are refused.", "已拒绝来自其他网页的请求。"),
                Text("Use the address that the server printed, or send a key.", "请使用服务器显示的地址，或附带密钥。"),
            )

    def _most_bytes(self, headers: dict[str, str]) -> int:
        return self._upload_bytes if headers.get("content-type", "").startswith("multipart/form-data") else _JSON_BYTES

    async def _answered(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        """The application's answer; ours to a body that is too long or too slow, and to a bug, in the asker's language."""
        body = Body(receive, send, most)
        try:
            await self._app(scope, body.receive, body.send)
        except ClientDisconnect:  # nobody is there to be told
            return
        except Exception as error:
            if body.answered:
                raise
            body.refused = body.refused or error
        if body.refused and not body.answered:
            await response(scope["path"], body.refused)(scope, receive, send)


def _check_rate(rate: Rate, caller: str) -> None:
    """Raises `Refused` for one request too many."""
    if wait := rate.wait(caller):
        raise Refused(
            429,
            "too-many",
            Text("Too many requests.", "请求过于频繁。"),
            Text(f"Try again in {math.ceil(wait)} s.", f"请在 {math.ceil(wait)} 秒后重试。"),
            Retry_After=str(math.ceil(wait)),
        )


def preferred(accepted: str) -> Language:
    """Chinese or English, as the header `Accept-Language` has it; that of the server where it names neither."""
    best: dict[str, float] = {}
    for part in accepted.split(","):
        name, _, rest = part.strip().lower().partition(";")
        quality = rest.strip().removeprefix("q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        for lang in ("zh", "en"):
            if name.split("-")[0] == lang:
                best[lang] = max(best.get(lang, 0.0), weight)
    if not any(best.values()):
        return language()
    return "zh" if best.get("zh", 0.0) > best.get("en", 0.0) else "en"


def _for_page(scope: Scope, headers: dict[str, str], send: Send) -> Send:
    """`send` that lets the page that may use the key read the reply."""
    if KEY not in scope:
        return send

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            seen = (b"access-control-allow-origin", headers.get("origin", "").encode("latin-1"))
            message = {**message, "headers": [*message.get("headers", ()), seen, (b"vary", b"Origin")]}
        await send(message)

    return sending


def _bearer(headers: dict[str, str]) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


_SECONDS = 60.0
"""That a client may take for the next piece of its request."""


class Body:
    """Stands between an application and its client. What it refuses is raised where the application reads; whatever that
    makes of it is held back, so that the refusal can be the answer."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self.answered = False
        self.refused: Exception | None = None
        self._receive, self._send, self._left, self._most = receive, send, most, most
        self._whole = False

    async def receive(self) -> Message:
        """The next message. Raises `Refused`."""
        if self._whole:  # what comes now is that the client is gone
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), _SECONDS)
        except TimeoutError as error:
            self.refused = Refused(408, "too-slow", Text("The request took too long.", "请求发送过慢。"))
            raise self.refused from error
        self._whole = not message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.refused = too_large(self._most)
            raise self.refused
        return message

    async def send(self, message: Message) -> None:
        """A part of the answer, unless the request was refused before."""
        if self.answered or not self.refused:
            self.answered = True
            await self._send(message)


def too_large(most: int) -> Refused:
    """What is said of a body of more than `most` bytes."""
    return Refused(
        413,
        "too-large",
        Text(f"A request may have up to {most >> 20} MB.", f"请求不得超过 {most >> 20} MB。"),
        Text("Send less at a time.", "请分次发送。"),
        Connection="close",
    )
