"""Fetching: real servers on loopback, which the tests admit; what is refused is refused before anything is sent."""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from ingest.web import Fetcher, FetchError, FetchLimits, FetchRefused, is_public
from ingest.web.addresses import own_addresses
from ingest.web.rules import checked, system_resolver
from tests.ingest.web.sites import HERE, Names, Site, fetcher, serving
from tests.loopback import Request, Server


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as pages:
        yield pages


def test_a_page(site: Site) -> None:
    names = Names()
    found = fetcher(site, names).get(site.serve("/a?b=1", "你好".encode()) + "#part")
    assert (found.body.decode(), found.media_type, found.charset) == ("你好", "text/plain", "utf-8")
    assert found.url == f"http://page.example:{site.port}/a?b=1"
    assert names.asked == ["page.example"]
    (_, headers), *_ = site.requests
    assert headers["host"] == f"page.example:{site.port}"
    assert not {"cookie", "authorization", "referer", "proxy-authorization"} & set(headers)


def test_a_compressed_page(site: Site) -> None:
    text = "压缩 " * 1000
    for name, body in (("gzip", gzip.compress(text.encode())), ("deflate", zlib.compress(text.encode()))):
        url = site.serve("/z", body, Content_Encoding=name)
        assert fetcher(site).get(url).body.decode() == text


def test_redirects_are_followed_and_checked_each_time(site: Site) -> None:
    site.serve("/end", b"here")
    site.redirect("/2", f"//other.example:{site.port}/3")
    site.redirect("/3", "/end", 308)
    names = Names({"page.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]})
    found = fetcher(site, names).get(site.redirect("/1", "2"))
    assert (found.body, found.url) == (b"here", f"http://other.example:{site.port}/end")
    assert names.asked == ["page.example", "page.example", "other.example", "other.example"]
    assert all("cookie" not in headers for _, headers in site.requests)


def test_too_many_redirects(site: Site) -> None:
    with pytest.raises(FetchError, match="too often"):
        fetcher(site).get(site.redirect("/loop", "/loop"))
    assert len(site.requests) == 6


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",
        "http://private.example/",
        "file:///etc/passwd",
        "ftp://page.example/",
        "gopher://page.example/",
        "data:text/plain,hello",
        "javascript:alert(1)",
        "http://user:pass@page.example/",
        "http://page.example:22/",
        "//127.0.0.2",
        "http://[bad/",
    ],
)
def test_redirects_elsewhere_are_refused(site: Site, target: str) -> None:
    names = Names({"page.example": [["127.0.0.1"]], "private.example": [["10.0.0.7"]]})
    with pytest.raises(FetchError):
        fetcher(site, names).get(site.redirect("/go", target))
    assert len(site.requests) == 1


def test_a_name_that_changes_its_mind(site: Site) -> None:
    """DNS rebinding: the first answer is admitted, the second isn't. The connection goes by the first alone."""
    names = Names({"page.example": [["127.0.0.1"], ["127.0.0.2"]]})
    assert fetcher(site, names).get(site.serve("/x", b"outside")).body == b"outside"
    assert names.asked == ["page.example"]
    names = Names({"page.example": [["127.0.0.1"], ["127.0.0.2"]]})
    with pytest.raises(FetchRefused, match="private"):
        fetcher(site, names).get(site.redirect("/again", "/x"))
    assert names.asked == ["page.example"] * 2


