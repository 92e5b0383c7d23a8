"""The widget: a key that is no secret, pages of other origins, visitors, the hand-over; once in a real browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents.serve.application import Limits
from ingest.errors import UsageError
from tests.agents.serve.conftest import QUESTION, REPLY, Served, serving  # type: ignore[import-not-found]
from tests.loopback import Request, Server

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
SHOP = "https://shop.example"


class Elsewhere:
    """A web server of another origin: gives one page, and takes what is posted to it."""

    def __init__(self) -> None:
        self.page = ""
        self.posted: list[Any] = []
        outer = self

        class Handler(Request):
            def do_GET(self) -> None:
                self.answer(outer.page.encode(), kind="text/html; charset=utf-8")

            def do_POST(self) -> None:
                outer.posted.append(self.posted())
                self.answer(b"", 500 if self.path == "/broken" else 200)

        self.server = Server(Handler)
        self.origin = self.server.url


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    with made.server:
        yield made


@pytest.fixture(scope="module")
def public(platform, elsewhere: Elsewhere, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    """A server, and a key for pages of the shop and of `elsewhere`."""
    with serving(platform, tmp_path_factory.mktemp("widget"), limits=Limits(rate=0, visitors=0)) as server:
        _, key = server.people.add_key(
            "shop", kbs=["default"], origins=[SHOP, elsewhere.origin], webhook=f"{elsewhere.origin}/person"
        )
        yield server, key


def ask(server: Served, key: str, origin: str | None = SHOP, path: str = "ask", **form: Any) -> httpx.Response:
    body = json.dumps(form or {"question": QUESTION})
    return httpx.post(
        f"{server.url}/widget/{path}",
        params={"key": key},
        content=body,
        headers={"Content-Type": "text/plain", **({"Origin": origin} if origin else {})},
        timeout=30,
    )


def test_a_page_that_is_named_gets_an_answer_and_no_more(public) -> None:
    server, key = public
    answer = ask(server, key)
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["vary"] == "Origin"
    last = json.loads(answer.text.rpartition("data: ")[2])
    assert last["text"] == REPLY
    assert last["person"]
    [citation] = last["citations"]
    assert set(citation) == {"n", "document", "place", "quote"}
    assert "event: draft" in answer.text
    assert "leave.md" not in answer.text  # no paths
    [*_, entry] = server.audit.entries(kb="default")
    assert (entry.face, entry.who, entry.allowed) == ("widget", "shop", True)


def test_everybody_else_is_refused(public) -> None:
    server, key = public
    for origin in ("https://evil.example", "https://shop.example.evil.example", "null", None):
        refused = ask(server, key, origin)
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers
    assert ask(server, "zkp-00000000").status_code == 401
    for path in ("/api/kbs", "/v1/models", "/mcp"):  # the key opens nothing else
        assert (
            httpx.get(server.url + path, headers={"Authorization": f"Bearer {key}", "Origin": SHOP}).status_code == 401
        )
    secret = server.people.add_key("secret", scope="admin")[1]
    assert ask(server, secret).status_code == 401  # nor is a secret one taken from a page
    assert ask(server, key, question="x" * 3000).status_code == 422
    assert ask(server, key, nothing="x").status_code == 422


def test_a_key_for_pages_reads_some_bases_and_no_more(public) -> None:
    people = public[0].people
    for wrong in (
        {},
        {"kbs": ["default"], "scope": "write"},
        {"kbs": ["default"], "origins": ["shop.example"]},
        {"kbs": ["default"], "origins": ["https://shop.example/page"]},
    ):
        with pytest.raises(UsageError):
            people.add_key("wrong", **{"origins": [SHOP], **wrong})


def test_a_visitor_has_so_many_questions_a_minute(platform, tmp_path: Path) -> None:
    with serving(platform, tmp_path, limits=Limits(rate=0, visitors=2)) as server:
        _, key = server.people.add_key("shop", kbs=["default"], origins=[SHOP])
        assert [ask(server, key).status_code for _ in range(3)] == [200, 200, 429]
        too_many = ask(server, key)
        assert too_many.headers["access-control-allow-origin"] == SHOP  # so that the page can say why
        server.people.revoke("shop")
        assert ask(server, key).status_code == 401


def test_a_visitor_is_handed_over_to_a_person(public, elsewhere: Elsewhere) -> None:
    server, key = public
    wanted = {"contact": "li@example.com", "message": "please", "history": [["a?", "b."]]}
    assert ask(server, key, path="person", **wanted).status_code == 204
    assert elsewhere.posted[-1] == {"widget": "shop", "origin": SHOP, **wanted}
    _, alone = server.people.add_key("alone", kbs=["default"], origins=[SHOP])
    assert ask(server, alone, path="person", **wanted).status_code == 404
    _, broken = server.people.add_key("broken", kbs=["default"], origins=[SHOP], webhook=f"{elsewhere.origin}/broken")
    assert ask(server, broken, path="person", **wanted).status_code == 503


def test_the_script_is_for_any_page(public) -> None:
    answer = httpx.get(f"{public[0].url}/widget.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "innerHTML" not in answer.text


@pytest.mark.browser
@pytest.mark.skipif(not (BROWSER and DRIVER), reason="needs chromium and chromedriver (`make setup-browser`)")
def test_in_a_browser_from_another_origin(public, elsewhere: Elsewhere, tmp_path: Path) -> None:
    from selenium import webdriver
    from selenium.webdriver.support.ui import WebDriverWait

    server, key = public
    script = f'<script src="{server.url}/widget.js" data-key="{key}" data-title="Help" data-lang="en" defer></script>'
    elsewhere.page = f"<!doctype html><html lang=zh><title>Shop</title><h1>Shop</h1>{script}</html>"
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER or ""
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=900,700"):
        options.add_argument(word)
    options.add_argument(f"--user-data-dir={tmp_path / 'profile'}")
    service = webdriver.ChromeService(executable_path=DRIVER)
    with webdriver.Chrome(options=options, service=service) as browser:
        browser.get(elsewhere.origin)
        wait = WebDriverWait(browser, 60)
        shadow = wait.until(lambda b: b.execute_script("return document.querySelector('#zhiku-widget')?.shadowRoot"))

        def find(css: str) -> Any:
            return shadow.find_element("css selector", css)

        assert find(".open").text == "Help"
        find(".open").click()
        assert "Hello" in find(".theirs").text
        find("form:not(.person) input").send_keys(QUESTION + "\n")
        wait.until(lambda _: [line.text for line in shadow.find_elements("css selector", ".theirs")][-1] == REPLY)
        find("summary").click()
        assert "Employees get 15 days of annual leave." in find("blockquote").text
        find(".link").click()
        find(".person input").send_keys("li@example.com\n")
        wait.until(lambda _: "get in touch" in shadow.find_elements("css selector", ".theirs")[-1].text)
        assert elsewhere.posted[-1]["history"] == [[QUESTION, REPLY]]
        assert browser.title == "Shop"
