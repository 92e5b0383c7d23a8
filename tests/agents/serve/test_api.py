"""Knowledge bases, documents, jobs, search, answers, proof, tasks and conversations over HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from typing import Any

import httpx
import pytest

from tests.agents.serve.conftest import LEAVE, NAMED, QUESTION, REPLY, ended  # type: ignore[import-not-found]


def stream(client: httpx.Client, method: str, path: str, **more: Any) -> list[tuple[str, Any]]:
    """The events of a stream, as (name, data)."""
    found, name = [], ""
    with client.stream(method, path, **more) as answer:
        assert answer.status_code == 200, answer.read()
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                found.append((name, json.loads(line.removeprefix("data: "))))
    return found


@pytest.fixture
def kb(http: httpx.Client):
    """A base of this test's own."""
    name = "试 验/1"
    assert http.post("/api/kbs", json={"name": name}).status_code == 201
    yield name
    http.delete(f"/api/kbs/{name}")


def test_knowledge_bases_come_are_renamed_and_go(http: httpx.Client) -> None:
    made = http.post("/api/kbs", json={"name": "新/一"})
    assert (made.status_code, made.json()["documents"]) == (201, 0)
    again = http.post("/api/kbs", json={"name": "新/一"})
    assert (again.status_code, again.headers["content-type"]) == (400, "application/problem+json")
    assert http.patch("/api/kbs/新/一", json={"name": "新二"}).json()["name"] == "新二"
    assert http.get("/api/kbs/新/一").status_code == 404
    assert http.get("/api/kbs/新二").json()["tags"] == []
    assert "新二" in {kb["name"] for kb in http.get("/api/kbs").json()}
    assert http.delete("/api/kbs/新二").status_code == 204
    assert http.delete("/api/kbs/新二").status_code == 404


def test_a_document_is_sent_followed_read_tagged_and_removed(http: httpx.Client, kb: str, platform) -> None:
    files = [("files", ("../假期.md", LEAVE.encode())), ("files", ("broken.pdf", b"%PDF-1.7 no more"))]
    job = ended(http, http.post("/api/documents", params={"kb": kb}, files=files, data={"tag": ["人事", "owner=Li"]}))
    assert job["state"] == "done"
    [failed] = job["report"]["failed"]
    assert failed["reason"]
    assert job["progress"]["done"] == 2
    assert job["id"] in {one["id"] for one in http.get("/api/jobs").json()}
    listed = http.get("/api/documents", params={"kb": kb, "where": "tag=人事"}).json()
    assert listed["total"] == 1
    [document] = listed["documents"]
    assert document["path"].endswith("假期.md")
    assert document["fields"] == {"owner": ["Li"]}
    uploads = platform.home / "uploads" / str(platform.library.kb(kb).id)
    assert len(list(uploads.rglob("*.*"))) == 1  # what became no document is not kept
    place = f"/api/documents/{document['id']}"
    shown = http.get(place, params={"kb": kb}).json()
    assert [page["number"] for page in shown["page_list"]] == [1]
    assert http.get(f"{place}/pages/1", params={"kb": kb}).json()["text"].strip() == LEAVE.strip()
    assert http.get(f"{place}/pages/2", params={"kb": kb}).status_code == 404
    tagged = http.patch(place, params={"kb": kb}, json={"add": ["2026"], "remove": ["人事"]}).json()
    assert tagged["tags"] == ["2026"]
    assert http.get(place, params={"kb": "default"}).status_code == 404
    assert http.delete(place, params={"kb": kb}).status_code == 204
    assert http.get(place, params={"kb": kb}).status_code == 404
    assert list(uploads.rglob("*.*")) == []


def test_only_addresses_may_be_named_no_paths(http: httpx.Client, kb: str) -> None:
    """A path would be one of the server's own files."""
    for named in ({"url": ["/etc/passwd"]}, {"url": ["file:///etc/passwd"]}, {}):
        assert http.post("/api/documents", params={"kb": kb}, data=named).status_code == 400
    job = ended(http, http.post("/api/documents", params={"kb": kb}, data={"url": ["http://127.0.0.1:1/x"]}))
    assert job["report"]["failed"]  # nor what only the server can reach
    assert http.post("/api/documents", params={"kb": "nothing"}, data={"url": ["https://a.example"]}).status_code == 404


