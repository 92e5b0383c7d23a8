"""Sites on loopback, which the tests' fetchers take for the public internet."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from ingest.web import Fetcher, FetchLimits
from tests.loopback import Request, Server

HERE = ipaddress.ip_address("127.0.0.1")
"""Stands for the public internet in these tests; 127.0.0.2 stands for what lies behind."""


@dataclass
class Site:
    """A server whose pages are functions."""

    port: int = 0
    pages: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def serve(self, path: str, body: bytes, kind: str = "text/plain; charset=utf-8", **headers: str) -> str:
        def page(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.send_header("Content-Type", kind)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            request.wfile.write(body)

        self.pages[path] = page
        return f"http://page.example:{self.port}{path}"

    def redirect(self, path: str, target: str, status: int = 302) -> str:
        def page(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Location", target)
            request.send_header("Set-Cookie", "session=1")
            request.end_headers()

        self.pages[path] = page
        return f"http://page.example:{self.port}{path}"


@contextlib.contextmanager
def serving() -> Iterator[Site]:
    """A site on loopback, as long as it is used."""
    pages = Site()

    class Handler(Request):
        def do_GET(self) -> None:
            pages.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            page = pages.pages.get(self.path)
            with contextlib.suppress(OSError):  # the other side had enough
                page(self) if page else self.send_error(404)

    with Server(Handler) as server:
        pages.port = server.server_port
        yield pages


@dataclass
class Names:
    """A resolver that gives each answer of a name once, the last for ever, and counts."""

    answers: dict[str, list[Sequence[str]]] = field(default_factory=lambda: {"page.example": [["127.0.0.1"]]})
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, seconds: float) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.answers:
            raise OSError("no such name")
        given = self.answers[host]
        return given.pop(0) if len(given) > 1 else given[0]


def fetcher(site: Site, names: Names | None = None, **more: Any) -> Fetcher:
    return Fetcher(
        more.pop("limits", FetchLimits(seconds=20)),
        resolver=names or Names(),
        admits=lambda address: address == HERE,
        ports={80, 443, site.port},
        **more,
    )