@pytest.mark.parametrize(
    "answer", [["127.0.0.2"], ["127.0.0.1", "10.1.1.1"], ["::1"], ["::ffff:10.0.0.1"], ["fe80::1%eth0"]]
)
def test_a_name_with_any_private_address(site: Site, answer: list[str]) -> None:
    with pytest.raises(FetchRefused, match="private or reserved"):
        fetcher(site, Names({"page.example": [answer]})).get(site.serve("/x", b""))
    assert not site.requests


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/",
        "example.com",
        "",
        "   ",
        "http://",
        "https://user:secret@example.com/",
        "https://user@example.com/",
        "http://example.com:8080/",
        "http://example.com:22/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://printer/",
        "http://router.local/",
        "http://wiki.internal/",
        "http://nas.lan/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://010.0.0.1/",
        "http://1.2.3.4.5/",
        "http://exa mple.com/",
        "http://a\nb.com/",
        "http://[::1/",
        "http://%31%32%37.0.0.1/",
        "http://①②⑦.0.0.1/",
        "http://127。0。0。1/",
    ],
)
def test_what_is_refused_by_its_text(url: str) -> None:
    def nobody(host: str, seconds: float) -> Sequence[str]:
        raise AssertionError(f"looked up {host}")

    with pytest.raises(FetchError):
        Fetcher(resolver=nobody).get(url)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
        "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1",
        "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1",
        "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    shown = f"[{address}]" if ":" in address else address
    with pytest.raises(FetchRefused):
        Fetcher(resolver=lambda host, seconds: [address]).get(f"http://{shown}/")
    with pytest.raises(FetchRefused):
        Fetcher(resolver=lambda host, seconds: [address]).get("https://name.example/")


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "100.63.255.255", "172.15.255.255", "172.32.0.1", "223.255.255.255", "2606:4700::1111", "2400:3200::1"],
)  # fmt: skip
def test_addresses_that_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_our_own_addresses_are_known() -> None:
    assert HERE in own_addresses()


def test_a_port_can_be_refused_in_a_proper_address() -> None:
    assert str(checked("https://例子.com/路?q=值#x", {443})) == "https://xn--fsqu00a.com/%E8%B7%AF?q=%E5%80%BC"
    with pytest.raises(FetchRefused, match="Port 8443"):
        checked("https://example.com:8443/", {443})


def test_a_proxy_of_the_environment_is_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetcher(site).get(site.serve("/p", b"direct")).body == b"direct"


