"""One GET, with redirects: every step looked up, checked and connected to by address."""

from __future__ import annotations

import ssl
import threading
import zlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.apart.threads import Cancelled, Clock, OutOfTime
from ingest.web.addresses import Address, is_public, own_addresses
from ingest.web.rules import (
    FetchError,
    FetchLimits,
    FetchStatus,
    Resolver,
    checked,
    failed,
    located,
    refused,
    system_resolver,
)

if TYPE_CHECKING:
    import httpcore
    import httpx


PORTS = frozenset({80, 443})
_REDIRECTS = (301, 302, 303, 307, 308)
_TYPES = ("application/json", "application/xhtml+xml", "application/pdf", "application/xml")
_DOCUMENTS = (
    "application/vnd.openxmlformats", "application/vnd.oasis.opendocument", "application/epub+zip", "application/rtf",
    "application/msword", "application/vnd.ms-",
)  # fmt: skip
_HEADERS = (
    (b"User-Agent", b"Mozilla/5.0 (compatible; Zhiku)"),
    (b"Accept", b"text/html,application/xhtml+xml,text/*,application/json;q=0.9,application/pdf;q=0.8"),
    (b"Accept-Language", b"zh,en;q=0.9"),
    (b"Accept-Encoding", b"gzip"),
    (b"Connection", b"close"),
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came, decompressed."""

    url: str
    """Where it was found in the end."""
    media_type: str
    charset: str
    """As the server declares it; may be empty, or wrong."""
    body: bytes
    etag: str = ""
    modified: str = ""
    """When it last changed, as the server has it; for `validators` of a later request."""
    unchanged: bool = False
    """The server says it is what it was: there is no body."""


def is_text(media_type: str) -> bool:
    """Whether a page of this type is text, or a PDF."""
    return media_type.startswith("text/") or media_type in _TYPES or media_type.endswith("+json")


def is_document(media_type: str) -> bool:
    """Whether a page of this type is text, or a document that is read as a file."""
    return is_text(media_type) or media_type.startswith(_DOCUMENTS)


class Fetcher:
    """Fetches pages of the public web.

    A name is looked up once per step; every address it has must be `admits`-ted; the connection goes to that address,
    so that a second look-up can't lead elsewhere. GET only, without cookies or passwords. Proxies of the environment
    aren't used: behind one the check would be of the proxy's address, not of the page's.

    Not covered: a server on the public web that fetches for others; networks that translate public addresses to
    private ones (NAT64 with a prefix of the operator's own); what the address asked for gives away by itself.
    """

    def __init__(
        self,
        limits: FetchLimits | None = None,
        *,
        resolver: Resolver = system_resolver,
        admits: Callable[[Address], bool] | None = None,
        ports: Collection[int] = PORTS,
        tls: ssl.SSLContext | None = None,
        types: Callable[[str], bool] = is_text,
    ) -> None:
        """`types`: which media types are taken."""
        self._limits = limits or FetchLimits()
        self._resolver, self._admits, self._ports, self._tls, self._types = resolver, admits, ports, tls, types

    def get(
        self,
        url: str,
        cancelled: threading.Event | None = None,
        seconds: float | None = None,
        *,
        validators: tuple[str, str] = ("", ""),
    ) -> Fetched:
        """Fetch `url`, in at most `seconds` (None, or more than the limit: the limit).

        `validators`: `etag` and `modified` of the page as it is known; when it is still that, it comes without a body.
        Raises `FetchRefused` for what we won't fetch, `FetchStatus` for what the server doesn't give, `FetchError` for
        what couldn't be had.
        """
        import httpcore

        most = self._limits.seconds
        clock = Clock.lasting(most if seconds is None else min(seconds, most), cancelled)
        try:
            return self._follow(url, clock, validators)
        except Cancelled as error:
            raise failed("Fetching was cancelled.", "已取消获取。") from error
        except OutOfTime as error:
            raise failed("The page took too long.", "网页响应时间过长。") from error
        except (
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.ProxyError,
            httpcore.UnsupportedProtocol,
            httpcore.ConnectionNotAvailable,
            OSError,
        ) as error:
            kind = type(error).__name__
            raise failed(f"The page can't be reached ({kind}).", f"无法访问该网页（{kind}）。") from error

    def _follow(self, text: str, clock: Clock, validators: tuple[str, str]) -> Fetched:
        url = checked(text, self._ports)
        admits = self._admits or _public_but_not_ours()
        for _ in range(self._limits.redirects + 1):
            found = self._step(url, clock, admits, validators)
            if isinstance(found, Fetched):
                return found
            # Relative to where we are; a scheme of its own is checked like any other.
            following = checked(_joined(url, found), self._ports)
            if url.scheme == "https" and following.scheme == "http":
                raise refused(
                    "The page redirects from https to http, which is refused.", "该网页从 https 重定向到 http，已拒绝。"
                )
            url = following
        raise failed("The page redirects too often.", "该网页重定向次数过多。")

    def _step(
        self, url: httpx.URL, clock: Clock, admits: Callable[[Address], bool], validators: tuple[str, str]
    ) -> Fetched | str:
        """The page, or where it says it is."""
        import httpcore
        import httpx

        from ingest.web.connecting import PinnedBackend

        host = url.raw_host.decode("ascii")
        seconds = min(clock.remaining(), self._limits.connect_seconds)
        addresses = located(host.rstrip("."), seconds, self._resolver, admits)
        backend = PinnedBackend(addresses[:3], self._limits.connect_seconds, clock)
        # The certificate authorities that httpx trusts, whatever the environment says.
        tls = self._tls or httpx.create_ssl_context(trust_env=False)
        with (
            httpcore.ConnectionPool(tls, max_connections=1, network_backend=backend) as pool,
            pool.stream(
                "GET",
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=[(b"Host", url.netloc), *_HEADERS, *_conditions(*validators)],
            ) as response,
        ):
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in _REDIRECTS and headers.get("location"):
                return headers["location"]
            etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
            if response.status == 304 and any(validators):
                return Fetched(str(url), "", "", b"", etag, modified, unchanged=True)
            if not 200 <= response.status < 300:
                raise FetchStatus(response.status)
            media_type, charset = self._declared(headers.get("content-type", ""))
            return Fetched(str(url), media_type, charset, self._body(response, headers, clock), etag, modified)

    def _body(self, response: httpcore.Response, headers: dict[str, str], clock: Clock) -> bytes:
        most = self._limits.body_bytes
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "", "gzip", "x-gzip", "deflate"):
            raise refused(f"The page is encoded as '{encoding}'.", f"网页使用了不支持的编码 “{encoding}”。")
        if headers.get("content-length", "").isdigit() and int(headers["content-length"]) > most:
            raise _too_large(most)
        blocks: Iterable[bytes] = response.iter_stream()
        if encoding in ("gzip", "x-gzip", "deflate"):
            blocks = _unpacked(blocks, most)
        body = bytearray()
        for block in blocks:
            clock.check()
            body += block
            if len(body) > most:
                raise _too_large(most)
        return bytes(body)

    def _declared(self, content_type: str) -> tuple[str, str]:
        """Media type and charset. Raises `FetchRefused` for a type that isn't wanted."""
        media_type, _, rest = content_type.partition(";")
        media_type = media_type.strip().lower()
        if not self._types(media_type):
            kind = media_type or "?"
            raise refused(f"The page is no text but '{kind}'.", f"该地址的内容不是文本，而是 “{kind}”。")
        _, _, charset = rest.lower().partition("charset=")
        return media_type, charset.split(";")[0].strip(" \"'")


def _unpacked(blocks: Iterable[bytes], most: int) -> Iterable[bytes]:
    """Decompressed, never more than `most` bytes at once: a bomb is noticed before it is large."""
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # gzip or zlib, by its first bytes
    arrived = 0
    try:
        for block in blocks:
            arrived += len(block)
            if arrived > most:
                raise _too_large(most)
            waiting = block
            while waiting and not unpacking.eof:
                yield unpacking.decompress(waiting, 1 << 16)
                waiting = unpacking.unconsumed_tail
    except zlib.error as error:
        raise failed("The page's compression is damaged.", "网页的压缩数据已损坏。") from error
    if not unpacking.eof:
        raise failed("The page ended in its middle.", "网页内容不完整。")


def _conditions(etag: str, modified: str) -> Iterable[tuple[bytes, bytes]]:
    for name, value in ((b"If-None-Match", etag), (b"If-Modified-Since", modified)):
        if value and value.isascii() and value.isprintable():
            yield name, value.encode("ascii")


def _joined(url: httpx.URL, location: str) -> str:
    import httpx

    try:
        return str(url.join(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise failed("The page redirects to no proper address.", "该网页重定向到无效的地址。") from error


def _public_but_not_ours() -> Callable[[Address], bool]:
    ours = own_addresses()
    return lambda address: is_public(address) and address not in ours


def _too_large(most: int) -> FetchError:
    size = f"{most / 1e6:g} MB"
    return refused(f"The page is larger than {size}.", f"网页超过 {size}。")
