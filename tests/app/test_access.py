from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.access import Door, new_key

PORT = 8600
HERE = f"http://localhost:{PORT}"
KEY = new_key()


async def page(_request):
    return PlainTextResponse("secret", headers={"Access-Control-Allow-Origin": "http://localhost:9999"})


async def stream(socket):
    await socket.accept()
    await socket.send_text("secret")
    await socket.close()


def visitor(key: str = KEY, hosts: tuple[str, ...] | None = ("localhost", "127.0.0.1")) -> TestClient:
    """A browser at the door of pages that say 'secret'."""
    pages = Starlette(routes=[Route("/{path:path}", page, methods=["GET", "POST"]), WebSocketRoute("/stream", stream)])
    return TestClient(Door(pages, key=key, port=PORT, hosts=hosts), base_url=HERE, follow_redirects=False)


def hears(client: TestClient, **headers: str) -> str:
    """What the WebSocket says, '' when it is refused."""
    try:
        with client.websocket_connect(f"ws://localhost:{PORT}/stream", headers=headers) as socket:
            return socket.receive_text()
    except WebSocketDisconnect:
        return ""


@pytest.fixture
def known() -> TestClient:
    client = visitor()
    client.get("/", params={"key": KEY})
    return client


def test_without_the_key_nothing_is_said_but_where_the_address_stands():
    client = visitor()
    for path in ("/", "/library", "/_stcore/health", "/_stcore/host-config", "/media/a.png"):
        reply = client.get(path)
        assert (reply.status_code, "secret" in reply.text) == (403, False)
        assert "terminal" in reply.text
        assert "终端" in reply.text
    assert client.post("/").status_code == 403
    assert hears(client, Origin=HERE) == ""


@pytest.mark.parametrize(
    "wrong",
    ["", "x", KEY[:-1], KEY + "x", KEY.swapcase(), "密钥"],
    ids=["none", "another", "cut off", "longer", "other case", "characters"],  # a key is another in each process
)
def test_a_wrong_key_is_none(wrong):
    client = visitor()
    reply = client.get("/", params={"key": wrong})
    assert reply.status_code == 403
    assert "set-cookie" not in reply.headers


def test_the_first_visit_exchanges_the_key_for_a_cookie_and_the_page_can_be_loaded_again():
    client = visitor()
    reply = client.get("/library", params={"kb": "a b", "key": KEY})
    assert (reply.status_code, reply.headers["location"]) == (303, "/library?kb=a+b")
    assert {"HttpOnly", "SameSite=Lax"} <= set(reply.headers["set-cookie"].split("; "))
    assert KEY not in reply.headers["set-cookie"]
    assert [client.get("/library").text for _ in range(2)] == ["secret", "secret"]
    assert hears(client, Origin=HERE) == "secret"
    restarted = visitor()
    restarted.cookies.update(client.cookies)
    assert restarted.get("/").status_code == 403


def test_the_way_back_stays_on_this_machine():
    reply = visitor().get(f"{HERE}//evil.example/?key={KEY}")
    assert reply.headers["location"] == "/evil.example/"


def test_switched_off_it_lets_in_who_comes_from_its_own_pages():
    client = visitor(key="")
    assert client.get("/").text == "secret"
    assert hears(client, Origin=HERE) == "secret"
    assert hears(client, Origin="http://localhost:9999") == ""


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:9999",
        "http://localhost",
        "http://127.0.0.1:8600",
        "http://evil.example",
        "null",
        f"{HERE}.evil",
    ],
)
def test_another_origin_is_refused_be_it_another_port_alone(known, origin):
    assert hears(known, Origin=origin) == ""
    assert known.get("/", headers={"Origin": origin}).status_code == 403
    assert known.post("/", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize(
    ("site", "mode", "target", "status"),
    [
        ("cross-site", "navigate", "document", 200),  # a link that is followed
        ("cross-site", "navigate", "iframe", 403),
        ("same-site", "navigate", "iframe", 403),  # another port of this machine
        ("same-site", "no-cors", "image", 403),
        ("same-origin", "cors", "empty", 200),
        ("none", "navigate", "document", 200),
    ],
)
def test_a_browser_says_who_asks_and_only_a_page_opened_is_answered(known, site, mode, target, status):
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": target}
    assert known.get("/", headers=headers).status_code == status


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8600", "localhost.evil.example", ""])
def test_another_name_for_this_machine_is_refused(known, host):
    assert known.get("/", headers={"Host": host}).status_code == 403


def test_through_a_tunnel_it_has_another_port(known):
    assert known.get("/", headers={"Host": "localhost:9000", "Origin": "http://localhost:9000"}).text == "secret"


def test_beyond_this_machine_any_name_will_do_with_the_key():
    elsewhere = {"Host": "library.example"}
    assert visitor(hosts=None).get("/", params={"key": KEY}, headers=elsewhere).status_code == 303
    assert visitor(hosts=None).get("/", headers=elsewhere).status_code == 403


def test_no_page_can_be_put_in_a_frame_or_ask_elsewhere(known):
    for reply in (known.get("/"), visitor().get("/")):
        policy = reply.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'self'" in policy
        assert reply.headers["x-frame-options"] == "DENY"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in reply.headers
