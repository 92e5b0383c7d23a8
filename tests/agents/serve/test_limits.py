"""What a server does not take, told in one problem each: too large, too many, too fast, from strange pages, no JSON; and
that whatever is sent, it is never a bug of ours."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from langchain_core.messages import BaseMessage

from agents import open_platform
from agents.llm.scripted import ScriptedChat
from agents.platform import Platform
from agents.serve.application import Limits, description
from agents.serve.tasks import AT_ONCE
from ingest.jobs import MOST_WAITING
from ingest.settings import Settings, load_settings
from ingest.texts import Given
from tests.agents.serve.conftest import LEAVE, QUESTION, Served, scripted, serving  # type: ignore[import-not-found]


def problem(answer: httpx.Response, status: int, kind: str) -> dict[str, str]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, str] = answer.json()
    assert told["type"] == f"urn:zhiku:{kind}"
    assert told["status"] == status
    assert told["detail"]
    assert "\n" not in told["detail"]
    return told


def test_a_body_that_says_it_is_too_large_is_not_read(served: Served) -> None:
    url = httpx.URL(served.url)
    head = f"POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: {2 << 30}\r\n\r\n"
    with socket.create_connection((url.host, url.port), 20) as client:
        client.sendall(head.encode())
        answer = client.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"urn:zhiku:too-large" in answer


@pytest.mark.parametrize("path", ["/api/search", "/v1/chat/completions"])
def test_a_body_that_does_not_say_so_is_cut_off(served: Served, path: str) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield b" " * (1 << 20)

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(served.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post(path, content=endless(), headers={"Content-Type": "application/json"})

    answer = asyncio.run(send())
    assert answer.status_code == 413
    assert "4 MB" in answer.text
    assert sent < 10


def test_a_body_that_never_comes_is_not_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.serve.guard._SECONDS", 0.2)
    url = httpx.URL(served.url)
    head = (
        "POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    )
    with socket.create_connection((url.host, url.port), 20) as client:
        client.sendall(head.encode())
        assert client.recv(65536).startswith(b"HTTP/1.1 408")


def test_uploads_may_be_larger_than_other_requests(platform, tmp_path) -> None:
    with serving(platform, tmp_path, limits=Limits(rate=0, upload_mb=6)) as server:
        client = server.client()
        five = [("files", ("a.txt", b"a page\n" * (5 << 20 >> 3)))]
        assert client.post("/api/documents?kb=nothing", files=five).status_code == 404
        seven = [("files", ("a.txt", b"a page\n" * (8 << 20 >> 3)))]
        problem(client.post("/api/documents?kb=nothing", files=seven), 413, "too-large")


def test_a_key_that_asks_too_often_waits(platform, tmp_path) -> None:
    with serving(platform, tmp_path, limits=Limits(rate=3)) as server:
        client = server.client(server.people.add_key("a")[1], accept_language="zh")
        other = server.client(server.people.add_key("b")[1])
        answers = [client.get("/api/kbs") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        told = problem(answers[-1], 429, "too-many")
        assert "频繁" in told["detail"]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
        assert other.get("/api/kbs").status_code == 200


def test_more_at_once_than_it_can_is_told_at_once(platform, tmp_path) -> None:
    with serving(platform, tmp_path, limits=Limits(rate=0, at_once=2)) as server:
        with platform.library._lock.held():  # two jobs that wait, followed by two readers
            client = server.client()
            sent = client.post("/api/documents?kb=default", files=[("files", ("w.txt", b"waits"))])
            follow = f"/api/jobs/{sent.json()['id']}/events"
            ready = [threading.Event(), threading.Event()]
            codes: list[int] = []

            def read(event: threading.Event) -> None:
                with httpx.stream("GET", server.url + follow, timeout=30) as answer:
                    for _ in answer.iter_lines():
                        event.set()
                    codes.append(answer.status_code)

            threads = [threading.Thread(target=read, args=(event,)) for event in ready]
            for thread, event in zip(threads, ready, strict=True):
                thread.start()
                assert event.wait(20)
            problem(client.get("/api/kbs"), 503, "busy")
            assert client.get("/api/kbs").headers["retry-after"] == "1"
            assert client.get("/health").status_code == 200
        for thread in threads:
            thread.join(30)
        assert codes == [200, 200]
        platform.library.remove(["w"])


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_pages_of_others_may_not_speak_to_it(http: httpx.Client, headers: dict[str, str]) -> None:
    problem(http.post("/api/search", json={"query": "leave"}, headers=headers), 403, "not-ours")
    assert http.options("/api/search", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "status", "kind"),
    [
        ("/api/search", b"{", 422, "invalid"),
        ("/api/search", b"[]", 422, "invalid"),
        ("/api/search", b'{"query": "\xff"}', 400, "bad-request"),
        ("/api/search", b'{"query": "x", "k": 0}', 422, "invalid"),
        ("/api/nothing", b"{}", 404, "not-found"),
        ("/api/kbs", b'{"name": "\\u0000"}', 201, ""),
    ],
)
def test_what_can_not_be_read(http: httpx.Client, path: str, body: bytes, status: int, kind: str) -> None:
    answer = http.post(path, content=body, headers={"Content-Type": "application/json"})
    if kind:
        problem(answer, status, kind)
    else:
        assert answer.status_code in (201, 400)


def test_the_asker_is_told_in_their_language(http: httpx.Client) -> None:
    for lang, word in (("zh-CN", "没有知识库"), ("en", "There is no")):
        answer = http.post("/api/ask", json={"question": QUESTION, "kbs": ["x"]}, headers={"Accept-Language": lang})
        assert word in problem(answer, 404, "not-found")["detail"]
    for body, told in (
        ({"query": "x", "k": 0}, "“k”：不得小于 1。"),
        ({}, "“query”：缺少此项。"),
        ({"query": "x", "kb": "handbook"}, "“kb”：没有这一项。"),
        ([], "请求体须以 application/json 发送 JSON。"),
    ):
        answer = http.post("/api/search", json=body, headers={"Accept-Language": "zh"})
        assert problem(answer, 422, "invalid")["detail"] == told
    asked = {"question": QUESTION, "kb": "x"}
    assert problem(http.post("/api/ask", json=asked), 422, "invalid")["detail"] == "'kb': there is no such field."
    for body, kind in ((b"{", "application/json"), (b'{"query": "x"}', "application/x-www-form-urlencoded")):
        answer = http.post("/api/search", content=body, headers={"Content-Type": kind})
        assert "sent as application/json" in problem(answer, 422, "invalid")["detail"]


def test_a_bug_of_ours_is_one_sentence_and_goes_to_the_log(
    platform, http: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise KeyError("a secret")

    monkeypatch.setattr(platform.library, "kbs", broken)
    told = problem(http.get("/api/kbs", headers={"Accept-Language": "zh"}), 500, "bug")
    assert "不应发生" in told["detail"]
    assert "secret" not in str(told)
    assert "a secret" in caplog.text
    message = {"model": "zhiku:default", "messages": [{"role": "user", "content": "x"}]}
    assert http.post("/v1/chat/completions", json=message).json()["error"]["type"] == "server_error"


def test_another_process_that_writes_is_named(platform, http: httpx.Client) -> None:
    from filelock import FileLock

    with FileLock(platform.home / "writer.lock"):
        told = problem(http.post("/api/kbs", json={"name": "x"}), 409, "locked")
    assert "writing" in told["detail"]


SENT = settings(
    max_examples=6,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # a failure is told as it came, which takes no time
    suppress_health_check=list(HealthCheck),
)
OPERATIONS = [f"{method.upper()} {path}" for path, methods in description("1")["paths"].items() for method in methods]


@functools.cache
def operations() -> dict[str, Any]:
    """Each by its label. Schemathesis takes four seconds to import, and every process of a run collects every file."""
    import schemathesis

    found = {one.ok().label: one.ok() for one in schemathesis.openapi.from_dict(description("1")).get_all_operations()}
    assert list(found) == OPERATIONS
    return found


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server on a library of its own: what is sent may well remove what is there."""
    home = tmp_path_factory.mktemp("anything")
    model = ScriptedChat(replies=[scripted], repeat=True)
    platform = open_platform(home, model=model, settings=Settings(embedder="hashing"))
    platform.library.texts("default").put([Given("leave", LEAVE, {})])
    with serving(platform, home) as server:
        yield server
    platform.close()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_whatever_is_sent_is_no_bug(operation: str, own: Served) -> None:
    @given(case=operations()[operation].as_strategy())
    @settings(SENT)
    def sent(case) -> None:
        answer = case.call(base_url=own.url, timeout=30)
        assert answer.status_code not in (500, 501, 502, 504), answer.text
        if answer.status_code >= 400 and not case.path.startswith("/v1"):
            assert answer.headers["content-type"] == ["application/problem+json"]

    sent()


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Platform, threading.Event]]:
    """A platform whose model says nothing before the event is set, and which leaves jobs to workers elsewhere."""
    go = threading.Event()

    def reply(_: list[BaseMessage]) -> str:
        assert go.wait(30)
        return "I can't."

    settings = dataclasses.replace(
        load_settings(tmp_path / "home"), embedder="hashing", effort="quick", serve_jobs=False
    )
    platform = open_platform(tmp_path / "home", model=ScriptedChat(replies=[reply], repeat=True), settings=settings)
    platform.library.create_kb("default")
    yield platform, go
    go.set()
    platform.close()


