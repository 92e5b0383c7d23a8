"""Signing in: the page for passwords before Streamlit's own, and a real OpenID Connect provider that the test starts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing
from urllib.parse import urljoin

import httpx
import pytest
from oidc_provider_mock import User, run_server_in_thread
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from agents import AccessPolicy
from app.access import Door
from app.signing_in import SignIn, session_cookie
from ingest import UsageError
from tests.app.test_browser import until  # type: ignore[import-not-found]

PORT = 8600
HERE = f"http://localhost:{PORT}"
PASSWORD = "correct horse"


async def page(_request):
    return PlainTextResponse("pages")


async def stream(socket):
    await socket.accept()
    await socket.send_text("pages")
    await socket.close()


@pytest.fixture
def policy(tmp_path):
    found = AccessPolicy.of(tmp_path, 1, dict)
    yield found
    found.close()


@pytest.fixture
def browser(tmp_path) -> TestClient:
    pages = Starlette(routes=[WebSocketRoute("/stream", stream), Route("/{path:path}", page, methods=["GET", "POST"])])
    inner = SignIn(pages, home=tmp_path, port=PORT, days=1)
    return TestClient(Door(inner, key="", port=PORT, hosts=None), base_url=HERE, follow_redirects=False)


def hears(client: TestClient) -> str:
    try:
        with client.websocket_connect(f"ws://localhost:{PORT}/stream", headers={"Origin": HERE}) as socket:
            return socket.receive_text()
    except WebSocketDisconnect:
        return ""


def test_where_nobody_has_a_password_nothing_is_asked(browser, tmp_path, policy):
    assert browser.get("/").text == "pages"
    assert list(tmp_path.iterdir()) == []
    policy.people.add_user("li")
    assert browser.get("/").text == hears(browser) == "pages"


def test_a_name_and_a_password_open_the_pages_until_one_signs_out(browser, policy):
    policy.people.add_user("li")
    policy.people.set_password("li", PASSWORD)
    for path in ("/", "/library", "/media/a.png", "/_stcore/health"):
        reply = browser.get(path)
        assert (reply.status_code, reply.headers["location"]) == (303, "/sign-in")
    assert hears(browser) == ""
    assert '<meta name="referrer" content="same-origin">' in browser.get("/sign-in").text  # or Origin would be null
    assert "用户名" in browser.get("/sign-in", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text
    wrong = browser.post("/sign-in", data={"name": "li", "password": "another"})
    nobody = browser.post("/sign-in", data={"name": "<b>", "password": "another"})
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (403, False)
    assert wrong.text == nobody.text
    assert "nobody of that name" in wrong.text
    right = browser.post("/sign-in", data={"name": "li", "password": PASSWORD})
    assert (right.status_code, right.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=Lax"} <= set(right.headers["set-cookie"].split("; "))
    assert browser.get("/").text == hears(browser) == "pages"
    token = browser.cookies[session_cookie(PORT)]
    stored = "".join(map(str, policy.people._file.rows("select * from session"))) + str(
        policy.people._file.rows("select password from user")
    )
    assert token not in stored
    assert PASSWORD not in stored
    assert "$argon2id$" in stored
    assert [(e.face, e.who, e.what, e.allowed) for e in policy.audit.entries()] == [
        ("app", "li", "sign in", False),
        ("app", "<b>", "sign in", False),
        ("app", "li", "sign in", True),
    ]
    browser.get("/sign-out")
    browser.cookies.set(session_cookie(PORT), token)  # kept by somebody, it opens nothing
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/library?doc=3&language=zh", "/library?doc=3&language=zh"),
        ("/文档", "/%E6%96%87%E6%A1%A3"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/%5Cevil.example"),
        ("/media/a.png", "/"),
    ],
)
def test_one_lands_on_the_page_one_asked_for(browser, policy, asked, led):
    policy.people.add_user("li")
    policy.people.set_password("li", PASSWORD)
    page = {"Accept": "image/png" if asked.endswith("png") else "text/html,*/*"}
    assert browser.get(HERE + asked, headers=page).headers["location"] == "/sign-in"
    browser.get("/media/b.png", headers={"Accept": "image/png"})  # what is asked for beside a page is no page
    browser.post("/sign-in", data={"name": "li", "password": "wrong"})
    right = browser.post("/sign-in", data={"name": "li", "password": PASSWORD})
    assert right.headers["location"] == led
    assert f"zhiku-asked-{PORT}" not in browser.cookies
    browser.cookies.set(f"zhiku-asked-{PORT}", "%2F%2Fevil.example")
    assert browser.post("/sign-in", data={"name": "li", "password": PASSWORD}).headers["location"] == "/"


def test_a_sign_in_ends_with_its_time_another_password_or_the_user(policy):
    people = policy.people
    people.add_user("li")
    for end in (
        lambda: people._file.write("update session set expires = '2020-01-01T00:00:00+00:00'"),
        lambda: people.set_password("li", "another one"),
        lambda: people.remove_user("li"),
    ):
        people.set_password("li", PASSWORD)
        token = people.accounts.sign_in("li", PASSWORD)
        assert people.accounts.user(token) == "li"
        end()
        assert people.accounts.user(token) == ""
    assert people.known(token) is None  # and it was never a key


def test_wrong_passwords_are_slowed_down(browser, policy, monkeypatch, tmp_path):
    policy.people.add_user("li")
    policy.people.set_password("li", PASSWORD)
    monkeypatch.setattr("agents.access.accounts._TRIES", 2)
    for password in ("wrong", "wrong"):
        browser.post("/sign-in", data={"name": "li", "password": password})
    told = browser.post("/sign-in", data={"name": "li", "password": PASSWORD}, headers={"Accept-Language": "zh"})
    assert told.status_code == 403
    assert "错误次数过多" in told.text
    with closing(AccessPolicy.of(tmp_path, 1, dict)) as other:  # another server, or this one started anew
        with pytest.raises(UsageError, match="Too many"):
            other.people.accounts.sign_in("li", PASSWORD)
        other.people._file.write("update attempt set at = '2020-01-01T00:00:00+00:00'")
        assert other.people.accounts.sign_in("li", PASSWORD)
        assert other.people._file.rows("select * from attempt") == []  # the right one is no try, and old ones go
    with pytest.raises(UsageError):
        policy.people.accounts.sign_in("my secret as a name", "x")
    assert "secret" not in str(policy.people._file.rows("select * from attempt"))


def test_another_page_can_sign_nobody_in(browser, policy):
    policy.people.add_user("li")
    policy.people.set_password("li", PASSWORD)
    form = {"name": "li", "password": PASSWORD}
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}):
        assert browser.post("/sign-in", data=form, headers=headers).status_code == 403


@pytest.fixture
def provider():
    people = [User(sub="li", claims={"email": "Li@example.com"}), User(sub="eve", claims={"email": "eve@example.com"})]
    with run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


def test_signing_in_with_openid_connect(tmp_path, provider):
    """The application in a process of its own, its `st.login`, Authlib, and the provider; a browser's part is played."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "sign-in.toml").write_text(
        f"""[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "{"x" * 40}"
client_id = "zhiku"
client_secret = "known"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
    )
    environment = {**os.environ, "ZHIKU_HOME": str(tmp_path), "ZHIKU_EMBEDDER": "hashing", "ZHIKU_LANGUAGE": "en"}
    here = f"http://localhost:{port}"
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "app", "--port", str(port)], env=environment, stdout=log, stderr=log
        ) as running,
        httpx.Client(follow_redirects=False, timeout=60) as browser,
    ):
        try:
            until(lambda: _answers(browser, f"{here}/_stcore/health"), "the application to start")
            assert "key=" not in (tmp_path / "log").read_text()
            browser.get(f"{here}/library?doc=3", headers={"Accept": "text/html"})
            assert _signed_in(browser, here, provider, "li", "/library?doc=3") == "li@example.com"
            assert browser.get(f"{here}/auth/logout").status_code == 302
            assert not browser.cookies.get("_streamlit_user")
            browser.cookies.clear()
            # What a provider refuses, and a way back that nobody went out by, is told.
            for query in ("error=access_denied&state=x", "code=made-up&state=x", ""):
                told = browser.get(f"{here}/oauth2callback?{query}", headers={"Accept-Language": "zh-CN"})
                assert told.status_code == 403
                assert "登录未成功" in told.text
                assert "时钟" in told.text
        finally:
            running.terminate()


def _answers(browser: httpx.Client, address: str) -> bool:
    try:
        return browser.get(address).status_code == 200
    except httpx.TransportError:
        return False


def _signed_in(browser: httpx.Client, here: str, provider: str, sub: str, asked: str) -> str:
    """Go to the provider and back, as a browser does that `st.login` sends there; the address that the pages are told."""
    from joserfc import jwt
    from joserfc.jwk import OctKey
    from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

    token = jwt.encode({"alg": "HS256"}, {"provider": "default", "exp": 2**32}, OctKey.import_key("x" * 40))
    out = browser.get(f"{here}/auth/login", params={"provider": token})
    assert out.status_code == 302, out.text
    assert out.headers["location"].startswith(provider)
    agreed = browser.post(out.headers["location"], data={"sub": sub})
    back = browser.get(
        urljoin(provider, agreed.headers["location"]),
        headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    )
    assert (back.status_code, back.headers["location"]) == (302, asked)
    cookie = decode_signed_value("x" * 40, "_streamlit_user", browser.cookies["_streamlit_user"].strip('"').encode())
    import json

    claims = json.loads(cookie)
    return _as_the_pages_see(claims)


def _as_the_pages_see(claims: dict) -> str:
    from unittest import mock

    import app.caller

    with (
        mock.patch.object(app.caller, "providers", return_value=["default"]),
        mock.patch.object(app.caller.st, "user", mock.Mock(to_dict=lambda: claims)),
    ):
        known = app.caller.signed_in_elsewhere()
        for wrong in (
            {"iat": claims["iat"] - 13 * 3600},
            {"email_verified": False},
            {"is_logged_in": False},
            {"iat": None},
        ):
            with mock.patch.object(app.caller.st, "user", mock.Mock(to_dict=lambda wrong=wrong: {**claims, **wrong})):
                assert app.caller.signed_in_elsewhere() == ""
        ahead = {**claims, "iat": claims["iat"] + 600}
        with mock.patch.object(app.caller.st, "user", mock.Mock(to_dict=lambda: ahead)):
            assert app.caller.signed_in_elsewhere() == known
    return known
