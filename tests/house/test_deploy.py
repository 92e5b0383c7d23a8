"""What `deploy/` starts is what the commands and settings of today take."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from agents.cli import commands as agents_commands
from ingest.cli import commands as ingest_commands
from ingest.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
UNITS = sorted(DEPLOY.glob("*.service"))


def lines(unit: Path, name: str) -> list[str]:
    found = unit.read_text("utf-8").splitlines()
    return [line.removeprefix(f"{name}=") for line in found if line.startswith(f"{name}=")]


@pytest.mark.parametrize(
    "command",
    [service["command"] for service in COMPOSE["services"].values() if "command" in service]
    + [line.replace("%i", "8503") for unit in UNITS for line in lines(unit, "ExecStart")],
)
def test_every_command_is_one_of_ours(command: str) -> None:
    program, name, *words = shlex.split(command)
    build = {"zhiku": agents_commands.build, "ingest": ingest_commands.build}[Path(program).name]
    found = build().commands[name]
    parent = click.Context(build())
    assert found.make_context(name, words, parent=parent)


def test_every_setting_is_one_of_ours() -> None:
    told = [name for service in COMPOSE["services"].values() for name in service.get("environment", ())]
    told += [word.partition("=")[0] for unit in UNITS for line in lines(unit, "Environment") for word in line.split()]
    ours = {name for name in told if name.startswith("ZHIKU_")}
    assert ours >= {"ZHIKU_HOME", "ZHIKU_SERVE_JOBS"}
    assert {name.removeprefix("ZHIKU_").lower() for name in ours} - set(Settings.__dataclass_fields__) == {"home"}


def test_nothing_is_ended_before_it_has_ended_its_answers() -> None:
    from agents.serve.listening import _FINISH, _NOTICE

    longest = _NOTICE + _FINISH
    [unit] = [one for one in UNITS if "serve" in one.name]
    assert int(lines(unit, "TimeoutStopSec")[0]) > longest
    for name in ("serve1", "serve2"):
        assert int(COMPOSE["services"][name]["stop_grace_period"].removesuffix("s")) > longest


def test_what_the_proxy_sends_to_is_there() -> None:
    proxy = COMPOSE["services"]["proxy"]
    servers = proxy["environment"]["SERVERS"].split()
    assert {f"{name}:{port}" for name, one in COMPOSE["services"].items() for port in one.get("expose", ())} == set(
        servers
    )
    told = (DEPLOY / "Caddyfile").read_text("utf-8")
    for name in proxy["environment"]:
        assert f"{{${name}}}" in told
