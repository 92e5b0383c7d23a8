"""`zhiku mcp list` and `trust`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from agents.cli import main
from agents.tools.mcp import open_servers, start_servers
from ingest.settings import Settings

SERVER = Path(__file__).with_name("weather_server.py")


@pytest.fixture
def home(tmp_path: Path):
    def write(says: str) -> Path:
        guard = {k: v for k, v in os.environ.items() if k in ("PYTHONPATH", "OFFLINE_GUARD_LOG")}
        entry = {"command": sys.executable, "args": [str(SERVER)], "tools": ["search"], "risk": "read"}
        servers = {"weather": entry | {"env": guard | {"SEARCH_SAYS": says, "STATE": str(tmp_path / "pids")}}}
        (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": servers}), "utf-8")
        return tmp_path

    return write


def test_listing_starts_nothing(home, capsys: pytest.CaptureFixture[str]) -> None:
    place = home("Search.")
    assert main(["mcp", "list", "--home", str(place)]) == 0
    assert "search; read" in capsys.readouterr().out
    assert main(["mcp", "list", "--json", "--home", str(place)]) == 0
    assert json.loads(capsys.readouterr().out)["servers"][0]["risk"] == "read"
    assert not (place / "pids").exists()


def test_without_servers_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", "list", "--home", str(tmp_path), "--lang", "zh"]) == 0
    assert "没有 MCP 服务器" in capsys.readouterr().out


def test_a_change_is_shown_and_accepted(home, capsys: pytest.CaptureFixture[str]) -> None:
    with open_servers(Settings(), home("Search.")) as tools:
        assert [tool.name for tool in tools] == ["search"]
    place = home("Search, and more.")
    with open_servers(Settings(), place) as tools:
        assert tools == []
    assert main(["mcp", "trust", "weather", "--home", str(place)]) == 1  # nobody is there to say yes
    shown = capsys.readouterr()
    assert "changed  search: Search, and more." in shown.out
    assert "--yes" in shown.err
    assert main(["mcp", "trust", "weather", "--yes", "--home", str(place)]) == 0
    with open_servers(Settings(), place) as tools:
        assert [tool.name for tool in tools] == ["search"]


def test_an_unknown_server_is_told(home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", "trust", "wether", "--home", str(home("x"))]) == 2
    assert "weather" in capsys.readouterr().err


def test_a_disabled_server_is_listed_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mcp.json").write_text('{"mcpServers": {"off": {"command": "x", "disabled": true}}}')
    assert main(["mcp", "list", "--home", str(tmp_path), "--lang", "en"]) == 0
    assert capsys.readouterr().out == "off  (disabled)\n"


def test_a_mistyped_file_is_found_by_the_doctor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mcp.json").write_text('{"mcpServers": {"a": {"comand": "x"}}}')
    assert main(["doctor", "--home", str(tmp_path), "--lang", "en"]) == 1
    assert "did you mean 'command'?\n" in capsys.readouterr().out


def test_a_program_that_is_no_server_is_told_in_words(tmp_path: Path) -> None:
    entry = {"command": sys.executable, "args": ["-c", "print('hello')"]}
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"talks": entry}}))
    servers = start_servers(Settings(), tmp_path)
    assert servers is not None
    assert "it ended before it had said anything in MCP" in servers.notes[0]
    servers.close()
