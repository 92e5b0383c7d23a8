"""`zhiku mcp --http` as a real process: the official client, and requests that must be refused."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

from tests.agents.mcp_server.conftest import PROGRAM, environment_of  # type: ignore[import-not-found]

TOKEN = "a token for tests"
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def address(home: Path):
    """Where it listens."""
    environment = {**environment_of(home), "ZHIKU_MCP_TOKEN": TOKEN}
    process = subprocess.Popen(
        [*PROGRAM, "--http", "--port", "0"], env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    line = process.stderr.readline()
    assert "http://127.0.0.1:" in line, line + process.stderr.read()
    address = next(word for word in line.split() if word.startswith("http"))
    for _ in range(100):
        try:
            httpx.get(address, timeout=20)
            break
        except httpx.ConnectError:
            continue
    yield address
    process.terminate()
    process.wait(20)
    assert process.stdout.read() == ""
    process.stdout.close()
    process.stderr.close()


def test_the_official_client_finds_reads_and_asks(address: str) -> None:
    async def converse() -> None:
        async with (
            create_mcp_http_client(headers={"Authorization": f"Bearer {TOKEN}"}) as http,
            streamable_http_client(address, http_client=http) as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            begun = await session.initialize()
            assert begun.protocolVersion == "2025-11-25"
            assert len((await session.list_tools()).tools) == 5
            both = await asyncio.gather(
                session.call_tool("search_documents", {"query": "年假有几天？"}),
                session.call_tool("search_documents", {"query": "annual leave", "knowledge_base": "人事 部/A"}),
            )
            for found in both:
                assert "15" in found.structuredContent["hits"][0]["text"]
            steps: list[str | None] = []

            async def progress(_: float, __: float | None, message: str | None) -> None:
                steps.append(message)

            answer = await session.call_tool(
                "ask", {"question": "How many days of annual leave?"}, progress_callback=progress
            )
            assert answer.structuredContent["citations"]
            assert any("passages found" in step for step in steps if step)

    asyncio.run(converse())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": f"Bearer {TOKEN}", "Host": "evil.example"}, 421),
        ({"Authorization": f"Bearer {TOKEN}", "Host": "127.0.0.1.evil.example"}, 421),
        ({"Authorization": f"Bearer {TOKEN}", "Host": "127.0.0.1:1"}, 421),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example"}, 403),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "http://localhost:1"}, 403),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "null"}, 403),
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": TOKEN}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/plain"}, 400),
    ],
)
def test_strangers_are_refused(address: str, headers: dict[str, str], status: int) -> None:
    assert httpx.post(address, json=PING, headers={**ACCEPT, **headers}).status_code == status


def test_other_paths_methods_and_sessions_are_not_found(address: str) -> None:
    allowed = {**ACCEPT, "Authorization": f"Bearer {TOKEN}"}
    assert httpx.post(address.replace("/mcp", "/"), json=PING, headers=allowed).status_code == 404
    assert httpx.put(address, json=PING, headers=allowed).status_code == 405
    assert httpx.post(address, json=PING, headers=allowed | {"Mcp-Session-Id": "no such"}).status_code == 404
    assert httpx.post(address, content="{not json", headers=allowed | {"Content-Type": "application/json"}).json()[
        "error"
    ]["code"] in (-32700, -32600)
    huge = httpx.post(address, content=b"x" * (5 << 20), headers=allowed | {"Content-Type": "application/json"})
    assert huge.status_code == 413


def test_a_taken_port_is_told_in_one_line(address: str, home: Path) -> None:
    port = address.split(":")[2].split("/", maxsplit=1)[0]
    done = subprocess.run(
        [*PROGRAM, "--http", "--port", port], env=environment_of(home), capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr
