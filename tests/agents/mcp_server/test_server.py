"""The MCP server while other things go on: cancellation, many calls, a library that another process fills."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.shared.memory import create_connected_server_and_client_session

from agents.mcp_server.offer import Offer
from agents.mcp_server.protocol import make_server
from tests.agents.mcp_server.conftest import PROGRAM, Wire, environment_of  # type: ignore[import-not-found]


class Waiting(Offer):
    """Its searches end when they are told to."""

    def __init__(self) -> None:
        super().__init__(lambda: None)
        self.begun = threading.Event()
        self.stopped = threading.Event()

    def search(self, given, stop, report):
        stop.then(self.stopped.set)
        report("waiting")
        self.begun.set()
        self.stopped.wait(30)
        return {"query": given["query"], "knowledge_base": "default", "hits": []}

    def list_knowledge_bases(self, given, stop, report):
        raise RuntimeError("a bug of ours")


async def until(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 20)


def test_a_cancelled_call_stops_its_work_and_the_session_goes_on() -> None:
    offer = Waiting()

    async def converse() -> None:
        async with create_connected_server_and_client_session(make_server(offer, "1")) as session:
            call = asyncio.create_task(session.call_tool("search", {"query": "x"}))
            await until(offer.begun)
            params = types.CancelledNotificationParams(requestId=1)
            await session.send_notification(types.ClientNotification(types.CancelledNotification(params=params)))
            await until(offer.stopped)
            assert len((await session.list_tools()).tools) == 5
            call.cancel()

    asyncio.run(asyncio.wait_for(converse(), 30))
    assert offer.stopped.is_set()


def test_a_client_that_leaves_stops_its_work() -> None:
    offer = Waiting()

    async def converse() -> None:
        async with create_connected_server_and_client_session(make_server(offer, "1")) as session:
            call = asyncio.create_task(session.call_tool("search", {"query": "x"}))
            await until(offer.begun)
            call.cancel()

    asyncio.run(asyncio.wait_for(converse(), 30))
    assert offer.stopped.wait(10)


def test_a_bug_of_ours_is_a_tool_error_without_traceback() -> None:
    async def converse() -> types.CallToolResult:
        async with create_connected_server_and_client_session(make_server(Waiting(), "1")) as session:
            return await session.call_tool("list_knowledge_bases", {})

    result = asyncio.run(converse())
    assert result.isError
    assert "a bug of ours" in result.content[0].text
    assert "Traceback" not in result.content[0].text


def test_the_official_client_over_stdio_with_many_calls_at_once(home: Path) -> None:
    async def converse() -> None:
        parameters = StdioServerParameters(command=PROGRAM[0], args=PROGRAM[1:], env=environment_of(home))
        async with stdio_client(parameters) as (reading, writing), ClientSession(reading, writing) as session:
            await session.initialize()
            queries = [f"annual leave {n}" for n in range(30)]
            found = await asyncio.gather(*(session.call_tool("search", {"query": q}) for q in queries))
            # The client checks each against the tool's output schema.
            assert [f.structuredContent["query"] for f in found] == queries
            listed = await session.list_resources()
            page = await session.read_resource(listed.resources[0].uri)
            assert page.contents[0].text

    asyncio.run(asyncio.wait_for(converse(), 120))


def test_it_answers_while_another_process_adds_documents(tmp_path: Path) -> None:
    environment = environment_of(tmp_path / "home")
    folder = tmp_path / "texts"
    folder.mkdir()
    for n in range(150):
        (folder / f"note{n}.txt").write_text(f"Note {n}: the password of locker {n} is blue{n}.\n" * 5, "utf-8")
    session = Wire(environment=environment)
    session.begin()
    adding = subprocess.Popen(
        [sys.executable, "-c", "from ingest.cli import main; raise SystemExit(main())", "add", str(folder), "-q"],
        env=environment,
    )
    answered = 0
    while adding.poll() is None:
        result = session.call("search", query="locker 7")
        # Before the first document there is no knowledge base, which is told; nothing else may go wrong.
        assert not result.get("isError") or "no knowledge base" in result["content"][0]["text"], result
        answered += 1
    assert adding.returncode == 0
    assert answered > 3
    hits = session.call("search", query="password of locker 149")["structuredContent"]["hits"]
    assert any("blue149" in hit["text"] for hit in hits)
    assert session.call("list_documents")["structuredContent"]["total"] == 150
    assert session.close() == 0