def test_a_password_file_of_the_user_is_not_used(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine page.example login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    fetcher(site).get(site.serve("/p", b"x"))
    assert "authorization" not in site.requests[0][1]


@pytest.mark.parametrize("declared", [True, False])
def test_a_large_body(site: Site, declared: bool) -> None:
    body = b"x" * 30_000
    more = {"Content_Length": str(len(body))} if declared else {}
    with pytest.raises(FetchRefused, match=r"larger than 0\.02 MB"):
        fetcher(site, limits=FetchLimits(body_bytes=20_000)).get(site.serve("/big", body, **more))
    assert fetcher(site, limits=FetchLimits(body_bytes=30_000)).get(site.serve("/big", body)).body == body


def test_a_body_without_end(site: Site) -> None:
    def page(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.end_headers()
        while True:
            request.wfile.write(b"x" * 65536)

    site.pages["/endless"] = page
    with pytest.raises(FetchRefused, match="larger than 2 MB"):
        fetcher(site).get(f"http://page.example:{site.port}/endless")


def test_a_bomb(site: Site) -> None:
    layer = gzip.compress(bytes(100 << 20), 9)
    for body in (layer, gzip.compress(bytes(3_000_000))):
        with pytest.raises(FetchRefused, match="larger than 2 MB"):
            fetcher(site).get(site.serve("/bomb", body, Content_Encoding="gzip"))


@pytest.mark.parametrize(
    ("encoding", "body", "message"),
    [
        ("br", b"x", "encoded as 'br'"),
        ("gzip, gzip", b"x", "encoded as"),
        ("gzip", b"not gzip", "damaged"),
        ("gzip", gzip.compress(b"x" * 5000, mtime=0)[:-20], "ended in its middle"),
    ],
)
def test_a_wrong_encoding(site: Site, encoding: str, body: bytes, message: str) -> None:
    with pytest.raises(FetchError, match=message):
        fetcher(site).get(site.serve("/e", body, Content_Encoding=encoding))


@pytest.mark.parametrize(
    "kind", ["image/png", "application/octet-stream", "application/zip", "video/mp4", "", "x" * 50]
)
def test_a_wrong_type(site: Site, kind: str) -> None:
    with pytest.raises(FetchRefused, match="no text"):
        fetcher(site).get(site.serve("/t", b"GIF89a", kind))


@pytest.mark.parametrize("status", [204 + 200, 403, 500, 301, 304])
def test_a_status_that_is_no_page(site: Site, status: int) -> None:
    site.pages["/s"] = lambda request: request.send_error(status)
    with pytest.raises(FetchError, match=f"status {status}"):
        fetcher(site).get(f"http://page.example:{site.port}/s")


def drip(request: BaseHTTPRequestHandler, *, headers: bool) -> None:
    if not headers:
        request.send_response(200)
        request.send_header("Content-Type", "text/plain")
        request.end_headers()
    else:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        request.wfile.write(b"x")
        request.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize("headers", [True, False])
def test_a_byte_at_a_time(site: Site, headers: bool) -> None:
    site.pages["/drip"] = lambda request: drip(request, headers=headers)
    with pytest.raises(FetchError, match="too long"):
        fetcher(site, limits=FetchLimits(seconds=0.6)).get(f"http://page.example:{site.port}/drip")


def test_a_server_that_says_nothing(site: Site) -> None:
    over = threading.Event()
    site.pages["/silent"] = lambda request: over.wait(20) and None
    with pytest.raises(FetchError, match="too long"):
        fetcher(site).get(f"http://page.example:{site.port}/silent", seconds=0.4)
    over.set()


def test_cancelling(site: Site) -> None:
    over, cancelled = threading.Event(), threading.Event()
    site.pages["/silent"] = lambda request: (cancelled.set(), over.wait(20), None)[2]
    with pytest.raises(FetchError, match="cancelled"):
        fetcher(site).get(f"http://page.example:{site.port}/silent", cancelled)
    over.set()


def test_a_name_server_that_does_not_answer(site: Site) -> None:
    with pytest.raises(FetchError, match="looked up"):
        fetcher(site, Names({})).get("http://nobody.example/")


def test_the_systems_resolver_knows_this_machine() -> None:
    assert set(system_resolver("localhost", 10)) & {"127.0.0.1", "::1"}


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        lonely = Fetcher(resolver=Names(), admits=lambda address: True, ports={port})
        with pytest.raises(FetchError, match="can't be reached"):
            lonely.get(f"http://page.example:{port}/")


def test_rubbish_for_an_answer(site: Site) -> None:
    site.pages["/rubbish"] = lambda request: request.wfile.write(b"\0\1\2 nothing like HTTP\r\n\r\n") and None
    with pytest.raises(FetchError, match="can't be reached"):
        fetcher(site).get(f"http://page.example:{site.port}/rubbish")


def test_tls_names_the_host_and_checks_it(tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path, "page.example")
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.sni_callback = lambda sock, name, ctx: asked.append(name)  # type: ignore[assignment]

    class Handler(Request):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            time.sleep(0.5)  # longer than one wait of ours: the connection has to outlast it
            self.wfile.write(b"sealed")

    server = Server(Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with server:
        names = Names({"page.example": [["127.0.0.1"]], "wrong.example": [["127.0.0.1"]]})
        trusting = ssl.create_default_context(cafile=str(certificate))
        over_tls = Fetcher(resolver=names, admits=lambda a: a == HERE, ports={server.server_port}, tls=trusting)
        assert over_tls.get(f"https://page.example:{server.server_port}/").body == b"sealed"
        assert asked == ["page.example"]
        with pytest.raises(FetchError, match="can't be reached"):
            over_tls.get(f"https://wrong.example:{server.server_port}/")
        distrusting = Fetcher(resolver=names, admits=lambda a: a == HERE, ports={server.server_port})
        with pytest.raises(FetchError, match="can't be reached"):
            distrusting.get(f"https://page.example:{server.server_port}/")


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, secret
