"""Assistants over HTTP: listed and asked by every face, seen by nobody who may not read all their bases."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from agents import Assistant, open_platform
from tests.agents.serve.conftest import NAMED, QUESTION, REPLY, Served, serving  # type: ignore[import-not-found]

SHOP = "https://shop.example"


@pytest.fixture(scope="module")
def kept(platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, str]]]:
    """'Open' answers from 'default', 'Pay' from 'default' and 'secret'; keys that may read less and more."""
    platform.assistants.save(Assistant("Open", "Hello from Open.", "Be kind.", ("default",)))
    platform.assistants.save(Assistant("Pay", kbs=("default", "secret")))
    with serving(platform, tmp_path_factory.mktemp("assistants")) as server:
        people = server.people
        keys = {
            "all": people.add_key("all", scope="read")[1],
            "default": people.add_key("default", scope="read", kbs=["default"])[1],
            "other": people.add_key("other", scope="read", kbs=[NAMED])[1],
            "shop": people.add_key("shop", kbs=["default"], origins=[SHOP])[1],
        }
        yield server, keys
    for one in platform.assistants.list():
        platform.assistants.remove(one.name)


SEEN = {"all": {"Open", "Pay"}, "default": {"Open"}, "other": set()}


@pytest.mark.parametrize("caller", SEEN)
def test_whoever_may_read_all_its_bases_sees_and_asks_one(kept, caller: str) -> None:
    server, keys = kept
    http = server.client(keys[caller])
    assert {one["name"] for one in http.get("/api/assistants").json()} == SEEN[caller]
    models = [one["id"] for one in http.get("/v1/models").json()["data"]]
    assert {name.removeprefix("assistant:") for name in models if name.startswith("assistant:")} == SEEN[caller]
    for name in ("Open", "Pay", "Nobody"):
        asked = http.post("/api/ask", json={"question": QUESTION, "assistant": name})
        form = {"model": f"assistant:{name}", "messages": [{"role": "user", "content": QUESTION}]}
        completed = http.post("/v1/chat/completions", json=form)
        shown = http.get(f"/v1/models/assistant:{name}")
        if name in SEEN[caller]:
            assert asked.json()["answer"].startswith(REPLY)
            message = completed.json()["choices"][0]["message"]
            assert message["content"].startswith(REPLY)
            assert "kb=default" in message["annotations"][0]["url_citation"]["url"]
            assert shown.status_code == 200
        else:
            assert [one.status_code for one in (asked, completed, shown)] == [404, 404, 404]
            assert "secret" not in asked.text + completed.text
    unknown, hidden = (
        http.post("/api/ask", json={"question": QUESTION, "assistant": name}) for name in ("Nobody", "Hidden")
    )
    assert unknown.text.replace("Nobody", "Hidden") == hidden.text


def test_it_brings_its_own_bases_whatever_is_sent(kept) -> None:
    server, keys = kept
    http = server.client(keys["default"])
    form = {"question": "What is the director paid?", "assistant": "Open", "kbs": ["secret"]}
    assert "9000" not in http.post("/api/ask", json=form).text


def test_the_widget_greets_and_answers_as_it(kept) -> None:
    server, keys = kept
    with httpx.Client(base_url=server.url, headers={"Origin": SHOP}, timeout=30) as page:
        key = keys["shop"]
        greeting = page.get("/widget/assistant", params={"key": key, "name": "Open"})
        assert greeting.json() == {"greeting": "Hello from Open."}
        assert greeting.headers["access-control-allow-origin"] == SHOP
        told = page.post(f"/widget/ask?key={key}", content=json.dumps({"question": QUESTION, "assistant": "Open"}))
        assert REPLY.removesuffix("[1].") in told.text
        assert page.get("/widget/assistant", params={"key": key, "name": "Pay"}).status_code == 404
        hidden = page.post(f"/widget/ask?key={key}", content=json.dumps({"question": QUESTION, "assistant": "Pay"}))
        assert hidden.status_code == 404


def test_from_python_it_is_asked_by_name(kept) -> None:
    server, keys = kept
    remote = open_platform(server.url, key=keys["default"])
    try:
        assert remote.chat(assistant="Open").ask(QUESTION).text.startswith(REPLY)
        with pytest.raises(Exception, match="Pay"):
            remote.chat(assistant="Pay").ask(QUESTION)
    finally:
        remote.close()


def test_it_follows_a_base_that_is_renamed(kept, platform) -> None:
    server, keys = kept
    platform.library.rename_kb("default", "handbook")
    try:
        seen = {one["name"]: one["kbs"] for one in server.client(keys["default"]).get("/api/assistants").json()}
        assert seen == {"Open": ["handbook"]}
        asked = {"question": QUESTION, "assistant": "Open"}
        assert server.client(keys["default"]).post("/api/ask", json=asked).json()["answer"].startswith(REPLY)
        assert platform.assistants.save(platform.assistants.get("Open")) == 1  # nothing of it was changed
    finally:
        platform.library.rename_kb("handbook", "default")
    assert platform.assistants.get("Open").kbs == ("default",)
