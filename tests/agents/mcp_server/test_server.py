"""The MCP server while other things go on: cancellation, many calls, a library that another process fills."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.shared.memory import create_connected_server_and_client_session

from agents.mcp_server.offer import REPORT, Offer
from agents.mcp_server.protocol import make_server
from agents.tools.tool import Observation
from tests.agents.mcp_server.conftest import PROGRAM, Wire, environment_of  # type: ignore[import-not-found]


class Waiting(Offer):
    """Its searches end when they are told to."""

    def __init__(self) -> None:
        super().__init__(lambda: None)
        self.begun = threading.Event()
        self.stopped = threading.Event()

    def tools(self):
        runs = {"search_documents": self.wait, "list_knowledge_bases": self.fail}
        return [replace(tool, run=runs.get(tool.name, tool.run)) for tool in super().tools()]

    def wait(self, arguments, context):
        REPORT.get()("waiting")
        self.begun.set()
        if context.cancelled.wait(30):
            self.stopped.set()
        return Observation("", data={})

    def fail(self, arguments, context):
        raise RuntimeError("a bug of ours")


async def until(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 20)


def test_a_cancelled_call_stops_its_work_and_the_session_goes_on() -> None:
    offer = Waiting()

    async def converse() -> None:
        async with create_connected_server_and_client_session(make_server(offer, "1")) as session:
            call = asyncio.create_task(session.call_tool("search_documents", {"query": "x"}))
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
            call = asyncio.create_task(session.call_tool("search_documents", {"query": "x"}))
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
            names = [f"nothing{n}" for n in range(20)]
            searches = [session.call_tool("search_documents", {"query": f"annual leave {name}"}) for name in names]
            lists = [session.call_tool("list_documents", {"containing": name}) for name in names]
            found, listed = await asyncio.gather(asyncio.gather(*searches), asyncio.gather(*lists))
            # The client checks each against the tool's output schema.
            assert all(f.structuredContent["hits"] for f in found)
            assert all(name in one.structuredContent["text"] for name, one in zip(names, listed, strict=True))
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
        result = session.call("search_documents", query="locker 7")
        # Before the first document there is no knowledge base, which is told; nothing else may go wrong.
        assert not result.get("isError") or "no knowledge base" in result["content"][0]["text"], result
        answered += 1
    assert adding.returncode == 0
    assert answered > 3
    hits = session.call("search_documents", query="password of locker 149")["structuredContent"]["hits"]
    assert any("blue149" in hit["text"] for hit in hits)
    documents = session.call("list_documents")["structuredContent"]
    assert len(documents["data"]) + 90 == 150
    assert "90 more" in documents["text"]
    assert session.close() == 0
