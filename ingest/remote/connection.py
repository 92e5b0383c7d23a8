"""Requests to a server of ours, its streams, and what it says is wrong as the errors that the library itself raises."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from ingest.apart.background import CancelToken, hang_up, iterate, wait
from ingest.errors import LibraryLocked, LibraryUnavailable, LoadError, ModelError, UsageError, ZhikuError
from ingest.language import Text, language

_KINDS: dict[str, type[ZhikuError]] = {
    "locked": LibraryLocked,
    "unavailable": LibraryUnavailable,
    "unreadable": LoadError,
    "model": ModelError,
}
_PROBLEM = "urn:zhiku:"
_CONNECT = 20.0


class Connection:
    """One server, and the key to it. Safe from any thread."""

    def __init__(self, url: str, key: str = "") -> None:
        """`url` without a path, such as https://zhiku.example. Nothing is asked yet. Raises `LibraryUnavailable` for one that
        is none."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        timeout = httpx.Timeout(None, connect=_CONNECT)  # an answer takes as long as the server lets it
        self.url = url.rstrip("/")
        with _explained(url):
            self._client = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=timeout)

    def ask(self, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401 - JSON
        """The JSON that a request brings; None where it brings nothing. `more` as httpx takes it. Raises what the server
        says is wrong, and `LibraryUnavailable` where there is no such server."""
        spoken = {"Accept-Language": language()}

        async def send() -> Any:  # noqa: ANN401 - JSON
            with _explained(self.url):
                response = await self._client.request(method, path, headers=spoken, **more)
                _check(response.status_code, response.content)
                return json.loads(response.content) if response.content else None

        return wait(send())

    def events(
        self,
        method: str,
        path: str,
        cancel: CancelToken | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,  # noqa: ANN401 - httpx's
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """The server-sent events that a request brings, as (name, data). Raises as `ask` does, and `Cancelled`; closing it
        ends the request, which stops the server's work."""
        sent = {"Accept-Language": language(), **(headers or {})}

        async def read() -> AsyncGenerator[tuple[str, dict[str, Any]]]:
            with _explained(self.url):
                async with self._client.stream(method, path, headers=sent, **more) as response:
                    if response.status_code >= 400:
                        _check(response.status_code, await response.aread())
                    name = ""
                    async for line in response.aiter_lines():
                        field, _, value = line.partition(": ")
                        if field == "event":
                            name = value
                        elif field == "data":
                            data = json.loads(value)
                            if name == "error":
                                raise error_of(data)
                            yield name, data

        return iterate(read, cancel)

    def close(self) -> None:
        """Close connections."""
        hang_up([self._client])


def within(path: str, name: str) -> str:
    """The address of what is called `name` below `path`; a name may hold anything."""
    return f"{path}/{quote(name, safe='')}"


@contextlib.contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turns what httpx says into ours."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # the last: what came is no JSON
        what = str(error) or type(error).__name__
        raise LibraryUnavailable(
            Text(f"No answer from {url}: {what}.", f"{url} 没有回应：{what}。"),
            Text(
                "Check the address, and that `zhiku serve` runs there.",
                "请检查地址，并确认那里正在运行 `zhiku serve`。",
            ),
        ) from error


def _check(status: int, content: bytes) -> None:
    """Raises what the server says is wrong."""
    if status < 400:
        return
    try:
        told = json.loads(content)
    except ValueError:
        told = None
    raise error_of(told if isinstance(told, dict) else {"status": status})


def error_of(told: Mapping[str, Any]) -> ZhikuError:
    """The error to raise for a problem as RFC 9457 has it, or whatever else a proxy on the way says."""
    kind = str(told.get("type", "")).removeprefix(_PROBLEM)
    status = int(told.get("status", 500))
    cls = _KINDS.get(kind) or (UsageError if status < 500 else LibraryUnavailable)
    detail = str(told.get("detail", ""))
    message = (
        Text(detail, detail)
        if detail
        else Text(f"The server answered with status {status}.", f"服务器返回状态 {status}。")
    )
    hint = str(told.get("hint", ""))
    return cls(message, Text(hint, hint) if hint else None)
