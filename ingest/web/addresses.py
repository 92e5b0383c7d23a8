"""Addresses: what listens there, whom they name, and which of them belong to the public internet.

By IANA's registries of special-purpose addresses rather than `ipaddress.is_global`, which differs between releases of
Python. Addresses that carry another within (IPv4-mapped, NAT64, 6to4, Teredo) are refused as such.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address

_NOT_PUBLIC_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own, with metadata services in some clouds
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host, public only in looks
        "169.254.0.0/16",  # link-local, with metadata services in most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
"""All that is given out; mapped, translated, private, link-local and multicast addresses lie outside."""
_NOT_PUBLIC_6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocols, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)


def is_public(address: Address) -> bool:
    """Whether the address is one of the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and address.scope_id is None and not any(address in block for block in _NOT_PUBLIC_6)


def own_addresses() -> frozenset[Address]:
    """The addresses of this machine's interfaces: one of them may well be public, and what listens there ours."""
    import psutil

    found: set[Address] = set()
    for interface in psutil.net_if_addrs().values():
        for entry in interface:
            try:
                found.add(ip_address(str(entry.address).partition("%")[0]))
            except ValueError:
                continue  # a hardware address
    return frozenset(found)


def is_loopback(host: str) -> bool:
    """True for names and addresses that only this machine reaches."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bound(host: str, port: int) -> socket.socket:
    """A socket of that address, IPv4 or IPv6, for who listens there; a port in TIME_WAIT is free. Raises `OSError`."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
    except OSError:
        opened.close()
        raise
    return opened


def host_name(header: str) -> str:
    """Whom a Host header names, without the port; '' for one that is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "").rstrip(".") if header else ""
    except ValueError:
        return ""