def test_more_jobs_than_may_wait_are_refused_and_leave_no_file(held, tmp_path) -> None:
    platform, _ = held
    with serving(platform, tmp_path) as server:
        client = server.client()
        for number in range(MOST_WAITING):
            server.app.state.desk.jobs.start("default", [f"https://example.org/{number}"])
        refused = client.post("/api/documents?kb=default", files=[("files", ("w.txt", b"waits"))])
        problem(refused, 503, "busy")
        assert refused.headers["retry-after"] == "30"
        assert [file for file in (platform.home / "uploads").rglob("*") if file.is_file()] == []


def test_a_task_at_work_is_not_gone_on_with_and_one_too_many_is_refused_without_a_trace(held, tmp_path) -> None:
    platform, go = held
    with serving(platform, tmp_path) as server:
        client = server.client()
        task = {"task": "Write a program that greets, and run it", "effort": "thorough"}
        places = [f"/api/tasks/{client.post('/api/tasks', json=task).json()['id']}" for _ in range(AT_ONCE)]
        told = problem(client.post(f"{places[0]}/resume"), 400, "bad-request")
        assert "under way" in told["detail"]
        refused = client.post("/api/tasks", json=task)
        problem(refused, 503, "busy")
        assert refused.headers["retry-after"] == "30"
        assert len(client.get("/api/tasks").json()) == AT_ONCE
        assert client.post(f"{places[0]}/cancel").json() == {"stopped": True}
        go.set()
        for place in places:
            with client.stream("GET", f"{place}/events") as events:
                assert "event: Finished" in events.read().decode()
        assert client.post("/api/tasks", json=task).status_code == 202
        assert client.post(f"{places[0]}/resume").status_code == 202