def test_a_job_that_waits_can_be_cancelled(http: httpx.Client, kb: str, platform) -> None:
    with platform.library._lock.held():  # somebody else is writing: the first job waits for them, the second for it
        sent = [("files", ("a.txt", b"one page"))]
        first = http.post("/api/documents", params={"kb": kb}, files=sent)
        second = http.post("/api/documents", params={"kb": kb}, files=[("files", ("b.txt", b"another"))])
        job = second.json()["id"]
        assert http.delete(f"/api/jobs/{job}").json()["state"] == "waiting"
    assert ended(http, first)["state"] == "done"
    assert ended(http, second)["state"] == "cancelled"
    assert [one["title"] for one in http.get("/api/documents", params={"kb": kb}).json()["documents"]] == ["a"]
    assert http.get("/api/jobs/nothing").status_code == 404


def test_search_is_explained_when_asked(http: httpx.Client) -> None:
    plain = http.post("/api/search", json={"query": "annual leave", "kbs": ["default", NAMED], "k": 2}).json()
    assert plain["hits"][0]["text"].startswith("# Leave")
    assert "dense" not in plain["hits"][0]
    assert plain["kb"] == f"default, {NAMED}"
    told = http.post("/api/search", json={"query": "annual leave", "explain": True}).json()
    assert told["hits"][0]["lexical"]["rank"] == 1
    assert http.post("/api/search", json={"query": "leave", "where": "kind=pdf"}).json()["hits"] == []
    assert http.post("/api/search", json={"query": "leave", "where": "nonsense"}).status_code == 400
    assert http.post("/api/search", json={"query": ""}).status_code == 400


def test_a_question_is_answered_whole_and_as_events(http: httpx.Client) -> None:
    whole = http.post("/api/ask", json={"question": QUESTION}).json()
    assert whole["answer"] == REPLY
    assert whole["trace"] == ""
    events = stream(http, "POST", "/api/ask", json={"question": QUESTION, "stream": True})
    names = [name for name, _ in events]
    assert names[:2] == ["Found", "Quoted"]
    assert set(names[2:-1]) == {"Token"}
    assert names[-1] == "Answered"
    assert events[-1][1]["answer"] == REPLY


def test_any_text_is_proven(http: httpx.Client) -> None:
    text = "Employees get 15 days of annual leave [1]. Dogs are welcome in the canteen [1]."
    for against in ({"passages": [LEAVE]}, {"kb": "default"}):
        found = http.post("/api/check", json={"answer": text, **against}).json()
        assert [one["supported"] for one in found["sentences"]] == [True, False]
        assert found["sentences"][0]["quotes"][0]["text"].startswith("Employees get 15 days")
        assert not found["supported"]


def test_conversations_are_kept_and_rated(http: httpx.Client) -> None:
    begun = http.post("/api/conversations", json={"kb": "default"}).json()["id"]
    http.post("/api/ask", json={"question": QUESTION, "conversation": begun})
    place = f"/api/conversations/{begun}"
    [turn] = http.get(place).json()["turn_list"]
    assert turn["answer"]["answer"] == REPLY
    assert http.put(f"{place}/turns/{turn['id']}/rating", json={"thumb": "up"}).status_code == 204
    assert http.put(f"{place}/turns/{turn['id'] + 1}/rating", json={"thumb": "up"}).status_code == 404
    assert http.get(place).json()["turn_list"][0]["feedback"]["thumb"] == "up"
    assert http.patch(place, json={"name": "Leave"}).json()["title"] == "Leave"
    assert begun in {one["id"] for one in http.get("/api/conversations").json()}
    assert http.delete(place).status_code == 204
    assert http.get(place).status_code == 404
    assert http.post("/api/ask", json={"question": QUESTION, "conversation": begun}).status_code == 404


def test_a_conversation_goes_on_with_what_it_was_begun_with(http: httpx.Client) -> None:
    form = {"kbs": ["default"], "where": "kind=nothing"}
    begun = http.post("/api/conversations", json=form).json()
    assert (begun["kbs"], begun["where"]) == (["default"], "kind=nothing")
    asked = {"question": QUESTION, "conversation": begun["id"]}
    assert http.post("/api/ask", json=asked).json()["abstained"]
    assert not http.post("/api/ask", json={**asked, "kbs": ["default"]}).json()["abstained"]
    assert http.post("/api/conversations", json={"kbs": ["default", "nowhere"]}).status_code == 404


