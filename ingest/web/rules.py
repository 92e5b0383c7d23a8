"""What may be asked for: addresses of pages, names of hosts, and where names lead. Checked anew at every redirect."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ingest.apart.threads import Clock, OutOfTime, result
from ingest.errors import ZhikuError
from ingest.language import Text
from ingest.web.addresses import Address

if TYPE_CHECKING:
    import httpx


_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]+")
"""Labels of letters, digits and hyphens, two at least; httpx has turned other scripts into these."""
_LOCAL = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home.arpa")
"""Endings of names that mean this machine or network: RFC 6761, 6762, 8375, and habit."""


class FetchError(ZhikuError):
    """A page couldn't be fetched."""


class FetchRefused(FetchError):
    """A page that we won't fetch: where it lies, or what it is."""


class FetchStatus(FetchError):
    """The server's answer was no page."""

    def __init__(self, status: int) -> None:
        """`status`: of HTTP."""
        super().__init__(Text(f"The server answered with status {status}.", f"服务器返回状态码 {status}。"))
        self.status = status


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Bounds of one fetch."""

    seconds: float = 20.0
    """From the first look-up to the last byte, redirects included."""
    connect_seconds: float = 5.0
    body_bytes: int = 2_000_000
    """Of the body, before and after decompression."""
    redirects: int = 5


class Resolver(Protocol):
    """Looks up names."""

    def __call__(self, host: str, seconds: float, /) -> Sequence[str]:
        """The addresses of `host` as text, best first. Raises OSError when there are none or it takes too long."""


def system_resolver(host: str, seconds: float) -> Sequence[str]:
    """As the system looks names up. That can't be interrupted, so it is left to a thread of its own."""
    try:
        answers = result(
            lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM), Clock.lasting(seconds), "zhiku-names"
        )
    except OutOfTime as error:
        raise TimeoutError("the name server did not answer") from error
    except UnicodeError as error:
        raise OSError(str(error)) from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def checked(text: str, ports: Collection[int]) -> httpx.URL:
    """The URL, if it is one that may be fetched as far as its text tells. Raises `FetchRefused`."""
    import httpx

    try:
        url = httpx.URL(text.strip())
        host, port = url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)
    except (httpx.InvalidURL, TypeError, ValueError, UnicodeError) as error:
        raise refused("This isn't an address of a page.", "这不是有效的网页地址。") from error
    if url.scheme not in ("http", "https") or not host:
        raise refused("Only pages at http:// or https:// can be fetched.", "只能获取 http:// 或 https:// 的网页。")
    if url.userinfo:
        raise refused("An address with a user name or password is refused.", "拒绝带有用户名或密码的地址。")
    if port not in ports:
        raise refused(f"Port {port} is refused.", f"拒绝访问端口 {port}。")
    _check_name(host)
    return url.copy_with(fragment=None)


def _check_name(host: str) -> None:
    name = host.rstrip(".").lower()
    if literal(name) is not None:
        return
    labels = name.split(".")
    local = any(name == end or name.endswith(f".{end}") for end in _LOCAL)
    # 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to many a library; 2130706433 is no name of two labels.
    if local or not _NAME.fullmatch(name) or _NUMBER.fullmatch(labels[-1]):
        raise refused(f"'{host}' is no name of the public web.", f"“{host}” 不是公共网络上的域名。")


def literal(host: str) -> Address | None:
    """The address that `host` is written as, in its only proper form; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def located(host: str, seconds: float, resolver: Resolver, admits: Callable[[Address], bool]) -> tuple[Address, ...]:
    """Where `host` is: every address it has, all of them admitted. Raises `FetchRefused` and `FetchError`."""
    written = literal(host)
    if written is not None:
        addresses = [written]
    else:
        try:
            addresses = [ipaddress.ip_address(answer.partition("%")[0]) for answer in resolver(host, seconds)]
        except (OSError, ValueError) as error:
            raise failed(f"The name '{host}' could not be looked up.", f"无法解析域名 “{host}”。") from error
    if not addresses:
        raise failed(f"The name '{host}' has no address.", f"域名 “{host}” 没有地址。")
    # One private address among public ones is how a name is made to change its mind: refuse it whole.
    if not all(admits(address) for address in addresses):
        raise refused(
            f"'{host}' leads to a private or reserved address, which is refused.",
            f"“{host}” 指向私有或保留地址，已拒绝。",
        )
    return tuple(addresses)


def refused(en: str, zh: str) -> FetchRefused:
    """The error for what we won't fetch."""
    return FetchRefused(Text(en, zh))


def failed(en: str, zh: str) -> FetchError:
    """The error for what couldn't be fetched."""
    return FetchError(Text(en, zh))
