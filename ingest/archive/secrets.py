"""What no backup holds: keys and tokens in settings, passwords in addresses, what MCP servers are handed."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ingest.settings import Settings, is_secret

_IN_ADDRESS = re.compile(r"(?<=://)[^/?#\s]*@|(?<=[^\s])\?[^#,\s]*(?=[#,\s]|$)")
"""User and password before an address's host, and its query, where many services expect their key."""
_VARIABLE = re.compile(r"\$\{\w+\}")
_TELLING = re.compile(r"(?i)key|token|secret|passw|auth|credential")


def address(value: str) -> str:
    """The same without user, password and query in every address that stands in it."""
    return _IN_ADDRESS.sub("", value) if "://" in value else value


def settings(text: str) -> dict[str, Any]:
    """The settings of a `settings.toml` without those declared `secret`; comments and unknown keys go too, since they
    may hold anything. Raises `tomllib.TOMLDecodeError`."""
    public = {field.name for field in fields(Settings) if not is_secret(field)}
    return {
        key: address(value) if isinstance(value, str) else value
        for key, value in tomllib.loads(text).items()
        if key in public
    }


def mcp_servers(text: str) -> str:
    """An `mcp.json` whose servers' variables, headers and telling arguments are emptied; what only refers to a variable
    of the environment (`${NAME}`) stays. Raises `ValueError`."""
    data = json.loads(text)
    servers = data.get("mcpServers", data.get("servers")) if isinstance(data, dict) else None
    if not isinstance(servers, dict):
        raise ValueError("no servers")  # noqa: TRY004 - as for text that is no JSON
    kept = {name: _server(given) for name, given in servers.items() if isinstance(given, dict)}
    return json.dumps({"mcpServers": kept}, ensure_ascii=False, indent=2)


def _server(given: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(given)
    for part in ("env", "headers"):
        if isinstance(values := found.get(part), dict):
            found[part] = {name: _reference(value) for name, value in values.items()}
    if isinstance(url := found.get("url"), str):
        found["url"] = address(url)
    if isinstance(arguments := found.get("args"), list):
        found["args"] = _arguments([str(argument) for argument in arguments])
    return found


def _reference(value: object) -> str:
    """The value where it is a reference to the environment, with at most a word before it as in `Bearer ${TOKEN}`."""
    text = str(value)
    return text if re.fullmatch(r"(?:[A-Za-z]+ )?\$\{\w+\}", text) else ""


def _arguments(given: list[str]) -> list[str]:
    """Each without passwords in addresses; the value of `--token=…` or after `--token` is emptied."""
    found: list[str] = []
    telling = False
    for argument in given:
        name, equals, value = argument.partition("=")
        if telling and not argument.startswith("-"):
            found.append(_reference(argument))
        elif equals and _TELLING.search(name) and not _VARIABLE.fullmatch(value):
            found.append(name + equals)
        else:
            found.append(address(argument))
        telling = argument.startswith("-") and not equals and bool(_TELLING.search(argument))
    return found