def test_a_task_is_begun_followed_and_told_again(http: httpx.Client) -> None:
    begun = http.post("/api/tasks", json={"task": QUESTION})
    assert begun.status_code == 202
    place = f"/api/tasks/{begun.json()['id']}"
    events = stream(http, "GET", f"{place}/events")
    assert events[-1][0] == "Finished"
    assert "15 days" in events[-1][1]["result"]["text"]
    found = http.get(place).json()
    assert found["status"] == "done"
    assert found["result"]["citations"][0]["quote"].startswith("Employees get 15 days")
    later = stream(http, "GET", f"{place}/events", headers={"Last-Event-ID": str(len(events) - 2)})
    assert [name for name, _ in later] == ["Finished"]
    assert http.get(f"{place}/events", headers={"Last-Event-ID": "x"}).status_code == 422
    assert http.post(f"{place}/cancel").json() == {"stopped": False}
    assert http.post(f"{place}/verdicts", json={"call": "c", "approve": True}).status_code == 400
    assert http.delete(place).status_code == 204
    assert http.get(f"{place}/events").status_code == 404


def test_a_call_waits_for_approval_and_the_task_goes_on(http: httpx.Client, platform, monkeypatch) -> None:
    from langchain_core.messages import AIMessage

    from agents.llm.scripted import ScriptedChat

    call = {"name": "python", "args": {"code": "print('hello')"}, "id": "1"}
    replies = ["1. run a program", AIMessage(content="", tool_calls=[call]), *["I may not."] * 6]
    monkeypatch.setitem(platform.language_model.__dict__, "chat", ScriptedChat(replies=replies))
    begun = http.post("/api/tasks", json={"task": "Write a program that greets, and run it", "effort": "thorough"})
    place = f"/api/tasks/{begun.json()['id']}"
    events = stream(http, "GET", f"{place}/events")
    assert events[-1][1]["result"]["status"] == "needs_approval", events[-1]
    [pending] = http.get(place).json()["pending"]
    assert pending["tool"] == "python"
    assert http.post(f"{place}/verdicts", json={"call": pending["id"], "approve": False}).status_code == 204
    assert http.post(f"{place}/resume").status_code == 202
    assert stream(http, "GET", f"{place}/events")[-1][0] == "Finished"
    assert http.get(place).json()["pending"] == []


@pytest.mark.parametrize("way", ["stream", "whole", "openai", "openai whole"])
def test_a_client_that_goes_away_stops_the_model(http: httpx.Client, platform, way: str) -> None:
    """The reply takes far longer than the client waits."""
    from agents.llm.scripted import ScriptedChat
    from tests.agents.serve.conftest import LONG

    begun, stopped = threading.Event(), threading.Event()

    class Watched(ScriptedChat):
        def _stream(self, *arguments: Any, **options: Any):
            pieces = 0
            try:
                for piece in super()._stream(*arguments, **options):
                    begun.set()
                    pieces += 1
                    yield piece
            finally:
                if pieces < 300:
                    stopped.set()

    platform.language_model.__dict__["chat"], kept = Watched(replies=[LONG], token_seconds=0.05), platform.chat_model
    try:
        path = "/v1/chat/completions" if "openai" in way else "/api/ask"
        message = {"model": "zhiku:default", "messages": [{"role": "user", "content": QUESTION}]}
        body = json.dumps({**(message if "openai" in way else {"question": QUESTION}), "stream": "whole" not in way})
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        )
        with socket.create_connection((http.base_url.host, http.base_url.port)) as client:
            client.sendall(f"{head}\r\n\r\n{body}".encode())
            assert begun.wait(20)
        assert stopped.wait(10)
    finally:
        platform.language_model.__dict__["chat"] = kept


def test_a_client_that_leaves_before_the_first_word_is_told_apart_from_a_fault() -> None:
    from starlette.requests import ClientDisconnect

    from agents.serve.waiting import begin, flowing

    stopped = threading.Event()

    def work(cancel: threading.Event):
        if cancel.wait(10):
            stopped.set()
        yield from ()

    class Gone:
        async def is_disconnected(self) -> bool:
            return True

    async def left() -> None:
        with pytest.raises(ClientDisconnect):
            await begin(Gone(), flowing(work))

    asyncio.run(left())
    assert stopped.wait(5)


def test_an_answer_that_takes_too_long_is_what_was_written_by_then(platform, tmp_path) -> None:
    from agents.llm.scripted import ScriptedChat
    from agents.serve.application import Limits
    from tests.agents.serve.conftest import LONG, serving

    platform.language_model.__dict__["chat"], kept = (
        ScriptedChat(replies=[LONG], token_seconds=0.05),
        platform.chat_model,
    )
    try:
        with serving(platform, tmp_path, limits=Limits(seconds=0.5)) as server:
            began = time.monotonic()
            answer = server.client().post("/api/ask", json={"question": QUESTION}).json()
            assert answer["stopped"]
            assert time.monotonic() - began < 10
    finally:
        platform.language_model.__dict__["chat"] = kept
