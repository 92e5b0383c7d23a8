"""No test reaches beyond this machine: loaded by pytest's own process and, by name, by every Python it starts.

A refused attempt is written to the file that `OFFLINE_GUARD_LOG` names, so that a test fails even where the
program swallowed the error.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from typing import Any


class Reached(OSError):
    """The program tried to reach another machine."""


def _is_local(host: Any) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name in (None, "", "localhost", "localhost.localdomain", "ip6-localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _check(what: str, host: Any) -> None:
    if _is_local(host):
        return
    note = f"{what} {host!r}"
    if log := os.environ.get("OFFLINE_GUARD_LOG"):
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"{note} (process {os.getpid()}, test {os.environ.get('PYTEST_CURRENT_TEST', '?')})\n")
    raise Reached(f"Tests stay on this machine: {note}")


def _guarded(name: str, position: int) -> None:
    """Wrap a socket method whose argument at `position` is the address."""
    original = getattr(socket.socket, name)

    def method(self: socket.socket, *args: Any) -> Any:
        address = args[position] if len(args) > abs(position) - (position < 0) else None
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            _check(name, address[0])
        return original(self, *args)

    setattr(socket.socket, name, method)


def install() -> None:
    """Guard this process; a second call changes nothing."""
    if getattr(socket, "_offline_guard", False):
        return
    socket._offline_guard = True  # type: ignore[attr-defined]
    _guarded("connect", 0)
    _guarded("connect_ex", 0)
    _guarded("sendto", -1)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        original = getattr(socket, name)

        def lookup(host: Any, *args: Any, _original: Any = original, _name: str = name, **kwargs: Any) -> Any:
            _check(_name, host)
            return _original(host, *args, **kwargs)

        setattr(socket, name, lookup)


if os.environ.get("OFFLINE_GUARD_LOG"):
    install()
