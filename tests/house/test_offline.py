"""The guard itself: a test that reaches out fails, in this process, in asyncio and in a subprocess."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

OUTSIDE = "192.0.2.1"  # RFC 5737: an address that belongs to nobody


def _forget_attempts() -> str:
    log = Path(os.environ["OFFLINE_GUARD_LOG"])
    text = log.read_text("utf-8")
    log.unlink()
    return text


def test_connecting_outside_is_refused_and_recorded() -> None:
    with socket.socket() as sock, pytest.raises(OSError, match="stay on this machine"):
        sock.connect((OUTSIDE, 80))
    with socket.socket() as sock, pytest.raises(OSError, match="stay on this machine"):
        sock.connect_ex((OUTSIDE, 80))
    with socket.socket(type=socket.SOCK_DGRAM) as sock, pytest.raises(OSError, match="stay on this machine"):
        sock.sendto(b"x", (OUTSIDE, 53))
    assert len(_forget_attempts().splitlines()) == 3


def test_looking_up_a_name_is_refused() -> None:
    with pytest.raises(OSError, match="stay on this machine"):
        socket.getaddrinfo("example.invalid", 443)
    assert "example.invalid" in _forget_attempts()


def test_asyncio_is_guarded() -> None:
    async def reach() -> None:
        await asyncio.open_connection(OUTSIDE, 80)

    with pytest.raises(OSError, match="stay on this machine"):
        asyncio.run(reach())
    assert OUTSIDE in _forget_attempts()


def test_a_subprocess_is_guarded_even_when_it_swallows_the_error() -> None:
    code = f"import socket\ntry: socket.create_connection(('{OUTSIDE}', 80), 1)\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", code], check=True, cwd="/")
    assert OUTSIDE in _forget_attempts()


def test_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 5) as client:
        peer, _ = server.accept()
        with peer:
            client.sendall(b"x")
            assert peer.recv(1) == b"x"


def test_the_home_is_the_tests_own(own_home: Path) -> None:
    from ingest.settings import default_home

    assert default_home().is_relative_to(own_home)
    assert Path.home() == own_home
