"""A small library, and `zhiku mcp` as a process that is spoken to line by line."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from ingest import open_library
from ingest.settings import Settings

PROGRAM = [sys.executable, "-c", "from agents.cli import main; raise SystemExit(main())", "mcp"]
LEAVE = "员工入职满一年后，每年享有15天带薪年假。\n\nEmployees are entitled to 15 days of paid annual leave after one year.\n"


class Wire:
    """JSON-RPC by hand."""

    def __init__(self, *arguments: str, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self._lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self._next = 100

    def _read(self) -> None:
        for line in iter(self.process.stdout.readline, b""):
            self._lines.put(line)
        self._lines.put(b"")

    def send(self, message: Any) -> None:
        raw = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
        self.process.stdin.write(raw.encode() + b"\n")
        self.process.stdin.flush()

    def receive(self) -> Any:
        line = self._lines.get(timeout=60)
        assert line, self.process.stderr.read().decode()
        return json.loads(line)

    def request(self, method: str, params: Any = None, **more: Any) -> Any:
        self._next += 1
        body = {"jsonrpc": "2.0", "id": self._next, "method": method, **more}
        self.send(body if params is None else body | {"params": params})
        while (answer := self.receive()).get("id") != self._next:
            assert "method" in answer, answer
        return answer

    def call(self, tool: str, **arguments: Any) -> Any:
        return self.request("tools/call", {"name": tool, "arguments": arguments})["result"]

    def begin(self, version: str = "2025-11-25") -> Any:
        client = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        answer = self.request("initialize", client)
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer["result"]

    def close(self) -> int:
        self.process.stdin.close()
        status = self.process.wait(30)
        self.process.stdout.close()
        self.process.stderr.close()
        return status


def environment_of(home: Path) -> dict[str, str]:
    return {**os.environ, "ZHIKU_HOME": str(home), "ZHIKU_EMBEDDER": "hashing"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two knowledge bases: 'default' and one with a Chinese name and a space."""
    folder = tmp_path_factory.mktemp("mcp")
    (folder / "handbook.md").write_text(f"# 员工手册\n\n{LEAVE}", "utf-8")
    (folder / "long.txt").write_text("".join(f"Line {n} of a very long page.\n" for n in range(3_000)), "utf-8")
    library = open_library(folder / "home", Settings(embedder="hashing"))
    library.add([folder / "handbook.md", folder / "long.txt"], workers=1)
    library.add([folder / "handbook.md"], kb="人事 部/A", workers=1)
    library.close()
    return folder / "home"


@pytest.fixture(scope="module")
def wire(home: Path):
    """A session that was begun."""
    opened = Wire(environment=environment_of(home))
    opened.begin()
    yield opened
    assert opened.close() == 0
