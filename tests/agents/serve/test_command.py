"""`zhiku serve` as a process, and the commands beside it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents.cli import main
from agents.serve.listening import Leaving
from agents.tasks.schedules import Schedules
from ingest.jobs import Jobs
from ingest.language import speak
from ingest.selection import Scope

# Whoever runs the tests in the background has them ignore Ctrl-C.
_HEEDED = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
PROGRAM = [sys.executable, "-c", f"{_HEEDED}; from agents.cli import main; raise SystemExit(main())"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZHIKU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZHIKU_EMBEDDER", "hashing")
    return tmp_path / "home"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(words)
    speak(None)
    out, err = capsys.readouterr()
    return status, out, err


def test_keys_and_users_from_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "keys", "list")[1].strip() == "There are no keys."
    assert not home.exists() or not list(home.glob("access*"))
    from ingest.cli import main as ingest

    assert ingest(["kb", "create", "handbook"]) == 0
    capsys.readouterr()
    assert run(capsys, "users", "add", "李")[0] == 0
    assert run(capsys, "users", "grant", "李", "editor", "--kb", "handbook")[0] == 0
    assert run(capsys, "users", "grant", "李", "reader", "--all")[0] == 0
    status, out, err = run(capsys, "keys", "add", "laptop", "--user", "李", "--days", "30", "--scope", "write")
    key = out.strip()
    assert status == 0
    assert key.startswith("zk-")
    assert "this once" in err
    shown = json.loads(run(capsys, "keys", "list", "--json")[1])["keys"][0]
    assert (shown["user"], shown["scope"], shown["valid"], shown["kbs"]) == ("李", "write", True, None)
    assert key.split("-", 2)[2] not in json.dumps(shown)
    listed = run(capsys, "users", "list")[1]
    assert "handbook: editor" in listed
    assert "*: reader" in listed
    assert "laptop" in run(capsys, "keys", "revoke", "laptop")[1]
    assert "已撤销" in run(capsys, "keys", "list", "--lang", "zh")[1]
    assert run(capsys, "users", "grant", "李", "none", "--kb", "handbook")[0] == 0
    assert json.loads(run(capsys, "users", "list", "--json")[1])["users"][0]["roles"] == {"*": "reader"}
    assert run(capsys, "users", "join", "李", "@人事")[0] == 0
    assert run(capsys, "users", "grant", "@人事", "owner", "--kb", "handbook")[0] == 0
    assert "@人事 handbook: owner" in run(capsys, "users", "list")[1]
    assert run(capsys, "users", "leave", "李", "@人事")[0] == 0
    assert run(capsys, "users", "remove", "李")[0] == 0
    status, out, _ = run(capsys, "keys", "add", "shop", "--kb", "handbook", "--origin", "https://shop.example")
    assert status == 0
    assert re.fullmatch(r'<script src="[^"]+/widget\.js" data-key="zkp-[0-9a-f]{8}" defer></script>', out.strip())
    if os.name != "nt":
        assert (home / "access.sqlite3").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "words",
    [
        ["keys", "add", "k", "--kb", "nothing"],
        ["keys", "add", "k", "--user", "nobody"],
        ["keys", "revoke", "nothing"],
        ["keys", "add", "k", "--origin", "https://shop.example"],
        ["users", "join", "nobody", "@x"],
        ["users", "grant", "nobody", "reader", "--all"],
        ["users", "grant", "nobody", "king"],
        ["serve", "--host", "0.0.0.0"],
        ["serve", "--port", "70000"],
    ],
)
def test_what_makes_no_sense_is_one_line(home: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    for lang in ("en", "zh"):
        status, out, err = run(capsys, *words, "--lang", lang)
        assert status == 2
        assert out == ""
        assert len(err.strip().splitlines()) == 2
        assert "Traceback" not in err


def test_beyond_this_machine_only_with_keys_or_in_so_many_words() -> None:
    from agents.serve.listening import checked

    assert checked("127.0.0.1", keys=False, everyone=False) is None
    assert checked("::1", keys=False, everyone=False) is None
    assert "TLS" in str(checked("0.0.0.0", keys=True, everyone=False))
    assert "no keys" in str(checked("0.0.0.0", keys=False, everyone=True))


def test_the_process_serves_and_ends(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schedules = Schedules(home, now=lambda: datetime(2026, 1, 1))
    schedules.add("Compute 3 * 650", Scope(), "09:00", effort="quick")
    process = subprocess.Popen(
        [*PROGRAM, "serve", "--port", "0"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    try:
        line = process.stderr.readline()
        address = next((word.rstrip(",") for word in line.split() if word.startswith("http")), "")
        assert address, line + process.stderr.read()
        assert httpx.get(f"{address}/health").json() == {"status": "ok"}
        assert httpx.post(f"{address}/api/kbs", json={"name": "手册"}).status_code == 201
        assert httpx.get(f"{address}/v1/models").json()["data"][0]["id"] == "zhiku:手册"
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        spoken = {"Accept": "application/json, text/event-stream"}
        assert httpx.post(f"{address}/mcp", json=ping, headers=spoken).status_code in (200, 400)
        while not (made_up := schedules.list()[0]).run:  # a time that passed while nothing ran
            time.sleep(0.05)
        assert (made_up.meant, made_up.late) == ("2026-01-01T09:00", True)
        told = httpx.get(f"{address}/api/tasks/{made_up.run}/events", timeout=60).text
        assert "3 * 650 = 1950" in told
        key = run(capsys, "keys", "add", "k", "--kb", "手册")[1].strip()  # from now on, without a new start
        assert httpx.get(f"{address}/api/kbs").status_code == 401
        mine = {"Authorization": f"Bearer {key}"}
        assert [kb["name"] for kb in httpx.get(f"{address}/api/kbs", headers=mine).json()] == ["手册"]
        assert (
            httpx.post(f"{address}/api/search", json={"query": "x", "kbs": ["手册"]}, headers=mine).json()["hits"] == []
        )
        entries = json.loads(run(capsys, "audit", "--json", "--kb", "手册")[1])["entries"]
        assert (entries[-1]["who"], entries[-1]["what"], entries[-1]["allowed"]) == ("k", "POST /api/search", True)
        assert "POST /api/search" in run(capsys, "audit", "--who", "k")[1]
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stdout.read() == ""
        schedules.close()
        assert "Traceback" not in process.stderr.read()
        process.stdout.close()
        process.stderr.close()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/v1/models", timeout=60).status_code == 200
    except httpx.TransportError:
        return False


def test_a_server_that_is_to_end_answers_what_it_has_and_takes_nothing_new(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIKU_SERVE_JOBS", "false")  # nobody works: what follows a job waits until it is cancelled
    process = subprocess.Popen(
        [*PROGRAM, "serve", "--port", "0"], stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    with process, closing(Jobs(home)) as jobs:
        address = next(word.rstrip(",") for word in process.stderr.readline().split() if word.startswith("http"))
        job = jobs.start("default", ["/nothing"])
        with httpx.stream("GET", f"{address}/api/jobs/{job.id}/events", timeout=60) as following:
            lines = following.iter_lines()
            assert next(lines) == "event: job"
            process.terminate()
            while _answers(address):
                pass
            assert process.poll() is None
            jobs.cancel(job.id)
            told = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
        assert told[-1]["state"] == "cancelled"
        assert process.wait(60) in (0, -signal.SIGTERM)
        assert "Traceback" not in process.stderr.read()


def test_it_says_so_to_who_asks_after_its_health() -> None:
    async def answers(scope: dict[str, Any], _: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def asked(leaving: Leaving, path: str) -> dict[str, Any]:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await leaving({"type": "http", "path": path}, None, send)  # type: ignore[arg-type]
        return sent[0]

    leaving = Leaving(answers)  # type: ignore[arg-type]
    assert asyncio.run(asked(leaving, "/v1/models"))["headers"] == []
    assert leaving.begin() == 0.0  # nobody asks: nobody has to hear of it
    leaving = Leaving(answers)  # type: ignore[arg-type]
    assert asyncio.run(asked(leaving, "/health"))["status"] == 200
    assert leaving.begin() > 0
    assert asyncio.run(asked(leaving, "/health"))["status"] == 503
    told = asyncio.run(asked(leaving, "/v1/models"))
    assert (told["status"], told["headers"]) == (200, [(b"connection", b"close")])
